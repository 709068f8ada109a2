"""The tables of contributions: kept by a key that only the sender has, and by the desk's id."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from corpus.case_files import Key
from server.contributions.practice import LONGEST_TEXT, Consents, Draft, Practice, too_long
from server.mail.letter import About, Letter
from server.mail.outbox import forget_letters, write_letter
from server.store_database import (
    Database,
    RefusedError,
    StoreError,
    checked,
    iso_day,
    new_id,
)
from server.store_inbox import UnknownReportError
from server.store_records import By, Change, write_record

DRAFT_DAYS = 30
"""So long a draft that was never sent is kept after it was last changed."""

MOST_DRAFTS = 2_000
"""So many drafts with something in them there may be at once."""

_COLUMNS = (
    "key, id, state, version, turn, interface, question, practice, answer, sent, name, address,"
    " publication, introductions, listing, reason, case_id, case_language, changed_on, sent_on,"
    " platform, reference"
)
_TABLES = "contributions LEFT JOIN sendings USING (id)"

FORGET_DRAFTS = "DELETE FROM contributions WHERE state = 'draft' AND changed_on < ?"
"""Takes the first day that is not forgotten."""

FORGET_CONTRIBUTIONS = (
    "DELETE FROM contributions WHERE state IN ('asked', 'declined') AND changed_on < ?",
    """
    DELETE FROM contribution_messages WHERE contribution IN (
        SELECT key FROM contributions WHERE state = 'accepted' AND changed_on < ?
    )
    """,
)
"""Each takes the first day that is not forgotten; what waits for staff stays."""


class State(StrEnum):
    """How far a contribution is."""

    DRAFT = "draft"
    SENT = "sent"
    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"


AT_DESK = (State.SENT, State.ASKED, State.ACCEPTED, State.DECLINED)
"""The states in which staff see a contribution."""


class UnknownContributionError(UnknownReportError):
    """There is no such contribution, or no longer."""


class ChangedContributionError(StoreError):
    """Somebody else has changed the contribution since it was read."""


class BusyError(StoreError):
    """There are as many drafts as there may be."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom the hub can ask to be put in touch; never shown to the public.

    Attributes:
        name: Of the person.
        address: E-mail address.
        body: The body that they write for.
        language: ISO 639-1 code of the language to write to them in.
    """

    name: str
    address: str
    body: str
    language: str


@dataclass(frozen=True, slots=True)
class Message:
    """What one side wrote to the other about a contribution.

    Attributes:
        from_hub: Whether the hub wrote it.
        text: As typed.
        day: When.
    """

    from_hub: bool
    text: str
    day: date


@dataclass(frozen=True, slots=True)
class Contribution:
    """A contribution as it is kept.

    Attributes:
        key: Whoever knows it can change and withdraw the contribution.
        id: By which the desk knows it.
        state: How far it is.
        version: Grows with every change; of the form.
        turn: Grows with every change that the desk sees.
        language: ISO 639-1 code of the language to write to the sender in.
        question: The question without an answer that it was begun from; may be empty.
        draft: What the form holds.
        sent: What was sent last; None before.
        messages: Questions and answers, the first one first.
        reason: Why it was declined; empty otherwise.
        case: Id and language of the case study that came of it.
        changed_on: The day of the last change.
        sent_on: The day on which it was sent last.
        platform: Name of the key that it was sent in with; empty where it was typed in the form.
        reference: What the platform calls its record of it; may be empty.
    """

    key: str
    id: str
    state: State
    version: int
    turn: int
    language: str
    question: str
    draft: Draft
    sent: Practice | None
    messages: tuple[Message, ...]
    reason: str
    case: Key | None
    changed_on: date
    sent_on: date | None
    platform: str = ""
    reference: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the sender may change the text."""
        return self.state in (State.DRAFT, State.ASKED)

    @property
    def contact(self) -> Contact | None:
        """Whom to write to, if that is known still."""
        body = (self.sent or self.draft.practice).body
        address = self.draft.address
        return Contact(self.draft.name, address, body, self.language) if address else None


