"""Practices that were sent in, at the desk: read, asked about, declined, made a case study."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Form, HTTPException, Request, Response

from corpus.case_files import CaseFiles, ChangedError, Key, digest_of
from corpus.markdown import DocumentError, parse_case_study
from corpus.shelf import Shelf
from server.contributions.case_text import case_text, id_of, misaddressed
from server.contributions.letters import accepted_letter, asked_letter, declined_letter
from server.contributions.practice import LONGEST_TEXT
from server.contributions.store import (
    AT_DESK,
    ChangedContributionError,
    Contribution,
    State,
)
from server.contributions.wording import field_names, state_names
from server.dependencies import CurrentCaseFiles, CurrentShelf, CurrentStore
from server.desk_access import ByEditor, Editor, desk_router
from server.desk_cases import address_of, laid_out
from server.desk_frame import CONTRIBUTIONS, DeskVisit, desk_page, to
from server.i18n import interface
from server.mail.address import site_address
from server.pages import Visit
from server.paging import PageNumber, Sheet
from server.store import Store
from server.store_records import By
from server.store_staff import Person

A_PAGE = 25
_EVERYTHING = "all"

router = desk_router()
_Text = Annotated[str, Form()]


@dataclass(frozen=True, slots=True)
class Reviewing:
    """Somebody who reviews a contribution.

    Attributes:
        own_id: The desk's id of it.
        request: The request.
        visit: What it says of itself.
        person: Who it is.
        store: Holds the contributions.
        files: The case studies as files.
        shelf: All documents.
    """

    own_id: str
    request: Request
    visit: Visit
    person: Person
    store: Store
    files: CaseFiles
    shelf: Shelf

    @property
    def address(self) -> str:
        """Address of the page of the contribution."""
        return f"{CONTRIBUTIONS}/{quote(self.own_id, safe='')}"

    @property
    def site(self) -> str:
        """Address of the start page, without a slash at its end."""
        return site_address(self.request) or str(self.request.base_url).rstrip("/")

    def found(self) -> Contribution:
        """The contribution.

        Raises:
            UnknownContributionError: There is none, or no longer.
            StoreError: It cannot be read.
        """
        return self.store.contribution_at_desk(self.own_id)

    def page(
        self,
        *,
        refusal: str | None = None,
        asked: str = "",
        reason: str = "",
        done: str | None = None,
    ) -> Response:
        """The page of the contribution, with what was typed where that was not kept."""
        found = self.found()
        statuses = {None: HTTPStatus.OK, "changed": HTTPStatus.CONFLICT}
        reader = interface(self.visit.language)
        return desk_page(
            "desk/contribution.html",
            self.visit,
            self.person,
            status=statuses.get(refusal, HTTPStatus.UNPROCESSABLE_ENTITY),
            contribution=found,
            practice=found.sent,
            state=state_names(reader)[found.state],
            names=field_names(reader),
            case_address=address_of(found.case) if found.case else None,
            refusal=refusal,
            asked=asked,
            reason=reason,
            done=done,
            limit=LONGEST_TEXT,
        )

    def begun(self, found: Contribution, at: datetime) -> str:
        """The case study to begin with.

        Raises:
            HTTPException: Status 404; the contribution is decided.
        """
        if found.sent is None or found.state not in (State.SENT, State.ASKED):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        practice, look = found.sent, self.shelf.look()
        wished = case_id = id_of(practice)
        number = 1
        while look.renderings(case_id):
            number += 1
            case_id = f"{wished}-{number}"
        return case_text(practice, case_id, at.date(), self.site)

    def editor(
        self,
        found: Contribution,
        content: str,
        turn: int,
        problems: tuple[str, ...] = (),
        *,
        changed: bool = False,
    ) -> Response:
        """The page on which the case study is edited, with what it will look like."""
        status = HTTPStatus.CONFLICT if changed else HTTPStatus.OK
        if problems:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
        return desk_page(
            "desk/contribution_case.html",
            self.visit,
            self.person,
            status=status,
            contribution=found,
            content=content,
            turn=turn,
            problems=problems,
            changed=changed,
            laid=laid_out(content),
            address=self.address,
        )

    def checked(self, content: str) -> tuple[Key, tuple[str, ...]]:
        """Read the case study; its id and language, and what has to be put right in it."""
        try:
            case = parse_case_study(content, "new.md")
            key = case.id, case.language
            self.files.checked(content, key)
        except DocumentError as error:
            return ("", ""), tuple(error.problems)
        due = misaddressed(case, self.site)
        if due:
            return key, (f"field source.url: the case study will stand at {due}; write that",)
        there = self.files.current(key)
        again = there is not None and there.content == content
        if self.shelf.look().renderings(case.id) and not again:
            return key, (_taken(key),)
        return key, ()

    def accept(self, found: Contribution, turn: int, content: str, key: Key, by: By) -> None:
        """Save the case study and accept the contribution: both, or neither.

        Raises:
            DocumentError: The case study breaks the schema.
            ChangedError: Another with its id came meanwhile.
            ChangedContributionError: The contribution is no longer as it was opened.
            StoreError: It cannot be kept.
        """
        there = self.files.current(key)
        # The same file may be there from a try that ended between the two.
        opened = digest_of(content) if there and there.content == content else ""
        self.store.accept_contribution(
            self.own_id,
            turn,
            key,
            accepted_letter(found, key, self.site),
            by,
            save=lambda: self.files.save(key, content, opened, by.who, by.at),
        )


def get_reviewing(  # noqa: PLR0913, PLR0917 - what it holds
    own_id: str,
    request: Request,
    visit: DeskVisit,
    person: Editor,
    store: CurrentStore,
    files: CurrentCaseFiles,
    shelf: CurrentShelf,
) -> Reviewing:
    """Whoever is signed in, at work at a contribution."""
    return Reviewing(own_id, request, visit, person, store, files, shelf)


CurrentReviewing = Annotated[Reviewing, Depends(get_reviewing)]


@router.get("/contributions")
def contributions(
    visit: DeskVisit, store: CurrentStore, person: Editor, number: PageNumber, state: str = "sent"
) -> Response:
    """The practices that were sent in, a page at a time; those that wait for the hub at first."""
    counts = store.contribution_counts()
    chosen = state if state in counts else _EVERYTHING
    states = [each for each in AT_DESK if chosen in (each, _EVERYTHING)]
    pages = max(1, -(-sum(counts[each] for each in states) // A_PAGE))
    shown = min(max(number, 1), pages)
    found = store.contributions(states, A_PAGE, (shown - 1) * A_PAGE)
    names = state_names(interface(visit.language))
    return desk_page(
        "desk/contributions.html",
        visit,
        person,
        sheet=Sheet(found, shown, pages),
        counts=counts,
        names=names,
        chosen=chosen,
    )


@router.get("/contributions/{own_id}")
def contribution(reviewing: CurrentReviewing, done: str | None = None) -> Response:
    """A practice as it was sent, with whom to write to and what was agreed to."""
    return reviewing.page(done=done)


@router.post("/contributions/{own_id}/ask")
def ask_back(
    reviewing: CurrentReviewing, by: ByEditor, text: _Text = "", turn: Annotated[int, Form()] = 0
) -> Response:
    """Ask the sender something, on their page and by letter."""
    asked = _as_kept(text)
    if not asked or len(asked) > LONGEST_TEXT:
        return reviewing.page(refusal="text", asked=text)
    letter = asked_letter(reviewing.found(), asked, reviewing.site)
    try:
        reviewing.store.ask_contributor(reviewing.own_id, turn, asked, letter, by)
    except ChangedContributionError:
        return reviewing.page(refusal="changed", asked=text)
    return to(reviewing.address, reviewing.visit, done="asked")


@router.post("/contributions/{own_id}/decline")
def decline(
    reviewing: CurrentReviewing,
    by: ByEditor,
    reason: _Text = "",
    turn: Annotated[int, Form()] = 0,
    quietly: Annotated[bool, Form()] = False,
) -> Response:
    """Decline a practice with a reason, by letter unless that is not wanted."""
    said = _as_kept(reason)
    if not said or len(said) > LONGEST_TEXT:
        return reviewing.page(refusal="reason", reason=reason)
    letter = None if quietly else declined_letter(reviewing.found(), said, reviewing.site)
    try:
        reviewing.store.decline_contribution(reviewing.own_id, turn, said, letter, by)
    except ChangedContributionError:
        return reviewing.page(refusal="changed", reason=reason)
    return to(reviewing.address, reviewing.visit, done="declined")


@router.get("/contributions/{own_id}/case")
def begin_case(reviewing: CurrentReviewing, by: ByEditor) -> Response:
    """The case study that a practice becomes, to be edited."""
    found = reviewing.found()
    return reviewing.editor(found, reviewing.begun(found, by.at), found.turn)


@router.post("/contributions/{own_id}/case")
def make_case(
    reviewing: CurrentReviewing,
    by: ByEditor,
    content: _Text = "",
    turn: Annotated[int, Form()] = 0,
    action: _Text = "look",
) -> Response:
    """Look at the case study as it will stand, or save it and accept the practice."""
    found, text = reviewing.found(), _with_plain_ends(content)
    key, problems = reviewing.checked(text)
    if problems or action != "save":
        return reviewing.editor(found, text, turn, problems)
    try:
        reviewing.accept(found, turn, text, key, by)
    except ChangedContributionError:
        now = reviewing.found()
        return reviewing.editor(now, text, now.turn, changed=True)
    except ChangedError:
        return reviewing.editor(found, text, turn, (_taken(key),))
    return to(reviewing.address, reviewing.visit, done="accepted")


def _taken(key: Key) -> str:
    return f"field id: there is a document {key[0]} already; write another id"


def _with_plain_ends(text: str) -> str:
    """A text with the line ends that it was typed with, which browsers send as two characters."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _as_kept(text: str) -> str:
    return _with_plain_ends(text).strip()
