"""Lets a request to the HTTP interface in, or says why not: its key, and how often it comes."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.keys.address import whose
from server.keys.counter import WINDOW, Counter, Share
from server.keys.store import PREFIX, Key
from server.problems import problem
from server.store import Store
from server.store_database import StoreError
from server.store_staff import token_hash

CHALLENGE = 'Bearer realm="Diwan"'
"""How a program is to show its key; RFC 6750, section 3."""

LIMITED = ("/api/v1/", "/mcp")
"""How the paths begin that are limited."""

_LASTS = 0.5  # seconds; that long after it is revoked, a key may still be taken for good
_MOST_KNOWN = 1000
_LONGEST = 200  # characters


@dataclass(slots=True)
class KeyRing:
    """Knows keys for half a second, so that the database is not asked at every request.

    Attributes:
        open_store: Opens what keeps the keys.
        clock: Seconds, never going back.
    """

    open_store: Callable[[], Store]
    clock: Callable[[], float] = time.monotonic
    _known: dict[bytes, tuple[float, Key | None]] = field(default_factory=dict)

    async def find(self, shown: str) -> Key | None:
        """What a key is good for; None where it is none, or was revoked.

        Raises:
            StoreError: It cannot be told.
        """
        if not shown.startswith(PREFIX) or len(shown) > _LONGEST:
            return None
        digest, now = token_hash(shown), self.clock()
        known = self._known.get(digest)
        if known and now < known[0]:
            return known[1]
        key = await run_in_threadpool(self._look_up, digest)
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[digest] = now + _LASTS, key
        return key

    def _look_up(self, digest: bytes) -> Key | None:
        return self.open_store().use_key(digest, datetime.now(UTC).date())


class Admission:
    """Refuses wrong keys and whoever asks too often, and says on every answer what is left.

    Args:
        app: What answers.
        ring: Knows the keys.
        counter: Counts.
        limit: How many requests a minute are answered for one address without a key; 0 is no
            limit.
    """

    def __init__(self, app: ASGIApp, ring: KeyRing, counter: Counter, limit: int) -> None:
        self._app = app
        self._ring = ring
        self._counter = counter
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        # A browser asks with OPTIONS whether a page may ask at all, and shows no key.
        if (
            scope["type"] != "http"
            or not scope["path"].startswith(LIMITED)
            or scope["method"] == "OPTIONS"
        ):
            await self._app(scope, receive, send)
            return
        shown = _shown(Headers(scope=scope))
        try:
            key = None if shown is None else await self._ring.find(shown)
        except StoreError:
            sentence = "Diwan cannot tell just now which keys there are."
            await problem(HTTPStatus.SERVICE_UNAVAILABLE, sentence)(scope, receive, send)
            return
        policy, share, limit = self._counted(scope, shown, key)
        said = _said(policy, limit, share) if share else {}
        if share and not share.allowed:
            await _too_often(share, limit, said)(scope, receive, send)
        elif shown is not None and key is None:
            await _wrong(said)(scope, receive, send)
        else:
            scope.setdefault("state", {})["key"] = key
            await self._app(scope, receive, _with(said, send) if said else send)

    def _counted(
        self, scope: Scope, shown: str | None, key: Key | None
    ) -> tuple[str, Share | None, int]:
        """Count a request by its key, or by its address: where a key is wrong, too."""
        if key and shown:
            limit, policy, who = key.limit, "key", f"key {shown}"
        else:
            client = scope.get("client")
            address = whose(client[0]) if client else "unknown"
            limit, policy, who = self._limit, "address", f"address {address}"
        return policy, self._counter.take(who, limit) if limit else None, limit


def limit_requests(
    app: FastAPI, counter: Counter, limit: int, open_store: Callable[[], Store]
) -> None:
    """Have every request to the HTTP interface pass by here.

    Args:
        app: The application.
        counter: Counts.
        limit: How many requests a minute are answered for one address without a key; 0 is no
            limit.
        open_store: Opens what keeps the keys.
    """
    app.add_middleware(Admission, ring=KeyRing(open_store), counter=counter, limit=limit)


@asynccontextmanager
async def counting(counter: Counter, *, at_once: bool) -> AsyncIterator[None]:
    """Forget every minute who asked, and everybody in the end.

    Args:
        counter: Counts.
        at_once: Whether to begin before somebody asks whose requests are counted.
    """
    if at_once:
        counter.start()
    sweeping = asyncio.create_task(_sweep_again_and_again(counter))
    try:
        yield
    finally:
        sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await sweeping
        counter.stop()


async def _sweep_again_and_again(counter: Counter) -> None:
    while True:
        await asyncio.sleep(WINDOW)
        await asyncio.to_thread(counter.sweep)


def _shown(headers: Headers) -> str | None:
    """The key that a request shows, if any; a proxy's own passwords are none."""
    scheme, _, credentials = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    return headers.get("X-API-Key")


def _said(policy: str, limit: int, share: Share) -> dict[str, str]:
    """What a response says of a limit.

    Source: draft-ietf-httpapi-ratelimit-headers-10.
    """
    return {
        "RateLimit-Policy": f'"{policy}";q={limit};w={WINDOW}',
        "RateLimit": f'"{policy}";r={share.left};t={share.wait}',
    }


def _too_often(share: Share, limit: int, said: dict[str, str]) -> Response:
    sentence = (
        f"More than {limit} requests in {WINDOW} seconds. Ask again in {share.wait} seconds, or ask"
        " the hub for a key with a higher limit."
    )
    headers = {"Retry-After": str(share.wait), **said}
    return problem(HTTPStatus.TOO_MANY_REQUESTS, sentence, headers=headers)


def _wrong(said: dict[str, str]) -> Response:
    sentence = "There is no such key, or it was revoked. Ask the hub for a new one."
    challenge = f'{CHALLENGE}, error="invalid_token"'
    headers = {"WWW-Authenticate": challenge, **said}
    return problem(HTTPStatus.UNAUTHORIZED, sentence, headers=headers)


def _with(said: dict[str, str], send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(said)
        await send(message)

    return send_with_headers
