"""The briefing that a reader is making: a cookie leads back to it until the browser is closed."""

import re
from contextlib import suppress

from fastapi import Request, Response

from server.store import Store
from server.store_database import StoreError

_COOKIE = "diwan_briefing"
_ID = re.compile(r"[A-Za-z0-9_-]{22}")


def current_briefing(request: Request) -> str | None:
    """Id of the briefing that passages are put into; None where none has been begun."""
    found = request.cookies.get(_COOKIE, "")
    return found if _ID.fullmatch(found) else None


def quoted_passages(request: Request) -> frozenset[str]:
    """Ids of the passages that it holds; none where that cannot be told, for it only decorates."""
    briefing_id = current_briefing(request)
    if briefing_id is None:
        return frozenset()
    with suppress(StoreError, OSError):
        store: Store = request.app.state.open_store()
        return store.quoted_in(briefing_id)
    return frozenset()


def make_current(request: Request, response: Response, briefing_id: str) -> None:
    """Let passages be put into a briefing from now on.

    The cookie says nothing of the reader, goes to no other site and ends with the browser's
    session; no script can read it.
    """
    response.set_cookie(
        _COOKIE,
        briefing_id,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def make_none_current(response: Response) -> None:
    """Let the next passage begin another briefing."""
    response.delete_cookie(_COOKIE, httponly=True, samesite="lax")
