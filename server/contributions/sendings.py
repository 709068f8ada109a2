"""The table of what other platforms send in: by which key each came, and once however often."""

import hmac
import sqlite3
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from server.contributions.practice import LONGEST_LINE, Draft
from server.contributions.store import (
    Contribution,
    UnknownContributionError,
    begin_draft,
    find_contribution,
    write_draft,
)
from server.store_database import Database, RefusedError, StoreError, checked, iso_day
from server.store_staff import name_key

REPEAT_DAYS = 30
"""So many days a practice that is sent again by the same idempotency key is known."""

WITHDRAWN = "withdrawn"
"""Beside the values of `State`, how far one is that is no longer there."""

FORGET_REPEATS = "UPDATE sendings SET repeat = NULL, body = NULL WHERE day < ?"
"""Takes the first day whose idempotency keys are still known."""

FORGET_SENDINGS = """
    DELETE FROM sendings WHERE day < ? AND NOT EXISTS (
        SELECT 1 FROM contributions WHERE contributions.id = sendings.id
    )
    """
"""Takes the first day that is not forgotten; what still is a contribution stays."""


class OtherBodyError(RefusedError):
    """The same idempotency key came with something else before."""


class FullDayError(StoreError):
    """A key has sent in as much as it may in a day."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """What tells that a request is the same one again.

    Attributes:
        key: The idempotency key.
        body: What was sent with it, always written in the same way.
    """

    key: str
    body: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a practice comes from.

    Attributes:
        platform: Name of the key that it comes by.
        reference: What the platform calls its record of it; may be empty.
        repeat: What tells whether it came before.
    """

    platform: str
    reference: str
    repeat: Repeat


@dataclass(frozen=True, slots=True)
class Sending:
    """A practice that came from another platform.

    Attributes:
        id: Of the contribution, by which desk and platform know it.
        reference: What the platform calls its record of it; may be empty.
        sent_on: The day on which it came.
        contribution: None where it was withdrawn.
    """

    id: str
    reference: str
    sent_on: date
    contribution: Contribution | None

    @property
    def state(self) -> str:
        """A value of `State`, or `WITHDRAWN`."""
        return self.contribution.state if self.contribution else WITHDRAWN


class Sendings(Database):
    """Keeps by which key a contribution came.

    A platform is known by the name of its key, so that it still has what is its own when the hub
    gives it a new key of the same name. Of an idempotency key a hash is kept, of what came with it
    one that nobody can try guesses on without that key.
    """

    __slots__ = ()

    def send_by_key(
        self, origin: Origin, draft: Draft, language: str, day: date, *, most: int
    ) -> tuple[Sending, bool]:
        """Put a practice before the hub, unless it came with the same idempotency key before.

        Args:
            origin: Where it comes from.
            draft: A practice from which nothing lacks.
            language: ISO 639-1 code of the language to write to its sender in.
            day: The day, UTC.
            most: So many a key may send in a day; what is sent again does not count.

        Returns:
            What came, and whether it is new.

        Raises:
            OtherBodyError: The same idempotency key came with something else.
            FullDayError: There were too many today.
            RefusedError: A text is too long.
            StoreError: It cannot be kept.
        """
        owner = name_key(origin.platform)
        same, body = _digests(owner, origin.repeat)
        with self._writing() as connection:
            connection.execute(FORGET_REPEATS, (iso_day(day - timedelta(days=REPEAT_DAYS)),))
            known = connection.execute(
                "SELECT id, body FROM sendings WHERE platform_key = ? AND repeat = ?",
                (owner, same),
            ).fetchone()
            if known:
                if not hmac.compare_digest(known[1], body):
                    raise OtherBodyError(
                        "This Idempotency-Key came with another practice before. Send this one"
                        " with a key of its own."
                    )
                return _sending(connection, owner, known[0]), False
            (today,) = connection.execute(
                "SELECT count(*) FROM sendings WHERE platform_key = ? AND day = ?",
                (owner, iso_day(day)),
            ).fetchone()
            if today >= most:
                raise FullDayError(f"A key sends in {most} practices a day at most.")
            key = begin_draft(connection, language, "", day)
            write_draft(connection, key, draft, day, send=True)
            own_id = find_contribution(connection, "key", key).id
            connection.execute(
                "INSERT INTO sendings (id, platform, platform_key, reference, repeat, body, day)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    own_id, origin.platform, owner,
                    checked(origin.reference, LONGEST_LINE, "reference"),
                    same, body, iso_day(day),
                ),
            )  # fmt: skip
            return _sending(connection, owner, own_id), True

    def sending(self, platform: str, own_id: str) -> Sending:
        """What a platform sent in.

        Args:
            platform: Name of its key.
            own_id: Id of the contribution.

        Raises:
            UnknownContributionError: There is none that came by this key, or no longer.
            StoreError: It cannot be read.
        """
        with self._reading() as connection:
            return _sending(connection, name_key(platform), own_id)

    def sendings(
        self, platform: str, most: int, after: str = "", state: str | None = None
    ) -> tuple[Sending, ...]:
        """What a platform sent in, by the ids.

        Args:
            platform: Name of its key.
            most: At most so many.
            after: Only those whose ids come after this one.
            state: Only those that are so far: a value of `State`, or `WITHDRAWN`.

        Raises:
            StoreError: They cannot be read.
        """
        owner = name_key(platform)
        with self._reading() as connection:
            ids = connection.execute(
                "SELECT sendings.id FROM sendings LEFT JOIN contributions USING (id)"
                " WHERE platform_key = ?1 AND sendings.id > ?2"
                " AND (?3 IS NULL OR coalesce(state, ?4) = ?3) ORDER BY sendings.id LIMIT ?5",
                (owner, after, state, WITHDRAWN, most),
            ).fetchall()
            return tuple(_sending(connection, owner, own_id) for (own_id,) in ids)


def _sending(connection: sqlite3.Connection, owner: str, own_id: str) -> Sending:
    row = connection.execute(
        "SELECT reference, day FROM sendings WHERE id = ? AND platform_key = ?", (own_id, owner)
    ).fetchone()
    if row is None:
        raise UnknownContributionError(
            "There is no such contribution that came by this key; it may have been forgotten."
        )
    try:
        found = find_contribution(connection, "id", own_id)
    except UnknownContributionError:
        found = None
    return Sending(own_id, row[0], date.fromisoformat(row[1]), found)


def _digests(owner: str, repeat: Repeat) -> tuple[bytes, bytes]:
    """Hashes of an idempotency key and of what came with it."""
    key = repeat.key.encode()
    same = sha256(f"{owner}\n".encode() + key).digest()
    return same, hmac.digest(key, repeat.body.encode(), "sha256")
