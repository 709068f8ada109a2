"""A site below a path of another: `diwan serve --root-path /diwan`, behind a proxy that strips it.

Nothing inside knows of the path: it is taken off requests, and put before the addresses from the
site's root that pages, redirects and cookies hold. What JSON holds is made with `site_root`.
"""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ROOT = "app_root_path"  # Starlette's name for it, by which it makes `request.base_url`
# In a text, and in the value of an attribute, a quotation mark is escaped.
_ADDRESS = re.compile(rb'(\s(?:href|src|action|formaction|hx-get|hx-post|data-events)=")/(?!/)')
_COOKIE_PATH = re.compile(r"(;\s*path=)/", re.IGNORECASE)
_BOUND_TO_THE_HOST = "__Host-"  # such a cookie has the path / or is refused; RFC 6265bis, 4.1.3


def site_root(connection: HTTPConnection) -> str:
    """What stands before every address from the site's root; empty where it has a host alone."""
    root: str = connection.scope.get(_ROOT, "")
    return root


class Unprefixed:
    """Takes the path that the server was told of (`root_path`) off each request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as if the site were alone at its host."""
        root = scope.get("root_path", "").rstrip("/")
        if scope["type"] not in ("http", "websocket") or not root:
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        if path == root or path.startswith(f"{root}/"):
            path = path[len(root) :] or "/"
        inside = {**scope, "path": path, "raw_path": path.encode(), "root_path": "", _ROOT: root}
        await self._app(inside, receive, send)


class Prefixed:
    """Puts the path before addresses in pages, redirects and cookies."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and rewrite what comes back."""
        root = scope.get(_ROOT, "")
        if scope["type"] != "http" or not root:
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _rewriting(root, _own_sites(scope), send))


def _own_sites(scope: Scope) -> tuple[str, ...]:
    host = Headers(scope=scope).get("Host", "")
    return tuple(f"{scheme}://{host}/" for scheme in ("http", "https")) if host else ()


def _rewriting(root: str, sites: tuple[str, ...], send: Send) -> Send:
    start: Message | None = None
    body = bytearray()

    async def rewrite(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            _rewrite_headers(headers, root, sites)
            if headers.get("Content-Type", "").startswith("text/html"):
                start = message
                return
        elif message["type"] == "http.response.body" and start is not None:
            body.extend(message.get("body", b""))
            if message.get("more_body", False):
                return
            content = _ADDRESS.sub(rb"\g<1>" + root.encode() + b"/", bytes(body))
            MutableHeaders(scope=start)["Content-Length"] = str(len(content))
            await send(start)
            message = {"type": "http.response.body", "body": content}
        await send(message)

    return rewrite


def _rewrite_headers(headers: MutableHeaders, root: str, sites: tuple[str, ...]) -> None:
    for name in ("Location", "HX-Redirect"):
        address = headers.get(name, "")
        if address.startswith("/") and not address.startswith("//"):
            headers[name] = root + address
        for site in sites:
            if address.startswith(site) and not address.startswith(f"{site[:-1]}{root}/"):
                headers[name] = f"{site[:-1]}{root}/{address[len(site) :]}"
    cookies = headers.getlist("Set-Cookie")
    if cookies:
        del headers["Set-Cookie"]
    for cookie in cookies:
        bound = cookie.startswith(_BOUND_TO_THE_HOST)
        headers.append(
            "Set-Cookie", cookie if bound else _COOKIE_PATH.sub(rf"\g<1>{root}/", cookie)
        )
