"""A search result as JSON: the shape that integrators rely on, made in one place."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, Field

from corpus.case_study import CaseStudy
from index.hits import Hit, Result, Shown
from index.question import Correction
from server.answer import Answer
from server.citation import Citation, cite
from server.dialogue import Reply
from server.wording import follow_ups, in_words


class CaseSummary(BaseModel):
    """The case study that a passage stands in; what is unknown is null."""

    id: str
    title: str
    country: str | None
    place: str | None
    level: str | None
    pillars: list[str]
    year: int | None


class PassageCitation(BaseModel):
    """How to cite a passage."""

    text: str
    url: str | None
    publisher: str | None
    published: str | None
    case_url: str
    page: int | None


class PassageRendering(BaseModel):
    """The same passage in another language."""

    language: str
    passage_id: str
    case_url: str


class SamePassage(BaseModel):
    """Nearly the same passage in another document."""

    passage_id: str
    title: str
    citation: PassageCitation


class FoundPassage(BaseModel):
    """A ranked passage."""

    rank: int
    score: Annotated[float, Field(ge=0, le=1)]
    passage_id: str
    text: str
    language: str
    translated: bool
    heading: list[str]
    highlights: list[tuple[int, int]]
    renderings: list[PassageRendering]
    also_in: list[SamePassage]
    case_study: CaseSummary
    citation: PassageCitation


class NameCorrection(BaseModel):
    """A misspelt name: where it stands in the query, and the name that was searched instead."""

    typed: str
    meant: str
    start: int
    end: int


class SearchResponse(BaseModel):
    """The passages found for a question, best first."""

    query: str
    interpreted_as: str
    corrections: list[NameCorrection]
    language: str
    generation: str
    answered: bool
    took_ms: float
    results: list[FoundPassage]


class AnswerSentence(BaseModel):
    """A sentence of the answer, word for word, and the ranks of the results that it stands in."""

    text: str
    citations: list[int]


class ComposedAnswer(BaseModel):
    """The sentences that answer, the best peer's first."""

    sentences: list[AnswerSentence]


class AskResponse(SearchResponse):
    """What a turn of a conversation found, and the sentences that answer it."""

    conversation_id: str
    follow_ups: list[str]
    answer: ComposedAnswer | None


def ask_response(given: Reply, conversation_id: str, root: str = "") -> AskResponse:
    """Put a turn into the shape that is documented for `/api/v1/ask`; see `search_response`."""
    understood = given.understood
    found = search_response(given.result, root).model_dump()
    found |= {
        "query": understood.typed,
        "interpreted_as": in_words(understood),
        "corrections": _corrections(understood.corrections),
    }
    return AskResponse(
        **found,
        conversation_id=conversation_id,
        follow_ups=follow_ups(given),
        answer=_answer(given.answer) if given.answer else None,
    )


def _answer(answer: Answer) -> ComposedAnswer:
    return ComposedAnswer(
        sentences=[
            AnswerSentence(text=sentence.text, citations=[sentence.rank])
            for sentence in answer.sentences
        ]
    )


def search_response(result: Result, root: str = "") -> SearchResponse:
    """Put a result into the shape that is documented for `/api/v1/search`.

    Args:
        result: What was found.
        root: What stands before every address from the site's root.
    """
    question = result.question
    return SearchResponse(
        query=question.typed,
        interpreted_as=question.text,
        corrections=_corrections(question.corrections),
        language=question.language,
        generation=result.generation,
        answered=result.answered,
        took_ms=round(result.took_ms, 2),
        results=[_result(hit, question.show_in, root) for hit in result.hits],
    )


def _corrections(found: Iterable[Correction]) -> list[NameCorrection]:
    return [
        NameCorrection(
            typed=correction.typed,
            meant=correction.meant,
            start=correction.start,
            end=correction.end,
        )
        for correction in found
    ]


def _result(hit: Hit, language: str, root: str) -> FoundPassage:
    case, passage = hit.shown.case, hit.shown.passage
    return FoundPassage(
        rank=hit.rank,
        score=round(hit.score, 4),
        passage_id=passage.id,
        text=passage.text,
        language=passage.language,
        translated=case.translated_from is not None,
        heading=list(passage.heading),
        highlights=list(hit.highlights),
        renderings=[passage_rendering(shown, root) for shown in hit.renderings],
        also_in=[_elsewhere(shown, language, root) for shown in hit.also_in],
        case_study=case_summary(case),
        citation=passage_citation(cite(hit.shown, language), root),
    )


def case_summary(case: CaseStudy) -> CaseSummary:
    """What a passage says of the case study that it stands in."""
    return CaseSummary(
        id=case.id,
        title=case.title,
        country=case.country,
        place=case.place,
        level=case.level,
        pillars=list(case.pillars),
        year=case.year,
    )


def passage_citation(citation: Citation, root: str = "") -> PassageCitation:
    """A citation; see `search_response`."""
    return PassageCitation(
        text=citation.text,
        url=citation.url,
        publisher=citation.publisher,
        published=citation.published,
        case_url=root + citation.case_url,
        page=citation.page,
    )


def passage_rendering(shown: Shown, root: str = "") -> PassageRendering:
    """The same passage in another language; see `search_response`."""
    return PassageRendering(
        language=shown.case.language,
        passage_id=shown.passage.id,
        case_url=root + cite(shown, shown.case.language).case_url,
    )


def _elsewhere(shown: Shown, language: str, root: str) -> SamePassage:
    return SamePassage(
        passage_id=shown.passage.id,
        title=shown.case.title,
        citation=passage_citation(cite(shown, language), root),
    )
