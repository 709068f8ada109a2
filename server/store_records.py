"""The record of changes: which of the staff changed what, and when."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from server.store_database import Database, checked

TERMINAL = "terminal"
"""Who is named where a change was made by a command."""

LONGEST_ABOUT = 200


class Change(StrEnum):
    """What can be changed; each has a name for readers in `server.desk_changes`."""

    INVITED = "invited"
    RESET = "reset"
    ROLE_CHANGED = "role-changed"
    STAFF_REMOVED = "staff-removed"
    PASSWORD_SET = "password-set"  # noqa: S105 - a word of the vocabulary
    SIGNED_IN = "signed-in"
    SIGNED_OUT = "signed-out"
    PROBLEM_CLOSED = "problem-closed"
    QUESTION_CLOSED = "question-closed"
    DOCUMENT_PUT_IN = "document-put-in"
    DOCUMENT_TAKEN_OUT = "document-taken-out"
    DOCUMENT_TAKEN_BACK = "document-taken-back"
    CASE_SAVED = "case-saved"
    CASE_PUT_BACK = "case-put-back"
    GOLD_ADDED = "gold-added"
    TERM_ADDED = "term-added"
    VARIANT_ADDED = "variant-added"
    REBUILD_STARTED = "rebuild-started"
    REBUILD_ENDED = "rebuild-ended"
    ROLLED_BACK = "rolled-back"
    REFUSED_PUBLISHED = "refused-published"
    VERIFIED = "verified"
    INTRODUCTION_MARKED = "introduction-marked"
    INTRODUCTION_CLOSED = "introduction-closed"
    LETTER_SENT_AGAIN = "letter-sent-again"
    LETTER_SENT = "letter-sent"
    LETTER_THROWN_AWAY = "letter-thrown-away"
    TEST_LETTER = "test-letter"
    CONTRIBUTION_ASKED = "contribution-asked"
    CONTRIBUTION_DECLINED = "contribution-declined"
    CONTRIBUTION_ACCEPTED = "contribution-accepted"
    KEY_CREATED = "key-created"
    KEY_REVOKED = "key-revoked"


@dataclass(frozen=True, slots=True)
class By:
    """Who changes something, and when.

    Attributes:
        who: Name of one of the staff, or `TERMINAL`.
        at: When, in any time zone.
    """

    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """A change that was made.

    Attributes:
        number: Later ones have higher numbers.
        at: When, to the second, UTC.
        who: Name of one of the staff as it was then, or `TERMINAL`.
        what: A value of `Change`, as it was written down.
        about: What was changed.
    """

    number: int
    at: datetime
    who: str
    what: str
    about: str


class Records(Database):
    """Keeps the record of changes, in the order in which they were made."""

    __slots__ = ()

    def record(self, by: By, what: Change, about: str) -> None:
        """Keep that something was changed that is kept elsewhere.

        What is changed in this database is recorded in the same transaction, by `write_record`.

        Args:
            by: Who changed it, and when.
            what: What was done.
            about: To what; at most 200 characters of it are kept. No password, no token, and
                nothing that the public wrote: a record outlasts what it is about.

        Raises:
            StoreError: It cannot be kept.
        """
        with self._writing() as connection:
            write_record(connection, by, what, about)

    def records(self, most: int | None = None, before: int | None = None) -> tuple[Record, ...]:
        """The changes that were made, the last one first.

        Args:
            most: At most so many; all of them if not given.
            before: Only those with a lower number.

        Raises:
            StoreError: They cannot be read.
        """
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT number, at, who, what, about FROM records"
                " WHERE ?1 IS NULL OR number < ?1 ORDER BY number DESC LIMIT ?2",
                (before, -1 if most is None else most),
            )
            return tuple(
                Record(number, datetime.fromisoformat(at), *rest) for number, at, *rest in rows
            )


def write_record(connection: sqlite3.Connection, by: By, what: Change, about: str) -> None:
    """Keep a change in the transaction in which it is made; see `Records.record`.

    Raises:
        RefusedError: The text holds half of a character.
    """
    text = " ".join(about.split())
    short = text if len(text) <= LONGEST_ABOUT else f"{text[: LONGEST_ABOUT - 1]}…"
    connection.execute(
        "INSERT INTO records (number, at, who, what, about)"
        " SELECT coalesce(max(number), 0) + 1, ?, ?, ?, ? FROM records",
        (_second(by.at), by.who, what, checked(short, LONGEST_ABOUT, "text")),
    )


def _second(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
