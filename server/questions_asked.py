"""The log of questions, narrowed to what staff want to see, and counted."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from corpus.case_study import Pillar
from server.store_reports import LoggedQuestion

PERIODS = (7, 30, 90, 365)
"""Days that can be looked back over."""

_USUAL = 30
_ANSWERED = {"yes": True, "no": False}

Of = TypeVar("Of", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which questions are wanted.

    Attributes:
        days: Over how many days, today among them.
        language: Only those asked in it, if given.
        pillar: Only those asked within it, if given.
        answered: Only those with an answer, or without one, if given.
    """

    days: int = _USUAL
    language: str = ""
    pillar: str = ""
    answered: bool | None = None

    def since(self, today: date) -> date:
        """The first day."""
        return today - timedelta(days=self.days - 1)

    def has(self, question: LoggedQuestion) -> bool:
        """Whether a question is wanted; the day is not looked at."""
        return (
            self.language in ("", question.language)
            and self.pillar in ("", question.pillar)
            and self.answered in (None, question.answered)
        )

    def written(self) -> dict[str, str]:
        """As parameters of an address, of which `read_narrowing` makes the same again."""
        said = {True: "yes", False: "no", None: ""}[self.answered]
        found = {"language": self.language, "pillar": self.pillar, "answered": said}
        return {"days": str(self.days), **{name: value for name, value in found.items() if value}}


@dataclass(frozen=True, slots=True)
class Count:
    """How many questions there were.

    Attributes:
        answered: With an answer.
        unanswered: Without one.
    """

    answered: int
    unanswered: int

    @property
    def total(self) -> int:
        """With an answer and without."""
        return self.answered + self.unanswered


def read_narrowing(parameters: Mapping[str, str]) -> Narrowing:
    """Read what an address asks for; what cannot be read is not asked for."""
    days = {str(period): period for period in PERIODS}.get(parameters.get("days", ""), _USUAL)
    pillar = parameters.get("pillar", "")
    return Narrowing(
        days,
        parameters.get("language", ""),
        pillar if pillar in set(Pillar) else "",
        _ANSWERED.get(parameters.get("answered", "")),
    )


def by_day(questions: Iterable[LoggedQuestion], since: date, today: date) -> dict[date, Count]:
    """How many there were on each day of a period, those without any among them."""
    found = _counted(questions, lambda question: question.day)
    days = (since + timedelta(days=number) for number in range((today - since).days + 1))
    return {day: found.get(day, Count(0, 0)) for day in days}


def by_language(questions: Iterable[LoggedQuestion]) -> dict[str, Count]:
    """How many there were in each language, the most first."""
    return _most_first(_counted(questions, lambda question: question.language))


def by_pillar(questions: Iterable[LoggedQuestion]) -> dict[str, Count]:
    """How many there were within each pillar, the most first; "" for those within none."""
    return _most_first(_counted(questions, lambda question: question.pillar or ""))


def _counted(
    questions: Iterable[LoggedQuestion], of: Callable[[LoggedQuestion], Of]
) -> dict[Of, Count]:
    found = Counter((of(question), question.answered) for question in questions)
    return {value: Count(found[value, True], found[value, False]) for value, _ in found}


def _most_first(counts: dict[str, Count]) -> dict[str, Count]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1].total, item[0])))
