"""Each recipe of docs/recipes.md in curl and in Python does what it says, on a hub that serves."""

import csv
import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from api_library import Shelf, client_of
from browsing import served
from recipes import (
    BEGIN,
    DOCUMENT,
    FOLLOW,
    PAGE,
    RECIPES,
    printed_by_python,
    recipe,
    titles,
)

from diwan import Client
from server.keys.store import Scope
from server.service import Service
from server.store import STORE, Store
from server.store_records import TERMINAL, By

LOT = "Take the lot into a table"
AGAIN = "Ask again and again, politely"
SEND = "Send in what your cities did"
ARABIC = range(0x600, 0x700)
BY = By(TERMINAL, datetime(2026, 3, 5, tzinfo=UTC))
needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="no curl on this machine")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("left")


@pytest.fixture(scope="module")
def address(bundled_service: Service, home: Path) -> Iterator[str]:
    with served(client_of(Shelf(bundled_service), home).app) as address:  # type: ignore[arg-type]
        yield address


@pytest.fixture(scope="module")
def hub(address: str) -> Iterator[Client]:
    with Client(address) as hub:
        yield hub


@pytest.fixture(scope="module")
def key(address: str, home: Path) -> str:
    assert address  # it has made the store
    with Store(home / STORE) as store:
        return store.create_key("Platform", [Scope.SEARCH, Scope.CONTRIBUTE], 0, BY)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIWAN_KEY", key)


