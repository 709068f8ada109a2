"""The desk's whole story in a real Chromium: from a question without an answer to going back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from browsing import served, watched
from conftest import publish
from desk import AMAL, CHEAP, PASSWORD
from playwright.sync_api import Browser, Locator, Page, expect
from test_browser import DESK, browser
from test_desk_rebuild_for_real import until

from corpus.gold import load_gold
from corpus.library import BUNDLED
from index.encoder import load_encoder
from index.publication import Publication
from server.app import assemble
from server.i18n import interface
from server.opening import open_library
from server.service_opening import holder_for
from server.settings import Settings
from server.store import STORE, Store
from server.store_records import TERMINAL, By
from server.store_staff import Role

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAV = ".desk-bar"
MUMBAI = "mumbai"
# What comes with Diwan, under ids of the hub's own: the gate passes over what is not in use.
CASES = {
    "india-mumbai-mohalla-committees": MUMBAI,
    "uganda-nansana-youth-desk": "nansana",
    "kenya-kilifi-plan-without-funds": "kilifi",
    "norway-oslo-salto-model": "oslo",
}
GOLD = """
[[question]]
text = "{known}"
language = "{language}"
cases = ["{case}"]
"""


@dataclass(frozen=True)
class Texts:
    """What is asked and written, in one language.

    Attributes:
        language: ISO 639-1 code.
        question: One that the library does not answer yet.
        known: One that it answers, and must go on answering.
        file: Name of the file that answers the first.
        content: What it holds.
        read: The title that is read from it.
        title: The title as the editor corrects it.
        words: Words of that title.
        answer: Words of the passage that answers.
        known_title: Words of the title of the case study that answers the other question.
        wrong_title: The title that it is given by mistake.
        wrong: The text that is pasted over it by mistake.
        note: What became of the question that was sent in.
    """

    language: str
    question: str
    known: str
    file: str
    content: str
    read: str
    title: str
    words: str
    answer: str
    known_title: str
    wrong_title: str
    wrong: str
    note: str


ENGLISH = Texts(
    language="en",
    question="Which lamps make a market safe after dark?",
    known="Who set up the mohalla committees in Mumbai?",
    file="lamps.md",
    content=(
        "# DRAFT 3 lamps\n\n## What was done\n\nThe council of Tarmina hung solar lamps over the"
        " night market after traders had asked for light. Forty solar lamps make the market safe"
        " after dark.\n\n## What came of it\n\nWomen who sell there said that they now stay until"
        " the last bus. Two young people of each street keep the lamps clean.\n"
    ),
    read="DRAFT 3 lamps",
    title="Tarmina: solar lamps for the night market",
    words="Tarmina",
    answer="Forty solar lamps make the market safe after dark.",
    known_title="Mumbai",
    wrong_title="Notes of a meeting",
    wrong="## Context\n\nThe meeting began at nine and dealt with the car park.\n",
    note="A report is in the library now",
)
ARABIC = Texts(
    language="ar",
    question="أيّ مصابيح تجعل السوق آمنة بعد حلول الظلام؟",
    known="من أنشأ لجان المحلة في مومباي؟",
    file="lamps.html",
    content=(
        '<!doctype html><html lang="ar" dir="rtl"><meta charset="utf-8">'
        "<title>مسودة ٣ مصابيح</title><h1>مسودة ٣ مصابيح</h1><h2>ما الذي جرى</h2>"
        "<p>علّق مجلس بلدة ترمينا مصابيح شمسية فوق السوق الليلية بعد أن طلب التجار الإنارة."
        " أربعون مصباحًا شمسيًا تجعل السوق آمنة بعد حلول الظلام.</p><h2>ما الذي تحقق</h2>"
        "<p>قالت النساء اللواتي يبعن هناك إنهن يبقين الآن حتى آخر حافلة."
        " ويحافظ شابان من كل شارع على نظافة المصابيح.</p></html>"
    ),
    read="مسودة ٣ مصابيح",
    title="ترمينا: مصابيح شمسية للسوق الليلية",
    words="ترمينا",
    answer="أربعون مصباحًا شمسيًا تجعل السوق آمنة بعد حلول الظلام.",
    known_title="مومباي",
    wrong_title="محضر اجتماع",
    wrong="## السياق\n\nبدأ الاجتماع في التاسعة وتناول موقف السيارات.\n",
    note="صار في المكتبة تقرير عنه",
)


class Person:
    """Somebody at a page, who goes by the words on it alone."""

    def __init__(self, page: Page, language: str) -> None:
        self.page = page
        self.say: Callable[[str], str] = interface(language).gettext

    def follow(self, name: str, within: str = "main") -> None:
        """Follow a link by what it says."""
        link = self.page.locator(within).get_by_role("link", name=self.say(name), exact=True)
        link.first.click()

    def press(self, name: str) -> None:
        """Press a button by what it says."""
        self.page.get_by_role("button", name=self.say(name), exact=True).click()

    def field(self, label: str) -> Locator:
        """A field by its label."""
        return self.page.get_by_label(self.say(label), exact=True)

    def reads(self, *sentences: str) -> None:
        """Something stands on the page, and is seen."""
        for sentence in sentences:
            found = self.page.locator("main").get_by_text(self.say(sentence))
            expect(found.filter(visible=True).first).to_be_visible()

    def ask(self, question: str) -> None:
        """Ask the library from its start."""
        self.page.goto("/")
        self.field("Your question").fill(question)
        self.field("Your question").press("Enter")
        expect(self.page.locator(".asked")).to_have_text(question)

    def finds(self, question: str) -> bool:
        """Whether the library answers a question."""
        self.ask(question)
        return self.page.locator(".sentences").is_visible()

    def rebuild(self) -> Locator:
        """Follow a rebuild to its end on its page: the heading that says what came of it."""
        self.press("Rebuild")
        expect(self.page.get_by_role("progressbar")).to_be_visible()
        outcome = self.page.locator("#outcome")
        expect(outcome).to_be_visible(timeout=300_000)
        return outcome


@pytest.fixture(params=[ENGLISH, ARABIC], ids=lambda texts: texts.language)
def texts(request: pytest.FixtureRequest) -> Texts:
    found: Texts = request.param
    return found


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """Rebuilds take the machine meanwhile; what is waited for may take longer to be seen."""
    expect.set_options(timeout=60_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def home(tmp_path: Path, texts: Texts) -> Path:
    """A hub that serves a few case studies, with a question that it must answer and an editor."""
    home = tmp_path / "hub"
    folder = home / "library" / texts.language
    folder.mkdir(parents=True)
    for bundled, own in CASES.items():
        case = (BUNDLED / texts.language / f"{bundled}.md").read_text("utf-8")
        (folder / f"{own}.md").write_text(case.replace(f"id: {bundled}", f"id: {own}"), "utf-8")
    gold = GOLD.format(known=texts.known, language=texts.language, case=MUMBAI)
    (home / "gold.toml").write_text(gold, "utf-8")
    library = open_library(Settings(home=home, bundled=False))
    publish(Publication(home / "generations"), library, load_encoder(""))
    now = datetime.now(UTC)
    with Store(home / STORE) as store:
        token = store.add_staff(AMAL, Role.EDITOR, By(TERMINAL, now)).token
        store.set_password(token, CHEAP.hashed(PASSWORD), now)
    return home


@pytest.fixture
def address(home: Path) -> Iterator[str]:
    """A server over the hub's folder."""
    settings = Settings(home=home, bundled=False)
    with served(assemble(holder_for(settings), home, CHEAP, settings=settings)) as address:
        yield address


