"""The application, with what every request passes through whatever answers it, faults included."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

from server.api.description import describe
from server.cross_origin import CrossOrigin
from server.head import HeadAnswered
from server.headers import SecurityHeaders
from server.prefix import Prefixed, Unprefixed
from server.request_id import RequestIds

_WORTH_PACKING, _PACKED = 1_000, 4  # bytes; a level that costs less than it saves on a bad line


class Application(FastAPI):
    """FastAPI with a description of our own, and a stack whose outermost layers see faults too.

    Args:
        origins: Of other sites whose pages may ask the interface.
        settings: As FastAPI has them.
    """

    def __init__(self, origins: Sequence[str], **settings: Any) -> None:  # noqa: ANN401
        super().__init__(**settings)
        self._origins = origins

    def openapi(self) -> dict[str, Any]:
        """The description of the HTTP interface, OpenAPI 3.1; made once."""
        if self.openapi_schema is None:
            self.openapi_schema = describe(super().openapi())
        return self.openapi_schema

    def build_middleware_stack(self) -> ASGIApp:
        """Put the layers on, the innermost first."""
        stack: ASGIApp = Prefixed(super().build_middleware_stack())
        stack = SecurityHeaders(stack)
        stack = GZipMiddleware(stack, minimum_size=_WORTH_PACKING, compresslevel=_PACKED)
        stack = HeadAnswered(stack)
        stack = CrossOrigin(stack, self._origins)
        return RequestIds(Unprefixed(stack))
