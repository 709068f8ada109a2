"""Letters at the desk in a real Chromium, in every state and for everybody."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import served
from desk import CHEAP, PASSWORD, nothing_to_load
from playwright.sync_api import Page, expect
from test_browser import DESK, PHONE, browser, page

from server.app import assemble
from server.holder import Holder
from server.i18n import interface
from server.mail.delivery import Why
from server.mail.letter import About, Letter
from server.mail.outbox import reason
from server.settings import Settings
from server.store import STORE, Store
from server.store_records import TERMINAL, By, Change
from server.store_staff import Role

__all__ = ["browser", "page"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME = "Amal"
SENDS = {"smtp_host": "127.0.0.1", "smtp_security": "none", "mail_from": "hub@example.org"}
SECTIONS = {
    "sends": ("unsure", "failed", "waiting", "set-up"),
    "by-hand": ("unsure", "failed", "by-hand", "set-up"),
}
LANGUAGES = pytest.mark.parametrize("language", ["en", "ar"])


@pytest.fixture(params=SECTIONS)
def mail(request: pytest.FixtureRequest) -> str:
    """Whether letters are sent."""
    return str(request.param)


@pytest.fixture
def address(tmp_path: Path, mail: str) -> Iterator[str]:
    """A server of a hub at which a letter is in every state that there is."""
    with Store(tmp_path / STORE) as store:
        by = By(TERMINAL, datetime.now(UTC))
        token = store.add_staff(NAME, Role.ADMINISTRATOR, by).token
        store.set_password(token, CHEAP.hashed(PASSWORD), by.at)
        for language in ("en", "ar", "en"):
            text = "t" * 300 + "\n\nhttps://diwan.example.org/contributions/" + "k" * 22
            letter = Letter("a" * 60 + "@example.org", "s" * 90, text, language, About.CONTRIBUTION)
            store.queue(letter, by, Change.TEST_LETTER)
        unsure, failed, waiting = (letter.id for letter in store.letters())
        store.hand_over(unsure)
        store.leave_unsure()
        store.fail(failed, reason(Why.RECIPIENT, "550 5.1.1 " + "nobody" * 20))
        store.put_off(waiting, by.at + timedelta(days=9), reason(Why.UNREACHABLE, "timed out"))
    settings: dict[str, Any] = SENDS if mail == "sends" else {}
    app = assemble(
        Holder(nothing_to_load, lambda: None),
        tmp_path,
        CHEAP,
        settings=Settings(home=tmp_path, **settings),
    )
    with served(app) as address:
        yield address


@LANGUAGES
@pytest.mark.parametrize(
    "page", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True
)
def test_every_state_is_for_everybody(page: Page, mail: str, language: str) -> None:
    say, axe = interface(language).gettext, Axe()
    page.goto(f"/desk/letters?ui={language}")
    page.get_by_label(say("Name"), exact=True).fill(NAME)
    page.get_by_label(say("Password"), exact=True).fill(PASSWORD)
    page.get_by_label(say("Password"), exact=True).press("Enter")
    for section in SECTIONS[mail]:
        expect(page.locator(f"h2#{section}")).to_be_visible()
    for viewport in (PHONE, DESK):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        found = axe.run(page).response["violations"]
        told = [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]
        assert told == [], viewport
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= page.evaluate("document.documentElement.clientWidth"), viewport
    page.get_by_role("button", name=say("Throw this letter away"), exact=True).first.click()
    expect(page.locator(".notice[role=status]")).to_be_visible()
