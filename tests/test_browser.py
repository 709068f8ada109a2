"""What a reader does, in a real Chromium, in both languages, with scripts and without."""

from collections.abc import Iterator

import pytest
import rispy
from browsing import served, watched
from conftest import CHROMIUM
from playwright.sync_api import Browser, Page, expect, sync_playwright
from test_api import FRAGE, QUESTION, holder_of

from server.app import assemble
from server.service import Service

pytestmark = [pytest.mark.browser, pytest.mark.slow]

UGANDA = "uganda-national-strategy-review"
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1440, "height": 900}
_QUIET = (
    "--no-sandbox",
    "--host-resolver-rules=MAP diwan.hub 127.0.0.1",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def address(bundled_service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of the bundled library on a free port of the loopback interface."""
    app = assemble(holder_of(bundled_service), tmp_path_factory.mktemp("left"))
    with served(app) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "Chromium is required here and not installed"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_QUIET))
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of its own; a fault, a missing file or a foreign address fails the test."""
    options = {"locale": "en-GB", "viewport": DESK, **getattr(request, "param", {})}
    with watched(browser, address, **options) as page:
        yield page


def ask(page: Page, question: str) -> None:
    page.get_by_role("searchbox").fill(question)
    page.get_by_role("searchbox").press("Enter")


@pytest.mark.parametrize(
    ("question", "language", "direction"), [(QUESTION, "en", "ltr"), (FRAGE, "ar", "rtl")]
)
@pytest.mark.parametrize("page", [{}, {"java_script_enabled": False}], indirect=True)
def test_a_question_leads_to_a_passage_and_its_citation_to_the_case(
    page: Page, question: str, language: str, direction: str
) -> None:
    page.goto("/")
    ask(page, question)
    first = page.locator("article").first
    expect(first).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("html")).to_have_attribute("dir", direction)
    passage = first.locator("blockquote").first
    expect(passage).to_have_attribute("lang", language)
    expect(passage).to_have_attribute("dir", direction)
    text = passage.inner_text()
    expect(passage.locator("mark").first).to_be_visible()

    link = first.get_by_role("link").first
    assert UGANDA in (link.get_attribute("href") or "")
    link.click()
    expect(page.locator("h1")).to_be_visible()
    assert f"/cases/{UGANDA}" in page.url
    target = page.locator(":target")
    expect(target).to_be_in_viewport()
    assert " ".join(text.split()) in " ".join(target.inner_text().split())


def test_the_other_rendering_is_one_click_away(page: Page) -> None:
    page.goto("/")
    ask(page, QUESTION)
    rendering = page.locator("article").first.locator("details.rendering")
    expect(rendering.locator("blockquote")).to_be_hidden()
    rendering.locator("summary").click()
    expect(rendering.locator("blockquote")).to_be_visible()
    expect(rendering.locator("[dir=rtl]").first).to_be_visible()


@pytest.mark.parametrize("page", [{}, {"java_script_enabled": False}], indirect=True)
def test_no_answer_and_no_question_are_said_on_the_page(page: Page) -> None:
    page.goto("/")
    ask(page, "chocolate cake recipe")
    heading = page.get_by_role("heading", name="The library has no answer to this question.")
    expect(heading).to_be_visible()
    page.goto("/")
    ask(page, "x" * 10_000)
    expect(page.locator("#refusal")).to_be_visible()


@pytest.mark.parametrize("question", [QUESTION, FRAGE])
@pytest.mark.parametrize("viewport", [PHONE, DESK])
def test_nothing_runs_over_the_edge(page: Page, question: str, viewport: dict[str, int]) -> None:
    page.set_viewport_size(viewport)  # type: ignore[arg-type]
    for address in ("/", f"/?q={question}", f"/cases/{UGANDA}", "/about"):
        page.goto(address)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= viewport["width"], address


@pytest.mark.parametrize(
    ("question", "follow_ups", "cases"),
    [
        (QUESTION, ("and in Malawi?", "who was involved?"), ("malawi", "malawi")),
        (FRAGE, ("وماذا عن العراق؟", "بالإنجليزية من فضلك"), ("iraq", "iraq")),
    ],
)
@pytest.mark.parametrize("page", [{}, {"java_script_enabled": False}], indirect=True)
def test_a_conversation_from_the_answer_to_the_reference(
    page: Page, question: str, follow_ups: tuple[str, str], cases: tuple[str, str]
) -> None:
    page.goto("/")
    ask(page, question)
    sentence = page.locator(".sentences .sentence").first
    words = sentence.inner_text().rsplit("[", 1)[0].strip()
    sentence.get_by_role("link").click()
    target = page.locator("article", has=page.locator(":target"))
    expect(target).to_be_in_viewport()
    assert words in " ".join(target.locator("blockquote").first.inner_text().split())

    for follow_up, case in zip(follow_ups, cases, strict=True):
        page.locator("#follow").fill(follow_up)
        page.locator("#follow").press("Enter")
        expect(page.locator("#turn")).to_have_text(follow_up)
        expect(page.locator(".understood")).to_be_visible()
        first = page.locator("article h3").first.get_by_role("link")
        assert f"/cases/{case}" in (first.get_attribute("href") or "")
    assert "/conversations/" in page.url
    expect(page.locator(".turns li")).to_have_count(2)

    page.locator("details.cite").first.locator("summary").click()
    with page.expect_download() as download:
        page.locator("details.cite").first.get_by_role("link", name="RIS").click()
    (entry,) = rispy.loads(download.value.path().read_text("utf-8"))
    passage = page.locator("article blockquote").first.inner_text()
    assert " ".join(entry["abstract"].split()) == " ".join(passage.split())


@pytest.mark.parametrize(
    ("question", "level", "way_back"),
    [(QUESTION, "National", "Ask the whole library"), (FRAGE, "وطني", "اسأل المكتبة كلها")],
)
@pytest.mark.parametrize("page", [{}, {"java_script_enabled": False}], indirect=True)
def test_a_question_is_narrowed_and_widened_again(
    page: Page, question: str, level: str, way_back: str
) -> None:
    page.goto("/")
    ask(page, question)
    page.locator(".result > .facets > summary").click()
    page.locator(".facets").get_by_role("link", name=level).first.click()
    expect(page.locator(".chosen")).to_contain_text(level)
    tags = page.locator("article .tags")
    expect(tags.filter(has_text=level)).to_have_count(tags.count())
    page.get_by_role("link", name=way_back).click()
    expect(page.locator("article")).to_have_count(10)
    expect(page.locator(".chosen")).to_have_count(0)


def test_forms_work_without_https_under_a_name_of_its_own(browser: Browser, address: str) -> None:
    """Browsers say less about themselves there: mostly nothing but where a form comes from."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address.replace('127.0.0.1', 'diwan.hub')}/?q={QUESTION}")
    page.locator("#follow").fill("and in Malawi?")
    page.locator("#follow").press("Enter")
    expect(page.locator("#turn")).to_have_text("and in Malawi?")
    context.close()


def test_a_conversation_fits_the_smallest_phone(page: Page) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(f"/?q={FRAGE}")
    page.locator("#follow").fill("وماذا عن العراق؟")
    page.locator("#follow").press("Enter")
    expect(page.locator("#turn")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
