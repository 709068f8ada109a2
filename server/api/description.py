"""The description of the interface (OpenAPI): what is made from the routes, completed."""

import json
import re
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from server.keys.store import Scope
from server.open_library.lines import MEDIA_TYPE as LINES
from server.open_library.lines import LibraryLine, RenderingLine
from server.problems import MEDIA_TYPE, Problem

_EXAMPLES = Path(__file__).parent / "examples.json"
_JSON = "application/json"
_ABOUT = """\
Ask a library of case studies from another program: search, read, count, follow what changes.

Addresses in answers are from the root of the host. Every answer has a weak `ETag`; sent back in
`If-None-Match` it saves the answer's body (304). Every answer, errors among it, names the request
in `X-Request-ID`; a well-formed id that a request brings is kept. HEAD is answered wherever GET is.
Errors are problem details (RFC 9457), one shape everywhere; `instance` is the id of the request.
What is unknown is `null`. Fields may be added at any time; none is renamed, and none is taken out
without notice in the headers `Deprecation` and `Sunset`.

A key from the hub lets a program ask more often, and send in practices. It is shown as
`Authorization: Bearer …` or as `X-API-Key: …`.
"""
_TAGS = {
    "search": "Questions, answered with passages.",
    "library": "What the library holds.",
    "contributions": "Practices from another platform, by its key.",
    "citation": "References for reference managers.",
    "operation": "For whoever runs the server.",
}
_SENTENCES = {
    400: "There was an error parsing the body",
    401: "There is no such key, or it was revoked. Ask the hub for a new one.",
    403: "This key is not for that: it has not the scope search.",
    404: "There is no such case study in the library.",
    409: "The hub does not wait for this answer. Read the contribution again.",
    413: "Request body is too large.",
    422: "limit: Input should be less than or equal to 100",
    429: "Too many requests; try again in a minute.",
    500: "Diwan could not answer because of a fault of its own.",
    503: "Diwan is starting; try again in a few seconds.",
    504: "The index did not answer in time.",
}
_OF_CONTRIBUTIONS = {
    400: "The header Idempotency-Key holds one string of 1 to 255 characters of ASCII.",
    401: "This needs a key. Ask the hub for one, and send it as `Authorization: Bearer …`.",
    403: "This key is not for that: it has not the scope contribute.",
    404: "There is no such contribution that came by this key; it may have been forgotten.",
    422: "practice.title: This is still empty",
}
_SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "diwan_…",
        "description": "A key from the hub.",
    },
    "apiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "The same key, for programs that cannot send the other header.",
    },
}
_HEADERS: dict[str, tuple[str, str]] = {
    "X-Request-ID": ("The id of the request.", "4e1243bd22c66e76c2ba9eddc1f91394"),
    "Location": ("Where it is told what becomes of it.", "/api/v1/contributions/q3nVd0X2l7c9pTgk"),
    "WWW-Authenticate": ("How a key is to be shown.", 'Bearer realm="Diwan"'),
    "Retry-After": ("Seconds to wait.", "60"),
    "ETag": ("Names this state of the answer.", 'W/"9f86d081884c7d659a2feaa0c55ad015"'),
}
_MORE_HEADERS = {
    HTTPStatus.UNAUTHORIZED: ["WWW-Authenticate"],
    HTTPStatus.FORBIDDEN: ["WWW-Authenticate"],
    HTTPStatus.TOO_MANY_REQUESTS: ["Retry-After"],
}
_MAY_COME_TOO_LATE = ("answerContribution", "withdrawContribution")
_METHODS = ("get", "post", "put", "patch", "delete")


@cache
def examples() -> dict[str, dict[str, Any]]:
    """An example for each operation by its id: its answer and, where it takes one, its body."""
    found: dict[str, dict[str, Any]] = json.loads(_EXAMPLES.read_text("utf-8"))
    return found


