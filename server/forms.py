"""What every form of the pages stands under: it comes from this site, and not too often."""

import time
from collections.abc import Callable
from http import HTTPStatus

from fastapi import HTTPException, Request

from server.dependencies import CurrentStore

_SAME_SITE = ("same-origin", "none")
_WITHIN = 600  # seconds


def from_this_site(request: Request) -> None:
    """Refuse what another site's page sends.

    Source: Fetch Metadata Request Headers, W3C; a browser that does not send them sends `Origin`.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    here = f"{request.url.scheme}://{request.headers.get('Host')}"
    if (site and site not in _SAME_SITE) or (not site and origin not in (None, here)):
        raise HTTPException(HTTPStatus.FORBIDDEN, "This form belongs to another site.")


def at_most(most: int, what: str) -> Callable[[Request, CurrentStore], None]:
    """A dependency that refuses more forms from one address than a person fills in.

    Args:
        most: How many in ten minutes.
        what: What they are counted as.

    Returns:
        What raises HTTPException, status 429, where there were too many.
    """

    def see_that_it_is_not_too_much(request: Request, store: CurrentStore) -> None:
        address = request.client.host if request.client else "unknown"
        if not store.allow(f"{what} {address}", most, _WITHIN, time.time()):
            raise HTTPException(HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": str(_WITHIN)})

    return see_that_it_is_not_too_much
