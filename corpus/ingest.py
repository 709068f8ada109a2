"""Files and folders -> documents in the library; of every file it is told what became of it."""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from corpus.case_study import CaseStudy
from corpus.document_file import SUFFIX, Filed, Origin, file_name, read_document, write_document
from corpus.intake import SIDECAR, Said, Taken, digest, read_sidecar, take
from corpus.readers.draft import Draft, RefusedError
from corpus.readers.worker import Worker
from corpus.removed import Removed

LARGEST = 100 * 2**20  # bytes of one file
_CASE_FIELDS = ("country", "place", "level", "pillars")
_AT_MOST_ASIDE = 20 * 2**20  # bytes; a larger refused file stays only where it is

Progress = Callable[[str, int, int], None]
"""Called with `files`, how many are done, and how many there are."""


class Status(StrEnum):
    """What became of a file."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file.

    Attributes:
        path: The file.
        status: What became of it.
        document: What it was made into; None if it was refused.
        missing: Names of the fields that nothing is known of.
        left_out: What of the file is not in the document, one sentence each.
        reason: Why it was refused, and what to do; None if it was not.
    """

    path: Path
    status: Status
    document: CaseStudy | None = None
    missing: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    reason: str | None = None


@dataclass
class Intake:
    """Takes files into a hub's library.

    Attributes:
        home: The hub's folder.
        bundled: Ids of documents that come with Diwan, which no file name may take by chance.
        worker: Reads the files.
        countries_of: Finds the countries that a text names; where a title names one, and nothing
            else is said, that is the document's.
        dry: Whether nothing is to be changed.
    """

    home: Path
    bundled: frozenset[str]
    worker: Worker
    countries_of: Callable[[str], set[str]]
    dry: bool = False
    _filed: dict[Path, Filed] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Look at what is there already."""
        found = sorted(self._folder.glob(f"[!.]*{SUFFIX}"))
        self._filed = {path: read_document(path) for path in found}

    def take_all(
        self, paths: Sequence[Path], said: Said, progress: Progress | None = None
    ) -> Iterator[Outcome]:
        """Take in files, and all files below folders.

        Args:
            paths: Files and folders.
            said: What is said of all of them.
            progress: Told how far it is.

        Yields:
            One outcome for each file, in the order of their paths.
        """
        files = [found for path in paths for found in _files(path)]
        for done, (path, root) in enumerate(files, start=1):
            if not (path.name.endswith(SIDECAR) and path.with_suffix("").is_file()):
                yield self._take(path, root, said)
            if progress:
                progress("files", done, len(files))

    @property
    def _folder(self) -> Path:
        return self.home / "library" / "documents"

    def _take(self, path: Path, root: Path, said: Said) -> Outcome:
        content = b""
        try:
            content = _content(path, root)
            told = said.over(read_sidecar(path))
            origin = Origin(
                str(path.resolve()),
                digest(content, told),
                datetime.now(UTC).isoformat(timespec="seconds"),
            )
            if (same := self._same(origin)) is not None:
                return Outcome(path, Status.UNCHANGED, same.document)
            taken = _made(self.worker.read(content, path.name), told, path.name)
            before = self._before(origin)
            taken = self._placed(taken)
            document = self._named(taken.document, path, told, before)
            if not self.dry:
                self._file(Filed(document, origin), before)
        except RefusedError as error:
            if not self.dry:
                self._put_aside(path, content, str(error))
            return Outcome(path, Status.REFUSED, reason=str(error))
        status = Status.ADDED if before is None else Status.CHANGED
        return Outcome(path, status, document, taken.missing, taken.left_out)

    def _placed(self, taken: Taken) -> Taken:
        named = self.countries_of(taken.document.title)
        if taken.document.country or len(named) != 1:
            return taken
        missing = tuple(field for field in taken.missing if field != "country")
        document = replace(taken.document, country=named.pop())
        return replace(taken, document=document, missing=missing)

    def _same(self, origin: Origin) -> Filed | None:
        """What the same content and the same words beside it were made into before."""
        removed = Removed(self.home).ids()
        for filed in self._filed.values():
            if filed.origin.digest == origin.digest and filed.document.id not in removed:
                return filed
        return None

    def _before(self, origin: Origin) -> Filed | None:
        """What the same file was made into before it was edited."""
        same = (filed for filed in self._filed.values() if filed.origin.path == origin.path)
        return next(same, None)

    def _named(
        self, document: CaseStudy, path: Path, said: Said, before: Filed | None
    ) -> CaseStudy:
        """Give the document an id that no other has, unless they are renderings of one."""
        if said.id or document.is_case_study:
            return document
        if before is not None:
            return replace(document, id=before.document.id)
        others = [filed for filed in self._filed.values() if filed.document.id == document.id]
        free = not others and document.id not in self.bundled
        if free or (others and all(_renderings(document, path, other) for other in others)):
            return document
        mark = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:6]
        return replace(document, id=f"{document.id}-{mark}")

    def _file(self, filed: Filed, before: Filed | None) -> None:
        path = write_document(filed, self._folder)
        if before is not None and (stale := self._folder / file_name(before.document)) != path:
            stale.unlink(missing_ok=True)
            self._filed.pop(stale, None)
        self._filed[path] = filed
        Removed(self.home).restore([filed.document.id])

    def _put_aside(self, path: Path, content: bytes, reason: str) -> None:
        """Keep a copy of a refused file, and the reason, for staff who look into it."""
        if not content or len(content) > _AT_MOST_ASIDE:
            return
        folder = self.home / "refused"
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{hashlib.sha256(content).hexdigest()[:8]}-{path.name[-80:]}"
        (folder / name).write_bytes(content)
        (folder / f"{name}.reason.txt").write_text(f"{path}\n{reason}\n", encoding="utf-8")


def remove(home: Path, ids: Sequence[str]) -> None:
    """Take documents out of every answer, and out of the next generation.

    What was read from a file goes into the folder `removed/`; a file that staff wrote stays.
    """
    Removed(home).add(ids)
    folder = home / "library" / "documents"
    aside = home / "removed"
    for path in sorted(folder.glob(f"[!.]*{SUFFIX}")):
        if read_document(path).document.id in ids:
            aside.mkdir(parents=True, exist_ok=True)
            shutil.move(path, aside / path.name)


def _made(read: Draft | CaseStudy, said: Said, name: str) -> Taken:
    if isinstance(read, Draft):
        return take(read, said, name)
    given = {key: value for key in ("id", "language", "title") if (value := getattr(said, key))}
    missing = tuple(key for key in _CASE_FIELDS if not getattr(read, key))
    return Taken(replace(read, **given), missing, ())


def _renderings(document: CaseStudy, path: Path, other: Filed) -> bool:
    """Whether two files are one document in two languages.

    They are if they have one name, in folders side by side that are named by the languages that
    their texts are in, as in `en/starting.md` and `ar/starting.md`.
    """
    beside = Path(other.origin.path)
    return (
        document.language != other.document.language
        and beside.name == path.name
        and beside.parent.parent == path.resolve().parent.parent
        and path.resolve().parent.name == document.language
        and beside.parent.name == other.document.language
    )


def _files(path: Path) -> Iterator[tuple[Path, Path]]:
    """Every file at or below a path, with the folder that it must not lead out of."""
    if path.is_dir():
        root = path.resolve()
        for found in sorted(path.rglob("*")):
            if not found.is_dir() or found.is_symlink():
                yield found, root
    else:
        yield path, path.resolve().parent


def _content(path: Path, root: Path) -> bytes:
    """Read a file, if it is one that may be read."""
    if path.is_symlink() and not path.resolve().is_relative_to(root):
        raise RefusedError("it is a link that leads out of its folder; put the file itself there")
    if path.is_symlink() and path.is_dir():
        raise RefusedError("it is a link to a folder; name the folder itself")
    if not path.exists():
        raise RefusedError("there is no such file")
    if not path.is_file():
        raise RefusedError("it is no ordinary file")
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise RefusedError(
                f"it has {size // 2**20} MB, and a file may have {LARGEST // 2**20}; split it"
            )
        return path.read_bytes()
    except OSError as error:
        raise RefusedError(f"it cannot be opened: {error.strerror}") from None


def counted(outcomes: Sequence[Outcome]) -> Mapping[str, int]:
    """How many files there were of each status."""
    return {status.value: sum(o.status is status for o in outcomes) for status in Status}
