"""The letters that are to go out: kept with what causes them, and wiped once they are sent.

A letter waits until it is handed over to a mail server. That it is being handed over is kept just
before the mail server gets its text. If the process ends between that and the mail server's word,
nobody knows whether the letter has gone out: it is unsure, and staff say what becomes of it. So no
letter is lost, and none goes out twice unless somebody wants it to.
"""

import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path

from server.mail.letter import About, Letter, is_address
from server.store_database import Database, RefusedError, StoreError, checked, iso_day, new_id
from server.store_records import By, Change, write_record

LONGEST_SUBJECT, LONGEST_TEXT = 300, 20_000
_LONGEST_REASON = 500


class State(StrEnum):
    """What has become of a letter."""

    WAITING = "waiting"
    HANDING_OVER = "handing-over"
    UNSURE = "unsure"
    FAILED = "failed"
    SENT = "sent"
    THROWN_AWAY = "thrown-away"


class UnknownLetterError(StoreError):
    """There is no such letter, or it has been sent or thrown away."""


@dataclass(frozen=True, slots=True)
class QueuedLetter(Letter):
    """A letter that has not been sent.

    Attributes:
        id: Says nothing of when it came.
        key: What its Message-ID is made of, the same whenever it is tried.
        queued: When it was written, to the second, UTC.
        state: Whether it waits, is unsure or has failed.
        tries: How often it was tried in vain.
        why: Why it was not taken the last time, a word; empty where it was not tried.
        said: What the mail server said, or the system.
    """

    id: str
    key: str
    queued: datetime
    state: State
    tries: int
    why: str
    said: str

    @property
    def day(self) -> date:
        """The day on which it was written."""
        return self.queued.date()


_COLUMNS = "recipient, subject, text, language, about, id, key, queued, state, tries, reason"
_WIPED = (
    "recipient = NULL, subject = NULL, text = NULL, key = NULL, queued = NULL, due = NULL,"
    " tries = NULL, reason = NULL"
)


@dataclass(frozen=True, slots=True)
class _Step:
    """What staff can do with a letter.

    Attributes:
        of: The states that it can be done in.
        to: The state after it.
        changes: What else is changed, in SQL.
        what: What is recorded.
    """

    of: tuple[State, ...]
    to: State
    changes: str
    what: Change


_STUCK = (State.UNSURE, State.FAILED)
_SEND_AGAIN = _Step(
    _STUCK, State.WAITING, "tries = 0, due = 0, reason = ''", Change.LETTER_SENT_AGAIN
)
_SENT = _Step((State.WAITING, *_STUCK), State.SENT, _WIPED, Change.LETTER_SENT)
_THROW_AWAY = _Step((State.WAITING, *_STUCK), State.THROWN_AWAY, _WIPED, Change.LETTER_THROWN_AWAY)


