"""The file that a backup is: a compressed tar that says first what it holds, checked when read."""

import gzip
import hashlib
import io
import json
import os
import re
import shutil
import stat
import tarfile
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, BinaryIO

from corpus.atomic import flush
from server.backup_parts import belongs, is_document
from server.terminal import CannotError

FORMAT = 1  # raised whenever a backup of the newer kind cannot be read by an older program
CONTENTS = "diwan-backup.json"
_LONGEST_CONTENTS = 128 * 2**20  # bytes; some 700,000 files
_CHUNK = 2**16  # bytes; no read is longer, whatever a header asks for
_LEVEL = 6
_SHARE = 0.9  # of the free space, which a restore may take
_CODING = "utf-8"  # of names; bytes that are no text pass through
_VERSION = r"[0-9A-Za-z.+-]{1,40}"
_GENERATION = r"[0-9A-Za-z][0-9A-Za-z._-]{0,200}"
_OWNERS, _READABLE = 0o600, 0o644  # a restored file's rights: at least, and at most
_DAMAGED = (
    tarfile.TarError,
    gzip.BadGzipFile,
    zlib.error,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    OverflowError,
    RecursionError,
    FileExistsError,  # two members of one name, or one below another
    NotADirectoryError,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a file before it is read.

    Attributes:
        sha256: Of its content, hexadecimal.
        size: In bytes.
    """

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup says of itself.

    Attributes:
        created: ISO 8601 date and time, UTC.
        version: Of the program that wrote it.
        generation: Name of the generation that served; None where there was none.
        files: Every file by its path within the hub's folder.
    """

    created: str
    version: str
    generation: str | None
    files: Mapping[str, Entry]

    @property
    def documents(self) -> int:
        """How many documents of the hub's own it holds, each rendering counted."""
        return sum(map(is_document, self.files))


def write_archive(path: Path, sources: Mapping[str, Path], generation: str | None) -> Contents:
    """Write a backup, flush it to disk and read it back.

    Args:
        path: A file that does not exist yet. Nobody but its owner will be able to read it.
        sources: Where to read each file of the backup, by its path within the hub's folder.
            Nobody may be writing there.
        generation: Name of the generation among them.

    Raises:
        CannotError: It cannot be read back as it was, or there are more files than it can hold.
        OSError: The disk does not take it.
    """
    contents = Contents(
        datetime.now(UTC).isoformat(timespec="seconds"),
        metadata.version("diwan"),
        generation,
        {name: _entry_of(source) for name, source in sources.items()},
    )
    first = json.dumps({"format": FORMAT, **asdict(contents)}).encode()
    if len(first) > _LONGEST_CONTENTS:
        raise CannotError(f"{len(sources)} files are more than one backup can hold.")
    with path.open("xb") as file:
        os.fchmod(file.fileno(), 0o600)
        with (
            gzip.GzipFile("", "wb", _LEVEL, file, mtime=0) as packed,
            tarfile.open(
                fileobj=packed, mode="w", format=tarfile.PAX_FORMAT, encoding=_CODING
            ) as tar,
        ):
            tar.addfile(_member(CONTENTS, len(first)), io.BytesIO(first))
            for name, entry in contents.files.items():
                with sources[name].open("rb") as content:
                    mode = os.fstat(content.fileno()).st_mode
                    tar.addfile(_member(name, entry.size, mode), content)
        file.flush()
        os.fsync(file.fileno())
    try:
        kept = read_archive(path) == contents
    except CannotError:
        kept = False
    if not kept:
        raise CannotError(
            "The backup cannot be read back as it was written: the disk that it is written to may"
            " be failing. Name a file on another one."
        )
    return contents


def read_archive(path: Path, into: Path | None = None) -> Contents:
    """Check a backup from its first byte to its last.

    Args:
        path: The backup, or whatever was given as one.
        into: An empty folder that its files are written into and flushed; None to only check.

    Raises:
        CannotError: It is no backup, it is damaged, it holds what no backup holds, a newer program
            wrote it, or it is larger than the free space.
        OSError: It cannot be opened, or the disk does not take what it holds.
    """
    with path.open("rb") as file, gzip.GzipFile(fileobj=file) as packed:
        try:
            return _read(path, _Onward(packed), into)
        except _DAMAGED as error:
            raise _damaged(path) from error
        except OSError as error:
            if error.errno is not None:
                raise
            raise _damaged(path) from error


class _Onward:
    """A file that is read onwards and a little at a time, whatever a header asks for."""

    def __init__(self, file: gzip.GzipFile) -> None:
        self._file = file

    def read(self, size: int) -> bytes:
        if not 0 <= size <= _CHUNK:
            raise tarfile.ReadError("a header is too long")
        return self._file.read(size)

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, position: int) -> int:
        if position < self._file.tell():
            raise tarfile.ReadError("a header leads back")
        return self._file.seek(position)

    def seekable(self) -> bool:
        return True

    def write(self, _content: bytes) -> None:
        raise io.UnsupportedOperation

    def close(self) -> None:
        self._file.close()


