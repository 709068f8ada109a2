"""Documents that were taken away: left out of every answer at once, and of the next generation."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_FILE = "removed.json"


class RemovedError(Exception):
    """The list of removed documents cannot be read; says what to do about it."""


@dataclass(frozen=True, slots=True)
class Removed:
    """The list of removed documents in a hub's folder; every process reads the same one.

    Attributes:
        home: The hub's folder.
    """

    home: Path

    def ids(self) -> frozenset[str]:
        """Ids of the removed documents.

        Raises:
            RemovedError: The list is damaged. To go on would show what was taken away.
        """
        try:
            found = json.loads((self.home / _FILE).read_bytes())
            return frozenset(map(str, found["removed"]))
        except FileNotFoundError:
            return frozenset()
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise RemovedError(
                f"{self.home / _FILE}, the list of removed documents, cannot be read; put it right"
                ' ({"removed": ["id", …]}) or delete it to show every document again.'
            ) from error

    def add(self, ids: Iterable[str]) -> None:
        """Take documents away."""
        self._write(self.ids() | set(ids))

    def restore(self, ids: Iterable[str]) -> None:
        """Let documents be shown again."""
        if kept := self.ids().intersection(ids):
            self._write(self.ids() - kept)

    def _write(self, ids: frozenset[str]) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        aside = self.home / f".{_FILE}.new"
        with aside.open("w", encoding="utf-8") as file:
            json.dump({"removed": sorted(ids)}, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self.home / _FILE)
