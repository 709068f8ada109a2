"""Every page of the site, each in a state that has something on it, for tests that visit all."""

from collections.abc import Callable
from urllib.parse import urlencode

from playwright.sync_api import Page

QUESTIONS = {
    "en": "how did cities join the national strategy review",
    "ar": "كيف شاركت المدن في مراجعة الاستراتيجية الوطنية",
}
UNANSWERED = {"en": "chocolate cake recipe", "ar": "وصفة كعكة الشوكولاتة"}
MISSPELT = {
    "en": "How does Nansanna involve young people?",
    "ar": "كيف تشرك نانسنا الشباب؟",
}
OTHER = {"en": "ar", "ar": "en"}
CASE = "/cases/uganda-national-strategy-review"
ADDRESSES: dict[str, Callable[[str], str]] = {
    "start": lambda _: "/",
    "library": lambda _: "/library",
    "narrowed library": lambda _: "/library?pillar=trust",
    "nothing left": lambda _: "/library?pillar=trust&country=UG&level=community&year_to=1991",
    "about": lambda _: "/about",
    "for programs": lambda _: "/api",
    "places": lambda _: "/places",
    "reading paths": lambda _: "/paths",
    "no briefing": lambda _: "/briefing",
    "peers": lambda _: "/peers",
    "no peers": lambda _: "/peers?find=zzz",
    "introduction": lambda _: "/introductions/new?case=uganda-national-strategy-review",
    "news": lambda _: "/news",
    "contribute": lambda _: "/contribute",
    "not found": lambda _: "/nowhere",
    "answer": lambda language: asked(QUESTIONS[language]),
    "narrowed answer": lambda language: asked(QUESTIONS[language], level="national"),
    "no answer": lambda language: asked(UNANSWERED[language]),
    "misspelt": lambda language: asked(MISSPELT[language]),
    "empty question": lambda _: asked(""),
    "case": lambda language: f"{CASE}?lang={language}",
    "case side by side": lambda language: f"{CASE}?lang={language}&beside={OTHER[language]}",
}


def open_path(page: Page, language: str) -> None:
    """Open the first reading path."""
    page.goto(f"/paths?ui={language}")
    page.locator("main a[href^='/paths/']").first.click()


def go_on(page: Page, language: str) -> None:
    """Ask, and ask on."""
    page.goto(with_language(asked(QUESTIONS[language]), language))
    page.locator("#follow").fill("who paid for it?" if language == "en" else "من موّل ذلك؟")
    page.locator("form.follow button").click()
    page.locator("#turn").wait_for()


def say_thanks(page: Page, language: str) -> None:
    """Say that an answer helped."""
    page.goto(with_language(asked(QUESTIONS[language]), language))
    page.locator("form.feedback button[value=helpful]").click()
    page.locator("h1").wait_for()


def print_briefing(page: Page, language: str) -> None:
    """Make a briefing, and see it as a page."""
    make_briefing(page, language)
    page.locator(".carry a").first.click()
    page.locator(".sheet").wait_for()


def share_briefing(page: Page, language: str) -> None:
    """Make a briefing, and read it as others do."""
    make_briefing(page, language)
    page.goto(with_language(page.locator("#reading-address").input_value(), language))


def choose(page: Page, language: str, count: int) -> None:
    """Ask, and put the first passages that are found into the briefing."""
    page.goto(with_language(asked(QUESTIONS[language]), language))
    for number in range(count):
        hit = page.locator("article.hit").nth(number)
        hit.locator("form.choose button").click()
        hit.locator(".chosen-mark").wait_for()


def make_briefing(page: Page, language: str) -> None:
    """Begin a briefing of two passages, with a title and a note, and open it."""
    choose(page, language, 2)
    page.locator("a.to-briefing").click()
    page.locator("#title").fill("Monday" if language == "en" else "الاثنين")
    page.locator("textarea[name=remark]").first.fill("Ask them / اسألهم")
    page.locator("#save").click()
    page.locator(".notice").wait_for()


WAYS: dict[str, Callable[[Page, str], None]] = {
    "reading path": open_path,
    "conversation": go_on,
    "thanks": say_thanks,
    "briefing": make_briefing,
    "briefing as a page": print_briefing,
    "shared briefing": share_briefing,
}
PAGES = (*ADDRESSES, *WAYS)


def visit(page: Page, name: str, language: str) -> None:
    """Open a page by its name, in a language of the interface."""
    if name in ADDRESSES:
        page.goto(with_language(ADDRESSES[name](language), language))
    else:
        WAYS[name](page, language)
    page.wait_for_load_state("load")


def asked(question: str, **chosen: str) -> str:
    """The address of an answer."""
    return f"/?{urlencode({'q': question, **chosen})}"


def with_language(address: str, language: str) -> str:
    """An address in a language of the interface."""
    return f"{address}{'&' if '?' in address else '?'}ui={language}"
