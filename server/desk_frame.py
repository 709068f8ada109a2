"""The frame of the desk's pages: the visitor, the page around them, and the way to the next."""

from collections import Counter
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from server.contributions.store import State
from server.dependencies import CurrentStore
from server.pages import Visit, get_visit, in_place, page
from server.store_staff import Person

HOME = "/desk"
CONTRIBUTIONS = f"{HOME}/contributions"
# What stays when the language of the interface changes.
_KEPT = (
    "next", "before", "days", "language", "pillar", "answered", "page", "find", "title", "from",
    "state",
)  # fmt: skip
_LANGUAGES = ("ui", "lang")


def get_desk_visit(request: Request) -> Visit:
    """Read what every page of the desk needs to know from the address and the headers."""
    parameters = request.query_params
    return replace(
        get_visit(request),
        question=None,
        in_place=in_place(request),
        kept=tuple((name, parameters[name]) for name in _KEPT if parameters.get(name)),
    )


def get_visit_and_what_waits(request: Request, store: CurrentStore) -> Visit:
    """Read the same, and count what waits behind the addresses of the desk.

    Raises:
        StoreError: It cannot be counted.
    """
    sent = store.contribution_counts()[State.SENT]
    return replace(get_desk_visit(request), waiting=Counter({CONTRIBUTIONS: sent}))


DeskVisit = Annotated[Visit, Depends(get_visit_and_what_waits)]


def desk_page(
    template: str,
    visit: Visit,
    person: Person | None,
    *,
    status: int = HTTPStatus.OK,
    **context: Any,  # noqa: ANN401
) -> Response:
    """A page of the desk.

    Args:
        template: Path below the templates' folder; it extends `desk/layout.html`.
        visit: What the request says of itself.
        person: Who is signed in, if anybody.
        status: HTTP status.
        context: What the template names.
    """
    return page(template, visit, status=status, person=person, **context)


def to(address: str, visit: Visit, **asked: str) -> Response:
    """Lead to a page of the desk, in the visitor's language.

    Args:
        address: From the site's root; what it says of a language is left out.
        visit: What the request says of itself.
        asked: What else the address says.
    """
    parts = urlsplit(address)
    said = [(name, value) for name, value in parse_qsl(parts.query) if name not in _LANGUAGES]
    query = urlencode([*said, *asked.items(), ("ui", visit.language)])
    return RedirectResponse(f"{parts.path}?{query}", HTTPStatus.SEE_OTHER)


def within_the_desk(address: str) -> str:
    """An address that somebody was asked to come back to, if it is the desk's; else its home."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return HOME
    steps = unquote(parts.path).split("/")
    outside = parts.scheme or parts.netloc or steps[:2] != ["", "desk"] or {".", ".."} & set(steps)
    return HOME if outside or "\\" in address or not address.isprintable() else address
