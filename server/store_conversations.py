"""Conversations: what was asked in each, so that a follow-up can be understood."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import UTC, date, datetime

from index.question import LONGEST
from server.store_database import Database, StoreError, checked, iso_day, new_id

MOST_TURNS = 200

_ADD = """
    INSERT INTO turns (conversation, number, question, language, as_typed, context, filters,
        answered, cases, generation, asked_on)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_READ = """
    SELECT question, language, as_typed, context, filters, answered, cases, generation, asked_on,
        number
    FROM turns WHERE conversation = ? ORDER BY number
"""


class UnknownConversationError(StoreError):
    """There is no such conversation, or no longer."""


class FullConversationError(StoreError):
    """A conversation has as many turns as one may have."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation, and what came of it.

    Attributes:
        question: As typed.
        language: ISO 639-1 code of the language it was asked in.
        as_typed: Whether it was searched exactly as typed, whatever was asked before.
        context: JSON text: what the question was understood as; the store does not look into it.
        filters: JSON text: what passages were considered; the store does not look into it.
        answered: Whether anything in the library answers it.
        cases: Ids of the cases that were cited, the first first.
        generation: Id of the generation that answered.
        asked_on: The day; no more of the time is kept.
    """

    question: str
    language: str
    as_typed: bool
    context: str
    filters: str
    answered: bool
    cases: tuple[str, ...]
    generation: str
    asked_on: date


@dataclass(frozen=True, slots=True)
class StoredTurn(Turn):
    """A turn that is kept.

    Attributes:
        number: Its place in the conversation, from 1.
    """

    number: int


class Conversations(Database):
    """Keeps conversations; whoever knows the id of one can read it and delete it."""

    __slots__ = ()

    def new_conversation(self, created_on: date | None = None) -> str:
        """Begin a conversation.

        Args:
            created_on: The day; None for today, in UTC.

        Returns:
            Its id, which cannot be guessed; see `new_id`.

        Raises:
            StoreError: It cannot be kept.
        """
        conversation_id = new_id()
        day = iso_day(created_on or datetime.now(UTC))
        with self._writing() as connection:
            connection.execute("INSERT INTO conversations VALUES (?, ?)", (conversation_id, day))
        return conversation_id

    def turns(self, conversation_id: str) -> tuple[StoredTurn, ...]:
        """The turns of a conversation, the first first.

        Raises:
            UnknownConversationError: There is none of that id.
            StoreError: It cannot be read.
        """
        with self._reading() as connection:
            see_that_it_is_there(connection, conversation_id)
            rows = connection.execute(_READ, (conversation_id,)).fetchall()
        try:
            return tuple(map(_turn, rows))
        except (ValueError, TypeError):
            raise StoreError(f"A turn in {self.path} is damaged; restore a backup.") from None

    def add_turn(self, conversation_id: str, turn: Turn) -> int:
        """Keep a turn, after those that are there.

        Returns:
            Its number, from 1.

        Raises:
            UnknownConversationError: There is no conversation of that id.
            FullConversationError: It has 200 turns.
            RefusedError: The question is longer than a question may be.
            StoreError: It cannot be kept.
        """
        question = checked(turn.question, LONGEST, "question")
        with self._writing() as connection:
            see_that_it_is_there(connection, conversation_id)
            (last,) = connection.execute(
                "SELECT coalesce(max(number), 0) FROM turns WHERE conversation = ?",
                (conversation_id,),
            ).fetchone()
            if last >= MOST_TURNS:
                raise FullConversationError(
                    f"This conversation has {MOST_TURNS} questions, the most one can have. Start a"
                    " new one."
                )
            number = int(last) + 1
            connection.execute(
                _ADD,
                (
                    conversation_id,
                    number,
                    question,
                    turn.language,
                    turn.as_typed,
                    turn.context,
                    turn.filters,
                    turn.answered,
                    json.dumps(turn.cases),
                    turn.generation,
                    iso_day(turn.asked_on),
                ),
            )
        return number

    def delete_conversation(self, conversation_id: str) -> None:
        """Delete a conversation and its turns; no trace of them stays in the file.

        A question of it that was sent to the hub stays there, and no longer says where from. The
        file is written anew, which takes about a second for each 100 MB: see that nobody can ask
        for it many times a minute.

        Raises:
            UnknownConversationError: There is none of that id.
            StoreError: It cannot be deleted, or is, and traces of it are still there.
        """
        with self._writing() as connection:
            see_that_it_is_there(connection, conversation_id)
            connection.execute("DELETE FROM conversations WHERE id = ?", (conversation_id,))
        self._wipe()


def see_that_it_is_there(connection: sqlite3.Connection, conversation_id: str) -> None:
    """See that there is a conversation of that id.

    Raises:
        UnknownConversationError: There is none.
    """
    found = connection.execute("SELECT 1 FROM conversations WHERE id = ?", (conversation_id,))
    if found.fetchone() is None:
        raise UnknownConversationError(
            "There is no such conversation; it may have been deleted. Start a new one."
        )


def _turn(row: tuple[str, str, int, str, str, int, str, str, str, int]) -> StoredTurn:
    question, language, as_typed, context, filters, answered, cases, generation, day, number = row
    return StoredTurn(
        question,
        language,
        bool(as_typed),
        context,
        filters,
        bool(answered),
        tuple(json.loads(cases)),
        generation,
        date.fromisoformat(day),
        number,
    )
