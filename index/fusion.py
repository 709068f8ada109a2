"""Several signals -> one score between 0 and 1 that means the same from question to question.

Each signal's value is measured against its background: the mean and spread that it has between
sentences of the library and passages that have nothing to do with them, taken when the generation
is built. What stands out from the background counts, in units of its spread. The weighted sum,
with an allowance for the length of the question, goes through the logistic function.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import exp, inf

import numpy as np
import numpy.typing as npt

from index.background import Background, Signal

Values = npt.NDArray[np.float32]

_LEAST_SPREAD = 0.03  # a signal that hardly varies must not be blown up into noise
MOST_WORDS = 15  # a longer question is allowed no more than this
LEAD = 0.6  # what a lead counts for, in log odds


@dataclass(frozen=True, slots=True)
class Weighing:
    """How the signals are weighed, and what sum makes an answer.

    Attributes:
        weights: By signal, for each spread that it stands above its background.
        ceiling: The most spreads that count: a chance match of a rare name is no surer than that.
        elsewhere: Taken off where the question names countries and the passage is about none of
            them.
        length: Added for each content word of the question, up to `MOST_WORDS`: the more is
            asked, the less of it a passage can hold word for word.
        threshold: The sum that makes a score of one half.
        slope: Log odds for each unit of the sum.
    """

    weights: Mapping[Signal, float]
    ceiling: float
    elsewhere: float
    length: float
    threshold: float
    slope: float

    def fuse(
        self,
        values: Mapping[Signal, Values],
        background: Mapping[Signal, Background],
        elsewhere: npt.NDArray[np.bool_],
        words: int,
    ) -> Values:
        """Fuse the signals' values into log odds that the passage answers.

        Args:
            values: Shape (passages,) for each signal.
            background: As measured when the generation was built.
            elsewhere: Shape (passages,): whether the question names countries and the passage is
                about none of them.
            words: Number of content words in the question.

        Returns:
            Shape (passages,).
        """
        total = np.full(len(elsewhere), -self.threshold, dtype=np.float32)
        for signal, weight in self.weights.items():
            spreads = standing_out(values[signal], background[signal])
            total += weight * np.minimum(spreads, self.ceiling)
        total -= self.elsewhere * elsewhere
        total += self.length * min(words, MOST_WORDS)
        return np.asarray(self.slope * total, np.float32)


def score(log_odds: float, lead: float = 0.0) -> float:
    """Turn log odds into a score.

    Args:
        log_odds: As `Weighing.fuse` gives them.
        lead: For the best hit, how far its log odds are ahead of the best of another case: what
            is about the question stands out, what is merely near has company.

    Returns:
        Strictly between 0 and 1: the estimated probability that the passage answers.
    """
    return 1 / (1 + exp(-log_odds - LEAD * max(lead, 0.0)))


def standing_out(values: Values, background: Background) -> Values:
    """How many spreads the values lie above the background's mean."""
    return (values - background.mean) / max(background.spread, _LEAST_SPREAD)


def measure(values: Values) -> Background:
    """Mean and spread of a signal over a sample of unrelated pairs."""
    if values.size == 0:
        return Background(0.0, 1.0)
    return Background(float(values.mean()), float(values.std()))


# Weights and ceilings are the roundest that do about as well as any on the gold questions and on
# ARCD, in one language, and on NTREX (eight words of a sentence ask for the five around it),
# across; benchmarks/calibrate.py fits the rest on the gold questions.
SAME_LANGUAGE = Weighing(
    weights={
        Signal.PASSAGE: 1.0,
        Signal.SENTENCE: 1.0,
        Signal.STEMS: 0.75,
        Signal.GRAMS: 0.5,
        Signal.CASE: 1.25,
        Signal.WORDS: 1.0,
    },
    ceiling=inf,
    elsewhere=5.0,
    length=1.7,
    threshold=29.5,
    slope=0.14,
)
OTHER_LANGUAGE = Weighing(
    weights={
        Signal.PASSAGE: 1.0,
        Signal.SENTENCE: 1.0,
        Signal.WORDS: 1.25,
        Signal.NAMES: 0.3,
    },
    ceiling=8.0,
    elsewhere=3.0,
    length=0.4,
    threshold=10.1,
    slope=0.33,
)


@dataclass(frozen=True, slots=True)
class Ranking:
    """How passages are found and weighed.

    Attributes:
        same: How those in the language of the question are weighed.
        other: How the others are.
        exact: Whether every vector is compared, however many there are.
    """

    same: Weighing
    other: Weighing
    exact: bool = False

    def alone(self, signal: Signal) -> "Ranking":
        """The same with one signal and nothing else, to see what it is worth."""
        only = {signal: 1.0}
        return Ranking(
            replace(self.same, weights=only, elsewhere=0.0),
            replace(self.other, weights=only, elsewhere=0.0),
        )

    def without(self, signal: Signal) -> "Ranking":
        """The same without one signal, to see what it adds."""
        return Ranking(_less(self.same, signal), _less(self.other, signal))


def _less(weighing: Weighing, signal: Signal) -> Weighing:
    return replace(weighing, weights={**weighing.weights, signal: 0.0})


RANKING = Ranking(SAME_LANGUAGE, OTHER_LANGUAGE)
