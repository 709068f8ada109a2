"""A question finds nothing, is sent to the hub, and becomes a gold question, in a real Chromium."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from test_browser import DESK, PHONE, browser, page
from test_browser_desk import LANGUAGES, accept, address, home

from corpus.gold import load_gold
from server.question_groups import key_of
from server.store import STORE, Store
from server.store_reports import FeedbackKind, LoggedQuestion, NewFeedback

__all__ = ["address", "browser", "home", "page"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTIONS = {
    "en": "Which recipe for bread do bakers in Antarctica use?",
    "ar": "ما وصفة الخبز التي يستعملها الخبازون في القطب الجنوبي؟",
}


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with Store(home / STORE) as store:
        yield store


@LANGUAGES
@pytest.mark.parametrize("page", [{}, {"java_script_enabled": False}], indirect=True)
def test_from_a_question_without_an_answer_to_a_gold_question(
    page: Page, store: Store, home: Path, language: str
) -> None:
    asked = QUESTIONS[language]
    page.goto(f"/?ui={language}")
    page.locator("[name=q]").fill(asked)
    page.locator("[name=q]").press("Enter")
    page.locator("form[action^='/hub'] button").click()
    expect(page.locator("h1")).to_be_visible()
    page.wait_for_url("**/hub*")

    accept(page, store, language)
    page.locator(".desk-bar a[href^='/desk/questions']").click()
    expect(page.locator("figure svg[role=img]")).to_be_visible()
    page.locator("main a[href^='/desk/questions/groups?']").first.click()
    expect(page.locator(".desk-list > li")).to_have_count(1)
    page.locator(".desk-list h2 a").click()
    page.locator("#find").fill("Nansana" if language == "en" else "نانسانا")
    page.locator("#find").press("Enter")
    page.locator("input[name=case]").first.check()
    page.locator("form[action*='/gold'] button.main").click()
    expect(page.locator(".notice[role=status]")).to_be_visible()
    (gold,) = load_gold(home / "gold.toml")
    assert (gold.text, gold.language) == (asked, language)
    assert gold.cases == ("uganda-nansana-youth-desk",)

    page.locator(".desk-list .desk-close summary").click()
    page.locator(".desk-list textarea").fill("Found")
    page.locator(".desk-list .desk-close button").click()
    expect(page.locator(".notice[role=status]")).to_be_visible()
    assert store.inbox() == ()


@LANGUAGES
@pytest.mark.parametrize(
    "page", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True
)
@pytest.mark.parametrize("viewport", [DESK, PHONE])
def test_every_page_of_what_was_asked_is_for_everybody(
    page: Page, store: Store, language: str, viewport: dict[str, int]
) -> None:
    page.set_viewport_size(viewport)  # type: ignore[arg-type]
    today = datetime.now(UTC).date()
    for number in range(40):
        day = today - timedelta(days=number % 25)
        text = f"{QUESTIONS[language]} {number % 4}"
        store.log_question(LoggedQuestion(day, language, text, number % 3 == 0, None, "trust"))
    store.send_to_hub(QUESTIONS[language], language, today, None)
    reason, kind = "x" * 300, FeedbackKind.ANSWER
    store.add_feedback(NewFeedback(kind, False, reason, "y" * 200, None, None, "g", today))
    axe = Axe()

    def see(path: str) -> None:
        page.goto(f"{path}?ui={language}")
        closed = page.locator("main details:not([open]) > summary")
        while closed.count():
            closed.first.click()
        found = axe.run(page).response["violations"]
        told = [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]
        assert told == [], path
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= page.evaluate("document.documentElement.clientWidth"), path

    see("/kept")
    accept(page, store, language)
    key = key_of(QUESTIONS[language], language)
    for path in ("", "/groups", f"/groups/{key}"):
        see(f"/desk/questions{path}")
    see("/desk/feedback")


@pytest.mark.parametrize("page", [{"forced_colors": "active"}], indirect=True)
def test_the_picture_is_told_apart_in_forced_colours(page: Page, store: Store) -> None:
    today = datetime.now(UTC).date()
    for answered in (True, False):
        store.log_question(LoggedQuestion(today, "en", "who", answered, None, None))
    accept(page, store, "en")
    page.goto("/desk/questions?ui=en&days=7")
    fills = {
        name: page.locator(f".chart .bar-{name}").evaluate("bar => getComputedStyle(bar).fill")
        for name in ("answered", "unanswered")
    }
    assert fills["answered"] != fills["unanswered"]
