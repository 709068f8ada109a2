"""Documents that were taken away: left out of every answer at once, and of the next generation."""

import fcntl
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from corpus.atomic import write_atomically
from corpus.errors import DiwanError

_FILE = "removed.json"
_LOCK = ".removed.lock"


class RemovedError(DiwanError):
    """The list of removed documents cannot be read; says what to do about it."""


class _List(BaseModel):
    """What the file holds: ids, and a mark for each time that one was taken in again."""

    model_config = ConfigDict(extra="forbid", strict=True)

    removed: list[str] = []
    returning: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Removed:
    """The list of removed documents in a hub's folder; every process reads the same one.

    Attributes:
        home: The hub's folder.
    """

    home: Path

    def ids(self) -> frozenset[str]:
        """Ids of the documents that are left out of the next generation.

        Raises:
            RemovedError: The list is damaged. To go on would show what was taken away.
        """
        return frozenset(self._read().removed)

    def returned(self) -> Mapping[str, str]:
        """For each document that was taken in again, a mark of the last time that it was."""
        return self._read().returning

    def withheld(self, returned: Mapping[str, str]) -> frozenset[str]:
        """Ids of the documents that are not to be shown out of a generation.

        A document that was taken in again is shown as it is now, not as an older generation
        still holds it. Marks tell them apart, for a clock may be put back.

        Args:
            returned: What `returned` gave when the generation's library was read.

        Raises:
            RemovedError: The list is damaged.
        """
        found = self._read()
        stale = {name for name, mark in found.returning.items() if returned.get(name) != mark}
        return frozenset(found.removed) | stale

    def add(self, ids: Iterable[str]) -> None:
        """Take documents away."""
        with self._locked() as found:
            found.removed = sorted({*found.removed, *ids})

    def restore(self, ids: Iterable[str]) -> None:
        """Let documents be part of the next generation again."""
        wanted = set(ids)
        if not wanted & self.ids():
            return
        with self._locked() as found:
            mark = secrets.token_hex(8)
            found.returning |= dict.fromkeys(wanted.intersection(found.removed), mark)
            found.removed = sorted(set(found.removed) - wanted)

    def _read(self) -> _List:
        try:
            return _List.model_validate_json((self.home / _FILE).read_bytes())
        except FileNotFoundError:
            return _List()
        except (OSError, ValidationError) as error:
            raise RemovedError(
                f"{self.home / _FILE}, the list of removed documents, cannot be read; put it right"
                ' ({"removed": ["id", …]}) or delete it to show every document again.'
            ) from error

    @contextmanager
    def _locked(self) -> Iterator[_List]:
        """Read the list, and write it back as it was changed, while nobody else does."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            found = self._read()
            yield found
            write_atomically(self.home / _FILE, found.model_dump_json(indent=1))
