"""The page of where the cases are from: a picture of the world, and the same as a list."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter, Response

from corpus.case_study import CaseStudy
from index.analysis import normalise
from index.facets import find
from index.places import country_names
from index.question import Filters
from server.atlas import WIDTH, atlas
from server.continents import continent
from server.dependencies import CurrentService
from server.facet_options import written
from server.i18n import Interface, interface
from server.pages import CurrentVisit, PageRoute, page

_STEPS = (1, 2, 4, 10)  # how many cases it takes for each tint of the picture
_COUNTRY_LAST = re.compile(r"(.*)[,،]\s*([^,،]+)", re.DOTALL)

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Country:
    """A country that cases are from.

    Attributes:
        code: ISO 3166-1 alpha-2, or `XK` for Kosovo.
        name: In the reader's language.
        count: How many cases are from there.
        places: Where in the country, and the ISO 639-1 code of the language that says so.
        address: Of the page that shows these cases.
    """

    code: str
    name: str
    count: int
    places: tuple[tuple[str, str], ...]
    address: str


@dataclass(frozen=True, slots=True)
class Continent:
    """A continent that cases are from.

    Attributes:
        name: In the reader's language; None for what is counted with no continent.
        countries: By name.
    """

    name: str | None
    countries: tuple[Country, ...]


@router.get("/places")
def places(visit: CurrentVisit, service: CurrentService) -> Response:
    """Where the cases are from."""
    reader = interface(visit.language)
    found = find(service.generation.library_cases, Filters(withheld=service.withheld()))
    cases = [_shown(renderings, reader) for renderings in found.values()]
    countries = _countries(cases, reader)
    steps = sorted({_step(country.count) for country in countries})
    picture = atlas()
    land = picture.shapes.keys() - {country.code for country in countries}
    return page(
        "pages/places.html",
        visit,
        cases=len(cases),
        without_country=sum(case.country is None for case in cases),
        countries=countries,
        continents=_continents(countries, reader),
        undrawn=[country.name for country in countries if country.code not in picture.shapes],
        tints={country.code: 1 + steps.index(_step(country.count)) for country in countries},
        legend=[_said(step, reader) for step in steps],
        picture=picture,
        width=WIDTH,
        land="".join(picture.shapes[code] for code in sorted(land)),
    )


def _shown(renderings: Iterable[CaseStudy], reader: Interface) -> CaseStudy:
    """The rendering in the reader's language, else the original."""
    return min(
        renderings,
        key=lambda case: (case.language != reader.language, case.translated_from is not None),
    )


def _countries(cases: Iterable[CaseStudy], reader: Interface) -> list[Country]:
    """The countries by name, each with what is known of its cases."""
    there: dict[str, list[CaseStudy]] = defaultdict(list)
    for case in cases:
        if case.country:
            there[case.country].append(case)
    countries = (
        Country(
            code,
            reader.country(code),
            len(found),
            _places(found),
            "/library?" + urlencode({**written(Filters(country=code)), "ui": reader.language}),
        )
        for code, found in there.items()
    )
    return sorted(countries, key=lambda country: normalise(country.name))


def _places(cases: Iterable[CaseStudy]) -> tuple[tuple[str, str], ...]:
    """Where in the country it was, each place once."""
    named = {(_within(case), case.language) for case in cases}
    return tuple(sorted((it for it in named if it[0]), key=lambda it: normalise(it[0])))


def _within(case: CaseStudy) -> str:
    """The place without the country; empty where it names nothing else."""
    place = case.place or ""
    country = _folded(country_names(case.country).get(case.language, ""))
    if _folded(place) == country:
        return ""
    parts = _COUNTRY_LAST.fullmatch(place)
    return parts[1] if parts and _folded(parts[2]) == country else place


def _folded(name: str) -> str:
    return normalise(name).replace("’", "'")


def _continents(countries: Iterable[Country], reader: Interface) -> list[Continent]:
    """The continents by name; what is counted with none comes last."""
    there: dict[str | None, list[Country]] = defaultdict(list)
    for country in countries:
        code = continent(country.code)
        there[code and reader.country(code)].append(country)
    return [
        Continent(name, tuple(there[name]))
        for name in sorted(there, key=lambda name: (name is None, normalise(name or "")))
    ]


def _step(count: int) -> int:
    return sum(count >= least for least in _STEPS) - 1


def _said(step: int, reader: Interface) -> str:
    """The numbers of cases of a step, in the reader's language."""
    least, following = _STEPS[step], (*_STEPS, None)[step + 1]
    if following is None:
        return reader.gettext("%(number)s or more", number=str(least))
    return str(least) if least == following - 1 else f"{least}–{following - 1}"
