"""A turn of a conversation: a question understood, searched and answered."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pydantic import TypeAdapter, ValidationError

from corpus.case_study import CaseStudy
from index.hits import Result
from index.question import Filters, Question, read_question
from index.search import corrected
from server.answer import Answer, compose
from server.conversation import Before, Kind, Understood, understand
from server.service import Service
from server.store import Store
from server.store_conversations import StoredTurn, Turn
from server.store_reports import LoggedQuestion

_BEFORE = TypeAdapter(Before)
_FILTERS = TypeAdapter(Filters)


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


def understood_by(service: Service, asked: Question, before: Before | None) -> Understood:
    """Tell what a question means after the one before it, in the library that answers.

    Args:
        service: What answers.
        asked: The question as typed.
        before: The turn before; None for the first.
    """
    generation = service.generation
    return understand(corrected(asked, generation), before, generation.gazetteer)


def recall(service: Service, store: Store, conversation_id: str) -> Before | None:
    """What the next turn of a conversation needs of the last; None where there is none yet.

    Args:
        service: What answers.
        store: Where conversations are kept.
        conversation_id: Which.

    Raises:
        UnknownConversationError: There is no such conversation.
        StoreError: It cannot be read.
    """
    turns = store.turns(conversation_id)
    return _before(service, turns[-1]) if turns else None


def again(service: Service, turn: StoredTurn, earlier: StoredTurn | None) -> Reply:
    """What comes of a turn that was kept, in the library as it is now.

    Args:
        service: What answers.
        turn: The turn.
        earlier: The one before it; None for the first.
    """
    before = _before(service, earlier) if earlier and not turn.as_typed else None
    asked = read_question(turn.question, fallback_language=turn.language, as_typed=turn.as_typed)
    understood = understood_by(service, asked, before)
    after = _before(service, turn)
    if after:  # the language may have been chosen outside the question
        question = replace(understood.question, show_in=after.show_in)
        understood = replace(understood, question=question)
    return reply(service, understood, before)


def _before(service: Service, turn: StoredTurn) -> Before | None:
    """What the next turn needs of a turn that was kept.

    None where another version kept it, and the next question then stands alone. A case that has
    been removed since is not named again.
    """
    try:
        before = _BEFORE.validate_json(turn.context)
    except ValidationError:
        return None
    if before.case and not service.renderings(before.case):
        return replace(before, case=None, title=None)
    return before


def remember(store: Store, conversation_id: str, given: Reply, *, as_typed: bool) -> None:
    """Keep a turn.

    Raises:
        UnknownConversationError: There is no such conversation.
        StoreError: It cannot be kept.
    """
    understood, result = given.understood, given.result
    today = datetime.now(UTC).date()
    cited = given.answer.peers if given.answer else ()
    store.add_turn(
        conversation_id,
        Turn(
            question=understood.typed,
            language=understood.question.language,
            as_typed=as_typed,
            context=_BEFORE.dump_json(given.before).decode(),
            filters=_FILTERS.dump_json(understood.question.filters).decode(),
            answered=result.answered,
            cases=tuple(peer.hit.shown.case.id for peer in cited),
            generation=result.generation,
            asked_on=today,
        ),
    )


def log(store: Store, typed: str, result: Result) -> None:
    """Keep a question for staff, apart from any conversation and without who asked.

    Raises:
        StoreError: It cannot be kept.
    """
    first = result.hits[0].shown.case.id if result.hits else None
    question = result.question
    store.log_question(
        LoggedQuestion(
            day=datetime.now(UTC).date(),
            language=question.language,
            text=typed,
            answered=result.answered,
            top_case=first,
            pillar=question.filters.pillar,
        )
    )


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
        question.as_typed,
    )


def _rendering(service: Service, found: CaseStudy, language: str) -> CaseStudy:
    return service.case(found.id, language) or found
