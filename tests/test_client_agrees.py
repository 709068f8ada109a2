"""The Python client and the interface agree: every field, every parameter, by name and by type."""

import dataclasses
import inspect
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args, get_type_hints

import pytest
from api_library import Shelf, client_of
from conftest import StandInEncoder

import diwan
from diwan import Client
from diwan.decoding import decode
from index.generation import Generation
from server.api.description import done, examples, operations
from server.open_library.lines import RenderingLine
from server.service import Service

Schema = dict[str, Any]
_SIMPLE = {"string": str, "integer": int, "number": float, "boolean": bool}
# The export is no operation of the description; its schemas are named otherwise.
_OF_THE_EXPORT = {
    "RenderingLine": "Rendering",
    "SectionOut": "RenderingSection",
    "PassageOut": "RenderingPassage",
    "PeriodOut": "CasePeriod",
    "SourceOut": "CaseSource",
}
_CALLS = {
    "searchPassages": (Client.search, "SearchResponse"),
    "ask": (Client.ask, "AskResponse"),
    "listCases": (Client.cases, "CasePage"),
    "getCase": (Client.case, "CaseDetail"),
    "listSimilarCases": (Client.similar, "SimilarCases"),
    "getPassage": (Client.passage, "PassageDetail"),
    "countFacets": (Client.facets, "FacetCounts"),
    "listGlossary": (Client.glossary, "GlossaryTerms"),
    "listChanges": (Client.changes, "ChangePage"),
    "sendContribution": (Client.contribute, "SentContribution"),
    "listContributions": (Client.contributions, "ContributionPage"),
    "getContribution": (Client.contribution, "ContributionState"),
    "answerContribution": (Client.answer_contribution, "ContributionState"),
    "withdrawContribution": (Client.withdraw_contribution, None),
}
# So are those of what is sent in.
_SENT = {
    "SentPractice": "Practice",
    "SentPeriod": "PracticePeriod",
    "SentSource": "PracticeSource",
    "SentContact": "Contact",
    "SentConsents": "Consents",
}
_NAMED = {**_OF_THE_EXPORT, **_SENT}
_FOLLOWED = {"limit", "cursor"}  # the client follows pages itself


@pytest.fixture(scope="module")
def description(
    small_generation: Generation,
    stand_in: StandInEncoder,
    tmp_path_factory: pytest.TempPathFactory,
) -> Schema:
    web = client_of(Shelf(Service(small_generation, stand_in)), tmp_path_factory.mktemp("left"))
    described: Schema = web.get("/openapi.json").json()
    return described


def referred(schema: object) -> Iterator[str]:
    """Names of the schemas that a schema refers to itself."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].rpartition("/")[2]
        for part in schema.values():
            yield from referred(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from referred(part)


def answered(description: Schema) -> Iterator[str]:
    """Names of all schemas that answers of the interface are made of."""
    return within(
        description,
        (
            said.get("content", {})
            for _path, _method, operation in operations(description)
            if operation["operationId"] in _CALLS
            for said in done(operation).values()
        ),
    )


def sent(description: Schema) -> Iterator[str]:
    """Names of all schemas that the parameters of calls are made of, where these are objects."""
    schemas = description["components"]["schemas"]
    return within(
        description,
        (
            schemas[name]["properties"]
            for _path, _method, operation in operations(description)
            if operation["operationId"] in _CALLS
            for name in referred(operation.get("requestBody", {}))
        ),
    )


def within(description: Schema, parts: Iterable[object]) -> Iterator[str]:
    """Names of the objects that parts of the description refer to, and so on."""
    schemas = description["components"]["schemas"]
    waiting = [name for part in parts for name in referred(part)]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in seen and "properties" in schemas[name]:
            seen.add(name)
            yield name
            waiting += referred(schemas[name])


def kind_of(schema: Schema, schemas: Schema) -> Any:  # noqa: ANN401 - a type
    """The type of a field that holds what a schema describes."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        valued = "enum" in schemas[name]
        return str if valued else getattr(diwan, _NAMED.get(name, name))
    if "anyOf" in schema:
        some, null = schema["anyOf"]
        assert null == {"type": "null"}
        return kind_of(some, schemas) | None
    if "prefixItems" in schema:
        return tuple[tuple(kind_of(each, schemas) for each in schema["prefixItems"])]
    if schema["type"] == "object":
        return Mapping[str, kind_of(schema["additionalProperties"], schemas)]
    listed = schema["type"] == "array"
    return tuple[kind_of(schema["items"], schemas), ...] if listed else _SIMPLE[schema["type"]]


