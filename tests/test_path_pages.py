"""What people rely on when they take a reading path, and what staff are told about theirs."""

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import StandInEncoder, Typed
from fastapi.testclient import TestClient
from test_api import holder_of
from test_pages import ARABIC_PAGE, Element, assert_harmless, interface_of, read
from test_reading_paths import GOOD, write

from corpus.reading_paths import BUNDLED_PATHS, load_reading_paths
from corpus.removed import Removed
from index.generation import Generation
from server.app import assemble
from server.service import Service
from server.settings import Settings
from server.store import STORE, Store

SECOND = """[[path]]
id = "second"
pillar = "trust"
title = { ar = "الثاني" }
introduction = { ar = "مقدمة." }
[[path.step]]
case = "hill-orchards"
why = { ar = "لماذا." }
"""
COORDINATION = [path.id for path in load_reading_paths([BUNDLED_PATHS])][:2]


def make_client(service: Service, home: Path) -> TestClient:
    holder = holder_of(service)
    holder._refresh()
    return TestClient(assemble(holder, home))


@pytest.fixture
def small(small_generation: Generation, stand_in: StandInEncoder, tmp_path: Path) -> TestClient:
    """A hub whose library holds none of the bundled cases."""
    return make_client(Service(small_generation, stand_in, Removed(tmp_path)), tmp_path)


@pytest.fixture
def client(bundled_service: Service, tmp_path: Path) -> TestClient:
    """A hub with the bundled library."""
    return make_client(bundled_service, tmp_path)


def addresses(page: Element) -> list[str]:
    return [link.attributes["href"] for link in page.one("main").all("a")]


def steps(page: Element) -> list[Element]:
    return page.one("ol", class_="hits").all("article")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_all_paths_are_listed_by_pillar(client: TestClient, language: str) -> None:
    page = read(client, f"/paths?ui={language}")
    assert interface_of(page)[0] == language
    paths = load_reading_paths([BUNDLED_PATHS])
    titles = [heading.text for heading in page.all("h3")]
    assert sorted(titles) == sorted(path.title[language] for path in paths)
    sections = page.one("main").all("section")
    assert len(sections) == 7
    third = sections[2]
    assert third.one("h2").text == {"en": "Coordination", "ar": "التنسيق"}[language]
    assert addresses(page)[2:4] == [f"/paths/{name}?ui={language}" for name in COORDINATION]
    assert {"en": "Burkina Faso", "ar": "بوركينا فاسو"}[language] in third.text
    assert not page.all(class_="notice")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_path_leads_from_step_to_step(
    client: TestClient, bundled_service: Service, language: str
) -> None:
    page = read(client, f"/paths/{COORDINATION[0]}?ui={language}")
    path = load_reading_paths([BUNDLED_PATHS])[0]
    assert page.one("h1").text == path.title[language]
    assert path.introduction[language] in page.one("main").text
    assert len(steps(page)) == len(path.steps)
    for shown, written in zip(steps(page), path.steps, strict=True):
        case = bundled_service.case(written.case, language)
        assert case is not None
        assert case.source is not None
        heading = shown.one("h2")
        assert heading.text == case.title
        assert (heading.attributes["lang"], heading.attributes["dir"]) == (interface_of(page))
        assert shown.one("p", class_="why").text == written.why[language]
        quote = shown.one("blockquote")
        assert quote.attributes["lang"] == language
        (passage,) = (
            passage
            for passage in bundled_service.generation.passages_of(case)
            if passage.text == quote.text
        )
        assert heading.one("a").attributes["href"] == (
            f"/cases/{case.id}?lang={language}#{passage.anchor}"
        )
        assert case.source.url in [link.attributes["href"] for link in shown.all("a")]
    questions = page.one("section", class_="discuss").all("li")
    assert [question.text for question in questions] == list(path.discuss[language])


def test_the_way_goes_on_to_the_next_path_of_the_pillar_and_back_to_all(
    client: TestClient,
) -> None:
    onward = read(client, f"/paths/{COORDINATION[0]}?ui=en").one("nav", class_="onward")
    assert [link.attributes["href"] for link in onward.all("a")] == [
        f"/paths/{COORDINATION[1]}?ui=en",
        "/paths?ui=en",
    ]
    last = read(client, f"/paths/{COORDINATION[1]}?ui=en").one("nav", class_="onward")
    assert [link.attributes["href"] for link in last.all("a")] == ["/paths?ui=en"]


