"""docs/api.md and the OpenAPI document tell what the interface does: each example is run."""

import json
import re
import secrets
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import pytest
from api_library import Shelf, client_of, same_shape
from conftest import ROOT
from fastapi.testclient import TestClient

from server.api.description import done, operations
from server.api.idempotency import NAME
from server.keys.store import Scope
from server.open_library.lines import LibraryLine, RenderingLine
from server.service import Service
from server.store import Store
from server.store_records import TERMINAL, By

DOCUMENT = (ROOT / "docs" / "api.md").read_text("utf-8")
CONTRIBUTION = "q3nVd0X2l7c9pTgk5yRz1w"
BY = By(TERMINAL, datetime(2026, 3, 5, tzinfo=UTC))
_FENCED = re.compile(r"```sh\n(curl .*?)\n```\n(?:```json\n(.*?)\n```)?", re.DOTALL)


@dataclass(frozen=True)
class Example:
    """A call of the document, and the answer that stands below it."""

    method: str
    address: str
    headers: dict[str, str]
    body: Any
    answer: Any


def _examples() -> Iterator[Example]:
    for command, answer in _FENCED.findall(DOCUMENT):
        _curl, url, *options = shlex.split(command)
        parts = urlsplit(url)
        address = f"{parts.path}?{parts.query}" if parts.query else parts.path
        given = list(zip(options[::2], options[1::2], strict=True))
        told = dict(given)
        body = json.loads(told["--json"]) if "--json" in told else None
        yield Example(
            told.get("-X", "POST" if body else "GET"),
            address,
            dict(said.split(": ", 1) for option, said in given if option == "-H"),
            body,
            json.loads(answer) if answer else None,
        )


EXAMPLES = list(_examples())


@pytest.fixture(scope="module")
def client(
    bundled_service: Service, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    with client_of(Shelf(bundled_service), tmp_path_factory.mktemp("left")) as client:
        yield client


@pytest.fixture(scope="module")
def key(client: TestClient) -> str:
    """What stands for the key in the document."""
    store: Store = client.app.state.open_store()  # type: ignore[attr-defined]
    return store.create_key("Platform", [Scope.CONTRIBUTE], 0, BY)


def asked_back(client: TestClient, key: str) -> str:
    """Id of a practice that was sent in, about which the hub has asked."""
    sending = next(example for example in EXAMPLES if NAME in example.headers)
    headers = {"X-API-Key": key, NAME: secrets.token_hex()}
    own_id = str(client.post(sending.address, json=sending.body, headers=headers).json()["id"])
    store: Store = client.app.state.open_store()  # type: ignore[attr-defined]
    turn = store.contribution_at_desk(own_id).turn
    store.ask_contributor(own_id, turn, "Who taught there?", None, BY)
    return own_id


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda example: f"{example.method} {example.address}"
)
def test_each_example_gives_what_is_documented(
    client: TestClient, key: str, example: Example
) -> None:
    address, headers = example.address, dict(example.headers)
    if headers:
        assert headers["Authorization"] == "Bearer diwan_…"
        headers["Authorization"] = f"Bearer {key}"
        address = address.replace(CONTRIBUTION, asked_back(client, key))
    response = client.request(example.method, address, json=example.body, headers=headers)
    wanted = example.answer["status"] if "limit=1000" in address else 200
    wanted = 201 if NAME in headers else 204 if example.method == "DELETE" else wanted
    assert response.status_code == wanted
    if example.answer is not None:
        assert same_shape(example.answer, response.json()) == []


def test_the_comparison_sees_a_field_that_is_lost_renamed_or_of_another_type() -> None:
    documented = {"cases": [{"id": "a", "year": 2024}]}
    assert same_shape(documented, {"cases": [{"id": "b", "year": 1.5}]}) == []
    for given in (
        {"cases": [{"id": "a"}]},
        {"cases": [{"id": "a", "when": 2024}]},
        {"cases": [{"id": "a", "year": 1}, {"id": 2, "year": 3}]},
        {"items": []},
    ):
        assert same_shape(documented, given)


