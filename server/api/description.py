"""The description of the interface (OpenAPI): what is made from the routes, completed."""

import json
import re
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pydantic import BaseModel

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
"""
_TAGS = {
    "search": "Questions, answered with passages.",
    "library": "What the library holds.",
    "citation": "References for reference managers.",
    "operation": "For whoever runs the server.",
}
_SENTENCES = {
    400: "There was an error parsing the body",
    404: "There is no such case study in the library.",
    413: "Request body is too large.",
    422: "limit: Input should be less than or equal to 100",
    429: "Too many requests; try again in a minute.",
    500: "Diwan could not answer because of a fault of its own.",
    503: "Diwan is starting; try again in a few seconds.",
    504: "The index did not answer in time.",
}
_HEADERS: dict[str, tuple[str, str]] = {
    "X-Request-ID": ("The id of the request.", "4e1243bd22c66e76c2ba9eddc1f91394"),
    "ETag": ("Names this state of the answer.", 'W/"9f86d081884c7d659a2feaa0c55ad015"'),
}
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
    schemas |= _schemas(Problem)
    made["info"]["description"] = _ABOUT
    made["tags"] = [{"name": name, "description": text} for name, text in _TAGS.items()]
    made["servers"] = [{"url": "/", "description": "This site."}]
    made["components"]["headers"] = {
        name: {"description": text, "schema": {"type": "string"}, "example": example}
        for name, (text, example) in _HEADERS.items()
    }
    for path, method, operation in operations(made):
        _complete(path, method, operation)
    return made


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
    example = examples().get(operation["operationId"], {})
    if "request" in example:
        operation["requestBody"]["content"][_JSON]["example"] = example["request"]
    done = operation["responses"]["200"]
    done["description"] = "Done"
    if "response" in example and _JSON in done["content"]:
        done["content"][_JSON]["example"] = example["response"]
    named = ["X-Request-ID"]
    if path.startswith("/api/") and method == "get":
        named.append("ETag")
        operation["responses"]["304"] = {
            "description": "What `If-None-Match` names is still what there is",
            "headers": _headers(named),
        }
    done["headers"] = _headers(named)
    for status in _errors(path, operation):
        operation["responses"][str(status)] = _error(status)


def _headers(names: list[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _errors(path: str, operation: dict[str, Any]) -> Iterator[int]:
    asked = path.startswith(("/api/", "/references/"))
    if "{" in path or operation["operationId"] == "ask":
        yield HTTPStatus.NOT_FOUND
    if "requestBody" in operation:
        yield HTTPStatus.BAD_REQUEST
        yield HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if asked:
        yield HTTPStatus.UNPROCESSABLE_ENTITY
        yield HTTPStatus.TOO_MANY_REQUESTS
    yield HTTPStatus.INTERNAL_SERVER_ERROR
    if asked or path == "/readyz":
        yield HTTPStatus.SERVICE_UNAVAILABLE
    if asked:
        yield HTTPStatus.GATEWAY_TIMEOUT


def _error(status: int) -> dict[str, Any]:
    phrase = HTTPStatus(status).phrase
    example: dict[str, Any] = {
        "type": "about:blank",
        "title": phrase,
        "status": int(status),
        "detail": _SENTENCES[status],
        "instance": _HEADERS["X-Request-ID"][1],
    }
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        name, _, detail = _SENTENCES[status].partition(": ")
        example["errors"] = [{"name": name, "detail": detail}]
    return {
        "description": phrase,
        "headers": _headers(["X-Request-ID"]),
        "content": {
            MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
        },
    }
