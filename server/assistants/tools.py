"""What the tools for assistants do: search, read a case study, cite a passage."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from corpus.case_study import CaseStudy, Level, Pillar
from index.hits import Shown
from index.question import LONGEST, Filters, read_question
from index.scripts import rendering_for
from server import responses
from server.apa import apa
from server.citation import cite
from server.reference_export import ReferenceFormat
from server.responses import search_response
from server.service import Service
from server.whole_rendering import WholeRendering, whole_rendering

MOST_RESULTS = 50
AT_ONCE = 60  # passages of a document; some 40,000 characters
_USUALLY = 6
_LANGUAGE = r"^[a-z]{2,3}$"

NOT_ANSWERED = (
    "The library does not answer this question. Say so, and do not make up an answer. The passages"
    " are only what is nearest; name them as that, if at all."
)
NOTHING_FITS = (
    "The library has no passage that fits. Say so, and do not make up an answer. Fewer filters may"
    " find more."
)
QUOTE = (
    "These passages answer it. Quote them word for word, each with its citation, and say nothing of"
    " these cities that does not stand in them."
)

Language = Annotated[str, Field(pattern=_LANGUAGE)]


class CallError(Exception):
    """A tool cannot do what it was called for; the message is a sentence for the assistant."""


class Search(BaseModel):
    """What to search for."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(
        description="A plain question, in any language, as the official asked it; in at most"
        f" {LONGEST:,} characters."
    )
    k: int = Field(default=_USUALLY, ge=1, le=MOST_RESULTS, description="How many passages.")
    lang: Language | None = Field(
        default=None,
        description="ISO 639-1 code of the language to show passages in, where there is such a"
        " rendering; the question's own if not given.",
    )
    passage_lang: Language | None = Field(
        default=None, description="Only passages that are written in this language."
    )
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = Field(
        default=None, description="Only this country; ISO 3166-1 alpha-2."
    )
    pillar: Pillar | None = Field(default=None, description="Only cases that show this pillar.")
    level: Level | None = Field(default=None, description="Only cases at this level.")
    year_from: int | None = Field(
        default=None, ge=1, le=9999, description="Only practice of this year or later."
    )
    year_to: int | None = Field(
        default=None, ge=1, le=9999, description="Only practice of this year or earlier."
    )
    as_typed: bool = Field(default=False, description="Search misspelt names as they are.")


class FoundPassage(BaseModel):
    """A ranked passage, word for word; what is unknown of its case is null."""

    rank: int
    score: float = Field(description="0 to 1: how probable it is that the passage answers.")
    passage_id: str
    text: str
    language: str
    translated: bool
    heading: list[str]
    case_id: str
    title: str
    country: str | None
    place: str | None
    level: str | None
    pillars: list[str]
    year: int | None
    citation: str
    source_url: str | None
    link: str = Field(description="Where it can be read in its case study.")


class Found(BaseModel):
    """The passages found for a question, best first, and whether they answer it."""

    question: str
    interpreted_as: str
    answered: bool = Field(description="False where nothing in the library answers the question.")
    note: str
    generation: str
    passages: list[FoundPassage]


