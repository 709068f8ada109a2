"""Work in a process of its own, so that its memory holds nothing of what was done before."""

import signal
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from corpus.errors import DiwanError

if TYPE_CHECKING:
    from index.build import Progress

Found = TypeVar("Found")

_EVERY = 0.1  # seconds between two reports of progress: each takes time from what is measured


class EndedError(DiwanError):
    """A process ended before its work was done."""


def in_a_process(work: Callable[..., Found], *arguments: object, progress: "Progress") -> Found:
    """Call a function in a process of its own, which ends with the call, whatever ends it.

    Args:
        work: Called with a `Progress` and then with the arguments; can be imported by its name.
        arguments: What can be pickled.
        progress: Told here how far the work is.

    Returns:
        What the function returned.

    Raises:
        DiwanError, OSError: As the function raised it.
        EndedError: The process ended otherwise.
    """
    context = get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(sending, work, arguments), daemon=True)
    process.start()
    sending.close()
    try:
        while True:
            kind, said = receiving.recv()
            if kind == "done":
                found: Found = said
                process.join()  # it gives back what it holds of the system's
                return found
            if kind == "failed":
                raise said
            progress(*said)
    except EOFError:
        process.join()
        raise EndedError(
            f"A process of the benchmark ended before its work was done"
            f" (exit status {process.exitcode}); {-signal.SIGKILL} tells that memory ran out."
        ) from None
    finally:
        process.terminate()
        process.join()
        receiving.close()


def _run(told: Connection, work: Callable[..., object], arguments: tuple[object, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who waits for this process ends it
    said_at = 0.0

    def report(step: str, done: int, total: int) -> None:
        nonlocal said_at
        if done == total or monotonic() - said_at > _EVERY:
            said_at = monotonic()
            told.send(("step", (step, done, total)))

    answer: tuple[str, Any]
    try:
        answer = "done", work(report, *arguments)
    except (DiwanError, OSError) as error:
        answer = "failed", error
    told.send(answer)
