"""The database file of the store: connections, transactions, and what to do when it fails."""

import os
import secrets
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from corpus.errors import DiwanError
from server.migrations import MIGRATIONS

_PATIENCE = 5.0  # seconds, for whoever else has the file for themselves
_FOR_A_TURN = 20.0  # seconds, for all who write before
_PAUSE = 0.01  # seconds
_ASKS_FOR = 10  # milliseconds; SQLite asks often at first, and less and less often after that
_PRAGMAS = ("PRAGMA foreign_keys = ON", "PRAGMA secure_delete = ON")

Place = tuple[int, int]
"""Device and number of a file: they tell it from another that has taken its name."""


class StoreError(DiwanError):
    """Something could not be kept or read; the message tells a hub's staff what to do."""


class RefusedError(StoreError):
    """What was given is not kept; the message tells whoever sent it why."""


@dataclass(frozen=True, slots=True)
class Database:
    """A database that several threads and processes use at once.

    Connections are kept for the next to come: closing the last one makes SQLite copy its log into
    the file, which takes a hundred times as long as keeping a turn. One that is open on a file
    that a restore has moved away is not used again.

    Whoever writes waits for a turn among the threads first, and then only for other processes.
    SQLite by itself lets each wait longer the longer it has waited, and some of twenty for ever.

    Attributes:
        path: The file, in a folder that is made if need be.

    Raises:
        StoreError: It cannot be opened, is damaged, or a newer version of Diwan wrote it.
        OSError: The folder cannot be made.
    """

    path: Path
    _idle: deque[tuple[Place, sqlite3.Connection]] = field(
        default_factory=deque, init=False, repr=False, compare=False
    )
    _turn: threading.Lock = field(
        default_factory=threading.Lock, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Make the file or bring it up to date, or refuse it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with self._connection():
                pass
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        """The database; it is closed at the end."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the connections that nobody is using; the database can be used all the same."""
        while self._idle:
            self._idle.pop()[1].close()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """See the database as it is at one moment.

        Raises:
            StoreError: It cannot be read.
        """
        with self._connection() as connection, _transaction(connection, "BEGIN"):
            yield connection

    @contextmanager
    def _writing(
        self, synchronous: Literal["FULL", "NORMAL"] = "FULL"
    ) -> Iterator[sqlite3.Connection]:
        """Change the database: all of it or, if there is an error, nothing.

        Args:
            synchronous: Ending the process loses nothing either way. `FULL` waits for the disk, so
                that a power cut does not lose what somebody was told is kept; `NORMAL` does not,
                and a power cut may lose the last moments, but never damages the file.

        Raises:
            StoreError: It cannot be written, or others have been at it for too long.
        """
        with self._taking_turns() as until, self._connection() as connection:
            connection.execute(f"PRAGMA synchronous = {synchronous}")
            with _transaction(connection, "BEGIN IMMEDIATE", until):
                yield connection

    def _wipe(self) -> None:
        """Leave no trace of deleted rows in the file or the log beside it.

        `secure_delete` blanks rows where they stood last, but not where they stood before SQLite
        rearranged a page. Only writing the file anew does away with those.

        Raises:
            StoreError: It is done, but traces are still there.
        """
        with self._taking_turns() as until, self._connection() as connection:
            connection.execute("PRAGMA synchronous = FULL")
            _insist(connection, "VACUUM", until)
            copied_by = time.monotonic() + _PATIENCE
            # SQLite does not wait by itself while another connection copies the log.
            while busy := connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                if time.monotonic() > copied_by:
                    break
                time.sleep(_PAUSE)
        if busy:
            raise StoreError(
                f"It is deleted, but traces of it are still in {self.path}-wal, because another"
                " program has been reading for too long. Run `diwan forget` to do away with them."
            )

    @contextmanager
    def _taking_turns(self) -> Iterator[float]:
        """Write while no other thread does.

        Returns:
            Until when to wait for other processes, by the monotonic clock.

        Raises:
            StoreError: The others have been at it for too long.
        """
        until = time.monotonic() + _FOR_A_TURN
        if not self._turn.acquire(timeout=_FOR_A_TURN):
            raise StoreError(_HELD.format(path=self.path))
        try:
            yield until
        finally:
            self._turn.release()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection to a database of the present version; nobody else uses it meanwhile."""
        try:
            place, connection = self._kept() or self._opened()
            broken = False
            try:
                self._bring_up_to_date(connection)
                yield connection
            except sqlite3.Error:
                broken = True
                raise
            finally:
                if broken:
                    connection.close()
                else:
                    self._idle.append((place, connection))
        except sqlite3.Error as error:
            sentence = _explain(error, self.path)
            if sentence is None:
                raise
            raise StoreError(sentence) from None

    def _kept(self) -> tuple[Place, sqlite3.Connection] | None:
        while True:
            try:
                place, connection = self._idle.pop()
            except IndexError:
                return None
            if place == self._place():
                return place, connection
            connection.close()

    def _opened(self) -> tuple[Place, sqlite3.Connection]:
        _make(self.path)
        connection = sqlite3.connect(
            self.path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        try:
            place = self._place()
            _write_ahead(connection)
            for pragma in _PRAGMAS:
                connection.execute(pragma)
        except BaseException:
            connection.close()
            raise
        return place or (0, 0), connection

    def _place(self) -> Place | None:
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return None
        return status.st_dev, status.st_ino

    def _bring_up_to_date(self, connection: sqlite3.Connection) -> None:
        """Go through the steps that are missing; a restore may bring back an older database."""
        while (version := _version(connection)) != len(MIGRATIONS):
            if version > len(MIGRATIONS):
                raise StoreError(
                    f"A newer version of Diwan wrote {self.path} (version {version} of the"
                    f" database; this Diwan knows {len(MIGRATIONS)}). Upgrade Diwan, or restore a"
                    " backup that this version wrote."
                )
            with _transaction(connection, "BEGIN IMMEDIATE"):
                if _version(connection) == version:  # else another process was first
                    for statement in MIGRATIONS[version]:
                        connection.execute(statement)
                    connection.execute(f"PRAGMA user_version = {version + 1}")


def checked(text: str, longest: int, name: str) -> str:
    """See that a text can be kept.

    Args:
        text: Any text.
        longest: The most characters.
        name: What it is, as the sentence calls it.

    Raises:
        RefusedError: It is too long, or holds half of a character.
    """
    if len(text) > longest:
        raise RefusedError(f"The {name} has {len(text)} characters; write at most {longest}.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise RefusedError(f"The {name} holds half of a character; type it again.") from error
    return text


def iso_day(day: date) -> str:
    """A day as `YYYY-MM-DD`, whatever more the value may know of the time."""
    return date.isoformat(day)


def new_id() -> str:
    """An id that cannot be guessed: 22 letters, digits, `-` and `_` (128 random bits)."""
    return secrets.token_urlsafe(16)


def _make(path: Path) -> None:
    """Make the file where there is none: what people ask is not for everybody on the machine.

    One that is there is not opened, for closing it would end the locks that this process holds.
    """
    with suppress(OSError):  # SQLite says what is the matter
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Keep a log, so that whoever reads does not wait for whoever writes.

    Where several processes find a new file at once SQLite does not wait for the others by itself.
    """
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_PAUSE)
        else:
            return


