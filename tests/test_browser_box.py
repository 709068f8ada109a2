"""The box on another site's page, in a real Chromium: a page with a strict policy and rude styles.

The site has an origin of its own, and its styles would hide, enlarge and turn round everything.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import served
from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse
from playwright.sync_api import Browser, Page, Route, expect
from test_api import FRAGE, QUESTION, holder_of
from test_browser import UGANDA, browser

from server.app import assemble
from server.box.texts import texts
from server.i18n import interface
from server.service import Service
from server.settings import Settings
from server.store import STORE, Store

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

REFUSALS = {503: "unavailable", 504: "unavailable", 500: "fault"}
NARROW = 280  # pixels
SMALLEST = 24  # pixels; WCAG 2.2, 2.5.8
QUESTIONS = {"en": QUESTION, "ar": FRAGE}
NO_ANSWER = {"en": "chocolate cake recipe", "ar": "وصفة كعكة الشوكولاتة"}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LANGUAGES = pytest.mark.parametrize("language", ["en", "ar"])
RUDE = """
:root { color-scheme: light dark }
* {
  display: none !important; direction: ltr !important; font-size: 40px !important;
  color: red !important; line-height: 0.5 !important; text-transform: uppercase !important;
  inline-size: 2000px !important; visibility: hidden !important;
}
html, body, main, h1, p { all: revert !important; visibility: visible !important }
"""
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src {hub}; connect-src {hub}; base-uri 'none';"
    " require-trusted-types-for 'script'"
)
_SCRIPT = '<script src="{hub}/box.js" async></script>'
_PAGE = """<!doctype html>
<html lang="{lang}" dir="{direction}"><head><title>City</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/rude.css"></head>
<body><main><h1>City</h1>{inside}</main></body></html>
"""


@dataclass
class Site:
    """Another site, which has put the box into its pages.

    Attributes:
        address: Its origin.
        hub: Address of the hub that it loads the box from.
        home: The folder of that hub.
    """

    address: str = ""
    hub: str = ""
    home: Path = field(default_factory=Path)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/rude.css")
        def rude() -> Response:
            return Response(RUDE, media_type="text/css")

        @app.get("/")
        def page(lang: str = "en", inside: str = _SCRIPT) -> Response:
            inside = inside.format(hub=self.hub)
            content = _PAGE.format(lang=lang, direction=interface(lang).direction, inside=inside)
            policy = _POLICY.format(hub=self.hub)
            return HTMLResponse(content, headers={"Content-Security-Policy": policy})

        return app


@contextmanager
def site_of(service: Service, home: Path, **settings: Any) -> Iterator[Site]:  # noqa: ANN401
    """A site, and a hub that it may ask."""
    site = Site(home=home)
    with served(site.app()) as site.address:
        chosen = Settings(home=home, cors_origins=site.address, **settings)
        app = assemble(holder_of(service), home, settings=chosen)
        with served(app) as site.hub:
            yield site


@pytest.fixture(scope="module")
def site(bundled_service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site_of(bundled_service, tmp_path_factory.mktemp("left")) as site:
        yield site


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that has nothing stored at the end, and met no fault and no policy that refused it."""
    context = browser.new_context(viewport={"width": 1000, "height": 800}, locale="en-GB")
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda said: complaints.append(said.text) if "Content Security" in said.text else None,
    )
    yield page
    assert page.evaluate("() => localStorage.length + sessionStorage.length") == 0
    assert context.cookies() == []
    context.close()
    assert complaints == []


def visit(page: Page, site: Site, language: str = "en", address: str | None = None) -> None:
    page.goto(f"{address or site.address}/?lang={language}")
    expect(page.locator("diwan-box h2")).to_be_visible()


def ask(page: Page, question: str) -> None:
    page.locator("diwan-box input").fill(question)
    page.locator("diwan-box input").press("Enter")


