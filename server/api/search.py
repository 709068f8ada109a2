"""Questions: searched one by one, and asked in a conversation."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from index.question import Filters, read_question
from server.api.freshness import Answering, FreshRoute
from server.api.parameters import (
    LANGUAGE,
    QUESTION_SCHEMA,
    Country,
    OneLevel,
    OnePillar,
    Root,
    YearFrom,
    YearTo,
)
from server.api.rendering import API
from server.dependencies import CurrentService, CurrentStore
from server.dialogue import log, recall, remember, reply, understood_by
from server.responses import AskResponse, SearchResponse, ask_response, search_response

MOST_RESULTS = 50

router = APIRouter(route_class=FreshRoute, tags=["search"])


@router.get(f"{API}/search", operation_id="searchPassages")
def search(
    service: Answering,
    root: Root,
    q: Annotated[
        str,
        Query(
            description="The question, in at most 2,000 characters.",
            examples=["How did cities join the national strategy review?"],
            json_schema_extra=QUESTION_SCHEMA,
        ),
    ],
    k: Annotated[
        int, Query(ge=1, le=MOST_RESULTS, description="How many passages.", examples=[3])
    ] = 10,
    lang: Annotated[
        str | None,
        Query(
            pattern=LANGUAGE,
            description="Language to show results in; the question's own.",
            examples=["ar"],
        ),
    ] = None,
    passage_lang: Annotated[
        str | None,
        Query(
            pattern=LANGUAGE,
            description="Only passages written in this language.",
            examples=["en"],
        ),
    ] = None,
    country: Country = None,
    pillar: OnePillar = None,
    level: OneLevel = None,
    year_from: YearFrom = None,
    year_to: YearTo = None,
    as_typed: Annotated[
        bool, Query(description="Search misspelt names as they are.", examples=[False])
    ] = False,
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
    return search_response(service.search(asked, k), root)


class AskRequest(BaseModel):
    """A turn of a conversation."""

    model_config = ConfigDict(strict=True)  # a number is no boolean, though Python takes it for one

    question: str = Field(
        description="The question, in at most 2,000 characters.", json_schema_extra=QUESTION_SCHEMA
    )
    conversation_id: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="The conversation that it goes on; null begins a new one.",
    )
    language: str | None = Field(
        default=None,
        pattern=LANGUAGE,
        description="Language to show results in; the question's own.",
    )
    as_typed: bool = Field(
        default=False,
        description="Ask it as if nothing had been asked before, misspelt names as they are.",
    )


@router.post(f"{API}/ask", operation_id="ask")
def ask(body: AskRequest, service: CurrentService, store: CurrentStore, root: Root) -> AskResponse:
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
    return ask_response(given, conversation_id, root)
