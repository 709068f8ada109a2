"""Errors as problem details, one shape everywhere (RFC 9457)."""

import logging
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from corpus.removed import RemovedError
from index.encoder import EncoderError
from index.manifest import GenerationError
from index.question import QuestionError
from server.contributions.store import ChangedContributionError
from server.holder import NotReadyError
from server.peers.store import UnknownIntroductionError
from server.request_id import request_id
from server.store_briefings import FullBriefingError, UnknownBriefingError
from server.store_conversations import FullConversationError, UnknownConversationError
from server.store_database import RefusedError, StoreError
from server.store_inbox import UnknownReportError

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = "3"

_LOG = logging.getLogger("diwan")
_UNKNOWN = (
    UnknownConversationError,
    UnknownBriefingError,
    UnknownReportError,
    UnknownIntroductionError,
)


class ParameterError(ValueError):
    """A parameter that is refused for more than its form.

    Attributes:
        name: Of the parameter.
    """

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name


class InvalidParameter(BaseModel):
    """A parameter that was refused, and why."""

    name: str
    detail: str


class Problem(BaseModel):
    """Problem details for HTTP APIs, RFC 9457; `instance` is the id of the request."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None
    instance: str | None = None
    errors: list[InvalidParameter] | None = None


def problem(
    status: int,
    detail: str | None = None,
    errors: list[InvalidParameter] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """Make the response for an error."""
    body = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=request_id(),
        errors=errors,
    )
    return JSONResponse(
        body.model_dump(exclude_none=True),
        status,
        headers={"Cache-Control": "no-store", **(headers or {})},
        media_type=MEDIA_TYPE,
    )


Explain = Callable[[Request, int, Mapping[str, str]], Response | None]
"""Gives the page for an error where a reader asked, None where a program did.

It is given the request, the status and the headers of the response.
"""


def install(app: FastAPI, explain: Explain) -> None:
    """Answer every error of the application with problem details, or with a page for readers."""

    async def http(request: Request, error: Exception) -> Response:
        status = getattr(error, "status_code", HTTPStatus.INTERNAL_SERVER_ERROR)
        detail = getattr(error, "detail", None)
        headers = getattr(error, "headers", None) or {}
        phrase = HTTPStatus(status).phrase
        return explain(request, status, headers) or problem(
            status, None if detail == phrase else detail, headers=headers
        )

    async def removed(request: Request, error: Exception) -> Response:
        _LOG.error("No question can be answered: %s", error)
        sentence = "Diwan cannot tell just now which documents were removed, so it shows none."
        status = HTTPStatus.SERVICE_UNAVAILABLE
        return explain(request, status, {}) or problem(status, sentence)

    async def cut_off(request: Request, error: Exception) -> Response:
        _LOG.error("What answers could not be reached (%s): %s", request_id(), error)
        late = isinstance(error, TimeoutError)
        status = HTTPStatus.GATEWAY_TIMEOUT if late else HTTPStatus.SERVICE_UNAVAILABLE
        sentence = "The index did not answer in time." if late else "The index cannot be reached."
        again = {"Retry-After": RETRY_SECONDS}
        return explain(request, status, again) or problem(status, sentence, headers=again)

    async def not_kept(request: Request, error: Exception) -> Response:
        status, sentence = _of_the_store(error)
        return explain(request, status, {}) or problem(status, sentence)

    async def unexpected(request: Request, error: Exception) -> Response:
        _LOG.error("A request failed (%s)", request_id(), exc_info=error)
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        sentence = "Diwan could not answer because of a fault of its own."
        return explain(request, status, {}) or problem(status, sentence)

    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(QuestionError, _refused)
    app.add_exception_handler(ParameterError, _refused)
    app.add_exception_handler(NotReadyError, _not_ready)
    app.add_exception_handler(RemovedError, removed)
    app.add_exception_handler(TimeoutError, cut_off)
    app.add_exception_handler(ConnectionError, cut_off)
    app.add_exception_handler(GenerationError, cut_off)
    app.add_exception_handler(EncoderError, cut_off)
    app.add_exception_handler(StoreError, not_kept)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, unexpected)


def _of_the_store(error: Exception) -> tuple[HTTPStatus, str]:
    if isinstance(error, _UNKNOWN):
        return HTTPStatus.NOT_FOUND, str(error)
    if isinstance(error, RefusedError | FullConversationError | FullBriefingError):
        return HTTPStatus.UNPROCESSABLE_ENTITY, str(error)
    if isinstance(error, ChangedContributionError):
        return HTTPStatus.CONFLICT, str(error)
    _LOG.error("Nothing can be kept: %s", error)
    return HTTPStatus.SERVICE_UNAVAILABLE, "Diwan cannot keep anything just now."


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    details: list[dict[str, Any]] = list(getattr(error, "errors", list)())
    errors = [
        InvalidParameter(name=_place(detail["loc"]), detail=str(detail["msg"]))
        for detail in details
    ]
    sentence = "; ".join(f"{item.name}: {item.detail}" for item in errors)
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, sentence, errors)


def _place(parts: Sequence[str | int]) -> str:
    """A parameter's name, or where a field is in the body, as `practice.sources.0.url`."""
    return ".".join(map(str, parts[1:] or parts))


async def _refused(request: Request, error: Exception) -> JSONResponse:
    asked = "q" if request.method == "GET" else "question"
    name = error.name if isinstance(error, ParameterError) else asked
    errors = [InvalidParameter(name=name, detail=str(error))]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), errors)


async def _not_ready(_request: Request, error: Exception) -> JSONResponse:
    headers = {"Retry-After": RETRY_SECONDS}
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error), headers=headers)
