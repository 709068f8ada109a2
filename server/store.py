"""The store: what people leave behind, in one SQLite file, until it is forgotten."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from server.contributions.sendings import (
    FORGET_REPEATS,
    FORGET_SENDINGS,
    REPEAT_DAYS,
    Sendings,
)
from server.contributions.store import (
    DRAFT_DAYS,
    FORGET_CONTRIBUTIONS,
    FORGET_DRAFTS,
    Contributions,
)
from server.keys.store import Keys
from server.mail.outbox import Outbox
from server.peers.store import Introductions
from server.store_briefings import Briefings
from server.store_conversations import Conversations
from server.store_database import iso_day
from server.store_inbox import Inbox
from server.store_limits import Limits
from server.store_records import Records
from server.store_reports import Reports
from server.store_sessions import ENDED, Sessions
from server.store_staff import Staff, seconds

STORE = "diwan.sqlite"
"""Name of the file in DIWAN_HOME."""

_FORGET = (
    """
    DELETE FROM conversations WHERE created_on < ?1 AND NOT EXISTS (
        SELECT 1 FROM turns WHERE conversation = conversations.id AND asked_on >= ?1
    )
    """,
    "DELETE FROM questions WHERE day < ?1",
    "DELETE FROM feedback WHERE day < ?1",
    "DELETE FROM problems WHERE day < ?1 AND closed_with IS NOT NULL",
    "DELETE FROM inbox WHERE day < ?1 AND closed_with IS NOT NULL",
    "DELETE FROM briefings WHERE changed_on < ?1",
    "DELETE FROM records WHERE at < ?1",
    "DELETE FROM letters WHERE day < ?1 AND recipient IS NULL",
    "DELETE FROM introductions WHERE closed_on < ?1",
)
_OVER = (ENDED, "DELETE FROM invitations WHERE until <= ?1")


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much was forgotten.

    Attributes:
        conversations: Those that nobody has asked anything in since.
        questions: Of the log.
        feedback: All of it.
        problems: Those that staff had closed.
        sent: Questions sent to the hub, those that staff had closed.
        briefings: Those that nobody has changed since.
        records: Changes that staff made.
        letters: What was left of those that were sent or thrown away.
        introductions: What was left of those that staff had closed.
        contributions: Drafts that were never sent, practices that were declined, and those that
            wait for an answer of their sender.
    """

    conversations: int
    questions: int
    feedback: int
    problems: int
    sent: int
    briefings: int
    records: int
    letters: int
    introductions: int
    contributions: int


class Store(
    Conversations,
    Briefings,
    Reports,
    Inbox,
    Outbox,
    Contributions,
    Sendings,
    Introductions,
    Records,
    Staff,
    Sessions,
    Limits,
    Keys,
):
    """Keeps conversations, briefings, the log of questions, feedback, the inbox, and limits.

    It also keeps who the staff are and what they changed, and whom to write to about a practice
    that was sent in, for as long as that is agreed to, hashes of the keys of programs, and which
    practice came by which. Of everybody else nothing about a person is kept: no name, no session,
    no time of day; an address only where somebody left one to be written to, until the letter is
    sent. Who asks how a city dealt with extremism may be in danger for asking. A hub may be made
    to hand over its files, or lose them, and what is not in them cannot be handed over or lost. A
    conversation or a briefing belongs to whoever has its id, and to nobody else. The log for staff
    is apart from the conversations: rows have random keys, and say neither the conversation nor the
    turn in which they came. Only `allow` needs an address; it keeps a hash of it, until the limit
    has passed.

    Threads and processes may use one file at once. `close` it, or use it in a `with` statement.
    """

    __slots__ = ()

    def forget(self, before: date, now: datetime | None = None) -> Forgotten:
        """Forget what is older than a day; what waits for staff stays until they close it.

        A question that waits loses the address that its reply was to go to.

        Sessions and invitations whose time is over go, too. No trace of any of it stays in the
        file, which is written anew.

        Args:
            before: The first day that is not forgotten.
            now: The moment, if it is another than the present one.

        Raises:
            StoreError: It cannot be deleted, or is, and traces of it are still there.
        """
        day, moment = (iso_day(before),), now or datetime.now(UTC)
        drafts = (iso_day(moment.astimezone(UTC) - timedelta(days=DRAFT_DAYS)),)
        with self._writing() as connection:
            counts = [connection.execute(statement, day).rowcount for statement in _FORGET]
            # Nobody waits for a reply that long; the question waits all the same.
            connection.execute(
                "UPDATE inbox SET reply_to = NULL, reply_language = NULL WHERE day < ?1", day
            )
            sent, messages = FORGET_CONTRIBUTIONS
            gone = [(FORGET_DRAFTS, drafts), (sent, day)]
            counts.append(sum(connection.execute(*each).rowcount for each in gone))
            connection.execute(messages, day)
            connection.execute(FORGET_SENDINGS, day)
            known = moment.astimezone(UTC) - timedelta(days=REPEAT_DAYS)
            connection.execute(FORGET_REPEATS, (max(*day, iso_day(known)),))
            for statement in _OVER:
                connection.execute(statement, (seconds(moment),))
        self._wipe()
        return Forgotten(*counts)
