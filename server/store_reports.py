"""What a hub's staff read: what was asked, and whether the answers helped."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from index.question import LONGEST
from server.store_database import Database, checked, iso_day, new_id

LONGEST_REASON = 1_000


class FeedbackKind(StrEnum):
    """What feedback is about."""

    ANSWER = "answer"
    PASSAGE = "passage"


@dataclass(frozen=True, slots=True)
class LoggedQuestion:
    """A question that somebody asked.

    Attributes:
        day: When.
        language: ISO 639-1 code of the language it was asked in.
        text: As typed.
        answered: Whether anything in the library answers it.
        top_case: Id of the first case that was found, if any.
        pillar: The pillar it was asked within, if any.
    """

    day: date
    language: str
    text: str
    answered: bool
    top_case: str | None
    pillar: str | None


@dataclass(frozen=True, slots=True)
class NewFeedback:
    """Whether an answer or a passage helped somebody.

    Attributes:
        kind: What it is about.
        helpful: Whether it helped.
        reason: Why, in at most 1,000 characters, or None.
        question: As typed.
        passage_id: The passage, if it is about one.
        case_id: The case of the passage, or the first that the answer cites.
        generation: Id of the generation that answered.
        day: When.
    """

    kind: FeedbackKind
    helpful: bool
    reason: str | None
    question: str
    passage_id: str | None
    case_id: str | None
    generation: str
    day: date


@dataclass(frozen=True, slots=True)
class Feedback(NewFeedback):
    """Feedback that is kept.

    Attributes:
        id: Says nothing of when it came.
    """

    id: str


class Reports(Database):
    """Keeps the log of questions, and feedback."""

    __slots__ = ()

    def log_question(self, question: LoggedQuestion) -> None:
        """Keep a question without who asked, where from, in which conversation, and at what time.

        Questions of a day are kept in an order of their own, so that their turn does not tell
        which were asked by one person.

        Raises:
            RefusedError: It is longer than a question may be.
            StoreError: It cannot be kept.
        """
        row = (
            iso_day(question.day),
            question.language,
            checked(question.text, LONGEST, "question"),
            question.answered,
            question.top_case,
            question.pillar,
        )
        with self._writing(synchronous="NORMAL") as connection:
            connection.execute(
                "INSERT INTO questions (day, language, text, answered, top_case, pillar)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                row,
            )

    def questions(self, since: date) -> tuple[LoggedQuestion, ...]:
        """The questions that were asked on a day and after it, by day, in no order within a day.

        Raises:
            StoreError: They cannot be read.
        """
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT day, language, text, answered, top_case, pillar FROM questions"
                " WHERE day >= ? ORDER BY day, id",
                (iso_day(since),),
            )
            return tuple(
                LoggedQuestion(date.fromisoformat(day), language, text, bool(answered), *rest)
                for day, language, text, answered, *rest in rows
            )

    def add_feedback(self, feedback: NewFeedback) -> str:
        """Keep what somebody thought of an answer or a passage.

        Returns:
            Its id.

        Raises:
            RefusedError: A text is too long.
            StoreError: It cannot be kept.
        """
        reason = feedback.reason
        row = (
            feedback.kind,
            feedback.helpful,
            None if reason is None else checked(reason, LONGEST_REASON, "reason"),
            checked(feedback.question, LONGEST, "question"),
            feedback.passage_id,
            feedback.case_id,
            feedback.generation,
            iso_day(feedback.day),
            new_id(),
        )
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO feedback (kind, helpful, reason, question, passage_id, case_id,"
                " generation, day, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        return row[-1]

    def found_helpful(self, least: int, most: int) -> tuple[str, ...]:
        """Ids of the cases that were called helpful most often; what was asked is not told.

        Args:
            least: How often at least.
            most: At most so many cases.

        Raises:
            StoreError: They cannot be read.
        """
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT case_id FROM feedback WHERE helpful AND case_id IS NOT NULL"
                " GROUP BY case_id HAVING count(*) >= ? ORDER BY count(*) DESC, case_id LIMIT ?",
                (least, most),
            )
            return tuple(case_id for (case_id,) in rows)

    def feedback(self) -> tuple[Feedback, ...]:
        """All feedback, the newest day first.

        Raises:
            StoreError: It cannot be read.
        """
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT kind, helpful, reason, question, passage_id, case_id, generation, day, id"
                " FROM feedback ORDER BY day DESC, id"
            )
            return tuple(
                Feedback(
                    FeedbackKind(kind),
                    bool(helpful),
                    reason,
                    question,
                    passage,
                    case,
                    build,
                    date.fromisoformat(day),
                    own_id,
                )
                for kind, helpful, reason, question, passage, case, build, day, own_id in rows
            )
