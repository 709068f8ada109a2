"""What readers thought of answers, at the desk, and all that they left there as tables."""

from dataclasses import dataclass

from fastapi import Response

from corpus.case_study import CaseStudy
from index.scripts import rendering_for
from server.dependencies import CurrentHolder, CurrentStore
from server.desk_access import Editor, desk_router
from server.desk_frame import DeskVisit, desk_page
from server.desk_groups import serving
from server.desk_pages import kind_names
from server.i18n import interface
from server.paging import PageNumber, sheet_of
from server.spreadsheet import csv_file
from server.store_reports import Feedback, FeedbackKind

A_PAGE = 50

router = desk_router()


@dataclass(frozen=True, slots=True)
class LowRated:
    """Answers to a question that did not help.

    Attributes:
        question: As typed.
        case_id: The first case that they cited, if any.
        case: That case, in a language that the reader reads; None if the library has it no longer.
        said: What was said of them, the newest day first.
    """

    question: str
    case_id: str | None
    case: CaseStudy | None
    said: tuple[Feedback, ...]


@router.get("/feedback")
def feedback(
    visit: DeskVisit,
    store: CurrentStore,
    holder: CurrentHolder,
    person: Editor,
    number: PageNumber,
) -> Response:
    """What did not help, by question and case, the most often said first."""
    together: dict[tuple[str, str | None], list[Feedback]] = {}
    everything = store.feedback()
    for each in everything:
        if not each.helpful:
            together.setdefault((each.question, each.case_id), []).append(each)
    service = serving(holder)

    def case(case_id: str | None) -> CaseStudy | None:
        known = service.renderings(case_id) if service and case_id else ()
        return rendering_for(known, visit.language)

    low = sorted(together.items(), key=lambda item: -len(item[1]))
    sheet = sheet_of(low, number, A_PAGE)
    return desk_page(
        "desk/feedback.html",
        visit,
        person,
        low=[
            LowRated(question, case_id, case(case_id), tuple(said))
            for (question, case_id), said in sheet.entries
        ],
        helped=sum(each.helpful for each in everything),
        not_helped=sum(not each.helpful for each in everything),
        sheet=sheet,
    )


@router.get("/feedback.csv")
def feedback_as_table(visit: DeskVisit, store: CurrentStore, _person: Editor) -> Response:
    """All feedback, for a spreadsheet."""
    reader = interface(visit.language)
    about = {
        FeedbackKind.ANSWER: reader.gettext("The answer"),
        FeedbackKind.PASSAGE: reader.gettext("A passage"),
    }
    header = [
        reader.gettext("Day"),
        reader.gettext("About what"),
        reader.gettext("Helped"),
        reader.gettext("Reason"),
        reader.gettext("Question"),
        reader.gettext("Case study"),
        reader.gettext("Passage"),
        reader.gettext("Generation"),
    ]
    rows = (
        (
            each.day.isoformat(),
            about[each.kind],
            reader.gettext("Yes") if each.helpful else reader.gettext("No"),
            each.reason or "",
            each.question,
            each.case_id or "",
            each.passage_id or "",
            each.generation,
        )
        for each in store.feedback()
    )
    return csv_file("feedback", header, rows)


@router.get("/problems.csv")
def problems_as_table(visit: DeskVisit, store: CurrentStore, _person: Editor) -> Response:
    """All problems, closed ones too, for a spreadsheet."""
    reader = interface(visit.language)
    names = kind_names(reader)
    header = [
        reader.gettext("Day"),
        reader.gettext("What"),
        reader.gettext("Note"),
        reader.gettext("Case study"),
        reader.gettext("Passage"),
        reader.gettext("Generation"),
        reader.gettext("Closed"),
        reader.gettext("Closed with"),
    ]
    rows = (
        (
            each.day.isoformat(),
            names[each.kind],
            each.note,
            each.case_id,
            each.passage_id,
            each.generation,
            reader.gettext("No") if each.closed_with is None else reader.gettext("Yes"),
            each.closed_with or "",
        )
        for each in store.problems(open_only=False)
    )
    return csv_file("problems", header, rows)


@router.get("/inbox.csv")
def inbox_as_table(visit: DeskVisit, store: CurrentStore, _person: Editor) -> Response:
    """All questions that were sent to the hub, closed ones too, for a spreadsheet."""
    reader = interface(visit.language)
    header = [
        reader.gettext("Day"),
        reader.gettext("Question"),
        reader.gettext("Language"),
        reader.gettext("Closed"),
        reader.gettext("Closed with"),
    ]
    rows = (
        (
            each.day.isoformat(),
            each.question,
            reader.language_name(each.language),
            reader.gettext("No") if each.closed_with is None else reader.gettext("Yes"),
            each.closed_with or "",
        )
        for each in store.inbox(open_only=False)
    )
    return csv_file("inbox", header, rows)
