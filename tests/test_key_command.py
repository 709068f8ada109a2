"""Whoever looks after the machine makes, lists and revokes keys by command."""

import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from conftest import Typed

from server.keys.store import Key, Scope, UnknownKeyError
from server.store import STORE, Store
from server.store_database import RefusedError
from server.store_records import TERMINAL, By, Change

BY = By(TERMINAL, datetime(2026, 3, 5, 14, 25, 36, tzinfo=UTC))
DAY, NEXT = date(2026, 3, 5), date(2026, 3, 6)


def sha256(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def test_a_key_is_shown_once_and_is_nowhere_on_the_disk(typed: Typed, tmp_path: Path) -> None:
    made = typed("key", "create", "National platform", home=tmp_path)
    key = made.stdout.splitlines()[-1]
    assert made.returncode == 0
    assert key.startswith("diwan_")
    assert len(key) == len("diwan_") + 43
    assert key not in typed("key", "list", home=tmp_path).stdout
    with Store(tmp_path / STORE) as store:
        assert store.use_key(sha256(key), DAY)
        on_disk = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        assert key.encode() not in on_disk
        assert key.removeprefix("diwan_").encode() not in on_disk
        assert sha256(key) in on_disk
        (record,) = store.records()
        assert (record.who, record.what) == (TERMINAL, Change.KEY_CREATED)
        assert record.about == "National platform, search"


def test_what_is_said_of_a_key_is_kept_and_listed(typed: Typed, tmp_path: Path) -> None:
    assert "diwan key create NAME" in typed("key", "list", home=tmp_path).stdout
    made = typed(
        "key", "create", "منصة", "--scope", "staff", "--scope", "contribute", "--limit", "0",
        "--json", home=tmp_path,
    ).json  # fmt: skip
    assert made["scopes"] == ["contribute", "staff"]
    assert (made["name"], made["limit"]) == ("منصة", 0)
    usual = typed("key", "create", "Alpha", "--json", home=tmp_path).json
    assert (usual["scopes"], usual["limit"]) == (["search"], 600)
    assert usual["key"] != made["key"]
    with Store(tmp_path / STORE) as store:
        store.use_key(sha256(made["key"]), NEXT)
    today = datetime.now(UTC).date().isoformat()
    assert typed("key", "list", "--json", home=tmp_path).json == [
        {"name": "Alpha", "scopes": ["search"], "limit": 600, "created_on": today, "used_on": None},
        {
            "name": "منصة", "scopes": ["contribute", "staff"], "limit": 0, "created_on": today,
            "used_on": "2026-03-06",
        },
    ]  # fmt: skip
    listed = typed("key", "list", home=tmp_path).stdout
    assert "600 requests a minute" in listed
    assert "no limit" in listed
    assert "last used 2026-03-06" in listed


def test_a_key_that_is_revoked_is_gone_and_its_name_is_free(typed: Typed, tmp_path: Path) -> None:
    key = typed("key", "create", "Alpha", "--json", home=tmp_path).json["key"]
    assert typed("key", "revoke", "ALPHA", "--json", home=tmp_path).json == {"revoked": "Alpha"}
    with Store(tmp_path / STORE) as store:
        assert store.use_key(sha256(key), DAY) is None
        assert store.keys() == ()
    again = typed("key", "revoke", "Alpha", home=tmp_path)
    assert again.returncode == 1
    assert "diwan key list" in again.stderr
    assert typed("key", "create", "Alpha", home=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("alpha",), 1, "already a key named alpha"),
        (("  ",), 1, "1 to 64 characters"),
        (("x" * 65,), 1, "1 to 64 characters"),
        (("a\u202eb",), 1, "can be printed"),
        (("b", "--scope", "everything"), 2, "'search', 'contribute', 'staff'"),
        (("b", "--limit", "-1"), 2, "--limit"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(
    typed: Typed, tmp_path: Path, arguments: tuple[str, ...], status: int, sentence: str
) -> None:
    typed("key", "create", "Alpha", home=tmp_path)
    refused = typed("key", "create", *arguments, home=tmp_path, COLUMNS="200", NO_COLOR="1")
    assert refused.returncode == status
    assert sentence in refused.stderr
    assert "diwan_" not in refused.stdout


def test_a_key_needs_a_scope_and_a_sound_limit(tmp_path: Path) -> None:
    with Store(tmp_path / STORE) as store:
        with pytest.raises(RefusedError, match="one scope at least"):
            store.create_key("a", [], 1, BY)
        for limit in (-1, 100_001):
            with pytest.raises(RefusedError, match="requests a minute"):
                store.create_key("a", [Scope.SEARCH], limit, BY)
        with pytest.raises(UnknownKeyError):
            store.revoke_key("a", BY)


def test_of_its_use_only_the_day_is_kept_and_written_once_a_day(tmp_path: Path) -> None:
    with Store(tmp_path / STORE) as store:
        digest = sha256(store.create_key("a", [Scope.SEARCH], 5, BY))
        first = store.use_key(digest, DAY)
        assert first == Key("a", frozenset({Scope.SEARCH}), 5, DAY, None)
        with closing(sqlite3.connect(store.path)) as database:
            version = "PRAGMA data_version"
            store.use_key(digest, NEXT)
            before = database.execute(version).fetchone()
            assert store.use_key(digest, NEXT) == Key("a", first.scopes, 5, DAY, NEXT)
            assert database.execute(version).fetchone() == before
            rows = database.execute("SELECT created_on, used_on FROM keys").fetchall()
    assert rows == [("2026-03-05", "2026-03-06")]
