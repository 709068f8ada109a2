"""The directory: the bodies behind the case studies, and each with what it stands behind."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from index.analysis import normalise
from index.facets import facets, find
from index.question import LONGEST, Filters
from server.facet_options import offered, read_filters, written
from server.i18n import Interface, interface
from server.pages import CurrentVisit, PageRoute, Visit, error_page, page
from server.paging import PageNumber, sheet_of
from server.peers.directories import CurrentBodies
from server.peers.directory import Body, searched

A_PAGE = 40
_FACETS = ("pillar", "level", "country")

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Group:
    """Bodies that stand together in the list.

    Attributes:
        name: Of their country, in the reader's language, or what else they share.
        bodies: By name.
    """

    name: str
    bodies: Sequence[Body]


@router.get("/peers")
def directory(
    request: Request,
    visit: CurrentVisit,
    current: CurrentBodies,
    number: PageNumber,
    named: Annotated[str, Query(alias="find")] = "",
) -> Response:
    """The bodies, by country; those of a name, a pillar, a level or a country where asked for."""
    given = {name: request.query_params.get(name, "") for name in _FACETS}
    try:
        filters = read_filters(given)
    except ValueError:
        return error_page(visit, "no_page", HTTPStatus.NOT_FOUND)
    reader, wanted = interface(visit.language), " ".join(named[:LONGEST].split())
    everything = current.named_in(visit.language)
    called = searched(wanted).split()
    cases = [case for body, case in everything.as_cases() if not called or body.is_called(called)]
    found = [everything.by_key[key] for key in find(cases, filters)]
    groups = _by_country(found, filters.country, reader)
    sheet = sheet_of(groups, number, A_PAGE)
    here = replace(visit, kept=tuple(_asked(filters, wanted).items()))
    return page(
        "pages/peers.html",
        here,
        groups=[
            Group(name, [body for _, body in together])
            for name, together in groupby(sheet.entries, key=lambda entry: entry[0])
        ],
        found=len(found),
        wanted=wanted,
        limit=LONGEST,
        facets=[
            facet
            for facet in offered(
                facets(cases, filters),
                filters,
                len(found),
                reader,
                lambda choice: _address(choice, wanted, visit),
            )
            if facet.key in _FACETS
        ],
        kept=written(filters),
        everything=_address(Filters(), wanted, visit),
        unsearched=_address(filters, "", visit),
        sheet=sheet,
        page_address=lambda number: f"{_address(filters, wanted, visit)}&page={number}",
    )


@router.get("/peers/{key}")
def one_body(key: str, visit: CurrentVisit, current: CurrentBodies) -> Response:
    """A body with the case studies that it stands behind."""
    body = current.named_in(visit.language).by_key.get(key)
    if body is None:
        return error_page(visit, "no_page", HTTPStatus.NOT_FOUND)
    return page("pages/peer.html", visit, body=body)


def _asked(filters: Filters, wanted: str) -> dict[str, str]:
    chosen = {name: str(value) for name, value in written(filters).items()}
    return {**({"find": wanted} if wanted else {}), **chosen}


def _address(filters: Filters, wanted: str, visit: Visit) -> str:
    return "/peers?" + urlencode({**_asked(filters, wanted), "ui": visit.language})


def _by_country(
    bodies: Iterable[Body], country: str | None, reader: Interface
) -> list[tuple[str, Body]]:
    """The bodies in the order of the page, each with the name that it stands under.

    Those of several countries come first, those of none last, unless one country is asked for.
    """

    def place(body: Body) -> tuple[int, str]:
        if country:
            return 1, reader.country(country)
        if len(body.countries) > 1:
            return 0, reader.gettext("In several countries")
        if body.countries:
            return 1, reader.country(body.countries[0])
        return 2, reader.gettext("Of no one country")

    placed = sorted(
        ((place(body), body) for body in bodies),
        key=lambda it: (it[0][0], normalise(it[0][1]), normalise(it[1].name), it[1].key),
    )
    return [(name, body) for (_, name), body in placed]