def _read(path: Path, file: _Onward, into: Path | None) -> Contents:
    tar, contents = _opened(path, file)
    if into:
        _check_room(path, contents, into)
    left = dict(contents.files)
    for member in iter(tar.next, None):
        expected = left.pop(member.name, None)
        if expected is None or not _is_plain(member) or member.size != expected.size:
            raise _damaged(path)
        target = into / member.name if into else None
        if _taken(_chunks(tar, member), target, member.mode) != expected:
            raise _damaged(path)
    if left or any(file.read(_CHUNK)) or file.read(1):
        raise _damaged(path)  # something is missing, or something follows
    if into:
        for folder in (into, *filter(Path.is_dir, into.rglob("*"))):
            flush(folder)
    return contents


def _opened(path: Path, file: _Onward) -> tuple[tarfile.TarFile, Contents]:
    """Read what a backup says of itself; what the members are is checked later."""
    try:
        tar = tarfile.open(fileobj=file, mode="r:", encoding=_CODING)  # noqa: SIM115 - see `read_archive`
        member = tar.next()
        if member is None or member.name != CONTENTS or not _is_plain(member):
            raise tarfile.ReadError("another file comes first")
        if member.size > _LONGEST_CONTENTS:
            raise tarfile.ReadError("the first file is too large")
        raw = json.loads(b"".join(_chunks(tar, member)))
        newer = raw["format"] > FORMAT
        contents = None if newer else _contents(raw)
    except _DAMAGED as error:
        raise CannotError(
            f"{path} is no backup of Diwan, or it is damaged; nothing was restored. Name a file"
            " that `diwan backup` wrote."
        ) from error
    if contents is None:
        version = str(raw.get("version"))
        raise CannotError(
            f"{path} was written by a newer Diwan"
            + (f" ({version})" if re.fullmatch(_VERSION, version) else "")
            + f", and this is {metadata.version('diwan')}; nothing was restored. Install the newer"
            " one first."
        )
    return tar, contents


def _contents(raw: dict[str, Any]) -> Contents:
    """Check what a backup says of itself.

    Raises:
        ValueError, LookupError, TypeError, AttributeError: It is not what `write_archive` wrote.
    """
    files = {
        name: Entry(str(entry["sha256"]), int(entry["size"]))
        for name, entry in raw["files"].items()
    }
    created = datetime.fromisoformat(raw["created"]).isoformat()
    generation = raw["generation"]
    if generation is not None and not re.fullmatch(_GENERATION, generation):
        raise ValueError("no name of a generation")
    if raw["format"] != FORMAT or any(entry.size < 0 for entry in files.values()):
        raise ValueError("no such format or size")
    if not all(belongs(name, generation) for name in files):
        raise ValueError("a file that no backup holds")
    return Contents(created, str(raw["version"]), generation, files)


def _check_room(path: Path, contents: Contents, into: Path) -> None:
    needed = sum(entry.size for entry in contents.files.values())
    free = shutil.disk_usage(into).free
    if needed > _SHARE * free:
        raise CannotError(
            f"What {path} says it holds has {in_words(needed)}, and {in_words(free)} are"
            f" free where {into.parent} is; nothing was restored. Free some space and try again."
        )


def in_words(size: int) -> str:
    """A size in bytes, to be read by people."""
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{size / 2**10:.1f} KB"


def _is_plain(member: tarfile.TarInfo) -> bool:
    return member.type == tarfile.REGTYPE and not member.issparse()


def _member(name: str, size: int, mode: int = 0o600) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = size, stat.S_IMODE(mode), int(time.time())
    return member


def _chunks(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    content = tar.extractfile(member)
    while content and (chunk := content.read(_CHUNK)):
        yield chunk


def _taken(chunks: Iterable[bytes], target: Path | None, mode: int) -> Entry:
    """Sum up a file, and write it where it is wanted."""
    if target is None:
        return _summed(chunks)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        os.fchmod(file.fileno(), _OWNERS | mode & _READABLE)
        entry = _summed(_written(chunks, file))
        file.flush()
        os.fsync(file.fileno())
    return entry


def _written(chunks: Iterable[bytes], file: BinaryIO) -> Iterator[bytes]:
    for chunk in chunks:
        file.write(chunk)
        yield chunk


def _summed(chunks: Iterable[bytes]) -> Entry:
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
    return Entry(digest.hexdigest(), size)


def _entry_of(path: Path) -> Entry:
    with path.open("rb") as file:
        return _summed(iter(lambda: file.read(_CHUNK), b""))


def _damaged(path: Path) -> CannotError:
    return CannotError(
        f"{path} is damaged: it is not as `diwan backup` wrote it. Nothing was restored; take"
        " another copy of it, or an earlier backup."
    )
