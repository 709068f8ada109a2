"""Every document of the library, for staff: what is known of it, whether it serves, a way out."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from fastapi import HTTPException, Response

from corpus.ingest import remove, take_back
from corpus.shelf import Shelved
from index.analysis import normalise
from server.dependencies import CurrentHolder, CurrentShelf, CurrentStore
from server.desk_access import ByEditor, Editor, desk_router
from server.desk_frame import HOME, DeskVisit, desk_page, to
from server.desk_pages import service_of
from server.holder import Holder
from server.i18n import INTERFACE_LANGUAGES, Interface, interface
from server.store_records import Change

router = desk_router()


class Standing(StrEnum):
    """How a document stands to what serves."""

    SERVES = "serves"
    OLDER = "older"  # what serves has it as it was before
    WAITS = "waits"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Listed:
    """A rendering of a document as staff read of it.

    Attributes:
        shelved: As it stands on the shelf.
        standing: How it stands to what serves.
        missing: What is not known of it, in the reader's language.
    """

    shelved: Shelved
    standing: Standing
    missing: tuple[str, ...]


@router.get("/documents")
def documents(  # noqa: PLR0913, PLR0917 - what the page is made of
    visit: DeskVisit,
    shelf: CurrentShelf,
    holder: CurrentHolder,
    person: Editor,
    title: str = "",
    done: str | None = None,
) -> Response:
    """Every document, or those whose title or id holds some words."""
    look, reader = shelf.look(), interface(visit.language)
    words = normalise(title).split()
    found = [
        each
        for each in look.documents
        if all(word in normalise(f"{each.document.title} {each.document.id}") for word in words)
    ]
    return desk_page(
        "desk/documents.html",
        visit,
        person,
        listed=_listed(found, holder, reader),
        problems=look.problems,
        title=title,
        done=done,
    )


@router.get("/document/{case_id}")
def document(  # noqa: PLR0913, PLR0917 - what the page is made of
    case_id: str,
    visit: DeskVisit,
    shelf: CurrentShelf,
    holder: CurrentHolder,
    person: Editor,
    done: str | None = None,
) -> Response:
    """One document in all its languages, and what can be done with it."""
    found = shelf.look().renderings(case_id)
    if not found:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return desk_page(
        "desk/document.html",
        visit,
        person,
        case_id=case_id,
        listed=_listed(found, holder, interface(visit.language)),
        removed=found[0].removed,
        addable=_addable(found),
        done=done,
    )


@router.post("/document/{case_id}/take-out")
def take_out(
    case_id: str, visit: DeskVisit, shelf: CurrentShelf, store: CurrentStore, by: ByEditor
) -> Response:
    """Take a document out of every answer at once, as `diwan remove` does."""
    if not shelf.look().renderings(case_id):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    remove(shelf.home, [case_id])
    store.record(by, Change.DOCUMENT_TAKEN_OUT, case_id)
    return to(f"{HOME}/document/{case_id}", visit, done="out")


@router.post("/document/{case_id}/take-back")
def take_document_back(
    case_id: str, visit: DeskVisit, shelf: CurrentShelf, store: CurrentStore, by: ByEditor
) -> Response:
    """Have a document that was taken out in the next generation again."""
    if not any(each.removed for each in shelf.look().renderings(case_id)):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    take_back(shelf.home, [case_id])
    store.record(by, Change.DOCUMENT_TAKEN_BACK, case_id)
    return to(f"{HOME}/document/{case_id}", visit, done="back")


def field_name(field: str, reader: Interface) -> str:
    """Name of a field that can be unknown, in the reader's language."""
    names = {
        "title": reader.gettext("Title"),
        "url": reader.gettext("Address of the original"),
        "publisher": reader.gettext("Publisher"),
        "published": reader.gettext("Date"),
        "country": reader.gettext("Country"),
        "place": reader.gettext("Place"),
        "level": reader.gettext("Level"),
        "pillars": reader.gettext("Pillars"),
    }
    return names.get(field, field)


def _addable(found: Sequence[Shelved]) -> tuple[str, ...]:
    """The languages of the interface that a case study could be written in as well."""
    there = {each.document.language for each in found}
    if not any(each.is_markdown for each in found):
        return ()
    return tuple(language for language in INTERFACE_LANGUAGES if language not in there)


def _listed(found: Sequence[Shelved], holder: Holder, reader: Interface) -> list[Listed]:
    service = service_of(holder)
    withheld = service.withheld() if service else frozenset()

    def standing(each: Shelved) -> Standing:
        document = each.document
        if each.removed:
            return Standing.REMOVED
        if service is None or document.id in withheld:
            return Standing.WAITS
        serving = service.generation.case(document.id, document.language)
        if serving is None:
            return Standing.WAITS
        return Standing.SERVES if hash(serving) == each.whole else Standing.OLDER

    return [
        Listed(each, standing(each), tuple(field_name(field, reader) for field in each.missing))
        for each in found
    ]
