"""Passages, each where it stands."""

from fastapi import APIRouter, HTTPException, Response

from index.hits import Shown
from server.api.freshness import Answering, FreshRoute
from server.api.parameters import PassageId, Root, Wishes
from server.api.rendering import API, passage_detail
from server.api.schemas import PassageDetail

router = APIRouter(route_class=FreshRoute, tags=["library"])


@router.get(f"{API}/passages/{{passage_id}}", operation_id="getPassage")
def get_passage(
    passage_id: PassageId, response: Response, service: Answering, wishes: Wishes, root: Root
) -> PassageDetail:
    """Give a passage with what stands before and after it, its renderings and its citation.

    It is in the language that its id names; `lang` chooses the language of the citation.
    """
    found = service.generation.passage(passage_id)
    if found is None or found[0].id in service.withheld():
        raise HTTPException(404, "There is no such passage in the library; its text was changed.")
    shown = Shown(*found)
    response.headers["Content-Language"] = shown.passage.language
    citing = next((wish for wish in wishes if wish), shown.case.language)
    return passage_detail(service, shown, citing, root)
