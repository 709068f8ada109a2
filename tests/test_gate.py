"""A build that answers worse is not published, and the report says which questions suffer."""

import json
from pathlib import Path

import pytest

from corpus.gold import GoldQuestion
from index.evaluate import Asked, Evaluation
from index.gate import judge, report_on
from index.gate_report import read_report
from index.generation import Generation


def asked(
    text: str, rank: int | None, *cases: str, language: str = "en", answered: bool = True
) -> Asked:
    gold = GoldQuestion(text, language, cases)
    return Asked(gold, rank, answered, cases[0] if rank == 1 else "another", 1.0)


def evaluation(*found: Asked) -> Evaluation:
    return Evaluation(found, ())


def right(count: int, wrong: int = 0, language: str = "en") -> Evaluation:
    """So many questions answered right and wrong, each about a case of its own."""
    return evaluation(
        *(asked(f"q{n}", 1, f"case-{n}", language=language) for n in range(count)),
        *(
            asked(f"q{n}", None, f"case-{n}", language=language)
            for n in range(count, count + wrong)
        ),
    )


def test_as_good_as_before_may_be_published() -> None:
    verdict = judge(right(90, 10), right(90, 10), allowed=0)
    assert verdict.reasons == ()
    assert (verdict.questions, verdict.right_before, verdict.right_now) == (100, 90, 90)


@pytest.mark.parametrize(("now", "refused"), [(90, False), (89, False), (88, True)])
def test_a_share_may_be_lost_and_no_more(now: int, refused: bool) -> None:
    verdict = judge(right(90, 10), right(now, 100 - now), allowed=0.01)
    assert bool(verdict.reasons) is refused
    assert len(verdict.worse) == 90 - now


def test_what_one_language_loses_another_does_not_make_good() -> None:
    before = evaluation(*right(5, 5, "en").asked, *right(10, 0, "ar").asked)
    now = evaluation(*right(10, 0, "en").asked, *right(9, 1, "ar").asked)
    (reason,) = judge(before, now, allowed=0.05).reasons
    assert "(ar) 9 are answered right; it was 10" in reason


def test_a_case_that_is_no_longer_found_counts_though_it_is_one_of_many() -> None:
    def state(rank: int | None) -> Evaluation:
        of_the_school = (asked(f"school {n}", rank, "school") for n in range(3))
        return evaluation(*right(900).asked, *of_the_school)

    (reason,) = judge(state(1), state(7), allowed=0.01).reasons
    assert "3 of the 3 questions that found “school”" in reason
    assert judge(state(1), state(3), allowed=0.01).reasons == (), "among the first three is found"


def test_a_case_that_is_gone_counts_as_lost() -> None:
    before = evaluation(*right(10).asked)
    now = evaluation(*right(9).asked)
    verdict = judge(before, now, allowed=0.05)
    assert verdict.reasons
    assert [(worse.gold.text, worse.now) for worse in verdict.worse] == [("q9", None)]


def test_an_answer_where_there_is_none_is_worse_than_silence() -> None:
    before = evaluation(asked("the weather", None, answered=False))
    now = evaluation(asked("the weather", None, answered=True))
    assert judge(before, now, allowed=0.05).reasons
    assert judge(now, before, allowed=0.05).reasons == ()


def test_at_one_nothing_is_refused() -> None:
    assert judge(right(10), right(0, 10), allowed=1).reasons == ()


def test_questions_that_are_new_are_not_held_against_it() -> None:
    assert judge(right(5), right(5, 20), allowed=0).reasons == ()


@pytest.mark.parametrize(
    ("before", "now", "allowed"),
    [
        (right(90, 10), right(88, 12), 0.01),
        (right(10), right(9), 0.05),
        (right(3), right(0, 3), 0.7),
        (evaluation(*(asked(f"q{n}", 1, "school") for n in range(3))), right(0), 0.3),
    ],
)
def test_a_report_says_by_its_counts_all_that_its_reasons_say(
    before: Evaluation,
    now: Evaluation,
    allowed: float,
    small_generation: Generation,
    tmp_path: Path,
) -> None:
    verdict = judge(before, now, allowed)
    assert verdict.reasons
    path = tmp_path / "report.json"
    path.write_text(report_on(verdict, small_generation.manifest, small_generation.manifest))
    report = read_report(path)
    assert report is not None
    assert report.is_told_by_counts
    assert [lost.case for lost in report.lost_cases] == [lost.case for lost in verdict.lost_cases]


def test_a_case_that_is_lost_is_counted() -> None:
    of_the_school = evaluation(*(asked(f"q{n}", 1, "school") for n in range(3)))
    (lost,) = judge(of_the_school, right(0), 0.3).lost_cases
    assert (lost.case, lost.found_before, lost.lost) == ("school", 3, 3)


def test_the_report_names_what_got_worse_and_what_is_found_now(
    small_generation: Generation,
) -> None:
    manifest = small_generation.manifest
    before = evaluation(asked("who?", 1, "school"), asked("where?", 1, "well"))
    verdict = judge(before, evaluation(asked("who?", 4, "school")), allowed=0)
    report = json.loads(report_on(verdict, manifest, manifest))
    assert report["compared_with"] == manifest.id
    assert report["right_before"] == 2
    assert report["lost_cases"] == []
    assert report["worse"] == [
        {
            "question": "who?",
            "language": "en",
            "cases": ["school"],
            "rank_before": 1,
            "rank_now": 4,
            "answered_now": True,
            "finds_now": "another",
            "in_the_library": True,
        },
        {
            "question": "where?",
            "language": "en",
            "cases": ["well"],
            "rank_before": 1,
            "rank_now": None,
            "answered_now": None,
            "finds_now": None,
            "in_the_library": False,
        },
    ]
