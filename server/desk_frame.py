"""The frame of the desk's pages: the visitor, the page around them, and the way to the next."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from server.contributions.store import State
from server.pages import Visit, get_visit, in_place, page
from server.store import Store
from server.store_staff import Person

HOME = "/desk"
CONTRIBUTIONS, INTRODUCTIONS, LETTERS = (
    f"{HOME}/{page}" for page in ("contributions", "introductions", "letters")
)
# What stays when the language of the interface changes.
_KEPT = (
    "next", "before", "days", "language", "pillar", "answered", "page", "find", "title", "from",
    "state",
)  # fmt: skip
_LANGUAGES = ("ui", "lang")


@dataclass(frozen=True, slots=True)
class VisitAtDesk(Visit):
    """What a request for a page of the desk says of itself.

    Attributes:
        waiting: Tells how much waits behind the addresses of the desk; asked only where staff are
            signed in.
    """

    waiting: Callable[[], Mapping[str, int]] = dict


def get_desk_visit(request: Request) -> Visit:
    """Read what every page of the desk needs to know from the address and the headers."""
    parameters, state = request.query_params, request.app.state
    visit = get_visit(request)
    own = {each.name: getattr(visit, each.name) for each in fields(visit)}
    own |= {
        "question": None,
        "in_place": in_place(request),
        "kept": tuple((name, parameters[name]) for name in _KEPT if parameters.get(name)),
    }
    by_hand = state.mail_server is None
    return VisitAtDesk(
        **own, waiting=cache(lambda: what_waits(state.open_store(), by_hand=by_hand))
    )


def what_waits(store: Store, *, by_hand: bool) -> Mapping[str, int]:
    """Count what waits for somebody, by the address of its page.

    Args:
        store: Where it is kept.
        by_hand: Whether letters wait to be sent by somebody, for there is no mail server.

    Raises:
        StoreError: It cannot be counted.
    """
    return {
        CONTRIBUTIONS: store.contribution_counts()[State.SENT],
        INTRODUCTIONS: store.open_introductions(),
        LETTERS: store.stuck_letters(by_hand=by_hand),
    }


DeskVisit = Annotated[Visit, Depends(get_desk_visit)]


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
