"""The pages of the reading paths: all of them by pillar, and each from step to step."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter, Response

from corpus.case_study import Pillar
from corpus.reading_paths import ReadingPath
from server.briefing_calls import MADE, CurrentCall, quotation_of
from server.current_briefing import make_current
from server.dependencies import CurrentPaths, CurrentService
from server.pages import CurrentVisit, PageRoute, Visit, error_page, page
from server.reading_paths import Trail, trail
from server.service import Service
from server.store_briefings import LONGEST_INTRODUCTION, LONGEST_TITLE

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Theme:
    """The paths about one pillar.

    Attributes:
        pillar: The pillar; None for what is about none.
        trails: In the order in which they are written.
    """

    pillar: Pillar | None
    trails: tuple[Trail, ...]


@router.get("/paths")
def list_paths(visit: CurrentVisit, service: CurrentService, kept: CurrentPaths) -> Response:
    """Every path that leads somewhere, by pillar."""
    paths = kept.current()
    trails = _trails(paths.entries, visit, service)
    themes = [
        Theme(pillar, tuple(found))
        for pillar in (*Pillar, None)
        if (found := [each for each in trails if each.pillar == pillar])
    ]
    return page("pages/paths.html", visit, themes=themes, refused=paths.refused)


@router.get("/paths/{path_id}")
def show_path(
    path_id: str, visit: CurrentVisit, service: CurrentService, kept: CurrentPaths
) -> Response:
    """A path from its introduction to what can be talked about at its end."""
    paths = kept.current()
    trails = _trails(paths.entries, visit, service)
    place = next((number for number, each in enumerate(trails) if each.id == path_id), None)
    if place is None:
        return error_page(visit, "no_page", HTTPStatus.NOT_FOUND)
    chosen, after = trails[place], trails[place + 1 :]
    return page(
        "pages/path.html",
        visit,
        trail=chosen,
        following=next((each for each in after if each.pillar == chosen.pillar), None),
        refused=paths.refused,
    )


@router.post("/paths/{path_id}/briefing", dependencies=MADE)
def brief(path_id: str, call: CurrentCall, kept: CurrentPaths) -> Response:
    """Make a briefing of a path: its passages in their order, with what is said of each."""
    trails = _trails(kept.current().entries, call.visit, call.service)
    chosen = next((each for each in trails if each.id == path_id), None)
    if chosen is None:
        return error_page(call.visit, "no_page", HTTPStatus.NOT_FOUND)
    briefing_id = call.store.new_briefing(
        call.visit.language,
        [quotation_of(stop.shown, stop.why.text) for stop in chosen.stops],
        title=chosen.title.text[:LONGEST_TITLE],
        introduction=chosen.introduction.text[:LONGEST_INTRODUCTION],
    )
    response = call.to(f"/briefings/{briefing_id}", done="copied")
    make_current(call.request, response, briefing_id)
    return response


def _trails(paths: Sequence[ReadingPath], visit: Visit, service: Service) -> list[Trail]:
    """The paths that lead somewhere, in the visitor's language."""
    languages = [visit.lang, visit.language] if visit.lang else [visit.language]
    withheld = service.withheld()
    trails = (trail(path, service.generation, withheld, languages) for path in paths)
    return [each for each in trails if each.stops]
