"""A turn of a conversation: a question understood, searched and answered."""

from dataclasses import dataclass, replace

from corpus.case_study import CaseStudy
from index.hits import Result
from server.answer import Answer, compose
from server.conversation import Before, Kind, Understood
from server.service import Service


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a turn.

    Attributes:
        understood: The question as it was understood.
        result: What was found.
        answer: The sentences that answer; None where the library has none.
        before: What the next turn needs of this one.
    """

    understood: Understood
    result: Result
    answer: Answer | None
    before: Before


def reply(service: Service, understood: Understood, before: Before | None, k: int = 10) -> Reply:
    """Search and answer a question that has been understood.

    Args:
        service: What answers.
        understood: The question.
        before: The turn before; None for the first.
        k: At most so many passages.
    """
    result = service.search(understood.question, k)
    answer = compose(result, service.generation.gazetteer)
    return Reply(understood, result, answer, _next(service, understood, result, before))


def _next(
    service: Service, understood: Understood, result: Result, before: Before | None
) -> Before:
    question = understood.question
    if understood.kind is Kind.DETAIL and before:  # what comes next goes on from the question
        return replace(before, show_in=question.show_in)
    found = result.hits[0].shown.case if result.hits else None
    case = _rendering(service, found, question.language) if found else None
    return Before(
        understood.text,
        question.language,
        question.show_in,
        question.filters,
        case.id if case else None,
        case.title if case else None,
    )


def _rendering(service: Service, found: CaseStudy, language: str) -> CaseStudy:
    return service.case(found.id, language) or found
