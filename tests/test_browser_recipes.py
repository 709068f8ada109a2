"""The recipes in JavaScript, and the page, in a real Chromium on a page of another site."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_library import Shelf, client_of
from axe_playwright_python.sync_playwright import Axe
from browsing import served
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.sync_api import Browser, Page, Route, expect
from recipes import BEGIN, PAGE, printed_by_python, recipe, titles
from test_browser import PHONE, browser

from server.service import Service

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

AGAIN = "Ask again and again, politely"


def platform() -> FastAPI:
    """Another site: an empty page, and the page of the recipe, once it is told of a hub."""
    app = FastAPI()

    @app.get("/")
    def empty() -> HTMLResponse:
        return HTMLResponse("<!doctype html><title>Platform</title><link rel=icon href=data:,>")

    @app.get("/page")
    def page() -> HTMLResponse:
        return HTMLResponse(recipe(PAGE, "html").at(app.state.hub))

    return app


@pytest.fixture(scope="module")
def addresses(
    bundled_service: Service, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """The site, and the hub that lets its pages ask."""
    other, home = platform(), tmp_path_factory.mktemp("left")
    with served(other) as site:
        web: Any = client_of(Shelf(bundled_service), home, cors_origins=site)
        with served(web.app) as hub:
            other.state.hub = hub
            yield site, hub


@pytest.fixture
def page(browser: Browser, addresses: tuple[str, str]) -> Iterator[Page]:
    """A page of the other site; an error that nobody caught fails the test."""
    context = browser.new_context(base_url=addresses[0])
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def printed(page: Page, *blocks: str) -> str:
    """What the last of some blocks writes to the console; the others are run before it."""
    *before, last = blocks
    lines: list[str] = []
    page.on("console", lambda said: lines.append(said.text) if said.type == "log" else None)
    page.evaluate(f"async () => {{ {' '.join(before)}\n console.log('—');\n{last} }}")
    return "".join(f"{line}\n" for line in lines[lines.index("—") + 1 :])


@pytest.mark.parametrize("title", titles("js"))
def test_each_recipe_says_in_javascript_what_it_says_in_python(
    page: Page,
    addresses: tuple[str, str],
    title: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIWAN_KEY", raising=False)
    page.goto("/")
    blocks = [recipe(BEGIN, "js").at(addresses[1])]
    if title != BEGIN:
        blocks.append(recipe(title, "js").at(addresses[1]))
    said = printed(page, *blocks)
    assert said
    assert said == printed_by_python(title, addresses[1], begin=title != BEGIN)


def test_a_polite_page_waits_as_long_as_it_is_told(page: Page, addresses: tuple[str, str]) -> None:
    page.goto("/")
    asked: list[str] = []

    def refuse_once(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) > 1:
            route.continue_()
            return
        headers = {
            "Retry-After": "90",
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Expose-Headers": "Retry-After",
        }
        route.fulfill(status=429, headers=headers, json={"detail": "Too often."})

    page.route("**/api/v1/facets", refuse_once)
    # Time passes at once, and says how long it would have been.
    page.evaluate(
        "() => { window.setTimeout = (go, wait) => { window.waited = wait; queueMicrotask(go) } }"
    )
    block = recipe(BEGIN, "js").at(addresses[1]).split("console.log")[0]
    said = printed(page, block, recipe(AGAIN, "js").at(addresses[1]))
    assert said.startswith("Generation ")
    assert len(asked) == 2
    assert page.evaluate("window.waited") == 90_000


@pytest.mark.parametrize(
    ("question", "language", "direction"),
    [
        ("How did cities join the national strategy review?", "en", "ltr"),
        ("كيف شاركت المدن في مراجعة الاستراتيجية الوطنية؟", "ar", "rtl"),
    ],
)
def test_the_page_shows_cited_passages_to_everybody(
    page: Page, addresses: tuple[str, str], question: str, language: str, direction: str
) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto("/page")
    page.get_by_role("searchbox").fill(question)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Found, the likeliest answer first:")
    expect(page.locator("#passages > li")).to_have_count(5)
    first = page.locator("#passages > li").first
    quoted = first.locator("blockquote")
    expect(quoted).to_have_attribute("lang", language)
    expect(quoted).to_have_css("direction", direction)
    expect(first.locator("p")).to_contain_text("https://strongcitiesnetwork.org/")
    assert Axe().run(page).response["violations"] == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.evaluate("document.documentElement.clientWidth")
    first.get_by_role("link").click()
    page.wait_for_url(f"{addresses[1]}/cases/*")
    expect(page.locator("html")).to_have_attribute("lang", language)


def test_the_page_tells_no_answer_from_a_failure(page: Page) -> None:
    page.goto("/page")
    status = page.get_by_role("status")
    page.get_by_role("searchbox").fill("zyxwv qponm")
    page.keyboard.press("Enter")
    expect(status).to_contain_text("no answer")
    page.route("**/api/v1/search*", lambda route: route.abort())
    page.keyboard.press("Enter")
    expect(status).to_contain_text("Nothing could be asked just now")
    expect(page.locator("#passages > li")).to_have_count(0)
