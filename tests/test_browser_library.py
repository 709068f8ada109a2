"""What a reader does in the library, in a real Chromium, in both directions."""

import pytest
from playwright.sync_api import Page, expect
from test_browser import DESK, PHONE, UGANDA, address, browser, page

from server.service import Service

__all__ = ["address", "browser", "page"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

BOTH = pytest.mark.parametrize(("language", "other"), [("en", "ar"), ("ar", "en")])
SIZES = pytest.mark.parametrize("viewport", [PHONE, DESK])


def switch_to(page: Page, language: str) -> None:
    """Change the language of the interface, opening the menu where it is folded."""
    link = page.locator(f"#languages a[lang={language}]")
    if not link.is_visible():
        page.locator(".menu > summary").click()
    link.click()


def assert_fits(page: Page, viewport: dict[str, int]) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@BOTH
@SIZES
@pytest.mark.parametrize("page", [{"java_script_enabled": False}], indirect=True)
def test_a_pillar_narrows_the_library_down_and_back(
    page: Page, viewport: dict[str, int], language: str, other: str
) -> None:
    page.set_viewport_size(viewport)  # type: ignore[arg-type]
    page.goto(f"/library?ui={language}")
    expect(page.locator(".found ol > li").first).to_be_visible()
    everything = page.locator(".found ol > li").count()
    trust = page.locator("#pillar a").first
    if viewport == PHONE:
        expect(trust).to_be_hidden()
        page.locator(".facets > summary").click()
    count = int(trust.locator(".count").inner_text())
    trust.click()
    expect(page.locator(".found ol > li")).to_have_count(count)
    assert count < everything
    switch_to(page, other)
    expect(page.locator("html")).to_have_attribute("lang", other)
    expect(page.locator(".found ol > li")).to_have_count(count)
    page.locator(".chosen a").first.click()
    expect(page.locator(".found ol > li")).to_have_count(everything)


@BOTH
@SIZES
def test_nothing_of_the_library_runs_over_the_edge(
    page: Page, viewport: dict[str, int], language: str, other: str
) -> None:
    page.set_viewport_size(viewport)  # type: ignore[arg-type]
    for path in (
        f"/library?ui={language}",
        f"/library?ui={language}&pillar=trust&level=city&year_from=2010&year_to=2014",
        f"/library?ui={language}&country=FI&level=community",
        f"/cases/{UGANDA}?lang={language}&beside={other}",
    ):
        page.goto(path)
        for summary in page.locator("main summary:visible").all():
            summary.click()
        assert_fits(page, viewport)


@BOTH
@SIZES
def test_two_renderings_are_read_side_by_side(
    page: Page, bundled_service: Service, viewport: dict[str, int], language: str, other: str
) -> None:
    generation = bundled_service.generation
    case = generation.case(UGANDA, language)
    assert case
    passage = generation.passages_of(case)[-2]
    same = generation.counterpart(passage, other)
    assert same
    page.set_viewport_size(viewport)  # type: ignore[arg-type]
    page.goto(f"/cases/{UGANDA}?lang={language}")
    page.locator("a.beside").click()
    page.goto(f"{page.url}#{passage.anchor}")
    mine, theirs = page.locator(f"#{passage.anchor}"), page.locator(f"#{same.anchor}")
    expect(mine).to_be_in_viewport()
    expect(theirs).to_be_in_viewport()
    here, there = mine.bounding_box(), theirs.bounding_box()
    assert here
    assert there
    if viewport == PHONE:
        assert there["y"] >= here["y"] + here["height"]
    else:
        assert abs(there["y"] - here["y"]) < 40
        assert (there["x"] > here["x"]) == (language == "en")
    plain = page.locator(".passage:not(:target)").first
    style = "element => getComputedStyle(element).backgroundColor"
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert mine.evaluate(style) != plain.evaluate(style)


@BOTH
def test_what_is_similar_is_one_click_away(page: Page, language: str, other: str) -> None:
    assert language != other
    page.goto(f"/cases/{UGANDA}?lang={language}")
    link = page.locator(".similar a").first
    title = link.inner_text()
    link.click()
    expect(page.locator("h1")).to_have_text(title)
