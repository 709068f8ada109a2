"""The service that answers now: loaded in the background, replaced when something is published."""

import ctypes
import gc
import logging
import sys
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime

from corpus.removed import RemovedError
from index.encoder import EncoderError
from index.manifest import GenerationError
from index.pace import in_background
from server.service import Service

_LOG = logging.getLogger("diwan")
_EVERY = 0.2
_AGAIN = 30.0


class NotReadyError(Exception):
    """There is no service to answer yet; the message says why."""


class Holder:
    """Holds the current service; a request takes it once and keeps it to its end.

    Args:
        load: Makes a service from what is published now; called in a thread of its own.
        published: Gives what changes when something is published, cheaply; the holder then
            loads again.
        every: Seconds between two looks at `published`.
        again: Seconds after which what could not be loaded is tried again.
    """

    def __init__(
        self,
        load: Callable[[], Service],
        published: Callable[[], str | None],
        every: float = _EVERY,
        again: float = _AGAIN,
    ) -> None:
        self._load = load
        self._published = published
        self._every = every
        self._again = again
        self._service: Service | None = None
        self._since: datetime | None = None
        self._seen: str | None = None
        self._retry_at = 0.0
        self._problem: str | None = "Diwan is starting; try again in a few seconds."
        self._stop, self._tried = threading.Event(), threading.Event()
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
        service = self._service
        if service is None:
            raise NotReadyError(self._problem)
        return service

    def wait(self, seconds: float) -> Service:
        """The service that answers now; waits while it is loaded for the first time.

        Args:
            seconds: For how long at most.

        Raises:
            NotReadyError: None could be loaded, or not so soon.
        """
        self._tried.wait(seconds)
        return self.current()

    @property
    def since(self) -> datetime | None:
        """When this process took up the service that answers now, UTC; None where none does."""
        return self._since

    @property
    def problem(self) -> str | None:
        """Why what was published last does not serve; None where it does."""
        return self._problem

    def _follow(self) -> None:
        while not self._stop.is_set():
            self._refresh()
            self._tried.set()
            self._stop.wait(self._every)

    def _refresh(self) -> None:
        published = self._published()
        sound = self._service is not None and self._problem is None
        if published == self._seen and (sound or time.monotonic() < self._retry_at):
            return
        try:
            # Nobody waits for it, unless there is nothing yet that answers.
            with in_background() if self._service else nullcontext():
                service = self._load()
        except (GenerationError, EncoderError, RemovedError, OSError) as error:
            self._say(str(error))
        except Exception:  # noqa: BLE001
            # Any: a thread that ends would take up nothing any more, and nobody would know.
            _LOG.exception("A new generation could not be taken up")
            self._say("Diwan could not take up what was published, because of a fault of its own.")
        else:
            self._take(service)
            self._say(service.problem)
        self._seen, self._retry_at = published, time.monotonic() + self._again

    def _take(self, service: Service) -> None:
        before = self._service
        if before is not None and before.generation.id == service.generation.id:
            return
        self._service, self._since = service, datetime.now(UTC)
        _LOG.info("Answering from generation %s", service.generation.id)
        if before is None:
            # What is loaded by now stays: the collector need not walk through it again and again.
            gc.collect()
            gc.freeze()
        del before
        _give_back_memory()

    def _say(self, problem: str | None) -> None:
        if problem is not None and problem != self._problem:
            _LOG.error("What was published last does not serve: %s", problem)
        self._problem = problem


def _give_back_memory() -> None:
    """Have the allocator return to the system what a former generation took."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, others may not
        if trim is not None:
            trim(0)
