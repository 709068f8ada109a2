"""How many case studies each choice would find."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query

from corpus.case_study import CaseStudy, Level, Pillar
from index.facets import facets, find
from index.question import Filters, read_question
from server.api.freshness import Answering, FreshRoute
from server.api.parameters import QUESTION_SCHEMA, CaseFilters
from server.api.rendering import API
from server.api.schemas import FacetCount, FacetCounts, SpanCount
from server.service import Service

_AROUND = 50  # passages, whose cases a question can be narrowed to

router = APIRouter(route_class=FreshRoute, tags=["library"])


@router.get(f"{API}/facets", operation_id="countFacets")
def count_facets(
    service: Answering,
    filters: CaseFilters,
    q: Annotated[
        str | None,
        Query(
            description="A question, in at most 2,000 characters: count only the case studies"
            " nearest to it.",
            examples=["How do cities prevent hate in sport?"],
            json_schema_extra=QUESTION_SCHEMA,
        ),
    ] = None,
) -> FacetCounts:
    """Count the case studies by pillar, level, country, language and year."""
    cases = service.generation.library_cases
    if q is not None:
        cases = _nearest(service, q)
    counts = facets(cases, filters)
    return FacetCounts(
        generation=service.generation.id,
        total=len(find(cases, filters)),
        pillars=_counted(counts.pillars),
        levels=_counted(counts.levels),
        countries=_counted(counts.countries),
        languages=_counted(counts.languages),
        years=[
            SpanCount(year_from=first, year_to=last, count=count)
            for (first, last), count in sorted(counts.years.items())
        ],
    )


def _nearest(service: Service, text: str) -> tuple[CaseStudy, ...]:
    question = replace(read_question(text), filters=Filters())
    near = {hit.shown.case.id for hit in service.search(question, _AROUND).hits}
    return tuple(case for case in service.generation.library_cases if case.id in near)


def _counted(
    counts: Mapping[Pillar, int] | Mapping[Level, int] | Mapping[str, int],
) -> list[FacetCount]:
    """The most frequent first, then by value."""
    order = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
    return [FacetCount(value=str(value), count=count) for value, count in order]
