"""References to passages, as files for reference managers."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from index.hits import Shown
from server.dependencies import CurrentService
from server.i18n import choose_language
from server.pages import PageRoute
from server.problems import problem
from server.reference_export import ReferenceFormat

MOST = 50
router = APIRouter(route_class=PageRoute)


@router.get(
    "/references/{form}",
    tags=["citation"],
    operation_id="exportReferences",
    response_class=Response,
    responses={200: {"content": {form.media_type: {} for form in ReferenceFormat}}},
)
def references(
    form: ReferenceFormat,
    request: Request,
    service: CurrentService,
    passage: Annotated[
        list[str], Query(min_length=1, max_length=MOST, description="Ids of passages.")
    ],
    lang: Annotated[str | None, Query(description="Language to cite them in.")] = None,
) -> Response:
    """Cite passages in the form of a reference manager."""
    withheld = service.withheld()
    found = [service.generation.passage(passage_id) for passage_id in passage]
    shown = [Shown(*there) for there in found if there and there[0].id not in withheld]
    if len(shown) < len(passage):
        return problem(404, "A passage is no longer in the library; ask the question again.")
    language = choose_language(
        lang=lang,
        question_language=None,
        ui=None,
        accept_language=request.headers.get("Accept-Language", ""),
    )
    content = form.export(shown, language, site=str(request.base_url))
    name = f'attachment; filename="diwan{form.suffix}"'
    return Response(
        content.encode("utf-8"), media_type=form.media_type, headers={"Content-Disposition": name}
    )
