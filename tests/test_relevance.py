"""The intentions of tests/intentions.toml, asked of the bundled library by the real search."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from index.question import read_question
from server.service import Service

SUITE = tomllib.loads(Path(__file__).with_name("intentions.toml").read_text(encoding="utf-8"))


def questions() -> list[Any]:
    """One parameter for each question; one that search is known to miss must still miss."""
    return [
        pytest.param(
            question,
            id=f"{intention['says']} | {question['text']}",
            marks=[pytest.mark.xfail(strict=True, reason="missed")]
            if question.get("missed")
            else [],
        )
        for intention in SUITE["intention"]
        for question in intention["question"]
    ]


@pytest.mark.parametrize("question", questions())
def test_an_intention_holds(bundled_service: Service, question: dict[str, Any]) -> None:
    asked = read_question(question["text"], fallback_language=question["language"])
    result = bundled_service.search(asked)
    if "first" in question:
        assert result.hits[0].shown.case.id in question["first"]
        assert result.hits[0].shown.case.language == question["language"]
    else:
        assert result.answered is question["answered"]


def test_every_intention_has_questions_in_both_languages() -> None:
    for intention in SUITE["intention"]:
        languages = {question["language"] for question in intention["question"]}
        assert languages == {"en", "ar"}, intention["says"]


def test_every_case_named_is_in_the_library(bundled_service: Service) -> None:
    known = {case.id for case in bundled_service.generation.library_cases}
    for intention in SUITE["intention"]:
        for question in intention["question"]:
            assert set(question.get("first", [])) <= known, question["text"]


def test_misses_are_few() -> None:
    asked = [question for intention in SUITE["intention"] for question in intention["question"]]
    missed = [question for question in asked if question.get("missed")]
    assert len(missed) <= 0.28 * len(asked)
