"""The keys of programs: what each may do and how often; of the key itself only a hash is kept."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date
from enum import StrEnum

from server.store_database import Database, RefusedError, StoreError, iso_day
from server.store_records import By, Change, write_record
from server.store_staff import name_key, new_token, token_hash

PREFIX = "diwan_"
"""What every key begins with, so that whoever finds one somewhere knows what it opens."""

USUAL_LIMIT = 600  # requests a minute
HIGHEST_LIMIT = 100_000  # likewise; each is remembered for a minute
LONGEST_NAME = 64

_COLUMNS = "name, scopes, most, created_on, used_on"


class UnknownKeyError(StoreError):
    """There is no key of that name, or no longer."""


class Wrong(StrEnum):
    """What of a key that was to be made cannot be used."""

    NAME = "name"
    TAKEN = "taken"
    SCOPES = "scopes"
    LIMIT = "limit"


class KeyRefusedError(RefusedError):
    """A key cannot be made like this.

    Args:
        wrong: What of it cannot be used.
        sentence: Why, and what to do.
    """

    def __init__(self, wrong: Wrong, sentence: str) -> None:
        super().__init__(sentence)
        self.wrong = wrong


class Scope(StrEnum):
    """What a program may do with a key; none of them includes another."""

    SEARCH = "search"
    CONTRIBUTE = "contribute"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Key:
    """A key, as it can be shown.

    Attributes:
        name: Whose it is, or what for.
        scopes: What can be done with it.
        limit: How many requests a minute are answered; 0 is no limit.
        created_on: When it was made.
        used_on: When it was last used, to the day; None where it never was.
    """

    name: str
    scopes: frozenset[Scope]
    limit: int
    created_on: date
    used_on: date | None


class Keys(Database):
    """Keeps hashes of keys, with what each is good for.

    A key is 256 random bits, so that nobody finds it by trying, whatever the hash: one SHA-256 is
    enough, and is quick enough to be taken at every request. A slow hash is for what people think
    of themselves.
    """

    __slots__ = ()

    def create_key(self, name: str, scopes: Iterable[Scope], limit: int, by: By) -> str:
        """Make a key.

        Args:
            name: 1 to 64 printable characters, no other key's whatever the case of its letters.
            scopes: What can be done with it; one at least.
            limit: How many requests a minute are answered, at most 100,000; 0 is no limit.
            by: Who makes it, and when.

        Returns:
            The key; it can never be read again.

        Raises:
            KeyRefusedError: The name, the scopes or the limit cannot be used.
            StoreError: It cannot be kept.
        """
        shown, words = _checked_name(name), " ".join(sorted(set(scopes)))
        if not words:
            raise KeyRefusedError(
                Wrong.SCOPES, f"Say what the key {shown} is for; choose one scope at least."
            )
        if not 0 <= limit <= HIGHEST_LIMIT:
            raise KeyRefusedError(
                Wrong.LIMIT,
                f"A key answers 1 to {HIGHEST_LIMIT:,} requests a minute; 0 is no limit.",
            )
        key = f"{PREFIX}{new_token()}"
        with self._writing() as connection:
            if _named(connection, shown):
                raise KeyRefusedError(
                    Wrong.TAKEN,
                    f"There is already a key named {shown}. Give another name, or revoke that one"
                    " first.",
                )
            connection.execute(
                "INSERT INTO keys (digest, name, name_key, scopes, most, created_on)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    token_hash(key),
                    shown,
                    name_key(shown),
                    words,
                    limit,
                    iso_day(by.at.astimezone(UTC)),
                ),
            )
            write_record(connection, by, Change.KEY_CREATED, f"{shown}, {words}")
        return key

    def revoke_key(self, name: str, by: By) -> Key:
        """Let a key open nothing any more; what was recorded of it stays.

        Raises:
            UnknownKeyError: There is none of that name.
            StoreError: It cannot be kept.
        """
        with self._writing() as connection:
            key = _named(connection, name)
            if key is None:
                raise UnknownKeyError(
                    f"There is no key named {name}; `diwan key list` names every key."
                )
            connection.execute("DELETE FROM keys WHERE name_key = ?", (name_key(key.name),))
            write_record(connection, by, Change.KEY_REVOKED, key.name)
        return key

    def keys(self) -> tuple[Key, ...]:
        """Every key, by name.

        Raises:
            StoreError: They cannot be read.
        """
        with self._reading() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM keys ORDER BY name_key")  # noqa: S608
            return tuple(_key(*row) for row in rows)

    def use_key(self, digest: bytes, day: date) -> Key | None:
        """What a key is good for; that it was used is noted once a day.

        Args:
            digest: The hash of the key.
            day: The day of today, UTC.

        Returns:
            None where no key has that hash.

        Raises:
            StoreError: It cannot be told.
        """
        with self._reading() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS} FROM keys WHERE digest = ?",  # noqa: S608
                (digest,),
            ).fetchone()
        if row is None:
            return None
        key = _key(*row)
        if key.used_on != day:
            with self._writing(synchronous="NORMAL") as connection:
                connection.execute(
                    "UPDATE keys SET used_on = ? WHERE digest = ?", (iso_day(day), digest)
                )
        return key


def _checked_name(name: str) -> str:
    shown = " ".join(name.split())
    if not shown or len(shown) > LONGEST_NAME or not shown.isprintable():
        raise KeyRefusedError(
            Wrong.NAME,
            f"The name of a key has 1 to {LONGEST_NAME} characters that can be printed; write it"
            " otherwise.",
        )
    return shown


def _named(connection: sqlite3.Connection, name: str) -> Key | None:
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM keys WHERE name_key = ?",  # noqa: S608
        (name_key(name),),
    ).fetchone()
    return row and _key(*row)


def _key(name: str, scopes: str, limit: int, created_on: str, used_on: str | None) -> Key:
    return Key(
        name,
        frozenset(map(Scope, scopes.split())),
        limit,
        date.fromisoformat(created_on),
        date.fromisoformat(used_on) if used_on else None,
    )
