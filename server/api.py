"""The HTTP interface: parse, call, render."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from corpus.case_study import Level, Pillar
from index.question import Filters, read_question
from server.dependencies import CurrentHolder, CurrentService, CurrentStore
from server.dialogue import log, recall, remember, reply, understood_by
from server.holder import NotReadyError
from server.problems import RETRY_SECONDS, Problem, problem
from server.responses import AskResponse, SearchResponse, ask_response, search_response

MOST_RESULTS = 50
_LANGUAGE = r"^[a-z]{2,3}$"
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "model": Problem,
        "description": description,
        "content": {"application/problem+json": {}},
    }
    for status, description in ((422, "A parameter was refused"), (503, "Not ready yet"))
}
_ASK_PROBLEMS = {
    **_PROBLEMS,
    404: {**_PROBLEMS[422], "description": "There is no such conversation"},
}

router = APIRouter()


@router.get("/api/v1/search", tags=["search"], responses=_PROBLEMS)
def search(
    service: CurrentService,
    q: Annotated[str, Query(description="The question, in at most 2,000 characters.")],
    k: Annotated[int, Query(ge=1, le=MOST_RESULTS, description="How many passages.")] = 10,
    lang: Annotated[
        str | None,
        Query(pattern=_LANGUAGE, description="Language to show results in; the question's own."),
    ] = None,
    passage_lang: Annotated[
        str | None, Query(pattern=_LANGUAGE, description="Only passages written in this language.")
    ] = None,
    country: Annotated[
        str | None, Query(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2 code.")
    ] = None,
    pillar: Pillar | None = None,
    level: Level | None = None,
    year_from: Annotated[int | None, Query(ge=1, le=9999)] = None,
    year_to: Annotated[int | None, Query(ge=1, le=9999)] = None,
    as_typed: Annotated[bool, Query(description="Search misspelt names as they are.")] = False,
) -> SearchResponse:
    """Find the passages of case studies that answer a question."""
    filters = Filters(
        passage_lang=passage_lang,
        country=country,
        pillar=pillar,
        level=level,
        year_from=year_from,
        year_to=year_to,
    )
    asked = read_question(q, show_in=lang, filters=filters, as_typed=as_typed)
    return search_response(service.search(asked, k))


class AskRequest(BaseModel):
    """A turn of a conversation."""

    question: str = Field(description="The question, in at most 2,000 characters.")
    conversation_id: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="The conversation that it goes on; null begins a new one.",
    )
    language: str | None = Field(
        default=None,
        pattern=_LANGUAGE,
        description="Language to show results in; the question's own.",
    )
    as_typed: bool = Field(
        default=False,
        description="Ask it as if nothing had been asked before, misspelt names as they are.",
    )


@router.post("/api/v1/ask", tags=["search"], responses=_ASK_PROBLEMS)
def ask(body: AskRequest, service: CurrentService, store: CurrentStore) -> AskResponse:
    """Ask a question that may go on from the one before it; get the sentences that answer."""
    asked = read_question(body.question, show_in=body.language, as_typed=body.as_typed)
    before = recall(service, store, body.conversation_id) if body.conversation_id else None
    understood = understood_by(service, asked, None if body.as_typed else before)
    if body.language:
        question = replace(understood.question, show_in=body.language)
        understood = replace(understood, question=question)
    given = reply(service, understood, before)
    conversation_id = body.conversation_id or store.new_conversation()
    remember(store, conversation_id, given, as_typed=body.as_typed)
    log(store, understood.typed, given.result)
    return ask_response(given, conversation_id)


@router.get("/healthz", tags=["operation"])
def healthz() -> dict[str, str]:
    """Tell that the process is alive."""
    return {"status": "alive"}


@router.get("/readyz", tags=["operation"], response_model=None, responses={503: _PROBLEMS[503]})
def readyz(holder: CurrentHolder) -> dict[str, str] | JSONResponse:
    """Tell whether questions can be answered, from which generation, and what is wrong."""
    try:
        generation = holder.current().generation.id
    except NotReadyError as error:
        return problem(503, str(error), headers={"Retry-After": RETRY_SECONDS})
    trouble = {"problem": holder.problem} if holder.problem else {}
    return {"status": "ready", "generation": generation, **trouble}