def answer_to(page: Page, question: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Ask, and wait until what the hub answered stands in the box."""
    with page.expect_response("**/api/v1/ask") as got:
        ask(page, question)
    expect(page.locator("diwan-box ol li").first).to_be_visible()
    return got.value.json()


def unfold(page: Page) -> None:
    closed = page.locator("diwan-box details:not([open]) > summary:visible")
    while closed.count():
        closed.first.click()


@LANGUAGES
def test_a_question_is_answered_word_for_word_and_leads_to_the_case(
    page: Page, site: Site, language: str
) -> None:
    visit(page, site, language)
    given = answer_to(page, QUESTIONS[language])
    box, direction = page.locator("diwan-box"), interface(language).direction
    expect(box.locator("section")).to_have_css("direction", direction)
    expect(box.locator("input")).to_have_css("font-size", "16px")

    sentences = box.locator("div.note p.words")
    expect(sentences).to_have_count(len(given["answer"]["sentences"]))
    for shown, sentence in zip(sentences.all(), given["answer"]["sentences"], strict=True):
        numbers = "".join(f"[{rank}]" for rank in sentence["citations"])
        assert shown.text_content() == f"{sentence['text']} {numbers}"

    unfold(page)
    passages = box.locator("blockquote")
    expect(passages).to_have_count(len(given["results"]))
    for shown, result in zip(passages.all(), given["results"], strict=True):
        assert shown.text_content() == result["text"]
        expect(shown).to_have_attribute("lang", result["language"])
        expect(shown).to_have_css("direction", interface(result["language"]).direction)
        expect(shown).to_have_css("text-transform", "none")
        marked = [result["text"][start:end] for start, end in sorted(result["highlights"])]
        assert shown.locator("mark").all_text_contents() == marked
    first = box.locator("li").first
    expect(first).to_contain_text(given["results"][0]["citation"]["text"])
    expect(first.locator("time")).to_contain_text("2024")

    with page.context.expect_page() as opened:
        first.locator("h4 a").click()
    case = opened.value
    case.wait_for_load_state()
    assert case.url.startswith(f"{site.hub}/cases/{UGANDA}")
    assert case.evaluate("() => window.opener") is None
    expect(case.locator(":target")).to_contain_text(given["results"][0]["text"][:60])


def test_highlights_are_counted_in_characters_whatever_these_take(page: Page, site: Site) -> None:
    """Beyond the first 65,536 characters of Unicode, one takes two places in JavaScript."""

    def with_pictures(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        body["results"][0] |= {
            "text": "🏙️ One.\n\n🌊 Two <b>three</b>.",
            "highlights": [[9, 14], [4, 8]],
        }
        route.fulfill(response=answer, json=body)

    page.route("**/api/v1/ask", with_pictures)
    visit(page, site)
    answer_to(page, QUESTION)
    quotation = page.locator("diwan-box blockquote").first
    assert quotation.text_content() == "🏙️ One.\n\n🌊 Two <b>three</b>."
    text = "🏙️ One.\n\n🌊 Two <b>three</b>."
    assert quotation.locator("mark").all_text_contents() == [text[4:8], text[9:14]]


@LANGUAGES
def test_whether_a_passage_was_translated_is_said(page: Page, site: Site, language: str) -> None:
    def translate_the_first(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        body["results"][0]["translated"], body["results"][1]["translated"] = True, False
        route.fulfill(response=answer, json=body)

    page.route("**/api/v1/ask", translate_the_first)
    visit(page, site, language)
    answer_to(page, QUESTIONS[language])
    reader = interface(language)
    name = reader.language_name(language)
    first, second = page.locator("diwan-box li").all()[:2]
    expect(first).to_contain_text(texts(reader)["translated"].replace("{language}", name))
    expect(second).to_contain_text(texts(reader)["written"].replace("{language}", name))


@LANGUAGES
def test_what_the_library_does_not_know_is_said_and_can_be_sent_to_the_hub(
    page: Page, site: Site, language: str
) -> None:
    visit(page, site, language)
    say = texts(interface(language))
    assert answer_to(page, NO_ANSWER[language])["answered"] is False
    box = page.locator("diwan-box")
    expect(box.get_by_role("status")).to_have_text(say["none"])
    expect(box.get_by_role("heading", name=say["none"])).to_be_visible()
    expect(box.get_by_role("heading", name=say["nearest"])).to_be_visible()
    with page.context.expect_page() as opened:
        box.get_by_role("link", name=say["send"]).click()
    expect(opened.value.locator("form[action^='/hub']")).to_be_visible()


def test_questions_go_on_from_one_another_and_at_the_hub(page: Page, site: Site) -> None:
    visit(page, site)
    say = texts(interface("en"))
    box = page.locator("diwan-box")
    answer_to(page, QUESTION)
    box.get_by_role("button", name=say["passage"].replace("{number}", "1")).first.click()
    expect(box.locator("h4 a").first).to_be_focused()
    given = answer_to(page, "and in Malawi?")
    expect(box.locator("div + .note, .note").first).to_contain_text(say["understood"])
    with page.context.expect_page() as opened:
        box.get_by_role("link", name=say["open"]).click()
    expect(opened.value.locator(".turns li")).to_have_count(1)
    expect(opened.value.locator("#turn")).to_have_text("and in Malawi?")

    with Store(site.home / STORE) as store:
        store.delete_conversation(given["conversation_id"])
    with page.expect_response(lambda got: "/ask" in got.url and got.ok) as got:
        ask(page, QUESTION)
    assert got.value.json()["conversation_id"] != given["conversation_id"]
    expect(box.locator("blockquote").first).to_be_visible()


def test_a_site_that_is_not_listed_is_told_so(page: Page, site: Site) -> None:
    stranger = site.address.replace("127.0.0.1", "localhost")
    visit(page, site, address=stranger)
    ask(page, QUESTION)
    expected = texts(interface("en"))["refused"].replace("{origin}", stranger)
    expect(page.locator("diwan-box").get_by_role("status")).to_have_text(expected)
    expect(page.locator("diwan-box li")).to_have_count(0)


def refuse(site: Site, status: int, route: Route) -> None:
    route.fulfill(status=status, headers={"Access-Control-Allow-Origin": site.address})


@LANGUAGES
def test_why_there_is_no_answer_is_said_in_words(page: Page, site: Site, language: str) -> None:
    visit(page, site, language)
    say, status = texts(interface(language)), page.locator("diwan-box").get_by_role("status")
    ask(page, " \t ")
    expect(status).to_have_text(say["empty"])
    expect(page.locator("diwan-box input")).to_be_focused()
    page.context.set_offline(True)
    ask(page, QUESTION)
    expect(status).to_have_text(say["offline"])
    page.context.set_offline(False)
    for code, sentence in REFUSALS.items():
        page.route("**/ask", partial(refuse, site, code))
        ask(page, QUESTION)
        expect(status).to_have_text(say[sentence])
        page.unroute("**/ask")
    answer_to(page, QUESTION)
    expect(status).to_have_text(say["found"])


@LANGUAGES
def test_how_long_to_wait_is_said_where_too_many_questions_came(
    browser: Browser, bundled_service: Service, tmp_path: Path, language: str
) -> None:
    with site_of(bundled_service, tmp_path, rate_limit=1) as site:
        page = browser.new_page()
        visit(page, site, language)
        answer_to(page, QUESTIONS[language])
        with page.expect_response(lambda got: got.status == 429) as got:
            ask(page, QUESTIONS[language])
        seconds = int(got.value.header_value("Retry-After") or 0)
        status = page.locator("diwan-box").get_by_role("status")
        before, after = texts(interface(language))["often"].split("{time}")
        expect(status).to_contain_text(before)
        expect(status).to_contain_text(after)
        assert 0 < seconds <= 60
        assert seconds <= 2 or str(seconds) in status.inner_text()
        expect(page.locator("diwan-box li")).to_have_count(0)
        page.close()


def test_the_last_question_wins(page: Page, site: Site) -> None:
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if json.loads(route.request.post_data or "")["question"] == QUESTION:
            held.append(route)
        else:
            route.continue_()

    page.route("**/api/v1/ask", hold_the_first)
    visit(page, site)
    with page.expect_event("requestfailed"):
        ask(page, QUESTION)
        expect(page.locator("diwan-box").get_by_role("status")).not_to_be_empty()
        ask(page, NO_ANSWER["en"])
    none = texts(interface("en"))["none"]
    expect(page.locator("diwan-box").get_by_role("heading", name=none)).to_be_visible()
    assert len(held) == 1


@LANGUAGES
def test_everybody_can_use_it(page: Page, site: Site, language: str) -> None:
    """Checked by axe at the start, with an answer, without one and with a complaint."""
    visit(page, site, language)
    see_that_axe_finds_nothing(page)
    for question in (QUESTIONS[language], NO_ANSWER[language]):
        answer_to(page, question)
        unfold(page)
        see_that_axe_finds_nothing(page)
        small = (
            page.locator("diwan-box")
            .locator("button, summary, .acts a, input")
            .evaluate_all(
                "(all, least) => all.map((one) => [one.outerHTML, one.getBoundingClientRect()])"
                ".filter(([_, box]) => Math.min(box.width, box.height) < least)",
                SMALLEST,
            )
        )
        assert small == []
    ask(page, "")
    see_that_axe_finds_nothing(page)


def see_that_axe_finds_nothing(page: Page) -> None:
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        response = Axe().run(page, context={"include": [["diwan-box"]]}).response
        told = [
            (violation["id"], [node["html"][:200] for node in violation["nodes"]][:3])
            for violation in response["violations"]
        ]
        assert told == [], f"{scheme}: {json.dumps(told, indent=1, ensure_ascii=False)}"
        assert response["passes"], "nothing was looked at"


@LANGUAGES
def test_it_is_used_by_keyboard_alone(page: Page, site: Site, language: str) -> None:
    visit(page, site, language)
    page.keyboard.press("Tab")
    page.keyboard.type(QUESTIONS[language])
    page.keyboard.press("Tab")  # to the button
    page.keyboard.press("Enter")
    found = texts(interface(language))["found"]
    expect(page.locator("diwan-box").get_by_role("status")).to_have_text(found)
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => {
                const one = document.activeElement.shadowRoot?.activeElement;
                if (!one) return null;
                const style = getComputedStyle(one);
                return [one.localName, style.outlineStyle, parseFloat(style.outlineWidth)];
            }"""
        )
        if seen is None:
            break
        name, style, width = seen
        assert style != "none"
        assert width >= 2
        reached.append(name)
        if name == "summary":
            page.keyboard.press("Enter")
    assert {"button", "a", "summary"} <= set(reached)
    unfolded = page.locator("diwan-box details[open]")
    expect(unfolded).to_have_count(reached.count("summary"))