class Contributions(Database):
    """Keeps contributions; whoever knows the key of one can change it, and withdraw it."""

    __slots__ = ()

    def begin_contribution(self, language: str, question: str, day: date) -> str:
        """Begin a draft.

        Args:
            language: ISO 639-1 code of the interface; of the text as well until something else is
                said.
            question: The question that it may answer; may be empty.
            day: The day.

        Returns:
            Its key, which cannot be guessed.

        Raises:
            BusyError: There are too many drafts. One in which nothing was written gives way.
            StoreError: It cannot be kept.
        """
        with self._writing() as connection:
            connection.execute(FORGET_DRAFTS, (iso_day(day - timedelta(days=DRAFT_DAYS)),))
            _make_room(connection)
            return begin_draft(connection, language, question, day)

    def contribution(self, key: str, day: date) -> Contribution:
        """A contribution, by the key that only its sender has.

        Args:
            key: The key.
            day: The day; a draft that is too old by then is gone.

        Raises:
            UnknownContributionError: There is none.
            StoreError: It cannot be read.
        """
        with self._reading() as connection:
            found = find_contribution(connection, "key", key)
        oldest = day - timedelta(days=DRAFT_DAYS)
        if found.state is State.DRAFT and found.changed_on < oldest:
            raise _unknown()
        return found

    def keep_contribution(
        self, key: str, version: int, draft: Draft, day: date, *, send: bool = False
    ) -> None:
        """Keep what a sender wrote, however incomplete, and send it if it is to be sent.

        Args:
            key: The key.
            version: Of what the sender had before them.
            draft: All that the form holds.
            day: The day.
            send: Whether it goes to the desk.

        Raises:
            UnknownContributionError: There is none.
            ChangedContributionError: It is no longer as it was, or waits at the desk.
            RefusedError: A text is too long.
            StoreError: It cannot be kept.
        """
        if any(too_long(draft)):
            raise RefusedError("A text is too long.")
        with self._writing() as connection:
            found = find_contribution(connection, "key", key)
            if found.version != version or not found.is_open:
                raise _changed()
            write_draft(connection, key, draft, day, send=send)

    def withdraw_contribution(self, key: str) -> None:
        """Delete a contribution that was not accepted; no trace of it stays in the file.

        Letters about it that have not been sent are deleted as well.

        Raises:
            UnknownContributionError: There is none.
            ChangedContributionError: It was accepted.
            StoreError: It cannot be deleted, or is, and traces of it are still there.
        """
        with self._writing() as connection:
            found = find_contribution(connection, "key", key)
            if found.state is State.ACCEPTED:
                raise _changed()
            connection.execute("DELETE FROM contributions WHERE key = ?", (key,))
            connection.execute("UPDATE sendings SET reference = '' WHERE id = ?", (found.id,))
            forget_letters(connection, About.CONTRIBUTION, key)
        self._wipe()

    def take_consent_back(self, key: str, *, introductions: bool, listing: bool, day: date) -> None:
        """Take back what the sender had agreed to; what is not taken back stays as it was.

        Name and address are forgotten with the consent to introductions once nothing else needs
        them, letters that have not been sent among it; no trace of them stays in the file.

        Args:
            key: The key.
            introductions: Whether to take back that they may be asked for an introduction.
            listing: Whether to take back that the body is listed.
            day: The day.

        Raises:
            UnknownContributionError: There is none.
            StoreError: It cannot be kept.
        """
        with self._writing() as connection:
            found = find_contribution(connection, "key", key)
            connection.execute(
                "UPDATE contributions SET introductions = introductions AND NOT ?1,"
                " listing = listing AND NOT ?2, changed_on = ?3, version = version + 1,"
                " turn = turn + 1 WHERE key = ?4",
                (introductions, listing, iso_day(day), key),
            )
            _forget_contact(connection, key)
            if introductions and found.state is State.ACCEPTED:
                forget_letters(connection, About.CONTRIBUTION, key)
        self._wipe()

    def mail_contribution_link(self, key: str, letter: Letter, at: datetime) -> None:
        """Send the sender the way back to their contribution.

        Raises:
            UnknownContributionError: There is none.
            StoreError: It cannot be kept.
        """
        with self._writing() as connection:
            find_contribution(connection, "key", key)
            write_letter(connection, letter, at)

    def contributions(
        self, states: Sequence[State], most: int, skipped: int = 0
    ) -> tuple[Contribution, ...]:
        """Contributions at the desk, those that have waited longest first.

        Args:
            states: Which; drafts are never among them.
            most: At most so many.
            skipped: After so many.

        Raises:
            StoreError: They cannot be read.
        """
        wanted = [state for state in states if state in AT_DESK]
        with self._reading() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM {_TABLES} WHERE state IN ({_marks(wanted)})"  # noqa: S608 - names of ours
                " ORDER BY sent_on, id LIMIT ? OFFSET ?",
                (*wanted, most, skipped),
            ).fetchall()
        return tuple(_read(row, ()) for row in rows)

    def contribution_counts(self) -> dict[State, int]:
        """How many there are at the desk in each state.

        Raises:
            StoreError: They cannot be counted.
        """
        with self._reading() as connection:
            counted = dict(
                connection.execute("SELECT state, count(*) FROM contributions GROUP BY state")
            )
        return {state: int(counted.get(state, 0)) for state in AT_DESK}

    def contribution_at_desk(self, own_id: str) -> Contribution:
        """A contribution that was sent, by the desk's id.

        Raises:
            UnknownContributionError: There is none, or it is a draft.
            StoreError: It cannot be read.
        """
        with self._reading() as connection:
            return _found_at_desk(connection, own_id)

    def ask_contributor(
        self, own_id: str, turn: int, text: str, letter: Letter | None, by: By
    ) -> None:
        """Ask the sender something; they may change the text until they send it again.

        Args:
            own_id: The desk's id.
            turn: Of what staff had before them.
            text: What is asked.
            letter: What goes to the sender.
            by: Who asks, and when.

        Raises:
            UnknownContributionError: There is none.
            ChangedContributionError: It is no longer as staff saw it, or does not wait.
            RefusedError: The text is too long.
            StoreError: It cannot be kept.
        """
        with self._writing() as connection:
            found = _waiting(connection, own_id, turn)
            day = by.at.astimezone(UTC).date()
            said = Message(from_hub=True, text=checked(text, LONGEST_TEXT, "question"), day=day)
            _say(connection, found.key, said)
            _move(connection, found.key, State.ASKED, day)
            _send(connection, letter, by.at)
            write_record(connection, by, Change.CONTRIBUTION_ASKED, own_id)

    def decline_contribution(
        self, own_id: str, turn: int, reason: str, letter: Letter | None, by: By
    ) -> None:
        """Decline a contribution; name and address of the sender are forgotten.

        Earlier letters about it that have not been sent are forgotten: the decision takes their
        place. So they are when it is accepted.

        Args and errors as of `ask_contributor`.
        """
        with self._writing() as connection:
            found = _waiting(connection, own_id, turn)
            _move(connection, found.key, State.DECLINED, by.at.astimezone(UTC).date())
            connection.execute(
                "UPDATE contributions SET reason = ? WHERE key = ?",
                (checked(reason, LONGEST_TEXT, "reason"), found.key),
            )
            forget_letters(connection, About.CONTRIBUTION, found.key)
            _send(connection, letter, by.at)
            _forget_contact(connection, found.key)
            write_record(connection, by, Change.CONTRIBUTION_DECLINED, own_id)
        self._wipe()

    def accept_contribution(  # noqa: PLR0913 - what an acceptance is made of
        self,
        own_id: str,
        turn: int,
        case: Key,
        letter: Letter | None,
        by: By,
        *,
        save: Callable[[], object],
    ) -> None:
        """Let a case study come of a contribution: both are kept, or neither is.

        Name and address of the sender are forgotten, unless they may be asked for introductions.

        Args:
            own_id: The desk's id.
            turn: Of what staff had before them.
            case: Id and language of the case study.
            letter: What goes to the sender.
            by: Who accepts it, and when.
            save: Saves the case study; what it raises is raised, and nothing is accepted.

        Raises:
            UnknownContributionError: There is none.
            ChangedContributionError: It is no longer as staff saw it, or does not wait; its
                sender no longer agrees to it; or the case study came of another contribution.
            StoreError: It cannot be kept.
        """
        with self._writing() as connection:
            found = _waiting(connection, own_id, turn)
            taken = "SELECT 1 FROM contributions WHERE case_id = ?"
            agreed = found.draft.consents.publication
            if not agreed or connection.execute(taken, case[:1]).fetchone():
                raise _changed()
            _move(connection, found.key, State.ACCEPTED, by.at.astimezone(UTC).date())
            connection.execute(
                "UPDATE contributions SET case_id = ?, case_language = ?, question = '',"
                " answer = '' WHERE key = ?",
                (*case, found.key),
            )
            forget_letters(connection, About.CONTRIBUTION, found.key)
            _send(connection, letter, by.at)
            _forget_contact(connection, found.key)
            write_record(connection, by, Change.CONTRIBUTION_ACCEPTED, f"{own_id}: {case[0]}")
            save()
        self._wipe()

    def contact_of(self, case_id: str) -> Contact | None:
        """Whom to ask for an introduction to those behind a case; None where nobody agreed to it.

        Raises:
            StoreError: It cannot be told.
        """
        with self._reading() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS} FROM {_TABLES} WHERE case_id = ? AND state = ?"  # noqa: S608 - names of ours
                " AND introductions AND address <> ''",
                (case_id, State.ACCEPTED),
            ).fetchone()
        return _read(row, ()).contact if row else None

    def unlisted_cases(self) -> frozenset[str]:
        """Ids of cases whose senders did not agree that their bodies be listed, or no longer do.

        Raises:
            StoreError: They cannot be read.
        """
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT case_id FROM contributions WHERE state = ? AND NOT listing",
                (State.ACCEPTED,),
            )
            return frozenset(case_id for (case_id,) in rows)


