"""Files that staff have uploaded and not put into the library yet: they wait for a day."""

import json
import re
import secrets
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from unicodedata import category

from corpus.atomic import flush, write_atomically

SPOOL = ".uploads"
"""Name of the folder in a hub's folder; hidden, so that no backup holds it."""

_SAID = ".said.json"
_DAY = 24 * 3600  # seconds
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_LONGEST_NAME = 120  # bytes


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that waits.

    Attributes:
        token: By which it is found; not to be guessed.
        path: Of the file, under the name that it came with.
        said: What was said of it so far, by field.
    """

    token: str
    path: Path
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Spool:
    """The files that wait in a hub's folder.

    Attributes:
        home: The hub's folder.
    """

    home: Path

    def take(self, file: BinaryIO, name: str) -> str:
        """Keep a file.

        Returns:
            Its token.

        Raises:
            OSError: The disk does not take it.
        """
        self.collect(time.time())
        token = secrets.token_urlsafe(16)
        folder = self.home / SPOOL / token
        aside = _aside(folder)
        folder.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        aside.mkdir(mode=0o700)
        path = aside / _plain(name)
        try:
            with path.open("wb") as copy:
                shutil.copyfileobj(file, copy)
            flush(path)
            aside.rename(folder)
        except OSError:
            shutil.rmtree(aside, ignore_errors=True)
            raise
        return token

    def find(self, token: str) -> Waiting | None:
        """A file that waits; None where none does."""
        if not _TOKEN.fullmatch(token):
            return None
        folder = self.home / SPOOL / token
        files = [path for path in folder.glob("[!.]*") if path.is_file()]
        if not files:
            return None
        said: dict[str, Any] = {}
        with suppress(FileNotFoundError):
            said = json.loads((folder / _SAID).read_bytes())
        return Waiting(token, files[0], said)

    def say(self, waiting: Waiting, said: Mapping[str, Any]) -> None:
        """Keep what is said of a file.

        Raises:
            OSError: The disk does not take it, or the file has gone meanwhile.
        """
        write_atomically(waiting.path.with_name(_SAID), json.dumps(said, ensure_ascii=False))

    def drop(self, waiting: Waiting) -> None:
        """Delete a file that waits."""
        _delete(waiting.path.parent)

    def collect(self, now: float) -> None:
        """Delete what has waited for more than a day, and what was left half taken or deleted.

        Args:
            now: Seconds since 1970.
        """
        for folder in (self.home / SPOOL).glob("*"):
            with suppress(OSError):
                if folder.stat().st_mtime < now - _DAY:
                    _delete(folder)


def _aside(folder: Path) -> Path:
    """Where a folder is while it is filled or emptied; no token leads there."""
    return folder.with_name(f".{folder.name.lstrip('.')}")


def _delete(folder: Path) -> None:
    """Delete a folder; whoever is ended meanwhile leaves all of it, or nothing that is found."""
    aside = _aside(folder)
    with suppress(OSError):  # it has gone meanwhile
        folder.rename(aside)
    shutil.rmtree(aside, ignore_errors=True)


def _plain(name: str) -> str:
    """The name that a file came with, without folders, controls and dots at its beginning."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(c for c in last if category(c) not in ("Cc", "Cf", "Cs")).strip().lstrip(".")
    return shown.encode()[-_LONGEST_NAME:].decode(errors="ignore") or "document"
