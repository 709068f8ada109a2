"""Fit where a score of one half lies, and show how well scores tell answers from their absence.

Asks the gold questions of the bundled library three times over: as it is, with the cases that
answer each taken out, a tenth of all cases at a time, and the questions that it cannot answer.
Once in the language of the question, once with passages in the other language only.

Usage: python benchmarks/calibrate.py
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import log

import numpy as np
from sklearn.linear_model import LogisticRegression

from corpus.gold import BUNDLED_GOLD, GoldQuestion, load_gold
from corpus.library import BUNDLED, Library, load_library
from index.analysis import content_words
from index.analysis import words as words_of
from index.build import build_generation
from index.encoder import Encoder, load_encoder
from index.fusion import LEAD, MOST_WORDS, OTHER_LANGUAGE, SAME_LANGUAGE, Weighing
from index.question import Filters, read_question
from index.search import search

OTHER = {"en": "ar", "ar": "en"}
ANSWERED = 2.0  # questions with an answer for each one without
PARTS = 10  # the library is searched without each of so many parts of it


@dataclass(frozen=True)
class Outcome:
    """The best hit of one question.

    Attributes:
        language: Of the question.
        kind: `present`, `removed` (its case was taken out) or `absent` (the library has none).
        parts: Weighted sum without threshold and length, content words, lead in units of the sum.
        score: As the search gave it.
        right: Whether the hit is of a case that answers.
        answered: Whether the search held the question to be answered.
    """

    language: str
    kind: str
    parts: tuple[float, float, float]
    score: float
    right: bool
    answered: bool


def outcomes(library: Library, encoder: Encoder, *, across: bool) -> Iterator[Outcome]:
    """Ask every gold question, with and without the case that answers it."""
    gold = [question for question in load_gold(BUNDLED_GOLD) if question.follows is None]
    weighing = OTHER_LANGUAGE if across else SAME_LANGUAGE
    generation = build_generation(library, encoder)

    def ask(question: GoldQuestion, kind: str) -> Outcome:
        language = OTHER[question.language] if across else question.language
        asked = read_question(
            question.text,
            fallback_language=question.language,
            filters=Filters(passage_lang=language),
        )
        hits = search(generation, encoder, asked, 50).hits
        best, case = hits[0], hits[0].shown.case.id
        words = min(len(content_words(words_of(question.text), question.language)), MOST_WORDS)
        rest = next(logit(hit.score) for hit in hits if hit.shown.case.id != case)
        # The best hit's score holds its lead: log odds = own + LEAD * (own - rest).
        own = (logit(best.score) + LEAD * rest) / (1 + LEAD)
        own = max(rest, own)
        total = own / weighing.slope + weighing.threshold - weighing.length * words
        return Outcome(
            language=question.language,
            kind=kind,
            parts=(total, words, (own - rest) / weighing.slope),
            score=best.score,
            right=case in question.cases,
            answered=search(generation, encoder, asked, 1).answered,
        )

    for question in gold:
        yield ask(question, "present" if question.cases else "absent")
    ids = sorted({case.id for case in library.cases})
    for part in range(PARTS):
        out = set(ids[part::PARTS])
        rest = tuple(case for case in library.cases if case.id not in out)
        generation = build_generation(Library(rest, library.terms), encoder)
        for question in gold:
            if question.cases and out.issuperset(question.cases):
                yield ask(replace(question, cases=()), "removed")


def fit(found: list[Outcome]) -> dict[str, float]:
    """Fit the constants by maximum likelihood, an answer twice as likely as none beforehand.

    So it is with officials, who ask a library about what it is for; and a wrong refusal hides an
    answer, while a wrong answer shows what its source says.
    """
    parts = np.array([outcome.parts for outcome in found])
    present = np.array([outcome.kind == "present" for outcome in found])
    weights = {True: ANSWERED / present.sum(), False: 1 / (~present).sum()}
    weights = {kind: weight * len(present) for kind, weight in weights.items()}
    model = LogisticRegression(C=10, class_weight=weights).fit(parts, present)
    slope, length, lead = model.coef_[0]
    return {
        "length": length / slope,
        "lead": lead / slope,
        "threshold": -model.intercept_[0] / slope,
        "slope": slope,
    }


def logit(score: float) -> float:
    """Log odds of a score."""
    return log(score / (1 - score))


def auroc(positive: list[float], negative: list[float]) -> float:
    """Share of pairs in which the positive one is higher (Hanley and McNeil, 1982)."""
    higher = np.subtract.outer(np.array(positive), np.array(negative))
    return float(np.mean((higher > 0) + 0.5 * (higher == 0)))


def report(name: str, weighing: Weighing, found: list[Outcome]) -> None:
    """Print the fit and the error rates of the constants in use."""
    fitted = ", ".join(f"{constant}={value:.2f}" for constant, value in fit(found).items())
    print(f"{name}: in use length={weighing.length}, lead={LEAD}, ", end="")
    print(f"threshold={weighing.threshold}, slope={weighing.slope}; fitted {fitted}")
    for language in OTHER:
        mine = [outcome for outcome in found if outcome.language == language]
        present = [outcome for outcome in mine if outcome.kind == "present"]
        refused = np.mean([not outcome.answered for outcome in present])
        print(f"  {language}: answer in the library, {len(present)} questions:"
              f" right case first {np.mean([outcome.right for outcome in present]):.3f},"
              f" wrongly refused {refused:.3f}")  # fmt: skip
        for kind in ("removed", "absent"):
            negative = [outcome for outcome in mine if outcome.kind == kind]
            area = auroc([o.score for o in present], [o.score for o in negative])
            answered = np.mean([outcome.answered for outcome in negative])
            print(f"      {kind}, {len(negative)} questions: AUROC {area:.3f},"
                  f" wrongly answered {answered:.3f}")  # fmt: skip


def main() -> None:
    """Print the report for both weighings."""
    library, encoder = load_library([BUNDLED]), load_encoder()
    for name, weighing, across in (
        ("same language", SAME_LANGUAGE, False),
        ("other language", OTHER_LANGUAGE, True),
    ):
        report(name, weighing, list(outcomes(library, encoder, across=across)))


if __name__ == "__main__":
    main()
