"""People can say how it was and ask the hub; nothing says who, and nobody can flood it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from test_api import holder_of

from server.app import assemble
from server.feedback_pages import MOST
from server.service import Service
from server.store import STORE, Store

QUESTION = "How does Nansana involve young people?"


@pytest.fixture
def client(bundled_service: Service, tmp_path: Path) -> Iterator[TestClient]:
    holder = holder_of(bundled_service)
    holder._refresh()
    with TestClient(assemble(holder, tmp_path)) as client:
        yield client


@pytest.fixture
def store(tmp_path: Path, client: TestClient) -> Iterator[Store]:
    assert client
    with Store(tmp_path / STORE) as store:
        yield store


def passage_of(client: TestClient) -> str:
    found = client.get("/api/v1/search", params={"q": QUESTION}).json()["results"]
    return str(found[0]["passage_id"])


def test_an_answer_can_be_called_helpful_or_not(client: TestClient, store: Store) -> None:
    page = client.get("/", params={"q": QUESTION}).text
    assert 'action="/feedback?ui=en"' in page
    said = {"said": "not_helpful", "note": "too short", "question": QUESTION}
    thanks = client.post("/feedback?ui=ar", data=said)
    assert thanks.status_code == 200
    assert 'dir="rtl"' in thanks.text
    (kept,) = store.feedback()
    assert (kept.kind, kept.helpful, kept.reason) == ("answer", False, "too short")
    assert kept.question == QUESTION
    assert kept.case_id is None


def test_what_several_found_helpful_is_shown_to_others_and_not_what_they_asked(
    client: TestClient, store: Store
) -> None:
    page = client.get("/", params={"q": QUESTION}).text
    case = re.search(r'name="case" value="([^"]+)"', page)
    assert case
    said = {"said": "helpful", "question": "SECRET question", "case": case[1]}
    for count in range(1, 4):
        assert client.post("/feedback", data=said).status_code == 200
        assert store.feedback()[0].case_id == case[1]
        start = client.get("/").text
        assert ("Others found these useful" in start) == (count == 3)
    assert f"/cases/{case[1]}" in start
    assert "SECRET" not in start
    client.post("/feedback", data={**said, "case": "no-such-case"})
    assert sum(kept.case_id is None for kept in store.feedback()) == 1


def test_a_problem_with_a_passage_waits_for_staff(client: TestClient, store: Store) -> None:
    passage = passage_of(client)
    said = {"said": "risk", "note": "names a person", "question": QUESTION, "passage": passage}
    assert client.post("/feedback", data=said).status_code == 200
    (problem,) = store.problems()
    assert (problem.kind, problem.passage_id) == ("risk", passage)
    assert problem.case_id == "uganda-nansana-youth-desk"
    client.post("/feedback", data={**said, "said": "helpful"})
    (kept,) = store.feedback()
    assert (kept.kind, kept.passage_id) == ("passage", passage)


def test_a_question_without_an_answer_can_be_sent_to_the_hub(
    client: TestClient, store: Store
) -> None:
    unanswered = "How long does sourdough bread have to rise?"
    assert 'action="/hub?ui=en"' in client.get("/", params={"q": unanswered}).text
    assert 'action="/hub?ui=en"' not in client.get("/", params={"q": QUESTION}).text
    assert client.post("/hub", data={"question": unanswered}).status_code == 200
    (sent,) = store.inbox()
    assert (sent.question, sent.language) == (unanswered, "en")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"said": "risk", "question": QUESTION}, 404),
        ({"said": "helpful", "question": QUESTION, "passage": "gone.en.0123456789"}, 404),
        ({"said": "nonsense", "question": QUESTION}, 422),
        ({"said": "helpful", "question": "x" * 2_001}, 422),
        ({"said": "helpful", "question": QUESTION, "note": "x" * 2_001}, 422),
        ({}, 422),
    ],
)
def test_what_cannot_be_kept_is_told(
    client: TestClient, store: Store, data: dict[str, str], status: int
) -> None:
    assert client.post("/feedback", data=data).status_code == status
    assert store.feedback() == ()
    assert store.problems() == ()


def test_nobody_can_flood_it(client: TestClient, store: Store) -> None:
    said = {"said": "helpful", "question": QUESTION}
    statuses = [client.post("/feedback", data=said).status_code for _ in range(MOST + 3)]
    assert statuses == [200] * MOST + [429] * 3
    assert len(store.feedback()) == MOST


def test_another_site_cannot_post(client: TestClient) -> None:
    said = {"said": "helpful", "question": QUESTION}
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/feedback", data=said, headers=headers).status_code == 403
