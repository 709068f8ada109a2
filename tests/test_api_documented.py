"""docs/api.md and the OpenAPI document tell what the interface does: each example is run."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import pytest
from api_library import Shelf, client_of, same_shape
from conftest import ROOT
from fastapi.testclient import TestClient

from server.api.description import operations
from server.service import Service

DOCUMENT = (ROOT / "docs" / "api.md").read_text("utf-8")
_FENCED = re.compile(r"```sh\n(curl .*?)\n```\n(?:```json\n(.*?)\n```)?", re.DOTALL)


@dataclass(frozen=True)
class Example:
    """A call of the document, and the answer that stands below it."""

    method: str
    address: str
    body: Any
    answer: Any


def _examples() -> Iterator[Example]:
    for command, answer in _FENCED.findall(DOCUMENT):
        _curl, url, *options = shlex.split(command)
        parts = urlsplit(url)
        address = f"{parts.path}?{parts.query}" if parts.query else parts.path
        body = json.loads(options[options.index("--json") + 1]) if options else None
        yield Example(
            "POST" if options else "GET", address, body, json.loads(answer) if answer else None
        )


EXAMPLES = list(_examples())


@pytest.fixture(scope="module")
def client(
    bundled_service: Service, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    with client_of(Shelf(bundled_service), tmp_path_factory.mktemp("left")) as client:
        yield client


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.address)
def test_each_example_gives_what_is_documented(client: TestClient, example: Example) -> None:
    response = client.request(example.method, example.address, json=example.body)
    wanted = example.answer["status"] if "limit=1000" in example.address else 200
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
        content = operation["responses"]["200"]["content"]
        if "application/json" in content:
            assert content["application/json"]["example"] in answers, path


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
