"""What was asked, at the desk: counted, as a picture and as a list, and as a table to keep."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Request, Response

from corpus.case_study import Pillar
from server.bar_chart import chart_of
from server.dependencies import CurrentStore
from server.desk_access import Editor, Moment, desk_router
from server.desk_frame import DeskVisit, desk_page
from server.i18n import Interface, interface
from server.paging import PageNumber, sheet_of
from server.questions_asked import (
    PERIODS,
    Narrowing,
    by_day,
    by_language,
    by_pillar,
    read_narrowing,
)
from server.spreadsheet import csv_file
from server.store_reports import LoggedQuestion

A_PAGE = 50

router = desk_router()


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked in the period that an address names.

    Attributes:
        narrowing: Which questions it asks for.
        today: The last day of the period.
        questions: Those, the newest day first.
        languages: The languages in which any question was asked at any time.
    """

    narrowing: Narrowing
    today: date
    questions: list[LoggedQuestion]
    languages: list[str]


def get_narrowing(request: Request) -> Narrowing:
    """Which questions the address asks for."""
    return read_narrowing(request.query_params)


CurrentNarrowing = Annotated[Narrowing, Depends(get_narrowing)]


def get_asked(
    _person: Editor, store: CurrentStore, moment: Moment, narrowing: CurrentNarrowing
) -> Asked:
    """What was asked in the period that the address names."""
    today, everything = moment.date(), store.questions(date.min)
    since = narrowing.since(today)
    found = [
        question
        for question in reversed(everything)
        if since <= question.day <= today and narrowing.has(question)
    ]
    return Asked(narrowing, today, found, sorted({each.language for each in everything}))


CurrentAsked = Annotated[Asked, Depends(get_asked)]


@router.get("/questions")
def questions(
    visit: DeskVisit, person: Editor, asked: CurrentAsked, number: PageNumber
) -> Response:
    """What was asked in a period, by day, language and pillar, and the questions themselves."""
    found = asked.questions
    days = by_day(found, asked.narrowing.since(asked.today), asked.today)
    return desk_page(
        "desk/questions.html",
        visit,
        person,
        narrowing=asked.narrowing,
        periods=PERIODS,
        languages=asked.languages,
        days=days,
        chart=chart_of(days, interface(visit.language).direction),
        by_language=by_language(found),
        by_pillar=by_pillar(found),
        sheet=sheet_of(found, number, A_PAGE),
        total=len(found),
        answered=sum(question.answered for question in found),
    )


@router.get("/questions.csv")
def questions_as_table(visit: DeskVisit, _person: Editor, asked: CurrentAsked) -> Response:
    """The same questions, for a spreadsheet."""
    reader = interface(visit.language)
    header = [
        reader.gettext("Day"),
        reader.gettext("Question"),
        reader.gettext("Language"),
        reader.gettext("Pillar"),
        reader.gettext("Answered"),
        reader.gettext("First case found"),
    ]
    rows = (
        (
            question.day.isoformat(),
            question.text,
            reader.language_name(question.language),
            pillar_name(question.pillar, reader),
            reader.gettext("Yes") if question.answered else reader.gettext("No"),
            question.top_case or "",
        )
        for question in asked.questions
    )
    return csv_file("questions", header, rows)


def pillar_name(pillar: str | None, reader: Interface) -> str:
    """Name the pillar that a question was asked within, if any."""
    return reader.pillar(Pillar(pillar)) if pillar in set(Pillar) else ""
