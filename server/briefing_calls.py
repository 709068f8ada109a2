"""What the pages of a briefing share: what a request brings, and how it is answered."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from index.hits import Shown
from server.current_briefing import make_current
from server.dependencies import CurrentService, CurrentStore
from server.forms import at_most, from_this_site
from server.pages import CurrentVisit, Visit, in_place, page
from server.service import Service
from server.store import Store
from server.store_briefings import Briefing, NewQuotation

_CHANGES, _NEW = 300, 30  # of one address in ten minutes
PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
CHANGED = [Depends(from_this_site), Depends(at_most(_CHANGES, "briefing"))]
MADE = [Depends(from_this_site), Depends(at_most(_NEW, "briefings"))]


@dataclass(frozen=True, slots=True)
class Call:
    """What a request for a briefing brings along.

    Attributes:
        request: The request.
        visit: What it says of itself.
        service: Holds the library.
        store: Holds the briefings.
    """

    request: Request
    visit: Visit
    service: Service
    store: Store

    @property
    def site(self) -> str:
        """Address of the site's root."""
        return str(self.request.base_url)

    def privately(self, template: str, **context: Any) -> Response:  # noqa: ANN401
        """A page that no cache keeps and no search engine lists: its address is its key."""
        response = page(template, self.visit, **context)
        response.headers.update(PRIVATE)
        return response

    def to(self, path: str, **asked: str) -> Response:
        """Lead to another page in the same language; a fragment stands behind the path."""
        address, mark, fragment = path.partition("#")
        query = urlencode({**asked, "ui": self.visit.language})
        return RedirectResponse(f"{address}?{query}{mark}{fragment}", HTTPStatus.SEE_OTHER)

    def begin(self, briefing: Briefing) -> Response:
        """Make a briefing of another, and lead to it."""
        briefing_id = self.store.new_briefing(
            briefing.language,
            briefing.quotations,
            title=briefing.title,
            introduction=briefing.introduction,
        )
        response = self.to(f"/briefings/{briefing_id}", done="copied")
        make_current(self.request, response, briefing_id)
        return response


def get_call(
    request: Request, visit: CurrentVisit, service: CurrentService, store: CurrentStore
) -> Call:
    """Bring together what a route of a briefing needs."""
    return Call(request, replace(visit, in_place=in_place(request)), service, store)


CurrentCall = Annotated[Call, Depends(get_call)]


def quotation_of(shown: Shown, remark: str = "") -> NewQuotation:
    """A passage as it is put into a briefing today."""
    case, passage = shown.case, shown.passage
    return NewQuotation(
        passage_id=passage.id,
        case_id=case.id,
        language=case.language,
        text=passage.text,
        heading=passage.heading,
        page=passage.page,
        remark=remark,
        chosen_on=datetime.now(UTC).date(),
    )
