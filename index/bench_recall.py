"""How much the approximate search leaves out of what an exact one finds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, cast

import numpy as np

from index.background import Signal
from index.build import Progress
from index.encoder import Encoder
from index.engine import Engine, Mask, Rows, Shares, Values
from index.generation import Generation
from index.hits import Result
from index.question import Question
from index.search import CANDIDATES, search
from index.signals import OF_PASSAGES, Probe

DEPTH = 10  # hits that are compared

_PATIENCE = 60.0  # seconds after which no further question is compared
_LEAST = 10  # but so many are, however long it takes
_ROUNDING = 1e-5  # by which a score may be lower and count as the same
_STRETCH = 8192  # vectors that are compared with a question at a time


@dataclass(frozen=True, slots=True)
class Recall:
    """Shares of what an exact search finds, means over the questions.

    What has the score of the exact tenth is as good as that one and counts as found.

    Attributes:
        hits: Of the first 10 hits.
        passages: Of the 10 passages whose vectors are nearest to the question's.
        sentences: Of the 10 passages with the sentences that are nearest to it.
        questions: How many were compared.
    """

    hits: float
    passages: float
    sentences: float
    questions: int


def measure_recall(
    generation: Generation, encoder: Encoder, questions: Sequence[Question], progress: Progress
) -> Recall:
    """Compare the search with an exact one, for as many questions as there is time for.

    Args:
        generation: Where to look.
        encoder: What encodes the questions.
        questions: At most so many are compared; one or more.
        progress: Told how many are.
    """
    exact = ExactEngine(generation.engine)
    exactly = replace(generation, engine=cast("Engine", exact))
    found: list[tuple[float, float, float]] = []
    began = perf_counter()
    for question in questions:
        if len(found) >= _LEAST and perf_counter() - began > _PATIENCE:
            break
        wanted = search(exactly, encoder, question, DEPTH)
        given = search(generation, encoder, question, DEPTH)
        found.append((share_found(_scores(given), _scores(wanted)), *exact.of_vectors))
        progress("recall", len(found), len(questions))
    hits, passages, sentences = np.mean(found, axis=0).tolist()
    return Recall(hits, passages, sentences, len(found))


def share_found(given: Values, wanted: Values) -> float:
    """Share of what is wanted that was found, by scores alone; 1 where nothing is wanted.

    Args:
        given: Scores of what was found.
        wanted: Scores of what should have been.
    """
    if not len(wanted):
        return 1.0
    as_good = np.count_nonzero(given >= wanted.min() - _ROUNDING)
    return min(int(as_good), len(wanted)) / len(wanted)


class ExactEngine:
    """An engine that finds candidates by comparing each vector with the question's.

    Args:
        engine: What it is in all other respects.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.of_vectors = (1.0, 1.0)
        """Shares of the nearest passages, and of those with the nearest sentences, that the
        engine's own indexes find for the question that was asked last."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the engine has
        """What else an engine has."""
        return getattr(self._engine, name)

    def candidates(
        self, probe: Probe, shares: Shares, limit: int, admitted: Mask | None = None
    ) -> Rows:
        """As `Engine.candidates`."""
        engine = self._engine
        passages = _cosines(engine.passage_vectors, len(engine.documents), probe.vector)
        sentences = _cosines(engine.sentence_vectors, len(engine.owners), probe.vector)
        best = np.maximum.reduceat(sentences, engine.sentence_starts[:-1])
        self.of_vectors = self._compare(probe, passages, best)
        kept = np.ones(len(passages), bool) if admitted is None else admitted
        found = [_top(np.where(kept, shares[signal], 0), limit, 0) for signal in OF_PASSAGES]
        found.append(_top(np.where(kept, passages, -np.inf), limit))
        nearest = np.where(kept[engine.owners], sentences, -np.inf)
        found.append(engine.owners[_top(nearest, 2 * limit)])
        return np.unique(np.concatenate(found))

    def _compare(self, probe: Probe, passages: Values, sentences: Values) -> tuple[float, float]:
        nothing: Mapping[Signal, Values] = dict.fromkeys(OF_PASSAGES, np.zeros_like(passages))
        rows = self._engine.candidates(probe, nothing, CANDIDATES)
        first, second = (
            share_found(cosines[rows], np.sort(cosines)[-DEPTH:])
            for cosines in (passages, sentences)
        )
        return first, second


def _cosines(read: Callable[[Rows], Values], count: int, vector: Values) -> Values:
    """Compare so many vectors, read by their numbers, with one."""
    cosines = np.empty(count, dtype=np.float32)
    for start in range(0, count, _STRETCH):
        numbers = np.arange(start, min(start + _STRETCH, count), dtype=np.int64)
        cosines[numbers] = read(numbers) @ vector
    return cosines


def _top(scores: Values, limit: int, above: float = -np.inf) -> Rows:
    """Numbers of the highest scores, at most so many, that are above a bound."""
    limit = min(limit, len(scores))
    top = np.argpartition(scores, -limit)[-limit:]
    return np.asarray(top[scores[top] > above], dtype=np.int64)


def _scores(result: Result) -> Values:
    return np.array([hit.score for hit in result.hits], dtype=np.float32)
