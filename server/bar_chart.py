"""Counts by day -> the bars of a picture, in the direction in which the reader reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from server.questions_asked import Count

_GAP = 0.16  # of a day's width, between two bars


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a day's bar; a day is one unit wide and a question one high.

    Attributes:
        day: The day.
        answered: Whether it stands for the questions with an answer.
        x: Where it begins, from the left.
        y: Where it begins, from the top.
        width: How wide it is.
        height: How many questions it stands for.
    """

    day: date
    answered: bool
    x: float
    y: int
    width: float
    height: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of counts by day.

    Attributes:
        width: Of the picture: its days.
        height: Of the picture: the most questions of a day, and one where there are none.
        bars: What is drawn; nothing for a count of none.
    """

    width: int
    height: int
    bars: tuple[Bar, ...]


def chart_of(days: Mapping[date, Count], direction: str) -> Chart:
    """Draw the questions of each day, those without an answer on top of those with one.

    Args:
        days: In their order.
        direction: `ltr` or `rtl`: where the first day stands.
    """
    height = max((count.total for count in days.values()), default=0) or 1
    bars = []
    for number, (day, count) in enumerate(days.items()):
        x = (number if direction == "ltr" else len(days) - 1 - number) + _GAP / 2
        for answered, many, below in (
            (True, count.answered, 0),
            (False, count.unanswered, count.answered),
        ):
            if many:
                bars.append(Bar(day, answered, x, height - below - many, 1 - _GAP, many))
    return Chart(len(days), height, tuple(bars))
