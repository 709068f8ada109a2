"""Introductions that somebody asks for: kept until the hub has closed them, then wiped."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, date
from enum import StrEnum

from server.mail.letter import About, Letter
from server.mail.outbox import forget_letters, write_letter
from server.store_database import Database, RefusedError, StoreError, checked, iso_day, new_id
from server.store_records import By, Change, write_record

LONGEST_WISH, LONGEST_NAME, LONGEST_BODY, LONGEST_PLACE = 2_000, 100, 200, 100
LONGEST_NOTE = 1_000


class IntroductionState(StrEnum):
    """What has become of an introduction."""

    WAITING = "waiting"
    WRITTEN = "written"
    INTRODUCED = "introduced"
    IMPOSSIBLE = "impossible"


class UnknownIntroductionError(StoreError):
    """There is no such introduction, or no longer, or it is closed."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for an introduction, and what for.

    Attributes:
        wish: What they want to ask or learn, in at most 2,000 characters.
        name: Their name.
        body: The body that they work for.
        place: Where that is; may be empty.
        address: Their e-mail address.
    """

    wish: str
    name: str
    body: str
    place: str
    address: str


@dataclass(frozen=True, slots=True)
class Introduction:
    """An introduction that somebody asked for.

    Attributes:
        id: As the desk names it; says nothing of when it came.
        key: As the asker's address has it: whoever knows it can read the state and withdraw it.
        case_id: The case to whose bodies they want to be introduced.
        language: ISO 639-1 code of the language of the interface in which they asked.
        day: When they asked.
        state: What has become of it.
        note: What the hub tells the asker.
        closed_on: When it was closed; None while it is open.
        asker: Who asks; None once it is closed.
    """

    id: str
    key: str
    case_id: str
    language: str
    day: date
    state: IntroductionState
    note: str
    closed_on: date | None
    asker: Asker | None


@dataclass(frozen=True, slots=True)
class Step:
    """What the hub did about an introduction.

    Attributes:
        state: What has become of it.
        note: What the asker is told, in at most 1,000 characters.
        closes: Whether nothing more is to come.
    """

    state: IntroductionState
    note: str
    closes: bool


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter says.

    Attributes:
        subject: One line.
        text: Plain text.
    """

    subject: str
    text: str


_COLUMNS = (
    "id, key, case_id, language, day, state, note, closed_on, wish, name, body, place, address"
)
_WIPED = "wish = NULL, name = NULL, body = NULL, place = NULL, address = NULL"


