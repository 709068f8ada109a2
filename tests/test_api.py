"""The HTTP interface keeps its contract: shape, errors, headers."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from corpus.library import BUNDLED, load_library
from index.publication import Publication
from server.app import assemble
from server.holder import Holder
from server.service import Service

QUESTION = "how did cities join the national strategy review"
FRAGE = "كيف شاركت المدن في مراجعة الاستراتيجية الوطنية"


def holder_of(service: Service) -> Holder:
    return Holder(lambda: service, lambda: service.generation.id)


@pytest.fixture(scope="module")
def client(
    bundled_service: Service, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    holder = holder_of(bundled_service)
    holder._refresh()
    with TestClient(
        assemble(holder, tmp_path_factory.mktemp("left")), raise_server_exceptions=False
    ) as client:
        yield client


@pytest.mark.parametrize(("question", "language"), [(QUESTION, "en"), (FRAGE, "ar")])
def test_the_uganda_case_comes_first_in_the_askers_language_with_its_citation(
    client: TestClient, question: str, language: str
) -> None:
    body = client.get("/api/v1/search", params={"q": question}).json()
    assert body["query"] == body["interpreted_as"] == question
    assert body["language"] == language
    assert body["answered"] is True
    first = body["results"][0]
    assert first["rank"] == 1
    assert first["language"] == language
    assert first["case_study"]["id"] == "uganda-national-strategy-review"
    assert first["case_study"]["country"] == "UG"
    citation = first["citation"]
    source = next(
        case.source
        for case in load_library([BUNDLED]).cases
        if (case.id, case.language) == (first["case_study"]["id"], language)
    )
    assert source is not None
    assert citation["publisher"] == source.publisher
    assert citation["url"] == source.url
    assert citation["published"] == "2024-11-27"
    for part in (source.title, source.publisher, source.url, "2024"):
        assert part in citation["text"]


def test_a_result_has_the_documented_fields_and_no_fewer(client: TestClient) -> None:
    body = client.get("/api/v1/search", params={"q": QUESTION, "k": 3}).json()
    assert set(body) >= {
        "query", "interpreted_as", "language", "generation", "answered", "took_ms", "results",
    }  # fmt: skip
    assert len(body["results"]) == 3
    for result in body["results"]:
        assert set(result) >= {
            "rank", "score", "passage_id", "text", "language", "translated", "heading",
            "highlights", "case_study", "citation",
        }  # fmt: skip
        assert set(result["case_study"]) >= {
            "id", "title", "country", "place", "level", "pillars", "year",
        }  # fmt: skip
        assert set(result["citation"]) >= {"text", "url", "publisher", "published", "case_url"}
        assert 0 <= result["score"] <= 1
        assert all(0 <= start < end <= len(result["text"]) for start, end in result["highlights"])


def test_every_passage_is_word_for_word_in_its_case_study(client: TestClient) -> None:
    texts = {(case.id, case.language): case.text for case in load_library([BUNDLED]).cases}
    for question in (QUESTION, FRAGE, "training for officials"):
        for result in client.get("/api/v1/search", params={"q": question}).json()["results"]:
            assert result["text"] in texts[result["case_study"]["id"], result["language"]]


def test_a_citation_leads_to_the_passage_on_the_page_of_its_case(client: TestClient) -> None:
    for question in (QUESTION, FRAGE):
        first = client.get("/api/v1/search", params={"q": question}).json()["results"][0]
        address, anchor = first["citation"]["case_url"].split("#")
        page = client.get(address)
        assert page.status_code == 200
        assert f'id="{anchor}"' in page.text
        assert " ".join(first["text"].split())[:40] in " ".join(page.text.split())


def test_the_other_rendering_is_named(client: TestClient) -> None:
    first = client.get("/api/v1/search", params={"q": QUESTION}).json()["results"][0]
    (rendering,) = first["renderings"]
    assert rendering["language"] == "ar"
    shown = client.get("/api/v1/search", params={"q": QUESTION, "lang": "ar"}).json()["results"][0]
    assert shown["passage_id"] == rendering["passage_id"]
    assert shown["citation"]["case_url"] == rendering["case_url"]


@pytest.mark.parametrize(
    ("parameters", "holds"),
    [
        ({"country": "FI"}, lambda result: result["case_study"]["country"] == "FI"),
        ({"passage_lang": "ar"}, lambda result: result["language"] == "ar"),
        ({"pillar": "trust"}, lambda result: "trust" in result["case_study"]["pillars"]),
        ({"level": "city"}, lambda result: result["case_study"]["level"] == "city"),
        ({"year_from": 2024}, lambda result: result["case_study"]["year"] >= 2024),
    ],
)
def test_filters_hold_for_every_result(client: TestClient, parameters, holds) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    results = client.get("/api/v1/search", params={"q": QUESTION, **parameters}).json()["results"]
    assert results
    assert all(holds(result) for result in results)


@pytest.mark.parametrize(
    "question", ["chocolate cake recipe", "parking fees in Helsinki", "وصفة كعكة الشوكولاتة"]
)
def test_a_question_without_an_answer_says_so(client: TestClient, question: str) -> None:
    assert client.get("/api/v1/search", params={"q": question}).json()["answered"] is False


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("", "q"),
        ("q=", "q"),
        ("q=%20%20", "q"),
        ("q=" + "x" * 10_000, "q"),
        ("q=how%00did", "q"),
        ("q=a&k=0", "k"),
        ("q=a&k=1000", "k"),
        ("q=a&k=ten", "k"),
        ("q=a&country=Uganda", "country"),
        ("q=a&pillar=kindness", "pillar"),
        ("q=a&level=galaxy", "level"),
        ("q=a&year_from=soon", "year_from"),
        ("q=a&lang=English", "lang"),
    ],
)
def test_bad_parameters_are_problems_that_name_the_parameter(
    client: TestClient, query: str, name: str
) -> None:
    response = client.get(f"/api/v1/search?{query}")
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == 422
    assert body["type"] == "about:blank"
    assert body["title"]
    assert name in body["detail"] or body["errors"][0]["name"] == name
    assert [error["name"] for error in body["errors"]] == [name]


@pytest.mark.parametrize(
    "question",
    ["🙂🙂", "<script>alert(1)</script>", "\u202eevil\u202c", "%", "a" * 2_000, "' OR 1=1 --"],
)
def test_odd_questions_are_answered(client: TestClient, question: str) -> None:
    assert client.get("/api/v1/search", params={"q": question}).status_code == 200


def test_unknown_routes_and_methods_are_problems(client: TestClient) -> None:
    for response, status in (
        (client.get("/api/v1/nothing"), 404),
        (client.post("/api/v1/search"), 405),
    ):
        assert response.status_code == status
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["status"] == status


def test_a_reader_gets_a_page_where_a_program_gets_a_problem(client: TestClient) -> None:
    arabic = {"Accept": "text/html", "Accept-Language": "ar"}
    page = client.get("/no-such-page", headers=arabic)
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert 'lang="ar" dir="rtl"' in page.text
    api = client.get("/api/v1/nothing", headers={"Accept": "text/html"})
    assert api.headers["content-type"] == "application/problem+json"


def test_static_files_are_asked_about_again_after_an_upgrade(client: TestClient) -> None:
    for address in ("/static/diwan.css", "/static/vendor/htmx.min.js"):
        first = client.get(address)
        assert first.status_code == 200
        assert first.headers["cache-control"] == "no-cache"
        again = client.get(address, headers={"If-None-Match": first.headers["etag"]})
        assert again.status_code == 304


def test_a_fault_is_a_problem_without_its_insides(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("server.api.search.search_response", fail)
    response = client.get("/api/v1/search", params={"q": "a"})
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert "secret" not in response.text


def test_alive_and_ready(client: TestClient, bundled_service: Service) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}
    ready = client.get("/readyz")
    assert ready.json() == {"status": "ready", "generation": bundled_service.generation.id}


def test_not_ready_is_said_and_never_an_empty_answer(tmp_path: Path) -> None:
    publication = Publication(tmp_path)
    holder = Holder(lambda: Service.load(publication, ""), publication.token)
    holder._refresh()
    with TestClient(assemble(holder, tmp_path)) as client:
        assert client.get("/healthz").status_code == 200
        for address in ("/readyz", "/api/v1/search?q=a"):
            response = client.get(address)
            assert response.status_code == 503
            assert "diwan rebuild" in response.json()["detail"]
            assert response.headers["retry-after"]


def test_security_headers_are_on_every_response(client: TestClient) -> None:
    for address in ("/", "/?q=", "/api/v1/search?q=a", "/api/v1/nothing", "/static/diwan.css"):
        headers = client.get(address).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"


def test_the_interface_is_described(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.")
    search = document["paths"]["/api/v1/search"]["get"]
    assert {parameter["name"] for parameter in search["parameters"]} == {
        "q", "k", "lang", "passage_lang", "country", "pillar", "level", "year_from", "year_to",
        "as_typed",
    }  # fmt: skip
    assert "application/problem+json" in json.dumps(search["responses"]["422"])


def test_a_french_reader_asks_in_french_and_reads_in_english(client: TestClient) -> None:
    asked = "Comment les villes ont-elles participé à la révision de la stratégie nationale ?"
    page = client.get("/", params={"q": asked}, headers={"Accept-Language": "fr"}).text
    assert '<html lang="fr" dir="ltr">' in page
    first = page.index('class="passage"')
    assert '<blockquote class="passage" lang="en" dir="ltr">' in page[first - 20 : first + 80]
    assert "uganda-national-strategy-review" in page[:first]
