"""Case studies: the list, one of them, and what is like it elsewhere."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response

from corpus.case_study import CaseStudy
from index.analysis import normalise
from index.facets import find
from index.scripts import rendering_for
from server.api.cursors import read_cursor
from server.api.freshness import Answering, FreshRoute
from server.api.parameters import CaseFilters, CaseId, Cursor, Limit, Root, Wishes
from server.api.rendering import API, case_detail, case_entry, name_next
from server.api.schemas import CaseDetail, CasePage, SimilarCases
from server.service import Service

router = APIRouter(route_class=FreshRoute, tags=["library"])


@router.get(f"{API}/cases", operation_id="listCases")
def list_cases(
    request: Request,
    response: Response,
    service: Answering,
    filters: CaseFilters,
    wishes: Wishes,
    root: Root,
    place: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=200,
            description="Words that the name of the place holds, in any language.",
            examples=["Helsinki"],
        ),
    ] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> CasePage:
    """List the case studies, by their ids.

    Pages go on by the id of the last case study, so that nothing is given twice or left out when
    a new generation is published between two of them.
    """
    after = read_cursor("cases", 1, cursor)[0] if cursor is not None else ""
    found = find(service.generation.library_cases, filters)
    ids = sorted(case_id for case_id, those in found.items() if _at(those, place))
    rest = [case_id for case_id in ids if case_id > after]
    shown = rest[:limit]
    last = [shown[-1]] if len(rest) > limit else None
    return CasePage(
        generation=service.generation.id,
        total=len(ids),
        cases=[
            case_entry(case, service.renderings(case.id), root)
            for case_id in shown
            if (case := rendering_for(service.renderings(case_id), *wishes))
        ],
        next=name_next(request, response, root, "cases", last),
    )


def _at(renderings: list[CaseStudy], place: str | None) -> bool:
    """Whether the words are part of the place's name in one of its renderings."""
    if place is None:
        return True
    words = normalise(place)
    return any(words in normalise(case.place) for case in renderings if case.place)


@router.get(f"{API}/cases/{{case_id}}", operation_id="getCase")
def get_case(
    case_id: CaseId, response: Response, service: Answering, wishes: Wishes, root: Root
) -> CaseDetail:
    """Give a case study whole: its text in sections, its passages, its renderings, its citation."""
    case = _case(service, case_id, wishes)
    response.headers["Content-Language"] = case.language
    return case_detail(service, case, root)


@router.get(f"{API}/cases/{{case_id}}/similar", operation_id="listSimilarCases")
def list_similar_cases(
    case_id: CaseId, service: Answering, wishes: Wishes, root: Root
) -> SimilarCases:
    """List the case studies whose texts are nearest to one's, from other places."""
    case = _case(service, case_id, wishes)
    found = (
        rendering_for(service.renderings(other.id), *wishes) or other
        for other in service.similar(case)
    )
    return SimilarCases(
        generation=service.generation.id,
        cases=[case_entry(other, service.renderings(other.id), root) for other in found],
    )


def _case(service: Service, case_id: str, wishes: tuple[str | None, ...]) -> CaseStudy:
    case = rendering_for(service.renderings(case_id), *wishes)
    if case is None:
        raise HTTPException(404, "There is no such case study in the library.")
    return case
