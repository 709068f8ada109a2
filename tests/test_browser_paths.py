"""What a newcomer does on the reading paths, in a real Chromium, in both directions."""

import pytest
from playwright.sync_api import Page, expect
from test_browser import address, browser, page
from test_browser_library import BOTH, SIZES, assert_fits, switch_to

__all__ = ["address", "browser", "page"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@BOTH
@SIZES
@pytest.mark.parametrize("page", [{"java_script_enabled": False}], indirect=True)
def test_a_newcomer_goes_from_all_paths_to_a_passage_and_on_to_the_next_path(
    page: Page, viewport: dict[str, int], language: str, other: str
) -> None:
    page.set_viewport_size(viewport)  # type: ignore[arg-type]
    page.goto(f"/paths?ui={language}")
    assert_fits(page, viewport)
    page.locator("main section").nth(2).get_by_role("link").first.click()
    assert_fits(page, viewport)
    title = page.locator("h1").inner_text()
    step = page.locator("article").first
    words = step.locator("blockquote").inner_text()
    step.get_by_role("link").first.click()
    target = page.locator(":target")
    expect(target).to_be_in_viewport()
    assert " ".join(words.split()) in " ".join(target.inner_text().split())

    page.go_back()
    switch_to(page, other)
    expect(page.locator("html")).to_have_attribute("lang", other)
    expect(page.locator("h1")).not_to_have_text(title)
    page.locator("nav.onward a").first.click()
    expect(page.locator("html")).to_have_attribute("lang", other)
    expect(page.locator("article").first).to_be_visible()


def test_keys_alone_lead_from_the_list_to_a_step(page: Page) -> None:
    page.goto("/paths?ui=en")
    page.locator("main h3 a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/paths/trust-before-it-is-needed*")
    page.locator("main h2 a").first.focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator(":target")).to_be_in_viewport()