class Outbox(Database):
    """Keeps letters until they are sent; of those that are, only kind, language and day."""

    __slots__ = ()

    def letters(self) -> tuple[QueuedLetter, ...]:
        """The letters that have not been sent, those first that were written first.

        Raises:
            StoreError: They cannot be read.
        """
        with self._reading() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM letters WHERE recipient IS NOT NULL ORDER BY queued, id"  # noqa: S608 - of constants
            )
            return tuple(map(_letter, rows))

    def stuck_letters(self, *, by_hand: bool) -> int:
        """How many letters need somebody.

        Args:
            by_hand: Whether those that wait do, too, because nothing sends them.

        Raises:
            StoreError: It cannot be told.
        """
        with self._reading() as connection:
            row = connection.execute(
                "SELECT count(*) FROM letters WHERE state IN (?, ?) OR (state = ? AND ?)",
                (*_STUCK, State.WAITING, by_hand),
            ).fetchone()
        return int(row[0])

    def next_letter(self, now: datetime) -> QueuedLetter | None:
        """The letter that is to be tried first, if any is to be tried by now.

        Raises:
            StoreError: It cannot be read.
        """
        with self._reading() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS} FROM letters WHERE state = ? AND due <= ?"  # noqa: S608 - of constants
                " ORDER BY due, queued, id LIMIT 1",
                (State.WAITING, _seconds(now)),
            ).fetchone()
        return _letter(row) if row else None

    def hand_over(self, letter_id: str) -> bool:
        """Keep that a letter is being handed over.

        Returns:
            Whether it still waited; if not, it must not be sent.

        Raises:
            StoreError: It cannot be kept.
        """
        return self._move(letter_id, State.WAITING, "state = ?", State.HANDING_OVER)

    def handed_over(self, letter_id: str) -> None:
        """Wipe a letter that a mail server has taken.

        Raises:
            StoreError: It cannot be kept.
        """
        self._move(letter_id, State.HANDING_OVER, f"state = ?, {_WIPED}", State.SENT)

    def put_off(self, letter_id: str, until: datetime, because: str) -> None:
        """Have a letter that was not taken tried again later.

        Args:
            letter_id: Its id.
            until: When it is to be tried again.
            because: Why; see `reason`.

        Raises:
            StoreError: It cannot be kept.
        """
        self._not_taken(
            letter_id,
            "state = ?, tries = tries + 1, due = ?, reason = ?",
            State.WAITING, _seconds(until), because[:_LONGEST_REASON],
        )  # fmt: skip

    def fail(self, letter_id: str, because: str) -> None:
        """Keep that a letter is not tried again.

        Args:
            letter_id: Its id.
            because: Why; see `reason`.

        Raises:
            StoreError: It cannot be kept.
        """
        self._not_taken(
            letter_id,
            "state = ?, tries = tries + 1, reason = ?",
            State.FAILED, because[:_LONGEST_REASON],
        )  # fmt: skip

    def leave_unsure(self) -> int:
        """Keep that nobody knows whether the letters that were being handed over have gone out.

        For whoever holds the lock of the sender, and so knows that nobody is handing them over.

        Returns:
            How many there were.

        Raises:
            StoreError: It cannot be kept.
        """
        with self._writing() as connection:
            return connection.execute(
                "UPDATE letters SET state = ? WHERE state = ?", (State.UNSURE, State.HANDING_OVER)
            ).rowcount

    def send_again(self, letter_id: str, by: By) -> None:
        """Have a letter that is unsure, or has failed, tried again at once.

        Raises:
            UnknownLetterError: There is none of that id that is.
            StoreError: It cannot be kept.
        """
        self._settle(letter_id, _SEND_AGAIN, by)

    def has_arrived(self, letter_id: str, by: By) -> None:
        """Wipe a letter that staff have sent themselves, or know to have arrived.

        Raises:
            UnknownLetterError: There is none of that id, or it is being sent.
            StoreError: It cannot be kept, or is, and traces of it are still there.
        """
        self._settle(letter_id, _SENT, by)
        self._wipe()

    def throw_away(self, letter_id: str, by: By) -> None:
        """Wipe a letter that is not to be sent.

        Raises:
            UnknownLetterError: There is none of that id, or it is being sent.
            StoreError: It cannot be kept, or is, and traces of it are still there.
        """
        self._settle(letter_id, _THROW_AWAY, by)
        self._wipe()

    def queue(self, letter: Letter, by: By, what: Change) -> None:
        """Keep a letter that nothing else in the store causes, and record who wrote it.

        Raises:
            RefusedError: It cannot be sent; see `write_letter`.
            StoreError: It cannot be kept.
        """
        with self._writing() as connection:
            write_letter(connection, letter, by.at)
            write_record(connection, by, what, "")

    def wipe_traces(self) -> None:
        """Leave no trace of what was wiped in the file.

        Raises:
            StoreError: Traces are still there.
        """
        self._wipe()

    def _settle(self, letter_id: str, step: _Step, by: By) -> None:
        states = ", ".join("?" * len(step.of))
        with self._writing() as connection:
            row = connection.execute(
                f"UPDATE letters SET state = ?, {step.changes}"  # noqa: S608 - of constants
                f" WHERE id = ? AND state IN ({states}) RETURNING about, day",
                (step.to, letter_id, *step.of),
            ).fetchone()
            if row is None:
                raise UnknownLetterError(
                    "That letter has just been sent, or is being sent, or somebody has thrown it"
                    " away. Load the page again."
                )
            write_record(connection, by, step.what, f"{row[0]}, {row[1]}")

    def _not_taken(self, letter_id: str, changes: str, *values: str | int) -> None:
        """Change a letter that was tried; if staff have settled it meanwhile, that stays."""
        with self._writing() as connection:
            connection.execute(
                f"UPDATE letters SET {changes} WHERE id = ? AND state IN (?, ?)",  # noqa: S608 - of constants
                (*values, letter_id, State.WAITING, State.HANDING_OVER),
            )

    def _move(self, letter_id: str, state: State, changes: str, to: State) -> bool:
        with self._writing() as connection:
            moved = connection.execute(
                f"UPDATE letters SET {changes} WHERE id = ? AND state = ?",  # noqa: S608 - of constants
                (to, letter_id, state),
            )
            return moved.rowcount == 1


