"""What a list of cases can be narrowed by: read from an address, and offered with counts."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from corpus.case_study import Level, Pillar
from index.analysis import normalise
from index.facets import Facets, Value
from index.question import Filters
from server.i18n import Interface

_COUNTRY = re.compile(r"[A-Z]{2}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_YEAR = re.compile(r"[1-9][0-9]{0,3}")

_Choice = tuple[str, int, Filters]  # name, count, and what is chosen then
_Span = tuple[int | None, int | None]  # first and last year


@dataclass(frozen=True, slots=True)
class Option:
    """A value of a facet, as the page offers it.

    Attributes:
        name: In the reader's language.
        count: How many cases choosing it finds.
        address: Where choosing it leads or, where it is chosen, taking it back.
        chosen: Whether it is chosen.
    """

    name: str
    count: int
    address: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet, as the page offers it.

    Attributes:
        key: Its name in the page's source.
        name: In the reader's language.
        options: Those that find something, and the one that is chosen.
    """

    key: str
    name: str
    options: tuple[Option, ...]

    @property
    def choice(self) -> Option | None:
        """What is chosen."""
        return next((option for option in self.options if option.chosen), None)


def read_filters(given: Mapping[str, str]) -> Filters:
    """Read what is chosen; a parameter that is absent or empty chooses nothing.

    Args:
        given: The parameters of the address.

    Raises:
        ValueError: One of them is nothing that can be chosen.
    """

    def read(name: str, of: Callable[[str], Value]) -> Value | None:
        text = given.get(name, "").strip()
        return of(text) if text else None

    return Filters(
        passage_lang=read("language", _matching(_LANGUAGE)),
        country=read("country", _matching(_COUNTRY)),
        pillar=read("pillar", Pillar),
        level=read("level", Level),
        year_from=read("year_from", _year),
        year_to=read("year_to", _year),
    )


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(text)
        return text

    return read


def _year(text: str) -> int:
    return int(_matching(_YEAR)(text))


def written(filters: Filters) -> dict[str, str | int]:
    """The parameters of an address that `read_filters` reads as these filters."""
    chosen = {
        "pillar": filters.pillar,
        "country": filters.country,
        "level": filters.level,
        "language": filters.passage_lang,
        "year_from": filters.year_from,
        "year_to": filters.year_to,
    }
    return {name: value for name, value in chosen.items() if value}


def offered(
    counts: Facets,
    filters: Filters,
    found: int,
    reader: Interface,
    address: Callable[[Filters], str],
) -> list[Facet]:
    """The facets in the order of the page; what is chosen is offered even if it finds nothing.

    Args:
        counts: How many cases each value would find.
        filters: What is chosen.
        found: How many cases that finds.
        reader: Whose language to name them in.
        address: Where a choice leads.
    """
    language, years = filters.passage_lang, (filters.year_from, filters.year_to)
    pillars = {**_chosen(filters.pillar, found), **counts.pillars}
    levels = {**_chosen(filters.level, found), **counts.levels}
    languages = {**_chosen(language, found), **counts.languages}
    countries = {**_chosen(filters.country, found), **counts.countries}
    spans: dict[_Span, int] = {}
    spans |= _chosen(years if any(years) else None, found)
    spans |= {(first, last): count for (first, last), count in counts.years.items()}

    def facet(key: str, name: str, without: Filters, choices: Iterable[_Choice]) -> Facet:
        options = tuple(
            Option(
                said,
                count,
                address(without if choice == filters else choice),
                choice == filters,
            )
            for said, count, choice in choices
        )
        return Facet(key, name, options)

    return [
        facet(
            "pillar",
            reader.gettext("Pillar"),
            replace(filters, pillar=None),
            (
                (reader.pillar(pillar), pillars[pillar], replace(filters, pillar=pillar))
                for pillar in Pillar
                if pillar in pillars
            ),
        ),
        facet(
            "level",
            reader.gettext("Level"),
            replace(filters, level=None),
            (
                (reader.level(level), levels[level], replace(filters, level=level))
                for level in Level
                if level in levels
            ),
        ),
        facet(
            "year",
            reader.gettext("Year"),
            replace(filters, year_from=None, year_to=None),
            (
                (_years(span, reader), spans[span], _within(filters, span))
                for span in sorted(spans, key=lambda span: (span[0] or 0, span[1] or 0))[::-1]
            ),
        ),
        facet(
            "language",
            reader.gettext("Language"),
            replace(filters, passage_lang=None),
            _by_name(
                (reader.language_name(code), count, replace(filters, passage_lang=code))
                for code, count in languages.items()
            ),
        ),
        facet(
            "country",
            reader.gettext("Country"),
            replace(filters, country=None),
            _by_name(
                (reader.country(code), count, replace(filters, country=code))
                for code, count in countries.items()
            ),
        ),
    ]


def _chosen(value: Value | None, found: int) -> dict[Value, int]:
    return {} if value is None else {value: found}


def _by_name(choices: Iterable[_Choice]) -> list[_Choice]:
    return sorted(choices, key=lambda choice: normalise(choice[0]))


def _within(filters: Filters, span: _Span) -> Filters:
    return replace(filters, year_from=span[0], year_to=span[1])


def _years(span: _Span, reader: Interface) -> str:
    first, last = span
    if last is None:
        return reader.gettext("From %(year)s", year=str(first))
    if first is None:
        return reader.gettext("Until %(year)s", year=str(last))
    return str(first) if first == last else f"{first}–{last}"
