"""From a city's first line to a case study, in a real Chromium, in both languages."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import served
from contributed import DRAFT, PRACTICE
from desk import CHEAP, nothing_to_load
from playwright.sync_api import Page, expect
from test_browser import DESK, PHONE, browser, page
from test_browser_desk import accept as sign_in

from server.app import assemble
from server.contributions.practice import Consents, Draft, Practice
from server.contributions.store import Contribution, State
from server.holder import Holder
from server.i18n import interface
from server.store import STORE, Store
from server.store_records import By

__all__ = ["browser", "page"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

LANGUAGES = pytest.mark.parametrize("language", ["en", "ar"])
ARABIC = replace(
    PRACTICE,
    title="مدرسة ليلية لحمّالي الميناء",
    context="كان شبان الحي يتركون المدرسة مبكرًا.",
    done="فتحت المدينة قاعة أربع أمسيات في الأسبوع.",
    outcome="أتمّ 92 من 140 السنة الأولى.",
    lessons="ابدؤوا بالنقابة.",
    place="طرابلس",
    country="LB",
    body="بلدية طرابلس",
    language="ar",
)
PRACTICES = {"en": PRACTICE, "ar": ARABIC}
ANSWERS = {"en": "In March 2021.", "ar": "في مارس 2021."}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The hub's folder."""
    return tmp_path / "hub"


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with Store(home / STORE) as store:
        yield store


@pytest.fixture
def address(home: Path) -> Iterator[str]:
    """A server of a hub that has nothing to serve yet, on a free port of the loopback interface."""
    app = assemble(Holder(nothing_to_load, lambda: None), home, CHEAP)
    with served(app) as address:
        yield address


def fill(page: Page, practice: Practice) -> None:
    """Fill in everything but what came of it."""
    for name in ("title", "context", "done", "lessons", "place", "start", "end", "bodies", "body"):
        page.locator(f"#{name}").fill(getattr(practice, name))
    page.locator("#country").select_option(practice.country)
    page.locator("#level").select_option(practice.level)
    page.locator("#pillar-trust").check()
    page.locator("#source-1").fill("A report")
    page.locator("#address-1").fill("https://example.org/report")
    page.locator("#name").fill("Amina")
    page.locator("#address").fill("amina@example.org")
    page.locator("#publication").check()
    page.locator("#introductions").check()


def write_and_send(page: Page, language: str) -> str:
    """Begin, save, be told what is missing, and send; the address of the sender's page."""
    practice = PRACTICES[language]
    page.goto(f"/contribute?q=who+mends+wells&ui={language}")
    page.locator("button.main").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    expect(page.locator("#language")).to_have_value(language)
    mine = page.url.partition("?")[0]
    fill(page, practice)
    page.locator("button[value=save-sender]").click()
    expect(page.locator(".saved")).to_be_visible()
    page.locator("button[value=send]").click()
    notice = page.locator("#refusal")
    expect(notice).to_be_focused()
    expect(notice.locator("a")).to_have_count(1)
    notice.locator("a").click()
    expect(page).to_have_url(re.compile("#outcome$"))
    page.locator("#outcome").fill(practice.outcome)
    page.locator("button[value=send]").click()
    expect(page.locator("#state")).to_be_visible()
    return mine


@LANGUAGES
@pytest.mark.parametrize("page", [{}, {"java_script_enabled": False}], indirect=True)
def test_from_the_first_line_to_the_case_study(
    page: Page, store: Store, home: Path, language: str
) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    mine = write_and_send(page, language)
    assert store.contribution_counts()[State.SENT] == 1

    sign_in(page, store, language)
    page.locator(".desk-cards a[href^='/desk/contributions']").click()
    page.locator(".desk-table a").click()
    expect(page.locator("h1")).to_have_text(PRACTICES[language].title)
    review = page.url.partition("?")[0]
    page.locator(".decide summary").first.click()
    page.locator("#text").fill("When? / متى؟")
    page.locator("form[action*='/ask'] button").click()
    expect(page.locator(".notice")).to_be_visible()

    page.goto(f"{mine}?ui={language}")
    expect(page.locator(".talk")).to_contain_text("When?")
    page.locator("#answer").fill(ANSWERS[language])
    page.locator("button[value=send]").click()
    expect(page.locator(".talk")).to_contain_text(ANSWERS[language])

    page.goto(f"{review}?ui={language}")
    page.locator("a.main-link").click()
    page.locator("button[value=save]").click()
    expect(page.locator(".notice")).to_be_visible()
    (file,) = (home / "library" / language).glob("*.md")
    heading = interface(language).gettext("What came of it")
    assert f"## {heading}\n\n{PRACTICES[language].outcome}" in file.read_text("utf-8")
    assert store.contact_of(file.stem)

    page.goto(f"{mine}?ui={language}")
    page.locator("section[aria-labelledby=agreed] summary").click()
    page.locator("#back-introductions").check()
    page.locator("form[action*='/consents'] button").click()
    expect(page.locator("#agreed")).to_be_visible()
    expect(page.locator("#back-introductions")).to_have_count(0)
    assert store.contact_of(file.stem) is None


def in_every_state(store: Store, language: str) -> list[str]:
    """Addresses of contributions in every state, of the sender and at the desk."""
    now = datetime.now(UTC)
    day, by = now.date(), By("Amal", now)
    agreed = Consents(publication=True, introductions=True, listing=True)
    draft: Draft = replace(DRAFT, practice=PRACTICES[language], consents=agreed)

    def contribution() -> Contribution:
        key = store.begin_contribution(language, "who mends wells", day)
        store.keep_contribution(key, 1, draft, day, send=True)
        return store.contribution(key, day)

    waiting, asked, declined, accepted = (contribution() for _ in range(4))
    store.ask_contributor(asked.id, asked.turn, "When?", None, by)
    store.decline_contribution(declined.id, declined.turn, "x" * 300, None, by)
    case = "a-school", language
    store.accept_contribution(accepted.id, accepted.turn, case, None, by, save=lambda: None)
    every = (waiting, asked, declined, accepted)
    mine = [store.begin_contribution(language, "", day), *(each.key for each in every)]
    return [
        "/contribute",
        *(f"/contributions/{key}" for key in mine),
        "/desk/contributions",
        *(f"/desk/contributions/{each.id}" for each in every),
        f"/desk/contributions/{waiting.id}/case",
    ]


@LANGUAGES
@pytest.mark.parametrize(
    "page", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True
)
def test_every_page_of_it_is_for_everybody(page: Page, store: Store, language: str) -> None:
    sign_in(page, store, language)
    axe = Axe()

    def see(where: str) -> None:
        page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
        for viewport in (PHONE, DESK):
            page.set_viewport_size(viewport)  # type: ignore[arg-type]
            found = axe.run(page).response["violations"]
            told = [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]
            assert told == [], (where, viewport)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= page.evaluate("document.documentElement.clientWidth"), where

    for path in in_every_state(store, language):
        page.goto(f"{path}?ui={language}")
        see(path)
    page.goto(f"/contribute?ui={language}")
    page.locator("button.main").click()
    page.locator("button[value=send]").click()
    expect(page.locator("#refusal")).to_be_focused()
    see("what is missing")
