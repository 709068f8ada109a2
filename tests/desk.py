"""A desk for tests: an application with a clock that stands still, and somebody to work at it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from test_api import holder_of

from index.manifest import GenerationError
from server.app import assemble
from server.desk_access import get_moment
from server.holder import Holder
from server.passwords import Passwords
from server.rebuilds import Rebuilds
from server.service import Service
from server.store import STORE, Store
from server.store_records import TERMINAL, By
from server.store_staff import Role

NOW = datetime(2026, 3, 5, 14, 25, 36, tzinfo=UTC)
AMAL = "Amal al-Haddad"
PASSWORD = "a lamp by the well"  # noqa: S105 - of nobody
CHEAP = Passwords(passes=1, memory=8)


@dataclass
class Desk:
    """The desk as somebody uses it.

    Attributes:
        client: Their browser.
        store: What is kept, by another connection.
        passwords: How they are hashed.
        now: The moment that the desk believes it to be.
    """

    client: TestClient
    store: Store
    passwords: Passwords
    now: datetime = NOW

    def invite(self, name: str = AMAL, role: Role = Role.EDITOR) -> str:
        """The token of an invitation."""
        return self.store.add_staff(name, role, By(TERMINAL, NOW)).token

    def hire(self, name: str = AMAL, role: Role = Role.EDITOR) -> None:
        """Add somebody who has set a password."""
        self.store.set_password(self.invite(name, role), self.passwords.hashed(PASSWORD), NOW)

    def sign_in(self, typed: str = PASSWORD, name: str = AMAL, wanted: str = "/desk") -> Response:
        """Try to sign somebody in."""
        form = {"name": name, "password": typed, "next": wanted}
        return self.client.post("/desk/sign-in?ui=en", data=form)

    def sign_out(self) -> Response:
        return self.client.post("/desk/sign-out")

    def is_signed_in(self) -> bool:
        return self.client.get("/desk").status_code == 200


@contextmanager
def desk_of(
    home: Path,
    passwords: Passwords = CHEAP,
    service: Service | None = None,
    more: APIRouter | None = None,
    rebuilds: Rebuilds | None = None,
) -> Iterator[Desk]:
    """The desk of a hub; without a service, of one that has nothing to serve yet.

    Args:
        home: The hub's folder.
        passwords: How they are hashed.
        service: What answers.
        more: Routes to add.
        rebuilds: What starts rebuilds, if otherwise than by the command.
    """
    holder = holder_of(service) if service else Holder(nothing_to_load, lambda: None)
    if service:
        holder._refresh()
    app: FastAPI = assemble(holder, home, passwords, rebuilds=rebuilds)
    if more:
        app.include_router(more)
    client = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
    with client, Store(home / STORE) as store:
        desk = Desk(client, store, passwords)
        app.dependency_overrides[get_moment] = lambda: desk.now
        yield desk


def nothing_to_load() -> Service:
    """Say that there is no service."""
    raise GenerationError("There is no index yet.")
