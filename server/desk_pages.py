"""The desk's home, and what waits there: problems with passages, and questions for the hub."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Form, Request, Response

from corpus.case_study import CaseStudy
from index.hits import Shown
from index.scripts import rendering_for
from server.dependencies import CurrentHolder, CurrentStore
from server.desk_access import ByEditor, Editor, Moment, desk_router
from server.desk_frame import HOME, DeskVisit, desk_page, to
from server.holder import Holder, NotReadyError
from server.i18n import Interface, interface
from server.mail.address import site_address
from server.mail.letter import Letter
from server.mail.reply import cases_to_name, reply_letter
from server.question_groups import key_of, wordings_of
from server.questions_asked import Narrowing
from server.service import Service
from server.store_inbox import LONGEST_NOTE, Problem, ProblemKind, Wanted

_PROBLEMS, _INBOX = f"{HOME}/problems", f"{HOME}/inbox"
_Note = Annotated[str, Form()]

router = desk_router()


@dataclass(frozen=True, slots=True)
class ReportedProblem:
    """A problem as staff read it.

    Attributes:
        problem: As it is kept.
        kind: What is wrong, in the reader's language.
        shown: The passage that it is about; None if the library no longer holds it.
        case: The case it is of, in a language that the reader reads; None likewise.
    """

    problem: Problem
    kind: str
    shown: Shown | None
    case: CaseStudy | None


@dataclass(frozen=True, slots=True)
class Closing:
    """What is sent to close a question.

    Attributes:
        note: What came of it; to whoever wants one, the reply.
        write: Writes the letter with the reply.
    """

    note: str
    write: Callable[[Wanted], Letter]


def get_closing(
    request: Request,
    note: _Note = "",
    case: Annotated[str, Form()] = "",
) -> Closing:
    """Read the form that closes a question; `case` is a case study that the reply is to name."""
    service, site = service_of(request.app.state.holder), site_address(request)

    def write(wanted: Wanted) -> Letter:
        language = wanted.reply_to.language
        named = rendering_for(service.renderings(case), language) if service else None
        return reply_letter(wanted, named, site)

    return Closing(_as_kept(note), write)


@router.get("")
def home(
    visit: DeskVisit, store: CurrentStore, holder: CurrentHolder, person: Editor, moment: Moment
) -> Response:
    """What waits, what was asked and said of late, and what serves."""
    service, period = service_of(holder), Narrowing()
    since, sent = period.since(moment.date()), store.inbox()
    manifest = service.generation.manifest if service else None
    return desk_page(
        "desk/home.html",
        visit,
        person,
        problems=len(store.problems()),
        sent=len(sent),
        unanswered=len(wordings_of(store.questions(since), sent)),
        unhelpful=sum(not each.helpful and each.day >= since for each in store.feedback()),
        days=period.days,
        manifest=manifest,
        built=datetime.fromisoformat(manifest.created) if manifest else None,
        since=holder.since,
        problem=holder.problem,
    )


@router.get("/problems")
def problems(
    visit: DeskVisit,
    store: CurrentStore,
    holder: CurrentHolder,
    person: Editor,
    done: str | None = None,
) -> Response:
    """The problems that wait, each with its passage."""
    service, reader = service_of(holder), interface(visit.language)
    waiting = [_read(problem, service, reader) for problem in store.problems()]
    return desk_page(
        "desk/problems.html", visit, person, waiting=waiting, done=done, limit=LONGEST_NOTE
    )


@router.post("/problems/{problem_id}")
def close_problem(
    problem_id: str,
    visit: DeskVisit,
    store: CurrentStore,
    by: ByEditor,
    note: _Note = "",
) -> Response:
    """Close a problem, with a note of what was done about it."""
    store.close_problem(problem_id, _as_kept(note), by)
    return to(_PROBLEMS, visit, done="closed")


@router.get("/inbox")
def inbox(
    visit: DeskVisit,
    store: CurrentStore,
    holder: CurrentHolder,
    person: Editor,
    done: str | None = None,
) -> Response:
    """The questions that were sent to the hub and wait."""
    sent = store.inbox()
    return desk_page(
        "desk/inbox.html",
        visit,
        person,
        waiting=[(each, key_of(each.question, each.language)) for each in sent],
        answering=cases_to_name(sent, service_of(holder)),
        done=done,
        limit=LONGEST_NOTE,
    )


@router.post("/inbox/{sent_id}")
def close_sent(
    sent_id: str,
    visit: DeskVisit,
    store: CurrentStore,
    by: ByEditor,
    closing: Annotated[Closing, Depends(get_closing)],
) -> Response:
    """Close a question that was sent to the hub; who wants a reply gets what is noted."""
    store.close_sent(sent_id, closing.note, by, closing.write)
    return to(_INBOX, visit, done="closed")


def kind_names(reader: Interface) -> dict[ProblemKind, str]:
    """What can be wrong with a passage, in the reader's language."""
    return {
        ProblemKind.WRONG_FACT: reader.gettext("A fact is wrong"),
        ProblemKind.BAD_TRANSLATION: reader.gettext("The translation is poor"),
        ProblemKind.RISK: reader.gettext("It may put somebody at risk"),
        ProblemKind.OTHER: reader.gettext("Something else"),
    }


def service_of(holder: Holder) -> Service | None:
    """What serves; None while nothing does: the desk is there all the same."""
    try:
        return holder.current()
    except NotReadyError:
        return None


def _read(problem: Problem, service: Service | None, reader: Interface) -> ReportedProblem:
    names = kind_names(reader)
    found = service.generation.passage(problem.passage_id) if service else None
    case = rendering_for(service.renderings(problem.case_id), reader.language) if service else None
    return ReportedProblem(
        problem, names[problem.kind], Shown(*found) if found and case else None, case
    )


def _as_kept(note: str) -> str:
    """A note with the line ends that it was typed with, which browsers send as two characters."""
    return "\n".join(note.splitlines()).strip()
