"""The pages on which a city sends in a practice, and sees what becomes of it."""

import time
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from corpus.case_study import Level, Pillar
from index.analysis import normalise
from index.passages import Passage
from index.question import LONGEST
from index.scripts import rendering_for
from server.contributions import practice as bounds
from server.contributions.form import ContributionForm, sections_of
from server.contributions.letters import link_letter, way_back
from server.contributions.practice import MOST_SOURCES, Draft, SourceTyped
from server.contributions.rules import (
    SECTIONS,
    Lack,
    countries,
    lacking,
    languages,
    overlong,
)
from server.contributions.store import (
    DRAFT_DAYS,
    BusyError,
    ChangedContributionError,
    Contribution,
    State,
)
from server.contributions.wording import differences, field_names, meanings, whys
from server.dependencies import CurrentHolder, CurrentStore
from server.desk_access import Moment
from server.forms import at_most, from_this_site
from server.holder import Holder, NotReadyError
from server.i18n import INTERFACE_LANGUAGES, Interface, choose_language, interface
from server.mail.address import site_address
from server.mail.letter import is_address
from server.pages import PageRoute, Visit, get_visit, page
from server.store import Store

_BEGUN, _SAVED, _LINKS, _ENDED = 10, 120, 5, 20  # of one address in ten minutes
_BEGUN_A_DAY, _SENT_A_DAY = 20, 20  # of one address: it alone never fills what there is for all
_LINKS_A_DAY = 3  # to one e-mail address
_DAY = 24 * 60 * 60  # seconds

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_HERE = Depends(from_this_site)
_CHANGED = [_HERE, Depends(at_most(_SAVED, "contribution"))]
_OVER = [_HERE, Depends(at_most(_ENDED, "contribution over"))]  # the file is written anew
_Text = Annotated[str, Form()]


