"""What a reader does with the picture of the world, in a real Chromium, in both directions."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect
from test_browser import DESK, PHONE, address, browser, page

__all__ = ["address", "browser", "page"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

BOTH = pytest.mark.parametrize("language", ["en", "ar"])
SIZES = pytest.mark.parametrize("viewport", [PHONE, DESK])
FILL = "element => getComputedStyle(element).fill"


@BOTH
@SIZES
@pytest.mark.parametrize("page", [{}, {"java_script_enabled": False}], indirect=True)
def test_nothing_of_the_places_runs_over_the_edge(
    page: Page, viewport: dict[str, int], language: str
) -> None:
    page.set_viewport_size(viewport)  # type: ignore[arg-type]
    page.goto(f"/places?lang={language}")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    picture = page.locator(".world > svg").bounding_box()
    assert picture
    assert picture["x"] >= 0
    assert picture["x"] + picture["width"] <= viewport["width"]
    assert picture["width"] > viewport["width"] * 0.6


@BOTH
def test_the_picture_is_the_same_in_both_directions(page: Page, language: str) -> None:
    page.goto(f"/places?lang={language}")
    across = [
        page.locator(f".world a[href*='country={code}&'] path").bounding_box()
        for code in ("BR", "NG", "IN", "AU")
    ]
    assert all(across)
    left = [box["x"] for box in across if box]
    assert left == sorted(left)


@BOTH
def test_a_country_is_pressed_on_the_map_or_in_the_list(page: Page, language: str) -> None:
    for link in (".world a[href*='country=KE&']", "section a[href*='country=KE&']"):
        page.goto(f"/places?lang={language}")
        page.locator(link).click()
        expect(page).to_have_url(re.compile(rf"/library\?country=KE&ui={language}$"))
        expect(page.locator(".found ol > li")).to_have_count(3)


def test_the_keyboard_goes_past_the_map_to_the_list(page: Page) -> None:
    page.goto("/places?lang=en")
    page.locator("#main").focus()
    page.keyboard.press("Tab")
    expect(page.locator("section a").first).to_be_focused()


@pytest.mark.parametrize(
    "scheme",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"forced_colors": "active"}],
)
def test_the_tints_are_told_apart(page: Page, scheme: dict[str, str]) -> None:
    page.emulate_media(**scheme)  # type: ignore[arg-type]
    page.goto("/places?lang=en")
    keys = page.locator("figcaption rect")
    fills = [key.evaluate(FILL) for key in keys.all()]
    assert len(set(fills)) == len(fills) == 4
    for number, fill in enumerate(fills):
        shape = page.locator(f".world > svg .tint-{number}").first
        assert shape.evaluate(FILL) == fill
    # By lightness alone, for those who do not see colours.
    lights = [lightness(page, fill) for fill in fills]
    steps = [two - one for one, two in pairwise(lights)]
    assert all(abs(step) > 0.08 for step in steps)
    assert len({step > 0 for step in steps}) == 1


def lightness(page: Page, colour: str) -> float:
    """How light a colour is, from 0 to 1, as CSS's oklab has it."""
    given = page.evaluate(
        """colour => {
            const probe = document.createElement('p');
            probe.style.setProperty('forced-color-adjust', 'none');
            probe.style.color = `oklab(from ${colour} l a b)`;
            document.body.append(probe);
            const computed = getComputedStyle(probe).color;
            probe.remove();
            return computed;
        }""",
        colour,
    )
    return float(re.findall(r"[\d.]+", given)[0])
