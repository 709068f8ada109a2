"""From the directory to an introduction that is made, in a real Chromium, in both languages."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import served
from desk import CHEAP
from playwright.sync_api import Page, expect
from test_api import holder_of
from test_browser import DESK, PHONE, browser, page
from test_browser_desk import accept

from server.app import assemble
from server.peers.store import Asker, IntroductionState, Step
from server.service import Service
from server.store import STORE, Store
from server.store_records import By

__all__ = ["browser", "page"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

LANGUAGES = pytest.mark.parametrize("language", ["en", "ar"])
CASE = "uganda-nansana-youth-desk"
WISH = {"en": "How did the youth desk begin?", "ar": "كيف بدأ مكتب الشباب؟"}
ASKER = Asker("w" * 300, "n" * 90, "b" * 150, "p" * 90, "somebody@example.org")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / STORE) as store:
        yield store


@pytest.fixture
def address(bundled_service: Service, tmp_path: Path) -> Iterator[str]:
    """A server on a free port of the loopback interface, with a folder of its own."""
    app = assemble(holder_of(bundled_service), tmp_path, CHEAP)
    with served(app) as address:
        yield address


@LANGUAGES
@pytest.mark.parametrize("page", [{}, {"java_script_enabled": False}], indirect=True)
def test_from_a_body_to_an_introduction_that_is_made(
    page: Page, store: Store, language: str
) -> None:
    page.goto(f"/peers?ui={language}")
    page.locator("#find").fill("Nansana")
    page.locator("#find").press("Enter")
    page.locator(".bodies h4 a").first.click()
    page.locator(f"a[href^='/introductions/new?case={CASE}']").click()
    page.locator("#wish").fill(WISH[language])
    page.locator("#name").fill("Hanan")
    page.locator("#body").fill("City of Somewhere")
    page.locator("#address").fill("hanan@example.org")
    page.locator(".introduction-form button").click()
    expect(page.locator("#agree-wrong")).to_be_visible()
    expect(page.locator("#wish")).to_have_value(WISH[language])
    page.locator("#agree").check()
    page.locator(".introduction-form button").click()
    expect(page.locator(".notice")).to_be_visible()
    mine = page.url
    assert "hanan" not in mine.lower()

    accept(page, store, language)
    page.locator(".desk-cards a[href^='/desk/introductions']").click()
    expect(page.locator(".desk-list > li")).to_contain_text(WISH[language])
    page.locator(".desk-close summary").click()
    page.locator("input[value=introduced]").check()
    page.locator("textarea[name=note]").fill("NOTE")
    page.locator("button[value=close]").click()
    expect(page.locator(".notice")).to_be_visible()
    expect(page.locator(".desk-list > li")).not_to_contain_text("hanan@example.org")
    (letter,) = store.letters()
    assert letter.to == "hanan@example.org"

    page.goto(mine)
    expect(page.locator(".said")).to_have_text("NOTE")
    page.locator(".withdraw button").click()
    page.wait_for_url("**/introductions/withdrawn?*")
    assert store.introductions() == ()
    assert store.letters() == ()


@LANGUAGES
@pytest.mark.parametrize(
    "page", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True
)
@pytest.mark.parametrize("viewport", [DESK, PHONE])
def test_every_page_is_for_everybody(
    page: Page, store: Store, language: str, viewport: dict[str, int]
) -> None:
    page.set_viewport_size(viewport)  # type: ignore[arg-type]
    day = datetime.now(UTC).date()
    key, written, closed = (
        store.ask_for_introduction(CASE, ASKER, language, day) for _ in range(3)
    )
    by = By("Amal", datetime.now(UTC))
    for each, step in (
        (written, Step(IntroductionState.WRITTEN, "n" * 200, closes=False)),
        (closed, Step(IntroductionState.INTRODUCED, "They will write.", closes=True)),
    ):
        own_id = store.introduction_of(each).id
        store.go_on_with_introduction(own_id, step, None, by)
    axe = Axe()

    def see() -> None:
        page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
        found = axe.run(page).response["violations"]
        told = [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]
        assert told == [], page.url
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= page.evaluate("document.documentElement.clientWidth"), page.url

    for path in ("/peers", "/peers?find=zzz", "/peers?country=UG", f"/cases/{CASE}", "/kept"):
        page.goto(f"{path}{'&' if '?' in path else '?'}ui={language}")
        see()
    page.goto(f"/peers?find=nansana&ui={language}")
    page.locator(".bodies h4 a").first.click()
    see()
    page.goto(f"/introductions/new?case={CASE}&ui={language}")
    see()
    page.locator(".introduction-form button").click()
    expect(page.locator(".wrong").first).to_be_visible()
    see()
    page.goto(f"/introductions/{key}?done=asked&ui={language}")
    see()
    for each in (written, closed):
        page.goto(f"/introductions/{each}?ui={language}")
        see()
    page.goto(f"/introductions/withdrawn?ui={language}")
    see()
    accept(page, store, language)
    page.goto(f"/desk/introductions?ui={language}")
    see()
