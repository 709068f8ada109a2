"""The gold questions: what officials ask, and the case studies that answer it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from corpus.errors import DiwanError
from corpus.toml_tables import parse_tables, read_text

BUNDLED_GOLD = Path(__file__).parent / "gold.toml"
OWN_GOLD = "gold.toml"
"""Name of the file that a hub keeps beside its own library."""


class GoldError(DiwanError):
    """A file of gold questions that cannot be used; names the entry and the field."""


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question with its answer.

    Attributes:
        text: As an official would ask it.
        language: ISO 639-1 code.
        cases: Ids of the case studies that answer it; empty where the library holds no answer.
        follows: The question asked just before, without which it cannot be understood; None for
            a question that stands alone.
    """

    text: str
    language: str
    cases: tuple[str, ...]
    follows: str | None = None


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
    cases: list[str]
    kind: str | None = None
    follows: str | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    question: list[_Entry]


def load_all_gold(paths: Iterable[Path]) -> tuple[GoldQuestion, ...]:
    """Read gold questions from several files.

    Args:
        paths: Later files win: a hub's own entry replaces a bundled one with the same text and
            language. A file that does not exist holds nothing.

    Raises:
        GoldError: As `load_gold`.
    """
    found = {
        (gold.language, gold.text): gold
        for path in paths
        if path.exists()
        for gold in load_gold(path)
    }
    return tuple(found.values())


def load_gold(path: Path) -> tuple[GoldQuestion, ...]:
    """Read gold questions from a TOML file of `[[question]]` tables.

    Raises:
        GoldError: The file cannot be read, or an entry breaks the form.
    """
    return parse_gold(read_text(path, GoldError), path)


def parse_gold(text: str, path: Path) -> tuple[GoldQuestion, ...]:
    """Check what such a file holds, or is about to hold.

    Raises:
        GoldError: An entry breaks the form; the sentence names the path.
    """
    entries = parse_tables(text, path, _File, GoldError).question
    alone = {entry.text for entry in entries if entry.follows is None}
    for number, entry in enumerate(entries, start=1):
        if entry.follows is not None and entry.follows not in alone:
            raise GoldError(
                f"{path}: question {number}, field follows: there is no such question;"
                " copy the text of the question that was asked before"
            )
    return tuple(
        GoldQuestion(entry.text, entry.language, tuple(entry.cases), entry.follows)
        for entry in entries
    )