@pytest.fixture
def people(browser: Browser, address: str, texts: Texts) -> Iterator[tuple[Person, Person]]:
    """A visitor and an editor, each at a browser that asks for their language."""
    options = {"locale": texts.language, "viewport": DESK}
    with watched(browser, address, **options) as one, watched(browser, address, **options) as other:
        yield Person(one, texts.language), Person(other, texts.language)


def test_the_whole_story_of_the_desk(
    people: tuple[Person, Person], home: Path, texts: Texts, tmp_path: Path
) -> None:
    visitor, editor = people
    until(lambda: visitor.page.request.get("/readyz").ok)
    visitor.ask(texts.question)
    visitor.reads("The library has no answer to this question.")
    visitor.press("Send this question to the hub")
    visitor.reads("The hub has your question. It does not know who asked.")

    sign_in(editor)
    path = tmp_path / texts.file
    path.write_text(texts.content, "utf-8")
    put_in_what_answers(editor, texts, path)
    editor.follow("Rebuild")
    editor.reads(texts.title)
    expect(editor.rebuild()).to_have_text(editor.say("Published"))
    editor.reads("Up to date: what serves was built from the library as it is now.")
    assert visitor.finds(texts.question)
    visitor.reads(texts.answer, texts.title)

    make_gold(editor, texts)
    gold = load_gold(home / "gold.toml")[-1]
    assert (gold.text, gold.language) == (texts.question, texts.language)

    spoil(editor, texts)
    editor.follow("Rebuild")
    expect(editor.rebuild()).to_have_text(editor.say("Kept aside: it answers worse"))
    editor.reads(texts.known)
    expect(editor.page.locator(f"#rebuild a[href^='/desk/document/{MUMBAI}']")).to_be_visible()
    if texts is ARABIC:
        expect(editor.page.locator("main [lang=en]")).to_have_count(0)
    assert visitor.finds(texts.known), "what was published goes on serving"

    editor.follow("See all generations")
    editor.press("Go back to the one before")
    editor.reads("Done, and recorded. Running servers take it up within a second or a little more.")
    until(lambda: not visitor.finds(texts.question))
    visitor.reads("The library has no answer to this question.")
    assert visitor.finds(texts.known)


