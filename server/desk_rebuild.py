"""Rebuilding at the desk: what is new, the start of a rebuild, how far it is, what came of it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Form, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from corpus.glossary import GlossaryError
from corpus.library import LibraryError
from corpus.removed import RemovedError
from index.encoder import EncoderError
from index.gate_report import read_report
from index.locks import BusyError
from server.dependencies import CurrentComparison, CurrentHolder, CurrentRebuilds, CurrentStore
from server.desk_access import ByEditor, Editor, NotAllowedError, desk_router
from server.desk_frame import HOME, DeskVisit, desk_page, to
from server.holder import Holder, NotReadyError
from server.i18n import Interface, interface
from server.library_comparison import Differences, LibraryComparison
from server.opening import open_publication
from server.pages import Visit
from server.rebuild_run import Outcome
from server.rebuilds import LOG, Look, Rebuilds
from server.store_records import Change
from server.store_staff import Person, Role
from server.terminal import explain

REBUILD = f"{HOME}/rebuild"
_SHOWN = 100  # documents of a kind that are listed
_EVERY, _LONGEST = 0.3, 120.0  # seconds: between two looks, and until the browser asks again
_TAKING_UP = timedelta(seconds=30)  # after that a page says what serves, whatever it is
_CANNOT_READ = (LibraryError, GlossaryError, RemovedError, EncoderError)

router = desk_router()


@dataclass(frozen=True, slots=True)
class Sight:
    """What the page is made from.

    Attributes:
        visit: What the request says of itself.
        person: Who is signed in.
        rebuilds: Starts rebuilds, and sees how far they are.
        holder: Holds what serves.
        comparison: Compares the library with it.
    """

    visit: Visit
    person: Person
    rebuilds: Rebuilds
    holder: Holder
    comparison: LibraryComparison


def get_sight(
    visit: DeskVisit,
    person: Editor,
    rebuilds: CurrentRebuilds,
    holder: CurrentHolder,
    comparison: CurrentComparison,
) -> Sight:
    """What the page is made from, for staff."""
    return Sight(visit, person, rebuilds, holder, comparison)


CurrentSight = Annotated[Sight, Depends(get_sight)]


@router.get("/rebuild")
def rebuild(sight: CurrentSight) -> Response:
    """Whether the library is other than what serves, and how far a rebuild is."""
    return _page(sight)


@router.post("/rebuild")
def start(
    sight: CurrentSight,
    store: CurrentStore,
    by: ByEditor,
    full: Annotated[bool, Form()] = False,
    force: Annotated[bool, Form()] = False,
) -> Response:
    """Start a rebuild, unless one is under way.

    Raises:
        NotAllowedError: It is to be published even if it answers worse, and an administrator
            has to say so.
    """
    if force and sight.person.role is not Role.ADMINISTRATOR:
        raise NotAllowedError(sight.person)
    try:
        sight.rebuilds.start(by.who, full=full, force=force)
    except BusyError:
        return _page(sight, HTTPStatus.CONFLICT, "busy")
    except OSError as error:
        return _page(sight, HTTPStatus.INTERNAL_SERVER_ERROR, explain(error))
    options = ", ".join(name for name, on in (("full", full), ("force", force)) if on)
    store.record(by, Change.REBUILD_STARTED, options)
    return to(REBUILD, sight.visit)


@router.get("/rebuild/events")
async def events(
    visit: DeskVisit, rebuilds: CurrentRebuilds, holder: CurrentHolder, _person: Editor
) -> Response:
    """How far a rebuild is, told to the page as it goes on, until readers find what came of it.

    After two minutes the browser is left to ask again, for it may be gone without a word.
    """
    reader = interface(visit.language)

    async def tell() -> AsyncIterator[str]:
        until, before = time.monotonic() + _LONGEST, None
        yield "retry: 1000\n\n"
        while time.monotonic() < until:
            look = await run_in_threadpool(rebuilds.look)
            taking_up = await run_in_threadpool(_is_taken_up, look, rebuilds, holder)
            if not (look.is_running or taking_up):
                yield "event: end\ndata: \n\n"
                return
            told = progress(look, reader, taking_up=taking_up)
            said = json.dumps(told, ensure_ascii=False)
            if said != before:
                yield f"data: {said}\n\n"
                before = said
            await asyncio.sleep(_EVERY)

    return StreamingResponse(tell(), media_type="text/event-stream")


def progress(look: Look, reader: Interface, *, taking_up: bool = False) -> dict[str, Any]:
    """How far a rebuild is.

    Args:
        look: What can be seen of it.
        reader: Whom it is told.
        taking_up: Whether it has ended, and this process is about to answer from what it made.

    Returns:
        `said`, the step in words; `count`, how far it is in words, which may be empty; `done` and
        `total`, 0 where nobody knows.
    """
    run = look.run
    if taking_up:
        said = reader.gettext("Published; the server is taking it up")
        return {"said": said, "count": "", "done": 0, "total": 0}
    done, total = (run.done, run.total) if run and run.total > 1 else (0, 0)
    count = reader.gettext(
        "%(done)s of %(total)s", done=reader.number(done), total=reader.number(total)
    )
    return {
        "said": _step(run.step if run else None, reader),
        "count": count if total else "",
        "done": done,
        "total": total,
    }


def _step(step: str | None, reader: Interface) -> str:
    index = reader.gettext("Encoding the vocabulary, and writing and checking the index")
    names: dict[str | None, str] = {
        "": reader.gettext("Reading the library and loading the model"),
        "encode": reader.gettext("Encoding passages and sentences"),
        "words": index,
        "analyse": index,
        "measure": index,  # the last word before it is written
        "ask": reader.gettext("Asking the gold questions, before and now"),
    }
    return names.get(step, reader.gettext("Under way; how far it is cannot be told"))


def _page(sight: Sight, status: int = HTTPStatus.OK, problem: str | None = None) -> Response:
    look = sight.rebuilds.look()
    refused = look.run.refused if look.run else None
    taking_up = _is_taken_up(look, sight.rebuilds, sight.holder)
    found = _compared(sight.holder, sight.comparison)
    publication = open_publication(sight.rebuilds.settings)
    return desk_page(
        "desk/rebuild.html",
        sight.visit,
        sight.person,
        status=status,
        look=look,
        run=look.run,
        under_way=look.is_running or taking_up,
        progress=progress(look, interface(sight.visit.language), taking_up=taking_up),
        report=read_report(publication.report_of(refused)) if refused else None,
        differences=found if isinstance(found, Differences) else None,
        unreadable=found if isinstance(found, str) else None,
        problem=problem,
        shown=_SHOWN,
        log=LOG,
    )


def _is_taken_up(look: Look, rebuilds: Rebuilds, holder: Holder) -> bool:
    """Whether this process is about to answer from what was published a moment ago.

    A page that said what serves before that would call the library out of date.
    """
    run = look.run
    if look.is_running or run is None or run.outcome is not Outcome.PUBLISHED or not run.ended:
        return False
    if datetime.now(UTC) - run.ended > _TAKING_UP:
        return False
    if open_publication(rebuilds.settings).pointer().generation != run.generation:
        return False
    try:
        return holder.current().generation.id != run.generation
    except NotReadyError:
        return True


def _compared(holder: Holder, comparison: LibraryComparison) -> Differences | str | None:
    """How the library differs; why that cannot be told; None while nothing serves."""
    try:
        return comparison.with_what_serves(holder.current().generation)
    except NotReadyError:
        return None
    except _CANNOT_READ as error:
        return str(error)
    except OSError as error:
        return explain(error)
