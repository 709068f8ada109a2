"""What a generation tells of its documents -> what became of case studies, day by day."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from index.chronicle import Chronicle, Told
from server.service import Service


class News(StrEnum):
    """What became of a case study, in the order of how much of it is new."""

    NEW = "new"
    RENDERED = "rendered"
    CHANGED = "changed"


_RANK = {news: rank for rank, news in enumerate(News)}


@dataclass(frozen=True, slots=True)
class Happening:
    """What became of a case study on a day.

    Attributes:
        day: ISO 8601 date, UTC.
        case_id: Id of the case study.
        news: What became of it, and the languages of which renderings. Of a new one nothing else
            is told that day.
    """

    day: str
    case_id: str
    news: Mapping[News, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Departures:
    """How many case studies were taken out on a day; never which.

    Attributes:
        day: ISO 8601 date, UTC.
        count: How many.
        at_least: Whether there were more of which nothing is known any more.
    """

    day: str
    count: int
    at_least: bool


def happenings(service: Service, since: str) -> list[Happening | Departures]:
    """What became of case studies, the latest day first.

    On each day what is newest stands first, and how many were taken out comes last.

    Args:
        service: What serves.
        since: ISO 8601 date, UTC: that day and all after it.

    Raises:
        RemovedError: The list of what was taken away cannot be read.
    """
    generation = service.generation
    chronicle = generation.chronicle
    touched: dict[str, list[tuple[str, Told]]] = defaultdict(list)
    withheld = service.withheld()
    for (case_id, language), told in chronicle.documents.items():
        if told.latest >= since and chronicle.is_news(told) and case_id not in withheld:
            touched[case_id].append((language, told))
    found: list[Happening | Departures] = []
    for case_id, documents in touched.items():
        languages = [case.language for case in generation.renderings(case_id)]
        first = min(chronicle.documents[case_id, language].since for language in languages)
        found += _of_a_case(case_id, first, documents, since, chronicle.began)
    found += _departures(chronicle, since)
    return sorted(sorted(found, key=_within_a_day), key=lambda it: it.day, reverse=True)


def from_the_start(service: Service) -> int:
    """How many case studies have been there since anything is told of the library."""
    chronicle, withheld = service.generation.chronicle, service.withheld()
    there = {
        case_id
        for (case_id, _), told in chronicle.documents.items()
        if told.since == chronicle.began and case_id not in withheld
    }
    return len(there)


def _of_a_case(
    case_id: str, first: str, documents: Iterable[tuple[str, Told]], since: str, began: str
) -> list[Happening]:
    days: dict[str, dict[News, list[str]]] = defaultdict(lambda: defaultdict(list))
    for language, told in documents:
        if told.since >= since and told.since != began:
            news = News.NEW if told.since == first else News.RENDERED
            days[_day(told.since)][news].append(language)
        if told.changed is not None and told.changed >= since:
            days[_day(told.changed)][News.CHANGED].append(language)
    return [
        Happening(
            day,
            case_id,
            {
                news: tuple(sorted(languages))
                for news, languages in sorted(found.items(), key=lambda pair: _RANK[pair[0]])
                if news is News.NEW or News.NEW not in found
            },
        )
        for day, found in days.items()
    ]


def _departures(chronicle: Chronicle, since: str) -> list[Departures]:
    there = {case_id for case_id, _ in chronicle.documents}
    last = {it.id: it.moment for it in chronicle.removals if it.id not in there}  # the last counts
    gone: dict[str, int] = defaultdict(int)
    for moment in last.values():
        if moment >= since:
            gone[_day(moment)] += 1
    cut = _day(chronicle.forgotten) if chronicle.forgotten else None
    return [Departures(day, count, day == cut) for day, count in gone.items()]


def _within_a_day(happening: Happening | Departures) -> tuple[int, str]:
    if isinstance(happening, Departures):
        return len(_RANK), ""
    return min(_RANK[news] for news in happening.news), happening.case_id


def _day(moment: str) -> str:
    return moment[: len("YYYY-MM-DD")]
