"""Documents put in, and case studies edited by two people, in a real Chromium without scripts."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import served
from conftest import StandInEncoder
from desk import CHEAP, PASSWORD
from playwright.sync_api import Browser, Page, expect
from test_api import holder_of
from test_browser import PHONE, browser, page

from index.generation import Generation
from server.app import assemble
from server.service import Service
from server.store import STORE, Store
from server.store_records import TERMINAL, By
from server.store_staff import Role

__all__ = ["browser", "page"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

CASE = "/desk/cases/uganda-nansana-youth-desk/en"
TEXT = (
    "# Night school\n\nThe harbour council opened a night school for porters, and forty of them"
    " came. In spring they wrote their own petitions to the council.\n"
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The hub's folder."""
    return tmp_path / "hub"


@pytest.fixture
def address(small_generation: Generation, stand_in: StandInEncoder, home: Path) -> Iterator[str]:
    """A server on a free port of the loopback interface, with a folder of its own."""
    app = assemble(holder_of(Service(small_generation, stand_in)), home, CHEAP)
    with served(app) as address:
        yield address


def accept(page: Page, home: Path, name: str, language: str) -> None:
    """Become one of the staff."""
    with Store(home / STORE) as store:
        token = store.add_staff(name, Role.EDITOR, By(TERMINAL, datetime.now(UTC))).token
    page.goto(f"/desk/invitation/{token}?ui={language}")
    page.locator("#password").fill(PASSWORD)
    page.locator("#again").fill(PASSWORD)
    page.locator("#again").press("Enter")
    expect(page.locator(".desk-bar")).to_contain_text(name)


def see(page: Page) -> None:
    """Look at a page as everybody may have to use it."""
    for summary in page.locator("main details:not([open]) > summary").all():
        summary.click()
    found = axe_of(page)
    assert found == [], page.url
    size = page.viewport_size
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.evaluate("document.documentElement.clientWidth"), page.url
    if size:
        page.set_viewport_size(size)


def axe_of(page: Page) -> list[tuple[str, list[str]]]:
    found = Axe().run(page).response["violations"]
    return [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_file_is_uploaded_corrected_and_put_in(
    page: Page, home: Path, language: str, tmp_path: Path
) -> None:
    accept(page, home, "Amal", language)
    path = tmp_path / "school.md"
    path.write_text(TEXT, "utf-8")
    page.locator(".desk-bar a[href^='/desk/documents']").click()
    see(page)
    page.locator("a[href^='/desk/documents/new']").click()
    see(page)
    page.locator("#file").set_input_files(path)
    page.locator("main button.main").click()
    expect(page.locator("#title")).to_have_value("Night school")
    expect(page.locator("main")).to_contain_text("forty of them came")
    see(page)
    page.locator("#title").fill("A night school by the harbour")
    page.locator("button[value=put]").click()
    expect(page.locator("h1")).to_have_text("A night school by the harbour")
    expect(page.locator(".notice")).to_be_visible()
    assert (home / "library/documents/school.en.json").exists()
    see(page)
    page.locator(".desk-close button").click()
    expect(page.locator("button.main")).to_be_visible()
    assert not (home / "library/documents/school.en.json").exists()


@pytest.mark.parametrize("page", [{"java_script_enabled": False}], indirect=True)
def test_two_editors_write_over_nothing_of_each_other(
    page: Page, browser: Browser, address: str, home: Path
) -> None:
    accept(page, home, "Amal", "en")
    with browser.new_context(base_url=address) as context:
        other = context.new_page()
        accept(other, home, "Badr", "ar")
        for each, language in ((page, "en"), (other, "ar")):
            each.goto(f"{CASE}?ui={language}")
        text = page.locator("#content").input_value()
        page.locator("#content").fill(f"{text.rstrip()} By Amal.\n")
        page.locator("button[value=look]").click()
        expect(page.locator("section[aria-labelledby=preview]")).to_contain_text("By Amal.")
        page.locator("button[value=save]").click()
        expect(page.locator(".notice")).to_be_visible()

        see(other)
        mine = f"{text.rstrip()} By Badr.\n"
        other.locator("#content").fill(mine)
        other.locator("button[value=save]").click()
        expect(other.locator("section[aria-labelledby=theirs]")).to_contain_text("By Amal.")
        assert other.locator("#content").input_value() == mine
        see(other)
        both = f"{text.rstrip()} By Amal. By Badr.\n"
        other.locator("#content").fill(both)
        other.locator("button[value=save]").click()
        expect(other.locator(".notice")).to_be_visible()
        assert (home / "library/en/uganda-nansana-youth-desk.md").read_text("utf-8") == both
        other.locator(f"a[href^='{CASE}/versions']").click()
        expect(other.locator(".desk-table tbody tr")).to_have_count(3)
        see(other)
        other.locator(f"a[href^='{CASE}/versions/1']").click()
        see(other)
