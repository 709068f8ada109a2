"""The pages on which a briefing is made: choosing passages, ordering them, adding notes."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from index.hits import Shown
from server.briefing_calls import (
    CHANGED,
    MADE,
    Call,
    CurrentCall,
    quotation_of,
)
from server.briefing_sheet import facts, lay_out
from server.current_briefing import current_briefing, make_current, make_none_current
from server.i18n import INTERFACE_LANGUAGES, interface, known_language
from server.pages import PageRoute, error_page, page
from server.store_briefings import (
    LONGEST_INTRODUCTION,
    LONGEST_REMARK,
    LONGEST_TITLE,
    Briefing,
    ChangedBriefingError,
    Edit,
    FullBriefingError,
    NewQuotation,
    UnknownBriefingError,
)
from server.store_database import RefusedError

_LIMITS = {"title": LONGEST_TITLE, "introduction": LONGEST_INTRODUCTION, "remark": LONGEST_REMARK}

router = APIRouter(route_class=PageRoute, include_in_schema=False)


class ChosenForm(BaseModel):
    """What the button beside a passage sends.

    Attributes:
        passage: Id of the passage.
        back: Address of the page that it is on, from the site's root.
    """

    passage: str
    back: str = "/"


class BriefingForm(BaseModel):
    """What the form of a briefing sends, whichever of its buttons is pressed.

    Attributes:
        version: Of the briefing that the form was filled from.
        title: As typed.
        introduction: As typed.
        language: ISO 639-1 code.
        quotation: Ids of the quotations.
        remark: What is said of each, in the same order.
        do: `save`, or `up`, `down`, `take-out` or `put-back` and the id of a quotation behind a
            colon; whatever it is, all texts are kept.
    """

    version: int
    title: str = ""
    introduction: str = ""
    language: str = "en"
    quotation: list[str] = []
    remark: list[str] = []
    do: str = "save"

    @property
    def action(self) -> tuple[str, str]:
        """What is done, and to which quotation."""
        done, _, which = self.do.partition(":")
        return done, which

    def edit(self, briefing: Briefing) -> Edit:
        """What the form changes in a briefing."""
        order = [quotation.id for quotation in briefing.quotations]
        done, which = self.action
        if which in order:
            place = order.index(which)
            order.remove(which)
            if done != "take-out":
                by = {"up": -1, "down": 1}.get(done, 0)
                order.insert(max(place + by, 0), which)
        elif done == "put-back":
            order.append(which)
        return Edit(
            version=self.version,
            title=" ".join(self.title.split()),
            introduction=_lines(self.introduction),
            language=known_language(self.language),
            remarks=dict(zip(self.quotation, map(_lines, self.remark), strict=False)),
            order=tuple(order),
        )


@router.get("/briefing")
def current(call: CurrentCall) -> Response:
    """The briefing that the reader is making, or how one is begun."""
    briefing_id = current_briefing(call.request)
    try:
        if briefing_id:
            return call.to(f"/briefings/{call.store.briefing(briefing_id).id}")
    except UnknownBriefingError:
        pass  # it has been deleted, or forgotten
    return page("pages/briefing_none.html", call.visit)


@router.post("/briefings/passages", dependencies=CHANGED)
def choose(call: CurrentCall, form: Annotated[ChosenForm, Form()]) -> Response:
    """Put a passage into the briefing that the reader is making; begin one where there is none."""
    found = call.service.generation.passage(form.passage)
    if found is None or found[0].id in call.service.withheld():
        return error_page(call.visit, "no_page", HTTPStatus.NOT_FOUND)
    briefing_id, full = _put(call, quotation_of(Shown(*found)))
    if call.visit.in_place:
        quoted = call.store.quoted_in(briefing_id)
        response = page("parts/chosen_passage.html", call.visit, full=full, quoted=quoted)
    elif full:
        response = call.to("/briefing")
    else:
        response = RedirectResponse(_inside(form.back), HTTPStatus.SEE_OTHER)
    make_current(call.request, response, briefing_id)
    return response


@router.post("/briefings/leave", dependencies=CHANGED)
def leave(call: CurrentCall) -> Response:
    """Let the next passage begin another briefing."""
    response = call.to("/briefing")
    make_none_current(response)
    return response


@router.get("/briefings/{briefing_id}")
def show(briefing_id: str, call: CurrentCall, done: str | None = None) -> Response:
    """The briefing, to be changed."""
    return _editor(call, call.store.briefing(briefing_id), done=done)


@router.post("/briefings/{briefing_id}", dependencies=CHANGED)
def change(briefing_id: str, call: CurrentCall, form: Annotated[BriefingForm, Form()]) -> Response:
    """Change the briefing: its texts, and the order of its passages."""
    done, which = form.action
    try:
        call.store.edit_briefing(briefing_id, form.edit(call.store.briefing(briefing_id)))
    except (ChangedBriefingError, FullBriefingError, RefusedError) as error:
        refusal = "changed" if isinstance(error, ChangedBriefingError) else "refused"
        return _editor(call, call.store.briefing(briefing_id), typed=form, refusal=refusal)
    if call.visit.in_place:
        return _editor(call, call.store.briefing(briefing_id), done=done)
    place = f"quotation-{which}" if done in ("up", "down", "put-back") else "briefing"
    return call.to(f"/briefings/{briefing_id}#{place}", done=done)


@router.post("/briefings/{briefing_id}/copy", dependencies=MADE)
def copy(briefing_id: str, call: CurrentCall) -> Response:
    """Make another briefing of it, to go on with."""
    return call.begin(call.store.briefing(briefing_id))


@router.post("/briefings/{briefing_id}/current", dependencies=CHANGED)
def take_up(briefing_id: str, call: CurrentCall) -> Response:
    """Put passages into this briefing from now on."""
    response = call.to(f"/briefings/{call.store.briefing(briefing_id).id}")
    make_current(call.request, response, briefing_id)
    return response


@router.post("/briefings/{briefing_id}/delete", dependencies=MADE)
def delete(briefing_id: str, call: CurrentCall) -> Response:
    """Delete the briefing, for good."""
    call.store.delete_briefing(briefing_id)
    response = call.to("/briefing")
    if current_briefing(call.request) == briefing_id:
        make_none_current(response)
    return response


def _put(call: Call, quotation: NewQuotation) -> tuple[str, bool]:
    """Put a passage into a briefing; tell into which, and whether that was full already."""
    briefing_id = current_briefing(call.request)
    if briefing_id:
        try:
            call.store.add_quotation(briefing_id, quotation)
        except FullBriefingError:
            return briefing_id, True
        except UnknownBriefingError:
            pass  # it has been deleted, or forgotten
        else:
            return briefing_id, False
    return call.store.new_briefing(call.visit.language, [quotation]), False


def _editor(
    call: Call,
    briefing: Briefing,
    *,
    typed: BriefingForm | None = None,
    refusal: str | None = None,
    done: str | None = None,
) -> Response:
    """The page of a briefing, with what was typed where that could not be kept."""
    removed = briefing.removed
    taken_out = call.service.renderings(removed.case_id)[:1] if removed else ()
    status = {None: HTTPStatus.OK, "changed": HTTPStatus.CONFLICT}
    return call.privately(
        "parts/briefing_form.html" if call.visit.in_place else "pages/briefing.html",
        status=status.get(refusal, HTTPStatus.UNPROCESSABLE_ENTITY),
        briefing=briefing,
        sheet=lay_out(call.service, briefing, call.site),
        facts=lambda case: facts(case, interface(call.visit.language)),
        typed=typed,
        remarks=dict(zip(typed.quotation, typed.remark, strict=False)) if typed else {},
        refusal=refusal,
        done=done,
        taken_out=taken_out[0].title if taken_out else None,
        is_current=current_briefing(call.request) == briefing.id,
        languages=INTERFACE_LANGUAGES,
        limits=_LIMITS,
        reading_address=f"{call.site}briefings/shared/{briefing.reading_id}",
    )


def _lines(text: str) -> str:
    """A text without white space at its ends, its lines ended as they are kept."""
    return "\n".join(text.splitlines()).strip()


def _inside(address: str) -> str:
    """An address of this site, or its root."""
    lost = not address.startswith("/") or address.startswith(("//", "/\\"))
    return "/" if lost or not address.isprintable() else address
