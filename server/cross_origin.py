"""Which other sites' pages may ask the HTTP interface (CORS)."""

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

_PATHS = ("/api/", "/openapi.json")
_ASKED_WITH = (
    "Accept-Language", "Authorization", "Content-Type", "If-None-Match", "X-API-Key",
    "X-Request-ID",
)  # fmt: skip
_TOLD_IN = (
    "Content-Language", "Deprecation", "ETag", "Link", "RateLimit", "RateLimit-Policy",
    "Retry-After", "Sunset", "X-Request-ID",
)  # fmt: skip


class CrossOrigin:
    """Lets pages of other sites ask what is under `/api/`, and nothing else; never with cookies.

    Args:
        app: What answers.
        origins: Of those sites; `*` for every site, none for none.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self._app = app
        self._open = (
            CORSMiddleware(
                app,
                allow_origins=origins,
                allow_methods=("GET", "HEAD", "POST"),
                allow_headers=_ASKED_WITH,
                expose_headers=_TOLD_IN,
            )
            if origins
            else app
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, past CORS where it is not for the interface."""
        ours = scope["type"] == "http" and scope["path"].startswith(_PATHS)
        await (self._open if ours else self._app)(scope, receive, send)