class Introductions(Database):
    """Keeps introductions: who asks and what for only as long as the hub needs it."""

    __slots__ = ()

    def ask_for_introduction(self, case_id: str, asker: Asker, language: str, day: date) -> str:
        """Keep that somebody asks for an introduction.

        Args:
            case_id: The case to whose bodies they want to be introduced.
            asker: Who they are, and what they want.
            language: ISO 639-1 code of the language in which they are answered.
            day: When.

        Returns:
            The key of the address at which they see what becomes of it.

        Raises:
            RefusedError: A text is too long.
            StoreError: It cannot be kept.
        """
        key = new_id()
        row = (
            new_id(),
            key,
            case_id,
            language,
            iso_day(day),
            IntroductionState.WAITING,
            checked(asker.wish, LONGEST_WISH, "text"),
            checked(asker.name, LONGEST_NAME, "name"),
            checked(asker.body, LONGEST_BODY, "name of the body"),
            checked(asker.place, LONGEST_PLACE, "place"),
            asker.address,
        )
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO introductions (id, key, case_id, language, day, state, note, wish,"
                " name, body, place, address) VALUES (?, ?, ?, ?, ?, ?, '', ?, ?, ?, ?, ?)",
                row,
            )
        return key

    def introductions(self) -> tuple[Introduction, ...]:
        """All of them: those that are open first, and of these the oldest day first.

        Of those that are closed the newest day comes first.

        Raises:
            StoreError: They cannot be read.
        """
        with self._reading() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM introductions"  # noqa: S608 - of constants
                " ORDER BY closed_on IS NOT NULL, closed_on DESC, day, id"
            )
            return tuple(map(_introduction, rows))

    def open_introductions(self) -> int:
        """How many wait for the hub.

        Raises:
            StoreError: They cannot be counted.
        """
        with self._reading() as connection:
            counting = "SELECT count(*) FROM introductions WHERE closed_on IS NULL"
            return int(connection.execute(counting).fetchone()[0])

    def introduction(self, introduction_id: str) -> Introduction:
        """One of them, by the id that the desk names it by.

        Raises:
            UnknownIntroductionError: There is none of that id.
            StoreError: It cannot be read.
        """
        return self._one("id = ?", introduction_id)

    def introduction_of(self, key: str) -> Introduction:
        """One of them, by its asker's key.

        Raises:
            UnknownIntroductionError: There is none of that key.
            StoreError: It cannot be read.
        """
        return self._one("key = ?", key)

    def withdraw_introduction(self, key: str) -> None:
        """Delete an introduction, and what waits to be sent to its asker; no trace of it stays.

        A letter that is being handed over to a mail server just now goes out.

        Args:
            key: Its asker's key.

        Raises:
            UnknownIntroductionError: There is none of that key.
            StoreError: It cannot be deleted, or is, and traces of it are still there.
        """
        with self._writing() as connection:
            deleting = "DELETE FROM introductions WHERE key = ? RETURNING id"
            if connection.execute(deleting, (key,)).fetchone() is None:
                raise _unknown()
            forget_letters(connection, About.INTRODUCTION, key)
        self._wipe()

    def go_on_with_introduction(
        self, introduction_id: str, step: Step, words: Words | None, by: By
    ) -> None:
        """Keep what the hub did about an introduction, with the letter that says so.

        Once it is closed nothing of the asker stays in the file but the case, the days, the
        outcome and the hub's note; the record names the case, the day and the outcome.

        Args:
            introduction_id: Its id.
            step: What was done.
            words: What is written to the asker, if anything.
            by: Who did it, and when.

        Raises:
            UnknownIntroductionError: There is none of that id that is open.
            RefusedError: The note is too long, or it is closed without an outcome.
            StoreError: It cannot be kept, or is, and traces of what was wiped are still there.
        """
        if step.state is IntroductionState.WAITING:
            raise RefusedError("Say first what was done about it.")
        note = checked(step.note, LONGEST_NOTE, "note")
        with self._writing() as connection:
            row = connection.execute(
                "SELECT case_id, day, language, address FROM introductions"
                " WHERE id = ? AND closed_on IS NULL",
                (introduction_id,),
            ).fetchone()
            if row is None:
                raise _unknown()
            case_id, day, language, address = row
            closing = f", closed_on = ?, {_WIPED}" if step.closes else ""
            closed = (iso_day(by.at.astimezone(UTC)),) if step.closes else ()
            connection.execute(
                f"UPDATE introductions SET state = ?, note = ?{closing} WHERE id = ?",  # noqa: S608 - of constants
                (step.state, note, *closed, introduction_id),
            )
            if words:
                about = About.INTRODUCTION
                letter = Letter(address, words.subject, words.text, language, about)
                write_letter(connection, letter, by.at)
            what = Change.INTRODUCTION_CLOSED if step.closes else Change.INTRODUCTION_MARKED
            write_record(connection, by, what, f"{day}, {case_id}: {step.state}")
        if step.closes:
            self._wipe()

    def _one(self, condition: str, value: str) -> Introduction:
        with self._reading() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS} FROM introductions WHERE {condition}",  # noqa: S608 - of constants
                (value,),
            ).fetchone()
        if row is None:
            raise _unknown()
        return _introduction(row)


def _introduction(row: sqlite3.Row | tuple[str, ...]) -> Introduction:
    own_id, key, case_id, language, day, state, note, closed_on, *asker = row
    return Introduction(
        own_id,
        key,
        case_id,
        language,
        date.fromisoformat(day),
        IntroductionState(state),
        note,
        date.fromisoformat(closed_on) if closed_on else None,
        None if closed_on else Asker(*asker),
    )


def _unknown() -> UnknownIntroductionError:
    return UnknownIntroductionError(
        "It is no longer there: whoever asked has withdrawn it, or it is closed. Load the page"
        " again."
    )
