"""What each signal sees of a passage and of a question: the vectors and the lexical tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from corpus.case_study import CaseStudy
from index.alignment import AskedWord, Neighbours
from index.analysis import content_words, grams, spelt_words, stems, words
from index.background import Signal
from index.concepts import Concepts
from index.passages import Passage
from index.places import country_names
from index.transliteration import name_keys

Vector = npt.NDArray[np.float32]


OF_PASSAGES = (Signal.STEMS, Signal.GRAMS, Signal.NAMES)
LEXICAL = (*OF_PASSAGES, Signal.CASE)


@dataclass(frozen=True, slots=True)
class Probe:
    """A question, encoded and analysed once.

    Attributes:
        vector: Shape (dimension,), of unit length.
        tokens: The tokens of each lexical signal.
        words: Its content words.
        neighbours: Of its words, among the words of the passages.
        countries: ISO 3166-1 codes of the countries that it names.
    """

    vector: Vector
    tokens: Mapping[Signal, list[str]]
    words: Sequence[AskedWord] = ()
    neighbours: Mapping[str, Neighbours] = field(default_factory=dict)
    countries: frozenset[str] = frozenset()


def question_tokens(text: str, language: str, concepts: Concepts) -> dict[Signal, list[str]]:
    """Analyse a question for every lexical signal; function words ask nothing and are left out."""
    spoken = words(text)
    found = content_words(spoken, language)
    pieces = grams(found)
    return {
        Signal.STEMS: stems(found, language) + _names(spoken, concepts),
        Signal.GRAMS: pieces,
        Signal.NAMES: name_keys(spelt_words(text)),
        Signal.CASE: pieces,
    }


def passage_tokens(
    passage: Passage, found: Sequence[str], concepts: Concepts
) -> dict[Signal, list[str]]:
    """Analyse a passage, with its words, for the signals that look at passages."""
    return {
        Signal.STEMS: stems(found, passage.language) + _names(found, concepts),
        Signal.GRAMS: grams(found),
        Signal.NAMES: name_keys(spelt_words(passage.text)),
    }


def case_tokens(case: CaseStudy) -> list[str]:
    """Analyse a whole case; its country is named in every language, a bridge between scripts."""
    named = country_names(case.country).values()
    return grams(words("\n".join((case.title, case.place or "", case.text, *named))))


def encoded_text(case: CaseStudy, passage: Passage) -> str:
    """The text whose vector stands for the whole passage."""
    return "\n".join(filter(None, (case.title, *passage.heading[-1:], passage.text)))


def _names(found: Sequence[str], concepts: Concepts) -> list[str]:
    return [mention.concept for mention in concepts.mentions(found)]
