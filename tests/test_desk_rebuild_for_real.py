"""A rebuild from the desk by the real command: published, refused, killed, and watched."""

import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from browsing import served
from conftest import put_case
from desk import CHEAP, PASSWORD, Desk
from fastapi.testclient import TestClient
from playwright.sync_api import Page, expect
from test_browser import browser, page
from test_generations_cli import GOLD

from server.app import assemble
from server.i18n import interface
from server.service_opening import holder_for
from server.settings import Settings
from server.store import STORE, Store
from server.store_records import TERMINAL, By, Change
from server.store_staff import Role

__all__ = ["browser", "page"]
pytestmark = pytest.mark.slow

QUESTIONS = ("How does Mumbai keep Hindus and Muslims on good terms?", "Mohalla committees")
NAME = "Amal"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A hub with a library of its own and two questions that it must answer."""
    home = tmp_path / "hub"
    put_case(home, **{"id: india-mumbai-mohalla-committees": "id: mumbai"})
    put_case(home, "other.md", **{"id: india-mumbai-mohalla-committees": "id: lighthouse",
                                  "Mumbai": "Zanth", "Mohalla": "Beacon"})  # fmt: skip
    (home / "gold.toml").write_text(GOLD.format(*QUESTIONS), "utf-8")
    return home


@contextmanager
def desk_over(home: Path) -> Iterator[Desk]:
    """The whole application over a hub's folder, with an administrator who is signed in."""
    settings = Settings(home=home, bundled=False)
    app = assemble(holder_for(settings), home, CHEAP, settings=settings)
    client = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
    with client, Store(home / STORE) as store:
        desk = Desk(client, store, CHEAP, datetime.now(UTC))
        desk.hire(NAME, Role.ADMINISTRATOR)
        desk.sign_in(name=NAME)
        yield desk


def until(seen: Callable[[], object], seconds: float = 120) -> None:
    """Wait for what another process or thread does."""
    end = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def rebuilt(desk: Desk, **form: str) -> tuple[list[str], str]:
    """Start a rebuild and watch it to its end: the steps that were told, and the page then."""
    started = desk.client.post("/desk/rebuild?ui=en", data=form)
    assert started.status_code == 303, started.text
    told = ""
    while "event: end" not in told:
        told += desk.client.get("/desk/rebuild/events?ui=en").text
    said = [json.loads(each)["said"] for each in re.findall(r"^data: (\{.+)$", told, re.MULTILINE)]
    return list(dict.fromkeys(said)), desk.client.get("/desk/rebuild?ui=en").text


def serves(desk: Desk) -> str | None:
    """The generation that answers, if any."""
    answer = desk.client.get("/readyz").json()
    return answer.get("generation")


def test_from_nothing_to_published_refused_forced_and_back(home: Path) -> None:
    with desk_over(home) as desk:
        said, page = rebuilt(desk)
        assert said, "no step was told"
        assert "Encoding" in " ".join(said) or "Reading" in " ".join(said)
        assert '<h2 id="outcome">Published</h2>' in page
        until(lambda: serves(desk))
        first = serves(desk)
        assert "Up to date" in desk.client.get("/desk/rebuild?ui=en").text
        _, page = rebuilt(desk)
        assert "There was nothing to do" in page

        (home / "library/own.md").unlink()
        assert "1 document is gone" in desk.client.get("/desk/rebuild?ui=en").text
        said, page = rebuilt(desk)
        assert "Kept aside: it answers worse" in page
        for question in QUESTIONS:
            assert question in page
        assert "nothing: it is no longer in the library" in page
        assert serves(desk) == first
        about = desk.store.records(1)[0].about
        assert about.endswith(": refused")
        refused = about.split(":")[0]
        listed = desk.client.get("/desk/generations?ui=en").text
        assert QUESTIONS[0] in listed

        done = desk.client.post(f"/desk/generations/{refused}/publish-refused?ui=en")
        assert done.status_code == 303
        until(lambda: serves(desk) == refused)
        assert desk.client.post("/desk/generations/back?ui=en").status_code == 303
        until(lambda: serves(desk) == first)
        _, page = rebuilt(desk, force="true")
        assert '<h2 id="outcome">Published</h2>' in page
        until(lambda: serves(desk) not in {first, refused})
        sound = desk.client.post(f"/desk/generations/{serves(desk)}/verify?ui=en")
        assert "is sound" in sound.text
        made = [record.what for record in desk.store.records()]
        assert made.count(Change.REBUILD_STARTED) == made.count(Change.REBUILD_ENDED) == 4
        (home / "library/other.md").write_text("no front matter")
        _, page = rebuilt(desk)
        assert "It failed" in page
        assert "other.md" in page


def test_one_that_is_killed_in_the_middle_changes_nothing_and_the_next_one_works(
    home: Path,
) -> None:
    with desk_over(home) as desk:
        rebuilt(desk)
        until(lambda: serves(desk))
        first = serves(desk)
        assert desk.client.post("/desk/rebuild", data={"full": "true"}).status_code == 303
        assert desk.client.post("/desk/rebuild?ui=en").status_code == 409
        until(lambda: '"step":"encode"' in (home / "rebuild.json").read_text())
        run = json.loads((home / "rebuild.json").read_text())
        os.kill(run["process"], signal.SIGKILL)
        assert "event: end" in desk.client.get("/desk/rebuild/events").text
        page = desk.client.get("/desk/rebuild?ui=en").text
        assert "The last rebuild was ended from outside" in page
        assert serves(desk) == first
        _, page = rebuilt(desk, full="true")
        assert '<h2 id="outcome">Published</h2>' in page
        until(lambda: serves(desk) != first)


@pytest.fixture
def address(home: Path) -> Iterator[str]:
    """A server on a free port of the loopback interface, over the hub's folder."""
    settings = Settings(home=home, bundled=False)
    app = assemble(holder_for(settings), home, CHEAP, settings=settings)
    with served(app) as address:
        yield address


@pytest.mark.browser
@pytest.mark.parametrize(
    ("page", "language"),
    [
        ({}, "en"),
        ({}, "ar"),
        ({"java_script_enabled": False}, "ar"),
    ],
    indirect=["page"],
)
def test_it_is_pressed_and_watched_to_its_end(page: Page, home: Path, language: str) -> None:
    with Store(home / STORE) as store:
        token = store.add_staff(NAME, Role.EDITOR, By(TERMINAL, datetime.now(UTC))).token
    page.goto(f"/desk/invitation/{token}?ui={language}")
    page.locator("#password").fill(PASSWORD)
    page.locator("#again").fill(PASSWORD)
    page.locator("#again").press("Enter")
    page.locator(".desk-bar a[href^='/desk/rebuild']").click()
    reader = interface(language)
    page.locator(".desk-form button.main").click()
    expect(page.locator(".rebuild-now progress")).to_be_visible()
    expect(page.locator("#outcome")).to_have_text(reader.gettext("Published"), timeout=120_000)
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    expect(page.locator(".desk-form button.main")).to_be_visible()
    if page.evaluate("typeof said") == "object":
        expect(page.locator("#rebuild-said")).to_have_text(reader.gettext("Published"))
