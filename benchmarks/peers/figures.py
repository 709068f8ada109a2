"""What a row of the table says, from what its processes did."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from benchmarks.peers.worker import Outcome
from index.bench_retrieval import ndcg, rank_of

Asked = Mapping[str, Sequence[tuple[str, str]]]
"""By language, each question and the id of its paragraph, in the order of asking."""


@dataclass(frozen=True, slots=True)
class Figures:
    """A row's figures.

    Attributes:
        ndcg: NDCG@10 by the languages of questions and passages.
        p50_ms: Median time of a question in milliseconds, over all directions.
        p95_ms: Time that 95 in 100 questions stay below.
        p99_ms: Time that 99 in 100 stay below.
        build_s: Seconds to take the passages in, by their language.
        start_s: Seconds to import and load, the shortest of its processes.
        anonymous_mb: Own resident memory of its largest process, in MB.
        mapped_mb: Resident memory of that process which is of files.
        version: Of its package.
    """

    ndcg: Mapping[tuple[str, str], float]
    p50_ms: float
    p95_ms: float
    p99_ms: float
    build_s: Mapping[str, float]
    start_s: float
    anonymous_mb: float
    mapped_mb: float
    version: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A row without figures.

    Attributes:
        reason: Why, in a line.
    """

    reason: str


def figures_of(asked: Asked, outcomes: Mapping[str, Outcome]) -> Figures:
    """Put a row together.

    Args:
        asked: The questions that each of its processes was asked, language after language.
        outcomes: By the language of the passages.
    """
    quality = dict[tuple[str, str], float]()
    for language, about in product(asked, outcomes):
        answers = _share(outcomes[about].found, asked, language)
        wanted = [document for _, document in asked[language]]
        quality[language, about] = ndcg(
            rank_of(one, found) for one, found in zip(wanted, answers, strict=True)
        )
    times = [took for outcome in outcomes.values() for took in outcome.times_ms]
    p50, p95, p99 = (float(value) for value in np.percentile(times, (50, 95, 99)))
    largest = max(outcomes.values(), key=lambda done: done.anonymous_mb + done.mapped_mb)
    return Figures(
        ndcg=quality,
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        build_s={language: outcome.build_s for language, outcome in outcomes.items()},
        start_s=min(outcome.start_s for outcome in outcomes.values()),
        anonymous_mb=largest.anonymous_mb,
        mapped_mb=largest.mapped_mb,
        version=largest.version,
    )


def mean(values: Iterable[float]) -> float:
    """The arithmetic mean."""
    return float(np.mean(list(values)))


def _share(found: Sequence[Sequence[str]], asked: Asked, language: str) -> Sequence[Sequence[str]]:
    """Cut out the answers to the questions of one language."""
    start = 0
    for other, questions in asked.items():
        if other == language:
            return found[start : start + len(questions)]
        start += len(questions)
    raise KeyError(language)
