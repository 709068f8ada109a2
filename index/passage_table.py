"""Many passages in little memory: their numbers side by side, each passage made when asked for."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from sys import intern
from types import MappingProxyType
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from corpus.case_study import CaseStudy
from index.passages import Passage

_DIGITS = 10  # hexadecimal ones, at the end of a passage's id
_NONE = -1  # stands for what is not there
_NO_COUNTERPARTS: Mapping[str, int] = MappingProxyType({})


class PassageTable(Sequence[Passage]):
    """The passages of a library, some hundred bytes each beside their documents.

    Args:
        cases: The documents.
    """

    def __init__(self, cases: Sequence[CaseStudy]) -> None:
        self._cases = cases
        self.owners = array("i")
        self.languages: list[str] = []
        self._digests = array("Q")
        self._starts = array("i")
        self._ends = array("i")
        self._sentence_starts = array("q", [0])
        self._sentences = array("i")
        self._pages = array("i")
        self._anchors: list[str | None] = []
        self._headings: list[tuple[str, ...]] = []
        self._shared = {part.heading: part.heading for case in cases for part in case.sections}

    def append(self, record: Mapping[str, Any]) -> None:
        """Add a passage, as it is written.

        Raises:
            ValueError: Its id is not one of its document's.
            LookupError: Its document is not there, or a field is not.
            TypeError: A field is of another kind.
            OverflowError: A number is too large.
        """
        owner = record["case"]
        prefix, _, digits = record["id"].rpartition(".")
        digest = int(digits, 16)
        if prefix != _prefix(self._cases[owner]) or digits != f"{digest:0{_DIGITS}x}":
            raise ValueError(f"{record['id']} is no passage of its document")
        heading = tuple(record["heading"])
        self.owners.append(owner)
        self.languages.append(intern(record["language"]))
        self._digests.append(digest)
        self._starts.append(record["start"])
        self._ends.append(record["end"])
        for first, last in record["sentences"]:
            self._sentences.append(first)
            self._sentences.append(last)
        self._sentence_starts.append(len(self._sentences))
        self._pages.append(_NONE if record["page"] is None else record["page"])
        self._anchors.append(record["source_anchor"])
        self._headings.append(self._shared.setdefault(heading, heading))

    def __len__(self) -> int:
        """Number of passages."""
        return len(self.owners)

    @overload
    def __getitem__(self, row: int) -> Passage: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[Passage, ...]: ...
    def __getitem__(self, row: int | slice) -> Passage | tuple[Passage, ...]:
        """A passage by its number, or several."""
        if isinstance(row, slice):
            return tuple(map(self._passage, range(*row.indices(len(self)))))
        return self._passage(range(len(self))[row])

    def __iter__(self) -> Iterator[Passage]:
        """All of them, in order."""
        return map(self._passage, range(len(self)))

    def _passage(self, row: int) -> Passage:
        case = self._cases[self.owners[row]]
        start, end, page = self._starts[row], self._ends[row], self._pages[row]
        bounds = self._sentences[self._sentence_starts[row] : self._sentence_starts[row + 1]]
        return Passage(
            id=f"{_prefix(case)}.{self._digests[row]:0{_DIGITS}x}",
            heading=self._headings[row],
            text=case.text[start:end],
            start=start,
            end=end,
            sentences=tuple(zip(bounds[::2], bounds[1::2], strict=True)),
            language=self.languages[row],
            page=None if page == _NONE else page,
            source_anchor=self._anchors[row],
        )


class Counterparts(Sequence[Mapping[str, int]]):
    """For each passage, the numbers of those that say the same, by their languages."""

    def __init__(self) -> None:
        self._count = 0
        self._columns: dict[str, array[int]] = {}

    def append(self, found: Mapping[str, int]) -> None:
        """Add what says the same as the next passage."""
        for language, other in found.items():
            column = self._columns.setdefault(intern(language), array("i"))
            column.extend([_NONE] * (self._count - len(column)))
            column.append(other)
        self._count += 1

    def column(self, language: str) -> npt.NDArray[np.int64]:
        """Shape (passages,): what says the same in a language, -1 where nothing does."""
        numbers = np.full(self._count, _NONE, dtype=np.int64)
        column = self._columns.get(language, array("i"))
        numbers[: len(column)] = column
        return numbers

    def __len__(self) -> int:
        """Number of passages."""
        return self._count

    @overload
    def __getitem__(self, row: int) -> Mapping[str, int]: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[Mapping[str, int], ...]: ...
    def __getitem__(self, row: int | slice) -> Mapping[str, int] | tuple[Mapping[str, int], ...]:
        """What says the same as a passage, or as each of several."""
        if isinstance(row, slice):
            return tuple(map(self._of, range(*row.indices(self._count))))
        return self._of(range(self._count)[row])

    def _of(self, row: int) -> Mapping[str, int]:
        found = {
            language: column[row]
            for language, column in self._columns.items()
            if row < len(column) and column[row] != _NONE
        }
        return found or _NO_COUNTERPARTS


def _prefix(case: CaseStudy) -> str:
    return f"{case.id}.{case.language}"