def begin_draft(connection: sqlite3.Connection, language: str, question: str, day: date) -> str:
    """Begin a draft in a transaction; see `Contributions.begin_contribution`."""
    key = new_id()
    connection.execute(
        "INSERT INTO contributions (key, id, state, version, turn, interface, question,"
        " practice, changed_on) VALUES (?, ?, ?, 1, 1, ?, ?, ?, ?)",
        (
            key, new_id(), State.DRAFT, language, checked(question, LONGEST_TEXT, "text"),
            Practice(language=language).written(), iso_day(day),
        ),
    )  # fmt: skip
    return key


def write_draft(
    connection: sqlite3.Connection, key: str, draft: Draft, day: date, *, send: bool
) -> None:
    """Keep what was written, in a transaction; see `Contributions.keep_contribution`."""
    consents = draft.consents
    connection.execute(
        "UPDATE contributions SET practice = ?, answer = ?, name = ?, address = ?,"
        " publication = ?, introductions = ?, listing = ?, changed_on = ?,"
        " version = version + 1 WHERE key = ?",
        (
            checked(draft.practice.written(), 10 * LONGEST_TEXT, "text"),
            checked(draft.answer, LONGEST_TEXT, "answer"),
            checked(draft.name, LONGEST_TEXT, "name"),
            checked(draft.address, LONGEST_TEXT, "address"),
            consents.publication, consents.introductions, consents.listing,
            iso_day(day), key,
        ),
    )  # fmt: skip
    if send:
        connection.execute(
            "UPDATE contributions SET state = ?, sent = practice, answer = '', sent_on = ?,"
            " turn = turn + 1 WHERE key = ?",
            (State.SENT, iso_day(day), key),
        )
        if draft.answer:
            _say(connection, key, Message(from_hub=False, text=draft.answer, day=day))


