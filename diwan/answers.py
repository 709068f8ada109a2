"""What a hub answers, named as in the interface (docs/api.md); what is unknown is None.

Fields that the interface is given later are read past until they stand here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSummary:
    """The case study that a passage stands in."""

    id: str
    title: str
    country: str | None
    """ISO 3166-1 alpha-2 code; `XK` for Kosovo."""
    place: str | None
    level: str | None
    pillars: tuple[str, ...]
    year: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageCitation:
    """How to cite a passage or a case study."""

    text: str
    """Ready for a paper."""
    url: str | None
    """Of the source."""
    publisher: str | None
    published: str | None
    """`YYYY`, `YYYY-MM` or `YYYY-MM-DD`."""
    case_url: str
    """The place in its page, from the root of the host; `Client.link` makes it whole."""
    page: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageRendering:
    """The same passage in another language."""

    language: str
    passage_id: str
    case_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SamePassage:
    """Nearly the same passage in another document."""

    passage_id: str
    title: str
    citation: PassageCitation


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPassage:
    """A ranked passage."""

    rank: int
    score: float
    """Between 0 and 1; it means the same from one question to the next."""
    passage_id: str
    text: str
    """Word for word."""
    language: str
    translated: bool
    heading: tuple[str, ...]
    """The path of headings above it, outermost first."""
    highlights: tuple[tuple[int, int], ...]
    """Offsets into `text`, in characters."""
    renderings: tuple[PassageRendering, ...]
    also_in: tuple[SamePassage, ...]
    case_study: CaseSummary
    citation: PassageCitation


@dataclass(frozen=True, slots=True, kw_only=True)
class NameCorrection:
    """A misspelt name: where it stands in the query, and the name that was searched instead."""

    typed: str
    meant: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResponse:
    """The passages found for a question, best first."""

    query: str
    interpreted_as: str
    corrections: tuple[NameCorrection, ...]
    language: str
    generation: str
    """What answers; another one has been built since, if it changes."""
    answered: bool
    """False where nothing in the library answers; `results` may then hold what is nearest."""
    took_ms: float
    results: tuple[FoundPassage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSentence:
    """A sentence of the answer, word for word, and the ranks of the results it stands in."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposedAnswer:
    """The sentences that answer, the best peer's first."""

    sentences: tuple[AnswerSentence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskResponse(SearchResponse):
    """What a turn of a conversation found, and the sentences that answer it."""

    conversation_id: str
    """Goes into the next turn."""
    follow_ups: tuple[str, ...]
    answer: ComposedAnswer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePeriod:
    """When it took place."""

    start: str
    """`YYYY` or `YYYY-MM`."""
    end: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSource:
    """The published page or document that it stands on."""

    title: str
    publisher: str | None
    url: str | None
    published: str | None
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEntry(CaseSummary):
    """A case study, in the rendering that was chosen."""

    language: str
    languages: tuple[str, ...]
    """Of all renderings."""
    translated_from: str | None
    period: CasePeriod | None
    themes: tuple[str, ...]
    url: str
    case_url: str
    """Its page, from the root of the host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """A page of the list of case studies, in the order of their ids."""

    generation: str
    total: int
    cases: tuple[CaseEntry, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSection:
    """A stretch of the text under one heading."""

    heading: tuple[str, ...]
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePassage:
    """A passage: `text[start:end]` of its case study."""

    passage_id: str
    heading: tuple[str, ...]
    start: int
    end: int
    language: str
    page: int | None
    url: str
    case_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRendering:
    """The case study in another language."""

    language: str
    title: str
    translated_from: str | None
    url: str
    case_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDetail(CaseEntry):
    """A case study with all that is known of it."""

    generation: str
    missing: tuple[str, ...]
    """The fields that nobody knows."""
    actors: tuple[str, ...]
    source: CaseSource | None
    citation: PassageCitation
    text: str
    """The whole, word for word; offsets count its characters."""
    sections: tuple[CaseSection, ...]
    passages: tuple[CasePassage, ...]
    renderings: tuple[CaseRendering, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarCases:
    """Case studies that did something alike elsewhere, nearest first."""

    generation: str
    cases: tuple[CaseEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """The passage before or after."""

    passage_id: str
    heading: tuple[str, ...]
    text: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageDetail:
    """A passage where it stands."""

    generation: str
    passage_id: str
    text: str
    language: str
    translated: bool
    heading: tuple[str, ...]
    start: int
    """Offset into the text of its case study, in characters."""
    end: int
    page: int | None
    before: Neighbour | None
    after: Neighbour | None
    renderings: tuple[PassageRendering, ...]
    case_study: CaseSummary
    citation: PassageCitation


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetCount:
    """A value, and how many case studies choosing it would find."""

    value: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanCount:
    """A span of years, and how many case studies reach into it."""

    year_from: int
    year_to: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetCounts:
    """How many case studies each value would find, beside what is chosen of the others."""

    generation: str
    total: int
    """How many the current choice finds."""
    pillars: tuple[FacetCount, ...]
    levels: tuple[FacetCount, ...]
    countries: tuple[FacetCount, ...]
    languages: tuple[FacetCount, ...]
    years: tuple[SpanCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GlossaryTerm:
    """A term of the field."""

    id: str
    variants: Mapping[str, tuple[str, ...]]
    """By language, what people write for it; the preferred one first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GlossaryTerms:
    """The terms that a search takes for equals, by their ids."""

    generation: str
    terms: tuple[GlossaryTerm, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentChange:
    """What became of one rendering of a document."""

    moment: str
    """ISO 8601, UTC."""
    case_id: str
    language: str
    change: str
    """`added`, also if it was changed since; `changed`; `removed`; more may come."""
    url: str | None
    """Where it is given; None for one that was removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePage:
    """What became of documents, the earliest first."""

    generation: str
    until: str
    """The moment that this is told up to: what to ask from the next time."""
    complete: bool
    """False where removals so long ago are forgotten: then take in everything again."""
    changes: tuple[DocumentChange, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderingPassage:
    """A passage of an exported rendering, word for word."""

    passage_id: str
    text: str
    language: str
    page: int | None
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderingSection:
    """The passages under one heading."""

    heading: tuple[str, ...]
    passages: tuple[RenderingPassage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """A document in one language, as the export of the library holds it."""

    id: str
    language: str
    title: str
    is_case_study: bool
    """Whether it is written about its source; any other document is its own source."""
    place: str | None
    country: str | None
    level: str | None
    pillars: tuple[str, ...]
    period: CasePeriod | None
    actors: tuple[str, ...]
    themes: tuple[str, ...]
    translated_from: str | None
    languages: tuple[str, ...]
    licence: str | None
    """SPDX identifier; None where the rights are those of the source."""
    source: CaseSource | None
    citation: str
    link: str
    sections: tuple[RenderingSection, ...]
    since: str
    """Since when it is in the library; ISO 8601."""
    changed: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributionCase:
    """The case study that came of a practice."""

    id: str
    language: str
    in_library: bool
    """Whether it can be found already."""
    url: str
    case_url: str
    """Its page, from the root of the host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributionState:
    """How far a practice is that was sent in."""

    id: str
    state: str
    """`waiting`, `asked`, `accepted`, `declined` or `withdrawn`."""
    reference: str | None
    """What your platform calls it."""
    version: int | None
    """An answer says which one it is to; None once withdrawn."""
    sent_on: str
    """`YYYY-MM-DD`."""
    changed_on: str | None
    question: str | None
    """What the hub asks, while it waits for an answer."""
    reason: str | None
    """Why it was declined."""
    case_study: ContributionCase | None
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentContribution(ContributionState):
    """A practice as it has come in."""

    sender_url: str | None = field(repr=False)
    """From the root of the host; whoever has it can change the practice: for its sender alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributionPage:
    """A page of what came by one key, in the order of the ids."""

    contributions: tuple[ContributionState, ...]
    next: str | None