def test_every_link_of_a_path_leads_somewhere(client: TestClient) -> None:
    page = read(client, f"/paths/{COORDINATION[0]}?ui=ar")
    inside = [address for address in addresses(page) if address.startswith("/")]
    assert any(address.startswith("/references/") for address in inside)
    for address in inside:
        assert client.get(address.split("#")[0]).status_code == 200, address
    assert client.get("/static/paths.css").status_code == 200


@pytest.mark.parametrize("path", ["/paths/none", "/paths/%00", "/paths/%D9%85"])
def test_an_unknown_path_is_no_page(client: TestClient, path: str) -> None:
    assert "There is nothing at this address." in read(client, path, 404).one("main").text


def test_texts_in_another_language_say_which(small: TestClient, tmp_path: Path) -> None:
    write(tmp_path, GOOD + SECOND)
    page = read(small, "/paths/second?ui=en")
    for found in (page.one("h1"), page.one("p", class_="why"), page.one(class_="promise")):
        assert (found.attributes["lang"], found.attributes["dir"]) == ARABIC_PAGE
    assert page.one("blockquote").attributes["lang"] == "en"
    arabic = read(small, "/paths/second?lang=ar")
    assert "lang" not in arabic.one("h1").attributes
    assert arabic.one("blockquote").attributes["dir"] == "ltr"
    assert "discuss" not in [found.attributes.get("id") for found in page.all("h2")]


def test_an_edit_is_seen_at_once(small: TestClient, tmp_path: Path) -> None:
    assert "no reading path through this library yet" in read(small, "/paths?ui=en").text
    write(tmp_path, GOOD)
    assert [heading.text for heading in read(small, "/paths?ui=en").all("h3")] == ["Night schools"]
    write(tmp_path, GOOD.replace("Night", "Evening"))
    assert read(small, "/paths/night-schools?ui=en").one("h1").text == "Evening schools"
    (tmp_path / "reading_paths.toml").unlink()
    assert read(small, "/paths/night-schools?ui=en", 404)


def test_a_hub_s_own_path_wins_by_its_id(client: TestClient, tmp_path: Path) -> None:
    own = GOOD.replace("night-schools", COORDINATION[0])
    write(
        tmp_path,
        own.replace("harbour-school", "norway-oslo-salto-model").replace(
            "What came of it", "Context"
        ),
    )
    page = read(client, f"/paths/{COORDINATION[0]}?ui=en")
    assert page.one("h1").text == "Night schools"
    assert len(steps(page)) == 1


def test_a_broken_own_file_is_said_and_the_bundled_paths_shown(
    client: TestClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, GOOD.replace("why", "way"))
    with caplog.at_level(logging.ERROR):
        for address in ("/paths?ui=en", f"/paths/{COORDINATION[0]}?ui=en"):
            page = read(client, address)
            assert "cannot be read just now" in page.one(class_="notice").text
    assert len(read(client, "/paths?ui=en").all("h3")) == len(load_reading_paths([BUNDLED_PATHS]))
    (told,) = caplog.messages
    assert "reading_paths.toml: path 1, step 1, field why, in “night-schools”: is missing" in told
    write(tmp_path, GOOD)
    assert not read(client, "/paths?ui=en").all(class_="notice")


def test_a_change_is_seen_that_leaves_size_and_time_as_they_were(
    small: TestClient, tmp_path: Path
) -> None:
    path = write(tmp_path, GOOD)
    read(small, "/paths/night-schools?ui=en")
    before = path.stat()
    write(tmp_path, GOOD.replace("Night", "Night"[::-1]))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert read(small, "/paths/night-schools?ui=en").one("h1").text == "thgiN schools"


def test_what_cannot_be_read_is_read_once_it_can(small: TestClient, tmp_path: Path) -> None:
    path = tmp_path / "reading_paths.toml"
    path.mkdir()
    assert read(small, "/paths?ui=en").all(class_="notice")
    path.rmdir()
    write(tmp_path, GOOD)
    assert read(small, "/paths?ui=en").all("h3")