@LANGUAGES
@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_fits_where_there_is_little_room(
    page: Page, site: Site, language: str, scheme: Literal["light", "dark"]
) -> None:
    page.set_viewport_size({"width": NARROW, "height": 600})
    page.emulate_media(color_scheme=scheme)
    visit(page, site, language)
    answer_to(page, QUESTIONS[language])
    unfold(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW
    wide = page.locator("diwan-box section *").evaluate_all(
        "(all, most) => all.filter((one) => !one.closest('.unseen'))"
        ".filter((one) => { const box = one.getBoundingClientRect();"
        " return box.width > 1 && (box.right > most + 1 || box.left < -1); })"
        ".map((one) => one.outerHTML.slice(0, 120))",
        NARROW,
    )
    assert wide == []


def test_it_stands_where_it_is_wanted_in_the_language_that_is_wanted(
    page: Page, site: Site
) -> None:
    inside = (
        '<script src="{hub}/box.js" async data-lang="ar" data-target="#place"></script>'
        '<p id="place"></p><script src="{hub}/box.js" data-lang="fr"></script>'
    )
    page.goto(f"{site.address}/?{urlencode({'inside': inside})}")
    boxes = page.locator("diwan-box section")
    expect(boxes).to_have_count(2)
    languages = [box.get_attribute("lang") for box in boxes.all()]
    assert languages == ["ar", "fr"]
    expect(page.locator("#place diwan-box")).to_have_count(1)
    expect(boxes.first.get_by_role("textbox", name=texts(interface("ar"))["label"])).to_be_visible()


def test_it_asks_below_the_path_that_it_came_from(
    browser: Browser, bundled_service: Service, tmp_path: Path
) -> None:
    site = Site()
    with served(site.app()) as site.address:
        settings = Settings(home=tmp_path, cors_origins=site.address)
        holder = holder_of(bundled_service)
        holder._refresh()
        host = FastAPI()
        host.mount("/hub/diwan", assemble(holder, tmp_path, settings=settings))
        with served(host) as site.hub:
            page = browser.new_page()
            inside = _SCRIPT.replace("{hub}", "{hub}/hub/diwan")
            page.goto(f"{site.address}/?{urlencode({'inside': inside})}")
            answer_to(page, QUESTION)
            leads = page.locator("diwan-box a").evaluate_all("(all) => all.map((one) => one.href)")
            to_the_hub = [address for address in leads if address.startswith(site.hub)]
            assert len(to_the_hub) > 10
            assert all(each.startswith(f"{site.hub}/hub/diwan/") for each in to_the_hub)
            page.close()
