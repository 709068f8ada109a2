"""What a search asks of many passages at once, side by side in arrays."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from corpus.case_study import CaseStudy
from index.passage_table import Counterparts
from index.question import Filters
from index.recent import Recent

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_MASKS = 32 * 2**20  # bytes for what filters asked lately admit


class Columns:
    """Languages, renderings, twins and cases of a generation's passages.

    Args:
        cases: Every document.
        documents: Shape (passages,): the number of each one's document.
        languages: Of each passage.
        counterparts: Of each passage; see `Generation`.
        twins: Of each passage; see `Generation`.
    """

    def __init__(
        self,
        cases: Sequence[CaseStudy],
        documents: Rows,
        languages: Sequence[str],
        counterparts: Sequence[Mapping[str, int]],
        twins: Sequence[int],
    ) -> None:
        self._cases = cases
        self._documents = documents
        self._counterparts = counterparts
        self._rendered: dict[str, Rows] = {}
        self._masks: Recent[Mask] = Recent(_MASKS, lambda mask: mask.nbytes)
        self.languages = np.asarray(languages, dtype=np.str_)
        """Shape (passages,)."""
        self.twins = np.asarray(twins, dtype=np.int64)
        """Shape (passages,)."""

    def cases(self, rows: Rows) -> Rows:
        """Numbers of cases, shape (rows,): renderings of one have one number."""
        return self._case_numbers[self._documents[rows]]

    def rendered(self, language: str) -> Rows:
        """Shape (passages,): the passage that says the same in a language.

        A passage in that language, and one that has no such counterpart, stands for itself.
        """
        known = self._rendered.get(language)
        if known is None:
            known = np.arange(len(self.languages))
            there = self._column(language)
            other = (there >= 0) & (self.languages != language)
            known[other] = there[other]
            self._rendered[language] = known
        return known

    def admitted(self, filters: Filters) -> Mask | None:
        """Shape (passages,): which passages may be found; None for all."""
        if filters == Filters():
            return None
        name = repr(filters)
        known = self._masks.among([name])
        if known:
            return known[name]
        mask = np.array([filters.admit(case) for case in self._cases], bool)[self._documents]
        if filters.passage_lang:
            mask &= self.languages == filters.passage_lang
        self._masks.add({name: mask})
        return mask

    def _column(self, language: str) -> Rows:
        """Shape (passages,): the counterpart in a language, -1 where there is none."""
        if isinstance(self._counterparts, Counterparts):
            return self._counterparts.column(language)
        return np.array([found.get(language, -1) for found in self._counterparts], np.int64)

    @cached_property
    def _case_numbers(self) -> Rows:
        numbers: dict[str, int] = {}
        found = [numbers.setdefault(case.id, len(numbers)) for case in self._cases]
        return np.asarray(found, dtype=np.int64)
