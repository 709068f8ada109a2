"""The embedded engine: FAISS for the vectors and BM25 for the tokens, opened from a folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import faiss
import numpy as np
import numpy.typing as npt

from index.alignment import Vocabulary
from index.background import Signal
from index.lexical import LexicalIndex
from index.pace import step_aside
from index.signals import LEXICAL, OF_PASSAGES, Probe
from index.threads import share_the_cores

Rows = npt.NDArray[np.int64]
Values = npt.NDArray[np.float32]
Shares = Mapping[Signal, Values]
Mask = npt.NDArray[np.bool_]

_PASSAGES = "passages.faiss"
_SENTENCES = "sentences.faiss"
_SENTENCE_STARTS = "sentence_starts.npy"
_MOST_LOOPS = 1_000_000  # repetitions that a file may ask of FAISS when it is read
_LIMITS = Lock()  # FAISS keeps its limits for the whole process


@dataclass(frozen=True, slots=True)
class Engine:
    """Candidates and exact scores per signal, for passages numbered from 0.

    Attributes:
        passages: Inner products over one vector a passage.
        sentences: Inner products over one vector a sentence, in the order of the passages.
        sentence_starts: Shape (passages + 1,): the sentences of passage i are those from
            `sentence_starts[i]` up to `sentence_starts[i + 1]`.
        owners: Shape (sentences,): the passage that each sentence belongs to.
        documents: Shape (passages,): the document that each passage belongs to.
        vocabulary: The words of the passages and what they name, for questions in other words.
        lexical: One inverted index for each lexical signal: over passages or, for the signal of
            whole cases, over documents.
    """

    passages: faiss.Index
    sentences: faiss.Index
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
        share_the_cores()
        return cls(
            _flat(vectors[0]),
            _flat(vectors[1]),
            sentence_starts,
            _owners(sentence_starts),
            documents,
            vocabulary,
            {signal: LexicalIndex.build(tokens[signal]) for signal in LEXICAL},
        )

    def save(self, folder: Path) -> None:
        """Write the engine's files into an existing folder."""
        (folder / _PASSAGES).write_bytes(faiss.serialize_index(self.passages).data)
        (folder / _SENTENCES).write_bytes(faiss.serialize_index(self.sentences).data)
        np.save(folder / _SENTENCE_STARTS, self.sentence_starts, allow_pickle=False)
        self.vocabulary.save(folder)
        for signal, index in self.lexical.items():
            index.save(folder / signal.value)

    @classmethod
    def load(cls, folder: Path, documents: Rows) -> "Engine":
        """Open what `save` wrote, over the same documents."""
        share_the_cores()
        starts = np.load(folder / _SENTENCE_STARTS, allow_pickle=False)
        return cls(
            _read_flat(folder / _PASSAGES),
            _read_flat(folder / _SENTENCES),
            starts,
            _owners(starts),
            documents,
            Vocabulary.load(folder),
            {signal: LexicalIndex.load(folder / signal.value) for signal in LEXICAL},
        )

    def shares(self, probe: Probe) -> Shares:
        """Score every text by each lexical signal, whoever shares no token with the question by 0.

        Returns:
            Shape (passages,) or, for the signal of whole cases, (documents,).
        """
        return {
            signal: index.scores(probe.tokens[signal]) for signal, index in self.lexical.items()
        }

    def candidates(
        self, probe: Probe, shares: Shares, limit: int, admitted: Mask | None = None
    ) -> Rows:
        """Find what any signal puts forward.

        Args:
            probe: The question.
            shares: What `shares` gave for it.
            limit: At most so many passages from each signal.
            admitted: Shape (passages,): which passages may be found; None for all.

        Returns:
            Passage numbers, in ascending order.
        """
        found = [_best(shares[signal], limit, admitted) for signal in OF_PASSAGES]
        found.append(_nearest(self.passages, probe.vector, limit, admitted))
        admitted_sentences = None if admitted is None else admitted[self.owners]
        nearest = _nearest(self.sentences, probe.vector, 2 * limit, admitted_sentences)
        found.append(self.owners[nearest])
        return np.unique(np.concatenate(found))

    def values(self, probe: Probe, shares: Shares, rows: Rows) -> dict[Signal, Values]:
        """Score given passages exactly by every signal.

        Returns:
            Shape (rows,) for each signal.
        """
        return {
            Signal.WORDS: self.vocabulary.align(probe.words, probe.neighbours, rows),
            Signal.PASSAGE: _vectors(self.passages, rows) @ probe.vector,
            Signal.SENTENCE: self._best_sentences(probe, rows),
            Signal.CASE: shares[Signal.CASE][self.documents[rows]],
            **{signal: shares[signal][rows] for signal in OF_PASSAGES},
        }

    def passage_vectors(self, rows: Rows) -> Values:
        """Vectors of passages, by number, shape (rows, dimension)."""
        return _vectors(self.passages, rows)

    def sentence_vectors(self, numbers: Rows) -> Values:
        """Vectors of sentences, by number, shape (numbers, dimension)."""
        return _vectors(self.sentences, numbers)

    def sentence_cosines(self, probe: Probe, row: int) -> Values:
        """Cosine of the question and each sentence of a passage."""
        start, end = self.sentence_starts[row], self.sentence_starts[row + 1]
        cosines: Values = _vectors(self.sentences, np.arange(start, end)) @ probe.vector
        return cosines

    def _best_sentences(self, probe: Probe, rows: Rows) -> Values:
        counts = np.diff(self.sentence_starts)[rows]
        ends = np.cumsum(counts)
        offsets = np.arange(counts.sum()) - np.repeat(ends - counts, counts)
        numbers = np.repeat(self.sentence_starts[rows], counts) + offsets
        cosines = _vectors(self.sentences, numbers) @ probe.vector
        best: Values = np.maximum.reduceat(cosines, ends - counts)
        return best


