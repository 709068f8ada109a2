"""Vectors of texts that were encoded before: nothing is encoded twice by the same model."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt

from index.encoder import PassageEncoder

Vectors = npt.NDArray[np.float32]

_CREATE = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, sum INTEGER, vector BLOB)"
_AT_ONCE = 500  # keys of one query
# What does not mean that the file is damaged: it is held, or there is no room or no right.
_HELD = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
)
_STRETCH = 2048  # texts that are encoded before their vectors are written down


@dataclass(frozen=True, slots=True)
class CachedEncoder:
    """An encoder that looks into a file before it encodes passages.

    A vector whose sum does not agree, and a file that is no database, count as absent.

    Attributes:
        encoder: What encodes the texts that are not in the file.
        folder: Folder of the files, one for each revision of a model.
    """

    encoder: PassageEncoder
    folder: Path

    @property
    def name(self) -> str:
        """The model's name."""
        return self.encoder.name

    @property
    def revision(self) -> str:
        """Fingerprint of the model's files."""
        return self.encoder.revision

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self.encoder.dimension

    @property
    def path(self) -> Path:
        """The file of this model's vectors."""
        return self.folder / f"{self.revision}.sqlite"

    def encode_passages(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Encode passages, as `Encoder.encode_passages` does, those that are new."""
        keys = [sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        # Where each text stands first: its vector is put there, and copied to where it recurs.
        rows: dict[bytes, int] = {}
        for row, key in enumerate(keys):
            rows.setdefault(key, row)
        known = self._read(rows, vectors)
        new = [(key, row) for key, row in rows.items() if key not in known]
        # Written down in stretches: whoever is interrupted goes on from there.
        for start in range(0, len(new), _STRETCH):
            some = new[start : start + _STRETCH]
            done = len(texts) - len(new) + start
            fresh = self.encoder.encode_passages(
                [texts[row] for _, row in some],
                progress=_from(done, progress) if progress else None,
            )
            self._write({key: vector for (key, _), vector in zip(some, fresh, strict=True)})
            vectors[[row for _, row in some]] = fresh
        for row, key in enumerate(keys):
            if rows[key] != row:
                vectors[row] = vectors[rows[key]]
        return vectors

    def forget(self) -> None:
        """Forget every vector of this model."""
        for path in (self.path, *self.folder.glob(f"{self.path.name}-*")):  # SQLite's own beside it
            path.unlink(missing_ok=True)

    def _read(self, wanted: Mapping[bytes, int], vectors: Vectors) -> set[bytes]:
        """Put what is in the file into its rows of `vectors`, and return the keys found."""
        found: set[bytes] = set()
        if not self.path.exists():
            return found
        unique = list(wanted)
        try:
            with closing(sqlite3.connect(self.path)) as database:
                for start in range(0, len(unique), _AT_ONCE):
                    some = unique[start : start + _AT_ONCE]
                    marks = ",".join("?" * len(some))
                    rows = database.execute(
                        f"SELECT key, sum, vector FROM vectors WHERE key IN ({marks})",  # noqa: S608
                        some,
                    )
                    for key, total, vector in rows:
                        if _is_whole(key, total, vector) and len(vector) == 4 * self.dimension:
                            vectors[wanted[key]] = np.frombuffer(vector, dtype=np.float32)
                            found.add(key)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            self._forget_unless_held(error)
            return set()
        return found

    def _write(self, vectors: dict[bytes, Vectors]) -> None:
        if not vectors:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        rows = (
            (key, _sum(key, vector.tobytes()), vector.tobytes()) for key, vector in vectors.items()
        )
        try:
            with closing(sqlite3.connect(self.path)) as database, database:
                database.execute(_CREATE)
                database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            self._forget_unless_held(error)

    def _forget_unless_held(self, error: Exception) -> None:
        """Forget a damaged file; not one that another process holds, or that has no room."""
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        if code not in _HELD:
            self.forget()


def check_cache(path: Path) -> tuple[int, str | None]:
    """Look through a file of vectors.

    Returns:
        How many vectors it holds, and what is wrong with them; None where nothing is.
    """
    count = damaged = 0
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True)) as database:
            for key, total, vector in database.execute("SELECT key, sum, vector FROM vectors"):
                count += 1
                damaged += not _is_whole(key, total, vector)
            if database.execute("PRAGMA quick_check").fetchone() != ("ok",):
                return count, "the file is damaged"
    except (sqlite3.Error, UnicodeDecodeError) as error:
        return count, f"the file cannot be read: {error}"
    return count, f"{damaged} of {count} vectors are damaged" if damaged else None


def _is_whole(key: object, total: object, vector: object) -> bool:
    return isinstance(key, bytes) and isinstance(vector, bytes) and _sum(key, vector) == total


def _sum(key: bytes, vector: bytes) -> int:
    """Over both: a damaged row number would lead from one key to another's whole vector."""
    return crc32(vector, crc32(key))


def _from(done: int, progress: Callable[[int], None]) -> Callable[[int], None]:
    """Count on from what is done already."""
    return lambda count: progress(done + count)
