"""A briefing as it is read: on the screen, on paper, as a file, and by others."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Response

from server.briefing_calls import MADE, PRIVATE, Call, CurrentCall
from server.briefing_docx import write_docx
from server.briefing_markdown import write_markdown
from server.briefing_sheet import Sheet, facts, lay_out
from server.i18n import INTERFACE_LANGUAGES
from server.pages import PageRoute
from server.store_briefings import Briefing

router = APIRouter(prefix="/briefings", route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class _Way:
    """A form that a briefing is carried away in."""

    media_type: str
    write: Callable[[Sheet, str], bytes]


_WAYS = {
    "docx": _Way(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document", write_docx
    ),
    "md": _Way(
        "text/markdown; charset=utf-8", lambda sheet, site: write_markdown(sheet, site).encode()
    ),
}
Suffix = Literal["docx", "md"]


@router.get("/{briefing_id}/sheet")
def sheet(briefing_id: str, call: CurrentCall) -> Response:
    """The briefing as it is printed, for whoever makes it."""
    briefing, address = call.store.briefing(briefing_id), f"/briefings/{briefing_id}"
    return _sheet(call, briefing, f"{address}/sheet", editable=address)


@router.get("/shared/{reading_id}")
def read(reading_id: str, call: CurrentCall) -> Response:
    """The briefing as it is printed, for others."""
    briefing = call.store.briefing_to_read(reading_id)
    return _sheet(call, briefing, f"/briefings/shared/{reading_id}", editable=None)


@router.get("/{briefing_id}/briefing.{suffix}")
def carry(briefing_id: str, suffix: Suffix, call: CurrentCall) -> Response:
    """The briefing as a file."""
    return _file(call, call.store.briefing(briefing_id), suffix)


@router.get("/shared/{reading_id}/briefing.{suffix}")
def carry_shared(reading_id: str, suffix: Suffix, call: CurrentCall) -> Response:
    """A briefing that somebody shared, as a file."""
    return _file(call, call.store.briefing_to_read(reading_id), suffix)


@router.post("/shared/{reading_id}/copy", dependencies=MADE)
def copy_shared(reading_id: str, call: CurrentCall) -> Response:
    """Make a briefing of one's own of one that somebody shared."""
    return call.begin(call.store.briefing_to_read(reading_id))


def _sheet(call: Call, briefing: Briefing, address: str, *, editable: str | None) -> Response:
    language = _asked_for(call)
    laid_out = lay_out(call.service, briefing, call.site, language)
    return call.privately(
        "pages/briefing_sheet.html",
        sheet=laid_out,
        facts=lambda case: facts(case, laid_out.reader),
        address=address,
        files=editable or address,
        editable=editable,
        languages=INTERFACE_LANGUAGES,
        inside="?" + urlencode({"in": language}) if language else "",
    )


def _file(call: Call, briefing: Briefing, suffix: Suffix) -> Response:
    way = _WAYS[suffix]
    laid_out = lay_out(call.service, briefing, call.site, _asked_for(call))
    return Response(
        way.write(laid_out, call.site),
        media_type=way.media_type,
        headers={**PRIVATE, "Content-Disposition": f'attachment; filename="briefing.{suffix}"'},
    )


def _asked_for(call: Call) -> str | None:
    """The language to write a briefing out in, where the address names one."""
    wanted = call.request.query_params.get("in")
    return wanted if wanted in INTERFACE_LANGUAGES else None
