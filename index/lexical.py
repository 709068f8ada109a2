"""BM25 over tokens of ours, its scores made comparable between questions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from index.pace import step_aside
from index.parameters import K1, B

Scores = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

PRUNED = 20_000  # texts beyond which those that cannot be among the best are passed over
MAPPED = 50_000  # texts beyond which postings are read from their file when they are needed
_LONG = 4_096  # postings of a token; before a longer list it is seen whether it must be read
_AT_ONCE = 20_000  # texts whose tokens are counted together
_TEXTS = "texts.npy"
_TOKENS, _STARTS, _TOPS = "tokens.txt", "starts.npy", "tops.npy"
_ROWS, _IMPACTS = "rows.npy", "impacts.npy"


@dataclass(frozen=True)
class LexicalIndex:
    """An inverted index of the tokens of passages, or of whole documents.

    A score is the share of the question's information that a text holds: its BM25 score by
    Lucene's formula, divided by the sum of the inverse document frequencies of the question's
    tokens, which that formula cannot exceed. It lies between 0 and 1, whatever the length of the
    question. A token that no text holds counts in the divisor only.

    Source: Robertson and Zaragoza, The Probabilistic Relevance Framework (2009); the bound holds
    because Lucene's term factor tf / (tf + k1 (1 - b + b dl / avgdl)) is below 1.

    Attributes:
        texts: Number of texts.
        tokens: Number of each token.
        starts: Shape (tokens + 1,): token i stands in the texts
            `rows[starts[i] : starts[i + 1]]`.
        rows: Numbers of texts, ascending for each token, int32.
        impacts: What each adds to the text's BM25 score, float32.
        tops: Shape (tokens,): the largest impact of each.
    """

    texts: int
    tokens: dict[str, int]
    starts: Rows
    rows: npt.NDArray[np.int32]
    impacts: Scores
    tops: Scores

    @classmethod
    def build(cls, documents: Iterable[Sequence[str]]) -> "LexicalIndex":
        """Index the tokens of each text, in order."""
        tokens: dict[str, int] = {}
        parts, lengths = [], [np.zeros(0, np.int64)]
        texts = iter(documents)
        while some := list(islice(texts, _AT_ONCE)):
            first = sum(map(len, lengths))
            lengths.append(np.fromiter(map(len, some), np.int64, len(some)))
            parts.append(_counted(some, tokens, lengths[-1], first))
        every = np.concatenate(lengths)
        frequencies = np.zeros(len(tokens), np.int64)
        for numbers, _, _ in parts:
            np.add.at(frequencies, numbers, 1)
        starts = np.concatenate(([0], np.cumsum(frequencies)))
        rows = np.empty(starts[-1], np.int32)
        impacts = np.empty(starts[-1], np.float32)
        idf = _idf(frequencies, len(every))
        usual = every.mean() if every.any() else 1.0
        ends = starts[:-1].copy()  # of what is written for each token so far
        for numbers, held_by, counts in parts:  # each sorted by token, then by text
            places = _places(numbers, ends)
            rows[places] = held_by
            norm = K1 * (1 - B + B * every[held_by] / usual)
            impacts[places] = idf[numbers] * (counts / (counts + norm))
        tops = np.maximum.reduceat(impacts, starts[:-1]) if tokens else impacts
        return cls(len(every), tokens, starts, rows, impacts, tops)

    def save(self, folder: Path) -> None:
        """Write the index into a folder of its own, as plain arrays and a list of tokens."""
        folder.mkdir()
        lines = "".join(f"{token}\n" for token in self.tokens)
        (folder / _TOKENS).write_text(lines, "utf-8", "surrogatepass", newline="\n")
        for name, array in (
            (_TEXTS, np.int64(self.texts)),
            (_STARTS, self.starts),
            (_ROWS, self.rows),
            (_IMPACTS, self.impacts),
            (_TOPS, self.tops),
        ):
            np.save(folder / name, array, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """Open what `save` wrote.

        A large one is mapped into memory; a small one is read, so that what becomes of its files
        does not matter to it.

        Raises:
            OSError: A file cannot be read.
            ValueError: The files do not belong together.
        """
        step_aside()
        texts = int(np.load(folder / _TEXTS, allow_pickle=False))
        mode: Literal["r"] | None = "r" if texts > MAPPED else None
        starts, tops = (np.load(folder / name, allow_pickle=False) for name in (_STARTS, _TOPS))
        rows, impacts = (
            np.load(folder / name, mmap_mode=mode, allow_pickle=False) for name in (_ROWS, _IMPACTS)
        )
        lines = (folder / _TOKENS).read_text("utf-8", "surrogatepass").split("\n")[:-1]
        tokens = {token: number for number, token in enumerate(lines)}
        if not len(tokens) == len(lines) == len(tops) == len(starts) - 1 or not (
            len(rows) == len(impacts) == starts[-1]
        ):
            raise ValueError(f"the files of {folder.name} do not belong together")
        return cls(texts, tokens, starts, rows, impacts, tops)

    def __contains__(self, token: str) -> bool:
        """Whether any text has a token."""
        return token in self.tokens

    def __len__(self) -> int:
        """Number of texts."""
        return self.texts

    def ask(self, tokens: Sequence[str]) -> "Asked":
        """Read a question's tokens; repeated ones count once."""
        unique = dict.fromkeys(tokens)
        known = [self.tokens[token] for token in unique if token in self.tokens]
        lengths = [int(self.starts[number + 1] - self.starts[number]) for number in known]
        idf = _idf(np.asarray(lengths, np.int64), self.texts)
        strange = _idf(np.zeros(1, np.int64), self.texts)[0]
        most = float(idf.sum() + strange * (len(unique) - len(known)))
        order = np.argsort(lengths, kind="stable").tolist()
        return Asked(self, [known[place] for place in order], max(most, 1e-9))


