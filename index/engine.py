"""The embedded engine: FAISS for the vectors and BM25 for the tokens, opened from a folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.alignment import Vocabulary
from index.background import Signal
from index.lexical import Asked, LexicalIndex
from index.signals import LEXICAL, OF_PASSAGES, Probe
from index.vectors import Vectors

Rows = npt.NDArray[np.int64]
Values = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Readings = Mapping[Signal, Asked]
"""A question as each lexical signal reads it."""

_PASSAGES = "passages"
_SENTENCES = "sentences"
_SENTENCE_STARTS = "sentence_starts.npy"


@dataclass(frozen=True, slots=True)
class Engine:
    """Candidates and exact scores per signal, for passages numbered from 0.

    Attributes:
        passages: One vector a passage.
        sentences: One vector a sentence, in the order of the passages.
        sentence_starts: Shape (passages + 1,): the sentences of passage i are those from
            `sentence_starts[i]` up to `sentence_starts[i + 1]`.
        owners: Shape (sentences,): the passage that each sentence belongs to.
        documents: Shape (passages,): the document that each passage belongs to.
        vocabulary: The words of the passages and what they name, for questions in other words.
        lexical: One inverted index for each lexical signal: over passages or, for the signal of
            whole cases, over documents.
    """

    passages: Vectors
    sentences: Vectors
    sentence_starts: Rows
    owners: Rows
    documents: Rows
    vocabulary: Vocabulary
    lexical: Mapping[Signal, LexicalIndex]

    @classmethod
    def build(
        cls,
        vectors: tuple[Values, Values],
        sentence_starts: Rows,
        documents: Rows,
        vocabulary: Vocabulary,
        tokens: Mapping[Signal, Sequence[Sequence[str]]],
    ) -> "Engine":
        """Index the passages.

        Args:
            vectors: Of the passages and of their sentences, each of shape (n, dimension) and of
                unit length.
            sentence_starts: As the attribute.
            documents: As the attribute.
            vocabulary: As the attribute.
            tokens: Of each passage or, for the signal of whole cases, of each document.
        """
        return cls(
            Vectors.build(vectors[0]),
            Vectors.build(vectors[1]),
            sentence_starts,
            _owners(sentence_starts),
            documents,
            vocabulary,
            {signal: LexicalIndex.build(tokens[signal]) for signal in LEXICAL},
        )

    def save(self, folder: Path) -> None:
        """Write the engine's files into an existing folder."""
        self.passages.save(folder / _PASSAGES)
        self.sentences.save(folder / _SENTENCES)
        np.save(folder / _SENTENCE_STARTS, self.sentence_starts, allow_pickle=False)
        self.vocabulary.save(folder)
        for signal, index in self.lexical.items():
            index.save(folder / signal.value)

    @classmethod
    def load(cls, folder: Path, documents: Rows) -> "Engine":
        """Open what `save` wrote, over the same documents."""
        starts = np.load(folder / _SENTENCE_STARTS, allow_pickle=False)
        return cls(
            Vectors.load(folder / _PASSAGES),
            Vectors.load(folder / _SENTENCES),
            starts,
            _owners(starts),
            documents,
            Vocabulary.load(folder),
            {signal: LexicalIndex.load(folder / signal.value) for signal in LEXICAL},
        )

    def read(self, probe: Probe) -> Readings:
        """Look up the question's tokens in each inverted index."""
        return {signal: index.ask(probe.tokens[signal]) for signal, index in self.lexical.items()}

    def candidates(
        self,
        probe: Probe,
        readings: Readings,
        limit: int,
        admitted: Mask | None = None,
        *,
        exact: bool = False,
    ) -> Rows:
        """Find what any signal puts forward.

        Args:
            probe: The question.
            readings: What `read` gave for it.
            limit: At most so many passages from each signal.
            admitted: Shape (passages,): which passages may be found; None for all.
            exact: Compare every vector, however many there are.

        Returns:
            Passage numbers, in ascending order.
        """
        found = [readings[signal].best(limit, admitted) for signal in OF_PASSAGES]
        found.append(self.passages.nearest(probe.vector, limit, admitted, exact=exact))
        of_admitted = None if admitted is None else admitted[self.owners]
        nearest = self.sentences.nearest(probe.vector, 2 * limit, of_admitted, exact=exact)
        found.append(self.owners[nearest])
        return np.unique(np.concatenate(found))

    def values(self, probe: Probe, readings: Readings, rows: Rows) -> dict[Signal, Values]:
        """Score given passages exactly by every signal.

        Returns:
            Shape (rows,) for each signal.
        """
        documents, members = np.unique(self.documents[rows], return_inverse=True)
        return {
            Signal.WORDS: self.vocabulary.align(probe.words, probe.neighbours, rows),
            Signal.PASSAGE: self.passages.take(rows) @ probe.vector,
            Signal.SENTENCE: self._best_sentences(probe, rows),
            Signal.CASE: readings[Signal.CASE].of(documents)[members],
            **{signal: readings[signal].of(rows) for signal in OF_PASSAGES},
        }

    def passage_vectors(self, rows: Rows) -> Values:
        """Vectors of passages, by number, shape (rows, dimension)."""
        return self.passages.take(rows)

    def sentence_vectors(self, numbers: Rows) -> Values:
        """Vectors of sentences, by number, shape (numbers, dimension)."""
        return self.sentences.take(numbers)

    def sentence_cosines(self, probe: Probe, row: int) -> Values:
        """Cosine of the question and each sentence of a passage."""
        start, end = self.sentence_starts[row], self.sentence_starts[row + 1]
        cosines: Values = self.sentences.take(np.arange(start, end)) @ probe.vector
        return cosines

    def _best_sentences(self, probe: Probe, rows: Rows) -> Values:
        counts = np.diff(self.sentence_starts)[rows]
        ends = np.cumsum(counts)
        offsets = np.arange(counts.sum()) - np.repeat(ends - counts, counts)
        numbers = np.repeat(self.sentence_starts[rows], counts) + offsets
        cosines = self.sentences.take(numbers) @ probe.vector
        best: Values = np.maximum.reduceat(cosines, ends - counts)
        return best


def _owners(sentence_starts: Rows) -> Rows:
    return np.repeat(np.arange(len(sentence_starts) - 1), np.diff(sentence_starts))
