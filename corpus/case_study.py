"""What a case study is: plain, frozen values without input or output.

A *document* is anything in the library: it needs a text and a language, and every other field may
be unknown (`None` or empty). A *case study* is a document whose fields are filled in. Documents
that share an `id` in different languages are *renderings* of one case.
"""

from dataclasses import dataclass
from enum import StrEnum


class Pillar(StrEnum):
    """The six pillars of national-local cooperation, the controlled vocabulary for tagging."""

    TRUST = "trust"
    INCLUSIVITY = "inclusivity"
    COORDINATION = "coordination"
    COMMUNICATION = "communication"
    CAPACITY = "capacity"
    SUSTAINABILITY = "sustainability"


class Level(StrEnum):
    """The level of government or society at which a practice takes place."""

    COMMUNITY = "community"
    CITY = "city"
    REGIONAL = "regional"
    NATIONAL = "national"
    INTERNATIONAL = "international"


@dataclass(frozen=True, slots=True)
class Period:
    """When a practice took place.

    Attributes:
        start: `YYYY` or `YYYY-MM`.
        end: `YYYY` or `YYYY-MM`, or None while it went on or where the source does not say.
    """

    start: str
    end: str | None = None

    @property
    def first_year(self) -> int:
        """The year it began."""
        return int(self.start[:4])

    @property
    def last_year(self) -> int:
        """The last year that the source speaks of."""
        return int((self.end or self.start)[:4])


@dataclass(frozen=True, slots=True)
class Source:
    """The published page or document that a case study stands on.

    Attributes:
        title: As published, in the source's own language.
        publisher: The body that published it.
        url: Where it can be read.
        published: ISO 8601 date: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
        language: ISO 639-1 code of the source.
    """

    title: str
    publisher: str | None = None
    url: str | None = None
    published: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or a list item: `text[start:end]` of its case study, in characters.

    Attributes:
        start: Offset of its first character.
        end: Offset behind its last.
        page: Number of the page that it begins on, from 1; None for what has no pages.
        anchor: Id of the nearest element of the original web page that a link can lead to.
        language: ISO 639-1 code where it is another than the document's.
    """

    start: int
    end: int
    page: int | None = None
    anchor: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of a case study under one heading.

    Attributes:
        heading: The path of headings above the text, outermost first; empty before the first one.
        blocks: Its paragraphs and list items, in reading order.
    """

    heading: tuple[str, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class CaseStudy:
    """One rendering, in one language, of what somebody did.

    Attributes:
        id: Lower-case letters, digits and hyphens; the same for every rendering.
        language: ISO 639-1 code of the text.
        title: In the language of the text.
        text: The source text, word for word; every offset counts its characters.
        sections: The text's structure.
        place: The place in words, in the language of the text.
        country: ISO 3166-1 alpha-2, or `XK` for Kosovo.
        level: Where it takes place.
        period: When it took place.
        pillars: The pillars that it shows.
        actors: The bodies behind it, in the language of the text.
        themes: Lower-case English key words.
        source: What it stands on.
        translated_from: ISO 639-1 code of the rendering that this one was translated from, or
            None where it was written in its own language.
    """

    id: str
    language: str
    title: str
    text: str
    sections: tuple[Section, ...]
    place: str | None = None
    country: str | None = None
    level: Level | None = None
    period: Period | None = None
    pillars: tuple[Pillar, ...] = ()
    actors: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    source: Source | None = None
    translated_from: str | None = None

    @property
    def is_case_study(self) -> bool:
        """Whether it is written about its source; any other document is its own source."""
        written = self.source is None or self.source.title != self.title
        return written and self.level is not None and bool(self.pillars)

    @property
    def year(self) -> int | None:
        """The last year that the case study speaks of, or None where it is unknown."""
        return self.period.last_year if self.period else None
