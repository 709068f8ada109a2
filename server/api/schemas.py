"""The shapes of what `/api/v1` gives, beside those of a search."""

from pydantic import BaseModel, ConfigDict

from index.chronicle import Kind
from server.responses import CaseSummary, PassageCitation, PassageRendering


class _Shape(BaseModel):
    """What is unknown is null; the sentence under a field is its description."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class CasePeriod(_Shape):
    """When it took place."""

    start: str
    """`YYYY` or `YYYY-MM`."""
    end: str | None
    """`YYYY` or `YYYY-MM`; null while it goes on or where the source does not say."""


class CaseSource(_Shape):
    """The published page or document that it stands on."""

    title: str
    publisher: str | None
    url: str | None
    published: str | None
    """`YYYY`, `YYYY-MM` or `YYYY-MM-DD`."""
    language: str | None
    """ISO 639-1 code."""


class CaseEntry(CaseSummary, _Shape):
    """A case study, in the rendering that was chosen."""

    language: str
    """ISO 639-1 code of this rendering."""
    languages: list[str]
    """Of all renderings."""
    translated_from: str | None
    """The language it was translated from; null for an original."""
    period: CasePeriod | None
    themes: list[str]
    url: str
    """Where its whole is given by this interface."""
    case_url: str
    """Its page."""


class CasePage(_Shape):
    """A page of the list of case studies, in the order of their ids."""

    generation: str
    """What answers; another one has been built since, if it changes."""
    total: int
    """How many case studies there are in all."""
    cases: list[CaseEntry]
    next: str | None
    """The address of the next page; null on the last."""


class CaseSection(_Shape):
    """A stretch of the text under one heading."""

    heading: list[str]
    """The path of headings above it, outermost first."""
    paragraphs: list[str]
    """Word for word."""


class CasePassage(_Shape):
    """A passage: `text[start:end]` of its case study, counted in Unicode characters."""

    passage_id: str
    heading: list[str]
    start: int
    end: int
    language: str
    page: int | None
    """Of the original document, from 1; null for what has no pages."""
    url: str
    case_url: str


class CaseRendering(_Shape):
    """The case study in another language."""

    language: str
    title: str
    translated_from: str | None
    url: str
    case_url: str


class CaseDetail(CaseEntry):
    """A case study with all that is known of it."""

    generation: str
    missing: list[str]
    """The fields that nobody knows."""
    actors: list[str]
    """The bodies behind it."""
    source: CaseSource | None
    citation: PassageCitation
    text: str
    """The whole, word for word; offsets count its characters."""
    sections: list[CaseSection]
    passages: list[CasePassage]
    renderings: list[CaseRendering]


class SimilarCases(_Shape):
    """Case studies that did something alike elsewhere, nearest first."""

    generation: str
    cases: list[CaseEntry]


class Neighbour(_Shape):
    """The passage before or after."""

    passage_id: str
    heading: list[str]
    text: str
    url: str


class PassageDetail(_Shape):
    """A passage where it stands."""

    generation: str
    passage_id: str
    text: str
    """Word for word."""
    language: str
    translated: bool
    heading: list[str]
    start: int
    """Offset into the text of its case study, in characters."""
    end: int
    page: int | None
    before: Neighbour | None
    after: Neighbour | None
    renderings: list[PassageRendering]
    case_study: CaseSummary
    citation: PassageCitation


class FacetCount(_Shape):
    """A value, and how many case studies choosing it would find."""

    value: str
    count: int


class SpanCount(_Shape):
    """A span of years, and how many case studies reach into it."""

    year_from: int
    year_to: int
    count: int


class FacetCounts(_Shape):
    """How many case studies each value would find, beside what is chosen of the others."""

    generation: str
    total: int
    """How many the current choice finds."""
    pillars: list[FacetCount]
    levels: list[FacetCount]
    countries: list[FacetCount]
    languages: list[FacetCount]
    years: list[SpanCount]


class GlossaryTerm(_Shape):
    """A term of the field."""

    id: str
    variants: dict[str, list[str]]
    """By language, what people write for it; the preferred one first."""


class GlossaryTerms(_Shape):
    """The terms that a search takes for equals, by their ids."""

    generation: str
    terms: list[GlossaryTerm]


class DocumentChange(_Shape):
    """What became of one rendering of a document."""

    moment: str
    """Of the generation in which it happened; ISO 8601, UTC."""
    case_id: str
    language: str
    change: Kind
    """`added`, also if it was changed since; `changed`; `removed`."""
    url: str | None
    """Where it is given; null for one that was removed."""


class ChangePage(_Shape):
    """A page of what became of documents, the earliest first."""

    generation: str
    until: str
    """The moment that this is told up to: what to ask from the next time."""
    complete: bool
    """False where removals so long ago are forgotten: then take in everything again."""
    changes: list[DocumentChange]
    next: str | None
    """The address of the next page; null on the last."""
