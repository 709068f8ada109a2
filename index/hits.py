"""What a search returns: frozen values that every way out (page, JSON, terminal) renders."""

from dataclasses import dataclass

from corpus.case_study import CaseStudy
from index.passages import Passage
from index.question import Question


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage in its case study."""

    case: CaseStudy
    passage: Passage


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that may answer the question.

    Attributes:
        rank: From 1.
        score: 0 to 1, the estimated probability that the passage answers the question.
        shown: The passage in the language that was asked for, where there is such a rendering.
        highlights: Start and end of each sentence that matches, in characters of the passage.
        renderings: The same passage in the case's other languages.
        also_in: Passages of other documents that say nearly the same.
    """

    rank: int
    score: float
    shown: Shown
    highlights: tuple[tuple[int, int], ...]
    renderings: tuple[Shown, ...]
    also_in: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to one question.

    Attributes:
        question: As it was understood, misspelt names as they are meant.
        generation: Id of the generation that every hit comes from.
        answered: Whether the library holds an answer; if not, the hits are what is nearest.
        took_ms: Milliseconds from question to ranked passages.
        hits: Best first.
    """

    question: Question
    generation: str
    answered: bool
    took_ms: float
    hits: tuple[Hit, ...]
