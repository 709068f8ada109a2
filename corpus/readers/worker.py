"""Reads files in a process of its own, where a crash, a hang or a flood of memory ends alone."""

import multiprocessing
import resource
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Self

from corpus.case_study import CaseStudy
from corpus.readers.draft import Draft, RefusedError

READER = "corpus.readers.reading:read"
SECONDS = 120  # that one file may take
MEMORY = 2 * 2**30  # bytes of address space that the process may use
_FILES = 200  # after so many the process is replaced, so that nothing piles up in it
_START = 60  # seconds that the process may take to begin


@dataclass
class Worker:
    """A process that reads one file after the other; use it in a `with` statement.

    Attributes:
        seconds: That one file may take.
        memory: Bytes of address space that the process may use.
        reader: Name of the function that reads, as `module:function`.
    """

    seconds: float = SECONDS
    memory: int = MEMORY
    reader: str = READER
    _process: BaseProcess | None = field(default=None, init=False, repr=False)
    _pipe: Connection | None = field(default=None, init=False, repr=False)
    _read: int = field(default=0, init=False, repr=False)

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the process."""
        self._end()

    def read(self, content: bytes, name: str) -> Draft | CaseStudy:
        """Read a file.

        Args:
            content: All of it.
            name: Its name, by whose ending text formats are told apart.

        Raises:
            RefusedError: It cannot be taken in, or reading it had to be ended.
        """
        pipe = self._ready()
        try:
            pipe.send((self.reader, content, name))
            outcome = pipe.recv() if pipe.poll(self.seconds) else None
        except (EOFError, BrokenPipeError, ConnectionError) as error:
            self._end()
            raise RefusedError(
                "reading it broke down (it may be damaged, or made to do harm);"
                " save it again from the program that made it"
            ) from error
        if outcome is None:
            self._end()
            raise RefusedError(
                f"reading it took longer than {self.seconds:g} seconds and was ended; split it"
                " into smaller files, or save it again from the program that made it"
            )
        self._read += 1
        if isinstance(outcome, Draft | CaseStudy):
            return outcome
        raise RefusedError(str(outcome))

    def _ready(self) -> Connection:
        if self._pipe is not None and self._read < _FILES:
            return self._pipe
        self._end()
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, self.memory), name="reader", daemon=True
        )
        self._process.start()
        theirs.close()
        if not self._pipe.poll(_START) or self._pipe.recv() != "ready":
            raise RuntimeError("the process that reads files does not start")
        return self._pipe

    def _end(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._pipe = self._process = None
        self._read = 0


def _function(name: str) -> Callable[[bytes, str], Draft | CaseStudy]:
    module, function = name.split(":")
    found: Callable[[bytes, str], Draft | CaseStudy] = getattr(import_module(module), function)
    return found


def _serve(pipe: Connection, memory: int) -> None:
    """Read what comes through the pipe until it is closed."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    memory = memory if most == resource.RLIM_INFINITY else min(memory, most)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pipe.send("ready")
    while True:
        try:
            reader, content, name = pipe.recv()
        except (EOFError, MemoryError):
            return
        try:
            outcome: Draft | CaseStudy | str = _function(reader)(content, name)
        except RefusedError as error:
            outcome = str(error)
        except MemoryError:
            outcome = "it needs more memory than a document may; split it into smaller files"
        except RecursionError:
            outcome = "its parts are nested too deeply; save it again in a simpler form"
        except Exception as error:  # noqa: BLE001 - a library's own error is no reason to stop
            outcome = f"it cannot be read ({type(error).__name__}); save it again, or as text"
        try:
            pipe.send(outcome)
        except MemoryError:
            return
