"""The exam of misspelt names: questions by somebody who had not searched."""

import tomllib
from pathlib import Path

import pytest

from index.question import read_question
from server.service import Service

EXAM = tomllib.loads(Path(__file__).with_name("misspelt_names.toml").read_text("utf-8"))["question"]
WANTED = 0.9  # of the questions find their case among the first three
FIRST = 3


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "ar"])
def test_misspelt_names_find_their_case(bundled_service: Service, language: str) -> None:
    asked = [entry for entry in EXAM if entry["language"] == language]
    assert len(asked) == 30
    missed = []
    for entry in asked:
        result = bundled_service.search(read_question(entry["text"]))
        found = list(dict.fromkeys(hit.shown.case.id for hit in result.hits))[:FIRST]
        if not set(found) & set(entry["cases"]):
            meant = [(each.typed, each.meant) for each in result.question.corrections]
            missed.append((entry["text"], entry["meant"], meant, found))
    share = 1 - len(missed) / len(asked)
    assert share >= WANTED, missed
