"""The front door as a whole in a real Chromium: a question without an answer, and who answers it.

Nobody in it knows an address but `/` and `/desk`: they follow what they see, and what letters say.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from browsing import served, watched
from desk import CHEAP
from mail_server import Mailbox, mail_server
from playwright.sync_api import Browser, expect
from test_browser import PHONE, browser
from test_browser_story import NAV, Person, home, patience, sign_in
from test_desk_rebuild_for_real import until

from server.app import assemble, holder_for
from server.i18n import interface
from server.settings import Security, Settings
from server.store import STORE, Store

__all__ = ["browser", "home", "patience"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

CITY, READER, PEER = "amina@city.example.org", "reader@example.org", "hanan@peer.example.org"
NAME = "Amina Haddad"
_LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class Texts:
    """What is asked, written and answered, in one language.

    Attributes:
        language: ISO 639-1 code.
        question: One that the library does not answer yet.
        known: One that it answers, and must go on answering.
        practice: What is typed into the form, by the label of the field; what came of it lacks.
        outcome: What came of it.
        asked: What the hub asks back.
        answer: What the city answers.
        title: The title as the editor writes it.
        passage: The passage that answers the question.
        reply: What the hub replies to whoever sent the question.
        wish: What a peer wants to learn.
        note: What the hub writes to the peer.
    """

    language: str
    question: str
    known: str
    practice: dict[str, str]
    outcome: str
    asked: str
    answer: str
    title: str
    passage: str
    reply: str
    wish: str
    note: str

    @property
    def body(self) -> str:
        """The body that sends it in."""
        return self.practice["Name of your body"]


ENGLISH = Texts(
    language="en",
    question="Which lamps make a market safe after dark?",
    known="Who set up the mohalla committees in Mumbai?",
    practice={
        "A title": "Lamps",
        "Context": "Women who sell at the night market of Tarmina left at dusk.",
        "What was done": "The council hung solar lamps over the night market after traders had"
        " asked for light. Forty solar lamps make the market safe after dark.",
        "What others can learn": "Let the streets look after their lamps themselves.",
        "Place": "Tarmina",
        "Since when": "2021-03",
        "Name of your body": "Municipality of Tarmina",
    },
    outcome="Women who sell there said that they now stay until the last bus.",
    asked="How many of them were asked?",
    answer="Sixty-two, at two stops of the bus.",
    title="Tarmina: solar lamps for the night market",
    passage="Forty solar lamps make the market safe after dark.",
    reply="A city has written down how it went about it.",
    wish="Who pays for the batteries?",
    note="You will hear from them this week.",
)
ARABIC = Texts(
    language="ar",
    question="أيّ مصابيح تجعل السوق آمنة بعد حلول الظلام؟",
    known="من أنشأ لجان المحلة في مومباي؟",
    practice={
        "A title": "مصابيح",
        "Context": "كانت النساء اللواتي يبعن في سوق ترمينا الليلية يغادرنها عند الغروب.",
        "What was done": "علّق المجلس مصابيح شمسية فوق السوق الليلية بعد أن طلب التجار الإنارة."
        " أربعون مصباحًا شمسيًا تجعل السوق آمنة بعد حلول الظلام.",
        "What others can learn": "اتركوا لأهل كل شارع العناية بمصابيحهم.",
        "Place": "ترمينا",
        "Since when": "2021-03",
        "Name of your body": "بلدية ترمينا",
    },
    outcome="قالت النساء اللواتي يبعن هناك إنهن يبقين الآن حتى آخر حافلة.",
    asked="كم امرأة سُئلت؟",
    answer="اثنتان وستون، عند موقفين للحافلة.",
    title="ترمينا: مصابيح شمسية للسوق الليلية",
    passage="أربعون مصباحًا شمسيًا تجعل السوق آمنة بعد حلول الظلام.",
    reply="كتبت إحدى المدن كيف فعلت ذلك.",
    wish="من يدفع ثمن البطاريات؟",
    note="سيكتبون إليك هذا الأسبوع.",
)


@pytest.fixture(params=[ENGLISH, ARABIC], ids=lambda texts: texts.language)
def texts(request: pytest.FixtureRequest) -> Texts:
    found: Texts = request.param
    return found


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server that takes every letter."""
    with mail_server() as mailbox:
        yield mailbox


@pytest.fixture
def address(home: Path, mailbox: Mailbox) -> Iterator[str]:
    """A server over the hub's folder, which sends letters."""
    settings = Settings(
        home=home,
        bundled=False,
        smtp_host="127.0.0.1",
        smtp_port=mailbox.port,
        smtp_security=Security.NONE,
        mail_from="hub@diwan.example.org",
    )
    app = assemble(holder_for(settings), home, CHEAP, settings=settings)
    with served(app) as address:
        app.state.address = address  # DIWAN_ADDRESS, which is not known before
        yield address


