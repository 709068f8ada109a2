"""The top of every page stands in one line, at every width and in every language."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page
from test_browser import address, browser, page

from server.i18n import INTERFACE_LANGUAGES

__all__ = ["address", "browser", "page"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTHS = (360, 390, 720, 1024, 1279, 1280, 1440)
PAGES = ("/about", "/library", "/briefing")  # columns of three widths
LINKS = 9 + len(INTERFACE_LANGUAGES) - 1  # the name, the menu, the briefing; other languages
ONE_LINE, ONE_LINE_OF_LINK = 80, 48  # px; the name alone makes it 75 high
_SEEN = """() => {
    const summary = document.querySelector(".menu > summary");
    const isFolded = summary.getClientRects().length > 0;
    const height = document.querySelector(".masthead").getBoundingClientRect().height;
    if (isFolded) summary.click();
    const links = [...document.querySelectorAll(".masthead a")].map((link) => {
        const box = link.getBoundingClientRect();
        return [box.left, box.right, box.height];
    });
    return [isFolded, height, links, document.documentElement.scrollWidth];
}"""


@dataclass(frozen=True)
class Masthead:
    """The top of a page as it is seen.

    Attributes:
        is_folded: Whether the menu is folded.
        height: Before the menu is opened, px.
        links: Of each where it begins and ends, and its height, px; in the open menu, too.
        width: Of the page.
    """

    is_folded: bool
    height: float
    links: list[tuple[float, float, float]]
    width: float


@pytest.mark.parametrize("language", INTERFACE_LANGUAGES)
def test_it_stands_in_one_line_and_leads_everywhere(page: Page, language: str) -> None:
    for path in PAGES:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(f"{path}?ui={language}")
            seen = Masthead(*page.evaluate(_SEEN))
            where = (path, width, seen)
            assert seen.height <= ONE_LINE, where
            assert seen.width <= width, where
            assert seen.is_folded == (width < WIDTHS[-2]), where
            assert len(seen.links) == LINKS, where
            for begins, ends, height in seen.links:
                assert 0 <= begins < ends <= width, where
                assert 0 < height <= ONE_LINE_OF_LINK, where
