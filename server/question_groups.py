"""Questions without an answer, put together where they ask the same, whatever their language.

Two questions ask the same where the cosine of their vectors reaches `ALIKE`. Measured with the
bundled model: of 60 pairs of wordings of one question in Arabic, English and French
(`tests/asked_alike.py`) 93 % reach 0.65, and of the 720 pairs of different questions none does (the
nearest reach 0.55). The gold questions are harder, for they ask different things about one case and
nearly the same about others: of their 166,176 pairs 48 reach 0.65, 34 of which are about one case;
at 0.60 it is 133 and 72.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock

import numpy as np

from index.encoder import PassageEncoder, Vectors
from server.store_inbox import SentQuestion
from server.store_reports import LoggedQuestion

ALIKE = 0.65
"""The least cosine of two questions that ask the same."""

MOST = 3_000
"""So many wordings are put into groups at most: those that were asked most often, then last."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What several people may have typed.

    Attributes:
        key: Names it in addresses, which are not to say what was asked.
        text: As it was typed first.
        language: ISO 639-1 code.
        days: When it was asked, each time, in order.
        sent: Those times that it was sent to the hub, and waits there.
    """

    key: str
    text: str
    language: str
    days: tuple[date, ...]
    sent: tuple[SentQuestion, ...]

    @property
    def times(self) -> int:
        """How often it was asked."""
        return len(self.days)


@dataclass(frozen=True, slots=True)
class Group:
    """Wordings that ask the same.

    Attributes:
        wordings: The most frequent first.
    """

    wordings: tuple[Wording, ...]

    @property
    def key(self) -> str:
        """Names it in addresses."""
        return self.wordings[0].key

    @property
    def times(self) -> int:
        """How often it was asked."""
        return sum(wording.times for wording in self.wordings)

    @property
    def first(self) -> date:
        """The first day on which it was asked."""
        return min(wording.days[0] for wording in self.wordings)

    @property
    def last(self) -> date:
        """The last day on which it was asked."""
        return max(wording.days[-1] for wording in self.wordings)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages it was asked in, the most frequent first."""
        return tuple(dict.fromkeys(wording.language for wording in self.wordings))

    @property
    def sent(self) -> tuple[SentQuestion, ...]:
        """What was sent to the hub and waits there."""
        return tuple(sent for wording in self.wordings for sent in wording.sent)


class QuestionVectors:
    """Vectors of questions, in memory, for as long as the questions are there.

    Several threads may use it. It holds no question: a vector is found by a digest.
    """

    def __init__(self) -> None:
        self._kept: dict[bytes, Vectors] = {}
        self._lock = Lock()

    def of(self, encoder: PassageEncoder, texts: Sequence[str]) -> Vectors:
        """Vectors of texts, those encoded that were not asked for the last time.

        Args:
            encoder: What encodes them.
            texts: The texts; what is not among them is forgotten.

        Returns:
            Shape (len(texts), dimension), float32, unit length.
        """
        keys = [hashlib.sha256(f"{encoder.revision}\0{text}".encode()).digest() for text in texts]
        with self._lock:
            missing = [number for number, key in enumerate(keys) if key not in self._kept]
            made = encoder.encode_passages([texts[number] for number in missing])
            new = {keys[number]: vector for number, vector in zip(missing, made, strict=True)}
            self._kept = {key: new[key] if key in new else self._kept[key] for key in keys}
            rows = [self._kept[key] for key in keys]
        return np.stack(rows) if rows else np.empty((0, encoder.dimension), dtype=np.float32)


def wordings_of(questions: Iterable[LoggedQuestion], sent: Iterable[SentQuestion]) -> list[Wording]:
    """The different wordings of questions without an answer.

    Args:
        questions: Of the log; those with an answer are left out.
        sent: Questions that wait in the hub's inbox.

    Returns:
        At most `MOST`, the most frequent first, then those asked last, then by text.
    """
    texts: dict[tuple[str, str], str] = {}
    days: dict[tuple[str, str], list[date]] = defaultdict(list)
    waiting: dict[tuple[str, str], list[SentQuestion]] = defaultdict(list)
    for question in questions:
        if not question.answered:
            alike = (question.language, _plain(question.text))
            texts[alike] = min(texts.get(alike, question.text), question.text)
            days[alike].append(question.day)
    for each in sent:
        alike = (each.language, _plain(each.question))
        texts.setdefault(alike, each.question)
        waiting[alike].append(each)
    found = [
        Wording(
            key_of(text, alike[0]),
            text,
            alike[0],
            # Who sends a question has asked it: it is in the log, unless that was kept shorter.
            tuple(sorted(days[alike] or (each.day for each in waiting[alike]))),
            tuple(waiting[alike]),
        )
        for alike, text in texts.items()
    ]
    found.sort(key=lambda each: (-each.times, -each.days[-1].toordinal(), each.text, each.key))
    return found[:MOST]


def grouped(
    wordings: Sequence[Wording], vectors: Vectors | None, alike: float = ALIKE
) -> list[Group]:
    """Put wordings that ask the same together.

    Each in its turn joins the nearest of the first ones of the groups so far, or begins a group.

    Args:
        wordings: In the order of `wordings_of`.
        vectors: Shape (len(wordings), dimension), of unit length; None where nothing encodes
            them, and each is then a group.
        alike: The least cosine.

    Returns:
        The largest first, then those asked last; the same for the same wordings.
    """
    leaders: list[int] = []
    members: dict[int, list[Wording]] = {}
    for number, wording in enumerate(wordings):
        if vectors is not None and leaders:
            near = vectors[leaders] @ vectors[number]
            best = int(near.argmax())
            if near[best] >= alike:
                members[leaders[best]].append(wording)
                continue
        leaders.append(number)
        members[number] = [wording]
    groups = [Group(tuple(found)) for found in members.values()]
    return sorted(groups, key=lambda group: (-group.times, -group.last.toordinal()))


def key_of(text: str, language: str) -> str:
    """What names a wording in addresses: the beginning of a digest."""
    return hashlib.sha256(f"{language}\0{_plain(text)}".encode()).hexdigest()[:20]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