def test_what_was_taken_away_vanishes_from_the_paths(small: TestClient, tmp_path: Path) -> None:
    more = '[[path.step]]\ncase = "hill-orchards"\nwhy = { en = "Look at the well." }\n'
    write(tmp_path, GOOD + more + SECOND)
    assert len(steps(read(small, "/paths/night-schools?ui=en"))) == 2
    Removed(tmp_path).add(["hill-orchards"])
    page = read(small, "/paths/night-schools?ui=en")
    assert [shown.one("h2").text for shown in steps(page)] == ["Harbour: a night school"]
    assert "well" not in page.text
    assert "/paths/second?ui=en" not in addresses(page)
    assert read(small, "/paths/second?ui=en", 404)


def test_whatever_staff_write_is_text_on_the_page(small: TestClient, tmp_path: Path) -> None:
    hostile = "</h1><script>alert(1)</script><img src=x onerror=alert(1)>"
    write(tmp_path, GOOD.replace("Night schools", hostile).replace("Who would come?", hostile))
    for address in ("/paths?ui=en", "/paths/night-schools?ui=en"):
        page = read(small, address)
        assert hostile in page.one("main").text
        assert_harmless(page)


# What staff are told


@pytest.fixture
def home(bundled_home: Path, tmp_path: Path) -> Iterator[Path]:
    """A hub's folder of its own over the index of the bundled library."""
    (tmp_path / "generations").symlink_to(bundled_home / "generations")
    yield tmp_path
    assert not (bundled_home / "reading_paths.toml").exists()


def test_the_command_lists_every_path(typed: Typed, home: Path) -> None:
    ran = typed("paths", "--json", home=home)
    assert ran.returncode == 0, ran.stderr
    listed = json.loads(ran.stdout)
    assert [(entry["id"], entry["steps"]) for entry in listed] == [
        (path.id, len(path.steps)) for path in load_reading_paths(Settings(home=home).path_files)
    ]
    assert not any(entry["own"] or entry["lost"] for entry in listed)


def test_a_step_of_the_hub_s_own_that_leads_nowhere_is_told(typed: Typed, home: Path) -> None:
    Removed(home).add(["italy-turin-multi-agency-table"])
    write(home, GOOD)
    ran = typed("paths", home=home)
    assert ran.returncode == 1
    assert "night-schools  (trust, own, 1 step)\n  step 1 leads nowhere: " in ran.stdout
    assert "no harbour-school" in ran.stdout
    assert "  step 2 leads nowhere: italy-turin-multi-agency-table was taken" in ran.stdout
    assert "1 of the steps in" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_bundled_step_that_leads_nowhere_is_no_fault_of_the_hub_s(
    typed: Typed, home: Path
) -> None:
    lost = load_reading_paths([BUNDLED_PATHS])[0].steps
    Removed(home).add([step.case for step in lost])
    ran = typed("paths", home=home)
    assert ran.returncode == 0, ran.stderr
    assert "not shown: the library holds none of its passages" in ran.stdout


def test_a_file_that_is_refused_is_told_with_the_place(typed: Typed, home: Path) -> None:
    write(home, GOOD.replace('"trust"', '"kindness"'))
    ran = typed("paths", home=home)
    assert ran.returncode == 1
    assert "reading_paths.toml: path 1, field pillar, in “night-schools”: must be" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_path_becomes_a_briefing_in_its_order_with_what_is_said_of_each(
    client: TestClient, tmp_path: Path
) -> None:
    page = read(client, f"/paths/{COORDINATION[0]}?ui=ar")
    form = page.one("form", class_="take")
    made = client.post(form.attributes["action"], follow_redirects=False)
    assert made.status_code == 303
    briefing_id = made.cookies["diwan_briefing"]
    with Store(tmp_path / STORE) as store:
        briefing = store.briefing(briefing_id)
    path = next(path for path in load_reading_paths([BUNDLED_PATHS]) if path.id == COORDINATION[0])
    assert [kept.case_id for kept in briefing.quotations] == [step.case for step in path.steps]
    assert [kept.remark for kept in briefing.quotations] == [step.why["ar"] for step in path.steps]
    assert (briefing.title, briefing.language) == (path.title["ar"], "ar")
    assert client.post("/paths/no-such-path/briefing").status_code == 404
