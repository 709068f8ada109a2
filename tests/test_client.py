"""A Python program asks a hub: what it gets, and what it is told where there is no answer."""

import inspect
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from itertools import product
from pathlib import Path
from typing import Any

import httpx2
import pytest
from api_library import Shelf, client_of
from conftest import ROOT, StandInEncoder, make_case
from fastapi.testclient import TestClient
from httpx2 import MockTransport, Request, Response

import diwan
from corpus.library import Library
from corpus.removed import Removed
from diwan import (
    AnswerError,
    Client,
    ClientError,
    RateLimitedError,
    RefusedParameter,
    UnavailableError,
)
from index.build import build_generation
from index.generation import Generation
from server.keys.store import Scope
from server.service import Service
from server.store import STORE, Store
from server.store_records import TERMINAL, By

HUB = "http://testserver"
BY = By(TERMINAL, datetime(2026, 3, 5, tzinfo=UTC))
GLOSSARY = {"generation": "g", "terms": []}


class Line:
    """The way to a hub; notes what was asked, and the status of each answer."""

    def __init__(self, way: httpx2.BaseTransport) -> None:
        self._way = way
        self.asked: list[Request] = []
        self.answers: list[Response] = []
        self.transport = MockTransport(self._carry)

    def _carry(self, request: Request) -> Response:
        response = self._way.handle_request(request)
        self.asked.append(request)
        self.answers.append(response)
        return response

    @property
    def statuses(self) -> list[int]:
        return [response.status_code for response in self.answers]


@pytest.fixture(scope="module")
def web(
    small_generation: Generation,
    stand_in: StandInEncoder,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TestClient]:
    shelf = Shelf(Service(small_generation, stand_in))
    with client_of(shelf, tmp_path_factory.mktemp("left")) as web:
        yield web


@pytest.fixture
def line(web: TestClient) -> Line:
    return Line(web._transport)


@pytest.fixture
def hub(line: Line) -> Iterator[Client]:
    with Client(HUB, transport=line.transport) as hub:
        yield hub


def answering(*responses: Response, **options: Any) -> tuple[Client, Line]:  # noqa: ANN401
    """A client of a hub that answers so, one after the other."""
    left = iter(responses)
    line = Line(MockTransport(lambda _request: next(left)))
    return Client(HUB, transport=line.transport, **options), line


def problem(status: int, headers: dict[str, str] | None = None, **members: object) -> Response:
    return Response(status, json={"title": "T", "status": status, **members}, headers=headers)


def failing(error: Exception) -> Client:
    def fail(_request: Request) -> Response:
        raise error

    return Client(HUB, transport=MockTransport(fail))


def test_a_question_finds_passages_with_their_citations(hub: Client) -> None:
    found = hub.search("who taught the porters", k=2, country="KE", as_typed=True)
    assert found.query == "who taught the porters"
    assert 0 < len(found.results) <= 2
    first = found.results[0]
    assert first.case_study.id == "harbour-school"
    assert first.citation.publisher == "Example Institute"
    assert hub.link(first.citation.case_url).startswith(f"{HUB}/cases/harbour-school?lang=en#p-")
    with pytest.raises(FrozenInstanceError):
        first.text = "another"  # type: ignore[misc]


def test_a_question_goes_on_with_the_conversation_that_is_named(hub: Client) -> None:
    with pytest.raises(ClientError, match="conversation") as caught:
        hub.ask("and in Norway?", conversation_id="AAAAAAAAAAAAAAAAAAAAAA")
    assert caught.value.status == 404


