"""The routes: the library as a file, the sitemap, and the signposts for programs."""

from http import HTTPStatus
from importlib import metadata
from itertools import chain, islice
from math import ceil
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse

from server.dependencies import CurrentPaths, CurrentService
from server.entity_tag import entity_tag, is_held
from server.i18n import SOURCE_LANGUAGE
from server.mail.address import site_address
from server.open_library import lines, sitemap
from server.open_library.signposts import llms_txt, robots_txt
from server.peers.directories import CurrentBodies
from server.reading_paths import trail
from server.whole_rendering import LICENCE_ADDRESS

_FILE = "diwan-library.jsonl"

router = APIRouter()


def get_site(request: Request) -> str:
    """The address of the site, without a slash at its end.

    Raises:
        HTTPException: The request does not say it, and nothing else does.
    """
    site = site_address(request)
    if site is None:
        raise HTTPException(
            HTTPStatus.BAD_REQUEST, "The request does not say which site it is for."
        )
    return site


CurrentSite = Annotated[str, Depends(get_site)]


@router.get(
    "/export/library.jsonl",
    tags=["library"],
    operation_id="exportLibrary",
    response_class=StreamingResponse,
    responses={200: {"content": {lines.MEDIA_TYPE: {"schema": {"type": "string"}}}}},
)
def library_file(request: Request, service: CurrentService, site: CurrentSite) -> Response:
    """Take the whole library: JSON, a rendering on each line after one that says what it is.

    The first line is a `LibraryLine`, every other one a `RenderingLine`; both shapes are in the
    description.
    """
    withheld = service.withheld()
    tag = entity_tag(metadata.version("diwan"), service.generation.id, site, sorted(withheld))
    headers = {
        "ETag": tag,
        "Cache-Control": "no-cache",
        "Link": f'<{LICENCE_ADDRESS}>; rel="license"',
    }
    if is_held(request, tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return StreamingResponse(
        lines.library_lines(service.generation, withheld, site),
        media_type=lines.MEDIA_TYPE,
        headers={**headers, "Content-Disposition": f'attachment; filename="{_FILE}"'},
    )


@router.get("/llms.txt", include_in_schema=False)
async def for_assistants(site: CurrentSite) -> Response:
    """What Diwan is, for assistants."""
    return PlainTextResponse(llms_txt(site))


@router.get("/robots.txt", include_in_schema=False)
async def for_search_engines(site: CurrentSite) -> Response:
    """What search engines leave alone."""
    return PlainTextResponse(robots_txt(site))


def get_entries(
    service: CurrentService, paths: CurrentPaths, bodies: CurrentBodies
) -> list[sitemap.Entry]:
    """Every public address."""
    withheld = service.withheld()
    trails = (
        trail(path, service.generation, withheld, [SOURCE_LANGUAGE])
        for path in paths.current().entries
    )
    pages = chain(
        sitemap.PAGES,
        (f"/paths/{each.id}" for each in trails if each.stops),
        (f"/peers/{key}" for key in sorted(bodies.named_in(SOURCE_LANGUAGE).by_key)),
    )
    return [*sitemap.page_entries(pages), *sitemap.case_entries(service)]


Entries = Annotated[list[sitemap.Entry], Depends(get_entries)]


@router.get("/sitemap.xml", include_in_schema=False)
def whole_sitemap(entries: Entries, site: CurrentSite) -> Response:
    """Every public address, or where the parts of the list are that is too long for one file."""
    parts = ceil(len(entries) / sitemap.MOST)
    if parts <= 1:
        content = sitemap.sitemap(entries, site)
    else:
        addresses = [f"{site}/sitemap-{number}.xml" for number in range(1, parts + 1)]
        content = sitemap.sitemap_index(addresses)
    return Response(content, media_type=sitemap.MEDIA_TYPE)


@router.get("/sitemap-{number}.xml", include_in_schema=False)
def part_of_sitemap(number: int, entries: Entries, site: CurrentSite) -> Response:
    """A part of the list; the first is 1."""
    first = (number - 1) * sitemap.MOST
    if number < 1 or first >= len(entries):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    part = islice(entries, first, first + sitemap.MOST)
    return Response(sitemap.sitemap(part, site), media_type=sitemap.MEDIA_TYPE)
