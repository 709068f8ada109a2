"""What hub staff keep in a file of their own: read when it is asked for, and again once changed."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

Entry = TypeVar("Entry")
_Look = tuple[int, ...] | None
_LOG = logging.getLogger("diwan")


@dataclass(frozen=True, slots=True)
class Kept(Generic[Entry]):
    """What the files hold.

    Attributes:
        entries: As they were read.
        refused: Whether the hub's own file is not among them because it cannot be used.
    """

    entries: tuple[Entry, ...]
    refused: bool = False


class KeptFile(Generic[Entry]):
    """A hub's own file, and the bundled ones under it.

    Args:
        files: The hub's own comes last.
        load: Reads and checks files.
        refusal: What it raises where one of them cannot be used.
    """

    def __init__(
        self,
        files: Sequence[Path],
        load: Callable[[Iterable[Path]], tuple[Entry, ...]],
        refusal: type[Exception],
    ) -> None:
        self._files = tuple(files)
        self._load = load
        self._refusal = refusal
        self._read: tuple[tuple[_Look, ...], Kept[Entry]] | None = None

    def current(self) -> Kept[Entry]:
        """What the files hold now; without the hub's own where that cannot be used."""
        look = tuple(map(_look, self._files))  # before reading: a later change is seen next time
        read = self._read
        if read is None or read[0] != look:
            read = self._read = look, self._reload()
        return read[1]

    def _reload(self) -> Kept[Entry]:
        try:
            return Kept(self._load(self._files))
        except (self._refusal, OSError) as error:
            _LOG.error("What the hub wrote itself is not shown: %s", error)
            return Kept(self._load(self._files[:-1]), refused=True)


def _look(file: Path) -> _Look:
    """What tells a file from one that has been changed; None where it cannot be seen."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size
