"""The page of the whole library, and of what is left of it once something is chosen."""

from collections.abc import Iterable
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from corpus.case_study import CaseStudy
from index.analysis import normalise
from index.facets import facets, find
from index.question import Filters
from index.scripts import rendering_for
from server.dependencies import CurrentService
from server.facet_options import offered, read_filters, written
from server.i18n import interface
from server.pages import CurrentVisit, PageRoute, Visit, error_page, page
from server.service import Service

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/library")
def library(request: Request, visit: CurrentVisit, service: CurrentService) -> Response:
    """Every case, or those of a pillar, a country, a level, a language and a span of years."""
    try:
        filters = read_filters(request.query_params)
    except ValueError:
        return error_page(visit, "no_page", HTTPStatus.NOT_FOUND)
    filters = replace(filters, withheld=service.withheld())
    cases = service.generation.library_cases
    found = find(cases, filters)
    counts = facets(cases, filters)
    return page(
        "pages/library.html",
        visit,
        cases=_in_order(found, service, visit, filters),
        facets=offered(
            counts,
            filters,
            len(found),
            interface(visit.language),
            lambda choice: _address(choice, visit.language),
        ),
        everything=_address(Filters(), visit.language),
    )


def _address(filters: Filters, language: str) -> str:
    return "/library?" + urlencode({**written(filters), "ui": language})


def _in_order(
    found: Iterable[str], service: Service, visit: Visit, filters: Filters
) -> list[CaseStudy]:
    """One rendering of each case, by title.

    It is the one in the language chosen, else the one in the reader's, else the original.
    """
    wishes = filters.passage_lang, visit.lang, visit.language
    renderings = (rendering_for(service.renderings(case_id), *wishes) for case_id in found)
    shown = [case for case in renderings if case]
    return sorted(shown, key=lambda case: (normalise(case.title), case.id))
