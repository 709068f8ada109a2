"""The desk's queue of introductions: who asks, for whom, and what the hub did about it."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Form, Request, Response
from pydantic import BaseModel

from corpus.case_study import CaseStudy
from index.scripts import rendering_for
from server.contributions.store import Contact
from server.dependencies import CurrentHolder, CurrentStore
from server.desk_access import ByEditor, Editor, desk_router
from server.desk_frame import HOME, DeskVisit, desk_page, to
from server.desk_pages import service_of
from server.i18n import Interface, interface
from server.mail.address import site_address
from server.pages import Visit
from server.paging import PageNumber, sheet_of
from server.peers.consent import ContactOf, Contacts
from server.peers.letters import words_for
from server.peers.store import LONGEST_NOTE, Introduction, IntroductionState, Step, Words
from server.service import Service
from server.spreadsheet import csv_file
from server.store import Store
from server.store_database import RefusedError

A_PAGE = 20
_QUEUE = f"{HOME}/introductions"
_DONE = ("marked", "closed")
_CLOSING = "close"

router = desk_router()


@dataclass(frozen=True, slots=True)
class Waiting:
    """An introduction as staff read it.

    Attributes:
        introduction: As it is kept.
        case: The case, in a language that the reader reads; None if the library has it no longer.
        contact: Whom the hub may write to; None where nobody has left an address.
    """

    introduction: Introduction
    case: CaseStudy | None
    contact: Contact | None


class StepForm(BaseModel):
    """What the form of an introduction sends.

    Attributes:
        state: What has become of it.
        note: What the asker is told.
        tell: Not empty where they are to be told by letter.
        do: `close` where nothing more is to come; else it stays open.
    """

    state: str = ""
    note: str = ""
    tell: str = ""
    do: str = ""

    @property
    def step(self) -> Step:
        """What was done; its state is that of waiting where the form does not say what."""
        state = IntroductionState(self.state) if self.state in _states() else None
        note = "\n".join(self.note.splitlines()).strip()
        return Step(state or IntroductionState.WAITING, note, self.do == _CLOSING)


@dataclass(frozen=True, slots=True)
class Queue:
    """What a request of the queue stands on.

    Attributes:
        visit: What it says of itself.
        store: Holds the introductions.
        service: Holds the library; None while nothing serves.
        contact_of: Tells whom the hub may write to.
        site: Address of the start page, for letters; None where it is unknown.
    """

    visit: Visit
    store: Store
    service: Service | None
    contact_of: ContactOf
    site: str | None

    def read(self, introduction: Introduction) -> Waiting:
        """An introduction as staff read it."""
        contact = None if introduction.closed_on else self.contact_of(introduction.case_id)
        return Waiting(introduction, self._case(introduction, self.visit.language), contact)

    def words(self, introduction: Introduction, step: Step) -> Words:
        """What is written to the asker, in the language in which they asked."""
        case = self._case(introduction, introduction.language)
        title = case.title if case else None
        reader = interface(introduction.language)
        return words_for(introduction, step, title, self.site, reader)

    def _case(self, introduction: Introduction, language: str) -> CaseStudy | None:
        known = self.service.renderings(introduction.case_id) if self.service else ()
        return rendering_for(known, language)


def get_queue(
    request: Request,
    visit: DeskVisit,
    store: CurrentStore,
    holder: CurrentHolder,
    contacts: Contacts,
) -> Queue:
    """Bring together what a route of the queue needs."""
    return Queue(visit, store, service_of(holder), contacts, site_address(request))


CurrentQueue = Annotated[Queue, Depends(get_queue)]


@router.get("/introductions")
def introductions(
    queue: CurrentQueue, person: Editor, number: PageNumber, done: str | None = None
) -> Response:
    """The introductions, those that are open first, a page at a time."""
    everything = queue.store.introductions()
    sheet = sheet_of(everything, number, A_PAGE)
    return desk_page(
        "desk/introductions.html",
        queue.visit,
        person,
        shown=[queue.read(each) for each in sheet.entries],
        introductions=sum(each.closed_on is None for each in everything),
        sheet=sheet,
        done=done if done in _DONE else None,
        **_form(interface(queue.visit.language)),
    )


@router.get("/introductions.csv")
def introductions_as_table(visit: DeskVisit, store: CurrentStore, _person: Editor) -> Response:
    """All of them for a spreadsheet, without anything about a person."""
    reader = interface(visit.language)
    names = state_names(reader)
    header = [
        reader.gettext("Day"),
        reader.gettext("Case study"),
        reader.gettext("State"),
        reader.gettext("Closed on"),
    ]
    rows = (
        (
            each.day.isoformat(),
            each.case_id,
            names[each.state],
            each.closed_on.isoformat() if each.closed_on else "",
        )
        for each in store.introductions()
    )
    return csv_file("introductions", header, rows)


@router.post("/introductions/{introduction_id}")
def go_on(
    introduction_id: str,
    queue: CurrentQueue,
    person: Editor,
    by: ByEditor,
    form: Annotated[StepForm, Form()],
) -> Response:
    """Keep what was done; write to the asker where that is wanted, and always when it is closed."""
    introduction = queue.store.introduction(introduction_id)
    step = form.step
    words = queue.words(introduction, step) if form.tell or step.closes else None
    try:
        queue.store.go_on_with_introduction(introduction_id, step, words, by)
    except RefusedError:
        return desk_page(
            "desk/introduction_refused.html",
            queue.visit,
            person,
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
            each=queue.read(introduction),
            typed=form,
            no_state=step.state is IntroductionState.WAITING,
            **_form(interface(queue.visit.language)),
        )
    return to(_QUEUE, queue.visit, done="closed" if step.closes else "marked")


def state_names(reader: Interface) -> dict[IntroductionState, str]:
    """What has become of an introduction, in the reader's language."""
    return {
        IntroductionState.WAITING: reader.gettext("Waiting"),
        IntroductionState.WRITTEN: reader.gettext("Written to them"),
        IntroductionState.INTRODUCED: reader.gettext("Introduced"),
        IntroductionState.IMPOSSIBLE: reader.gettext("Not possible"),
    }


def _form(reader: Interface) -> dict[str, Any]:
    names = state_names(reader)
    return {
        "names": names,
        "outcomes": {state: names[state] for state in _states()},
        "limit": LONGEST_NOTE,
    }


def _states() -> tuple[IntroductionState, ...]:
    return tuple(state for state in IntroductionState if state is not IntroductionState.WAITING)
