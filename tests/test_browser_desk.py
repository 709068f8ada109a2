"""A day at the hub's desk, in a real Chromium, in both languages, with scripts and without."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import served
from desk import CHEAP, PASSWORD
from playwright.sync_api import Page, expect
from test_api import holder_of
from test_browser import DESK, PHONE, browser, page

from server.app import assemble
from server.i18n import interface
from server.service import Service
from server.store import STORE, Store
from server.store_inbox import NewProblem, ProblemKind
from server.store_records import TERMINAL, By
from server.store_staff import Role

__all__ = ["browser", "page"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

LANGUAGES = pytest.mark.parametrize("language", ["en", "ar"])
NAMES = {"en": "Amal al-Haddad", "ar": "أمل الحداد"}
NOTES = {"en": "A case study is on its way", "ar": "دراسة حالة في الطريق"}
QUESTION = "who mends the wells"
PAGES = ("", "/problems", "/inbox", "/letters", "/changes", "/rebuild", "/generations")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The hub's folder."""
    return tmp_path / "hub"


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with Store(home / STORE) as store:
        store.send_to_hub(QUESTION, "en", datetime.now(UTC).date(), None)
        yield store


@pytest.fixture
def address(bundled_service: Service, home: Path) -> Iterator[str]:
    """A server on a free port of the loopback interface, with a folder of its own."""
    app = assemble(holder_of(bundled_service), home, CHEAP)
    with served(app) as address:
        yield address


def accept(page: Page, store: Store, language: str) -> None:
    """Accept an invitation; the home of the desk follows."""
    by = By(TERMINAL, datetime.now(UTC))
    token = store.add_staff(NAMES[language], Role.EDITOR, by).token
    page.goto(f"/desk/invitation/{token}?ui={language}")
    page.locator("#password").fill(PASSWORD)
    page.locator("#again").fill(PASSWORD)
    page.locator("#again").press("Enter")
    expect(page.locator(".desk-bar")).to_contain_text(NAMES[language])


@LANGUAGES
@pytest.mark.parametrize("page", [{}, {"java_script_enabled": False}], indirect=True)
def test_from_the_invitation_to_the_record_of_what_was_closed(
    page: Page, store: Store, language: str
) -> None:
    accept(page, store, language)
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    page.locator(".desk-cards a[href^='/desk/inbox']").click()
    waiting = page.locator(".desk-list > li")
    expect(waiting).to_have_count(1)
    expect(waiting).to_contain_text(QUESTION)
    page.locator(".desk-close summary").click()
    page.locator("textarea[name=note]").fill(NOTES[language])
    page.locator(".desk-close button").click()
    expect(page.locator(".notice")).to_be_visible()
    expect(page.locator(".desk-close")).to_have_count(0)

    page.locator(".desk-bar a[href^='/desk/changes']").click()
    last = page.locator(".desk-table tbody tr").first
    expect(last.locator("th")).to_have_text(NAMES[language])
    expect(last).to_contain_text(interface(language).gettext("Question closed"))
    expect(last).to_contain_text(NOTES[language])
    with page.expect_download() as download:
        page.locator("a[download]").click()
    table = Path(download.value.path()).read_text("utf-8-sig")
    assert NOTES[language] in table

    page.locator(".desk-bar button").click()
    expect(page.locator(".notice")).to_be_visible()
    page.go_back()
    expect(page.locator("#password")).to_be_visible()  # no cache kept the page
    page.goto(f"/desk/changes?ui={language}")
    page.locator("#name").fill(NAMES[language])
    page.locator("#password").fill(PASSWORD)
    page.locator("#password").press("Enter")
    expect(page.locator(".desk-table")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", language)


@LANGUAGES
@pytest.mark.parametrize(
    "page",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}],
    indirect=True,
)
@pytest.mark.parametrize("viewport", [DESK, PHONE])
def test_every_page_of_the_desk_is_for_everybody(
    page: Page, store: Store, language: str, viewport: dict[str, int], bundled_service: Service
) -> None:
    page.set_viewport_size(viewport)  # type: ignore[arg-type]
    case = bundled_service.generation.library_cases[0]
    passage = bundled_service.generation.passages_of(case)[0].id
    day = datetime.now(UTC).date()
    store.add_problem(NewProblem(passage, case.id, ProblemKind.RISK, "x" * 300, "g", day))
    axe = Axe()

    def see(path: str) -> None:
        page.goto(f"{path}?ui={language}")
        for summary in page.locator("main details:not([open]) > summary").all():
            summary.click()
        found = axe.run(page).response["violations"]
        told = [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]
        assert told == [], path
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= page.evaluate("document.documentElement.clientWidth"), path

    see("/desk/sign-in")
    token = store.add_staff("Badr", Role.EDITOR, By(TERMINAL, datetime.now(UTC))).token
    see(f"/desk/invitation/{token}")
    accept(page, store, language)
    for path in PAGES:
        see(f"/desk{path}")


@LANGUAGES
def test_the_desk_is_used_by_keyboard_alone(page: Page, store: Store, language: str) -> None:
    accept(page, store, language)
    page.goto(f"/desk/inbox?ui={language}")
    page.locator(".desk-close summary").focus()
    for key in ("Enter", "Tab"):
        page.keyboard.press(key)
    expect(page.locator("textarea[name=note]")).to_be_focused()
    page.keyboard.type(NOTES[language])
    page.keyboard.press("Tab")
    expect(page.locator(".desk-close button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".desk-close")).to_have_count(0)
    assert store.inbox() == ()
