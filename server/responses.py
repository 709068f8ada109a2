"""A search result as JSON: the shape that integrators rely on, made in one place."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, Field

from index.hits import Hit, Result, Shown
from index.question import Correction
from server.answer import Answer
from server.citation import cite
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


class CitationOut(BaseModel):
    """How to cite a passage."""

    text: str
    url: str | None
    publisher: str | None
    published: str | None
    case_url: str
    page: int | None


class RenderingOut(BaseModel):
    """The same passage in another language."""

    language: str
    passage_id: str
    case_url: str


class ElsewhereOut(BaseModel):
    """Nearly the same passage in another document."""

    passage_id: str
    title: str
    citation: CitationOut


class ResultOut(BaseModel):
    """A ranked passage."""

    rank: int
    score: Annotated[float, Field(ge=0, le=1)]
    passage_id: str
    text: str
    language: str
    translated: bool
    heading: list[str]
    highlights: list[tuple[int, int]]
    renderings: list[RenderingOut]
    also_in: list[ElsewhereOut]
    case_study: CaseSummary
    citation: CitationOut


class CorrectionOut(BaseModel):
    """A misspelt name: where it stands in the query, and the name that was searched instead."""

    typed: str
    meant: str
    start: int
    end: int


class SearchResponse(BaseModel):
    """The passages found for a question, best first."""

    query: str
    interpreted_as: str
    corrections: list[CorrectionOut]
    language: str
    generation: str
    answered: bool
    took_ms: float
    results: list[ResultOut]


class SentenceOut(BaseModel):
    """A sentence of the answer, word for word, and the ranks of the results that it stands in."""

    text: str
    citations: list[int]


class AnswerOut(BaseModel):
    """The sentences that answer, the best peer's first."""

    sentences: list[SentenceOut]


class AskResponse(SearchResponse):
    """What a turn of a conversation found, and the sentences that answer it."""

    conversation_id: str
    follow_ups: list[str]
    answer: AnswerOut | None


def ask_response(given: Reply, conversation_id: str) -> AskResponse:
    """Put a turn into the shape that is documented for `/api/v1/ask`."""
    understood = given.understood
    found = search_response(given.result).model_dump()
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


def _answer(answer: Answer) -> AnswerOut:
    return AnswerOut(
        sentences=[
            SentenceOut(text=sentence.text, citations=[sentence.rank])
            for sentence in answer.sentences
        ]
    )


def search_response(result: Result) -> SearchResponse:
    """Put a result into the shape that is documented for `/api/v1/search`."""
    question = result.question
    return SearchResponse(
        query=question.typed,
        interpreted_as=question.text,
        corrections=_corrections(question.corrections),
        language=question.language,
        generation=result.generation,
        answered=result.answered,
        took_ms=round(result.took_ms, 2),
        results=[_result(hit, question.show_in) for hit in result.hits],
    )


def _corrections(found: Iterable[Correction]) -> list[CorrectionOut]:
    return [
        CorrectionOut(
            typed=correction.typed,
            meant=correction.meant,
            start=correction.start,
            end=correction.end,
        )
        for correction in found
    ]


def _result(hit: Hit, language: str) -> ResultOut:
    case, passage = hit.shown.case, hit.shown.passage
    return ResultOut(
        rank=hit.rank,
        score=round(hit.score, 4),
        passage_id=passage.id,
        text=passage.text,
        language=passage.language,
        translated=case.translated_from is not None,
        heading=list(passage.heading),
        highlights=list(hit.highlights),
        renderings=[_rendering(shown) for shown in hit.renderings],
        also_in=[_elsewhere(shown, language) for shown in hit.also_in],
        case_study=CaseSummary(
            id=case.id,
            title=case.title,
            country=case.country,
            place=case.place,
            level=case.level,
            pillars=list(case.pillars),
            year=case.year,
        ),
        citation=_cited(hit.shown, language),
    )


def _cited(shown: Shown, language: str) -> CitationOut:
    citation = cite(shown, language)
    return CitationOut(
        text=citation.text,
        url=citation.url,
        publisher=citation.publisher,
        published=citation.published,
        case_url=citation.case_url,
        page=citation.page,
    )


def _elsewhere(shown: Shown, language: str) -> ElsewhereOut:
    return ElsewhereOut(
        passage_id=shown.passage.id, title=shown.case.title, citation=_cited(shown, language)
    )


def _rendering(shown: Shown) -> RenderingOut:
    return RenderingOut(
        language=shown.case.language,
        passage_id=shown.passage.id,
        case_url=cite(shown, shown.case.language).case_url,
    )
