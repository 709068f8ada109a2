"""Asking for an introduction, and seeing what becomes of it at an address of one's own."""

from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from corpus.case_study import CaseStudy
from index.scripts import rendering_for
from server.briefing_calls import PRIVATE
from server.dependencies import CurrentService, CurrentStore
from server.forms import at_most, from_this_site
from server.i18n import Interface, interface
from server.mail.letter import LONGEST_ADDRESS, is_address
from server.pages import CurrentVisit, PageRoute, Visit, error_page, page
from server.peers.directories import CurrentBodies
from server.peers.letters import state_sentence
from server.peers.store import (
    LONGEST_BODY,
    LONGEST_NAME,
    LONGEST_PLACE,
    LONGEST_WISH,
    Asker,
)

MOST = 20  # forms of one address in ten minutes
LIMITS = {
    "wish": LONGEST_WISH,
    "name": LONGEST_NAME,
    "body": LONGEST_BODY,
    "place": LONGEST_PLACE,
    "address": LONGEST_ADDRESS,
}
_NEEDED = ("wish", "name", "body", "address")
_POSTED = [Depends(from_this_site), Depends(at_most(MOST, "introductions"))]

router = APIRouter(route_class=PageRoute, include_in_schema=False)


class IntroductionForm(BaseModel):
    """What the form sends.

    Attributes:
        case: Id of the case to whose bodies an introduction is wanted.
        wish: What is to be asked or learnt.
        name: Of whoever asks.
        body: That they work for.
        place: Where that is.
        address: For the reply.
        agree: Not empty where they agree that the hub keeps and uses this.
        website: Of no use: nobody sees it, but machines fill it in.
    """

    case: str = ""
    wish: str = ""
    name: str = ""
    body: str = ""
    place: str = ""
    address: str = ""
    agree: str = ""
    website: str = ""

    @property
    def asker(self) -> Asker:
        """Who asks, and what for."""
        return Asker(
            "\n".join(self.wish.splitlines()).strip(),
            *(" ".join(text.split()) for text in (self.name, self.body, self.place, self.address)),
        )


@router.get("/introductions/new")
def new(
    visit: CurrentVisit, service: CurrentService, current: CurrentBodies, case: str = ""
) -> Response:
    """The form by which an introduction to those behind a case is asked for."""
    shown = rendering_for(service.renderings(case), visit.language)
    if shown is None:
        return error_page(visit, "no_case", HTTPStatus.NOT_FOUND)
    return _form(visit, shown, current, IntroductionForm(case=case), {})


@router.post("/introductions", dependencies=_POSTED)
def ask(
    visit: CurrentVisit,
    service: CurrentService,
    store: CurrentStore,
    current: CurrentBodies,
    form: Annotated[IntroductionForm, Form()],
) -> Response:
    """Keep it, and lead to the address at which the asker sees what becomes of it."""
    shown = rendering_for(service.renderings(form.case), visit.language)
    if shown is None:
        return error_page(visit, "no_case", HTTPStatus.NOT_FOUND)
    wrong = _wrong(form, interface(visit.language))
    if wrong:
        return _form(visit, shown, current, form, wrong)
    day = datetime.now(UTC).date()
    key = store.ask_for_introduction(shown.id, form.asker, visit.language, day)
    return _to(f"/introductions/{key}", visit, done="asked")


@router.get("/introductions/withdrawn")
def withdrawn(visit: CurrentVisit) -> Response:
    """Say that nothing of it is left."""
    return page("pages/introduction_withdrawn.html", visit)


@router.get("/introductions/{key}")
def show(
    key: str, request: Request, visit: CurrentVisit, service: CurrentService, store: CurrentStore
) -> Response:
    """What has become of an introduction, for whoever asked."""
    introduction = store.introduction_of(key)
    response = page(
        "pages/introduction.html",
        visit,
        introduction=introduction,
        case=rendering_for(service.renderings(introduction.case_id), visit.language),
        address=f"{str(request.base_url).rstrip('/')}/introductions/{key}",
        sentence=state_sentence(introduction.state, interface(visit.language)),
        days=request.app.state.retention_days,
        done=request.query_params.get("done"),
    )
    response.headers.update(PRIVATE)
    return response


@router.post("/introductions/{key}/withdraw", dependencies=_POSTED)
def withdraw(key: str, visit: CurrentVisit, store: CurrentStore) -> Response:
    """Delete it, for good."""
    store.withdraw_introduction(key)
    return _to("/introductions/withdrawn", visit)


def _wrong(form: IntroductionForm, reader: Interface) -> dict[str, str]:
    """What is to be mended, by the name of the field."""
    asker = form.asker
    typed = {name: str(getattr(asker, name)) for name in LIMITS}
    wrong = {name: reader.gettext("Fill this in.") for name in _NEEDED if not typed[name]}
    for name, text in typed.items():
        if len(text) > LIMITS[name]:
            most = reader.number(LIMITS[name])
            wrong[name] = reader.gettext("Write at most %(most)s characters.", most=most)
        elif not _can_be_kept(text):
            wrong[name] = reader.gettext("Half of a character is in it; type it again.")
    if "address" not in wrong and not is_address(asker.address):
        wrong["address"] = reader.gettext(
            "That is not an e-mail address; it looks like name@example.org."
        )
    if not form.agree:
        wrong["agree"] = reader.gettext("Without this the hub cannot keep what you write.")
    if form.website:
        wrong["website"] = reader.gettext("Leave this one empty.")
    return wrong


def _can_be_kept(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _form(
    visit: Visit,
    case: CaseStudy,
    current: CurrentBodies,
    typed: IntroductionForm,
    wrong: dict[str, str],
) -> Response:
    """The form, with what was typed where that is to be mended."""
    response = page(
        "pages/introduction_new.html",
        replace(visit, path="/introductions/new", kept=(("case", case.id),)),
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        case=case,
        bodies=current.named_in(visit.language).of_case(case.id),
        typed=typed,
        wrong=wrong,
        limits=LIMITS,
    )
    response.headers.update(PRIVATE)
    return response


def _to(path: str, visit: Visit, **asked: str) -> Response:
    query = urlencode({**asked, "ui": visit.language})
    return RedirectResponse(f"{path}?{query}", HTTPStatus.SEE_OTHER)
