"""Files and folders -> documents in the library; of every file it is told what became of it."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from corpus.atomic import clear_away
from corpus.case_study import CaseStudy
from corpus.document_file import (
    SUFFIX,
    Filed,
    Origin,
    Said,
    file_name,
    read_document,
    write_document,
)
from corpus.glossary import OWN_GLOSSARY
from corpus.gold import OWN_GOLD
from corpus.intake import SIDECAR, Taken, one_line, read_sidecar, take
from corpus.markdown import DocumentError
from corpus.readers.draft import Draft, RefusedError
from corpus.readers.worker import Worker
from corpus.reading_paths import OWN_PATHS
from corpus.removed import Removed
from corpus.starting_questions import OWN_QUESTIONS

LARGEST = 100 * 2**20  # bytes of one file
_NOT_OPENED = "it cannot be opened; look whether it is there and may be read"
_OWN = ("library", "refused", "removed", "history", "generations", "vectors", "replaced-*", ".*")
_OWN_FILES = ("removed.json", OWN_GLOSSARY, OWN_GOLD, OWN_PATHS, OWN_QUESTIONS)
_LONGEST_NAME = 120  # bytes of a refused file's name
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
        replaces: Id and language of the document that a file is a newer version of, where
            somebody has said so.
    """

    home: Path
    bundled: frozenset[str]
    worker: Worker
    countries_of: Callable[[str], set[str]]
    dry: bool = False
    replaces: tuple[str, str] | None = None
    _filed: dict[Path, Filed] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Look at what is there already."""
        self._filed = dict(_readable(self._folder))

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
        files = [found for path in paths for found in self._files(path)]
        for done, (path, root) in enumerate(files, start=1):
            if not _is_sidecar(path):
                yield self._take(path, root, said)
            if progress:
                progress("files", done, len(files))

    @property
    def _folder(self) -> Path:
        return self.home / "library" / "documents"

    def _take(self, path: Path, root: Path, said: Said) -> Outcome:
        content = b""
        try:
            content = _opened(self._content, path, root)
            origin = Origin(
                _reversible(path.resolve()),
                hashlib.sha256(content).hexdigest(),
                datetime.now(UTC).isoformat(timespec="seconds"),
                said.over(read_sidecar(path)),
            )
            before = self._before(origin)
            if before is not None:
                origin = replace(origin, said=origin.said.over(before.origin.said))
                if before.origin.digest == origin.digest and before.origin.said == origin.said:
                    return Outcome(path, Status.UNCHANGED, before.document)
            read = self.worker.read(content, path.name)
            taken = self._placed(_made(read, origin.said, shown(path.name)))
            fixed = bool(origin.said.id) or isinstance(read, CaseStudy)
            document = self._named(taken.document, path, fixed=fixed, before=before)
        except RefusedError as error:
            if not self.dry:
                self._put_aside(path, content, str(error))
            return Outcome(path, Status.REFUSED, reason=str(error))
        self._file(Filed(document, origin), before)
        status = Status.ADDED if before is None else Status.CHANGED
        return Outcome(path, status, document, taken.missing, taken.left_out)

    def _placed(self, taken: Taken) -> Taken:
        named = self.countries_of(taken.document.title)
        if taken.document.country or len(named) != 1:
            return taken
        missing = tuple(field for field in taken.missing if field != "country")
        document = replace(taken.document, country=named.pop())
        return replace(taken, document=document, missing=missing)

    def _before(self, origin: Origin) -> Filed | None:
        """What the same file was made into before, or a file with the same content."""
        removed = Removed(self.home).ids()
        there = [filed for filed in self._filed.values() if filed.document.id not in removed]
        if self.replaces:
            named = (
                filed
                for filed in there
                if (filed.document.id, filed.document.language) == self.replaces
            )
            return next(named, None)
        same_path = (filed for filed in there if filed.origin.path == origin.path)
        same_content = (filed for filed in there if filed.origin.digest == origin.digest)
        return next(same_path, None) or next(same_content, None)

    def _named(
        self, document: CaseStudy, path: Path, *, fixed: bool, before: Filed | None
    ) -> CaseStudy:
        """Give the document an id that no other has, unless they are renderings of one.

        Raises:
            RefusedError: Its id is `fixed`, and another file has it in the same language.
        """
        others = [
            filed
            for filed in self._filed.values()
            if filed.document.id == document.id and filed is not before
        ]
        if fixed:
            if any(other.document.language == document.language for other in others):
                raise RefusedError(
                    f"another file has the id {document.id} in the same language; give one of them"
                    " another id"
                )
            return document
        if before is not None:
            return replace(document, id=before.document.id)
        free = not others and document.id not in self.bundled
        if free or (others and all(_renderings(document, path, other) for other in others)):
            return document
        mark = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:6]
        return replace(document, id=f"{document.id}-{mark}")

    def _file(self, filed: Filed, before: Filed | None) -> None:
        path = self._folder / file_name(filed.document)
        stale = self._folder / file_name(before.document) if before else path
        self._filed.pop(stale, None)
        self._filed[path] = filed
        if not self.dry:
            write_document(filed, self._folder)
            if stale != path:  # only now: whoever is ended in between has one too many, not too few
                stale.unlink(missing_ok=True)
            Removed(self.home).restore([filed.document.id])

    def _put_aside(self, path: Path, content: bytes, reason: str) -> None:
        """Keep a copy of a refused file, and the reason, for staff who look into it."""
        if not content or len(content) > _AT_MOST_ASIDE:
            return
        folder = self.home / "refused"
        ending = shown(path.name).encode()[-_LONGEST_NAME:].decode(errors="ignore")
        name = f"{hashlib.sha256(content).hexdigest()[:8]}-{ending}"
        told = f"{shown(path)}\n{reason}\n"
        with suppress(OSError):  # the reason has been told; the copy is for convenience
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
            (folder / f"{name}.reason.txt").write_text(told, encoding="utf-8")

    def _files(self, path: Path) -> Iterator[tuple[Path, Path]]:
        """Every file at or below a path, with the folder that it must not lead out of.

        What lies in the hub's own folder is not what was taken in, but what came of it: of that
        only the folder is named.
        """
        home = self.home.resolve()
        if not _is_folder(path):
            yield path, path.absolute().parent.resolve()
            return
        root = path.resolve()
        if root == home or not root.is_relative_to(home):
            own = [path for name in _OWN for path in self.home.glob(name)]
            hidden = [folder.resolve() for folder in own if folder.is_dir()]
            for found in sorted(path.rglob("*")):
                inside = found.parent.resolve()
                if any(inside.is_relative_to(folder) for folder in hidden):
                    continue
                if found.parent.resolve() == home and found.name in _OWN_FILES:
                    continue
                closed = _is_folder(found) and not os.access(found, os.R_OK | os.X_OK)
                if closed or not _is_folder(found) or found.is_symlink():
                    yield found, root
        else:
            yield path, root

    def _content(self, path: Path, root: Path) -> bytes:
        """Read a file, if it is one that may be read."""
        if path.is_symlink() and not path.resolve().is_relative_to(root):
            raise RefusedError(
                "it is a link that leads out of its folder; put the file itself there"
            )
        if path.is_dir():
            raise RefusedError(
                "it is a folder that cannot be opened or is not taken in; name the files in it"
            )
        if not path.exists():
            raise RefusedError("there is no such file; name one that is there")
        if not path.is_file():
            raise RefusedError("it is no ordinary file; put an ordinary one in its place")
        size = path.stat().st_size
        if size > LARGEST:
            raise RefusedError(
                f"it has {size // 2**20} MB, and a file may have {LARGEST // 2**20}; split it"
            )
        return path.read_bytes()


def remove(home: Path, ids: Sequence[str]) -> None:
    """Take documents out of every answer, and out of the next generation.

    What was read from a file goes into the folder `removed/`; a file that staff wrote stays.
    """
    Removed(home).add(ids)
    aside = home / "removed"
    for path, filed in _readable(home / "library" / "documents"):
        if filed.document.id in ids:
            aside.mkdir(parents=True, exist_ok=True)
            shutil.move(path, aside / path.name)


def take_back(home: Path, ids: Sequence[str]) -> None:
    """Have documents that were taken away in the next generation again, as they were.

    What has been read from a file anew meanwhile stays as it is.
    """
    folder = home / "library" / "documents"
    for path, filed in _readable(home / "removed"):
        if filed.document.id in ids and not (folder / path.name).exists():
            folder.mkdir(parents=True, exist_ok=True)
            shutil.move(path, folder / path.name)
    # Only now: a document's mark is set after its file is in place.
    Removed(home).restore(ids)


def clear_leftovers(home: Path) -> None:
    """Delete what was left half written by somebody who was ended; it may hold a document's text.

    Where that cannot be deleted, it stays: it is never read.
    """
    for folder in (home, home / "library" / "documents"):
        with suppress(OSError):
            clear_away(folder)


def filed_ids(home: Path) -> frozenset[str]:
    """Ids of the documents that were taken in from files, but for files that are damaged."""
    return frozenset(filed.document.id for _, filed in _readable(home / "library" / "documents"))


def _readable(folder: Path) -> Iterator[tuple[Path, Filed]]:
    """Every document of a folder; one that is damaged is as good as absent: it can be replaced."""
    for path in sorted(folder.glob(f"[!.]*{SUFFIX}")):
        with suppress(DocumentError):
            yield path, read_document(path)


def _opened(read: Callable[[Path, Path], bytes], path: Path, root: Path) -> bytes:
    try:
        return read(path, root)
    except (OSError, RuntimeError):  # of these, the second is a link in a circle
        raise RefusedError(_NOT_OPENED) from None


def _made(read: Draft | CaseStudy, said: Said, name: str) -> Taken:
    if isinstance(read, Draft):
        return take(read, said, name)
    given = {key: value for key in ("id", "language", "title") if (value := getattr(said, key))}
    missing = tuple(key for key in _CASE_FIELDS if not getattr(read, key))
    document = replace(read, **given)
    title, place = one_line(document.title) or read.id, one_line(document.place)
    return Taken(replace(document, title=title, place=place), missing, ())


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


def shown(path: Path | str) -> str:
    """A path or name as text that can be printed and stored, whatever bytes it is made of."""
    return os.fsencode(path).decode("utf-8", "replace")


def _reversible(path: Path) -> str:
    """A path as text that no other path is written as, whatever bytes it is made of."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _is_sidecar(path: Path) -> bool:
    """Whether a file is what is said beside another one."""
    other = path.name.removesuffix(SIDECAR)
    return other not in ("", path.name) and path.with_name(other).is_file()


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, RuntimeError):  # a link that leads in a circle
        return False


def counted(outcomes: Sequence[Outcome]) -> Mapping[str, int]:
    """How many files there were of each status."""
    return {status.value: sum(o.status is status for o in outcomes) for status in Status}
