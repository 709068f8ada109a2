"""The gate: a new generation must not answer the gold questions worse than the one that serves."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from corpus.gold import GoldQuestion
from index.evaluate import Asked, Evaluation
from index.manifest import Manifest

_Pair = tuple[Asked, Asked | None]  # a question in the generation that serves and in the new one

_MOST_OF_A_CASE = 0.5  # of the questions that a case answered, what it may lose at most
_FEW = 2  # questions; one lost by a case says little of it
_FIRST_FEW = 3  # passages, among which a case must be to answer a question


@dataclass(frozen=True, slots=True)
class Worse:
    """A question that was answered right and is not any more.

    Attributes:
        gold: The question.
        before: Rank of the right case in the generation that serves; None for a question without
            an answer, of which it said so.
        now: What came of it in the new one; None where none of the cases is in there any more.
    """

    gold: GoldQuestion
    before: int | None
    now: Asked | None


@dataclass(frozen=True, slots=True)
class Share:
    """How many questions of a language are answered right.

    Attributes:
        language: ISO 639-1 code.
        questions: Number of questions that both generations were asked.
        right_before: How many of them the generation that serves answers right.
        right_now: How many of them the new one does.
    """

    language: str
    questions: int
    right_before: int
    right_now: int

    @property
    def lost(self) -> float:
        """By how much of all of them fewer are answered right, 0 to 1; below 0 where more are."""
        return (self.right_before - self.right_now) / self.questions


@dataclass(frozen=True, slots=True)
class LostCase:
    """A case that most of the questions which found it find no longer.

    Attributes:
        case: Its id.
        found_before: How many questions found it among the first few passages.
        lost: How many of them do so no longer.
    """

    case: str
    found_before: int
    lost: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a new generation may be published.

    Attributes:
        reasons: Why not, a sentence each; none where it may.
        questions: Number of questions that both were asked.
        right_before: How many of them the generation that serves answers right.
        right_now: How many of them the new one does.
        worse: Those that the new one gets wrong and the other does not.
        allowed: By how much the share of a language may be lower, 0 to 1.
        languages: The counts language by language.
        lost_cases: Those that the new one hardly finds any more.
    """

    reasons: tuple[str, ...]
    questions: int
    right_before: int
    right_now: int
    worse: tuple[Worse, ...]
    allowed: float
    languages: tuple[Share, ...]
    lost_cases: tuple[LostCase, ...] = ()


def judge(before: Evaluation, now: Evaluation, allowed: float) -> Verdict:
    """Compare two generations by what they make of the same gold questions.

    The new one is refused where, in any language, the share of questions that it answers right
    is lower by more than is allowed; and where a case is no longer found by most of the questions
    that found it, which a share of all questions would hardly show. A question whose cases are
    all gone from the new one counts as wrong.

    Args:
        before: Of the generation that serves.
        now: Of the new one.
        allowed: By how much the share may be lower, 0 to 1; at 1 nothing is refused.
    """
    found = {_key(asked.gold): asked for asked in now.asked}
    pairs = [(asked, found.get(_key(asked.gold))) for asked in before.asked]
    shares = tuple(
        _share([pair for pair in pairs if pair[0].gold.language == language], language)
        for language in sorted({old.gold.language for old, _ in pairs})
    )
    reasons: list[str] = []
    lost_cases: tuple[LostCase, ...] = ()
    if allowed < 1:
        for share in shares:
            reasons += _drop(share, allowed)
        lost_cases = tuple(_lost_cases(pairs))
        reasons += [
            f"{lost.lost} of the {lost.found_before} questions that found “{lost.case}” do so"
            " no longer."
            for lost in lost_cases
        ]
    return Verdict(
        reasons=tuple(reasons),
        questions=len(pairs),
        right_before=sum(old.right for old, _ in pairs),
        right_now=sum(_right(new) for _, new in pairs),
        worse=tuple(
            Worse(old.gold, old.rank, new) for old, new in pairs if old.right and not _right(new)
        ),
        allowed=allowed,
        languages=shares,
        lost_cases=lost_cases,
    )


def report_on(verdict: Verdict, before: Manifest, now: Manifest) -> str:
    """Write down why a generation was refused.

    Args:
        verdict: What the gate found.
        before: Of the generation that serves.
        now: Of the one that was refused.

    Returns:
        A JSON document, which `index.gate_report` reads: the reasons, the counts language by
        language, the cases that are lost, and each question that got worse, with the cases that
        answer it, the rank they had, and what is found now.
    """
    report = {
        "generation": now.id,
        "compared_with": before.id,
        "reasons": verdict.reasons,
        "questions": verdict.questions,
        "right_before": verdict.right_before,
        "right_now": verdict.right_now,
        "allowed": verdict.allowed,
        "languages": [asdict(share) for share in verdict.languages],
        "lost_cases": [asdict(lost) for lost in verdict.lost_cases],
        "worse": [worse_as_json(worse) for worse in verdict.worse],
    }
    return json.dumps(report, ensure_ascii=False, indent=1)


def worse_as_json(worse: Worse) -> dict[str, Any]:
    """A question that got worse, as JSON's types."""
    now = worse.now
    return {
        "question": worse.gold.text,
        "language": worse.gold.language,
        "cases": worse.gold.cases,
        "rank_before": worse.before,
        "rank_now": now and now.rank,
        "answered_now": now and now.answered,
        "finds_now": now and now.found,
        "in_the_library": now is not None,
    }


def _share(pairs: Sequence[_Pair], language: str) -> Share:
    return Share(
        language=language,
        questions=len(pairs),
        right_before=sum(old.right for old, _ in pairs),
        right_now=sum(_right(new) for _, new in pairs),
    )


def _drop(share: Share, allowed: float) -> Iterable[str]:
    if (lost := share.lost) > allowed:
        yield (
            f"Of {share.questions} questions ({share.language}) {share.right_now} are answered"
            f" right; it was {share.right_before}."
            f" That is {lost:.1%} less, and {allowed:.1%} is allowed."
        )


def _lost_cases(pairs: Sequence[_Pair]) -> Iterable[LostCase]:
    had: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for old, new in pairs:
        if _among_the_first(old):
            had.update(old.gold.cases)
            lost.update(() if _among_the_first(new) else old.gold.cases)
    for case, count in sorted(lost.items()):
        if count >= _FEW and count > had[case] * _MOST_OF_A_CASE:
            yield LostCase(case, had[case], count)


def _key(gold: GoldQuestion) -> tuple[str, str]:
    return gold.language, gold.text


def _right(asked: Asked | None) -> bool:
    return asked is not None and asked.right


def _among_the_first(asked: Asked | None) -> bool:
    return asked is not None and asked.rank is not None and asked.rank <= _FIRST_FEW
