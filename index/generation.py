"""A generation: everything that a search needs, and the manifest that says what that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
import numpy.typing as npt

from corpus.case_study import CaseStudy
from index.analysis import stems, words
from index.background import Signal
from index.chronicle import Chronicle
from index.columns import Columns
from index.concepts import Concepts
from index.engine import Engine
from index.gazetteer import Gazetteer
from index.manifest import Manifest
from index.passage_table import PassageTable
from index.passages import Passage
from index.recent import Recent
from index.spelling import Spelling

_SHORTEST_STEM = 4  # letters of an Arabic stem; shorter ones are what is left of many words
_AT_ONCE = 4096  # vectors of passages that are read together
_IDS_KEPT = 50_000  # of passages asked for lately, some 10 MB


@dataclass(frozen=True)
class Generation:
    """A generation in memory: documents, passages and the engine over them.

    Attributes:
        manifest: What it was built from.
        library_cases: Every document, sorted by id and language.
        passages: Every passage, numbered from 0 in the engine's order; those of a document
            together, in the order of `library_cases`.
        owners: For each passage, the number of its document in `library_cases`.
        counterparts: For each passage, the number of the passage that says the same, by the
            language of the other rendering.
        countries: For each passage, ISO 3166-1 codes of the countries that it, its case's title
            or its case's place name, and that its case is about.
        twins: For each passage, the number of the first passage that says nearly the same in the
            same language, its own if none does.
        concepts: What is found in passages and questions by name.
        engine: Vectors and tokens of the passages.
        chronicle: Since when each document is in the library, and what became of others.
    """

    manifest: Manifest
    library_cases: tuple[CaseStudy, ...]
    passages: Sequence[Passage]
    owners: Sequence[int]
    counterparts: Sequence[Mapping[str, int]]
    countries: Sequence[frozenset[str]]
    twins: Sequence[int]
    concepts: Concepts
    engine: Engine
    chronicle: Chronicle

    @property
    def id(self) -> str:
        """The generation's name."""
        return self.manifest.id

    def case_of(self, row: int) -> CaseStudy:
        """The document that a passage belongs to."""
        return self.library_cases[self.owners[row]]

    def case(self, case_id: str, language: str) -> CaseStudy | None:
        """One rendering of a case, or None."""
        return self._cases.get(case_id, {}).get(language)

    def renderings(self, case_id: str) -> tuple[CaseStudy, ...]:
        """Every rendering of a case, by language; empty where there is no such case."""
        return tuple(self._cases.get(case_id, {}).values())

    def passages_of(self, case: CaseStudy) -> tuple[Passage, ...]:
        """The passages of a document in reading order."""
        return tuple(self.passages[row] for row in self._rows_of(case.id, case.language))

    def passage(self, passage_id: str) -> tuple[CaseStudy, Passage] | None:
        """A passage by its id, in its document; None where there is none."""
        row = self._row(passage_id)
        return None if row is None else (self.case_of(row), self.passages[row])

    def counterpart(self, passage: Passage, language: str) -> Passage | None:
        """The passage that says the same in another rendering, or None."""
        here = self._row(passage.id)
        there = None if here is None else self.counterparts[here].get(language)
        return None if there is None else self.passages[there]

    def _row(self, passage_id: str) -> int | None:
        """Number of a passage; the ids of a document are read together, and kept for a while."""
        document = passage_id.rpartition(".")[0]
        rows = self._found.among([document]).get(document)
        if rows is None:
            case_id, _, language = document.rpartition(".")
            rows = {self.passages[row].id: row for row in self._rows_of(case_id, language)}
            self._found.add({document: rows})
        return rows.get(passage_id)

    def _rows_of(self, case_id: str, language: str) -> range:
        """Numbers of the passages of a document; none where there is no such document."""
        number = self._documents.get((case_id, language))
        if number is None:
            return range(0)
        first, end = self._starts[number : number + 2].tolist()
        return range(first, end)

    @cached_property
    def document_vectors(self) -> npt.NDArray[np.float32]:
        """Shape (documents, dimension): the mean of each document's passage vectors, made unit.

        In the order of `library_cases`; zeros for a document without passages.
        """
        vectors = np.zeros((len(self.library_cases), self.manifest.dimension), dtype=np.float32)
        for start in range(0, len(self.passages), _AT_ONCE):
            rows = np.arange(start, min(start + _AT_ONCE, len(self.passages)), dtype=np.int64)
            np.add.at(vectors, self.engine.documents[rows], self.engine.passage_vectors(rows))
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.where(norms > 0, norms, 1), dtype=np.float32)

    @cached_property
    def _found(self) -> Recent[Mapping[str, int]]:
        return Recent(_IDS_KEPT, lambda rows: len(rows) + 1)

    @cached_property
    def languages(self) -> Sequence[str]:
        """Language of each passage."""
        if isinstance(self.passages, PassageTable):
            return self.passages.languages
        return tuple(passage.language for passage in self.passages)

    @cached_property
    def columns(self) -> Columns:
        """What a search asks of many passages at once."""
        return Columns(
            self.library_cases,
            self.engine.documents,
            self.languages,
            self.counterparts,
            self.twins,
        )

    @cached_property
    def spoken(self) -> frozenset[str]:
        """The languages that its documents are in."""
        return frozenset(case.language for case in self.library_cases)

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The places that its documents are about."""
        return Gazetteer.of(self.library_cases)

    @cached_property
    def spelling(self) -> Spelling:
        """Tells the names that questions misspell."""
        titles_and_terms, written_in = self._titles_and_terms, frozenset(self.languages)
        held = self.engine.lexical[Signal.STEMS]

        # Does not hold the generation, which holds it: neither would go before the collector comes.
        def holds(word: str) -> bool:
            """Whether a passage, a title or the glossary has a normalised word, or its stem."""
            return word in titles_and_terms or any(
                stem in held and (stem.isascii() or len(stem) >= _SHORTEST_STEM)
                for language in written_in
                for stem in stems([word], language)
            )

        return Spelling.of(self.library_cases, self.gazetteer, holds)

    @cached_property
    def _titles_and_terms(self) -> frozenset[str]:
        terms = (term.variants.values() for term in self.concepts.terms)
        variants = chain.from_iterable(chain.from_iterable(terms))
        titles = (case.title for case in self.library_cases)
        return frozenset(chain.from_iterable(map(words, chain(titles, variants))))

    def same_elsewhere(self, row: int) -> tuple[int, ...]:
        """The other passages that say nearly the same, in other documents."""
        document = self.case_of(row).id
        group = self._groups.get(self.twins[row], ())
        return tuple(other for other in group if self.case_of(other).id != document)

    @cached_property
    def sizes(self) -> npt.NDArray[np.int64]:
        """Shape (passages,): how many passages each one's document has."""
        documents = self.engine.documents
        return np.asarray(np.bincount(documents)[documents], dtype=np.int64)

    @cached_property
    def usual_size(self) -> float:
        """How many passages a document usually has: the median over the library's documents."""
        return float(np.median(np.bincount(self.engine.documents)))

    @cached_property
    def _groups(self) -> dict[int, list[int]]:
        """Those that say nearly the same, by the number of the first, where there are several."""
        groups: dict[int, list[int]] = {}
        twins = np.asarray(self.twins, dtype=np.int64)
        for row in np.flatnonzero(twins != np.arange(len(twins))).tolist():
            twin = self.twins[row]
            groups.setdefault(twin, [twin]).append(row)
        return groups

    @cached_property
    def _cases(self) -> dict[str, dict[str, CaseStudy]]:
        cases: dict[str, dict[str, CaseStudy]] = {}
        for case in self.library_cases:
            cases.setdefault(case.id, {})[case.language] = case
        return cases

    @cached_property
    def _documents(self) -> dict[tuple[str, str], int]:
        return {(case.id, case.language): row for row, case in enumerate(self.library_cases)}

    @cached_property
    def _starts(self) -> npt.NDArray[np.int64]:
        """Shape (documents + 1,): number of each document's first passage."""
        counts = np.bincount(self.owners, minlength=len(self.library_cases))
        return np.concatenate([[0], np.cumsum(counts)], dtype=np.int64)
