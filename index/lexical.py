"""BM25 over tokens of ours, its scores made comparable between questions."""

import logging
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import bm25s
import numpy as np
import numpy.typing as npt

from index.pace import step_aside
from index.parameters import K1, B

Scores = npt.NDArray[np.float32]

logging.getLogger("bm25s").setLevel(logging.WARNING)


class LexicalIndex:
    """An inverted index of the tokens of passages, or of whole documents.

    A score is the share of the question's information that a text holds: its BM25 score by
    Lucene's formula, divided by the sum of the inverse document frequencies of the question's
    tokens, which that formula cannot exceed. It lies between 0 and 1, whatever the length of the
    question. A token that no text holds counts in the divisor only.

    Source: Robertson and Zaragoza, The Probabilistic Relevance Framework (2009); the bound holds
    because Lucene's term factor tf / (tf + k1 (1 - b + b dl / avgdl)) is below 1.
    """

    def __init__(self, bm25: bm25s.BM25) -> None:
        self._bm25 = bm25
        self._vocabulary: dict[str, int] = bm25.vocab_dict
        self._texts = int(bm25.scores["num_docs"])
        ends: npt.NDArray[np.int64] = np.asarray(bm25.scores["indptr"], dtype=np.int64)
        frequencies = ends[1:] - ends[:-1]
        self._idf = _idf(frequencies, self._texts)
        self._idf_unknown = float(_idf(np.zeros(1, dtype=np.int64), self._texts)[0])

    @classmethod
    def build(cls, documents: Sequence[Sequence[str]]) -> "LexicalIndex":
        """Index the tokens of each text, in order."""
        bm25 = bm25s.BM25(method="lucene", k1=K1, b=B)
        distinct = dict.fromkeys(chain.from_iterable(documents))
        vocabulary = {token: number for number, token in enumerate(distinct)}
        ids = [list(map(vocabulary.__getitem__, tokens)) for tokens in documents]
        # bm25s divides by the mean length: texts without any word get one that nobody asks for.
        nothing = vocabulary.setdefault("", len(vocabulary))
        ids = ids if any(ids) else [[nothing] for _ in ids]
        bm25.index((ids, vocabulary), show_progress=False, create_empty_token=False)
        return cls(bm25)

    def save(self, folder: Path) -> None:
        """Write the index into a folder of its own, as plain arrays and JSON."""
        self._bm25.save(folder, show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """Open what `save` wrote; a file that is cut short later does not matter to it."""
        step_aside()
        return cls(bm25s.BM25.load(folder, mmap=False, show_progress=False))

    def __contains__(self, token: str) -> bool:
        """Whether any text has a token."""
        return token in self._vocabulary

    def __len__(self) -> int:
        """Number of texts."""
        return self._texts

    def scores(self, tokens: Sequence[str]) -> Scores:
        """Score every text that shares a token with the question; the others get 0.

        Args:
            tokens: The question's tokens; repeated ones count once.

        Returns:
            Shape (texts,), each between 0 and 1; all 0 where no token is known.
        """
        unique = dict.fromkeys(tokens)
        known = [self._vocabulary[token] for token in unique if token in self._vocabulary]
        if not known:
            return np.zeros(self._texts, dtype=np.float32)
        most = float(self._idf[known].sum()) + self._idf_unknown * (len(unique) - len(known))
        raw = self._bm25.get_scores_from_ids(known)
        return np.asarray(raw / most, dtype=np.float32)


def _idf(frequencies: npt.NDArray[np.int64], texts: int) -> npt.NDArray[np.float64]:
    """Lucene's inverse document frequency: ln(1 + (N - n + 0.5) / (n + 0.5))."""
    return np.log1p((texts - frequencies + 0.5) / (frequencies + 0.5))
