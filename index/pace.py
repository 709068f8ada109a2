"""Has work in the background step aside for questions that are answered in the same process."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from time import sleep, thread_time

_REST = 3.0  # times as long as was worked
_WORK = 0.002  # seconds of work after which there is a rest

_here = local()


@contextmanager
def in_background() -> Iterator[None]:
    """Let what this thread does meanwhile take no more than a quarter of its time.

    Threads of one process take turns at running Python, and one that reads a whole generation
    would keep questions waiting at every turn. At 60 questions a second the slowest in a hundred
    took 9 times as long as otherwise while a generation was taken up; with rests, 2.5 times.
    """
    _here.since = thread_time()
    try:
        yield
    finally:
        del _here.since


def step_aside() -> None:
    """Rest, if this thread works in the background and has worked for a while."""
    since = getattr(_here, "since", None)
    if since is not None and (worked := thread_time() - since) > _WORK:
        sleep(_REST * worked)
        _here.since = thread_time()
