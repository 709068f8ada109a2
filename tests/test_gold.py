"""The gold questions find their cases, and silence where there is none."""

from collections import Counter
from pathlib import Path

import pytest

from corpus.gold import BUNDLED_GOLD, GoldError, load_gold
from corpus.library import BUNDLED, load_library
from index.evaluate import Evaluation, evaluate
from server.service import Service


@pytest.fixture(scope="module")
def evaluation(bundled_service: Service) -> Evaluation:
    known = frozenset(case.id for case in bundled_service.generation.library_cases)
    return evaluate(load_gold(BUNDLED_GOLD), known, bundled_service.search)


def test_every_case_has_two_questions_in_each_language() -> None:
    asked = Counter(
        (case, question.language) for question in load_gold(BUNDLED_GOLD) for case in question.cases
    )
    for case in load_library([BUNDLED]).cases:
        assert asked[case.id, case.language] >= 2


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_right_case_comes_first_and_is_always_among_the_first_three(
    evaluation: Evaluation, language: str
) -> None:
    score = evaluation.score(language)
    assert score.questions == 30
    assert score.first is not None
    assert score.first >= 0.9
    assert score.first_three == 1


def test_questions_about_absent_cases_are_skipped_and_counted(bundled_service: Service) -> None:
    evaluation = evaluate(load_gold(BUNDLED_GOLD), frozenset(), bundled_service.search)
    assert len(evaluation.skipped) == 60
    assert len(evaluation.asked) == 40


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[[question]\n", "line 1"),
        ('[[question]]\ntext = "a"\nlanguage = "en"\n', "question 1, field cases"),
        ('[[question]]\ntext = ""\nlanguage = "en"\ncases = []\n', "question 1, field text"),
        ("[[questions]]\n", "questions"),
    ],
)
def test_a_broken_file_is_refused_with_the_entry(
    tmp_path: Path, content: str, complaint: str
) -> None:
    (tmp_path / "gold.toml").write_text(content)
    with pytest.raises(GoldError, match=complaint):
        load_gold(tmp_path / "gold.toml")


def test_an_absent_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="cannot be read"):
        load_gold(tmp_path / "none.toml")
