"""Gold questions -> how often the right case is found, and how often silence is right."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from corpus.gold import GoldQuestion
from index.hits import Hit, Result
from index.question import Filters, Question, read_question

Ask = Callable[[Question], Result]
"""Answers a question; the same search as everybody's."""

_FIRST_FEW = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """A gold question with what was found for it.

    Attributes:
        gold: The question.
        rank: Rank of the first passage of a right case; None where it was not found.
        answered: Whether the search held the question to be answered.
        found: Id of the case that came first; None where nothing was found.
        took_ms: Milliseconds.
    """

    gold: GoldQuestion
    rank: int | None
    answered: bool
    found: str | None
    took_ms: float

    @property
    def right(self) -> bool:
        """Whether a right case came first or, where there is none, the search said so."""
        return self.rank == 1 if self.gold.cases else not self.answered


@dataclass(frozen=True, slots=True)
class Score:
    """Shares over the questions of one language.

    Attributes:
        questions: Number of questions that the library answers.
        first: Share of them with a right case first.
        first_three: Share of them with a right case among the first three passages.
        mrr: Mean reciprocal rank of the first right passage.
        answered: Share of them that the search held to be answered.
        unanswerable: Number of questions that the library does not answer.
        abstained: Share of those that the search held to be unanswered.
        p50_ms: Median time of a question, in milliseconds.
    """

    questions: int
    first: float | None
    first_three: float | None
    mrr: float | None
    answered: float | None
    unanswerable: int
    abstained: float | None
    p50_ms: float | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came of asking all gold questions.

    Attributes:
        asked: One for each question that was asked.
        skipped: Questions about cases that are not in the library.
        follow_ups: Questions that stand on the one before; they belong to a conversation.
    """

    asked: tuple[Asked, ...]
    skipped: tuple[GoldQuestion, ...]
    follow_ups: tuple[GoldQuestion, ...] = ()

    def score(self, language: str) -> Score:
        """Sum up the questions asked in one language."""
        mine = [asked for asked in self.asked if asked.gold.language == language]
        answerable = [asked for asked in mine if asked.gold.cases]
        silent = [asked for asked in mine if not asked.gold.cases]
        times = sorted(asked.took_ms for asked in mine)
        return Score(
            questions=len(answerable),
            first=_share(asked.rank == 1 for asked in answerable),
            first_three=_share((asked.rank or 99) <= _FIRST_FEW for asked in answerable),
            mrr=_mean([1 / asked.rank if asked.rank else 0.0 for asked in answerable]),
            answered=_share(asked.answered for asked in answerable),
            unanswerable=len(silent),
            abstained=_share(not asked.answered for asked in silent),
            p50_ms=times[len(times) // 2] if times else None,
        )

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that questions were asked in."""
        return tuple(sorted({asked.gold.language for asked in self.asked}))


def evaluate(
    questions: Iterable[GoldQuestion],
    known: frozenset[str],
    ask: Ask,
    passage_lang: str | None = None,
) -> Evaluation:
    """Ask every gold question that stands alone and whose cases the library holds.

    Args:
        questions: The gold questions.
        known: Ids of all cases in the library.
        ask: The search.
        passage_lang: ISO 639-1 code of the only language that passages are searched in, as if the
            library held no other rendering; None for the library as it is.
    """
    asked: list[Asked] = []
    skipped: list[GoldQuestion] = []
    follow_ups: list[GoldQuestion] = []
    filters = Filters(passage_lang=passage_lang)
    for gold in questions:
        if gold.follows is not None:
            follow_ups.append(gold)
            continue
        if gold.cases and known.isdisjoint(gold.cases):
            skipped.append(gold)
            continue
        result = ask(read_question(gold.text, fallback_language=gold.language, filters=filters))
        ranks = (hit.rank for hit in result.hits if not cited(hit).isdisjoint(gold.cases))
        asked.append(
            Asked(
                gold=gold,
                rank=next(ranks, None),
                answered=result.answered,
                found=result.hits[0].shown.case.id if result.hits else None,
                took_ms=result.took_ms,
            )
        )
    return Evaluation(tuple(asked), tuple(skipped), tuple(follow_ups))


def cited(hit: Hit) -> frozenset[str]:
    """Ids of all documents that a hit cites: those that hold nearly the same passage with it."""
    return frozenset((hit.shown.case.id, *(other.case.id for other in hit.also_in)))


def _share(outcomes: Iterable[bool]) -> float | None:
    return _mean([float(outcome) for outcome in outcomes])


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