def write_letter(connection: sqlite3.Connection, letter: Letter, at: datetime) -> None:
    """Queue a letter in the transaction of what causes it, so that both are kept or neither.

    Args:
        connection: One that is writing.
        letter: The letter; the white space of its subject is made plain.
        at: Now.

    Raises:
        RefusedError: It cannot be sent: its address is none, or it is too long.
    """
    connection.execute(
        "INSERT INTO letters (id, key, recipient, subject, text, language, about, day, state,"
        " queued, due, tries, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '')",
        (
            new_id(),
            new_id(),
            address_of(letter.to),
            checked(_one_line(letter.subject), LONGEST_SUBJECT, "subject"),
            checked(letter.text, LONGEST_TEXT, "letter"),
            letter.language,
            letter.about,
            iso_day(at.astimezone(UTC)),
            State.WAITING,
            _seconds(at),
            _seconds(at),
        ),
    )


def forget_letters(connection: sqlite3.Connection, about: About, key: str) -> None:
    """Forget the letters that have not been sent and name a secret address.

    One that is being handed over to a mail server just now goes out. Whoever calls this has the
    file written anew, so that no trace of them stays.

    Args:
        connection: One that is writing.
        about: What they are about.
        key: The key of the address, as it stands in their text.
    """
    connection.execute(
        "DELETE FROM letters WHERE about = ? AND instr(text, ?) AND state IN (?, ?, ?)",
        (about, key, State.WAITING, State.UNSURE, State.FAILED),
    )


def address_of(text: str) -> str:
    """An e-mail address that can be written to.

    Raises:
        RefusedError: It is none.
    """
    if not is_address(text):
        raise RefusedError("That is not an e-mail address; it looks like name@example.org.")
    return text


def hold_back(path: Path) -> None:
    """Leave what waits in a copy of the store unsure: it may have gone out since it was copied.

    Args:
        path: A database that nobody has open.
    """
    with suppress(sqlite3.Error), closing(sqlite3.connect(path, isolation_level=None)) as copy:
        copy.execute(
            "UPDATE letters SET state = ? WHERE state IN (?, ?)",
            (State.UNSURE, State.WAITING, State.HANDING_OVER),
        )


def reason(why: str, said: str) -> str:
    """Why a letter was not taken, as it is kept.

    Args:
        why: A word.
        said: What the mail server said, or the system.
    """
    return f"{why} {_one_line(said)}"


def _one_line(text: str) -> str:
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _letter(row: tuple[str, str, str, str, str, str, str, int, str, int, str]) -> QueuedLetter:
    to, subject, text, language, about, own_id, key, queued, state, tries, reason_kept = row
    why, _, said = reason_kept.partition(" ")
    return QueuedLetter(
        to=to,
        subject=subject,
        text=text,
        language=language,
        about=About(about),
        id=own_id,
        key=key,
        queued=datetime.fromtimestamp(queued, UTC),
        state=State(state),
        tries=tries,
        why=why,
        said=said,
    )