@dataclass(frozen=True)
class People:
    """Everybody in the story, each at a browser of their own.

    Attributes:
        reader: Sends the question to the hub.
        city: Sends in a practice, on a phone.
        editor: Works at the desk.
        peer: Wants to learn from the city.
    """

    reader: Person
    city: Person
    editor: Person
    peer: Person


@pytest.fixture
def people(browser: Browser, address: str, texts: Texts) -> Iterator[People]:
    with ExitStack() as stack:

        def somebody(**options: Any) -> Person:  # noqa: ANN401
            page = watched(browser, address, locale=texts.language, **options)
            return Person(stack.enter_context(page), texts.language)

        yield People(somebody(), somebody(viewport=PHONE), somebody(), somebody(viewport=PHONE))


def test_the_whole_story_of_the_front_door(
    people: People, mailbox: Mailbox, home: Path, texts: Texts
) -> None:
    until(lambda: people.city.page.request.get("/readyz").ok)
    send_question(people.reader, texts)
    way_back = write_and_send(people.city, texts, mailbox)

    sign_in(people.editor)
    ask_back(people.editor, texts)
    answer(people.city, texts, letter_to(mailbox, CITY, 2), way_back)
    make_case(people.editor, texts)
    accepted = letter_to(mailbox, CITY, 3)
    people.editor.follow("Rebuild")
    expect(people.editor.rebuild()).to_have_text(people.editor.say("Published"))
    read_from(people.city, accepted, texts)

    find_and_ask_for_introduction(people.peer, texts)
    mine = people.peer.page.url
    introduce(people.editor, texts)
    hear_of_introduction(people.peer, letter_to(mailbox, PEER, 1), texts, mine)

    reply(people.editor, texts)
    told = letter_to(mailbox, READER, 1)
    assert texts.reply in told.get_content()
    people.reader.page.goto(links(told)[0])
    people.reader.reads(texts.title)

    assert len(mailbox.letters) == 5
    with Store(home / STORE) as store:
        until(lambda: not store.letters())
    until(lambda: left_of((READER, PEER), home) == set())


def left_of(texts: Iterable[str], home: Path) -> set[str]:
    """What of this stands in the store still."""
    content = b"".join(file.read_bytes() for file in home.glob(f"{STORE}*"))
    return {text for text in texts if text.encode() in content}


def letter_to(mailbox: Mailbox, address: str, number: int) -> EmailMessage:
    """The letter of a number to an address, once it is there."""

    def found() -> list[EmailMessage]:
        return [letter for letter in mailbox.letters if letter["To"] == address]

    until(lambda: len(found()) >= number)
    return found()[number - 1]


def links(letter: EmailMessage) -> list[str]:
    """The addresses that a letter names."""
    return _LINK.findall(letter.get_content())


def send_question(reader: Person, texts: Texts) -> None:
    """Ask, and have the hub reply by letter."""
    reader.ask(texts.question)
    reader.reads("The library has no answer to this question.")
    reader.field("E-mail address, if you want a reply").fill(READER)
    reader.press("Send this question to the hub")
    reader.reads(
        "The hub has your question, and your address for its reply. The address is deleted once the"
        " reply is sent, or the question is closed without one."
    )


def write_and_send(city: Person, texts: Texts, mailbox: Mailbox) -> str:
    """Send in a practice about a question that found nothing; its address, by which it is found."""
    city.ask(texts.question)
    city.reads("Has your city done something about it?")
    city.follow("Send it in")
    city.reads(texts.question)
    city.press("Begin")
    for label, text in texts.practice.items():
        city.field(label).fill(text)
    city.field("Country").select_option(label=interface(texts.language).country("LB"))
    city.field("Level").select_option("city")
    city.page.locator("#pillar-trust").check()
    city.field("Your name").fill(NAME)
    city.field("Your e-mail address").fill(CITY)
    city.field("The text may be published").check()
    city.page.get_by_label(
        city.say("The hub may ask you when a peer wants to be put in touch")
    ).check()
    city.page.get_by_label(city.say("The body may be listed in the directory of peers")).check()
    city.page.locator("button[value=save-consents]").click()
    city.reads("Saved.")
    city.press("Send me the link by e-mail")
    city.reads("The letter with the link is on its way.")
    (way_back,) = links(letter_to(mailbox, CITY, 1))

    city.page.goto("/")
    city.page.goto(way_back)
    expect(city.field("Context")).to_have_value(texts.practice["Context"])
    city.press("Send it to the hub")
    city.page.locator("#refusal").get_by_role("link").click()
    city.field("What came of it").fill(texts.outcome)
    city.press("Send it to the hub")
    city.reads("It is with the hub")
    return way_back


