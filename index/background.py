"""The signals, and what each of them is where passages have nothing to do with a question."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Signal(StrEnum):
    """The signals that are fused into one ranking; each value is also its name on disk."""

    PASSAGE = "passage"
    """Cosine of the question and the whole passage, its title and heading before it."""
    SENTENCE = "sentence"
    """Cosine of the question and the passage's nearest sentence."""
    STEMS = "stems"
    """BM25 over stems of the passage's words, and the concepts that it names."""
    GRAMS = "grams"
    """BM25 over character 4-grams of the passage's words."""
    NAMES = "names"
    """BM25 over the consonants of names, in an alphabet that both scripts share."""
    WORDS = "words"
    """Share of the question's words and concepts that words of the passage mean."""
    CASE = "case"
    """BM25 over character 4-grams of the whole case, its title, place and country with it."""


@dataclass(frozen=True, slots=True)
class Background:
    """A signal's mean and spread (standard deviation) on pairs that do not belong together."""

    mean: float
    spread: float


TYPICAL: Mapping[str, Mapping[Signal, Background]] = {
    "same": {
        Signal.PASSAGE: Background(0.10, 0.10),
        Signal.SENTENCE: Background(0.16, 0.10),
        Signal.STEMS: Background(0.02, 0.03),
        Signal.GRAMS: Background(0.03, 0.03),
        Signal.NAMES: Background(0.02, 0.05),
        Signal.WORDS: Background(0.12, 0.07),
        Signal.CASE: Background(0.08, 0.06),
    },
    "other": {
        Signal.PASSAGE: Background(0.09, 0.09),
        Signal.SENTENCE: Background(0.16, 0.10),
        Signal.STEMS: Background(0.0, 0.0),
        Signal.GRAMS: Background(0.0, 0.0),
        Signal.NAMES: Background(0.0, 0.02),
        Signal.WORDS: Background(0.09, 0.05),
        Signal.CASE: Background(0.0, 0.01),
    },
}
"""The background in the bundled library, for want of one's own where there is but one case."""