def test_every_operation_and_each_of_its_parameters_is_documented(client: TestClient) -> None:
    sections = {part.split("`")[1]: part for part in DOCUMENT.split("\n## ") if part[0] == "`"}
    for path, method, operation in operations(client.get("/openapi.json").json()):
        section = sections.pop(f"{method.upper()} {path}")
        for parameter in operation.get("parameters", []):
            if parameter["name"] != "form":
                assert f"| `{parameter['name']}` |" in section, (path, parameter["name"])
    assert not sections, "documented, but not there"


def test_every_operation_has_an_example_that_its_own_schema_admits(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    seen = set()
    for path, _method, operation in operations(document):
        assert re.fullmatch(r"[a-z]+[A-Za-z]*", operation["operationId"])
        assert operation["operationId"] not in seen
        seen.add(operation["operationId"])
        assert operation["summary"]
        assert operation["tags"][0] in {tag["name"] for tag in document["tags"]}
        contents = [response.get("content", {}) for response in operation["responses"].values()]
        contents.append(operation.get("requestBody", {}).get("content", {}))
        for content in contents:
            for kind, media in content.items():
                if "json" in kind and "csl" not in kind:
                    assert_valid(media["example"], media["schema"], document, path)
        for parameter in operation.get("parameters", []):
            if "example" in parameter:
                assert_valid(parameter["example"], parameter["schema"], document, path)
            else:
                assert not parameter["required"] or path.startswith("/references/")


def assert_valid(example: object, schema: dict[str, Any], document: Any, where: str) -> None:  # noqa: ANN401
    whole = {**schema, "components": document["components"]}
    errors = [error.message for error in jsonschema_rs.validator_for(whole).iter_errors(example)]
    assert not errors, where


def test_the_examples_of_the_description_are_those_of_the_document(client: TestClient) -> None:
    answers = [example.answer for example in EXAMPLES]
    for path, _method, operation in operations(client.get("/openapi.json").json()):
        for response in done(operation).values():
            content = response.get("content", {})
            if "application/json" in content:
                assert content["application/json"]["example"] in answers, path


def test_it_is_said_of_every_operation_whether_a_key_is_shown(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    schemes = document["components"]["securitySchemes"]
    assert schemes["bearer"]["scheme"] == "bearer"
    assert (schemes["apiKey"]["in"], schemes["apiKey"]["name"]) == ("header", "X-API-Key")
    for path, _method, operation in operations(document):
        shown = operation.get("security")
        answers = operation["responses"].keys() & {"401", "403", "429"}
        if "contributions" in path:
            assert shown == [{"bearer": ["contribute"]}, {"apiKey": ["contribute"]}]
        elif path.startswith("/api/"):
            assert shown == [{}, {"bearer": ["search"]}, {"apiKey": ["search"]}]
        else:
            assert shown is None
        assert len(answers) == (3 if shown else 0)


def test_the_lines_of_the_export_are_described(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    export = document["paths"]["/export/library.jsonl"]["get"]["responses"]["200"]["content"]
    first, rendering = export["application/x-ndjson"]["example"].splitlines()
    taken = client.get("/export/library.jsonl")
    assert taken.headers["Content-Type"].partition(";")[0] in export
    lines = taken.text.splitlines()
    for model, told, given in (
        (LibraryLine, first, lines[0]),
        (RenderingLine, rendering, lines[1]),
    ):
        assert model.__name__ in document["components"]["schemas"]
        model.model_validate_json(told)
        assert same_shape(json.loads(told), json.loads(given)) == []


def test_the_page_shows_every_operation_with_a_command_that_runs(client: TestClient) -> None:
    page = client.get("/api")
    assert page.status_code == 200
    assert "<script" not in page.text
    for path, method, operation in operations(client.get("/openapi.json").json()):
        assert f'id="{operation["operationId"]}"' in page.text
        assert f"{method.upper()} {path}" in page.text
    commands = re.findall(
        r"<code>curl (?:&#39;)?(http://testserver[^<\s]*?)(?:&#39;)?</code>", page.text
    )
    assert len(commands) > 8
    for address in commands:
        if "/references/" not in address:
            assert client.get(address.replace("&amp;", "&")).status_code == 200, address


def test_the_page_speaks_the_readers_language(client: TestClient) -> None:
    page = client.get("/api", headers={"Accept-Language": "ar"}).text
    assert '<html lang="ar" dir="rtl">' in page
