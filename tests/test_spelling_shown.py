"""Whoever asks with a misspelt name is told what was searched instead, and can take it back."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from conftest import Typed
from fastapi.testclient import TestClient
from test_api import holder_of
from test_pages import Element, Reader

from server.app import assemble
from server.service import Service
from server.store import STORE, Store

TYPED = "how does Nansanna work with young people?"
MEANT = "how does Nansana work with young people?"
GETIPPT = "كيف تعمل نانسنا مع الشباب؟"
DESK = "uganda-nansana-youth-desk"


@pytest.fixture
def client(bundled_service: Service, tmp_path: Path) -> Iterator[TestClient]:
    holder = holder_of(bundled_service)
    holder._refresh()
    with TestClient(assemble(holder, tmp_path), follow_redirects=False) as client:
        yield client


def read(client: TestClient, address: str, **parameters: str) -> Element:
    response = client.get(address, params=parameters or None)
    assert response.status_code == 200
    return Reader(response.text).root


def said(page: Element) -> str:
    """What a page says of the question that it answers."""
    return " ".join(page.one(class_="understood").text.split())


# JSON


@pytest.mark.parametrize(
    ("typed", "word", "meant"), [(TYPED, "Nansanna", "Nansana"), (GETIPPT, "نانسنا", "نانسانا")]
)
def test_the_interface_says_what_was_searched_instead(
    client: TestClient, typed: str, word: str, meant: str
) -> None:
    body = client.get("/api/v1/search", params={"q": typed}).json()
    assert body["query"] == typed
    assert body["interpreted_as"] == typed.replace(word, meant)
    start = typed.index(word)
    assert body["corrections"] == [
        {"typed": word, "meant": meant, "start": start, "end": start + len(word)}
    ]
    assert body["results"][0]["case_study"]["id"] == DESK


def test_the_interface_searches_exactly_as_typed(client: TestClient) -> None:
    body = client.get("/api/v1/search", params={"q": TYPED, "as_typed": True}).json()
    assert body["query"] == body["interpreted_as"] == TYPED
    assert body["corrections"] == []


def test_a_name_that_is_right_is_no_correction(client: TestClient) -> None:
    assert client.get("/api/v1/search", params={"q": MEANT}).json()["corrections"] == []


def test_a_turn_says_it_too(client: TestClient) -> None:
    first = client.post("/api/v1/ask", json={"question": TYPED}).json()
    assert (first["query"], first["interpreted_as"]) == (TYPED, MEANT)
    assert [each["meant"] for each in first["corrections"]] == ["Nansana"]
    talk = {"conversation_id": first["conversation_id"]}
    second = client.post("/api/v1/ask", json={"question": "and in Malawwi?", **talk}).json()
    assert second["query"] == "and in Malawwi?"
    assert second["interpreted_as"] == MEANT.replace("Nansana", "Malawi")
    assert second["corrections"] == [{"typed": "Malawwi", "meant": "Malawi", "start": 7, "end": 14}]
    as_typed = client.post(
        "/api/v1/ask", json={"question": "and in Malawwi?", "as_typed": True, **talk}
    ).json()
    assert as_typed["interpreted_as"] == "and in Malawwi?"
    assert as_typed["corrections"] == []


def test_what_was_asked_as_typed_is_gone_on_from_as_typed(client: TestClient) -> None:
    first = client.post("/api/v1/ask", json={"question": TYPED, "as_typed": True}).json()
    second = client.post(
        "/api/v1/ask",
        json={"question": "in Arabic please", "conversation_id": first["conversation_id"]},
    ).json()
    assert second["interpreted_as"].startswith(TYPED)


# The page


@pytest.mark.parametrize(
    ("typed", "word", "meant"), [(TYPED, "Nansanna", "Nansana"), (GETIPPT, "نانسنا", "نانسانا")]
)
def test_the_page_says_what_was_searched_instead(
    client: TestClient, typed: str, word: str, meant: str
) -> None:
    page = read(client, "/", q=typed)
    assert page.one(class_="understood").one("strong").text == meant
    assert word in said(page)
    assert page.one("input", type="search").attributes["value"] == typed
    assert page.one(class_="asked").text == typed
    assert meant in page.one(id="answer").one("ol", class_="hits").text


def test_one_click_searches_exactly_as_typed(client: TestClient) -> None:
    link = read(client, "/", q=TYPED, country="UG").one(class_="understood").one("a")
    asked = parse_qs(urlsplit(link.attributes["href"]).query)
    assert asked == {"q": [TYPED], "as_typed": ["1"], "country": ["UG"], "ui": ["en"]}
    page = read(client, link.attributes["href"])
    assert page.all(class_="understood") == []
    assert page.one(class_="asked").text == TYPED


def test_as_typed_is_kept_when_the_question_is_narrowed_or_the_language_changes(
    client: TestClient,
) -> None:
    page = read(client, "/", q=TYPED, as_typed="1")
    links = [*page.one(class_="facets").all("a"), *page.one(id="languages").all("a")]
    assert len(links) > 2
    for link in links:
        assert parse_qs(urlsplit(link.attributes["href"]).query)["as_typed"] == ["1"]
    form = page.one("form", class_="follow")
    assert form.one("input", name="after_as_typed").attributes["value"] == "1"
    box = page.one("search")
    assert box.all("input", name="as_typed") == [], "another question is forgiven its slips again"


def test_what_is_announced_in_place_begins_with_the_correction(client: TestClient) -> None:
    shown = client.get("/", params={"q": TYPED}, headers={"HX-Request": "true"}).text
    announced = " ".join(Reader(shown).root.one(id="announcement").text.split())
    assert announced.startswith("Searched for Nansana instead of “Nansanna”. ")
    assert "passages" in announced


def test_hostile_names_stay_text(client: TestClient) -> None:
    page = read(client, "/", q="<b>Nansanna</b> & <script>Elbasn</script>")
    assert [name.text for name in page.one(class_="understood").all("strong")] == [
        "Nansana",
        "Elbasan",
    ]


def test_what_was_typed_is_kept_for_staff(client: TestClient, tmp_path: Path) -> None:
    client.get("/", params={"q": TYPED})
    client.post("/api/v1/ask", json={"question": GETIPPT})
    with Store(tmp_path / STORE) as store:
        kept = {question.text for question in store.questions(date(2000, 1, 1))}
    assert kept == {TYPED, GETIPPT}


# A conversation


def go_on(client: TestClient, question: str, **more: str) -> str:
    """Ask on from an answer by the form; give the conversation's path."""
    response = client.post(
        "/conversations", data={"question": question, "after": TYPED, "ui": "en", **more}
    )
    assert response.status_code == 303
    return str(response.headers["location"]).split("?", 1)[0]


