"""A conversation through the interface and on the pages: going on, taking up again, deleting."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import rispy
from fastapi.testclient import TestClient
from test_api import holder_of

from corpus.removed import Removed
from server.app import assemble
from server.service import Service
from server.store import STORE, Store

UGANDA = "how did cities join the national strategy review in Uganda"


@pytest.fixture
def client(bundled_service: Service, tmp_path: Path) -> Iterator[TestClient]:
    holder = holder_of(bundled_service)
    holder._refresh()
    with TestClient(assemble(holder, tmp_path), follow_redirects=False) as client:
        yield client


def asked(client: TestClient, question: str, **more: object) -> dict[str, object]:
    response = client.post("/api/v1/ask", json={"question": question, **more})
    assert response.status_code == 200, response.text
    body: dict[str, object] = response.json()
    return body


def first_case(body: dict[str, object]) -> str:
    results = body["results"]
    assert isinstance(results, list)
    return str(results[0]["case_study"]["id"])


def test_an_answer_is_sentences_of_the_passages_that_it_cites(client: TestClient) -> None:
    body = client.post("/api/v1/ask", json={"question": UGANDA}).json()
    passages = {result["rank"]: result["text"] for result in body["results"]}
    assert body["answer"]["sentences"]
    for sentence in body["answer"]["sentences"]:
        assert all(sentence["text"] in passages[rank] for rank in sentence["citations"])
    assert 1 < len(body["follow_ups"]) <= 3


def test_a_conversation_keeps_the_thread(client: TestClient) -> None:
    first = asked(client, UGANDA)
    talk = first["conversation_id"]
    malawi = asked(client, "and in Malawi?", conversation_id=talk)
    assert malawi["conversation_id"] == talk
    assert first_case(malawi) == "malawi-national-strategy-launch"
    assert "Malawi" in str(malawi["interpreted_as"])
    assert malawi["query"] == "and in Malawi?"
    detail = asked(client, "who was involved?", conversation_id=talk)
    assert first_case(detail) == "malawi-national-strategy-launch"
    arabic = asked(client, "in Arabic please", conversation_id=talk)
    results = arabic["results"]
    assert isinstance(results, list)
    assert results[0]["language"] == "ar"
    as_typed = asked(client, "who was involved?", conversation_id=talk, as_typed=True)
    assert as_typed["interpreted_as"] == "who was involved?"


def test_its_own_suggestions_are_understood(client: TestClient) -> None:
    first = asked(client, "How does Nansana involve young people?")
    follow_ups = first["follow_ups"]
    assert isinstance(follow_ups, list)
    for suggestion in follow_ups[:2]:
        again = asked(client, suggestion, conversation_id=first["conversation_id"])
        assert first_case(again) == "uganda-nansana-youth-desk"


def test_no_answer_has_no_sentences_and_no_suggestions(client: TestClient) -> None:
    body = asked(client, "How long does sourdough bread have to rise?")
    assert body["answered"] is False
    assert body["answer"] is None
    assert body["follow_ups"] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"question": ""}, 422),
        ({"question": "x" * 2001}, 422),
        ({}, 422),
        ({"question": "a", "language": "xx-nonsense"}, 422),
        ({"question": "a", "as_typed": 0.0}, 422),
        ({"question": "a", "conversation_id": "nothing"}, 404),
    ],
)
def test_what_cannot_be_asked_is_a_problem(
    client: TestClient, body: dict[str, object], status: int
) -> None:
    response = client.post("/api/v1/ask", json=body)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"]


def begin(client: TestClient, question: str, after: str = UGANDA, ui: str = "en") -> str:
    """Ask on from an answer by the form; give the conversation's address."""
    response = client.post("/conversations", data={"question": question, "after": after, "ui": ui})
    assert response.status_code == 303
    return str(response.headers["location"]).split("#", 1)[0]


def test_the_form_begins_a_conversation_with_an_address_of_its_own(client: TestClient) -> None:
    page = client.get("/", params={"q": UGANDA}).text
    assert 'action="/conversations"' in page
    assert "in the peers’ own words" in page
    address = begin(client, "and in Malawi?")
    assert re.fullmatch(r"/conversations/[\w-]{20,}\?ui=en", address)
    shown = client.get(address).text
    assert UGANDA in shown
    assert "Understood as:" in shown
    assert "/cases/malawi-national-strategy-launch" in shown
    path = address.split("?", 1)[0]
    client.post(path, data={"question": "who was involved?", "as_typed": "1"})
    assert "Understood as:" not in client.get(path).text
    again = client.get(path, params={"ui": "ar"}).text
    assert 'dir="rtl"' in again


