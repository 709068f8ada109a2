"""Puts what was restored in place of what a hub's folder holds, and keeps what was there."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from corpus.atomic import flush
from index.manifest import ASIDE, GenerationError, check_files
from index.publication import Publication
from server.backup_parts import FILES, FOLDERS, GENERATIONS, copy_database, databases
from server.terminal import CannotError

UNFINISHED = ".restoring"
_BESIDE = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a database
_IN_THE_WAY = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)


def is_unfinished(home: Path) -> bool:
    """Whether a restore is at it in a hub's folder, or ended half-way."""
    return (home / UNFINISHED).exists()


def check_unfinished(home: Path) -> None:
    """See that no restore ended half-way in a hub's folder, or is at it now.

    Raises:
        CannotError: One did.
    """
    if is_unfinished(home):
        raise CannotError(
            f"A restore is under way in {home}, or was not finished: what is there now is half one"
            " state and half another. Run `diwan restore` again, then back up."
        )


@dataclass(frozen=True, slots=True)
class Swap:
    """Puts the parts of a backup in place.

    Whatever moment it is ended at, what was there and what is restored are both on the disk, and
    it can be done again.

    Attributes:
        home: The hub's folder.
        restored: A folder in it that holds the parts of the backup, and nothing else.
        kept: A folder in it for what was there before.
    """

    home: Path
    restored: Path
    kept: Path

    @classmethod
    def into(cls, home: Path, restored: Path) -> "Swap":
        """Make the folder for what was there before, named by the time.

        Raises:
            CannotError: A part of the hub's folder cannot be moved.
        """
        for name in FOLDERS:
            if os.path.ismount(home / name):
                raise CannotError(
                    f"{home / name} is a disk of its own and cannot be moved; nothing was restored."
                    f" Have {home} mounted as a whole."
                )
        name = f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        kept = next(path for path in _numbered(home / name) if not path.exists())
        kept.mkdir(mode=0o700)
        return cls(home, restored, kept)

    def put_in_place(self) -> None:
        """Put everything but the generation in place; a part that was not restored is taken away.

        Raises:
            CannotError: Somebody does not let go of a database.
            OSError: The disk does not take it.
        """
        found = {path.name for folder in (self.home, self.restored) for path in databases(folder)}
        for name in sorted(found):
            self._database(name)
        (self.home / UNFINISHED).touch()
        flush(self.home)
        for name in FOLDERS:
            self._folder(name)
        for name in FILES:
            self._file(name)
        flush(self.kept)
        flush(self.home)

    def generation(self, publication: Publication, name: str) -> None:
        """Let the restored generation serve.

        Raises:
            GenerationError: Another version of Diwan built it.
            OSError: The disk does not take it.
        """
        restored, folder = self.restored / GENERATIONS / name, publication.folder / name
        check_files(restored)
        try:
            check_files(folder)
        except GenerationError:
            self._keep(folder, f"{GENERATIONS}/{name}")
            aside = publication.folder / f"{ASIDE}{name}"
            shutil.move(restored, aside)  # generations may be on a disk of their own
            for path in (aside, *aside.rglob("*")):
                flush(path)
            aside.rename(folder)
            flush(publication.folder)
        publication.rollback(name)

    def finish(self) -> None:
        """Say that all is in place."""
        (self.home / UNFINISHED).unlink(missing_ok=True)

    def remains(self) -> Path | None:
        """The folder of what was there before; None where there is nothing in it."""
        if any(self.kept.iterdir()):
            return self.kept
        self.kept.rmdir()
        return None

    def _folder(self, name: str) -> None:
        restored, there = self.restored / name, self.home / name
        while True:
            self._keep(there, name)
            if not restored.exists():
                return
            try:
                restored.rename(there)
            except OSError as error:
                if error.errno not in _IN_THE_WAY:  # else somebody took a document in just now
                    raise
            else:
                return

    def _file(self, name: str) -> None:
        """Replace a file at once: it is read at each question, and may not be absent."""
        restored, there = self.restored / name, self.home / name
        if restored.exists() and there.is_file():
            shutil.copy2(there, self.kept / name)
            flush(self.kept / name)
        else:
            self._keep(there, name)
        if restored.exists():
            restored.replace(there)

    def _database(self, name: str) -> None:
        """Overwrite a database for those who have it open; move it only if that cannot be done."""
        restored, there = self.restored / name, self.home / name
        if restored.exists() and there.exists():
            try:
                copy_database(there, self.kept / name)
                flush(self.kept / name)
                copy_database(restored, there)
            except CannotError:
                (self.kept / name).unlink(missing_ok=True)
                raise
            except sqlite3.Error:  # it is damaged, or of another make
                (self.kept / name).unlink(missing_ok=True)
            else:
                return
        for part in (*_BESIDE, ""):  # the log first: beside another database it would damage it
            self._keep(self.home / f"{name}{part}", f"{name}{part}")
        if restored.exists():
            restored.rename(there)

    def _keep(self, path: Path, name: str) -> None:
        """Move something out of the way, if it is there."""
        if not os.path.lexists(path):
            return
        target = next(free for free in _numbered(self.kept / name) if not os.path.lexists(free))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, target)


def _numbered(path: Path) -> Iterator[Path]:
    """A path, and the same with numbers behind it."""
    yield path
    yield from (path.with_name(f"{path.name}-{number}") for number in count(2))
