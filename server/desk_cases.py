"""Case studies edited in the browser: shown as they will stand, saved, and never lost."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import unified_diff
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from babel import Locale
from fastapi import Depends, Form, HTTPException, Response

from corpus.case_files import CaseFiles, ChangedError, Key, Version
from corpus.case_study import CaseStudy
from corpus.library import disagreements
from corpus.markdown import DocumentError, parse_case_study
from corpus.shelf import Shelf
from index.hits import Shown
from index.passages import split_passages
from server.dependencies import CurrentCaseFiles, CurrentShelf, CurrentStore
from server.desk_access import ByEditor, Editor, desk_router
from server.desk_frame import HOME, DeskVisit, desk_page, to
from server.markup import Stretch, stretches
from server.pages import Visit
from server.store_records import By, Change
from server.store_staff import Person

_CASES = f"{HOME}/cases"
_HEADINGS = {
    "en": (
        "Context", "What was done", "Who took part", "What came of it",
        "What a peer can take from it",
    ),
    "ar": (
        "السياق", "ما الذي جرى", "من شارك", "ما الذي تحقق", "ما الذي يستفيده الأقران",
    ),
}  # fmt: skip
_TEMPLATE = """---
id: {id}
language: {language}
title: ""
place:
country:
level: city
pillars: [trust]
actors:
  - ""
themes: []
source:
  title: ""
  publisher: ""
  url: https://
  published:
  language: {language}
