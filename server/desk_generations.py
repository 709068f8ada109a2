"""The generations that are kept, at the desk: which serves, going back to one, checking one."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Response

from index.encoder import Encoder
from index.gate_report import GateReport, read_report
from index.manifest import GenerationError, Manifest
from index.pace import in_background
from index.publication import Kept, Publication
from server.dependencies import CurrentHolder, CurrentRebuilds, CurrentStore
from server.desk_access import ByAdministrator, ByEditor, Editor, NotAllowedError, desk_router
from server.desk_frame import HOME, DeskVisit, desk_page, to
from server.holder import Holder, NotReadyError
from server.opening import open_publication
from server.pages import Visit
from server.rebuilds import Rebuilds
from server.store import Store
from server.store_records import By, Change
from server.store_staff import Person
from server.terminal import explain
from server.verify_command import check_generation

GENERATIONS = f"{HOME}/generations"

router = desk_router()


@dataclass(frozen=True, slots=True)
class Listed:
    """A generation as staff see it.

    Attributes:
        kept: What is known of it.
        built: When it was built, UTC; None where that cannot be read.
        serves: Whether it is the one that is to serve.
        report: Why it was refused, if it was.
    """

    kept: Kept
    built: datetime | None
    serves: bool
    report: GateReport | None


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of a generation found.

    Attributes:
        id: Its name.
        problem: What is wrong with it; None where it is sound.
    """

    id: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class Sight:
    """What the page is made from, and where a change is recorded.

    Attributes:
        visit: What the request says of itself.
        person: Who is signed in.
        publication: Where generations live.
        rebuilds: Sees whether one is under way.
        holder: Holds what serves.
        store: Keeps the record of changes.
    """

    visit: Visit
    person: Person
    publication: Publication
    rebuilds: Rebuilds
    holder: Holder
    store: Store


def get_sight(
    visit: DeskVisit,
    person: Editor,
    rebuilds: CurrentRebuilds,
    holder: CurrentHolder,
    store: CurrentStore,
) -> Sight:
    """What the page is made from, for staff."""
    publication = open_publication(rebuilds.settings)
    return Sight(visit, person, publication, rebuilds, holder, store)


CurrentSight = Annotated[Sight, Depends(get_sight)]


@router.get("/generations")
def generations(sight: CurrentSight, done: str | None = None) -> Response:
    """Every generation that is kept, and the health of the one that serves."""
    return _page(sight, done=done)


@router.post("/generations/back")
def go_back(sight: CurrentSight, by: ByEditor) -> Response:
    """Let the newest sound one that was published before serve again, as `diwan rollback` does."""
    return _rolled_back(sight, by, None, Change.ROLLED_BACK)


@router.post("/generations/{name}/publish")
def publish(name: str, sight: CurrentSight, by: ByEditor) -> Response:
    """Let one serve that was not kept aside.

    Raises:
        NotAllowedError: It was; an administrator may have it published all the same.
    """
    kept = _kept(sight, name)
    if kept is None:
        return _absent(sight, name)
    if kept.refused:
        raise NotAllowedError(sight.person)
    return _rolled_back(sight, by, name, Change.ROLLED_BACK)


@router.post("/generations/{name}/publish-refused")
def publish_refused(name: str, sight: CurrentSight, by: ByAdministrator) -> Response:
    """Let one serve that was kept aside, although it answers worse."""
    if _kept(sight, name) is None:
        return _absent(sight, name)
    return _rolled_back(sight, by, name, Change.REFUSED_PUBLISHED)


@router.post("/generations/{name}/verify")
def verify(name: str, sight: CurrentSight, by: ByEditor) -> Response:
    """Check that one is as it was written, resting between stretches: questions come first."""
    kept = _kept(sight, name)
    if kept is None:
        return _absent(sight, name)
    with in_background():
        found = Checked(name, check_generation(kept.path, partial(_encoder_for, sight.holder)))
    sight.store.record(by, Change.VERIFIED, f"{name}: {'damaged' if found.problem else 'sound'}")
    return _page(sight, checked=found)


def _kept(sight: Sight, name: str) -> Kept | None:
    return next((kept for kept in sight.publication.kept() if kept.id == name), None)


def _absent(sight: Sight, name: str) -> Response:
    problem = f"There is no generation {name}; perhaps it has been thrown away meanwhile."
    return _page(sight, HTTPStatus.NOT_FOUND, problem=problem)


def _rolled_back(sight: Sight, by: By, name: str | None, change: Change) -> Response:
    try:
        manifest, _ = sight.publication.rollback(name)
    except GenerationError as error:
        return _page(sight, HTTPStatus.CONFLICT, problem=str(error))
    except OSError as error:
        return _page(sight, HTTPStatus.INTERNAL_SERVER_ERROR, problem=explain(error))
    sight.store.record(by, change, manifest.id)
    return to(GENERATIONS, sight.visit, done="published")


def _page(
    sight: Sight,
    status: int = HTTPStatus.OK,
    *,
    done: str | None = None,
    problem: str | None = None,
    checked: Checked | None = None,
) -> Response:
    publication = sight.publication
    pointer = publication.pointer()
    try:
        answers = sight.holder.current().generation.id
    except NotReadyError:
        answers = None
    return desk_page(
        "desk/generations.html",
        sight.visit,
        sight.person,
        status=status,
        generations=[_listed(kept, publication, pointer.generation) for kept in publication.kept()],
        has_earlier=bool(pointer.earlier),
        answers=answers,
        since=sight.holder.since,
        health=sight.holder.problem or pointer.problem,
        is_running=sight.rebuilds.look().is_running,
        done=done,
        problem=problem,
        checked=checked,
    )


def _encoder_for(holder: Holder, manifest: Manifest) -> Encoder | None:
    """The encoder at hand, if it is the one that built a generation: none is loaded for this."""
    try:
        encoder = holder.current().encoder
    except NotReadyError:
        return None
    built_by = manifest.model, manifest.revision
    return encoder if built_by == (encoder.name, encoder.revision) else None


def _listed(kept: Kept, publication: Publication, serves: str | None) -> Listed:
    return Listed(
        kept,
        datetime.fromisoformat(kept.manifest.created) if kept.manifest else None,
        kept.id == serves and not kept.refused,
        read_report(publication.report_of(kept.id)) if kept.refused else None,
    )