def describe(made: dict[str, Any]) -> dict[str, Any]:
    """Complete a description: errors in their one shape, examples, headers, tags.

    Args:
        made: As FastAPI makes it from the routes; it is changed.
    """
    schemas = made["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for model in (Problem, LibraryLine, RenderingLine):
        schemas |= _schemas(model)
    made["info"]["description"] = _ABOUT
    made["tags"] = [{"name": name, "description": text} for name, text in _TAGS.items()]
    made["servers"] = [{"url": "/", "description": "This site."}]
    made["components"]["headers"] = {
        name: {"description": text, "schema": {"type": "string"}, "example": example}
        for name, (text, example) in _HEADERS.items()
    }
    made["components"]["securitySchemes"] = _SCHEMES
    for path, method, operation in operations(made):
        _complete(path, method, operation)
    return made


def done(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What an operation answers where it does what it is asked, by status; the usual one first."""
    found = {status: said for status, said in operation["responses"].items() if status < "300"}
    return dict(sorted(found.items(), reverse=True))


def operations(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and description of each operation."""
    for path, item in description["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def _schemas(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs", {}), model.__name__: schema}


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    operation["description"] = re.sub(r"(?<!\n)\n(?!\n)", " ", operation.get("description", ""))
    operation["summary"] = operation["description"].split(". ")[0].split("\n")[0].rstrip(".")
    for parameter in operation.get("parameters", []):
        given = parameter["schema"].pop("examples", None)
        if given:
            parameter["example"] = given[0]
    keyed = _is_keyed(operation)
    if path.startswith("/api/"):
        scope = [Scope.CONTRIBUTE if keyed else Scope.SEARCH]
        operation["security"] = [*([] if keyed else [{}]), *({name: scope} for name in _SCHEMES)]
    example = examples().get(operation["operationId"], {})
    if "request" in example:
        operation["requestBody"]["content"][_JSON]["example"] = example["request"]
    named = ["X-Request-ID"]
    if path.startswith(("/api/", "/export/")) and method == "get":
        named.append("ETag")
        operation["responses"]["304"] = {
            "description": "What `If-None-Match` names is still what there is",
            "headers": _headers(named),
        }
    if operation["operationId"] == "sendContribution":
        named.append("Location")
    _say_what_is_done(operation, example, named)
    for code in _errors(path, operation):
        operation["responses"][str(int(code))] = _error(code, keyed=keyed)


def _say_what_is_done(
    operation: dict[str, Any], example: dict[str, Any], headers: list[str]
) -> None:
    first, *_ = said = done(operation)
    for status, response in said.items():
        response["description"] = "Done" if status == first else "Done before"
        response["headers"] = _headers(headers)
        content = response.get("content", {})
        if "response" in example and _JSON in content:
            content[_JSON]["example"] = example["response"]
        if "lines" in example:
            content[LINES]["example"] = _lines(example["lines"])


def _is_keyed(operation: dict[str, Any]) -> bool:
    """Whether it is for programs with a key alone."""
    return "contributions" in operation.get("tags", ())


def _lines(entries: list[Any]) -> str:
    return "".join(f"{json.dumps(entry, ensure_ascii=False)}\n" for entry in entries)


def _headers(names: list[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _errors(path: str, operation: dict[str, Any]) -> Iterator[int]:
    limited = path.startswith("/api/")
    asked = limited or path.startswith("/references/")
    exports, keyed = path.startswith("/export/"), _is_keyed(operation)
    if "requestBody" in operation:
        yield HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if "requestBody" in operation or exports:
        yield HTTPStatus.BAD_REQUEST
    if limited:
        yield HTTPStatus.UNAUTHORIZED
        yield HTTPStatus.FORBIDDEN
        yield HTTPStatus.TOO_MANY_REQUESTS
    if "{" in path or operation["operationId"] == "ask":
        yield HTTPStatus.NOT_FOUND
    if operation["operationId"] in _MAY_COME_TOO_LATE:
        yield HTTPStatus.CONFLICT
    if asked:
        yield HTTPStatus.UNPROCESSABLE_ENTITY
    yield HTTPStatus.INTERNAL_SERVER_ERROR
    if asked or exports or path == "/readyz":
        yield HTTPStatus.SERVICE_UNAVAILABLE
    if asked and not keyed:
        yield HTTPStatus.GATEWAY_TIMEOUT


def _error(status: int, *, keyed: bool) -> dict[str, Any]:
    phrase = HTTPStatus(status).phrase
    sentence = _OF_CONTRIBUTIONS.get(status) if keyed else None
    example: dict[str, Any] = {
        "type": "about:blank",
        "title": phrase,
        "status": int(status),
        "detail": sentence or _SENTENCES[status],
        "instance": _HEADERS["X-Request-ID"][1],
    }
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        name, _, detail = example["detail"].partition(": ")
        example["errors"] = [{"name": name, "detail": detail}]
    more = _MORE_HEADERS.get(HTTPStatus(status), [])
    return {
        "description": phrase,
        "headers": _headers(["X-Request-ID", *more]),
        "content": {
            MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
        },
    }
