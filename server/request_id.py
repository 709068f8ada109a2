"""The id of a request: told in every response, in problems and in the log line of a fault."""

import re
import uuid
from contextvars import ContextVar

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-ID"
# What stands in a URI as it is: the id is also the `instance` of a problem.
_WELL_FORMED = re.compile(r"[A-Za-z0-9._~-]{1,128}")
_current: ContextVar[str | None] = ContextVar("request_id", default=None)


def request_id() -> str | None:
    """The id of the request that is being answered; None where none is."""
    return _current.get()


class RequestIds:
    """Takes the id that a request brings, if it is well-formed, else makes one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and name its id in the response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        brought = Headers(scope=scope).get(HEADER, "")
        named = brought if _WELL_FORMED.fullmatch(brought) else uuid.uuid4().hex
        _current.set(named)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = named
            await send(message)

        await self._app(scope, receive, send_with_id)
