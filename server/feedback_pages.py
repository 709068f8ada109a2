"""The forms by which people say how an answer or a passage was, and ask the hub."""

from datetime import UTC, date, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response
from pydantic import BaseModel, StringConstraints

from index.question import LONGEST, QuestionError, read_question
from server.dependencies import CurrentService, CurrentStore
from server.forms import at_most, from_this_site
from server.mail.letter import is_address
from server.pages import PageRoute, Visit, error_page, get_visit, page
from server.store import Store
from server.store_inbox import LONGEST_NOTE, NewProblem, ProblemKind, ReplyTo
from server.store_reports import LONGEST_REASON, FeedbackKind, NewFeedback

MOST = 30  # forms of one address in ten minutes

_Asked = Annotated[str, StringConstraints(max_length=LONGEST)]


class Said(StrEnum):
    """What can be said of a passage; of an answer, the first two."""

    HELPFUL = "helpful"
    NOT_HELPFUL = "not_helpful"
    WRONG_FACT = ProblemKind.WRONG_FACT
    BAD_TRANSLATION = ProblemKind.BAD_TRANSLATION
    RISK = ProblemKind.RISK
    OTHER = ProblemKind.OTHER


class FeedbackForm(BaseModel):
    """What the form sends.

    Attributes:
        said: What is said.
        note: In the person's own words.
        question: The question that was asked.
        passage: Id of the passage; empty for the answer as a whole.
        case: Id of the first case that the answer cites.
    """

    said: Said
    note: Annotated[str, StringConstraints(max_length=LONGEST_NOTE, strip_whitespace=True)] = ""
    question: _Asked
    passage: str = ""
    case: str = ""


router = APIRouter(
    route_class=PageRoute,
    include_in_schema=False,
    dependencies=[Depends(from_this_site), Depends(at_most(MOST, "forms"))],
)
CurrentVisit = Annotated[Visit, Depends(get_visit)]


@router.post("/feedback")
def feedback(
    visit: CurrentVisit,
    service: CurrentService,
    store: CurrentStore,
    form: Annotated[FeedbackForm, Form()],
) -> Response:
    """Keep what somebody says of an answer or a passage."""
    found = service.generation.passage(form.passage) if form.passage else None
    if (form.passage and found is None) or (not form.passage and _problem(form.said)):
        return error_page(visit, "no_page", HTTPStatus.NOT_FOUND)
    cited = form.case if service.renderings(form.case) else None
    case_id = found[0].id if found else cited
    _keep(store, form, case_id, service.generation.id)
    return page("pages/thanks.html", visit, back=form.question, sent=False)


@router.post("/hub")
def send_to_hub(
    visit: CurrentVisit,
    store: CurrentStore,
    question: Annotated[_Asked, Form()],
    reply_to: Annotated[str, Form()] = "",
) -> Response:
    """Send a question that the library does not answer to the hub; a reply may be wanted."""
    try:
        asked = read_question(question, fallback_language=visit.language)
    except QuestionError:
        return error_page(visit, "no_page", HTTPStatus.NOT_FOUND)
    address = reply_to.strip()
    if address and not is_address(address):
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return page("pages/reply_to.html", visit, status=status, asked=question, address=address)
    wanted = ReplyTo(address, visit.language) if address else None
    store.send_to_hub(asked.text, asked.language, _today(), None, wanted)
    return page("pages/thanks.html", visit, back=asked.text, sent=True, replied=bool(wanted))


def _keep(store: Store, form: FeedbackForm, case_id: str | None, generation: str) -> None:
    kind = _problem(form.said)
    if kind and form.passage and case_id:
        problem = NewProblem(form.passage, case_id, kind, form.note, generation, _today())
        store.add_problem(problem)
        return
    store.add_feedback(
        NewFeedback(
            kind=FeedbackKind.PASSAGE if form.passage else FeedbackKind.ANSWER,
            helpful=form.said is Said.HELPFUL,
            reason=form.note[:LONGEST_REASON] or None,
            question=form.question,
            passage_id=form.passage or None,
            case_id=case_id,
            generation=generation,
            day=_today(),
        )
    )


def _problem(said: Said) -> ProblemKind | None:
    return None if said in (Said.HELPFUL, Said.NOT_HELPFUL) else ProblemKind(said.value)


def _today() -> date:
    return datetime.now(UTC).date()
