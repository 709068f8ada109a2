"""A reading path and what serves -> the passages that it leads to, in the reader's language."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from corpus.case_study import CaseStudy, Pillar
from corpus.reading_paths import ReadingPath, Step
from index.analysis import normalise
from index.generation import Generation
from index.hits import Shown
from index.passages import Passage
from server.i18n import SOURCE_LANGUAGE

_Text = TypeVar("_Text")


class LostStepError(Exception):
    """A step that leads nowhere; says why."""


@dataclass(frozen=True, slots=True)
class Said:
    """A text of a path in one language.

    Attributes:
        text: The text.
        language: ISO 639-1 code of the language that it is in.
    """

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Stop:
    """A step that leads to a passage.

    Attributes:
        why: Why it comes next.
        shown: The passage, in the reader's language where there is such a rendering.
    """

    why: Said
    shown: Shown


@dataclass(frozen=True, slots=True)
class Trail:
    """A path as a reader can take it.

    Attributes:
        id: The path's id.
        pillar: Its pillar, if any.
        title: Its title.
        introduction: Its introduction.
        stops: Its steps, without those that lead nowhere.
        discuss: Questions to talk about.
    """

    id: str
    pillar: Pillar | None
    title: Said
    introduction: Said
    stops: tuple[Stop, ...]
    discuss: tuple[Said, ...]


def trail(
    path: ReadingPath,
    generation: Generation,
    withheld: frozenset[str],
    languages: Sequence[str],
) -> Trail:
    """Follow a path.

    Args:
        path: The path.
        generation: What serves.
        withheld: Ids of documents that are not to be shown.
        languages: ISO 639-1 codes that the reader reads, the preferred one first.
    """
    asked, language = _worded(path.discuss, languages) if path.discuss else ((), "")
    return Trail(
        id=path.id,
        pillar=path.pillar,
        title=Said(*_worded(path.title, languages)),
        introduction=Said(*_worded(path.introduction, languages)),
        stops=tuple(_stops(path, generation, withheld, languages)),
        discuss=tuple(Said(question, language) for question in asked),
    )


def lost_steps(
    path: ReadingPath, generation: Generation, withheld: frozenset[str]
) -> dict[int, str]:
    """Number, from 1, of each step that leads nowhere, and why."""
    lost = {}
    for number, step in enumerate(path.steps, start=1):
        try:
            find_step(step, generation, withheld, ())
        except LostStepError as error:
            lost[number] = str(error)
    return lost


def find_step(
    step: Step, generation: Generation, withheld: frozenset[str], languages: Sequence[str]
) -> Shown:
    """Find the passage that a step names.

    Args:
        step: The step.
        generation: What serves.
        withheld: Ids of documents that are not to be shown.
        languages: ISO 639-1 codes, the preferred one first; without a rendering in any of them
            the passage is as it stands under the heading that the step names.

    Raises:
        LostStepError: There is no such passage.
    """
    case, passage = _as_named(step, generation, withheld)
    for language in languages:
        if language == case.language:
            break
        rendering = generation.case(case.id, language)
        same = generation.counterpart(passage, language)
        if rendering and same:
            return Shown(rendering, same)
    return Shown(case, passage)


def _as_named(
    step: Step, generation: Generation, withheld: frozenset[str]
) -> tuple[CaseStudy, Passage]:
    renderings = generation.renderings(step.case)
    if step.case in withheld:
        raise LostStepError(f"{step.case} was taken away with `diwan remove`")
    if not renderings:
        raise LostStepError(
            f"the library that serves holds no {step.case}; look how it is spelt, or run `diwan"
            " rebuild` if it is new"
        )
    # Where several have the heading, what was not translated comes first.
    for case in sorted(renderings, key=lambda case: case.translated_from is not None):
        if found := _under(step.section, generation.passages_of(case)):
            if step.passage > len(found):
                where = f"section “{step.section}” of {case.id}" if step.section else case.id
                raise LostStepError(f"{where} has no passage {step.passage}, but {len(found)}")
            return case, found[step.passage - 1]
    raise LostStepError(
        f"{step.case} has no section “{step.section}”; it has {_sections(renderings, generation)}"
    )


def _under(section: str | None, passages: Sequence[Passage]) -> list[Passage]:
    """The passages under a heading and the headings below it; all of them without one."""
    if section is None:
        return list(passages)
    wanted = _folded(section)
    return [passage for passage in passages if wanted in map(_folded, passage.heading)]


def _sections(renderings: Sequence[CaseStudy], generation: Generation) -> str:
    headings = {
        passage.heading[-1]: None
        for case in renderings
        for passage in generation.passages_of(case)
        if passage.heading
    }
    return ", ".join(f"“{heading}”" for heading in headings) or "none, so leave the line out"


def _folded(heading: str) -> str:
    return " ".join(normalise(heading).split())


def _stops(
    path: ReadingPath,
    generation: Generation,
    withheld: frozenset[str],
    languages: Sequence[str],
) -> Iterator[Stop]:
    for step in path.steps:
        with suppress(LostStepError):
            shown = find_step(step, generation, withheld, languages)
            yield Stop(Said(*_worded(step.why, languages)), shown)


def _worded(texts: Mapping[str, _Text], languages: Sequence[str]) -> tuple[_Text, str]:
    """A text in the language that the reader reads best, or in English, or as there is one."""
    wishes = [*languages, SOURCE_LANGUAGE, *texts]
    language = next(language for language in wishes if language in texts)
    return texts[language], language
