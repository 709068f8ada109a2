"""Programs read, list and follow a library that changes under them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from api_library import Shelf, client_of
from conftest import StandInEncoder, make_case
from fastapi.testclient import TestClient

from corpus.library import Library
from corpus.removed import Removed
from index.build import build_generation
from index.generation import Generation
from index.hits import Result
from server.api.cursors import write_cursor
from server.holder import Holder, NotReadyError
from server.service import Service

READ = (
    "/api/v1/search?q=porters",
    "/api/v1/cases",
    "/api/v1/cases/harbour-school",
    "/api/v1/cases/harbour-school/similar",
    "/api/v1/facets",
    "/api/v1/facets?q=porters",
    "/api/v1/glossary",
    "/api/v1/changes",
)


@pytest.fixture
def removed(tmp_path: Path) -> Removed:
    return Removed(tmp_path)


@pytest.fixture
def shelf(small_generation: Generation, stand_in: StandInEncoder, removed: Removed) -> Shelf:
    return Shelf(Service(small_generation, stand_in, removed))  # type: ignore[arg-type]


@pytest.fixture
def client(shelf: Shelf, tmp_path: Path) -> TestClient:
    return client_of(shelf, tmp_path)


@pytest.fixture
def wider(small_library: Library, stand_in: StandInEncoder, removed: Removed) -> Service:
    """The next generation: a case more at the start, in the middle and at the end, one less."""
    cases = [case for case in small_library.cases if case.id != "hill-orchards"]
    more = [
        make_case(case_id=name, place=name) for name in ("aaa-first", "harbour-zoo", "zzz-last")
    ]
    library = replace(
        small_library, cases=tuple(sorted([*cases, *more], key=lambda c: (c.id, c.language)))
    )
    return Service(build_generation(library, stand_in), stand_in, removed)  # type: ignore[arg-type]


def ids(body: Any) -> list[str]:  # noqa: ANN401
    return [case["id"] for case in body["cases"]]


def test_pages_hold_every_case_once(client: TestClient) -> None:
    address, seen = "/api/v1/cases?limit=1", []
    while address:
        body = client.get(address).json()
        assert body["total"] == 3
        seen += ids(body)
        address = body["next"]
    assert seen == ["harbour-school", "hill-orchards", "market-fountain"]


def test_the_next_page_keeps_the_filters_and_is_in_the_link_header(client: TestClient) -> None:
    response = client.get("/api/v1/cases", params={"level": "city", "limit": 2, "lang": "ar"})
    onward = response.json()["next"]
    assert response.headers["link"] == f'<{onward}>; rel="next"'
    assert "level=city" in onward
    assert "lang=ar" in onward
    assert client.get(onward).json()["next"] is None


def test_a_publish_between_two_pages_gives_nothing_twice_and_leaves_nothing_out(
    client: TestClient, shelf: Shelf, wider: Service
) -> None:
    first = client.get("/api/v1/cases?limit=1").json()
    shelf.publish(wider)
    second = client.get(first["next"]).json()
    assert second["generation"] != first["generation"]
    assert ids(second) == ["harbour-zoo"]
    third = client.get(second["next"]).json()
    fourth = client.get(third["next"]).json()
    assert ids(third) + ids(fourth) == ["market-fountain", "zzz-last"]
    assert fourth["next"] is None


OF_CHANGES = write_cursor("changes", ["a", "b", "c"])


@pytest.mark.parametrize("cursor", ["", "abc", "%00", "bnVsbA", OF_CHANGES, "a" * 999])
@pytest.mark.parametrize("of", ["cases", "changes"])
def test_what_is_no_cursor_of_a_list_is_refused(client: TestClient, of: str, cursor: str) -> None:
    response = client.get(f"/api/v1/{of}?cursor={cursor}")
    if (of, cursor) == ("changes", OF_CHANGES):
        assert response.status_code == 200
        return
    assert response.status_code == 422
    assert [error["name"] for error in response.json()["errors"]] == ["cursor"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("country=KE", ["harbour-school"]),
        ("country=SE", []),
        ("pillar=trust", ["harbour-school", "hill-orchards", "market-fountain"]),
        ("pillar=capacity", []),
        ("level=national", []),
        ("year_from=2024", []),
        ("year_to=2020", []),
        ("language=ar", ["harbour-school"]),
        ("place=market", ["market-fountain"]),
        ("place=الميناء", ["harbour-school"]),
        ("place=market&country=KE", []),
    ],
)
def test_filters_choose_cases_and_facets_count_the_same(
    client: TestClient, query: str, found: list[str]
) -> None:
    body = client.get(f"/api/v1/cases?{query}").json()
    assert ids(body) == found
    assert body["total"] == len(found)
    if "place" not in query:
        assert client.get(f"/api/v1/facets?{query}").json()["total"] == len(found)


def test_a_facet_counts_what_choosing_it_finds(client: TestClient) -> None:
    body = client.get("/api/v1/facets").json()
    assert {"value": "KE", "count": 1} in body["countries"]
    assert {"value": "ar", "count": 1} in body["languages"]
    for country in body["countries"]:
        chosen = client.get("/api/v1/cases", params={"country": country["value"]}).json()
        assert chosen["total"] == country["count"]


def test_a_case_is_given_whole(client: TestClient) -> None:
    body = client.get("/api/v1/cases/harbour-school?lang=en").json()
    for passage in body["passages"]:
        assert (
            client.get(passage["url"]).json()["text"]
            == body["text"][passage["start"] : passage["end"]]
        )
    assert [section["heading"] for section in body["sections"]] == [
        ["What was done"],
        ["What came of it"],
    ]
    assert all(part in body["text"] for each in body["sections"] for part in each["paragraphs"])
    (other,) = body["renderings"]
    assert client.get(other["url"]).json()["language"] == other["language"] == "ar"
    assert body["citation"]["publisher"] == "Example Institute"
    assert body["missing"] == []


def test_a_passage_says_what_stands_before_and_after_it(client: TestClient) -> None:
    first, last = client.get("/api/v1/cases/harbour-school?lang=en").json()["passages"]
    body = client.get(first["url"]).json()
    assert body["before"] is None
    assert body["after"]["passage_id"] == last["passage_id"]
    after = client.get(body["after"]["url"]).json()
    assert after["before"]["text"] == body["text"]
    assert after["after"] is None
    assert {each["language"] for each in body["renderings"]} <= {"ar"}


@pytest.mark.parametrize(
    ("address", "header", "language"),
    [
        ("/api/v1/cases/harbour-school", "ar, en;q=0.5", "ar"),
        ("/api/v1/cases/harbour-school", "en", "en"),
        ("/api/v1/cases/harbour-school", "fi", "en"),
        ("/api/v1/cases/harbour-school?lang=en", "ar", "en"),
    ],
)
def test_the_language_is_the_one_asked_for_else_the_one_accepted(
    client: TestClient, address: str, header: str, language: str
) -> None:
    response = client.get(address, headers={"Accept-Language": header})
    assert response.json()["language"] == response.headers["content-language"] == language
    assert "Accept-Language" in response.headers["vary"]


def test_changes_are_told_page_by_page_and_on_from_the_last(
    client: TestClient, shelf: Shelf, wider: Service
) -> None:
    address, told = "/api/v1/changes?limit=2", []
    while address:
        body = client.get(address).json()
        told += [(change["case_id"], change["language"]) for change in body["changes"]]
        address = body["next"]
    assert len(told) == len(set(told)) == 4
    before = shelf.service.generation
    cases = wider.generation.library_cases
    chronicle = before.chronicle.go_on(cases, before.chronicle.moment)
    shelf.publish(replace(wider, generation=replace(wider.generation, chronicle=chronicle)))
    body = client.get("/api/v1/changes", params={"since": chronicle.moment}).json()
    became = {change["case_id"]: change["change"] for change in body["changes"]}
    assert became == {
        "aaa-first": "added",
        "harbour-zoo": "added",
        "zzz-last": "added",
        "hill-orchards": "removed",
    }
    for change in body["changes"]:
        gone = change["change"] == "removed"
        assert (change["url"] is None) == gone
        assert gone or client.get(change["url"]).status_code == 200


@pytest.mark.parametrize(
    "since", ["soon", "2026-13-01", "2026-02-30T00:00", "0001-01-01T00:00+14:00", "1"]
)
def test_a_moment_that_no_calendar_has_is_refused(client: TestClient, since: str) -> None:
    response = client.get("/api/v1/changes", params={"since": since})
    assert response.status_code == 422
    assert response.json()["errors"][0]["name"] == "since"


def test_what_was_taken_away_is_nowhere(client: TestClient, removed: Removed) -> None:
    passage = client.get("/api/v1/cases/harbour-school").json()["passages"][0]["url"]
    removed.add(["harbour-school"])
    assert client.get("/api/v1/cases/harbour-school").status_code == 404
    assert client.get("/api/v1/cases/harbour-school/similar").status_code == 404
    assert client.get(passage).status_code == 404
    assert "harbour-school" not in "".join(client.get(address).text for address in READ)
    assert client.get("/api/v1/facets").json()["total"] == 2


@pytest.mark.parametrize("address", READ)
def test_an_answer_that_is_held_is_not_sent_again(
    client: TestClient, shelf: Shelf, wider: Service, removed: Removed, address: str
) -> None:
    first = client.get(address)
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "no-cache"
    held = {"If-None-Match": f'"other", {tag}'}
    again = client.get(address, headers=held)
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == tag
    assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200
    removed.add(["market-fountain"])
    assert client.get(address, headers=held).headers["etag"] != tag
    removed.restore(["market-fountain"])
    shelf.publish(wider)
    assert client.get(address, headers=held).headers["etag"] != tag


def test_refused_questions_are_refused_whatever_is_held(client: TestClient) -> None:
    response = client.get("/api/v1/search?q=", headers={"If-None-Match": "*"})
    assert response.status_code == 422
    assert "etag" not in response.headers


@pytest.mark.parametrize(
    "address", [*READ, "/healthz", "/readyz", "/openapi.json", "/api", "/about"]
)
def test_head_is_answered_as_get_without_the_body(client: TestClient, address: str) -> None:
    given, head = client.get(address), client.head(address)
    assert head.status_code == given.status_code == 200
    assert head.content == b""
    assert head.headers["content-type"] == given.headers["content-type"]
    assert head.headers.get("etag") == given.headers.get("etag")


def test_head_of_what_is_not_there_is_not_found(client: TestClient) -> None:
    assert client.head("/api/v1/cases/nowhere").status_code == 404
    assert client.head("/api/v1/ask").status_code == 405


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v2/search", 404),
        ("GET", "/api/v1/cases/nowhere", 404),
        ("GET", "/api/v1/cases/nowhere/similar", 404),
        ("GET", "/api/v1/passages/nowhere.en.0000000000", 404),
        ("DELETE", "/api/v1/cases", 405),
        ("PUT", "/api/v1/cases/harbour-school", 405),
        ("GET", "/api/v1/ask", 405),
        ("GET", "/api/v1/cases?limit=0", 422),
        ("GET", "/api/v1/cases?limit=101", 422),
        ("GET", "/api/v1/cases?lang=English", 422),
        ("GET", "/api/v1/facets?q=", 422),
    ],
)
def test_every_error_is_a_problem_that_names_its_request(
    client: TestClient, method: str, address: str, status: int
) -> None:
    response = client.request(method, address, headers={"X-Request-ID": "mine-1"})
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["instance"] == response.headers["x-request-id"] == "mine-1"
    assert body["type"] == "about:blank"
    assert body["status"] == status
    assert body["title"]
    assert status != 405 or response.headers["allow"]


def test_an_id_that_is_not_well_formed_is_not_taken(client: TestClient) -> None:
    given = [
        client.get("/healthz", headers={"X-Request-ID": odd}).headers["x-request-id"]
        for odd in ("", "a b", "x" * 129, "<script>")
    ]
    assert len(set(given)) == 4
    assert all(len(one) == 32 for one in given)


def test_a_fault_tells_its_id_in_the_log_and_to_the_client(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("server.api.cases.case_detail", fail)
    response = client.get("/api/v1/cases/harbour-school", headers={"X-Request-ID": "mine-2"})
    assert response.status_code == 500
    assert response.headers["x-request-id"] == response.json()["instance"] == "mine-2"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "secret" not in response.text
    assert "mine-2" in caplog.text


@pytest.mark.parametrize(("error", "status"), [(TimeoutError, 504), (ConnectionError, 503)])
@pytest.mark.parametrize("address", ["/api/v1/search?q=porters", "/api/v1/facets?q=porters"])
def test_an_engine_that_is_late_or_away_is_never_a_short_list(
    client: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    error: type[Exception],
    status: int,
) -> None:
    def fail(*_: object) -> Result:
        raise error

    monkeypatch.setattr("server.service.search", fail)
    response = client.get(address)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["retry-after"]


def test_nothing_is_answered_before_there_is_a_generation(tmp_path: Path) -> None:
    def load() -> Service:
        raise NotReadyError("later")

    shelf = Shelf.__new__(Shelf)
    shelf.holder = Holder(load, lambda: None)
    client = client_of(shelf, tmp_path)
    for address in READ:
        response = client.get(address)
        assert response.status_code == 503
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers["retry-after"]


def test_other_sites_may_ask_only_if_they_are_listed(shelf: Shelf, tmp_path: Path) -> None:
    city = {"Origin": "https://city.example.org"}
    asks = {**city, "Access-Control-Request-Method": "GET"}
    closed = client_of(shelf, tmp_path)
    assert "access-control-allow-origin" not in closed.get("/api/v1/cases", headers=city).headers
    listed = client_of(
        shelf, tmp_path, cors_origins="https://city.example.org, https://other.example.org"
    )
    for address in ("/api/v1/cases", "/api/v1/cases?limit=0", "/api/v1/nothing", "/openapi.json"):
        headers = listed.get(address, headers=city).headers
        assert headers["access-control-allow-origin"] == "https://city.example.org"
        assert "X-Request-ID" in headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in headers
        assert "Origin" in headers["vary"]
    before = listed.options("/api/v1/cases", headers=asks)
    assert before.status_code == 200
    assert "Authorization" in before.headers["access-control-allow-headers"]
    stranger = {"Origin": "https://stranger.example.org"}
    assert (
        "access-control-allow-origin" not in listed.get("/api/v1/cases", headers=stranger).headers
    )
    for page in ("/", "/api", "/desk", "/cases/harbour-school"):
        assert "access-control-allow-origin" not in listed.get(page, headers=city).headers
    anybody = client_of(shelf, tmp_path, cors_origins="*")
    allowed = anybody.get("/api/v1/cases", headers=stranger).headers["access-control-allow-origin"]
    assert allowed == "*"


@pytest.mark.parametrize(
    "origins", ["city.org", "https://a.org/", "https://a.org,*", "https://a.org,,"]
)
def test_origins_that_match_nothing_are_refused(shelf: Shelf, tmp_path: Path, origins: str) -> None:
    with pytest.raises(ValueError, match="scheme and a host"):
        client_of(shelf, tmp_path, cors_origins=origins)
