"""The page of what is new in the library, and the feed of it."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from importlib import metadata
from itertools import groupby
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request, Response

from corpus.case_study import CaseStudy
from index.scripts import rendering_for
from server.api.freshness import is_held
from server.dependencies import CurrentService
from server.desk_access import Moment
from server.mail.address import site_address
from server.news.feed import MEDIA_TYPE, feed, items
from server.news.happenings import Departures, Happening, News, from_the_start, happenings
from server.pages import CurrentVisit, PageRoute, Visit, page
from server.paging import PageNumber, sheet_of
from server.service import Service

USUALLY = timedelta(days=90)
_MOST = 50  # case studies on a page
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Item:
    """A case study on the page.

    Attributes:
        case: The rendering that is shown.
        languages: For what became of it, the languages of the renderings that it became of;
            none where that is all of them.
    """

    case: CaseStudy
    languages: dict[News, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Day:
    """A day on the page.

    Attributes:
        day: ISO 8601 date, UTC.
        shown: The case studies that something became of.
        gone: How many were taken out, if any were.
    """

    day: str
    shown: tuple[Item, ...]
    gone: Departures | None


@router.get("/news")
def news(
    visit: CurrentVisit,
    service: CurrentService,
    now: Moment,
    number: PageNumber,
    since: str = "",
) -> Response:
    """What came into the library, changed in it and was taken out of it since a day."""
    typed = since.strip()
    first = _day(typed) if typed else None
    refused = bool(typed) and first is None
    first = first or (now - USUALLY).date()
    sheet = sheet_of([] if refused else happenings(service, first.isoformat()), number, _MOST)
    chronicle = service.generation.chronicle
    began = chronicle.began[: len("YYYY-MM-DD")]
    return page(
        "pages/news.html",
        visit,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK,
        refused=refused,
        chosen=bool(typed),
        since=first.isoformat(),
        today=now.date().isoformat(),
        days=list(_days(sheet.entries, service, visit)),
        sheet=sheet,
        other_page=lambda other: _address(visit, typed, other),
        began=began if began >= first.isoformat() else None,
        from_the_start=from_the_start(service),
    )


@router.get("/news.atom")
def news_feed(request: Request, visit: CurrentVisit, service: CurrentService) -> Response:
    """The same as an Atom feed: in a language, or every rendering where none is asked for."""
    site = site_address(request)
    if site is None:
        raise HTTPException(
            HTTPStatus.BAD_REQUEST, "The request does not say which site it is for."
        )
    withheld = sorted(service.withheld())
    known = (metadata.version("diwan"), service.generation.id, site, visit.lang, withheld)
    tag = f'W/"{hashlib.sha256(repr(known).encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if is_held(request.headers.get("If-None-Match", ""), tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    content = feed(service, items(service, visit.lang), site, visit.lang)
    return Response(content, media_type=MEDIA_TYPE, headers=headers)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if _DAY.fullmatch(typed) else None
    except ValueError:
        return None


def _address(visit: Visit, since: str, number: int) -> str:
    asked = {**({"since": since} if since else {}), "page": number, "ui": visit.language}
    return f"/news?{urlencode(asked)}"


def _days(found: Sequence[Happening | Departures], service: Service, visit: Visit) -> Iterator[Day]:
    for day, those in groupby(found, key=lambda it: it.day):
        shown: list[Item] = []
        gone = None
        for happening in those:
            if isinstance(happening, Departures):
                gone = happening
            else:
                shown += _shown(happening, service, visit)
        if shown or gone:
            yield Day(day, tuple(shown), gone)


def _shown(happening: Happening, service: Service, visit: Visit) -> Iterator[Item]:
    """The case study in the reader's language; nothing where it was taken away this moment."""
    renderings = service.renderings(happening.case_id)
    case = rendering_for(renderings, visit.lang, visit.language)
    if case:
        languages = {
            news: () if len(told) == len(renderings) else told
            for news, told in happening.news.items()
        }
        yield Item(case, languages)
