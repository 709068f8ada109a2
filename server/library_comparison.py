"""What a rebuild would change: the library as it is now beside the generation that serves."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.case_study import CaseStudy
from corpus.library import Library
from corpus.removed import Removed
from index.generation import Generation
from index.parameters import up_to_date
from server.opening import open_library
from server.settings import Settings

_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """How the library differs from a generation.

    Attributes:
        up_to_date: Whether a rebuild would find nothing to do.
        new: Documents that the generation does not hold.
        changed: Documents that it holds otherwise.
        gone: Documents that it holds and the library does not.
        terms: Whether the glossary is another.
    """

    up_to_date: bool
    new: tuple[CaseStudy, ...] = ()
    changed: tuple[CaseStudy, ...] = ()
    gone: tuple[CaseStudy, ...] = ()
    terms: bool = False


def compare(generation: Generation, library: Library, model: str) -> Differences:
    """Compare what serves with the library, document by document.

    Args:
        generation: What serves.
        library: As it is now.
        model: As the setting names it.

    Raises:
        EncoderError: There is no such model.
    """
    before = {(case.id, case.language): case for case in generation.library_cases}
    now = {(case.id, case.language): case for case in library.cases}
    return Differences(
        up_to_date=up_to_date(generation.manifest, library, model),
        new=tuple(case for key, case in now.items() if key not in before),
        changed=tuple(case for key, case in now.items() if before.get(key, case) != case),
        gone=tuple(case for key, case in before.items() if key not in now),
        terms=generation.concepts.terms != library.terms,
    )


class LibraryComparison:
    """Compares the library with what serves, again only once either has changed.

    Args:
        settings: Say where the library is.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._key: _Key | None = None
        self._found = Differences(up_to_date=True)

    def with_what_serves(self, generation: Generation) -> Differences:
        """How the library differs from a generation.

        Raises:
            LibraryError, GlossaryError, RemovedError: The library cannot be read.
            EncoderError: There is no such model as the setting names.
        """
        with self._lock:
            key = (generation.id, *self._state())
            if key != self._key:
                library = open_library(self._settings)
                self._found = compare(generation, library, self._settings.model)
                self._key = key
            return self._found

    def _state(self) -> _Key:
        removed = Removed(self._settings.home)
        returned = frozenset(removed.returned().items())
        return removed.ids(), returned, frozenset(self._files())

    def _files(self) -> Iterator[tuple[str, int, int]]:
        settings = self._settings
        for folder in settings.library_folders:
            for path in folder.rglob("*"):
                yield from _look(path)
        for path in settings.glossary_files:
            yield from _look(path)


def _look(path: Path) -> Iterator[tuple[str, int, int]]:
    try:
        found = path.stat()
    except OSError:
        return
    yield str(path), found.st_mtime_ns, found.st_size
