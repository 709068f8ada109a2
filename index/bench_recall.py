"""How much the approximate search leaves out of what an exact one finds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
import numpy.typing as npt

from index.build import Progress
from index.encoder import Encoder
from index.fusion import RANKING
from index.generation import Generation
from index.hits import Result
from index.question import Question
from index.search import search
from index.vectors import Vectors

Values = npt.NDArray[np.float32]

DEPTH = 10  # hits that are compared

_PATIENCE = 60.0  # seconds after which no further question is compared
_LEAST = 10  # but so many are, however long it takes
_ROUNDING = 1e-5  # by which a score may be lower and count as the same


@dataclass(frozen=True, slots=True)
class Recall:
    """Shares of what an exact search finds, means over the questions.

    What has the score of the exact tenth is as good as that one and counts as found.

    Attributes:
        hits: Of the first 10 hits.
        passages: Of the 10 passages whose vectors are nearest to the question's.
        sentences: Of the 10 sentences whose vectors are nearest to it.
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
    engine, exactly = generation.engine, replace(RANKING, exact=True)
    found: list[tuple[float, float, float]] = []
    began = perf_counter()
    for question in questions:
        if len(found) >= _LEAST and perf_counter() - began > _PATIENCE:
            break
        wanted = search(generation, encoder, question, DEPTH, exactly)
        given = search(generation, encoder, question, DEPTH)
        vector = encoder.encode_question(question.text)
        found.append(
            (
                share_found(_scores(given), _scores(wanted)),
                _of_vectors(engine.passages, vector),
                _of_vectors(engine.sentences, vector),
            )
        )
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


def _of_vectors(vectors: Vectors, question: Values) -> float:
    """Share of the nearest vectors that are found."""
    given, wanted = (vectors.nearest(question, DEPTH, exact=exact) for exact in (False, True))
    return share_found(vectors.take(given) @ question, vectors.take(wanted) @ question)


def _scores(result: Result) -> Values:
    return np.array([hit.score for hit in result.hits], dtype=np.float32)
