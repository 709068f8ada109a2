"""The questions to start from are checked on the way in, and the library answers the bundled."""

from collections import Counter
from pathlib import Path

import pytest

from corpus.case_study import Pillar
from corpus.starting_questions import (
    BUNDLED_QUESTIONS,
    StartingQuestion,
    StartingQuestionsError,
    load_starting_questions,
)
from index.question import read_question
from server.service import Service

GOOD = '[[question]]\npillar = "trust"\nen = "How?"\nar = "كيف؟"\n'


def write(folder: Path, content: str, name: str = "starting_questions.toml") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_a_hub_s_own_questions_stand_before_the_bundled_ones_of_their_pillar(
    tmp_path: Path,
) -> None:
    last = GOOD.replace("trust", "sustainability")
    bundled = write(tmp_path, last + GOOD)
    own = write(tmp_path, last.replace("How?", "And then?") + GOOD.replace("How?", "Who?"), "own")
    questions = load_starting_questions([bundled, own, tmp_path / "absent.toml"])
    assert questions[0] == StartingQuestion(Pillar.TRUST, {"en": "Who?", "ar": "كيف؟"})
    assert [(question.pillar, question.texts["en"]) for question in questions] == [
        ("trust", "Who?"),
        ("trust", "How?"),
        ("sustainability", "And then?"),
        ("sustainability", "How?"),
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[[question]\n", "line 1"),
        (GOOD.replace("trust", "kindness"), "question 1, field pillar: must be 'trust', "),
        (GOOD.replace('pillar = "trust"', ""), "question 1, field pillar: is missing"),
        (GOOD + '[[question]]\npillar = "trust"\n', "question 2: says nothing; write a line"),
        (GOOD.replace("en =", "english ="), "question 1, field english: there is no such field"),
        (GOOD.replace('"How?"', '""'), "question 1, field en: is empty"),
        (GOOD.replace("[[question]]", "[[questions]]"), r"questions: .* \[\[question\]\]"),
    ],
)
def test_a_mistake_is_refused_with_its_place(tmp_path: Path, content: str, says: str) -> None:
    with pytest.raises(StartingQuestionsError, match=says):
        load_starting_questions([write(tmp_path, content)])


def test_there_are_three_for_each_pillar_each_in_three_languages() -> None:
    questions = load_starting_questions([BUNDLED_QUESTIONS])
    assert Counter(question.pillar for question in questions) == dict.fromkeys(Pillar, 3)
    assert [question.pillar for question in questions] == [
        pillar for pillar in Pillar for _ in range(3)
    ]
    for question in questions:
        assert list(question.texts) == ["en", "ar", "fr"]
    said = [text for question in questions for text in question.texts.values()]
    assert len(set(said)) == len(said)
    assert all(len(text) <= 80 and text.endswith(("?", "؟")) for text in said)


@pytest.mark.parametrize(
    ("pillar", "text"),
    [
        (question.pillar, question.texts[language])
        for question in load_starting_questions([BUNDLED_QUESTIONS])
        for language in ("en", "ar")
    ],
)
def test_the_library_answers_with_a_case_of_the_pillar(
    bundled_service: Service, pillar: Pillar, text: str
) -> None:
    result = bundled_service.search(read_question(text))
    assert result.answered
    assert pillar in result.hits[0].shown.case.pillars
