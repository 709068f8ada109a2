"""Letters at the desk: what waits, what went wrong, and what staff have to send themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import Form, HTTPException, Request, Response

from server.dependencies import CurrentStore
from server.desk_access import ByAdministrator, ByEditor, Editor, desk_router
from server.desk_frame import LETTERS, DeskVisit, desk_page, to
from server.i18n import Interface, interface
from server.mail.delivery import MailServer, Why
from server.mail.letter import LONGEST_ADDRESS, About, Letter, is_address
from server.mail.outbox import QueuedLetter, State, UnknownLetterError
from server.mail.sending import settle_abandoned
from server.pages import Visit
from server.store_records import Change

router = desk_router()


@dataclass(frozen=True, slots=True)
class LetterAtDesk:
    """A letter as staff read it.

    Attributes:
        letter: As it is kept.
        about: What it is about, in the reader's language.
        why: Why it was not taken the last time, likewise; empty where it was not tried.
    """

    letter: QueuedLetter
    about: str
    why: str


@router.get("/letters")
def letters(
    request: Request, visit: DeskVisit, store: CurrentStore, person: Editor, done: str | None = None
) -> Response:
    """The letters that have not been sent, those first that need somebody."""
    settle_abandoned(store, store.path.parent)
    server: MailServer | None = request.app.state.mail_server
    reader = interface(visit.language)
    found = [_read(letter, reader) for letter in store.letters()]
    waiting = [each for each in found if each.letter.state in (State.WAITING, State.HANDING_OVER)]
    return desk_page(
        "desk/letters.html",
        visit,
        person,
        done=done,
        server=server,
        unsure=_those(found, State.UNSURE),
        failed=_those(found, State.FAILED),
        waiting=waiting if server else [],
        by_hand=[] if server else waiting,
        has_address=bool(request.app.state.address),
        limit=LONGEST_ADDRESS,
    )


@router.post("/letters/{letter_id}/again")
def send_again(letter_id: str, visit: DeskVisit, store: CurrentStore, by: ByEditor) -> Response:
    """Have a letter tried again that failed, or of which nobody knows whether it has arrived."""
    return _settled(visit, "again", lambda: store.send_again(letter_id, by))


@router.post("/letters/{letter_id}/sent")
def has_arrived(letter_id: str, visit: DeskVisit, store: CurrentStore, by: ByEditor) -> Response:
    """Wipe a letter that staff have sent themselves, or know to have arrived."""
    return _settled(visit, "sent", lambda: store.has_arrived(letter_id, by))


@router.post("/letters/{letter_id}/throw-away")
def throw_away(letter_id: str, visit: DeskVisit, store: CurrentStore, by: ByEditor) -> Response:
    """Wipe a letter that is not to be sent."""
    return _settled(visit, "thrown-away", lambda: store.throw_away(letter_id, by))


@router.post("/test-letter")
def write_test_letter(
    request: Request,
    visit: DeskVisit,
    store: CurrentStore,
    by: ByAdministrator,
    address: Annotated[str, Form()] = "",
) -> Response:
    """Queue a letter by which an administrator sees whether mail goes out."""
    if request.app.state.mail_server is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    typed = address.strip()
    if not is_address(typed):
        return to(LETTERS, visit, done="no-address")
    reader = interface(visit.language)
    text = reader.gettext("This letter was sent from the hub’s desk to see whether letters arrive.")
    subject = reader.gettext("Diwan: a test")
    store.queue(Letter(typed, subject, text, reader.language, About.TEST), by, Change.TEST_LETTER)
    return to(LETTERS, visit, done="test")


def _settled(visit: Visit, done: str, settle: Callable[[], None]) -> Response:
    """Do something with a letter, and say that it is done or that somebody was faster."""
    try:
        settle()
    except UnknownLetterError:
        done = "gone"
    return to(LETTERS, visit, done=done)


def _those(found: list[LetterAtDesk], state: State) -> list[LetterAtDesk]:
    return [each for each in found if each.letter.state is state]


def _read(letter: QueuedLetter, reader: Interface) -> LetterAtDesk:
    names = {
        About.REPLY: reader.gettext("Reply to a question"),
        About.CONTRIBUTION: reader.gettext("About a practice that was sent in"),
        About.INTRODUCTION: reader.gettext("Putting peers in touch"),
        About.TEST: reader.gettext("Test letter"),
    }
    reasons = {
        Why.UNREACHABLE: reader.gettext("The mail server cannot be reached, or broke off."),
        Why.NOT_SAFE: reader.gettext(
            "The way to the mail server is not safe: it offers no encryption, or its certificate"
            " is not valid."
        ),
        Why.SIGN_IN: reader.gettext("The mail server does not accept Diwan’s name and password."),
        Why.SENDER: reader.gettext("The mail server does not send for Diwan’s address."),
        Why.RECIPIENT: reader.gettext("The mail server does not take letters to this address."),
        Why.TEXT: reader.gettext("The mail server did not take the letter itself."),
    }
    why = {str(word): sentence for word, sentence in reasons.items()}.get(letter.why, letter.why)
    return LetterAtDesk(letter, names[letter.about], why)
