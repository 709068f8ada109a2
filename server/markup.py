"""Values -> HTML: the templates in each language of the interface, and what they call."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from corpus.case_study import CaseStudy, Pillar
from index.analysis import normalise
from index.hits import Shown
from index.passages import Passage
from server.citation import Citation, cite, cite_case
from server.i18n import Interface, interface, text_direction

TEMPLATES = Path(__file__).parent.parent / "web" / "templates"
_LICENCE = Markup(
    '<a href="https://creativecommons.org/licenses/by/4.0/"'
    ' rel="license noreferrer noopener external"><bdi>CC BY 4.0</bdi></a>'
)
# An empty line, or the start of the next list item: the reader sees a new line there.
_GAP = re.compile(r"\n[ \t]*\n\s*|\n(?=[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t])")


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a passage's text.

    Attributes:
        text: Word for word; all segments of a passage together are its text.
        marked: Whether it belongs to a sentence that matches the question.
        gap: Whether it is the white space between two paragraphs.
    """

    text: str
    marked: bool
    gap: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the library is about.

    Attributes:
        cases: Number of case studies, renderings of one counted once.
        countries: Names of the countries in the reader's language, in its order.
    """

    cases: int
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """The passages that stand under one heading.

    Attributes:
        headings: Level, from 2, and text of each heading that begins here.
        passages: In reading order.
    """

    headings: tuple[tuple[int, str], ...]
    passages: tuple[Passage, ...]


def segments(text: str, highlights: Iterable[tuple[int, int]] = ()) -> list[Segment]:
    """Cut a text where marking begins and ends and where a paragraph does.

    Args:
        text: A passage's text.
        highlights: Start and end in characters; in any order, touching or overlapping.

    Returns:
        Segments that together are the text, character for character; white space alone between
        two highlights is marked with them, a gap between paragraphs never is.
    """
    gaps = [match.span() for match in _GAP.finditer(text)]
    marks = _joined(text, highlights)
    cuts = sorted({0, len(text), *(cut for span in (*gaps, *marks) for cut in span)})
    return [
        Segment(
            text[start:end],
            marked=_covers(marks, start) and not _covers(gaps, start),
            gap=_covers(gaps, start),
        )
        for start, end in pairwise(cuts)
    ]


def paragraphs(text: str) -> tuple[str, ...]:
    """The paragraphs and list items of a text, each without white space at its ends."""
    found = (piece.strip() for piece in _GAP.split(text))
    return tuple(paragraph for paragraph in found if paragraph)


def coverage(cases: Iterable[CaseStudy], reader: Interface) -> Coverage:
    """Say what the library covers."""
    known = tuple(cases)
    names = {reader.country(case.country) for case in known if case.country}
    return Coverage(
        cases=len({case.id for case in known}),
        countries=tuple(sorted(names, key=normalise)),
    )


def stretches(case: CaseStudy, passages: Sequence[Passage]) -> list[Stretch]:
    """Put passages under their headings.

    Args:
        case: The case study; a heading that only repeats its title is left out.
        passages: Its passages in reading order.
    """
    found: list[Stretch] = []
    above: tuple[str, ...] = ()
    for passage in passages:
        path = passage.heading[1:] if passage.heading[:1] == (case.title,) else passage.heading
        if found and path == above:
            last = found.pop()
            found.append(Stretch(last.headings, (*last.passages, passage)))
            continue
        shared = _shared(above, path)
        headings = tuple(
            (min(level, 6), heading)
            for level, heading in enumerate(path[shared:], start=shared + 2)
        )
        found.append(Stretch(headings, (passage,)))
        above = path
    return found


def place_names(case: CaseStudy, reader: Interface) -> list[str]:
    """The country, in the reader's language, unless the place already says it."""
    if case.country is None:
        return []
    name = reader.country(case.country)
    return [] if case.place and normalise(name) in normalise(case.place) else [name]


def render(template: str, language: str, **context: Any) -> str:  # noqa: ANN401
    """Render a template in a language of the interface.

    Args:
        template: Path below the templates' folder.
        language: One of the interface languages.
        context: What the template names.
    """
    return _environment(language).get_template(template).render(**context)


@cache
def _environment(language: str) -> Environment:
    reader = interface(language)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(  # type: ignore[attr-defined]  # by the extension
        reader.translations, newstyle=True
    )

    def cite_here(shown: Shown) -> Citation:
        return cite(shown, language)

    def cite_case_here(case: CaseStudy) -> Citation:
        return cite_case(case, language)

    environment.filters.update(direction=text_direction, segments=segments)

    def reference(form: str, passages: Sequence[Passage]) -> str:
        """The address of the references to passages, in one of the forms."""
        wanted = [*(("passage", passage.id) for passage in passages), ("lang", language)]
        return f"/references/{form}?{urlencode(wanted)}"

    environment.globals.update(
        reference=reference,
        cite=cite_here,
        cite_case=cite_case_here,
        interface=reader,
        licence_link=_LICENCE,
        pillars=tuple(Pillar),
        place_names=lambda case: place_names(case, reader),
    )
    return environment


def _joined(text: str, highlights: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sort spans, keep them inside the text and join those with only white space between them."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(highlights):
        first, last = max(start, 0), min(end, len(text))
        if first >= last:
            continue
        if joined and not text[joined[-1][1] : first].strip():
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def _covers(spans: Iterable[tuple[int, int]], position: int) -> bool:
    return any(start <= position < end for start, end in spans)


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many steps two paths have in common."""
    count = 0
    for step, same in zip(one, other, strict=False):
        if step != same:
            break
        count += 1
    return count
