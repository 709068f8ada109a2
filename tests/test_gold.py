"""The gold questions find their cases, and silence where there is none."""

from collections import Counter
from pathlib import Path

import pytest

from corpus.gold import BUNDLED_GOLD, GoldError, load_gold
from corpus.library import BUNDLED, load_library
from index.evaluate import Evaluation, evaluate
from index.hits import Result
from index.question import Question
from server.service import Service


@pytest.fixture(scope="module")
def evaluation(bundled_service: Service) -> Evaluation:
    known = frozenset(case.id for case in bundled_service.generation.library_cases)
    return evaluate(load_gold(BUNDLED_GOLD), known, bundled_service.search)


def test_every_case_has_three_questions_in_each_language() -> None:
    asked = Counter(
        (case, question.language)
        for question in load_gold(BUNDLED_GOLD)
        for case in question.cases
        if question.follows is None
    )
    for case in load_library([BUNDLED]).cases:
        assert asked[case.id, case.language] >= 3, case.id


def test_it_also_holds_follow_ups_and_questions_without_an_answer() -> None:
    questions = load_gold(BUNDLED_GOLD)
    follow_ups = [question for question in questions if question.follows]
    assert len(follow_ups) >= 0.08 * len(questions)
    unanswerable = Counter(question.language for question in questions if not question.cases)
    assert unanswerable.total() >= 30
    assert min(unanswerable.values()) >= 15
    assert len({question.text for question in questions if not question.follows}) + len(
        follow_ups
    ) == len(questions)


def test_no_question_repeats_a_sentence_of_its_case() -> None:
    texts = {(case.id, case.language): case.text for case in load_library([BUNDLED]).cases}
    for question in load_gold(BUNDLED_GOLD):
        bare = question.text.strip(" ?؟.")
        for case in question.cases:
            assert bare not in texts[case, question.language]


@pytest.mark.parametrize(("language", "first", "three"), [("en", 0.78, 0.88), ("ar", 0.82, 0.91)])
def test_the_right_case_comes_first_as_often_as_it_did(
    evaluation: Evaluation, language: str, first: float, three: float
) -> None:
    score = evaluation.score(language)
    assert score.questions >= 290
    assert (score.first or 0) >= first
    assert (score.first_three or 0) >= three
    assert (score.abstained or 0) >= 0.8


def test_follow_ups_wait_for_the_conversation(evaluation: Evaluation) -> None:
    assert len(evaluation.follow_ups) >= 60
    assert not any(asked.gold.follows for asked in evaluation.asked)


def test_only_passages_of_one_language_are_searched_on_demand(bundled_service: Service) -> None:
    known = frozenset(case.id for case in bundled_service.generation.library_cases)
    some = [question for question in load_gold(BUNDLED_GOLD) if question.language == "en"][:5]
    seen: list[str] = []

    def ask(question: Question) -> Result:
        result = bundled_service.search(question)
        seen.extend(hit.shown.case.language for hit in result.hits)
        return result

    evaluate(some, known, ask, "ar")
    assert set(seen) == {"ar"}


def test_questions_about_absent_cases_are_skipped_and_counted(bundled_service: Service) -> None:
    evaluation = evaluate(load_gold(BUNDLED_GOLD), frozenset(), bundled_service.search)
    assert len(evaluation.skipped) > 500
    assert len(evaluation.asked) == 44


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[[question]\n", "line 1"),
        ('[[question]]\ntext = "a"\nlanguage = "en"\n', "question 1, field cases"),
        ('[[question]]\ntext = ""\nlanguage = "en"\ncases = []\n', "question 1, field text"),
        ("[[questions]]\n", "questions"),
        (
            '[[question]]\ntext = "a"\nlanguage = "en"\ncases = []\nfollows = "b"\n',
            "question 1, field follows",
        ),
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
