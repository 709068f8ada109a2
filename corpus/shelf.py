"""Every document that a hub has, as its staff look at them: those that were removed among them."""

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.case_study import CaseStudy
from corpus.document_file import SUFFIX
from corpus.intake import unknown_fields
from corpus.library import BUNDLED, read_file
from corpus.markdown import DocumentError
from corpus.removed import Removed

_Look = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Shelved:
    """One rendering of a document.

    Attributes:
        document: All of it but its text.
        whole: Hash of it with its text, equal within a process for equal documents.
        missing: Names of the fields that nothing is known of.
        own: Whether it is the hub's own rather than bundled.
        is_markdown: Whether it was written as Markdown rather than read from another file.
        removed: Whether it was taken out.
    """

    document: CaseStudy
    whole: int
    missing: tuple[str, ...]
    own: bool
    is_markdown: bool
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What stands on the shelf at one moment.

    Attributes:
        documents: By id and language.
        problems: A sentence for each file that cannot be used.
    """

    documents: tuple[Shelved, ...]
    problems: tuple[str, ...]

    def renderings(self, case_id: str) -> tuple[Shelved, ...]:
        """Every rendering of a document."""
        return tuple(each for each in self.documents if each.document.id == case_id)


class Shelf:
    """Looks at the files of a library, and reads again only those that have changed.

    Args:
        home: The hub's folder.
        bundled: Whether the bundled case studies are part of the library.
    """

    def __init__(self, home: Path, *, bundled: bool = True) -> None:
        self.home = home
        self.bundled = bundled
        self._read: dict[Path, tuple[_Look, Shelved | str]] = {}

    def look(self) -> Look:
        """What there is now; a file that cannot be used hides no other.

        Raises:
            RemovedError: It cannot be told what was removed.
        """
        away = Removed(self.home).ids()
        found: dict[tuple[str, str], Shelved] = {}
        problems: list[str] = []
        # The hub's own takes the place of a bundled one, and what is there of one that is not.
        for folder in ([BUNDLED] if self.bundled else []) + [
            self.home / "removed",
            self.home / "library",
        ]:
            for path in sorted((*folder.rglob("*.md"), *folder.rglob(f"*{SUFFIX}"))):
                if path.name.startswith("."):
                    continue
                entry = self._entry(path)
                if isinstance(entry, str):
                    problems.append(entry)
                    continue
                document = entry.document
                if folder.name == "removed" and document.id not in away:
                    continue  # it was read again since
                key = document.id, document.language
                found[key] = replace(entry, removed=document.id in away)
        return Look(tuple(found[key] for key in sorted(found)), tuple(problems))

    def _entry(self, path: Path) -> Shelved | str:
        look: _Look = ()
        with suppress(OSError):
            status = path.stat()
            look = status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size
        kept = self._read.get(path)
        if kept is None or kept[0] != look:
            kept = self._read[path] = look, self._shelved(path)
        return kept[1]

    def _shelved(self, path: Path) -> Shelved | str:
        try:
            document = read_file(path)
        except DocumentError as error:
            return str(error)
        return Shelved(
            document=replace(document, text="", sections=()),
            whole=hash(document),
            missing=unknown_fields(document),
            own=not path.is_relative_to(BUNDLED),
            is_markdown=path.suffix != SUFFIX,
        )