def _make_room(connection: sqlite3.Connection) -> None:
    """See that one more draft has its place; one in which nothing was written gives way."""
    (drafts,) = connection.execute(
        "SELECT count(*) FROM contributions WHERE state = ?", (State.DRAFT,)
    ).fetchone()
    if drafts < MOST_DRAFTS:
        return
    given = connection.execute(
        "DELETE FROM contributions WHERE key = (SELECT key FROM contributions"
        " WHERE state = ? AND version = 1 ORDER BY changed_on, key LIMIT 1)",
        (State.DRAFT,),
    ).rowcount
    if not given:
        raise BusyError("There are as many drafts as there may be. Begin one in a few days.")


def _say(connection: sqlite3.Connection, key: str, message: Message) -> None:
    connection.execute(
        "INSERT INTO contribution_messages (contribution, number, from_hub, text, day)"
        " SELECT ?1, count(*) + 1, ?2, ?3, ?4 FROM contribution_messages WHERE contribution = ?1",
        (key, message.from_hub, message.text, iso_day(message.day)),
    )


def _move(connection: sqlite3.Connection, key: str, state: State, day: date) -> None:
    connection.execute(
        "UPDATE contributions SET state = ?, changed_on = ?, version = version + 1,"
        " turn = turn + 1 WHERE key = ?",
        (state, iso_day(day), key),
    )


