"""Reading paths: passages on one theme across peers, in an order for somebody new to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from corpus.case_study import Pillar
from corpus.errors import DiwanError
from corpus.toml_tables import LanguageCode, Slug, Text, read_tables

BUNDLED_PATHS = Path(__file__).parent / "reading_paths.toml"
OWN_PATHS = "reading_paths.toml"
"""Name of the file that a hub keeps beside its own library."""


class ReadingPathsError(DiwanError):
    """A file of reading paths that cannot be used; names the file, the path, step and field."""


@dataclass(frozen=True, slots=True)
class Step:
    """A passage on a path.

    Attributes:
        case: Id of its case study, or of any other document.
        section: Heading above it, as one of the renderings writes it; None to count the passages
            of the whole document.
        passage: Which passage there, from 1.
        why: By ISO 639-1 code of the language, why it comes next and what to look for.
    """

    case: str
    section: str | None
    passage: int
    why: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ReadingPath:
    """A path.

    Attributes:
        id: Lower-case words joined by hyphens.
        pillar: The pillar that it is about; None for any other theme.
        title: By ISO 639-1 code of the language; one language at least, as in all that follows.
        introduction: What somebody will know at its end.
        discuss: Questions to talk about in a training; may be empty.
        steps: In the order in which they are read; one at least.
        file: Where it is written.
    """

    id: str
    pillar: Pillar | None
    title: Mapping[str, str]
    introduction: Mapping[str, str]
    discuss: Mapping[str, tuple[str, ...]]
    steps: tuple[Step, ...]
    file: Path


_Texts = Annotated[dict[LanguageCode, Text], Field(min_length=1)]


class _Step(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    case: Slug
    section: Text | None = None
    passage: Annotated[int, Field(ge=1)] = 1
    why: _Texts


class _Entry(BaseModel):
    """A `[[path]]` table."""

    model_config = ConfigDict(extra="forbid")

    id: Slug
    pillar: Pillar | None = None
    title: _Texts
    introduction: _Texts
    discuss: dict[LanguageCode, list[Text]] = {}
    step: Annotated[list[_Step], Field(min_length=1)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    path: list[_Entry] = []


def load_reading_paths(files: Iterable[Path]) -> tuple[ReadingPath, ...]:
    """Read and check files of reading paths.

    Args:
        files: Later files win: a hub's own path takes the place of a bundled one with the same
            id. A file that does not exist holds nothing.

    Returns:
        The paths in the order in which they are written.

    Raises:
        ReadingPathsError: A file cannot be read or breaks the form.
    """
    paths: dict[str, ReadingPath] = {}
    for file in files:
        if file.exists():
            paths.update(_read(file))
    return tuple(paths.values())


def _read(file: Path) -> dict[str, ReadingPath]:
    paths: dict[str, ReadingPath] = {}
    for number, entry in enumerate(read_tables(file, _File, ReadingPathsError).path, start=1):
        if entry.id in paths:
            raise ReadingPathsError(
                f"{file}: path {number}, field id: there is a path “{entry.id}” already;"
                " give one of the two another id"
            )
        paths[entry.id] = ReadingPath(
            id=entry.id,
            pillar=entry.pillar,
            title=entry.title,
            introduction=entry.introduction,
            discuss={language: tuple(asked) for language, asked in entry.discuss.items() if asked},
            steps=tuple(
                Step(step.case, step.section, step.passage, step.why) for step in entry.step
            ),
            file=file,
        )
    return paths