def ask_back(editor: Person, texts: Texts) -> None:
    """Read what was sent in, and ask about it."""
    editor.page.locator(".desk-cards a[href^='/desk/contributions']").click()
    editor.page.locator("main").get_by_role("link", name=texts.practice["A title"]).click()
    editor.reads(texts.question, texts.outcome, CITY)
    editor.page.get_by_text(editor.say("Ask the sender something")).click()
    editor.field("Your question").fill(texts.asked)
    editor.press("Ask")
    editor.reads("Asked. The letter waits to be sent; the question stands on the sender’s page.")


def answer(city: Person, texts: Texts, letter: EmailMessage, way_back: str) -> None:
    """Come by the letter, and answer."""
    assert texts.asked in letter.get_content()
    assert links(letter) == [way_back]
    city.page.goto(links(letter)[0])
    city.reads("The hub asks you something", texts.asked)
    city.page.locator("#answer").fill(texts.answer)
    city.press("Send it again")
    city.reads("It is with the hub", texts.answer)


def make_case(editor: Person, texts: Texts) -> None:
    """Read the answer, and make a case study of it under another title."""
    editor.follow("Desk", NAV)
    editor.page.locator(".desk-cards a[href^='/desk/contributions']").click()
    editor.page.locator("main").get_by_role("link", name=texts.practice["A title"]).click()
    editor.reads(texts.answer)
    editor.follow("Make a case study of it")
    content = editor.field("The text, with its fields on top")
    written = content.input_value()
    before = f"title: {texts.practice['A title']}\n"
    assert written.count(before) == 2, "the case study is its own source"
    content.fill(written.replace(before, f"title: '{texts.title}'\n"))
    editor.press("Look at it")
    editor.reads("As it will stand", texts.passage)
    editor.press("Accept it and save the case study")
    editor.reads(
        "Accepted, and saved as a case study. What readers find changes with the next rebuild."
    )


def read_from(city: Person, letter: EmailMessage, texts: Texts) -> None:
    """Come by the letter to the case study, and to one's own page, which leads there as well."""
    case, way_back = links(letter)
    city.page.goto(case)
    expect(city.page.locator("h1")).to_have_text(texts.title)
    city.page.goto(way_back)
    city.reads("It is accepted")
    city.follow("Read the case study")
    expect(city.page.locator("h1")).to_have_text(texts.title)


def find_and_ask_for_introduction(peer: Person, texts: Texts) -> None:
    """Ask, find the practice under the name of its body, and ask to be put in touch."""
    until(lambda: peer.finds(texts.question))
    peer.reads(texts.passage)
    hit = peer.page.locator("article.hit").first
    hit.get_by_text(peer.say("Cite this passage")).click()
    expect(hit.locator(".citation")).to_contain_text(texts.body)
    hit.get_by_role("link", name=texts.title).first.click()
    expect(peer.page.locator(".cite .citation")).to_contain_text(texts.body)
    expect(peer.page.locator(".facts")).to_contain_text(texts.body)
    peer.follow("Ask for an introduction")
    peer.field("What would you ask them, or learn from them?").fill(texts.wish)
    peer.field("Your name").fill("Hanan")
    peer.field("The body you work for").fill("Peer City")
    peer.field("E-mail address for the reply").fill(PEER)
    peer.page.locator("#agree").check()
    peer.press("Send it to the hub")
    peer.reads("Thank you. The hub has it.", "It waits for the hub’s staff.")


def introduce(editor: Person, texts: Texts) -> None:
    """See who asks and whom to ask, and say what was done about it."""
    editor.follow("Desk", NAV)
    editor.page.locator(".desk-cards a[href^='/desk/introductions']").click()
    editor.reads(texts.title, texts.wish, PEER, NAME, CITY)
    editor.page.get_by_text(editor.say("Go on with it")).click()
    editor.field("Introduced").check()
    editor.field("Note for the asker").fill(texts.note)
    editor.press("Close it")
    editor.reads("Closed, and recorded. The letter waits to be sent.")
    expect(editor.page.locator("main")).not_to_contain_text(PEER)


def hear_of_introduction(peer: Person, letter: EmailMessage, texts: Texts, mine: str) -> None:
    """Get the letter, and see the same on one's page."""
    assert texts.note in letter.get_content()
    (link,) = links(letter)
    assert link.partition("?")[0] == mine.partition("?")[0]
    peer.page.goto(link)
    peer.reads("The hub has made the introduction.", texts.note)


def reply(editor: Person, texts: Texts) -> None:
    """Reply to the question that was sent in, which a case study answers by now."""
    editor.follow("Desk", NAV)
    editor.page.locator(".desk-cards a[href^='/desk/inbox']").click()
    editor.reads(texts.question, "A reply is wanted")
    editor.page.get_by_text(editor.say("Reply, and close it")).click()
    expect(editor.page.get_by_label(texts.title)).to_be_checked()
    editor.field("The reply").fill(texts.reply)
    editor.press("Close it, and send the reply")
    editor.reads("Closed, and recorded.")