def sign_in(editor: Person) -> None:
    """Come to the desk."""
    editor.page.goto("/desk")
    editor.field("Name").fill(AMAL)
    editor.field("Password").fill(PASSWORD)
    editor.press("Sign in")


def what_can_come_of_it(editor: Person, texts: Texts) -> None:
    """Go from the desk's home to the question that was sent in."""
    editor.page.locator(".desk-cards a[href^='/desk/inbox']").click()
    editor.reads(texts.question)
    editor.follow("What can come of it")


def put_in_what_answers(editor: Person, texts: Texts, path: Path) -> None:
    """Have a file read for the question, correct its title, and put it into the library."""
    what_can_come_of_it(editor, texts)
    editor.follow("Put a file that answers it into the library")
    editor.field("File").set_input_files(path)
    editor.press("Read it")
    editor.reads(texts.answer)
    expect(editor.field("Title")).to_have_value(texts.read)
    editor.field("Title").fill(texts.title)
    editor.press("Put it into the library")
    expect(editor.page.locator("h1")).to_have_text(texts.title)


def make_gold(editor: Person, texts: Texts) -> None:
    """Have every rebuild ask the question, and close it."""
    editor.follow("Desk", NAV)
    what_can_come_of_it(editor, texts)
    editor.field("Words of its title").fill(texts.words)
    editor.press("Look for it")
    editor.field(texts.title).check()
    editor.press("It should find this one")
    editor.reads(
        "It is among the gold questions now. The next rebuild sees whether it finds its case study."
    )
    editor.page.locator(".desk-list .desk-close summary").click()
    editor.field("Your reply, or what became of it").fill(texts.note)
    editor.press("Close it")
    editor.reads("Closed, and recorded.")


def spoil(editor: Person, texts: Texts) -> None:
    """Paste another text over a case study, and save it."""
    editor.follow("Documents", NAV)
    editor.field("Words of the title").fill(texts.known_title)
    editor.press("Find")
    editor.page.locator(".desk-table tbody a").click()
    editor.follow("Edit it")
    source = editor.field("The text, with its fields on top")
    source.fill(spoilt(source.input_value(), texts))
    editor.press("Save it")


def spoilt(content: str, texts: Texts) -> str:
    """A case study over which another text was pasted: of its own only what it must have stays."""
    _, fields, _ = content.split("---\n", 2)
    front = yaml.safe_load(fields)
    front |= {"title": texts.wrong_title, "actors": [texts.wrong_title], "themes": []}
    front.pop("place")
    front["source"]["title"] = texts.wrong_title
    return f"---\n{yaml.safe_dump(front, allow_unicode=True)}---\n\n{texts.wrong}"
