"""Whoever looks after the machine says by command who may sign in to the desk."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.cli import app_for
from server.store import STORE, Store
from server.store_database import RefusedError
from server.store_staff import UnknownInvitationError, UnknownStaffError

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `diwan staff` and gives what it prints."""

    def staff(*arguments: str) -> str:
        environment = {"DIWAN_HOME": str(tmp_path), "COLUMNS": "200", "NO_COLOR": "1"}
        ran = CliRunner().invoke(app_for(["staff"]), ["staff", *arguments], env=environment)
        if ran.exception and not isinstance(ran.exception, SystemExit):
            raise ran.exception
        return ran.output

    return staff


def test_an_invitation_is_printed_and_works(run: Run, tmp_path: Path) -> None:
    printed = run("add", "Amal Haddad", "--site", "https://diwan.example/")
    link = printed.splitlines()[-1]
    assert link.startswith("https://diwan.example/desk/invitation/")
    now = datetime.now(UTC)
    with Store(tmp_path / STORE) as store:
        person = store.invited(link.rsplit("/", 1)[1], now)
        assert (person.name, person.role) == ("Amal Haddad", "editor")
        again = json.loads(run("reset", "amal haddad", "--json"))
        assert again["invitation"].startswith("http://127.0.0.1:8000/desk/invitation/")
        left = datetime.fromisoformat(again["until"]) - now
        assert timedelta(days=6, hours=23) < left <= timedelta(days=7)
        with pytest.raises(UnknownInvitationError):
            store.invited(link.rsplit("/", 1)[1], now)
        token = again["invitation"].rsplit("/", 1)[1]
        store.set_password(token, "$argon2id$", now)
        assert token not in repr(store.records())


def test_everybody_is_listed_with_what_they_may_do(run: Run) -> None:
    assert "diwan staff add NAME" in run("list")
    run("add", "Badr", "--role", "administrator")
    run("add", "أمل")
    listed = json.loads(run("list", "--json"))
    assert [(one["name"], one["role"], one["has_password"]) for one in listed] == [
        ("Badr", "administrator", False),
        ("أمل", "editor", False),
    ]
    assert "administrator; invited until" in run("list")
    assert json.loads(run("role", "badr", "editor", "--json"))["role"] == "editor"
    assert "أمل can no longer sign in" in run("remove", "أمل")
    assert json.loads(run("remove", "BADR", "--json")) == {"removed": "Badr"}
    assert json.loads(run("list", "--json")) == []


def test_commands_are_recorded(run: Run, tmp_path: Path) -> None:
    run("add", "Amal")
    run("role", "Amal", "administrator")
    run("reset", "Amal")
    run("remove", "Amal")
    with Store(tmp_path / STORE) as store:
        found = [(record.who, record.what) for record in reversed(store.records())]
    whats = ("invited", "role-changed", "reset", "staff-removed")
    assert found == [("terminal", what) for what in whats]


def test_what_cannot_be_done_is_told(run: Run) -> None:
    run("add", "Amal")
    with pytest.raises(RefusedError, match="diwan staff reset"):
        run("add", "AMAL")
    with pytest.raises(UnknownStaffError, match="nobody named Badr"):
        run("remove", "Badr")
    for address in ("diwan.example", "ftp://diwan.example", "https://", "https://x:99999999", "?"):
        assert "https://diwan.example" in run("add", "Celia", "--site", address)
    assert len(json.loads(run("list", "--json"))) == 1
