"""Putting a file into the library at the desk: uploaded, looked at, corrected, put in."""

from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Form, HTTPException, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from corpus.case_study import Level, Pillar
from corpus.document_file import Said
from corpus.ingest import LARGEST, Outcome, Status
from corpus.intake import check_said
from corpus.readers.draft import RefusedError
from corpus.shelf import Shelf, Shelved
from index.hits import Shown
from index.passages import split_passages
from server.dependencies import CurrentShelf, CurrentSpool, CurrentStore, CurrentUploadReading
from server.desk_access import ByEditor, Editor, desk_router
from server.desk_documents import field_name
from server.desk_frame import HOME, DeskVisit, desk_page, to
from server.i18n import interface
from server.markup import stretches
from server.pages import Visit
from server.store_records import Change
from server.store_staff import Person
from server.upload_reading import BusyReadingError, UploadReading
from server.upload_spool import Spool, Waiting

_NEW = f"{HOME}/documents/new"
_AROUND = 64 * 2**10  # bytes that a form adds to the file in it
_READ_AWAY = 2**30  # bytes; a browser reads no answer before it has sent all of its form
_REPLACES = "replaces"
_MB = 2**20

router = desk_router()


class _Form(BaseModel):
    """What an editor says of a file, as it stands in the form, and what is to become of it."""

    id: str = ""
    language: str = ""
    title: str = ""
    url: str = ""
    publisher: str = ""
    published: str = ""
    country: str = ""
    place: str = ""
    level: str = ""
    pillars: list[str] = []
    replaces: str = ""
    action: str = "look"

    def said(self) -> dict[str, Any]:
        """What is said, but for what is left empty."""
        fields = self.model_dump(exclude={"action"})
        stripped = {
            name: value.strip() if isinstance(value, str) else value
            for name, value in fields.items()
        }
        return {name: value for name, value in stripped.items() if value}


@router.get("/documents/new")
def new(visit: DeskVisit, person: Editor) -> Response:
    """Ask for a file."""
    return desk_page("desk/upload.html", visit, person, problem=None, largest=LARGEST // _MB)


@router.post("/documents/new", max_body_size=_READ_AWAY)
async def upload(
    request: Request, visit: DeskVisit, spool: CurrentSpool, person: Editor
) -> Response:
    """Take a file from whoever is signed in; the body is read only once that is sure."""
    try:
        length = int(request.headers.get("Content-Length", ""))
    except ValueError:
        return _asked_again(visit, person, "none", HTTPStatus.LENGTH_REQUIRED)
    if length > LARGEST + _AROUND:
        async for _ in request.stream():  # thrown away
            pass
        return _asked_again(visit, person, "large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    async with request.form(max_files=1, max_fields=4) as form:
        token = await run_in_threadpool(_kept, form, spool)
    if token is None:
        return _asked_again(visit, person, "none", HTTPStatus.UNPROCESSABLE_ENTITY)
    return to(f"{_NEW}/{token}", visit)


@router.get("/documents/new/{token}")
def look(  # noqa: PLR0913, PLR0917 - what the page is made of
    token: str,
    visit: DeskVisit,
    spool: CurrentSpool,
    reading: CurrentUploadReading,
    shelf: CurrentShelf,
    person: Editor,
) -> Response:
    """What was read of a file, before it goes in."""
    waiting = _waiting(spool, token)
    return _shown(visit, person, waiting, waiting.said, shelf, reading)


@router.post("/documents/new/{token}")
def decide(  # noqa: PLR0913, PLR0917 - what the form says, and what takes the file in
    token: str,
    visit: DeskVisit,
    spool: CurrentSpool,
    reading: CurrentUploadReading,
    shelf: CurrentShelf,
    store: CurrentStore,
    person: Editor,
    by: ByEditor,
    form: Annotated[_Form, Form()],
) -> Response:
    """Correct what is known of a file, put it into the library, or throw it away."""
    waiting = _waiting(spool, token)
    if form.action == "drop":
        spool.drop(waiting)
        return to(f"{HOME}/documents", visit, done="dropped")
    said = form.said()
    spool.say(waiting, said)
    if form.action != "put":
        return to(f"{_NEW}/{token}", visit)
    try:
        outcome = reading.put_in(waiting.path, *_checked(said, shelf))
    except (RefusedError, BusyReadingError):
        return _shown(visit, person, waiting, said, shelf, reading, tried=True)
    if outcome.document is None:
        return _shown(visit, person, waiting, said, shelf, reading, tried=True)
    document = outcome.document
    if outcome.status is not Status.UNCHANGED:
        store.record(by, Change.DOCUMENT_PUT_IN, f"{document.id} ({document.language})")
    spool.drop(waiting)
    done = "same" if outcome.status is Status.UNCHANGED else "in"
    return to(f"{HOME}/document/{quote(document.id)}", visit, done=done)


def _kept(form: FormData, spool: Spool) -> str | None:
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return None
    return spool.take(file.file, file.filename)


def _waiting(spool: Spool, token: str) -> Waiting:
    waiting = spool.find(token)
    if waiting is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return waiting


def _asked_again(visit: Visit, person: Person, problem: str, status: HTTPStatus) -> Response:
    return desk_page(
        "desk/upload.html", visit, person, status=status, problem=problem, largest=LARGEST // _MB
    )


def _checked(said: dict[str, Any] | Any, shelf: Shelf) -> tuple[Said, tuple[str, str] | None]:  # noqa: ANN401
    """What is said of a file, and which document it takes the place of.

    Raises:
        RefusedError: A field's value cannot be.
    """
    replaced = next(
        (
            (each.document.id, each.document.language)
            for each in _replaceable(shelf)
            if f"{each.document.id}.{each.document.language}" == said.get(_REPLACES)
        ),
        None,
    )
    fields = {name: value for name, value in said.items() if name != _REPLACES}
    return check_said(fields, "the form"), replaced


def _replaceable(shelf: Shelf) -> list[Shelved]:
    return [
        each
        for each in shelf.look().documents
        if each.own and not each.is_markdown and not each.removed
    ]


def _shown(  # noqa: PLR0913, PLR0917 - what the page is made of
    visit: Visit,
    person: Person,
    waiting: Waiting,
    said: Any,  # noqa: ANN401 - as it was typed
    shelf: Shelf,
    reading: UploadReading,
    *,
    tried: bool = False,
) -> Response:
    reason: str | None = None
    outcome: Outcome | None = None
    status = HTTPStatus.OK
    try:
        outcome = reading.look(waiting.path, *_checked(said, shelf))
        reason = outcome.reason
    except RefusedError as error:
        reason = str(error)
    except BusyReadingError:
        status = HTTPStatus.SERVICE_UNAVAILABLE
    if tried and status is HTTPStatus.OK:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    document = outcome.document if outcome else None
    passages = split_passages(document) if document else []
    reader = interface(visit.language)
    return desk_page(
        "desk/upload_look.html",
        visit,
        person,
        status=status,
        waiting=waiting,
        said=said,
        document=document,
        outcome=outcome,
        reason=reason,
        missing=[field_name(field, reader) for field in outcome.missing] if outcome else [],
        stretches=stretches(document, passages) if document else [],
        shown={passage.id: Shown(document, passage) for passage in passages} if document else {},
        passages=len(passages),
        replaceable=_replaceable(shelf),
        levels=tuple(Level),
        all_pillars=tuple(Pillar),
    )
