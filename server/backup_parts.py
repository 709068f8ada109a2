"""The parts of a hub's folder that are backed up, and how they are copied while others write."""

import errno
import os
import shutil
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from corpus.case_files import HISTORY
from corpus.glossary import OWN_GLOSSARY
from corpus.gold import OWN_GOLD
from corpus.reading_paths import OWN_PATHS
from corpus.starting_questions import OWN_QUESTIONS
from index.publication import POINTER, REFUSED
from server.terminal import CannotError

GENERATIONS = "generations"
_LIBRARY = "library"
_REMOVED = "removed.json"
FOLDERS = (_LIBRARY, "removed", "refused", HISTORY)
FILES = (OWN_GLOSSARY, OWN_GOLD, OWN_PATHS, OWN_QUESTIONS, _REMOVED)
_DATABASES = (".sqlite", ".db")
_DOCUMENTS = (".md", ".json")
_ROUNDS = 10
_PATIENCE = 30.0  # seconds, for whoever holds a database


def belongs(name: str, generation: str | None) -> bool:
    """Whether a file is one that a backup holds.

    Args:
        name: Its path within the hub's folder.
        generation: Name of the generation that the backup holds.
    """
    first, *others = name.split("/")
    if any(part.startswith(".") or not part for part in (first, *others)):
        return False  # hidden files are being written; so much for `..` and `/` as well
    if first == GENERATIONS:
        return len(others) > 1 and others[0] == generation and generation not in (REFUSED, POINTER)
    return first in FOLDERS if others else first in FILES or first.endswith(_DATABASES)


def is_document(name: str) -> bool:
    """Whether a file that belongs to a backup is a document of the hub's own."""
    return name.startswith(f"{_LIBRARY}/") and name.endswith(_DOCUMENTS)


def copy_parts(home: Path, spool: Path) -> dict[str, Path]:
    """Copy everything but the generation out of a hub's folder while others write there.

    Files are looked at again until nothing has changed since they were copied, so that the copies
    are what there was at one moment. Where it never holds still each file is whole, and what is
    being moved from the library to `removed/` is in one of the two at least.

    Args:
        home: The hub's folder.
        spool: An empty folder.

    Returns:
        Where the copy of each file is, by its path within the hub's folder.

    Raises:
        CannotError: A database is damaged, or somebody does not let go of it.
        OSError: A file cannot be read, or the disk does not take the copies.
    """
    copies = _Copies(home, spool)
    for _ in range(_ROUNDS):
        # The list of removed documents comes last: what it names is never shown by mistake.
        changed = [copies.renew(part) for part in (*FOLDERS, *FILES)]
        if not any(changed):
            break
    for path in databases(home):
        copies.add_database(path)
    return copies.files


@dataclass
class _Copies:
    """Copies of a hub's files, so far.

    Attributes:
        home: The hub's folder.
        spool: Where the copies lie, under numbers.
        files: The copy of each file.
    """

    home: Path
    spool: Path
    files: dict[str, Path] = field(default_factory=dict)
    _seen: dict[str, tuple[int, ...]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)

    def renew(self, part: str) -> bool:
        """Copy what is new in a part and drop what is gone; tell whether there was any."""
        names = set(_names(self.home, part))
        gone = [
            name
            for name in self._seen.keys() - names
            if name.split("/", 1)[0] == part and not os.path.lexists(self.home / name)
        ]
        for name in gone:
            del self._seen[name]
            self.files.pop(name).unlink()
        copied = [name for name in sorted(names) if self._renew_file(name)]
        return bool(gone or copied)

    def add_database(self, path: Path) -> None:
        """Copy a database, and see whether the copy is sound."""
        copy = self._place(path.name)
        try:
            copy_database(path, copy)
            with closing(sqlite3.connect(f"{copy.as_uri()}?immutable=1", uri=True)) as database:
                found = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
        except sqlite3.Error as error:
            found = str(error)
        if found != "ok":
            raise CannotError(
                f"{path} cannot be copied: it is damaged or no database, or the disk fails"
                f" ({found}). Put it right, or move it out of the folder, and back up again; an"
                " earlier backup is as it was."
            )
        copy.chmod(stat.S_IMODE(path.stat().st_mode))

    def _renew_file(self, name: str) -> bool:
        path = self.home / name
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode) or self._seen.get(name) == _look(status):
                return False
            with path.open("rb") as file, self._place(name).open("wb") as copy:
                status = os.fstat(file.fileno())
                shutil.copyfileobj(file, copy)
                os.fchmod(copy.fileno(), stat.S_IMODE(status.st_mode) | stat.S_IWUSR)
        except (FileNotFoundError, NotADirectoryError):  # it has vanished this very moment
            return True
        self._seen[name] = _look(status)
        return True

    def _place(self, name: str) -> Path:
        if name not in self.files:
            self.files[name] = self.spool / str(next(self._numbers))
        return self.files[name]


def _look(status: os.stat_result) -> tuple[int, ...]:
    """What tells a file from one that has been changed or replaced."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _names(home: Path, part: str) -> Iterator[str]:
    if part in FILES:
        if (home / part).is_file():
            yield part
        return
    for folder, folders, files in os.walk(home / part, onerror=_unless_gone):
        folders[:] = [name for name in folders if not name.startswith(".")]
        below = Path(folder).relative_to(home)
        yield from ((below / name).as_posix() for name in files if not name.startswith("."))


def _unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error


def databases(folder: Path) -> list[Path]:
    """The databases in a hub's folder."""
    return [
        path
        for path in sorted(folder.iterdir())
        if path.name.endswith(_DATABASES) and belongs(path.name, None) and path.is_file()
    ]


def copy_database(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, whoever is writing into it.

    A target that exists is overwritten in one transaction: whoever has it open sees what was there
    before or what is copied.

    Raises:
        CannotError: Somebody does not let go of one of them.
        OSError: The disk is full.
        sqlite3.Error: One of them is damaged, or they cannot be copied this way.
    """
    until = time.monotonic() + _PATIENCE

    def wait(status: int, _remaining: int, _total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > until:
            raise CannotError(
                f"Another program holds {source.name} and does not let go of it. Wait until it is"
                " done, or end it, and try again."
            )

    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", 0, uri=True)) as old,
            closing(sqlite3.connect(target, 0)) as new,
        ):
            old.backup(new, progress=wait)
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            full = errno.ENOSPC
            raise OSError(full, os.strerror(full), str(target)) from error
        raise
