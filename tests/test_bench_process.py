"""Work that is done in a process of its own comes back, and so does why it could not be done.

What is called is found by its name in that process, which imports this module: it needs little.
"""

import os
import signal
from typing import TYPE_CHECKING

import pytest

from corpus.errors import DiwanError
from index.bench_process import EndedError, in_a_process

if TYPE_CHECKING:
    from index.build import Progress


def doubled(progress: "Progress", number: int) -> int:
    progress("doubling", 1, 1)
    return 2 * number


def failing(_progress: "Progress") -> None:
    raise DiwanError("It cannot be done.")


def dying(_progress: "Progress") -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def unheard(_step: str, _done: int, _total: int) -> None:
    """Nobody waits."""


def test_what_was_found_and_how_far_it_was_comes_back() -> None:
    heard: list[tuple[str, int, int]] = []
    assert in_a_process(doubled, 21, progress=lambda *said: heard.append(said)) == 42
    assert heard == [("doubling", 1, 1)]


def test_what_was_raised_is_raised_here() -> None:
    with pytest.raises(DiwanError, match=r"It cannot be done\."):
        in_a_process(failing, progress=unheard)


def test_a_process_that_was_killed_is_told_of() -> None:
    with pytest.raises(EndedError, match="exit status -9"):
        in_a_process(dying, progress=unheard)