def test_a_deleted_conversation_is_gone(client: TestClient) -> None:
    path = begin(client, "and in Malawi?").split("?", 1)[0]
    assert client.post(f"{path}/delete").status_code == 303
    gone = client.get(path, headers={"Accept": "text/html"})
    assert gone.status_code == 404
    assert "<h1" in gone.text


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}]
)
def test_another_site_cannot_post(client: TestClient, headers: dict[str, str]) -> None:
    response = client.post("/conversations", data={"question": "a", "after": "b"}, headers=headers)
    assert response.status_code == 403


def test_when_nothing_can_be_kept_search_goes_on(bundled_service: Service, tmp_path: Path) -> None:
    (tmp_path / "diwan.sqlite").write_bytes(b"no database" * 1000)
    holder = holder_of(bundled_service)
    holder._refresh()
    with TestClient(assemble(holder, tmp_path)) as client:
        assert client.get("/api/v1/search", params={"q": UGANDA}).status_code == 200
        assert client.get("/", params={"q": UGANDA}).status_code == 200
        assert client.post("/api/v1/ask", json={"question": UGANDA}).status_code == 503


def test_passages_can_be_taken_into_a_reference_manager(client: TestClient) -> None:
    results = asked(client, UGANDA)["results"]
    assert isinstance(results, list)
    ids = [result["passage_id"] for result in results[:2]]
    answer = client.get("/references/ris", params={"passage": ids, "lang": "en"})
    assert answer.headers["content-type"] == "application/x-research-info-systems"
    assert 'filename="diwan.ris"' in answer.headers["content-disposition"]
    entries = rispy.loads(answer.content.decode("utf-8"))
    assert len(entries) == 2
    words = " ".join(results[0]["text"].split())
    assert " ".join(entries[0]["abstract"].split()) == words
    assert client.get("/references/bibtex", params={"passage": ids}).text.count("@techreport") == 2
    assert len(client.get("/references/csl", params={"passage": ids}).json()) == 2
    page = client.get("/", params={"q": UGANDA}).text
    assert page.count("/references/ris?") == len(results) + 1


def test_a_reference_to_what_is_gone_is_a_problem(client: TestClient) -> None:
    for path in ("/references/ris?passage=gone.en.0123456789", "/references/nonsense?passage=x"):
        response = client.get(path)
        assert response.status_code in (404, 422)
        assert response.headers["content-type"] == "application/problem+json"


def test_a_document_that_was_removed_is_named_in_no_follow_up(
    bundled_service: Service, tmp_path: Path
) -> None:
    removed = Removed(tmp_path)
    service = replace(bundled_service, removed=removed)
    holder = holder_of(service)
    holder._refresh()
    with TestClient(assemble(holder, tmp_path), follow_redirects=False) as client:
        first = asked(client, "How does Nansana involve young people?")
        path = begin(client, "who paid for it?", "How does Nansana involve young people?")
        removed.add(["uganda-nansana-youth-desk"])
        later = asked(client, "who paid for it?", conversation_id=first["conversation_id"])
        assert "Nansana: a youth desk" not in str(later)
        assert "Nansana: a youth desk" not in client.get(path).text


def test_a_turn_that_another_version_kept_is_no_fault(client: TestClient, tmp_path: Path) -> None:
    talk = asked(client, UGANDA)["conversation_id"]
    with sqlite3.connect(tmp_path / STORE) as database:
        database.execute("UPDATE turns SET context = '{}'")
    database.close()
    assert asked(client, "and in Malawi?", conversation_id=talk)["interpreted_as"] == (
        "and in Malawi?"
    )


def test_a_damaged_turn_is_a_problem_and_not_in_the_log(
    client: TestClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    talk = asked(client, UGANDA)["conversation_id"]
    with sqlite3.connect(tmp_path / STORE) as database:
        database.execute("UPDATE turns SET question = CAST(x'ff' || question AS TEXT)")
    database.close()
    body = {"question": "and in Malawi?", "conversation_id": talk}
    assert client.post("/api/v1/ask", json=body).status_code == 503
    assert "strategy" not in caplog.text


def test_what_is_asked_on_the_page_is_kept_for_staff_once(
    client: TestClient, tmp_path: Path
) -> None:
    client.get("/", params={"q": UGANDA})
    begin(client, "and in Malawi?")
    with Store(tmp_path / STORE) as store:
        assert sorted(kept.text for kept in store.questions(date(2000, 1, 1))) == sorted(
            [UGANDA, "and in Malawi?"]
        )


def test_a_body_that_is_too_large_is_refused(client: TestClient) -> None:
    assert client.post("/api/v1/ask", json={"question": "x" * 400_000}).status_code == 413
