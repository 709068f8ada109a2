"""Keys at the desk: who has one and what for; administrators make and revoke them."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Form, Response

from server.dependencies import CurrentStore
from server.desk_access import Administrator, ByAdministrator, desk_router
from server.desk_frame import HOME, DeskVisit, desk_page, to
from server.i18n import Interface, interface
from server.keys.store import (
    HIGHEST_LIMIT,
    LONGEST_NAME,
    USUAL_LIMIT,
    KeyRefusedError,
    Scope,
    UnknownKeyError,
)
from server.pages import Visit
from server.store import Store
from server.store_staff import Person

KEYS = f"{HOME}/keys"
_NUMBER = re.compile(r"[0-9]{1,9}")

router = desk_router()


@router.get("/keys")
def keys(
    visit: DeskVisit, store: CurrentStore, person: Administrator, done: str | None = None
) -> Response:
    """The keys, and a form for another."""
    return _page(visit, store, person, done=done)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A key as somebody asks for it in the form.

    Attributes:
        name: As it was typed.
        scopes: What was chosen.
        limit: As it was typed.
    """

    name: str = ""
    scopes: tuple[Scope, ...] = (Scope.SEARCH,)
    limit: str = str(USUAL_LIMIT)

    @property
    def most(self) -> int:
        """The limit as a number; one that is refused where it is none."""
        return int(self.limit) if _NUMBER.fullmatch(self.limit) else -1


def get_wanted(
    name: Annotated[str, Form()] = "",
    scope: Annotated[list[str] | None, Form()] = None,
    limit: Annotated[str, Form()] = "",
) -> Wanted:
    """Read the form."""
    return Wanted(name, tuple(each for each in Scope if each in (scope or ())), limit.strip())


@router.post("/keys")
def make(
    visit: DeskVisit,
    store: CurrentStore,
    person: Administrator,
    by: ByAdministrator,
    wanted: Annotated[Wanted, Depends(get_wanted)],
) -> Response:
    """Make a key, and show it: on this page and never again; no cache keeps the page."""
    try:
        key = store.create_key(wanted.name, wanted.scopes, wanted.most, by)
    except KeyRefusedError as error:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return _page(visit, store, person, status=status, wrong=error.wrong, wanted=wanted)
    return _page(visit, store, person, made=(" ".join(wanted.name.split()), key))


@router.post("/keys/revoke")
def revoke(
    visit: DeskVisit, store: CurrentStore, by: ByAdministrator, name: Annotated[str, Form()] = ""
) -> Response:
    """Revoke a key."""
    try:
        store.revoke_key(name, by)
    except UnknownKeyError:
        return to(KEYS, visit, done="gone")
    return to(KEYS, visit, done="revoked")


def _page(
    visit: Visit,
    store: Store,
    person: Person,
    *,
    wanted: Wanted | None = None,
    **context: Any,  # noqa: ANN401
) -> Response:
    return desk_page(
        "desk/keys.html",
        visit,
        person,
        keys=store.keys(),
        scopes=_scope_names(interface(visit.language)),
        wanted=wanted or Wanted(),
        longest=LONGEST_NAME,
        highest=HIGHEST_LIMIT,
        **{"done": None, "made": None, "wrong": None, **context},
    )


def _scope_names(reader: Interface) -> dict[Scope, str]:
    return {
        Scope.SEARCH: reader.gettext("Search and ask"),
        Scope.CONTRIBUTE: reader.gettext("Send in practices"),
        Scope.STAFF: reader.gettext("What staff do"),
    }
