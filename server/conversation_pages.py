"""The pages of a conversation: going on from an answer, taking it up again, deleting it."""

from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from index.question import LONGEST, Question, QuestionError, read_question
from index.scripts import rendering_for
from server.citation import cite_case
from server.conversation import Before
from server.dependencies import CurrentService, CurrentStore
from server.dialogue import again, log, recall, remember, reply, understood_by
from server.forms import from_this_site
from server.i18n import interface, known_language, language_asked_in
from server.markup import coverage
from server.pages import CurrentVisit, PageRoute, error_page, page
from server.service import Service
from server.store import Store
from server.store_conversations import StoredTurn
from server.wording import in_words


class FollowUp(BaseModel):
    """What the form of a follow-up sends.

    Attributes:
        question: As typed.
        after: The question that was answered, where there is no conversation yet.
        after_as_typed: Whether that was to be searched as it was, misspelt names and all.
        as_typed: Likewise of this one; and it is asked as if nothing had been asked before.
        ui: Language of the interface.
    """

    question: str
    after: str = ""
    after_as_typed: bool = False
    as_typed: bool = False
    ui: str = "en"

    @property
    def language(self) -> str:
        """The language of the interface, one that there is."""
        return known_language(self.ui)

    def read(self, text: str, *, as_typed: bool = False) -> Question:
        """Check a question and tell its language; see `index.question.read_question`.

        Raises:
            QuestionError: It cannot be asked.
        """
        return read_question(
            text,
            language=language_asked_in(text, self.language),
            fallback_language=self.language,
            as_typed=as_typed,
        )


router = APIRouter(
    prefix="/conversations",
    route_class=PageRoute,
    include_in_schema=False,
)
_POSTED = [Depends(from_this_site)]


@router.post("", dependencies=_POSTED)
def begin(
    service: CurrentService, store: CurrentStore, form: Annotated[FollowUp, Form()]
) -> Response:
    """Begin a conversation with the question that was answered and the one that goes on from it."""
    try:
        first = form.read(form.after, as_typed=form.after_as_typed)
        asked = form.read(form.question)
    except QuestionError as error:
        unshown = error.code == "control_character"
        return _to(f"/?{urlencode({'q': '' if unshown else form.after, 'ui': form.language})}")
    conversation_id = store.new_conversation()
    given = reply(service, understood_by(service, first, None), None)
    remember(store, conversation_id, given, as_typed=first.as_typed)
    _go_on(service, store, conversation_id, asked, given.before)
    return _to(f"/conversations/{conversation_id}?ui={form.language}#turn")


@router.get("/{conversation_id}")
def show(
    conversation_id: str, visit: CurrentVisit, service: CurrentService, store: CurrentStore
) -> Response:
    """The conversation: its last turn in full, the ones before it in short."""
    turns = store.turns(conversation_id)
    if not turns:
        return error_page(visit, "no_page", HTTPStatus.NOT_FOUND)
    *earlier, last = turns
    given = again(service, last, earlier[-1] if earlier else None)
    reader = interface(visit.language)
    shown = page(
        "pages/conversation.html",
        visit,
        action=f"/conversations/{conversation_id}",
        earlier=[_in_short(turn, service, visit.language) for turn in earlier],
        given=given,
        understood_as=in_words(given.understood, reader),
        result=given.result,
        answer=given.answer,
        coverage=coverage(service.generation.library_cases, reader),
        limit=LONGEST,
    )
    shown.headers["Cache-Control"] = "no-store"  # it can be deleted
    return shown


@router.post("/{conversation_id}", dependencies=_POSTED)
def go_on(
    conversation_id: str,
    service: CurrentService,
    store: CurrentStore,
    form: Annotated[FollowUp, Form()],
) -> Response:
    """Ask on."""
    before = recall(service, store, conversation_id)
    with suppress(QuestionError):  # the field refuses what is empty or too long: nothing is lost
        asked = form.read(form.question, as_typed=form.as_typed)
        _go_on(service, store, conversation_id, asked, None if form.as_typed else before)
    return _to(f"/conversations/{conversation_id}?ui={form.language}#turn")


@router.post("/{conversation_id}/delete", dependencies=_POSTED)
def delete(
    conversation_id: str, store: CurrentStore, ui: Annotated[str, Form()] = "en"
) -> Response:
    """Delete the conversation, for good."""
    store.delete_conversation(conversation_id)
    return _to(f"/?{urlencode({'ui': ui})}")


def _go_on(
    service: Service, store: Store, conversation_id: str, asked: Question, before: Before | None
) -> None:
    understood = understood_by(service, asked, before)
    given = reply(service, understood, before)
    remember(store, conversation_id, given, as_typed=asked.as_typed)
    log(store, understood.typed, given.result)


@dataclass(frozen=True, slots=True)
class _Short:
    """An earlier turn: what was asked, and titles and addresses of the cases that answered."""

    question: str
    language: str
    cited: list[tuple[str, str]]


def _in_short(turn: StoredTurn, service: Service, language: str) -> _Short:
    renderings = (rendering_for(service.renderings(name), language) for name in turn.cases)
    cited = [(case.title, cite_case(case, language).case_url) for case in renderings if case]
    return _Short(turn.question, turn.language, cited)


def _to(address: str) -> Response:
    return RedirectResponse(address, status_code=HTTPStatus.SEE_OTHER)
