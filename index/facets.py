"""Documents and filters -> what is found, and how much each other choice would find."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from corpus.case_study import CaseStudy, Level, Pillar
from index.question import Filters

SPAN = 5  # years
Value = TypeVar("Value", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Facets:
    """How many cases choosing a value would find, beside what is chosen of the other facets.

    Only values that would find something are there; what a document does not say is counted
    under nothing.

    Attributes:
        pillars: By pillar.
        countries: By ISO 3166-1 alpha-2 code.
        levels: By level.
        languages: By ISO 639-1 code of a rendering.
        years: By first and last year of a span; a case counts in every span that it reaches into.
    """

    pillars: Mapping[Pillar, int]
    countries: Mapping[str, int]
    levels: Mapping[Level, int]
    languages: Mapping[str, int]
    years: Mapping[tuple[int, int], int]


def find(cases: Iterable[CaseStudy], filters: Filters) -> dict[str, list[CaseStudy]]:
    """Find the cases that filters let through.

    Args:
        cases: Documents, each rendering one of them.
        filters: What at least one rendering of a case must be.

    Returns:
        The renderings that are let through, by the id of the case.
    """
    found: dict[str, list[CaseStudy]] = defaultdict(list)
    for case in cases:
        if filters.passage_lang in (None, case.language) and filters.admit(case):
            found[case.id].append(case)
    return dict(found)


def facets(cases: Iterable[CaseStudy], filters: Filters) -> Facets:
    """Count the values of each facet for the current choice of the others.

    Args:
        cases: Documents, each rendering one of them; renderings of one count once.
        filters: The current choice; `cases` and `withheld` hold for every count.

    Returns:
        Counts that equal what `find` finds once the value is chosen.
    """
    known = tuple(cases)

    def count(others: Filters, values: Callable[[CaseStudy], Iterable[Value]]) -> dict[Value, int]:
        ids: dict[Value, set[str]] = defaultdict(set)
        for case_id, renderings in find(known, others).items():
            for case in renderings:
                for value in values(case):
                    ids[value].add(case_id)
        return {value: len(counted) for value, counted in ids.items()}

    return Facets(
        pillars=count(replace(filters, pillar=None), lambda case: case.pillars),
        countries=count(replace(filters, country=None), lambda case: _known(case.country)),
        levels=count(replace(filters, level=None), lambda case: _known(case.level)),
        languages=count(replace(filters, passage_lang=None), lambda case: (case.language,)),
        years=count(replace(filters, year_from=None, year_to=None), _spans),
    )


def _known(value: Value | None) -> tuple[Value, ...]:
    return () if value is None else (value,)


def _spans(case: CaseStudy) -> list[tuple[int, int]]:
    if case.period is None:
        return []
    first = case.period.first_year // SPAN * SPAN
    return [(year, year + SPAN - 1) for year in range(first, case.period.last_year + 1, SPAN)]
