"""Adds a question to a hub's own gold questions, and leaves what staff wrote there as it is."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import cast

import tomlkit
from tomlkit.items import AoT, Array

from corpus.gold import GoldError, GoldQuestion, load_all_gold, parse_gold
from corpus.own_file import appended, change_file, says_something, toml_string


class KnownQuestionError(GoldError):
    """The question is among the gold questions already."""


def add_gold(path: Path, question: GoldQuestion, others: Iterable[Path] = ()) -> None:
    """Add a question, at the end of the file; one that is there is given the cases that it lacks.

    One that stands in another file is written down here with the cases of both: a hub's own entry
    takes the place of another with the same text and language.

    Args:
        path: The hub's own file; it need not exist yet.
        question: One that stands alone.
        others: Files of gold questions that are asked besides.

    Raises:
        KnownQuestionError: It is there already with these cases, or follows another question.
        GoldError: A file breaks the form, or would; nothing is written.
        OSError: The disk does not take it; the file is as it was.
    """
    elsewhere = load_all_gold(others)

    def changed(text: str) -> str:
        own = parse_gold(text, path) if says_something(text) else ()
        place = next((n for n, gold in enumerate(own) if _same(question, gold)), None)
        if place is not None:
            longer = _with_cases(own[place], question.cases, path)
            after = _lengthened(text, place, longer.cases[len(own[place].cases) :])
            wanted = (*own[:place], longer, *own[place + 1 :])
        else:
            known = next((gold for gold in elsewhere if _same(question, gold)), None)
            added = _with_cases(known, question.cases, path) if known else question
            after = appended(text, _written(added))
            wanted = (*own, added)
        if parse_gold(after, path) != wanted:
            raise GoldError(f"{path}: the question cannot be added to it; write it there by hand.")
        return after

    change_file(path, changed, GoldError)


def _with_cases(gold: GoldQuestion, cases: Iterable[str], path: Path) -> GoldQuestion:
    new = [case for case in cases if case not in gold.cases]
    if not new or gold.follows is not None:
        raise KnownQuestionError(f"{path}: “{gold.text}” is there already.")
    return replace(gold, cases=(*gold.cases, *new))


def _written(question: GoldQuestion) -> list[str]:
    cases = ", ".join(toml_string(case) for case in question.cases)
    return [
        "[[question]]",
        f"text = {toml_string(question.text)}",
        f"language = {toml_string(question.language)}",
        f"cases = [{cases}]",
    ]


def _lengthened(text: str, place: int, cases: Iterable[str]) -> str:
    """The text with cases added to one of its questions; all else, comments too, as it was."""
    document = tomlkit.parse(text)
    listed = cast("Array", cast("AoT", document["question"])[place]["cases"])
    for case in cases:
        listed.append(case)
    return tomlkit.dumps(document)


def _same(one: GoldQuestion, other: GoldQuestion) -> bool:
    return one.language == other.language and _plain(one.text) == _plain(other.text)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
