"""`/box.js`: the script that any site may load; which of them may ask is told by the settings."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from server.box.script import box_script
from server.entity_tag import is_held

router = APIRouter()

_MEDIA_TYPE = "text/javascript; charset=utf-8"
# It is loaded on other sites' pages, and fetched again by itself to tell whether the hub is there.
_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "public, max-age=3600, stale-while-revalidate=86400",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@router.get("/box.js")
async def box(request: Request) -> Response:
    """The box, in every language of the interface; where the hub is it sees by its own address."""
    script = box_script()
    headers = {**_HEADERS, "ETag": script.tag}
    if is_held(request, script.tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(script.content, media_type=_MEDIA_TYPE, headers=headers)