---
"""
_SHARED = ("country", "level", "period", "pillars", "themes")  # by every rendering

router = desk_router()
_Text = Annotated[str, Form()]


@dataclass(frozen=True, slots=True)
class Laid:
    """A case study as its page lays it out.

    Attributes:
        case: The case study.
        stretches: Its passages under their headings.
        shown: Each passage as it is cited, by its id.
    """

    case: CaseStudy
    stretches: Sequence[Stretch]
    shown: dict[str, Shown]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of what changed.

    Attributes:
        kind: `+` for one that is new, `-` for one that is gone, `@` for a leap, else a space.
        text: Its words.
    """

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What an editor has in the field.

    Attributes:
        content: The whole text.
        opened: Digest of what it would take the place of; empty where there is nothing.
        problems: Why it was refused.
        changed: Whether somebody else has changed what was opened.
        theirs: What they changed; None where it cannot be told.
        mine: What the text would change in what they saved.
    """

    content: str
    opened: str
    problems: tuple[str, ...] = ()
    changed: bool = False
    theirs: tuple[Line, ...] | None = None
    mine: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Editing:
    """Somebody who works at a case study.

    Attributes:
        key: Its id and language.
        visit: What the request says of itself.
        person: Who it is.
        files: The case studies as files.
        shelf: All documents.
    """

    key: Key
    visit: Visit
    person: Person
    files: CaseFiles
    shelf: Shelf

    @property
    def address(self) -> str:
        """Address of the page that it is edited on."""
        return address_of(self.key)

    def begun(self) -> str:
        """A rendering to begin with: what all renderings share is taken from one that there is.

        Raises:
            HTTPException: Status 404; there is no such case study, or it cannot be edited.
        """
        case_id, language = self.key
        found = self.shelf.look().renderings(case_id)
        there = [each.document.language for each in found if each.is_markdown]
        if language not in _known_languages() or language in {e.document.language for e in found}:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        texts = [text for other in there if (text := self.files.current((case_id, other)))]
        if not texts:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return _template(case_id, language, texts[0].content)

    def page(
        self, draft: Draft, status: HTTPStatus = HTTPStatus.OK, done: str | None = None
    ) -> Response:
        """The page that it is edited on, with what it will look like."""
        case_id, language = self.key
        look = self.shelf.look()
        laid = laid_out(draft.content)
        others = []
        for each in look.renderings(case_id):
            if each.document.language != language:
                others += self._other(each.document.language)
        cases = [*(other.case for other in others), *([laid.case] if laid else [])]
        return desk_page(
            "desk/case_edit.html",
            self.visit,
            self.person,
            status=status,
            case_id=case_id,
            written_in=language,
            draft=draft,
            laid=laid,
            others=others,
            disagreeing=disagreements(sorted(cases, key=lambda case: (case.id, case.language))),
            is_new=not draft.opened,
            removed=any(each.removed for each in look.renderings(case_id)),
            kept=len(self.files.versions(self.key)),
            done=done,
        )

    def save(self, draft: Draft, by: By) -> Response | None:
        """Save it; a page that says why it was not, or None."""
        try:
            self.files.save(self.key, draft.content, draft.opened, by.who, by.at)
        except DocumentError as error:
            refused = replace(draft, problems=tuple(error.problems))
            return self.page(refused, HTTPStatus.UNPROCESSABLE_ENTITY)
        except ChangedError as error:
            now = error.now.content if error.now else ""
            before = self._opened(draft.opened)
            refused = Draft(
                draft.content,
                error.now.digest if error.now else "",
                theirs=None if before is None else difference(before, now),
                mine=difference(now, draft.content),
                changed=True,
            )
            return self.page(refused, HTTPStatus.CONFLICT)
        return None

    def version(self, number: str) -> Version:
        """A version that is kept.

        Raises:
            HTTPException: Status 404; there is none.
        """
        for version in self.files.versions(self.key):
            if str(version.number) == number:
                return version
        raise HTTPException(HTTPStatus.NOT_FOUND)

    def _opened(self, digest: str) -> str | None:
        """What was opened, as the history has it."""
        versions = self.files.versions(self.key)
        return next((each.content for each in versions if each.digest == digest), None)

    def _other(self, language: str) -> list[Laid]:
        text = self.files.current((self.key[0], language))
        laid = laid_out(text.content) if text else None
        return [laid] if laid else []


def get_editing(  # noqa: PLR0913, PLR0917 - what it holds
    case_id: str,
    language: str,
    visit: DeskVisit,
    files: CurrentCaseFiles,
    shelf: CurrentShelf,
    person: Editor,
) -> Editing:
    """Whoever is signed in, at work at a case study."""
    return Editing((case_id, language), visit, person, files, shelf)


CurrentEditing = Annotated[Editing, Depends(get_editing)]


@router.get("/cases/new")
def new(visit: DeskVisit, person: Editor, language: str = "en") -> Response:
    """An empty case study to be filled in."""
    known = language if language in _HEADINGS else "en"
    return _new_page(visit, person, _template("", known))


@router.post("/cases/new")
def make(  # noqa: PLR0913, PLR0917 - what the form says, and what keeps it
    visit: DeskVisit,
    files: CurrentCaseFiles,
    store: CurrentStore,
    person: Editor,
    by: ByEditor,
    content: _Text = "",
) -> Response:
    """Save a new case study; its id and language are those that it says."""
    text = _as_kept(content)
    try:
        case = parse_case_study(text, "new.md")
        key = case.id, case.language
        files.save(key, text, "", by.who, by.at)
    except DocumentError as error:
        return _new_page(visit, person, text, error.problems)
    except ChangedError:
        there = f"field id: there is a case study {case.id} in {case.language} already"
        return _new_page(visit, person, text, [f"{there}; edit it, or write another id"], key)
    store.record(by, Change.CASE_SAVED, " ".join(key))
    return to(address_of(key), visit, done="saved")


@router.get("/cases/{case_id}/{language}")
def edit(editing: CurrentEditing, done: str | None = None) -> Response:
    """A case study to be edited; where it has no rendering in the language, one to begin with."""
    now = editing.files.current(editing.key)
    if now is None:
        return editing.page(Draft(editing.begun(), ""))
    return editing.page(Draft(now.content, now.digest), done=done)


@router.post("/cases/{case_id}/{language}")
def save(  # noqa: PLR0913, PLR0917 - what the form says, and what keeps it
    editing: CurrentEditing,
    store: CurrentStore,
    by: ByEditor,
    content: _Text = "",
    opened: _Text = "",
    action: _Text = "look",
) -> Response:
    """Look at a case study as it will stand, or save it."""
    draft = Draft(_as_kept(content), opened)
    if editing.files.current(editing.key) is None:
        editing.begun()  # a case study that nobody knows is made elsewhere
    if action == "save":
        refused = editing.save(draft, by)
        if refused is not None:
            return refused
        store.record(by, Change.CASE_SAVED, " ".join(editing.key))
        return to(editing.address, editing.visit, done="saved")
    try:
        editing.files.checked(draft.content, editing.key)
    except DocumentError as error:
        refusal = replace(draft, problems=tuple(error.problems))
        return editing.page(refusal, HTTPStatus.UNPROCESSABLE_ENTITY)
    return editing.page(draft)


@router.get("/cases/{case_id}/{language}/versions")
def versions(editing: CurrentEditing) -> Response:
    """Every version of a case study that is kept, the last one first."""
    kept, now = editing.files.versions(editing.key), editing.files.current(editing.key)
    if not kept and now is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return desk_page(
        "desk/case_versions.html",
        editing.visit,
        editing.person,
        address=editing.address,
        case_id=editing.key[0],
        written_in=editing.key[1],
        kept=kept,
        now=now,
    )


@router.get("/cases/{case_id}/{language}/versions/{number}")
def version(number: str, editing: CurrentEditing) -> Response:
    """A version as it was, and what putting it back would change."""
    found, now = editing.version(number), editing.files.current(editing.key)
    return desk_page(
        "desk/case_version.html",
        editing.visit,
        editing.person,
        address=editing.address,
        case_id=editing.key[0],
        written_in=editing.key[1],
        version=found,
        now=now,
        changes=difference(now.content if now else "", found.content),
    )


@router.post("/cases/{case_id}/{language}/versions/{number}")
def put_back(
    number: str, editing: CurrentEditing, store: CurrentStore, by: ByEditor, opened: _Text = ""
) -> Response:
    """Let an earlier version be what stands now; what stood is kept as well."""
    found = editing.version(number)
    refused = editing.save(Draft(found.content, opened), by)
    if refused is not None:
        return refused
    store.record(by, Change.CASE_PUT_BACK, f"{' '.join(editing.key)}, {found.number}")
    return to(editing.address, editing.visit, done="back")


def address_of(key: Key) -> str:
    """Address of the page that a case study is edited on."""
    case_id, language = key
    return f"{HOME}/cases/{quote(case_id, safe='')}/{quote(language, safe='')}"


def difference(old: str, new: str) -> tuple[Line, ...]:
    """What changed from one text to another, line by line, with what stands around it."""
    lines = list(unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=2))[2:]
    return tuple(Line(line[:1] or " ", line[1:] if line[:1] != "@" else "") for line in lines)


def _new_page(
    visit: Visit,
    person: Person,
    content: str,
    problems: Sequence[str] = (),
    there: Key | None = None,
) -> Response:
    return desk_page(
        "desk/case_new.html",
        visit,
        person,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        content=content,
        problems=problems,
        there=address_of(there) if there else None,
        languages=tuple(_HEADINGS),
    )


def laid_out(content: str) -> Laid | None:
    """A case study as its page lays it out; None where it cannot be read."""
    with suppress(DocumentError):
        return _laid(parse_case_study(content, "case.md"))
    return None


def _laid(case: CaseStudy) -> Laid:
    passages = split_passages(case)
    shown = {passage.id: Shown(case, passage) for passage in passages}
    return Laid(case, stretches(case, passages), shown)


def _template(case_id: str, language: str, other: str = "") -> str:
    """An empty case study, with what it shares with another rendering of it."""
    headings = _HEADINGS.get(language, _HEADINGS["en"])
    front = _TEMPLATE.format(id=case_id or "country-place-practice", language=language)
    shared = _fields(other)
    lines = [
        shared[name] if (name := line.split(":", 1)[0]) in shared and ":" in line else line
        for line in front.splitlines()
    ]
    for name in ("period",):
        if name in shared:
            lines.insert(-1, shared[name])
    return "\n".join([*lines, *(f"\n## {heading}" for heading in headings), ""])


def _fields(content: str) -> dict[str, str]:
    """The lines of each field that is the same in every rendering, by its name."""
    found: dict[str, str] = {}
    name = ""
    for line in content.split("\n---\n", 1)[0].splitlines()[1:]:
        if line[:1].isalpha():
            name = line.split(":", 1)[0]
            found[name] = line
        elif name:
            found[name] += f"\n{line}"
    return {name: lines for name, lines in found.items() if name in _SHARED}


def _known_languages() -> frozenset[str]:
    return frozenset(Locale("en").languages)


def _as_kept(content: str) -> str:
    """A text with the line ends that it was typed with, which browsers send as two characters."""
    return content.replace("\r\n", "\n").replace("\r", "\n")