@dataclass(frozen=True)
class Asked:
    """A question to an inverted index.

    Attributes:
        index: The index.
        known: Its tokens that the index has, the rarest first.
        most: What no score exceeds; scores are shares of it.
    """

    index: LexicalIndex
    known: Sequence[int]
    most: float

    def of(self, rows: Rows) -> Scores:
        """Score texts, shape (rows,), each between 0 and 1."""
        if self._is_small:
            return self._all[rows]
        return np.asarray(self._gained(rows, self.known) / self.most, np.float32)

    def best(self, limit: int, admitted: Mask | None = None) -> Rows:
        """Find the texts with the highest scores above 0.

        Args:
            limit: At most so many.
            admitted: Shape (texts,): which may be found; None for all.
        """
        if self._is_small:
            scores = self._all if admitted is None else np.where(admitted, self._all, 0)
            return _highest(np.flatnonzero(scores), scores, limit)
        return self._best_of_many(limit, admitted)

    def _best_of_many(self, limit: int, admitted: Mask | None) -> Rows:
        """Read the lists of the rarest tokens, and of the others only what may matter.

        Once the tokens that are left cannot lift a text that has none of those before among the
        best, only texts seen so far are looked up in their lists. Nothing is lost by it.

        Source: MaxScore: Turtle and Flood, Query Evaluation: Strategies and Optimizations (1995).
        """
        scores = np.zeros(self.index.texts, np.float32)
        tops = self.index.tops[list(self.known)]
        left = float(tops.sum())
        live, rest = None, len(self.known)
        for place, token in enumerate(self.known):
            start, end = self.index.starts[token : token + 2]
            if end - start > _LONG:
                live = _seen(scores, admitted)
                if len(live) >= limit:
                    bar = np.partition(scores[live], -limit)[-limit]
                    if bar >= left:
                        live, rest = live[scores[live] >= bar - left], place
                        break
            scores[self.index.rows[start:end]] += self.index.impacts[start:end]
            left -= float(tops[place])
        else:
            live = _seen(scores, admitted)
        scores[live] += self._gained(live, self.known[rest:])
        return _highest(live, scores, limit)

    def _gained(self, rows: Rows, tokens: Sequence[int]) -> Scores:
        """What texts gain by tokens, shape (rows,)."""
        gained = np.zeros(len(rows), np.float32)
        if not len(rows):
            return gained
        for token in tokens:
            start, end = self.index.starts[token : token + 2]
            held_by = self.index.rows[start:end]
            places = np.minimum(np.searchsorted(held_by, rows), end - start - 1)
            found = held_by[places] == rows
            gained[found] += self.index.impacts[start:end][places[found]]
        return gained

    @property
    def _is_small(self) -> bool:
        return self.index.texts <= PRUNED

    @cached_property
    def _all(self) -> Scores:
        """Every text's score; 0 where it has none of the tokens."""
        scores = np.zeros(self.index.texts, np.float32)
        for token in self.known:
            start, end = self.index.starts[token : token + 2]
            scores[self.index.rows[start:end]] += self.index.impacts[start:end]
        return np.asarray(scores / self.most, np.float32)


def _counted(
    texts: Sequence[Sequence[str]], tokens: dict[str, int], lengths: Rows, first: int
) -> tuple[Rows, npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Count the tokens of texts, and number those that are new.

    Returns:
        Number of a token, number of a text, and how often the one stands in the other; sorted.
    """
    said = list(chain.from_iterable(texts))
    for token in dict.fromkeys(said):
        tokens.setdefault(token, len(tokens))
    numbers = np.fromiter(map(tokens.__getitem__, said), np.int64, len(said))
    places = np.repeat(np.arange(len(texts)), lengths)
    pairs, counts = np.unique(numbers * len(texts) + places, return_counts=True)
    return (
        pairs // len(texts),
        (first + pairs % len(texts)).astype(np.int32),
        counts.astype(np.int32),
    )


def _places(numbers: Rows, ends: Rows) -> Rows:
    """Where the next postings of tokens, sorted by token, go; `ends` moves on behind them."""
    found, firsts, counts = np.unique(numbers, return_index=True, return_counts=True)
    places = np.repeat(ends[found] - firsts, counts) + np.arange(len(numbers))
    ends[found] += counts
    return np.asarray(places, np.int64)


def _seen(scores: Scores, admitted: Mask | None) -> Rows:
    seen = np.flatnonzero(scores)
    return seen if admitted is None else seen[admitted[seen]]


def _highest(rows: Rows, scores: Scores, limit: int) -> Rows:
    """Of some texts, those with the highest scores."""
    if limit >= len(rows):
        return rows
    return np.asarray(rows[np.argpartition(scores[rows], -limit)[-limit:]], np.int64)


def _idf(frequencies: npt.NDArray[np.int64], texts: int) -> npt.NDArray[np.float64]:
    """Lucene's inverse document frequency: ln(1 + (N - n + 0.5) / (n + 0.5))."""
    return np.log1p((texts - frequencies + 0.5) / (frequencies + 0.5))
