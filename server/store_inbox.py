"""What waits for a hub's staff: problems that people report, and questions without an answer."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from index.question import LONGEST
from server.store_conversations import see_that_it_is_there
from server.store_database import Database, StoreError, checked, iso_day, new_id
from server.store_records import By, Change, write_record

LONGEST_NOTE = 2_000


class UnknownReportError(StoreError):
    """There is no such problem or question, or no longer."""


class ProblemKind(StrEnum):
    """What is wrong with a passage."""

    WRONG_FACT = "wrong_fact"
    BAD_TRANSLATION = "bad_translation"
    RISK = "risk"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class NewProblem:
    """What somebody says is wrong with a passage.

    Attributes:
        passage_id: The passage.
        case_id: The case it is of.
        kind: What is wrong.
        note: What they wrote, in at most 2,000 characters.
        generation: Id of the generation that showed it.
        day: When.
    """

    passage_id: str
    case_id: str
    kind: ProblemKind
    note: str
    generation: str
    day: date


@dataclass(frozen=True, slots=True)
class Problem(NewProblem):
    """A problem that is kept.

    Attributes:
        id: Says nothing of when it came.
        closed_with: What staff noted when they closed it; None while it is open.
    """

    id: str
    closed_with: str | None


@dataclass(frozen=True, slots=True)
class SentQuestion:
    """A question without an answer that somebody sent to the hub.

    Attributes:
        id: Says nothing of when it came.
        question: As typed.
        language: ISO 639-1 code of the language it was asked in.
        day: When.
        conversation_id: The conversation it was asked in; None if none, or if that is deleted.
        closed_with: What staff noted when they closed it; None while it is open.
    """

    id: str
    question: str
    language: str
    day: date
    conversation_id: str | None
    closed_with: str | None


class Inbox(Database):
    """Keeps what waits for staff, until they close it."""

    __slots__ = ()

    def add_problem(self, problem: NewProblem) -> str:
        """Keep what somebody says is wrong with a passage.

        Returns:
            Its id.

        Raises:
            RefusedError: The note is too long.
            StoreError: It cannot be kept.
        """
        row = (
            problem.passage_id,
            problem.case_id,
            problem.kind,
            checked(problem.note, LONGEST_NOTE, "note"),
            problem.generation,
            iso_day(problem.day),
            new_id(),
        )
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO problems (passage_id, case_id, kind, note, generation, day, id)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        return row[-1]

    def problems(self, *, open_only: bool = True) -> tuple[Problem, ...]:
        """The problems, the newest day first.

        Args:
            open_only: Whether those that staff have closed are left out.

        Raises:
            StoreError: They cannot be read.
        """
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT passage_id, case_id, kind, note, generation, day, id, closed_with"
                " FROM problems WHERE closed_with IS NULL OR NOT ? ORDER BY day DESC, id",
                (open_only,),
            )
            return tuple(
                Problem(
                    passage, case, ProblemKind(kind), note, build, date.fromisoformat(day), *rest
                )
                for passage, case, kind, note, build, day, *rest in rows
            )

    def close_problem(self, problem_id: str, note: str, by: By) -> None:
        """Close a problem, or note something else of one that is closed.

        Args:
            problem_id: Its id.
            note: What was done about it, in at most 2,000 characters.
            by: Who closes it, and when.

        Raises:
            UnknownReportError: There is none of that id.
            RefusedError: The note is too long.
            StoreError: It cannot be kept.
        """
        closing = "UPDATE problems SET closed_with = ? WHERE id = ? RETURNING case_id"
        self._close(closing, problem_id, note, by, Change.PROBLEM_CLOSED)

    def send_to_hub(
        self, question: str, language: str, day: date, conversation_id: str | None
    ) -> str:
        """Put a question without an answer into the hub's inbox.

        Args:
            question: As typed.
            language: ISO 639-1 code of the language it was asked in.
            day: When.
            conversation_id: The conversation it was asked in, for the hub's answer to find it.

        Returns:
            Its id.

        Raises:
            UnknownConversationError: There is no such conversation.
            RefusedError: It is longer than a question may be.
            StoreError: It cannot be kept.
        """
        own_id = new_id()
        text = checked(question, LONGEST, "question")
        with self._writing() as connection:
            if conversation_id is not None:
                see_that_it_is_there(connection, conversation_id)
            connection.execute(
                "INSERT INTO inbox (id, question, language, day, conversation)"
                " VALUES (?, ?, ?, ?, ?)",
                (own_id, text, language, iso_day(day), conversation_id),
            )
        return own_id

    def inbox(self, *, open_only: bool = True) -> tuple[SentQuestion, ...]:
        """The questions that were sent to the hub, the newest day first.

        Args:
            open_only: Whether those that staff have closed are left out.

        Raises:
            StoreError: They cannot be read.
        """
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT id, question, language, day, conversation, closed_with FROM inbox"
                " WHERE closed_with IS NULL OR NOT ? ORDER BY day DESC, id",
                (open_only,),
            )
            return tuple(
                SentQuestion(own_id, question, language, date.fromisoformat(day), *rest)
                for own_id, question, language, day, *rest in rows
            )

    def close_sent(self, sent_id: str, note: str, by: By) -> None:
        """Close a question that was sent to the hub, or note something else of a closed one.

        The record names the day it was sent and the note, not the question: that is forgotten
        before the record is.

        Args:
            sent_id: Its id.
            note: What came of it, in at most 2,000 characters.
            by: Who closes it, and when.

        Raises:
            UnknownReportError: There is none of that id.
            RefusedError: The note is too long.
            StoreError: It cannot be kept.
        """
        closing = "UPDATE inbox SET closed_with = ? WHERE id = ? RETURNING day"
        self._close(closing, sent_id, note, by, Change.QUESTION_CLOSED)

    def _close(self, statement: str, own_id: str, note: str, by: By, what: Change) -> None:
        text = checked(note, LONGEST_NOTE, "note")
        with self._writing() as connection:
            row = connection.execute(statement, (text, own_id)).fetchone()
            if row is None:
                raise UnknownReportError(
                    "It is no longer there; somebody may have deleted it. Load the page again."
                )
            write_record(connection, by, what, f"{row[0]}: {text}" if text else row[0])