def _send(connection: sqlite3.Connection, letter: Letter | None, at: datetime) -> None:
    if letter is not None:
        write_letter(connection, letter, at)


def _forget_contact(connection: sqlite3.Connection, key: str) -> None:
    """Forget name and address where the purpose that they were given for is over."""
    connection.execute(
        "UPDATE contributions SET name = '', address = '' WHERE key = ?"
        " AND (state = ? OR state = ? AND NOT introductions)",
        (key, State.DECLINED, State.ACCEPTED),
    )


def _waiting(connection: sqlite3.Connection, own_id: str, turn: int) -> Contribution:
    """A contribution that staff may decide on, as they saw it."""
    found = _found_at_desk(connection, own_id)
    if found.turn != turn or found.state not in (State.SENT, State.ASKED):
        raise _changed()
    return found


def _found_at_desk(connection: sqlite3.Connection, own_id: str) -> Contribution:
    found = find_contribution(connection, "id", own_id)
    if found.state is State.DRAFT:
        raise _unknown()
    return found


def find_contribution(connection: sqlite3.Connection, column: str, value: str) -> Contribution:
    """A contribution with its messages, in a transaction.

    Args:
        connection: To the database.
        column: `key` or `id`.
        value: What stands in it.

    Raises:
        UnknownContributionError: There is none.
    """
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM {_TABLES} WHERE {column} = ?",  # noqa: S608 - names of ours
        (value,),
    ).fetchone()
    if row is None:
        raise _unknown()
    rows = connection.execute(
        "SELECT from_hub, text, day FROM contribution_messages WHERE contribution = ?"
        " ORDER BY number",
        row[:1],
    )
    messages = (Message(bool(hub), text, date.fromisoformat(day)) for hub, text, day in rows)
    return _read(row, tuple(messages))


def _read(row: Sequence[str], messages: tuple[Message, ...]) -> Contribution:
    (
        key, own_id, state, version, turn, language, question, practice, answer, sent, name,
        address, publication, introductions, listing, reason, case_id, case_language, changed_on,
        sent_on, platform, reference,
    ) = row  # fmt: skip
    consents = Consents(bool(publication), bool(introductions), bool(listing))
    try:
        return Contribution(
            key=key,
            id=own_id,
            state=State(state),
            version=int(version),
            turn=int(turn),
            language=language,
            question=question,
            draft=Draft(Practice.read(practice), name, address, consents, answer),
            sent=Practice.read(sent) if sent else None,
            messages=messages,
            reason=reason,
            case=(case_id, case_language) if case_id else None,
            changed_on=date.fromisoformat(changed_on),
            sent_on=date.fromisoformat(sent_on) if sent_on else None,
            platform=platform or "",
            reference=reference or "",
        )
    except (ValueError, TypeError):
        raise StoreError("A contribution is damaged; restore a backup.") from None


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" for _ in values)


def _unknown() -> UnknownContributionError:
    return UnknownContributionError(
        "There is no such contribution; it may have been withdrawn or forgotten."
    )


def _changed() -> ChangedContributionError:
    return ChangedContributionError(
        "This contribution was changed elsewhere after you opened it. Load the page again."
    )