def printed_by_curl(title: str, address: str) -> str:
    ran = subprocess.run(
        ["/bin/sh", "-c", recipe(title, "sh").at(address)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return ran.stdout


def test_every_recipe_is_there_in_every_language() -> None:
    assert {each.language for each in RECIPES} == {"sh", "python", "js", "html"}
    assert DOCUMENT.count("```") == 2 * len(RECIPES)
    assert titles("sh") == titles("python") == [title for title in _sections() if title != PAGE]
    assert titles("js") == [title for title in titles("sh") if title not in (LOT, SEND)]
    assert titles("html") == [PAGE]


def _sections() -> list[str]:
    return [section.partition("\n")[0] for section in DOCUMENT.split("\n## ")[1:]]


def test_every_link_leads_somewhere() -> None:
    anchors = {"#" + title.lower().replace(" ", "-").replace(",", "") for title in _sections()}
    found = [part.partition(")")[0] for part in DOCUMENT.replace("\n", " ").split("](")[1:]]
    assert len(found) > 5
    documents = Path(__file__).parent.parent / "docs"
    for target in found:
        assert target in anchors or (documents / target).is_file(), target


@needs_curl
@pytest.mark.parametrize(
    "title", [title for title in titles("sh") if title not in (FOLLOW, LOT, SEND)]
)
def test_each_command_gives_what_is_answered(title: str, address: str) -> None:
    body = json.loads(printed_by_curl(title, address))
    assert body["generation"]
    assert body.get("results", body.get("cases", body.get("total")))
    asked = recipe(title, "sh").text
    if "k=3" in asked:
        assert len(body["results"]) == 3
    if "pillar=trust" in asked:
        assert all("trust" in each["case_study"]["pillars"] for each in body["results"])
        assert is_arabic(body["query"])
    if "/ask" in asked:
        assert body["answer"]["sentences"]


@needs_curl
def test_the_command_that_follows_changes_takes_them_once(address: str) -> None:
    printed_by_curl(FOLLOW, address)
    taken = Path("changes.json")
    first = taken.read_text("utf-8")
    assert json.loads(first)["changes"]
    taken.write_text("kept", "utf-8")
    printed_by_curl(FOLLOW, address)
    assert taken.read_text("utf-8") == "kept"  # 304 came, and no body
    Path("changes.etag").unlink()
    printed_by_curl(FOLLOW, address)
    assert taken.read_text("utf-8") == first


@needs_curl
def test_the_command_that_takes_the_lot_takes_every_line(address: str) -> None:
    printed_by_curl(LOT, address)
    first, *others = Path("library.jsonl").read_text("utf-8").splitlines()
    assert json.loads(first)["renderings"] == len(others) > 100


@needs_curl
def test_the_command_that_sends_a_practice_in_does_so_once(address: str, key: str) -> None:
    first = json.loads(printed_by_curl(SEND, address))
    assert (first["state"], first["reference"]) == ("waiting", "record 17")
    assert json.loads(printed_by_curl(SEND, address)) == first
    with Client(address, key) as keyed:
        assert [each.reference for each in keyed.contributions()].count("record 17") == 1


def test_the_program_that_sends_a_practice_in_does_so_once_and_passes_questions_on(
    address: str, key: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert printed_by_python(SEND, address, begin=False) == "record 18 is waiting\n"
    with Client(address, key) as keyed, Store(home / STORE) as store:
        (sent,) = (each for each in keyed.contributions() if each.reference == "record 18")
        turn = store.contribution_at_desk(sent.id).turn
        store.ask_contributor(sent.id, turn, "Who chose them?", None, BY)
        lines = printed_by_python(SEND, address, begin=False).splitlines()
        assert lines == ["record 18 is asked", "record 18: Who chose them?"]
        keyed.withdraw_contribution(sent.id)
    monkeypatch.delenv("DIWAN_KEY")
    assert "need a key" in printed_by_python(SEND, address, begin=False)


def is_arabic(text: str) -> bool:
    return any(ord(letter) in ARABIC for letter in text)


def test_the_first_program_asks_a_hub(address: str, hub: Client) -> None:
    assert printed_by_python(BEGIN, address, begin=False) == f"{hub.facets().total} case studies\n"


def test_an_answer_is_cited_and_the_conversation_goes_on(address: str) -> None:
    *sentences, understood = printed_by_python("Ask and cite", address).splitlines()
    assert all("Diwan case study" in sentence for sentence in sentences)
    assert "[“Uganda: a role for cities" in sentences[0]
    assert understood.startswith("Understood as: ")
    assert "Kenya" in understood


def test_a_choice_is_counted_and_narrows_what_is_found(address: str, hub: Client) -> None:
    lines = printed_by_python("Filter", address).splitlines()
    assert f"city: {hub.facets(pillar='trust', level='city').total}" in lines
    found = [line for line in lines if line[0].isdecimal()]
    assert [line[:2] for line in found] == ["1.", "2.", "3."]
    assert any(map(is_arabic, found))


def test_all_pages_are_followed(address: str, hub: Client) -> None:
    lines = printed_by_python("Page through case studies", address).splitlines()
    assert len(lines) == hub.facets(level="national").total > 10
    assert lines == sorted(lines, key=lambda line: line.partition(":")[0])


def test_changes_are_taken_from_where_the_last_time_ended(address: str, hub: Client) -> None:
    lines = printed_by_python(FOLLOW, address).splitlines()
    assert "added uganda-national-strategy-review ar" in lines
    kept = Path("diwan-until.txt")
    assert kept.read_text() == hub.changes().until
    kept.write_text("9999-12-31")
    assert printed_by_python(FOLLOW, address) == ""


def test_similar_case_studies_are_linked(address: str) -> None:
    lines = printed_by_python("Similar cases", address).splitlines()
    assert lines
    for line in lines:
        link = urlsplit(line.rpartition(": ")[2])
        assert f"{link.scheme}://{link.netloc}" == address
        assert link.path.startswith("/cases/")


def test_the_lot_becomes_a_table(address: str, hub: Client) -> None:
    assert printed_by_python(LOT, address) == ""
    with Path("library.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(hub.changes().changes) > 100
    uganda = next(row for row in rows if row["id"] == "uganda-national-strategy-review")
    assert uganda["country"] == "UG"
    assert uganda["began"] == "2022-10"
    assert uganda["licence"] == "CC-BY-4.0"


def test_a_polite_program_says_what_keeps_it_from_an_answer(
    address: str, hub: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert printed_by_python(AGAIN, address) == f"Generation {hub.facets().generation}\n"
    monkeypatch.setenv("DIWAN_KEY", "diwan_wrong")
    assert "There is no such key" in printed_by_python(AGAIN, address)
    assert "Nobody answers just now" in printed_by_python(AGAIN, "http://127.0.0.1:1", begin=False)


def test_where_there_is_no_answer_it_is_said(address: str) -> None:
    said, *nearest = printed_by_python("Where there is no answer", address).splitlines()
    assert said.startswith("The library has no answer")
    assert len(nearest) <= 3