def _owners(sentence_starts: Rows) -> Rows:
    return np.repeat(np.arange(len(sentence_starts) - 1), np.diff(sentence_starts))


def _flat(vectors: Values) -> faiss.Index:
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors, dtype=np.float32))
    return index


def _read_flat(path: Path) -> faiss.Index:
    """Read an index; nothing in it may claim to be larger than its file.

    Raises:
        OSError: The file cannot be read.
        RuntimeError: It is no index, or claims more than it holds.
        ValueError: It is another kind of index.
    """
    step_aside()
    with _LIMITS:
        faiss.set_deserialization_vector_byte_limit(path.stat().st_size)
        faiss.set_deserialization_loop_limit(_MOST_LOOPS)
        index = faiss.deserialize_index(np.fromfile(path, dtype=np.uint8))
    if not isinstance(index, faiss.IndexFlatIP):
        raise ValueError(f"{path.name} is an index of another kind")  # noqa: TRY004 - of the file
    return index


def _vectors(index: faiss.Index, rows: Rows) -> Values:
    """Vectors by number, shape (rows, dimension)."""
    return np.asarray(index.reconstruct_batch(rows), dtype=np.float32).reshape(len(rows), index.d)


def _nearest(index: faiss.Index, vector: Values, limit: int, admitted: Mask | None) -> Rows:
    parameters = None
    if admitted is not None:
        bits = np.packbits(admitted, bitorder="little")
        selector = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
        parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
    limit = max(1, min(limit, index.ntotal))
    _, found = index.search(vector[np.newaxis], limit, params=parameters)
    return np.asarray(found[0][found[0] >= 0], dtype=np.int64)


def _best(scores: Values, limit: int, admitted: Mask | None) -> Rows:
    """Passages with the highest scores above 0."""
    if admitted is not None:
        scores = np.where(admitted, scores, 0)
    if limit < len(scores):
        top = np.argpartition(scores, -limit)[-limit:]
    else:
        top = np.arange(len(scores))
    return np.asarray(top[scores[top] > 0], dtype=np.int64)
