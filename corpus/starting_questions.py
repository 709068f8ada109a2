"""Questions to start from: what somebody may ask first about a pillar."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from corpus.case_study import Pillar
from corpus.toml_tables import LanguageCode, Text, read_tables

BUNDLED_QUESTIONS = Path(__file__).parent / "starting_questions.toml"
OWN_QUESTIONS = "starting_questions.toml"
"""Name of the file that a hub keeps beside its own library."""


class StartingQuestionsError(Exception):
    """A file of questions to start from that cannot be used; names the entry and the field."""


@dataclass(frozen=True, slots=True)
class StartingQuestion:
    """A question about a pillar.

    Attributes:
        pillar: The pillar that it is about.
        texts: By ISO 639-1 code of the language, the question; one language at least.
    """

    pillar: Pillar
    texts: Mapping[str, str]


class _Entry(BaseModel):
    """A `[[question]]` table: its pillar and, under each language code, its text."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[LanguageCode, Text]

    pillar: Pillar


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    question: list[_Entry] = []


def load_starting_questions(paths: Iterable[Path]) -> tuple[StartingQuestion, ...]:
    """Read and check files of questions to start from.

    Args:
        paths: Later files come first: a hub's own questions about a pillar stand before the
            bundled ones. A file that does not exist holds nothing.

    Returns:
        The questions by pillar, in the order of the pillars.

    Raises:
        StartingQuestionsError: A file cannot be read or breaks the form.
    """
    files = [_read(path) for path in paths if path.exists()]
    questions = [question for found in reversed(files) for question in found]
    order = list(Pillar)
    return tuple(sorted(questions, key=lambda question: order.index(question.pillar)))


def _read(path: Path) -> list[StartingQuestion]:
    entries = read_tables(path, _File, StartingQuestionsError).question
    for number, entry in enumerate(entries, start=1):
        if not entry.__pydantic_extra__:
            raise StartingQuestionsError(
                f'{path}: question {number}: says nothing; write a line such as en = "…?"'
            )
    return [StartingQuestion(entry.pillar, entry.__pydantic_extra__) for entry in entries]