def differing(shape: type, schema: Schema, schemas: Schema) -> list[str]:
    """Fields that a class and a schema do not have alike."""
    fields = get_type_hints(shape)
    described = {name: kind_of(each, schemas) for name, each in schema["properties"].items()}
    names = fields.keys() | described.keys()
    return sorted(name for name in names if fields.get(name) != described.get(name))


def test_every_field_of_every_answer_is_one_of_the_client(description: Schema) -> None:
    schemas = description["components"]["schemas"]
    names = list(answered(description))
    assert len(names) > 25
    for name in names:
        assert differing(getattr(diwan, name), schemas[name], schemas) == [], name


def lacking(shape: type, schema: Schema) -> list[str]:
    """Fields that only one of a class and a schema has to be given."""
    needed = {
        each.name
        for each in dataclasses.fields(shape)
        if each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING
    }
    return sorted(needed ^ set(schema.get("required", [])))


def test_every_field_of_what_is_sent_is_one_of_the_client(description: Schema) -> None:
    schemas = description["components"]["schemas"]
    names = list(sent(description))
    assert set(names) == _SENT.keys()
    for name in names:
        shape = getattr(diwan, _SENT[name])
        assert differing(shape, schemas[name], schemas) == [], name
        assert lacking(shape, schemas[name]) == [], name


def test_a_field_that_has_to_be_sent_from_now_on_is_seen(description: Schema) -> None:
    schema = description["components"]["schemas"]["SentContact"]
    for needed in ([*schema["required"], "language"], ["name"]):
        assert len(lacking(diwan.Contact, {**schema, "required": needed})) == 1


def test_every_field_of_the_export_is_one_of_the_client() -> None:
    schema = RenderingLine.model_json_schema()
    schema["properties"].pop("kind")
    assert differing(diwan.Rendering, schema, schema["$defs"]) == []
    for name, part in schema["$defs"].items():
        assert differing(getattr(diwan, _OF_THE_EXPORT[name]), part, schema["$defs"]) == [], name


def test_a_field_that_is_lost_renamed_or_of_another_type_is_seen(description: Schema) -> None:
    schemas = description["components"]["schemas"]
    properties = schemas["CaseSummary"]["properties"]
    lost = {name: each for name, each in properties.items() if name != "place"}
    renamed = {**lost, "where": properties["place"]}
    retyped = {**properties, "year": {"type": "integer"}, "pillars": {"type": "string"}}
    for given, odd in (
        (lost, ["place"]),
        (renamed, ["place", "where"]),
        (retyped, ["pillars", "year"]),
    ):
        assert differing(diwan.CaseSummary, {"properties": given}, schemas) == odd


def test_every_documented_answer_is_read() -> None:
    for operation, (_call, name) in _CALLS.items():
        if name is None:
            continue
        example = examples()[operation]["response"]
        shape = getattr(diwan, name)
        read = decode(shape, json.dumps(example))
        assert dataclasses.asdict(read).keys() == example.keys()


def test_every_operation_that_is_asked_has_a_call_with_its_parameters(description: Schema) -> None:
    schemas = description["components"]["schemas"]
    found = set()
    for path, _method, operation in operations(description):
        if not path.startswith("/api/v1/"):
            continue
        found.add(operation["operationId"])
        call, _name = _CALLS[operation["operationId"]]
        taken = inspect.signature(call).parameters
        wanted = {each["name"] for each in operation.get("parameters", [])}
        wanted = {name.lower().replace("-", "_") for name in wanted}
        for name in referred(operation.get("requestBody", {})):
            wanted |= schemas[name]["properties"].keys()
            needed = set(schemas[name].get("required", []))
            given = {each.name for each in taken.values() if each.default is each.empty}
            assert needed == given & schemas[name]["properties"].keys(), path
        assert taken.keys() - {"self"} == wanted - _FOLLOWED, path
    assert found == _CALLS.keys()


def test_every_class_of_an_answer_can_be_imported_from_the_package() -> None:
    named = set(diwan.__all__)
    for name in named:
        shape = getattr(diwan, name)
        for kind in get_type_hints(shape).values() if dataclasses.is_dataclass(shape) else ():
            inner = [kind, *get_args(kind)]
            assert {each.__name__ for each in inner if dataclasses.is_dataclass(each)} <= named