def test_a_conversation_says_what_was_searched_instead(client: TestClient) -> None:
    path = go_on(client, "and in Malawwi?")
    page = read(client, path)
    instead = "Searched for Malawi instead of “Malawwi”. Understood as: how does Malawi"
    assert said(page).startswith(instead)
    assert [turn.text for turn in page.all(class_="asked")] == [TYPED, "and in Malawwi?"]
    form = page.one(class_="understood").one("form")
    assert form.attributes["action"] == path
    fields = {field.attributes["name"]: field.attributes["value"] for field in form.all("input")}
    client.post(path, data=fields)
    assert read(client, path).all(class_="understood") == []


def test_a_conversation_corrects_a_question_of_its_own(client: TestClient) -> None:
    page = read(client, go_on(client, "How is trust built between police and people in Mombassa?"))
    assert re.fullmatch(
        "Searched for Mombasa instead of “Mombassa”. Ask it exactly as typed", said(page)
    )


def test_a_conversation_goes_on_from_what_was_searched_as_typed(client: TestClient) -> None:
    path = go_on(client, "in Arabic please", after_as_typed="1")
    assert f"Understood as: {TYPED} – " in said(read(client, path))


# The terminal


@pytest.mark.slow
def test_the_terminal_says_what_was_searched_instead(typed: Typed, bundled_home: Path) -> None:
    ran = typed("search", TYPED, "-k", "1", home=bundled_home)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(
        "Searched for Nansana instead of “Nansanna”.\nSearch exactly as typed with --as-typed.\n"
    )
    as_typed = typed("search", TYPED, "-k", "1", "--as-typed", home=bundled_home)
    assert as_typed.returncode == 0, as_typed.stderr
    assert "instead of" not in as_typed.stdout
