"""A generation: everything that a search needs, and the manifest that says what that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
import numpy.typing as npt

from corpus.case_study import CaseStudy
from index.analysis import stems, words
from index.background import Signal
from index.chronicle import Chronicle
from index.concepts import Concepts
from index.engine import Engine
from index.gazetteer import Gazetteer
from index.manifest import Manifest
from index.passages import Passage
from index.spelling import Spelling

_SHORTEST_STEM = 4  # letters of an Arabic stem; shorter ones are what is left of many words


@dataclass(frozen=True)
class Generation:
    """A generation in memory: documents, passages and the engine over them.

    Attributes:
        manifest: What it was built from.
        library_cases: Every document, sorted by id and language.
        passages: Every passage, numbered from 0 in the engine's order.
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
    passages: tuple[Passage, ...]
    owners: tuple[int, ...]
    counterparts: tuple[Mapping[str, int], ...]
    countries: tuple[frozenset[str], ...]
    twins: tuple[int, ...]
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
        return self._passages[case.id, case.language]

    def passage(self, passage_id: str) -> tuple[CaseStudy, Passage] | None:
        """A passage by its id, in its document; None where there is none."""
        row = self._rows.get(passage_id)
        return None if row is None else (self.case_of(row), self.passages[row])

    def counterpart(self, passage: Passage, language: str) -> Passage | None:
        """The passage that says the same in another rendering, or None."""
        row = self.counterparts[self._rows[passage.id]].get(language)
        return None if row is None else self.passages[row]

    @cached_property
    def document_vectors(self) -> npt.NDArray[np.float32]:
        """Shape (documents, dimension): the mean of each document's passage vectors, made unit.

        In the order of `library_cases`; zeros for a document without passages.
        """
        passages = self.engine.passage_vectors(np.arange(len(self.passages), dtype=np.int64))
        vectors = np.zeros((len(self.library_cases), self.manifest.dimension), dtype=np.float32)
        np.add.at(vectors, np.asarray(self.owners, dtype=np.int64), passages)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.where(norms > 0, norms, 1), dtype=np.float32)

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {passage.id: row for row, passage in enumerate(self.passages)}

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Language of each passage."""
        return tuple(passage.language for passage in self.passages)

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
        return Spelling.of(self.library_cases, self.gazetteer, self._holds)

    def _holds(self, word: str) -> bool:
        """Whether a passage, a title or the glossary has a normalised word, or its stem."""
        if word in self._titles_and_terms:
            return True
        held = self.engine.lexical[Signal.STEMS]
        return any(
            stem in held and (stem.isascii() or len(stem) >= _SHORTEST_STEM)
            for language in self._written_in
            for stem in stems([word], language)
        )

    @cached_property
    def _written_in(self) -> frozenset[str]:
        return frozenset(self.languages)

    @cached_property
    def _titles_and_terms(self) -> frozenset[str]:
        terms = (term.variants.values() for term in self.concepts.terms)
        variants = chain.from_iterable(chain.from_iterable(terms))
        titles = (case.title for case in self.library_cases)
        return frozenset(chain.from_iterable(map(words, chain(titles, variants))))

    def same_elsewhere(self, row: int) -> tuple[int, ...]:
        """The other passages that say nearly the same, in other documents."""
        document = self.case_of(row).id
        group = self._groups[self.twins[row]]
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
        groups: dict[int, list[int]] = {}
        for row, twin in enumerate(self.twins):
            groups.setdefault(twin, []).append(row)
        return groups

    @cached_property
    def _cases(self) -> dict[str, dict[str, CaseStudy]]:
        cases: dict[str, dict[str, CaseStudy]] = {}
        for case in self.library_cases:
            cases.setdefault(case.id, {})[case.language] = case
        return cases

    @cached_property
    def _passages(self) -> dict[tuple[str, str], tuple[Passage, ...]]:
        found: dict[tuple[str, str], list[Passage]] = {
            (case.id, case.language): [] for case in self.library_cases
        }
        for owner, passage in zip(self.owners, self.passages, strict=True):
            case = self.library_cases[owner]
            found[case.id, case.language].append(passage)
        return {key: tuple(passages) for key, passages in found.items()}
