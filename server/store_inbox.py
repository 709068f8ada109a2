"""What waits for a hub's staff: problems that people report, and questions without an answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from index.question import LONGEST
from server.mail.letter import Letter
from server.mail.outbox import address_of, write_letter
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
        reply_language: ISO 639-1 code of the language to reply in by letter; None where no reply
            is wanted. The address is in no object; only the letter has it.
    """

    id: str
    question: str
    language: str
    day: date
    conversation_id: str | None
    closed_with: str | None
    reply_language: str | None = None


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """Where whoever asked wants the reply.

    Attributes:
        address: E-mail address; see `is_address`.
        language: ISO 639-1 code of the language to write in.
    """

    address: str
    language: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A reply that is wanted.

    Attributes:
        question: As typed.
        reply_to: Where it is to go.
        reply: What the hub says.
    """

    question: str
    reply_to: ReplyTo
    reply: str


_GONE = "It is no longer there; somebody may have deleted it. Load the page again."


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
        text = checked(note, LONGEST_NOTE, "note")
        with self._writing() as connection:
            row = connection.execute(
                "UPDATE problems SET closed_with = ? WHERE id = ? RETURNING case_id",
                (text, problem_id),
            ).fetchone()
            if row is None:
                raise UnknownReportError(_GONE)
            about = f"{row[0]}: {text}" if text else row[0]
            write_record(connection, by, Change.PROBLEM_CLOSED, about)

    def send_to_hub(
        self,
        question: str,
        language: str,
        day: date,
        conversation_id: str | None,
        reply_to: ReplyTo | None = None,
    ) -> str:
        """Put a question without an answer into the hub's inbox.

        Args:
            question: As typed.
            language: ISO 639-1 code of the language it was asked in.
            day: When.
            conversation_id: The conversation it was asked in, for the hub's answer to find it.
            reply_to: Where the reply is to go; kept until it is closed.

        Returns:
            Its id.

        Raises:
            UnknownConversationError: There is no such conversation.
            RefusedError: It is longer than a question may be, or the address is none.
            StoreError: It cannot be kept.
        """
        own_id = new_id()
        text = checked(question, LONGEST, "question")
        address = address_of(reply_to.address) if reply_to else None
        with self._writing() as connection:
            if conversation_id is not None:
                see_that_it_is_there(connection, conversation_id)
            connection.execute(
                "INSERT INTO inbox (id, question, language, day, conversation, reply_to,"
                " reply_language) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    own_id,
                    text,
                    language,
                    iso_day(day),
                    conversation_id,
                    address,
                    reply_to.language if reply_to else None,
                ),
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
                "SELECT id, question, language, day, conversation, closed_with, reply_language"
                " FROM inbox"
                " WHERE closed_with IS NULL OR NOT ? ORDER BY day DESC, id",
                (open_only,),
            )
            return tuple(
                SentQuestion(own_id, question, language, date.fromisoformat(day), *rest)
                for own_id, question, language, day, *rest in rows
            )

    def close_sent(
        self, sent_id: str, note: str, by: By, reply: Callable[[Wanted], Letter] | None = None
    ) -> None:
        """Close a question that was sent to the hub, or note something else of a closed one.

        Where whoever asked left an address the reply is queued with it, and the address is wiped;
        without a note there is no reply, and it is wiped all the same. The record names the day it
        was sent and the note, not the question: that is forgotten before the record is.

        Args:
            sent_id: Its id.
            note: What came of it, in at most 2,000 characters.
            by: Who closes it, and when.
            reply: Writes the letter.

        Raises:
            UnknownReportError: There is none of that id.
            RefusedError: The note is too long.
            StoreError: It cannot be kept, or is, and traces of the address are still there.
        """
        text = checked(note, LONGEST_NOTE, "note")
        with self._writing() as connection:
            row = connection.execute(
                "SELECT question, reply_to, reply_language, day FROM inbox WHERE id = ?", (sent_id,)
            ).fetchone()
            if row is None:
                raise UnknownReportError(_GONE)
            question, address, language, day = row
            connection.execute(
                "UPDATE inbox SET closed_with = ?, reply_to = NULL, reply_language = NULL"
                " WHERE id = ?",
                (text, sent_id),
            )
            if address and text and reply:
                wanted = Wanted(question, ReplyTo(address, language), text)
                write_letter(connection, reply(wanted), by.at)
            write_record(connection, by, Change.QUESTION_CLOSED, f"{day}: {text}" if text else day)
        if address:
            self._wipe()
