"""The shelf: every document that the index is built from, checked on the way in."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from corpus.case_study import CaseStudy, Pillar
from corpus.document_file import SUFFIX, read_document
from corpus.errors import DiwanError
from corpus.glossary import BUNDLED_GLOSSARY, Term, load_glossary
from corpus.markdown import DocumentError, parse_case_study
from corpus.removed import Removed

BUNDLED = Path(__file__).parent / "case_studies"
_SHARED_FIELDS = ("country", "level", "period", "pillars", "themes")


class LibraryError(DiwanError):
    """Documents that break the schema, or that contradict each other; one sentence a line."""


@dataclass(frozen=True)
class Library:
    """All that an index is built from.

    Attributes:
        cases: Every document, sorted by id and language; at most one for each pair of the two.
        terms: The glossary.
        returned: Marks of the documents that had been removed and were taken in again.
    """

    cases: tuple[CaseStudy, ...]
    terms: tuple[Term, ...] = ()
    returned: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def state(self) -> str:
        """SHA-256 (hexadecimal) over all of it: equal if and only if it is."""
        digest = hashlib.sha256()
        for part in (*self.cases, *self.terms, *sorted(self.returned.items())):
            digest.update(repr(part).encode("utf-8", "surrogatepass"))
            digest.update(b"\0")
        return digest.hexdigest()

    def renderings(self) -> dict[str, int]:
        """Number of documents in each language."""
        return dict(sorted(Counter(case.language for case in self.cases).items()))

    def case_studies(self) -> int:
        """Number of cases, renderings of one counted once."""
        return len({case.id for case in self.cases})

    def countries(self) -> int:
        """Number of different countries."""
        return len({case.country for case in self.cases if case.country})

    def pillars(self) -> dict[str, int]:
        """Number of cases tagged with each pillar."""
        tagged = {(pillar, case.id) for case in self.cases for pillar in case.pillars}
        counts = Counter(pillar for pillar, _ in tagged)
        return {pillar.value: counts[pillar] for pillar in Pillar}


def load_library(
    folders: Iterable[Path],
    glossaries: Iterable[Path] = (BUNDLED_GLOSSARY,),
    removed: Removed | None = None,
) -> Library:
    """Read and check every `*.md` and `*.json` file below the folders, and the glossary.

    Args:
        folders: Later folders win: a hub's own document replaces a bundled one with the same id
            and language. A folder that does not exist holds nothing.
        glossaries: Glossary files; see `load_glossary`.
        removed: The list of documents that are left out.

    Returns:
        The library.

    Raises:
        LibraryError: A file breaks the schema, two files in one folder give the same id and
            language, or two renderings of a case disagree.
        GlossaryError: The glossary breaks its form.
        RemovedError: The list of removed documents cannot be read.
    """
    # Before the files: a document's mark is set after its file has been written.
    left_out = removed.ids() if removed else frozenset()
    returned = removed.returned() if removed else {}
    problems: list[str] = []
    cases: dict[tuple[str, str], CaseStudy] = {}
    for folder in folders:
        seen: dict[tuple[str, str], Path] = {}
        for path in sorted((*folder.rglob("*.md"), *folder.rglob(f"*{SUFFIX}"))):
            if path.name.startswith("."):
                continue  # a file that is being written
            try:
                case = read_file(path)
            except DocumentError as error:
                problems.append(str(error))
                continue
            if case.id in left_out:
                continue
            key = (case.id, case.language)
            if key in seen:
                problems.append(
                    f"{path}: id {case.id} in language {case.language} is already given by"
                    f" {seen[key]}; change one of the two ids"
                )
            seen[key] = path
            cases[key] = case
    ordered = tuple(cases[key] for key in sorted(cases))
    problems += disagreements(ordered)
    if problems:
        raise LibraryError("\n".join(problems))
    return Library(ordered, load_glossary(glossaries), returned)


def read_file(path: Path) -> CaseStudy:
    """Read one file of a library.

    Raises:
        DocumentError: It breaks the schema, or cannot be read.
    """
    if path.suffix == SUFFIX:
        return read_document(path).document
    try:
        content = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise DocumentError(
            str(path), [f"line {line}: the file is not saved as UTF-8; save it again as UTF-8"]
        ) from None
    except OSError as error:
        raise DocumentError(str(path), [f"cannot be read: {error.strerror}"]) from None
    return parse_case_study(content, str(path))


def _known(case: CaseStudy, field: str) -> bool:
    return getattr(case, field) not in (None, ())


def disagreements(cases: Iterable[CaseStudy]) -> list[str]:
    """Compare the renderings of each case in what both know and does not depend on language.

    Args:
        cases: Sorted by id.

    Returns:
        A sentence for each field that differs; a library with one is refused.
    """
    problems = []
    for first, second in pairwise(cases):
        if first.id != second.id:
            continue
        problems += [
            f"{first.id}: {field} differs between its renderings in {first.language} and"
            f" {second.language}; make them equal"
            for field in _SHARED_FIELDS
            if getattr(first, field) != getattr(second, field)
            and _known(first, field)
            and _known(second, field)
        ]
    return problems
