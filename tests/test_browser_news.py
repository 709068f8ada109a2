"""What is new, read by everybody, in a real Chromium: a list that has something of each kind."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import served
from everybody import with_language
from playwright.sync_api import Page, expect
from test_api import holder_of
from test_browser import DESK, PHONE, browser, page

from corpus.case_study import CaseStudy
from index.chronicle import Chronicle
from server.app import assemble
from server.service import Service

__all__ = ["browser", "page"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

LANGUAGES = pytest.mark.parametrize("language", ["en", "ar"])
_AXE = Axe()


def moment(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")


def eventful(cases: tuple[CaseStudy, ...]) -> Chronicle:
    """A library that began with most of its cases; each kind of news came later."""
    new = {case.id for case in cases[:8]}
    old = [case for case in cases if case.id not in new]
    rendered, *began = old
    changed = (began[2], began[3], began[4])  # one rendering of a case, and both of another
    gone = [replace(rendered, id=f"gone-{number}") for number in range(3)]
    earlier = [replace(case, title="Before") if case in changed else case for case in began]
    chronicle = Chronicle.begin([*earlier, *gone], moment(40))
    chronicle = chronicle.go_on([*earlier, rendered], moment(20))
    return chronicle.go_on(cases, moment(2))


@pytest.fixture(scope="module")
def address(bundled_service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of the bundled library, as if it had grown to what it is."""
    generation = bundled_service.generation
    grown = replace(generation, chronicle=eventful(generation.library_cases))
    app = assemble(
        holder_of(replace(bundled_service, generation=grown)), tmp_path_factory.mktemp("left")
    )
    with served(app) as address:
        yield address


@LANGUAGES
@pytest.mark.parametrize(
    "page", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True
)
def test_axe_finds_nothing(page: Page, language: str) -> None:
    page.goto(with_language("/news", language))
    expect(page.locator(".what")).not_to_have_count(0)
    expect(page.locator(".gone")).to_be_visible()
    found = _AXE.run(page).response["violations"]
    told = [(each["id"], [node["html"][:200] for node in each["nodes"]][:3]) for each in found]
    assert told == [], json.dumps(told, indent=1, ensure_ascii=False)


@LANGUAGES
@pytest.mark.parametrize("viewport", [PHONE, DESK])
def test_nothing_runs_over_the_edge(page: Page, language: str, viewport: dict[str, int]) -> None:
    page.set_viewport_size(viewport)  # type: ignore[arg-type]
    page.goto(with_language("/news", language))
    expect(page.locator(".what")).not_to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@LANGUAGES
@pytest.mark.parametrize("page", [{}, {"java_script_enabled": False}], indirect=True)
def test_a_day_is_chosen_and_a_case_study_opened(page: Page, language: str) -> None:
    page.goto(with_language("/", language))
    page.locator("main a[href^='/news']").click()
    expect(page.locator("section.found")).to_have_count(2)
    page.locator("#since").fill(moment(10)[:10])
    page.locator("form.news-since button").click()
    expect(page.locator("section.found")).to_have_count(1)
    expect(page.locator("html")).to_have_attribute("lang", language)
    title = page.locator(".found h3 a").first
    name = title.inner_text()
    title.click()
    expect(page.locator("h1")).to_have_text(name)


def test_a_feed_reader_is_told_of_the_feed(page: Page) -> None:
    for path in ("/", "/news"):
        page.goto(with_language(path, "ar"))
        link = page.locator("link[rel=alternate][type='application/atom+xml']")
        address = link.get_attribute("href")
        assert address
        got = page.request.get(address)
        assert got.headers["content-type"] == "application/atom+xml"
        assert "<entry" in got.text()