class ReadCase(BaseModel):
    """What to read."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(description="Id of the case study, as `search` gives it.")
    lang: Language | None = Field(
        default=None,
        description="ISO 639-1 code of the language; the one that it was written in if not given.",
    )
    first: int = Field(
        default=1, ge=1, description="Number of the passage to begin with, in a long document."
    )


class ReadRendering(WholeRendering):
    """A case study in one language, or a stretch of it."""

    passages_in_all: int
    next: int | None = Field(description="What to ask for as `first` to read on; null at the end.")


class Style(StrEnum):
    """A form of a citation."""

    PLAIN = "plain"
    APA = "apa"
    RIS = "ris"
    BIBTEX = "bibtex"
    CSL_JSON = "csl-json"


_FORMATS = {
    Style.RIS: ReferenceFormat.RIS,
    Style.BIBTEX: ReferenceFormat.BIBTEX,
    Style.CSL_JSON: ReferenceFormat.CSL,
}


class Cite(BaseModel):
    """What to cite, and how."""

    model_config = ConfigDict(extra="forbid")

    passage_id: str = Field(description="Id of the passage, as `search` and `read_case` give it.")
    style: Style = Field(
        default=Style.PLAIN,
        description="plain: a line for a paper; apa: an entry in APA style, in English; ris, bibtex"
        " and csl-json: for reference managers.",
    )
    lang: Language | None = Field(
        default=None,
        description="ISO 639-1 code of the language to cite it in; the passage's own if not given.",
    )


class Cited(BaseModel):
    """A citation."""

    passage_id: str
    style: Style
    citation: str
    link: str = Field(description="Where the passage can be read in its case study.")


def search(service: Service, site: str, asked: Search) -> Found:
    """Find the passages that answer a question.

    Args:
        service: What serves.
        site: Address of the site, without a slash at its end.
        asked: What to search for.

    Raises:
        QuestionError: The question cannot be asked.
        RemovedError: The list of what was taken away cannot be read.
    """
    filters = Filters(
        asked.passage_lang,
        asked.country,
        asked.pillar,
        asked.level,
        asked.year_from,
        asked.year_to,
    )
    question = read_question(
        asked.question, show_in=asked.lang, filters=filters, as_typed=asked.as_typed
    )
    response = search_response(service.search(question, asked.k))
    unanswered = NOT_ANSWERED if response.results else NOTHING_FITS
    return Found(
        question=response.query,
        interpreted_as=response.interpreted_as,
        answered=response.answered,
        note=QUOTE if response.answered else unanswered,
        generation=response.generation,
        passages=[_found(result, site) for result in response.results],
    )


def _found(result: responses.FoundPassage, site: str) -> FoundPassage:
    case, citation = result.case_study, result.citation
    return FoundPassage(
        rank=result.rank,
        score=result.score,
        passage_id=result.passage_id,
        text=result.text,
        language=result.language,
        translated=result.translated,
        heading=result.heading,
        case_id=case.id,
        title=case.title,
        country=case.country,
        place=case.place,
        level=case.level,
        pillars=case.pillars,
        year=case.year,
        citation=citation.text,
        source_url=citation.url,
        link=site + citation.case_url,
    )


def read_case(service: Service, site: str, asked: ReadCase) -> ReadRendering:
    """Read a case study, or a stretch of it where it is long; see `search`.

    Raises:
        CallError: There is no such document, not in this language, or no such passage in it.
    """
    case = rendering(service, asked.id, asked.lang)
    passages = service.generation.passages_of(case)
    if asked.first > max(1, len(passages)):
        raise CallError(f"The document has {len(passages)} passages; `first` is at most that.")
    start = asked.first - 1
    end = start + AT_ONCE
    whole = whole_rendering(
        case,
        passages[start:end],
        (other.language for other in service.renderings(case.id)),
        site=site,
        cited_in=asked.lang or case.language,
    )
    return ReadRendering(
        **whole.model_dump(),
        passages_in_all=len(passages),
        next=end + 1 if end < len(passages) else None,
    )


def rendering(service: Service, case_id: str, language: str | None) -> CaseStudy:
    """The rendering of a document that is asked for.

    Args:
        service: What serves.
        case_id: Id of the document.
        language: ISO 639-1 code; None for the language that it was written in.

    Raises:
        CallError: There is no such document, or not in this language.
        RemovedError: The list of what was taken away cannot be read.
    """
    renderings = service.renderings(case_id)
    found = rendering_for(renderings, language)
    if found is None:
        raise CallError(
            "The library has no document of this id. Search again, and take the id from what is"
            " found; do not make one up."
        )
    if language not in (None, found.language):
        there = ", ".join(sorted(case.language for case in renderings))
        raise CallError(f"This document is not there in that language; it is in: {there}.")
    return found


def cite_passage(service: Service, site: str, asked: Cite) -> Cited:
    """Cite a passage; see `search`.

    Raises:
        CallError: There is no such passage.
    """
    found = service.generation.passage(asked.passage_id)
    if found is None or found[0].id in service.withheld():
        raise CallError(
            "The library has no passage of this id. Search again, and take the id from what is"
            " found; do not make one up."
        )
    shown = Shown(*found)
    language = asked.lang or shown.passage.language
    citation = cite(shown, language)
    form = _FORMATS.get(asked.style)
    if form:
        written = form.export([shown], language, site=site)
    elif asked.style is Style.APA:
        written = apa(shown, site=site)
    else:
        written = citation.text
    return Cited(
        passage_id=asked.passage_id,
        style=asked.style,
        citation=written,
        link=site + citation.case_url,
    )


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as it is described to an assistant.

    Attributes:
        name: What it is called by.
        title: What people see.
        description: What it is for.
        arguments: What it takes.
        gives: What it gives.
        call: Does it, by the service, the site's address and the arguments.
        text: Writes what it gives as a text.
    """

    name: str
    title: str
    description: str
    arguments: type[BaseModel]
    gives: type[BaseModel]
    call: Callable[[Service, str, Any], BaseModel]
    text: Callable[[Any], str]


