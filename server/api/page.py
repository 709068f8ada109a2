"""The description of the interface: as JSON for programs, as a page for people."""

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from server.api.description import done, operations
from server.pages import CurrentVisit, PageRoute, page
from server.prefix import site_root

_SHOWN_KEY = "Authorization: Bearer diwan_…"

router = APIRouter(route_class=PageRoute)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter, as the page names it.

    Attributes:
        name: Its name.
        kind: What it is: a type, with its bounds or its values.
        required: Whether it has to be there.
        text: What it says.
        example: A value; None where there is none.
    """

    name: str
    kind: str
    required: bool
    text: str
    example: str | None


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation, as the page shows it.

    Attributes:
        id: Its name in the description.
        method: In capitals.
        path: With parameters in braces.
        paragraphs: What it does.
        parameters: Those of the path and the query, and the fields of the body.
        curl: A command that runs it.
        answer: An example of what it gives, as JSON; None where that is no JSON.
        problems: Status and name of each error that it can give.
    """

    id: str
    method: str
    path: str
    paragraphs: list[str]
    parameters: list[Parameter]
    curl: str
    answer: str | None
    problems: list[tuple[str, str]]


@router.get("/openapi.json")
def openapi(request: Request) -> Response:
    """The description of the interface for programs; its server is this site."""
    servers = [{"url": site_root(request) or "/", "description": "This site."}]
    return JSONResponse(
        {**request.app.openapi(), "servers": servers}, headers={"Cache-Control": "no-cache"}
    )


@router.get("/api")
def show(request: Request, visit: CurrentVisit) -> Response:
    """The description of the interface for people."""
    description = request.app.openapi()
    site = str(request.base_url).rstrip("/")
    shown = list(_shown(description, site))
    return page("pages/api.html", visit, tags=description["tags"], operations=shown, site=site)


def _shown(description: dict[str, Any], site: str) -> Iterator[tuple[str, Operation]]:
    """Each operation with its tag."""
    schemas = description["components"]["schemas"]
    for path, method, operation in operations(description):
        parameters = [_parameter(each, schemas) for each in operation.get("parameters", [])]
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body:
            parameters += _fields(body["schema"], schemas)
        said = next(iter(done(operation).values()))
        answer = said.get("content", {}).get("application/json", {}).get("example")
        shown = Operation(
            id=operation["operationId"],
            method=method.upper(),
            path=path,
            paragraphs=operation["description"].split("\n\n"),
            parameters=parameters,
            curl=curl(site, path, method, operation),
            answer=None if answer is None else _written(answer),
            problems=[
                (status, response["description"])
                for status, response in operation["responses"].items()
                if status >= "400"
            ],
        )
        yield operation["tags"][0], shown


def curl(site: str, path: str, method: str, operation: dict[str, Any]) -> str:
    """A command that runs an operation by its examples.

    Args:
        site: Address of the site.
        path: Of the operation.
        method: In small letters.
        operation: Its description.
    """
    asked: dict[str, Any] = {}
    headers = [_SHOWN_KEY] if operation.get("security", [{}])[0] else []
    for parameter in operation.get("parameters", []):
        example = parameter.get("example")
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", quote(str(example), safe=""))
        elif parameter["in"] == "header":
            headers.append(f"{parameter['name']}: {example}")
        elif parameter["required"]:
            asked[parameter["name"]] = example
    address = f"{site}{path}?{urlencode(asked, doseq=True)}" if asked else f"{site}{path}"
    parts = ["curl", shlex.quote(address)]
    if method == "delete":
        parts += ["-X", "DELETE"]
    for header in headers:
        parts += ["-H", shlex.quote(header)]
    if "requestBody" in operation:
        body = operation["requestBody"]["content"]["application/json"]["example"]
        parts += ["--json", shlex.quote(json.dumps(body, ensure_ascii=False))]
    return " ".join(parts)


def _written(answer: object) -> str:
    return json.dumps(answer, ensure_ascii=False, indent=2)


def _parameter(given: dict[str, Any], schemas: dict[str, Any]) -> Parameter:
    example = given.get("example")
    return Parameter(
        given["name"],
        _kind(given["schema"], schemas),
        given["required"],
        given.get("description", ""),
        None if example is None else _short(example),
    )


def _fields(
    schema: dict[str, Any], schemas: dict[str, Any], before: str = ""
) -> Iterator[Parameter]:
    """The fields of a body, those of fields among it, as `practice.sources[].title`."""
    known = _resolved(schema, schemas)
    for name, field in known["properties"].items():
        place, held = f"{before}{name}", _resolved(field, schemas)
        if "properties" in held:
            yield from _fields(held, schemas, f"{place}.")
        elif "$ref" in held.get("items", {}) and "properties" in _resolved(held["items"], schemas):
            yield from _fields(held["items"], schemas, f"{place}[].")
        else:
            required = name in known.get("required", ())
            kind = _kind(field, schemas)
            yield Parameter(place, kind, required, field.get("description", ""), None)


def _short(example: object) -> str:
    return example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)


def _resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = schemas[name] if name else schema
    return found


def _kind(schema: dict[str, Any], schemas: dict[str, Any]) -> str:
    """A type in words of JSON Schema: `integer, 1 to 50`, `trust | capacity`."""
    schema = _resolved(schema, schemas)
    choices = [each for each in schema.get("anyOf", []) if each.get("type") != "null"]
    if choices:
        return _kind(choices[0], schemas)
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "minimum" in schema and "maximum" in schema:
        return f"{schema['type']}, {schema['minimum']} to {schema['maximum']}"
    return str(schema.get("type", ""))