def test_case_studies_are_listed_over_all_pages(
    hub: Client, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("diwan.client._PAGE", 1)
    listed = hub.cases(level="city")
    assert next(listed).id == "harbour-school"
    assert len(line.asked) == 1  # a page is asked for when it is needed
    assert [case.id for case in listed] == ["hill-orchards", "market-fountain"]
    assert len(line.asked) == 3
    assert all(request.url.params["level"] == "city" for request in line.asked)
    assert list(hub.cases(country="SE")) == []


def test_a_case_study_its_passages_and_its_like(hub: Client) -> None:
    case = hub.case("harbour-school", lang="ar")
    assert case.language == "ar"
    passage = hub.passage(case.passages[0].passage_id)
    assert passage.text == case.text[passage.start : passage.end]
    assert {other.id for other in hub.similar("harbour-school")} <= {
        "hill-orchards",
        "market-fountain",
    }


def test_facets_and_terms(hub: Client) -> None:
    assert hub.facets(country="NO").total == 1
    assert hub.glossary().terms[0].variants["en"] == ("council", "assembly")


def test_changes_are_told_from_all_pages_together(
    hub: Client, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("diwan.client._PAGE", 1)
    told = hub.changes()
    assert len(told.changes) == len(line.asked) == 4
    assert told.complete
    assert told.next is None
    assert len(hub.changes(since=told.until).changes) == 4  # of that moment itself
    later = datetime.fromisoformat(told.until) + timedelta(seconds=1)
    assert hub.changes(since=later).changes == ()
    assert hub.changes(since=date(9999, 1, 1)).changes == ()


def test_the_library_is_taken_whole(hub: Client) -> None:
    taken = {(one.id, one.language): one for one in hub.export()}
    assert len(taken) == 4
    school = taken["harbour-school", "en"]
    assert school.licence == "CC-BY-4.0"
    assert school.sections[0].passages[0].text in school.text


def test_an_export_that_broke_off_is_not_the_whole(web: TestClient) -> None:
    lines = web.get("/export/library.jsonl").text.splitlines(keepends=True)
    for kept in (lines[:-1], lines[:1], []):
        cut, _ = answering(Response(200, text="".join(kept)))
        with pytest.raises(AnswerError):
            list(cut.export())
    more = [*lines, json.dumps({"kind": "colophon"}) + "\n"]
    grown, _ = answering(Response(200, text="".join(more)))
    assert len(list(grown.export())) == 4


@pytest.mark.parametrize("other", ["ar", "en"])
def test_the_language_of_the_client_is_that_of_calls_that_name_none(line: Line, other: str) -> None:
    with Client(HUB, language="ar", transport=line.transport) as hub:
        assert hub.case("harbour-school").language == "ar"
        assert hub.case("harbour-school", lang=other).language == other
        assert next(hub.cases(country="KE")).language == "ar"
        found = hub.search("who taught the porters", country="KE", as_typed=True).results[0]
        assert found.language == "ar"
        with pytest.raises(ClientError):
            hub.ask("and in Norway?", conversation_id="AAAAAAAAAAAAAAAAAAAAAA", language=other)
        assert json.loads(line.asked[-1].content)["language"] == other


def test_a_hub_below_a_path_is_asked_there(web: TestClient) -> None:
    below = TestClient(web.app, root_path="/peers")._transport
    with Client(f"{HUB}/peers/", transport=below) as hub:
        (case,) = hub.cases(country="KE")
        assert hub.link(case.case_url) == f"{HUB}/peers/cases/harbour-school?lang=en"
    with Client(f"{HUB}/peers", transport=below) as hub:
        assert len(list(hub.cases())) == 3


def test_what_is_unchanged_comes_from_memory(
    small_generation: Generation, stand_in: StandInEncoder, tmp_path: Path
) -> None:
    removed = Removed(tmp_path)
    shelf = Shelf(Service(small_generation, stand_in, removed))  # type: ignore[arg-type]
    line = Line(client_of(shelf, tmp_path)._transport)
    hub = Client(HUB, transport=line.transport)
    first = hub.facets()
    assert hub.facets() == first
    assert line.statuses == [200, 304]
    removed.add(["hill-orchards"])
    assert hub.facets().total == first.total - 1
    library = Library((make_case(),), ())
    shelf.publish(Service(build_generation(library, stand_in), stand_in, removed))  # type: ignore[arg-type]
    assert hub.facets().total == 1
    assert line.statuses == [200, 304, 200, 200]


def test_memory_is_bounded(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diwan.connection._REMEMBERED", 2)
    with Client(HUB, transport=line.transport) as hub:
        for country in ("KE", "NO", "FI", "NO", "KE"):
            hub.facets(country=country)
    assert line.statuses == [200, 200, 200, 304, 200]


def test_a_refused_parameter_is_named(hub: Client) -> None:
    with pytest.raises(ClientError) as caught:
        hub.search("porters", k=0)
    error = caught.value
    assert (error.status, error.title) == (422, "Unprocessable Entity")
    assert error.errors == (RefusedParameter("k", "Input should be greater than or equal to 1"),)
    assert error.instance
    assert error.instance in str(error)
    assert str(error.detail) in str(error)


def test_what_there_is_not_is_said_and_no_id_leads_elsewhere(hub: Client) -> None:
    calls: list[Callable[[str], object]] = [hub.case, hub.similar, hub.passage]
    odd = ("nowhere", "", ".", "..", "../glossary", "a/b?c#d", "مدرسة")
    for call, name in product(calls, odd):
        with pytest.raises(ClientError):
            call(name)


def test_a_list_that_cannot_be_given_raises_and_is_never_empty(hub: Client) -> None:
    with pytest.raises(ClientError):
        list(hub.cases(lang="English"))
    with pytest.raises(ClientError):
        hub.changes(since="soon")


def test_a_key_goes_along_and_without_it_the_limit_says_when_to_come_back(
    small_generation: Generation, stand_in: StandInEncoder, tmp_path: Path
) -> None:
    shelf = Shelf(Service(small_generation, stand_in))
    with client_of(shelf, tmp_path, rate_limit="1") as web, Store(tmp_path / STORE) as store:
        key = store.create_key("Platform", [Scope.SEARCH], 0, BY)
        known = Client(HUB, key, transport=web._transport)
        assert [known.facets().total for _ in range(3)] == [3] * 3
        assert key not in repr(known)
        with pytest.raises(ClientError) as wrong:
            Client(HUB, f"{key}x", transport=web._transport).facets()
        assert wrong.value.status == 401
        with pytest.raises(RateLimitedError) as limited:
            Client(HUB, transport=web._transport).facets()
        assert limited.value.retry_after
        assert 0 < limited.value.retry_after <= 60


@pytest.mark.parametrize("status", [429, 503, 504])
def test_patience_waits_as_long_as_the_hub_says_and_no_longer(status: int) -> None:
    waited: list[float] = []
    busy = [problem(status, {"Retry-After": wait}) for wait in ("0", "7")]
    hub, line = answering(*busy, Response(200, json=GLOSSARY), patience=8, sleep=waited.append)
    assert hub.glossary().generation == "g"
    assert waited == [1.0, 7.0]
    assert line.statuses == [status, status, 200]
    hub, line = answering(*busy, patience=7.5, sleep=waited.append)
    with pytest.raises(ClientError) as caught:
        hub.glossary()
    assert (caught.value.status, caught.value.retry_after) == (status, 7)
    assert waited == [1.0, 7.0, 1.0]


def test_what_says_no_time_is_not_asked_again() -> None:
    for response in (problem(503), problem(500), problem(429, {"Retry-After": "soon"})):
        hub, line = answering(response, patience=60, sleep=pytest.fail)
        with pytest.raises(ClientError) as caught:
            hub.glossary()
        assert caught.value.retry_after is None
        assert len(line.asked) == 1


def test_a_proxy_may_say_when_as_a_date() -> None:
    later = datetime.now(UTC) + timedelta(minutes=5)
    hub, _ = answering(problem(503, {"Retry-After": format_datetime(later, usegmt=True)}))
    with pytest.raises(UnavailableError) as caught:
        hub.glossary()
    assert caught.value.retry_after == pytest.approx(300, abs=60)


def test_a_question_of_a_conversation_is_put_once() -> None:
    hub, line = answering(problem(503, {"Retry-After": "1"}), patience=60, sleep=pytest.fail)
    with pytest.raises(UnavailableError):
        hub.ask("who taught the porters?")
    assert len(line.asked) == 1


@pytest.mark.parametrize(
    "error",
    [httpx2.ConnectError("refused"), httpx2.ReadTimeout("late"), httpx2.ReadError("cut")],
)
def test_a_hub_that_is_not_reached_is_unavailable(error: Exception) -> None:
    with pytest.raises(UnavailableError) as caught:
        failing(error).search("porters")
    assert caught.value.status is None
    assert HUB in str(caught.value)


def test_a_connection_that_breaks_within_an_answer_is_unavailable() -> None:
    class Breaks(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield b'{"kind": "library", "renderings": 2}\n'
            raise httpx2.RemoteProtocolError("closed")

    hub, _ = answering(Response(200, stream=Breaks()))
    with pytest.raises(UnavailableError):
        list(hub.export())


def test_a_proxy_that_writes_its_own_pages_is_told_from_a_hub() -> None:
    page = "<h1>Welcome</h1>"
    hub, _ = answering(Response(200, html=page), Response(502, html=page), Response(418, html=page))
    with pytest.raises(AnswerError):
        hub.facets()
    with pytest.raises(UnavailableError, match="502 Bad Gateway"):
        hub.facets()
    with pytest.raises(ClientError, match="418"):
        hub.facets()


def test_a_redirect_is_told_and_not_followed_with_the_key() -> None:
    moved = Response(301, headers={"Location": "https://elsewhere.example/api/v1/glossary"})
    hub, line = answering(moved, key="diwan_secret")
    with pytest.raises(ClientError, match=r"elsewhere\.example"):
        hub.glossary()
    assert len(line.asked) == 1


def test_the_next_page_is_never_asked_of_another_host() -> None:
    page = {"generation": "g", "total": 2, "cases": []}
    hub, line = answering(
        Response(200, json={**page, "next": "https://elsewhere.example/api/v1/cases?cursor=x"}),
        Response(200, json={**page, "next": None}),
    )
    assert list(hub.cases()) == []
    assert [request.url.host for request in line.asked] == ["testserver"] * 2
    assert line.asked[1].url.params["cursor"] == "x"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"terms": []}, "answer has no field “generation”"),
        ({"generation": 1, "terms": []}, "answer.generation is of another type"),
        ({"generation": None, "terms": []}, "answer.generation is of another type"),
        ({"generation": "g", "terms": None}, "answer.terms is of another type"),
        ({"generation": "g", "terms": [{"variants": {}}]}, r"answer.terms\[0\] has no field “id”"),
        (
            {"generation": "g", "terms": [{"id": "a", "variants": {"en": "council"}}]},
            r"answer.terms\[0\].variants.en is of another type",
        ),
        ([], "answer is of another type"),
    ],
)
def test_an_answer_that_is_not_as_agreed_says_where(given: object, said: str) -> None:
    hub, _ = answering(Response(200, json=given))
    with pytest.raises(AnswerError, match=said):
        hub.glossary()


