"""Every page is for everybody: checked by axe, used by keyboard alone, enlarged, announced."""

import json
from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from everybody import PAGES, QUESTIONS, UNANSWERED, make_briefing, visit
from playwright.sync_api import Browser, Page, ViewportSize, expect
from test_browser import DESK, PHONE, address, browser, page

__all__ = ["address", "browser", "page"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

LANGUAGES = pytest.mark.parametrize("language", ["en", "ar"])
EVERY_PAGE = pytest.mark.parametrize("name", PAGES)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
TWICE_ITS_SIZE: ViewportSize = {"width": DESK["width"] // 2, "height": DESK["height"] // 2}
_AXE = Axe()
_INTERACTIVE = "a[href], button, input:not([type=hidden]), select, textarea, summary"
# What the keyboard is on, by the number that it has among everything that can be used.
_FOCUSED = "() => document.activeElement?.dataset.number ?? null"


@pytest.fixture
def plain_page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page that may also fail to be found."""
    context = browser.new_context(base_url=address, viewport=DESK, **getattr(request, "param", {}))
    yield context.new_page()
    context.close()


@EVERY_PAGE
@LANGUAGES
def test_a_page_is_for_everybody(plain_page: Page, name: str, language: str) -> None:
    """One visit for all of it: some pages are a long way to go."""
    visit(plain_page, name, language)
    see_that_everything_is_reached_by_keyboard_in_order_and_seen(plain_page)
    unfold(plain_page)
    for scheme in SCHEMES:
        plain_page.emulate_media(color_scheme=scheme)
        see_that_axe_finds_nothing(plain_page, scheme)
    for viewport in (PHONE, TWICE_ITS_SIZE):
        plain_page.set_viewport_size(viewport)
        see_that_nothing_runs_over_the_edge(plain_page, viewport)


def see_that_axe_finds_nothing(page: Page, scheme: str) -> None:
    found = _AXE.run(page).response["violations"]
    told = [
        (violation["id"], [node["html"][:200] for node in violation["nodes"]][:3])
        for violation in found
    ]
    assert told == [], f"{scheme}: {json.dumps(told, indent=1, ensure_ascii=False)}"


def see_that_everything_is_reached_by_keyboard_in_order_and_seen(page: Page) -> None:
    count = page.evaluate(
        """(selector) => {
            const usable = [...document.querySelectorAll(selector)].filter((element) =>
                element.checkVisibility({visibilityProperty: true})
                && element.tabIndex >= 0 && !element.closest("[inert], [aria-hidden=true]"));
            usable.forEach((element, number) => { element.dataset.number = number; });
            usable[0].focus();  // wherever the address led to
            return usable.length;
        }""",
        _INTERACTIVE,
    )
    assert count > 5
    for keys in ("Tab", "Shift+Tab"):  # from here on by keyboard, as a browser sees it
        page.keyboard.press(keys)
    reached = []
    for _ in range(count):
        reached.append(page.evaluate(_FOCUSED))
        seen = page.evaluate(
            """() => {
                const element = document.activeElement, style = getComputedStyle(element);
                const box = element.getBoundingClientRect();
                return box.width > 0 && style.outlineStyle !== "none"
                    && parseFloat(style.outlineWidth) >= 2;
            }"""
        )
        assert seen, page.evaluate("() => document.activeElement.outerHTML.slice(0, 200)")
        tab_past(page)
    assert reached == [str(number) for number in range(count)]


def see_that_nothing_runs_over_the_edge(page: Page, viewport: ViewportSize) -> None:
    wide = page.evaluate(
        """() => {
            const width = document.documentElement.clientWidth;
            return [...document.querySelectorAll("body *")]
                .filter((element) => !element.closest(".unseen, .skip, svg, .hero"))
                .filter((element) => {
                    const box = element.getBoundingClientRect();
                    return box.width > 1 && (box.right > width + 1 || box.left < -1);
                })
                .map((element) => element.outerHTML.slice(0, 120));
        }"""
    )
    assert wide == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@LANGUAGES
def test_a_question_is_asked_and_gone_on_from_by_keyboard_alone(page: Page, language: str) -> None:
    page.goto(f"/?ui={language}")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type(QUESTIONS[language])
    page.keyboard.press("Enter")
    expect(page.locator("article.hit").first).to_be_visible()

    press_on(page, "article.hit form.choose button")
    expect(page.locator(".choose a").first).to_be_focused()
    press_on(page, "article.hit details.rendering > summary")
    expect(page.locator("details.rendering blockquote").first).to_be_visible()
    press_on(page, ".result > .facets > summary")
    press_on(page, ".result > .facets a[href*='level=national']")
    expect(page.locator(".chosen a").first).to_be_visible()
    page.locator("#follow").focus()
    page.keyboard.type("who was involved?" if language == "en" else "من شارك في ذلك؟")
    page.keyboard.press("Enter")
    expect(page.locator("#turn")).to_be_visible()


@LANGUAGES
def test_a_briefing_is_ordered_by_keyboard_and_the_focus_stays(page: Page, language: str) -> None:
    make_briefing(page, language)
    titles = page.locator(".quotations h2")
    first, second = titles.all_inner_texts()
    down = page.locator(".quotations li").first.locator("button[value^=down]")
    name = down.get_attribute("id")
    down.focus()
    page.keyboard.press("Enter")
    expect(titles.first).to_have_text(second)
    expect(titles.last).to_have_text(first)
    expect(page.locator(f"#{name}")).to_be_focused()
    announced = page.locator("#announcement").inner_text()
    assert announced
    press_on(page, ".quotations li button[value^=take-out]")
    expect(titles).to_have_count(1)
    press_on(page, "#put-back")
    expect(titles).to_have_count(2)


def tab_past(page: Page) -> None:
    """Go on from what the keyboard is on; a date box is gone through by day, month and year."""
    for _ in range(page.evaluate("() => document.activeElement.type === 'date' ? 4 : 1")):
        page.keyboard.press("Tab")


def unfold(page: Page) -> None:
    """Open whatever is folded."""
    page.evaluate("document.querySelectorAll('main details').forEach((each) => each.open = true)")


def press_on(page: Page, selector: str) -> None:
    """Press Enter on what the keyboard can be moved to."""
    element = page.locator(selector).first
    element.focus()
    expect(element).to_be_focused()
    page.keyboard.press("Enter")


@LANGUAGES
def test_a_new_answer_is_announced_once(page: Page, language: str) -> None:
    page.goto(f"/?ui={language}")
    page.evaluate(
        """() => {
            window.announced = [];
            const live = "[aria-live], [role=status], [role=alert]";
            for (const region of document.querySelectorAll(live)) {
                new MutationObserver(() => {
                    const said = region.textContent.trim();
                    if (said) window.announced.push(said);
                }).observe(region, {childList: true, characterData: true, subtree: true});
            }
        }"""
    )
    for number, question in enumerate((QUESTIONS[language], UNANSWERED[language]), start=1):
        page.locator("#q").fill(question)
        page.locator("#q").press("Enter")
        expect(page.locator("p.asked")).to_have_text(question)
        expect(page.locator("#announcement")).not_to_be_empty()
        page.wait_for_function("(number) => window.announced.length >= number", arg=number)
        assert len(page.evaluate("() => window.announced")) == number
        inside = page.locator("#answer").locator("[aria-live], [role=status], [role=alert]")
        expect(inside).to_have_count(0)
    first, second = page.evaluate("() => window.announced")
    assert first != second


@pytest.mark.parametrize("plain_page", [{"reduced_motion": "reduce"}], indirect=True)
def test_nothing_moves_for_whoever_does_not_want_it(plain_page: Page) -> None:
    for name in ("start", "answer", "briefing"):
        visit(plain_page, name, "en")
        moving = plain_page.evaluate(
            """() => [...document.querySelectorAll("*")].filter((element) => {
                const style = getComputedStyle(element);
                return style.transitionDuration.split(", ").some((time) => parseFloat(time) > 0)
                    || style.animationName !== "none" || style.scrollBehavior === "smooth";
            }).map((element) => element.outerHTML.slice(0, 120))"""
        )
        assert moving == []
