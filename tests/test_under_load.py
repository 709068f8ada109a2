"""Askers notice nothing while the index is rebuilt, published and rolled back."""

import sys

import pytest

from benchmarks.rebuild_under_load import Answer, Change, Hub, Plan, Run, measure

PLAN = Plan(workers=2, rate=20, cycles=5, warm_up=1, quiet=2)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The real server with two workers, through a rebuild and four rollbacks."""
    return measure(Hub(tmp_path_factory.mktemp("hub"), editions=True), PLAN, sys.stderr)


@pytest.mark.alone
@pytest.mark.slow
def test_every_question_is_answered(run: Run) -> None:
    assert sum(change.rebuilt for change in run.changes) == 1
    assert len(run.answers) > PLAN.rate * PLAN.quiet
    assert run.failed() == []


@pytest.mark.alone
@pytest.mark.slow
def test_no_answer_cites_what_its_generation_does_not_hold(run: Run) -> None:
    one, other = run.held.values()
    assert len(one & other) < len(one) / 10  # so that a mixture would show
    assert all(answer.passages for answer in run.answers)
    assert run.mixed() == []


@pytest.mark.alone
@pytest.mark.slow
def test_every_worker_takes_up_what_is_published(run: Run) -> None:
    assert run.generations() == run.held.keys()
    published = run.changes[-1]
    after = [answer for answer in run.answers if answer.sent > published.taken_up]
    assert {answer.generation for answer in after} == {published.generation}


def test_the_figures_tell_failures_mixtures_and_what_comes_late() -> None:
    held = {"a": frozenset({"a1", "a2"}), "b": frozenset({"b1"})}
    answers = [
        Answer(0.0, 0.0, 0.1, 200, "a", ("a2",)),
        Answer(1.0, 1.0, 1.1, 503),
        Answer(2.5, 2.5, 2.6, 200, "a", ("a1",)),
        Answer(3.0, 3.0, 3.1, 200, "b", ("b1", "a1")),
        Answer(4.0, 4.0, 4.1, 200, "c", ("c1",)),
    ]
    run = Run(answers, [Change("b", True, 1.5, 2.0, 3.0), Change("c", False, 3.5, 3.9, 4.0)], held)
    assert run.failed() == [answers[1]]
    assert run.mixed() == [answers[3], answers[4]]
    assert run.disagreed() == [0.5, 0.0]
