"""Questions without an answer, at the desk, those that ask the same together."""

from typing import Annotated

from fastapi import Depends, Request, Response

from server.dependencies import CurrentStore
from server.desk_access import Editor, Moment, desk_router
from server.desk_frame import DeskVisit, desk_page
from server.desk_questions import CurrentNarrowing
from server.holder import Holder, NotReadyError
from server.i18n import interface
from server.paging import PageNumber, sheet_of
from server.question_groups import Group, QuestionVectors, grouped, wordings_of
from server.questions_asked import PERIODS
from server.service import Service
from server.spreadsheet import csv_file

A_PAGE = 40

router = desk_router()


def get_groups(
    _person: Editor,
    request: Request,
    store: CurrentStore,
    moment: Moment,
    narrowing: CurrentNarrowing,
) -> list[Group]:
    """What was asked without an answer in the period that the address names, and what was sent."""
    vectors: QuestionVectors = request.app.state.question_vectors
    service = serving(request.app.state.holder)
    wordings = wordings_of(store.questions(narrowing.since(moment.date())), store.inbox())
    if service is None:
        return grouped(wordings, None)
    return grouped(wordings, vectors.of(service.encoder, [each.text for each in wordings]))


CurrentGroups = Annotated[list[Group], Depends(get_groups)]


@router.get("/questions/groups")
def groups(
    visit: DeskVisit,
    person: Editor,
    narrowing: CurrentNarrowing,
    found: CurrentGroups,
    number: PageNumber,
) -> Response:
    """The questions without an answer, the most frequent first."""
    return desk_page(
        "desk/question_groups.html",
        visit,
        person,
        sheet=sheet_of(found, number, A_PAGE),
        narrowing=narrowing,
        periods=PERIODS,
    )


@router.get("/questions/groups.csv")
def groups_as_table(visit: DeskVisit, _person: Editor, found: CurrentGroups) -> Response:
    """The same for a spreadsheet, a wording a row."""
    reader = interface(visit.language)
    header = [
        reader.gettext("Group"),
        reader.gettext("Question"),
        reader.gettext("Language"),
        reader.gettext("How often"),
        reader.gettext("First asked"),
        reader.gettext("Last asked"),
        reader.gettext("Sent to the hub"),
    ]
    rows = (
        (
            str(number),
            wording.text,
            reader.language_name(wording.language),
            str(wording.times),
            wording.days[0].isoformat(),
            wording.days[-1].isoformat(),
            str(len(wording.sent)),
        )
        for number, group in enumerate(found, start=1)
        for wording in group.wordings
    )
    return csv_file("questions-without-an-answer", header, rows)


def serving(holder: Holder) -> Service | None:
    """What serves; None while nothing does."""
    try:
        return holder.current()
    except NotReadyError:
        return None