def _found_text(found: Found) -> str:
    blocks = [found.note]
    for passage in found.passages:
        translated = ", translated" if passage.translated else ""
        blocks.append(
            f"[{passage.rank}] {passage.text}\n"
            f"Citation: {passage.citation}\n"
            f"Link: {passage.link}\n"
            f"passage_id {passage.passage_id}, case {passage.case_id}"
            f" ({passage.language}{translated})"
        )
    return "\n\n".join(blocks)


def _read_text(read: ReadRendering) -> str:
    text = markdown(read)
    if read.next is None:
        return text
    return f"{text}\nThis is not all of it: read on with first={read.next}.\n"


def markdown(whole: WholeRendering) -> str:
    """Write a rendering as Markdown; the words of its passages stay as they are."""
    known = {
        "Place": whole.place,
        "Country": whole.country,
        "Level": whole.level,
        "Pillars": ", ".join(whole.pillars),
        "Translated from": whole.translated_from,
        "Licence": whole.licence,
        "Citation": whole.citation,
        "Source": whole.source.url if whole.source else None,
        "Link": whole.link,
    }
    facts = "\n".join(f"- {name}: {value}" for name, value in known.items() if value)
    blocks = [f"# {whole.title}", facts]
    for section in whole.sections:
        if section.heading:
            blocks.append("#" * (len(section.heading) + 1) + f" {section.heading[-1]}")
        blocks += (f"{passage.text}\n[{passage.passage_id}]" for passage in section.passages)
    return "\n\n".join(blocks) + "\n"


TOOLS = {
    tool.name: tool
    for tool in (
        Tool(
            "search",
            "Search the case studies",
            "Find what cities, towns and states did to prevent hate, extremism and polarisation:"
            " passages of case studies that answer a question, word for word, each with its"
            " citation. Says whether the library answers the question at all.",
            Search,
            Found,
            search,
            _found_text,
        ),
        Tool(
            "read_case",
            "Read a case study",
            "Read a whole case study in one language: its headings, its passages with their ids,"
            " its source and its citation.",
            ReadCase,
            ReadRendering,
            read_case,
            _read_text,
        ),
        Tool(
            "cite",
            "Cite a passage",
            "Give the citation of a passage, as a line for a paper, in APA style, or for a"
            " reference manager (RIS, BibTeX, CSL-JSON).",
            Cite,
            Cited,
            cite_passage,
            lambda cited: cited.citation,
        ),
    )
}
