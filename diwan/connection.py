"""Requests to a hub: sent, waited for, remembered; what is no answer is raised."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2

from diwan.errors import (
    AnswerError,
    ClientError,
    RateLimitedError,
    RefusedParameter,
    UnavailableError,
)

Asked = Mapping[str, str | int | bool | None]
"""Parameters by name; None is left out."""

_REMEMBERED = 100  # answers
_LEAST_WAIT = 1.0  # seconds; so that waiting comes to an end
_ANSWERED = (
    HTTPStatus.OK,
    HTTPStatus.CREATED,
    HTTPStatus.NO_CONTENT,
    HTTPStatus.NOT_MODIFIED,
)
_KINDS: dict[int, type[ClientError]] = {
    HTTPStatus.TOO_MANY_REQUESTS: RateLimitedError,
    HTTPStatus.BAD_GATEWAY: UnavailableError,
    HTTPStatus.SERVICE_UNAVAILABLE: UnavailableError,
    HTTPStatus.GATEWAY_TIMEOUT: UnavailableError,
}


@dataclass(slots=True)
class _Patience:
    """How many seconds one call may still wait."""

    left: float

    def lasts(self, wait: float) -> bool:
        """Whether there is as much; it is taken then."""
        if wait > self.left:
            return False
        self.left -= wait
        return True


class Connection:
    """Asks one hub; several threads may use one.

    Args:
        http: Sends requests.
        patience: How many seconds a request that may be repeated may wait in all: where the hub
            says when to come back and, for what is sent, where the connection was lost.
        sleep: Waits so many seconds.
    """

    def __init__(
        self, http: httpx2.Client, patience: float, sleep: Callable[[float], None]
    ) -> None:
        self._http = http
        self._patience = patience
        self._sleep = sleep
        self._held: dict[str, tuple[str, bytes]] = {}
        self._holding = threading.Lock()

    def close(self) -> None:
        """Let go of what is open."""
        self._http.close()

    def link(self, address: str) -> str:
        """An address from the root of the host as a whole one."""
        return str(self._http.base_url.join(address))

    def get(self, path: str, asked: Asked) -> bytes:
        """Ask; what the hub says is unchanged comes from memory.

        Raises:
            ClientError: There is no answer.
        """
        request = self._http.build_request("GET", path, params=_said(asked))
        address = str(request.url)
        with self._holding:
            held = self._held.get(address)
        if held:
            request.headers["If-None-Match"] = held[0]
        with self._answer(request, _Patience(self._patience)) as response:
            if held and response.status_code == HTTPStatus.NOT_MODIFIED:
                return held[1]
            body = response.read()
            self._hold(address, response.headers.get("ETag"), body)
            return body

    def post(self, path: str, body: Mapping[str, Any]) -> bytes:
        """Send JSON, once: what was sent twice could be done twice.

        Raises:
            ClientError: There is no answer.
        """
        request = self._http.build_request("POST", path, json=dict(body))
        with self._answer(request, _Patience(0)) as response:
            return response.read()

    def repeat(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Send what is done once however often it comes: again, if the answer was lost.

        Raises:
            ClientError: There is no answer.
        """
        sent = None if body is None else dict(body)
        request = self._http.build_request(method, path, json=sent, headers=headers)
        patience, wait = _Patience(self._patience), _LEAST_WAIT
        while True:
            try:
                with self._answer(request, patience) as response:
                    return response.read()
            except UnavailableError as error:
                if error.status is not None or not patience.lasts(wait):
                    raise
            self._sleep(wait)
            wait *= 2

    def lines(self, path: str) -> Iterator[str]:
        """Ask for something long, and give it line by line.

        Raises:
            ClientError: There is no answer, or it broke off.
        """
        request = self._http.build_request("GET", path)
        with self._answer(request, _Patience(self._patience)) as response:
            yield from response.iter_lines()

    def _hold(self, address: str, tag: str | None, body: bytes) -> None:
        with self._holding:
            self._held.pop(address, None)
            if tag:
                self._held[address] = tag, body
            if len(self._held) > _REMEMBERED:
                self._held.pop(next(iter(self._held)))

    @contextmanager
    def _answer(self, request: httpx2.Request, patience: _Patience) -> Iterator[httpx2.Response]:
        """Send until there is an answer, or until waiting would take too long."""
        try:
            response = self._http.send(request, stream=True)
            while (problem := _problem(response)) is not None:
                wait = problem.retry_after
                if wait is None or not patience.lasts(wait := max(wait, _LEAST_WAIT)):
                    raise problem
                self._sleep(wait)
                response = self._http.send(request, stream=True)
            try:
                yield response
            finally:
                response.close()
        except httpx2.TimeoutException as error:
            raise UnavailableError("No answer in time", detail=str(request.url)) from error
        except httpx2.TransportError as error:
            raise UnavailableError("Cannot be reached", detail=f"{request.url}: {error}") from error
        except httpx2.DecodingError as error:
            raise AnswerError("Damaged on the way", detail=str(error)) from error


def parameters_of(address: str) -> dict[str, str]:
    """What the address of a next page asks.

    Only that: the page is asked for where the one before was, so that the key goes nowhere else.
    """
    return dict(parse_qsl(urlsplit(address).query))


def _said(asked: Asked) -> dict[str, str | int | bool]:
    return {name: value for name, value in asked.items() if value is not None}


def _problem(response: httpx2.Response) -> ClientError | None:
    """What keeps a response from being an answer; it is read and closed then."""
    status = response.status_code
    if status in _ANSWERED:
        return None
    try:
        body = _object(response.read())
    finally:
        response.close()
    detail = _text(body, "detail")
    if response.has_redirect_location:
        detail = f"The hub is at another address: {response.headers['Location']}"
    return _KINDS.get(status, ClientError)(
        _text(body, "title") or response.reason_phrase,
        status=status,
        detail=detail,
        errors=_refused(body.get("errors")),
        instance=_text(body, "instance") or response.headers.get("X-Request-ID"),
        retry_after=_seconds(response.headers.get("Retry-After")),
    )


def _object(body: bytes) -> dict[str, Any]:
    """Problem details; empty where something else than a hub wrote the body."""
    try:
        given = json.loads(body)
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


def _text(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    return value if isinstance(value, str) else None


def _refused(given: object) -> tuple[RefusedParameter, ...]:
    those = given if isinstance(given, list) else []
    return tuple(
        RefusedParameter(str(each.get("name")), str(each.get("detail")))
        for each in those
        if isinstance(each, dict)
    )


def _seconds(said: str | None) -> float | None:
    """How long to wait; source: RFC 9110, 10.2.3 (seconds, or a date, as proxies say it)."""
    if said is None:
        return None
    if said.isdecimal():
        return float(said)
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
