"""Work in the background rests between stretches; work that somebody waits for never does."""

import pytest

from index import pace
from index.pace import in_background, step_aside


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Each rest, in seconds; a clock of work that goes on by five milliseconds a look."""
    taken: list[float] = []
    ticks = iter(range(0, 1000, 5))
    monkeypatch.setattr(pace, "sleep", taken.append)
    monkeypatch.setattr(pace, "thread_time", lambda: next(ticks) / 1000)
    return taken


def test_nobody_rests_whom_others_wait_for(rests: list[float]) -> None:
    step_aside()
    assert rests == []


def test_in_the_background_a_rest_is_three_times_the_work(rests: list[float]) -> None:
    with in_background():
        step_aside()
        step_aside()
    assert rests == pytest.approx([0.015, 0.015])
    step_aside()
    assert len(rests) == 2
