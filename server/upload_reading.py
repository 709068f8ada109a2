"""Uploaded files are read and taken in as `diwan ingest` does it, one at a time."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from corpus.case_study import CaseStudy
from corpus.document_file import Said
from corpus.ingest import Intake, Outcome
from corpus.readers.draft import Draft, RefusedError
from corpus.readers.worker import Worker
from corpus.shelf import Shelf
from index.locks import waiting
from index.places import countries_stated

_PATIENCE = 60.0  # seconds
_REMEMBERED = 4
_LOCK = ".intake.lock"
_Key = tuple[str, str]


class BusyReadingError(Exception):
    """Another file is being read, and has been for a while."""


@dataclass
class _Remembering(Worker):
    """A worker that reads no file twice that it has read just now."""

    known: OrderedDict[_Key, Draft | CaseStudy | str] = field(default_factory=OrderedDict)

    def read(self, content: bytes, name: str) -> Draft | CaseStudy:
        """Read a file; see `Worker.read`.

        Raises:
            RefusedError: It cannot be taken in.
        """
        key = hashlib.sha256(content).hexdigest(), name
        if key not in self.known:
            try:
                self.known[key] = super().read(content, name)
            except RefusedError as error:
                self.known[key] = str(error)
            while len(self.known) > _REMEMBERED:
                self.known.popitem(last=False)
        found = self.known[key]
        if isinstance(found, str):
            raise RefusedError(found)
        return found


class UploadReading:
    """Reads uploaded files in a process of their own, for one person at a time.

    Args:
        home: The hub's folder.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._shelf = Shelf(home)  # bundled ids are taken, whether they are shown or not
        self._alone = Lock()
        self._known: OrderedDict[_Key, Draft | CaseStudy | str] = OrderedDict()

    def look(self, path: Path, said: Said, replaces: tuple[str, str] | None = None) -> Outcome:
        """Read a file as `diwan ingest --dry-run` does; nothing is changed.

        Raises:
            BusyReadingError: Others are being read.
        """
        return self._take(path, said, replaces, dry=True)

    def put_in(self, path: Path, said: Said, replaces: tuple[str, str] | None = None) -> Outcome:
        """Take a file into the library as `diwan ingest` does.

        Raises:
            BusyReadingError: Others are being read.
            OSError: The disk does not take it.
        """
        with waiting(self._home / _LOCK):
            return self._take(path, said, replaces, dry=False)

    def _take(
        self, path: Path, said: Said, replaces: tuple[str, str] | None, *, dry: bool
    ) -> Outcome:
        if not self._alone.acquire(timeout=_PATIENCE):
            raise BusyReadingError
        try:
            with _Remembering(known=self._known) as worker:
                documents = self._shelf.look().documents
                taken = frozenset(each.document.id for each in documents if each.is_markdown)
                intake = Intake(self._home, taken, worker, countries_stated, dry, replaces)
                (outcome,) = intake.take_all([path], said)
                return outcome
        finally:
            self._alone.release()