def test_what_the_interface_is_given_later_is_read_past() -> None:
    grown = {"generation": "g", "terms": [{"id": "a", "variants": {}, "new": 1}], "also": {}}
    hub, _ = answering(Response(200, json=grown))
    assert hub.glossary().terms[0].id == "a"


def test_an_address_without_its_scheme_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="https://"):
        Client("diwan.example")


def test_importing_the_client_imports_nothing_of_the_server() -> None:
    heavy = (
        "torch",
        "faiss",
        "numpy",
        "fastapi",
        "starlette",
        "pydantic",
        "corpus",
        "index",
        "server",
    )
    script = f"import sys, diwan; print([name for name in {heavy} if name in sys.modules])"
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout == "[]\n"


def test_every_call_and_every_error_is_documented() -> None:
    document = (ROOT / "docs" / "client.md").read_text("utf-8")
    calls = {name for name in vars(Client) if not name.startswith("_")}
    assert set(re.findall(r"^\| `(\w+)\(", document, re.MULTILINE)) == calls
    errors = {name for name in diwan.__all__ if name.endswith("Error")}
    assert set(re.findall(r"^\| `(\w+Error)`", document, re.MULTILINE)) == errors
    made = re.search(r"`Client\((.*)\)`: ", document)
    assert made
    parameters = inspect.signature(Client).parameters.values()
    said = [str(each).split(":")[0] for each in parameters if each.default is each.empty]
    said += [
        f"{each.name}={each.default}"
        for each in parameters
        if each.default is not each.empty and each.name not in ("sleep", "transport")
    ]
    assert made[1].split(", ") == said
