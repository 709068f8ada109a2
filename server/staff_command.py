"""`diwan staff`: who may sign in to the hub's desk."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from server.settings import Settings
from server.store import STORE, Store
from server.store_records import TERMINAL, By
from server.store_staff import Invitation, Listed, Role
from server.terminal import AsJson, print_json

app = typer.Typer(no_args_is_help=True, help="Say who may sign in to the hub's desk.")

_Name = Annotated[str, typer.Argument(help="Their name, as the desk shows it.")]


def _root(address: str) -> str:
    """The address of a site, checked.

    Raises:
        BadParameter: It is none.
    """
    try:
        parts = urlsplit(address)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if not sound or parts.query or parts.fragment or not address.isprintable():
        raise typer.BadParameter("write it as https://diwan.example")
    return address.rstrip("/")


_Site = Annotated[
    str, typer.Option(help="Address of the site that the link leads to.", callback=_root)
]
_LOCALLY = "http://127.0.0.1:8000"


@app.command()
def add(
    name: _Name,
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.EDITOR,
    site: _Site = _LOCALLY,
    as_json: AsJson = False,
) -> None:
    """Add somebody; print the link by which they set their password.

    The link works once, within 7 days. Whoever has it can set the password: give it to nobody
    else.
    """
    with _store() as store:
        invitation = store.add_staff(name, role, _by())
    _print_invitation(invitation, name, site, as_json)


@app.command()
def reset(name: _Name, site: _Site = _LOCALLY, as_json: AsJson = False) -> None:
    """End somebody's password and sessions; print the link by which they set a new password."""
    with _store() as store:
        invitation = store.reset_staff(name, _by())
    _print_invitation(invitation, name, site, as_json)


@app.command(name="role")
def change_role(
    name: _Name,
    role: Annotated[Role, typer.Argument(help="What they may do from now on.")],
    as_json: AsJson = False,
) -> None:
    """Give somebody another role; they have to sign in again."""
    with _store() as store:
        person = store.change_role(name, role, _by())
    if as_json:
        print_json({"name": person.name, "role": person.role})
        return
    print(f"{person.name} is {person.role} now.")


@app.command(name="list")
def list_staff(as_json: AsJson = False) -> None:
    """List everybody who may sign in, and who has not set a password yet."""
    with _store() as store:
        found = store.staff(datetime.now(UTC))
    if as_json:
        print_json([_listed(person) for person in found])
        return
    if not found:
        print("Nobody may sign in to the desk yet; add somebody with `diwan staff add NAME`.")
    for person in found:
        print(f"{person.name}  ({person.role}; {_state(person)})")


@app.command()
def remove(name: _Name, as_json: AsJson = False) -> None:
    """Remove somebody; they are signed out at once. What they changed stays on record."""
    with _store() as store:
        person = store.remove_staff(name, _by())
    if as_json:
        print_json({"removed": person.name})
        return
    print(f"{person.name} can no longer sign in.")


@contextmanager
def _store() -> Iterator[Store]:
    with Store(Settings().home / STORE) as store:
        yield store


def _by() -> By:
    return By(TERMINAL, datetime.now(UTC))


def _print_invitation(invitation: Invitation, name: str, site: str, as_json: bool) -> None:
    shown, link = " ".join(name.split()), f"{site}/desk/invitation/{invitation.token}"
    if as_json:
        until = invitation.until.isoformat()
        print_json({"name": shown, "invitation": link, "until": until})
        return
    print(
        f"Give {shown} this link, and nobody else. It works once, until"
        f" {invitation.until:%Y-%m-%d %H:%M} UTC:\n{link}"
    )


def _state(person: Listed) -> str:
    if person.invited_until:
        return f"invited until {person.invited_until:%Y-%m-%d %H:%M} UTC"
    if person.has_password:
        return f"since {person.added_on}"
    return "the invitation is too old; make a new one with `diwan staff reset`"


def _listed(person: Listed) -> dict[str, Any]:
    until = person.invited_until
    return {
        "name": person.name,
        "role": person.role,
        "added_on": person.added_on.isoformat(),
        "has_password": person.has_password,
        "invited_until": until and until.isoformat(),
    }
