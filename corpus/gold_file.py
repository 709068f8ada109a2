"""Adds a question to a hub's own gold questions, and leaves what staff wrote there as it is."""

from collections.abc import Iterable
from pathlib import Path

from corpus.gold import GoldError, GoldQuestion, load_all_gold, parse_gold
from corpus.own_file import appended, change_file, says_something, toml_string


class KnownQuestionError(GoldError):
    """The question is among the gold questions already."""


def add_gold(path: Path, question: GoldQuestion, others: Iterable[Path] = ()) -> None:
    """Add a question, at the end of the file.

    Args:
        path: The hub's own file; it need not exist yet.
        question: One that stands alone.
        others: Files of gold questions that are asked besides.

    Raises:
        KnownQuestionError: It is there already, in any of the files, with whatever cases.
        GoldError: A file breaks the form, or would; nothing is written.
        OSError: The disk does not take it; the file is as it was.
    """
    elsewhere = load_all_gold(others)

    def changed(text: str) -> str:
        own = parse_gold(text, path) if says_something(text) else ()
        if any(_same(question, gold) for gold in (*elsewhere, *own)):
            raise KnownQuestionError(f"{path}: “{question.text}” is there already.")
        cases = ", ".join(toml_string(case) for case in question.cases)
        after = appended(
            text,
            [
                "[[question]]",
                f"text = {toml_string(question.text)}",
                f"language = {toml_string(question.language)}",
                f"cases = [{cases}]",
            ],
        )
        if parse_gold(after, path) != (*own, question):
            raise GoldError(f"{path}: the question cannot be added to it; write it there by hand.")
        return after

    change_file(path, changed, GoldError)


def _same(one: GoldQuestion, other: GoldQuestion) -> bool:
    return one.language == other.language and _plain(one.text) == _plain(other.text)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