@contextmanager
def _transaction(
    connection: sqlite3.Connection, begin: str, until: float | None = None
) -> Iterator[None]:
    if until is None:
        connection.execute(begin)
    else:
        _insist(connection, begin, until)
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _insist(connection: sqlite3.Connection, statement: str, until: float) -> None:
    """Execute a statement that other processes may be in the way of, asking again and again."""
    connection.execute(f"PRAGMA busy_timeout = {_ASKS_FOR}")
    try:
        while True:
            try:
                connection.execute(statement)
            except sqlite3.OperationalError as error:
                busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not busy or time.monotonic() > until:
                    raise
            else:
                return
    finally:
        connection.execute(f"PRAGMA busy_timeout = {int(_PATIENCE * 1000)}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


_FAILS = (
    "{path} cannot be read or written ({error}). See whether the disk is full or fails, and try"
    " again; what was kept before is as it was."
)
_HELD = (
    "Another program holds {path} and does not let go of it. Wait until it is done, or end it, and"
    " try again."
)
_NOT_ALLOWED = (
    "{path} cannot be opened ({error}). Give the user that runs Diwan the right to read and write"
    " it and its folder, or set DIWAN_HOME to another."
)
_DAMAGED = (
    "{path} is damaged, or no database of Diwan's ({error}). Put the last backup back with `diwan"
    " restore FILE`. Without one, move the file, and those beside it that end in -wal and -shm, out"
    " of the folder: Diwan then begins an empty one."
)
_SENTENCES = {
    sqlite3.SQLITE_BUSY: _HELD,
    sqlite3.SQLITE_LOCKED: _HELD,
    sqlite3.SQLITE_FULL: _FAILS,
    sqlite3.SQLITE_IOERR: _FAILS,
    sqlite3.SQLITE_CANTOPEN: _NOT_ALLOWED,
    sqlite3.SQLITE_READONLY: _NOT_ALLOWED,
    sqlite3.SQLITE_PERM: _NOT_ALLOWED,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_ERROR: _DAMAGED,  # a table is missing
}


def _explain(error: sqlite3.Error, path: Path) -> str | None:
    """What a hub's staff can do about an error; None where it is a mistake in the program."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    if code is None:  # of Python's own: bytes that are no text; its message holds what was kept
        return _DAMAGED.format(path=path, error="a row cannot be read")
    sentence = _SENTENCES.get(code & 0xFF)
    return sentence and sentence.format(path=path, error=error)
