"""`/mcp`: the protocol over streamable HTTP, begun when it is asked for the first time."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio
from anyio import to_thread
from anyio.abc import TaskGroup, TaskStatus
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from server.mail.address import site_address
from server.problems import problem
from server.service import Service

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

PATH = "/mcp"
_HERE = ("localhost", "127.0.0.1", "::1")

Refusal = tuple[HTTPStatus, str]
"""Status and sentence."""


class Endpoint:
    """Answers assistants over HTTP; no request knows of another, so that any worker can answer it.

    The library for the protocol takes a second to import. A server begins without it.

    Args:
        current: Gives what serves now; raises NotReadyError where nothing does.
        address: Public address of the site; empty where it is not known.
    """

    def __init__(self, current: Callable[[], Service], address: str) -> None:
        self._current = current
        self._address = address
        self._tasks: TaskGroup | None = None
        self._lock = anyio.Lock()
        self._manager: StreamableHTTPSessionManager | None = None

    @property
    def route(self) -> Route:
        """The route to be put into the application."""
        return Route(PATH, self, methods=["POST"], include_in_schema=False)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Answer as long as this lasts."""
        async with anyio.create_task_group() as self._tasks:
            yield
            self._tasks.cancel_scope.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, unless it comes from a page that has no business here."""
        refused = refusal(Headers(scope=scope), self._address)
        if refused:
            await problem(*refused)(scope, receive, send)
            return
        manager = await self._begun()
        await manager.handle_request(scope, receive, send)

    async def _begun(self) -> "StreamableHTTPSessionManager":
        async with self._lock:
            if self._manager is None:
                if self._tasks is None:
                    raise RuntimeError("The application has not been started.")
                manager = await to_thread.run_sync(self._make)
                await self._tasks.start(_run, manager)
                self._manager = manager
        return self._manager

    def _make(self) -> "StreamableHTTPSessionManager":
        from mcp.server.streamable_http_manager import (  # noqa: PLC0415 - see the class
            StreamableHTTPSessionManager,
        )

        from server.assistants.protocol import assistants_server  # noqa: PLC0415

        return StreamableHTTPSessionManager(
            assistants_server(self._current, self._site),
            json_response=True,
            stateless=True,
        )

    def _site(self, request: Request | None) -> str:
        return (site_address(request) if request else None) or self._address


async def _run(
    manager: "StreamableHTTPSessionManager",
    *,
    task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
) -> None:
    async with manager.run():
        task_status.started()
        await anyio.sleep_forever()


def refusal(headers: Headers, address: str) -> Refusal | None:
    """Tell whether a request is to be refused before it is read.

    It may come from a page that made its own name lead to this machine. Such a page is in its
    visitor's browser, behind whatever keeps strangers from the server. The name is its own,
    though: what is asked for by the name of this machine, by a number or by the address of the
    site is not from there. Source: the protocol's security warning for streamable HTTP, which asks
    for the check.

    Args:
        headers: Of the request.
        address: Public address of the site; empty where it is not known.

    Returns:
        Status and sentence; None where there is nothing against it.
    """
    public = urlsplit(address).hostname
    host = _host_in(f"//{headers.get('Host', '')}")
    if host is None or not (host in (*_HERE, public) or _is_number(host)):
        return (
            HTTPStatus.MISDIRECTED_REQUEST,
            "Diwan is not known by this name; whoever runs it sets DIWAN_ADDRESS to its address.",
        )
    origin = headers.get("Origin")
    if origin is not None and _host_in(origin) not in (*_HERE, public, host):
        return HTTPStatus.FORBIDDEN, "Pages of other sites may not ask for this."
    if headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
        return HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "What is sent here is JSON, and says so."
    return None


def _host_in(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