@dataclass(frozen=True, slots=True)
class Call:
    """What a request for a contribution brings along.

    Attributes:
        request: The request.
        visit: What it says of itself.
        store: Holds the contributions.
        holder: Knows what serves.
        now: The moment, UTC.
    """

    request: Request
    visit: Visit
    store: Store
    holder: Holder
    now: datetime

    @property
    def reader(self) -> Interface:
        """The interface in the visitor's language."""
        return interface(self.visit.language)

    def found(self, key: str) -> Contribution:
        """A contribution by its key.

        Raises:
            UnknownContributionError: There is none.
            StoreError: It cannot be read.
        """
        return self.store.contribution(key, self.now.date())

    def to(self, key: str, done: str, section: str = "") -> Response:
        """Lead back to a contribution, and there to a section of the form if one is named."""
        at = {"at": section} if section else {}
        query = urlencode({"done": done, **at, "ui": self.visit.language})
        mark = f"#{section}" if section else ""
        return RedirectResponse(f"/contributions/{key}?{query}{mark}", HTTPStatus.SEE_OTHER)

    def count(self, what: str, most: int) -> None:
        """Count something that one address may do so often in a day.

        Raises:
            HTTPException: Status 429; it was too often.
        """
        address = self.request.client.host if self.request.client else "unknown"
        self.count_of(f"{what} {address}", most)

    def count_of(self, key: str, most: int) -> None:
        """Count something that may be done so often in a day; see `count`."""
        if not self.store.allow(key, most, _DAY, time.time()):
            raise HTTPException(HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": str(_DAY)})

    def served(self, contribution: Contribution) -> Passage | None:
        """The first passage of the case study that came of it; None where it does not serve."""
        if contribution.case is None:
            return None
        try:
            service = self.holder.current()
        except NotReadyError:
            return None
        case = rendering_for(service.renderings(contribution.case[0]), contribution.case[1])
        return next(iter(service.generation.passages_of(case)), None) if case else None


def get_sender(request: Request) -> Visit:
    """Read what a page needs to know; a question that is carried along changes no language."""
    visit = get_visit(request)
    language = choose_language(
        lang=visit.lang,
        question_language=None,
        ui=visit.ui,
        accept_language=request.headers.get("Accept-Language", ""),
    )
    return replace(visit, language=language, in_place=False)


Sender = Annotated[Visit, Depends(get_sender)]


def get_call(
    request: Request,
    visit: Sender,
    store: CurrentStore,
    holder: CurrentHolder,
    now: Moment,
) -> Call:
    """Bring together what a route of a contribution needs."""
    return Call(request, visit, store, holder, now)


CurrentCall = Annotated[Call, Depends(get_call)]


@router.get("/contribute")
def invite(visit: Sender) -> Response:
    """What sending in a practice is, and what becomes of it."""
    return _invitation(visit)


@router.post("/contribute", dependencies=[_HERE, Depends(at_most(_BEGUN, "contributions"))])
def begin(call: CurrentCall, q: _Text = "", website: _Text = "") -> Response:
    """Begin a draft, and lead to it."""
    if website or len(q) > LONGEST:
        return _invitation(call.visit, "refused", HTTPStatus.UNPROCESSABLE_ENTITY)
    call.count("contributions a day", _BEGUN_A_DAY)
    try:
        question = " ".join(q.split())
        key = call.store.begin_contribution(call.visit.language, question, call.now.date())
    except BusyError:
        return _invitation(call.visit, "busy", HTTPStatus.SERVICE_UNAVAILABLE)
    return call.to(key, "begun")


@router.get("/contributions/{key}")
def show(key: str, call: CurrentCall, done: str | None = None, at: str | None = None) -> Response:
    """A contribution, for its sender: the form, or how far it is."""
    return _page(call, call.found(key), done=done, section=at)


@router.post("/contributions/{key}", dependencies=_CHANGED)
def keep(key: str, call: CurrentCall, form: Annotated[ContributionForm, Form()]) -> Response:
    """Keep what was typed, however incomplete; send it if that is wanted and nothing lacks."""
    found, typed = call.found(key), form.draft()
    sends, today = form.do == "send", call.now.date()
    held = overlong(typed)
    if form.website or held:
        refusal = "long" if held else "refused"
        return _page(call, found, typed=typed, lacks=held, refusal=refusal)
    lacks = lacking(typed) if sends else ()
    if sends and not lacks:
        call.count("contributions sent", _SENT_A_DAY)
    try:
        call.store.keep_contribution(key, form.version, typed, today, send=sends and not lacks)
    except ChangedContributionError:
        return _page(call, call.found(key), typed=typed, refusal="changed")
    if lacks:
        return _page(call, call.found(key), lacks=lacks, refusal="lacking")
    if sends:
        return call.to(key, "sent")
    section = form.do.removeprefix("save").removeprefix("-")
    return call.to(key, "saved", section if section in SECTIONS else "")


@router.post("/contributions/{key}/link", dependencies=[_HERE, Depends(at_most(_LINKS, "link"))])
def mail_link(key: str, call: CurrentCall) -> Response:
    """Send the sender the way back, to the address that they have saved."""
    found = call.found(key)
    site = _letters_site(call.request)
    letter = link_letter(found, site) if site else None
    if letter is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    call.count_of(f"link to {letter.to.casefold()}", _LINKS_A_DAY)
    call.store.mail_contribution_link(key, letter, call.now)
    return call.to(key, "mailed")


@router.post("/contributions/{key}/consents", dependencies=_OVER)
def take_back(
    key: str, call: CurrentCall, back: Annotated[list[str] | None, Form()] = None
) -> Response:
    """Take consent back, to what is ticked."""
    ticked = back or []
    call.store.take_consent_back(
        call.found(key).key,
        introductions="introductions" in ticked,
        listing="listing" in ticked,
        day=call.now.date(),
    )
    return call.to(key, "taken-back")


@router.post("/contributions/{key}/withdraw", dependencies=_OVER)
def withdraw(key: str, call: CurrentCall) -> Response:
    """Delete the contribution, for good."""
    call.store.withdraw_contribution(call.found(key).key)
    return _invitation(call.visit, "withdrawn")


def _invitation(
    visit: Visit, said: str | None = None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    return page("pages/contribute.html", visit, status=status, said=said, days=DRAFT_DAYS)


def _letters_site(request: Request) -> str | None:
    """Where letters that a stranger has sent lead: only where the hub itself says so.

    Whoever asks for such a letter could make up the address that the request came to.
    """
    return site_address(request) if request.app.state.address else None


def _page(  # noqa: PLR0913 - what the page says
    call: Call,
    found: Contribution,
    *,
    typed: Draft | None = None,
    lacks: tuple[Lack, ...] = (),
    refusal: str | None = None,
    done: str | None = None,
    section: str | None = None,
) -> Response:
    reader = call.reader
    draft = typed or found.draft
    statuses = {None: HTTPStatus.OK, "changed": HTTPStatus.CONFLICT}
    names = field_names(reader)
    site = site_address(call.request) or str(call.request.base_url).rstrip("/")
    sources = [*draft.practice.sources, *([SourceTyped()] * MOST_SOURCES)][:MOST_SOURCES]
    return page(
        "pages/contribution.html" if found.is_open else "pages/contribution_state.html",
        call.visit,
        status=statuses.get(refusal, HTTPStatus.UNPROCESSABLE_ENTITY),
        contribution=found,
        draft=draft,
        practice=draft.practice,
        sources=sources,
        lacks=[(lack.field, names[lack.field], whys(reader)[lack.why]) for lack in lacks],
        wrong={lack.field: whys(reader)[lack.why] for lack in lacks},
        left=sections_of(lacking(found.draft)),
        theirs=differences(found.draft, draft, reader) if refusal == "changed" else {},
        refusal=refusal,
        mine=differences(draft, found.draft, reader) if refusal == "changed" else {},
        done=done,
        section=section,
        names=names,
        meanings=meanings(reader),
        countries=sorted(
            ((reader.country(code), code) for code in countries()),
            key=lambda pair: normalise(pair[0]),
        ),
        languages=sorted(
            ((reader.language_name(code), code) for code in languages() - {*INTERFACE_LANGUAGES}),
            key=lambda pair: normalise(pair[0]),
        ),
        spoken=INTERFACE_LANGUAGES,
        levels=Level,
        pillars=Pillar,
        limits=bounds,
        link=way_back(replace(found, language=call.visit.language), site),
        mails=bool(_letters_site(call.request)) and is_address(found.draft.address),
        serves=call.served(found),
        days=DRAFT_DAYS,
        is_new=found.state is State.DRAFT,
    )
