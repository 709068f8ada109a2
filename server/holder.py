"""The service that answers now: loaded in the background, replaced when a rebuild publishes."""

import logging
import threading
from collections.abc import Callable

from corpus.removed import RemovedError
from index.encoder import EncoderError
from index.generation import GenerationError
from server.service import Service

_LOG = logging.getLogger("diwan")


class NotReadyError(Exception):
    """There is no service to answer yet; the message says why."""


class Holder:
    """Holds the current service; a request takes it once and keeps it to its end.

    Args:
        load: Makes a service from what is published now; called in a thread of its own.
        published: Names what is published now, cheaply; a new name makes the holder load again.
        every: Seconds between two looks at `published`.
    """

    def __init__(
        self,
        load: Callable[[], Service],
        published: Callable[[], str | None],
        every: float = 0.5,
    ) -> None:
        self._load = load
        self._published = published
        self._every = every
        self._service: Service | None = None
        self._loaded: str | None = None
        self._problem = "Diwan is starting; try again in a few seconds."
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="generations", daemon=True)

    def start(self) -> None:
        """Begin to load; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Look for new generations no more."""
        self._stop.set()
        self._thread.join()

    def current(self) -> Service:
        """The service that answers now.

        Raises:
            NotReadyError: None has been loaded so far.
        """
        if self._service is None:
            raise NotReadyError(self._problem)
        return self._service

    def _follow(self) -> None:
        while not self._stop.is_set():
            self._refresh()
            self._stop.wait(self._every)

    def _refresh(self) -> None:
        try:
            published = self._published()
            if published == self._loaded and self._service is not None:
                return
            service = self._load()
        except (GenerationError, EncoderError, RemovedError, OSError) as error:
            if str(error) != self._problem:
                self._problem = str(error)
                _LOG.error("No new generation could be taken up: %s", error)
            return
        self._service, self._loaded = service, published
        _LOG.info("Answering from generation %s", service.generation.id)
