"""Briefings: passages that somebody chose, in an order, with words of their own."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from server.store_database import Database, StoreError, checked, iso_day, new_id

MOST_PASSAGES = 30
LONGEST_TITLE = 200
LONGEST_INTRODUCTION = 4_000
LONGEST_REMARK = 1_000

_READ = "SELECT id, reading_id, title, introduction, language, version, changed_on FROM briefings"
_BY_ID = f"{_READ} WHERE id = ?"
_BY_READING_ID = f"{_READ} WHERE reading_id = ?"
_COLUMNS = "passage_id, case_id, language, text, heading, page, remark, chosen_on"


class UnknownBriefingError(StoreError):
    """There is no such briefing, or no longer."""


class FullBriefingError(StoreError):
    """A briefing holds as many passages as one may hold."""


class ChangedBriefingError(StoreError):
    """Somebody else has changed the briefing since it was read."""


@dataclass(frozen=True, slots=True)
class NewQuotation:
    """A passage to be put into a briefing, as it stands now.

    Attributes:
        passage_id: The passage.
        case_id: The document it is of.
        language: ISO 639-1 code of the rendering.
        text: Its words.
        heading: The path of headings above it.
        page: Number of the page that it begins on; None for what has no pages.
        remark: What whoever makes the briefing says of it.
        chosen_on: The day.
    """

    passage_id: str
    case_id: str
    language: str
    text: str
    heading: tuple[str, ...]
    page: int | None
    remark: str
    chosen_on: date


@dataclass(frozen=True, slots=True)
class Quotation(NewQuotation):
    """A passage in a briefing.

    Attributes:
        id: Its own within the briefing; a passage that moves keeps it.
    """

    id: str


@dataclass(frozen=True, slots=True)
class Briefing:
    """A briefing that is kept.

    Attributes:
        id: Whoever knows it can change and delete the briefing.
        reading_id: Whoever knows this one can read and copy it, and nothing else.
        title: As typed; may be empty.
        introduction: As typed; may be empty.
        language: ISO 639-1 code of the language that it is written out in.
        version: Grows with every change.
        changed_on: The day of the last one; no more of the time is kept.
        quotations: In their order.
        removed: What was taken out last, until something else is; None where nothing was.
    """

    id: str
    reading_id: str
    title: str
    introduction: str
    language: str
    version: int
    changed_on: date
    quotations: tuple[Quotation, ...]
    removed: Quotation | None


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody changes in a briefing, all at once.

    Attributes:
        version: Of the briefing that they had before them.
        title: As typed.
        introduction: As typed.
        language: ISO 639-1 code.
        remarks: By the ids of quotations; others stay as they are.
        order: Ids of the quotations in their order; those that are missing are taken out, the one
            that was taken out last is put back by naming it. None leaves them as they are.
    """

    version: int
    title: str
    introduction: str
    language: str
    remarks: dict[str, str] = field(default_factory=dict)
    order: tuple[str, ...] | None = None


class Briefings(Database):
    """Keeps briefings; whoever knows the id of one can change it and delete it."""

    __slots__ = ()

    def new_briefing(
        self,
        language: str,
        quotations: Iterable[NewQuotation] = (),
        *,
        title: str = "",
        introduction: str = "",
        day: date | None = None,
    ) -> str:
        """Begin a briefing.

        Args:
            language: ISO 639-1 code of the language to write it out in.
            quotations: What it holds from the start.
            title: Its title.
            introduction: What stands before the passages.
            day: The day; None for today, in UTC.

        Returns:
            Its id, which cannot be guessed; see `new_id`.

        Raises:
            FullBriefingError: Those are too many passages.
            RefusedError: A text is too long.
            StoreError: It cannot be kept.
        """
        briefing_id = new_id()
        row = (
            briefing_id,
            new_id(),
            checked(title, LONGEST_TITLE, "title"),
            checked(introduction, LONGEST_INTRODUCTION, "introduction"),
            language,
            iso_day(day or datetime.now(UTC)),
        )
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO briefings (id, reading_id, title, introduction, language, changed_on,"
                " version) VALUES (?, ?, ?, ?, ?, ?, 1)",
                row,
            )
            for quotation in quotations:
                _add(connection, briefing_id, quotation)
        return briefing_id

    def briefing(self, briefing_id: str) -> Briefing:
        """A briefing, by the id that lets change it.

        Raises:
            UnknownBriefingError: There is none of that id.
            StoreError: It cannot be read.
        """
        return self._briefing(_BY_ID, briefing_id)

    def briefing_to_read(self, reading_id: str) -> Briefing:
        """A briefing, by the id that lets read it; see `briefing`."""
        return self._briefing(_BY_READING_ID, reading_id)

    def quoted_in(self, briefing_id: str) -> frozenset[str]:
        """Ids of the passages that a briefing holds; none of one that is gone.

        Raises:
            StoreError: They cannot be read.
        """
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT passage_id FROM quotations WHERE briefing = ? AND place IS NOT NULL",
                (briefing_id,),
            )
            return frozenset(passage_id for (passage_id,) in rows)

    def add_quotation(self, briefing_id: str, quotation: NewQuotation) -> None:
        """Put a passage behind those that a briefing holds; one that it holds stays where it is.

        Raises:
            UnknownBriefingError: There is none of that id.
            FullBriefingError: It holds 30 passages.
            StoreError: It cannot be kept.
        """
        with self._writing() as connection:
            _changed(connection, briefing_id, quotation.chosen_on)
            _add(connection, briefing_id, quotation)

    def edit_briefing(self, briefing_id: str, edit: Edit, day: date | None = None) -> None:
        """Change a briefing: all that is given or, if there is an error, nothing.

        Args:
            briefing_id: Which.
            edit: What to change.
            day: The day; None for today, in UTC.

        Raises:
            UnknownBriefingError: There is none of that id.
            ChangedBriefingError: Somebody else has changed it since.
            RefusedError: A text is too long.
            StoreError: It cannot be kept.
        """
        title = checked(edit.title, LONGEST_TITLE, "title")
        introduction = checked(edit.introduction, LONGEST_INTRODUCTION, "introduction")
        remarks = [
            (checked(remark, LONGEST_REMARK, "note"), briefing_id, quotation_id)
            for quotation_id, remark in edit.remarks.items()
        ]
        with self._writing() as connection:
            version = _changed(connection, briefing_id, day or datetime.now(UTC))
            if version != edit.version + 1:
                raise ChangedBriefingError(
                    "This briefing was changed elsewhere after you opened it. Your texts are still"
                    " in the fields; look at both and save again."
                )
            connection.execute(
                "UPDATE briefings SET title = ?, introduction = ?, language = ? WHERE id = ?",
                (title, introduction, edit.language, briefing_id),
            )
            connection.executemany(
                "UPDATE quotations SET remark = ? WHERE briefing = ? AND id = ?", remarks
            )
            if edit.order is not None:
                _put_in_order(connection, briefing_id, edit.order)

    def delete_briefing(self, briefing_id: str) -> None:
        """Delete a briefing; no trace of it stays in the file, which is written anew.

        Raises:
            UnknownBriefingError: There is none of that id.
            StoreError: It cannot be deleted, or is, and traces of it are still there.
        """
        with self._writing() as connection:
            _changed(connection, briefing_id, datetime.now(UTC))
            connection.execute("DELETE FROM briefings WHERE id = ?", (briefing_id,))
        self._wipe()

    def _briefing(self, query: str, value: str) -> Briefing:
        with self._reading() as connection:
            row = connection.execute(query, (value,)).fetchone()
            if row is None:
                raise _unknown()
            rows = connection.execute(
                f"SELECT id, place, {_COLUMNS} FROM quotations WHERE briefing = ?"  # noqa: S608
                " ORDER BY place",
                row[:1],
            ).fetchall()
        try:
            placed = [(place, _quotation(own_id, fields)) for own_id, place, *fields in rows]
            changed_on = date.fromisoformat(row[-1])
        except (ValueError, TypeError):
            raise StoreError(f"A briefing in {self.path} is damaged; restore a backup.") from None
        own_id, reading_id, title, introduction, language, version, _ = row
        return Briefing(
            id=own_id,
            reading_id=reading_id,
            title=title,
            introduction=introduction,
            language=language,
            version=version,
            changed_on=changed_on,
            quotations=tuple(quotation for place, quotation in placed if place is not None),
            removed=next((quotation for place, quotation in placed if place is None), None),
        )


def _quotation(own_id: str, fields: Sequence[str | int | None]) -> Quotation:
    passage_id, case_id, language, text, heading, page, remark, chosen_on = fields
    return Quotation(
        passage_id=str(passage_id),
        case_id=str(case_id),
        language=str(language),
        text=str(text),
        heading=tuple(json.loads(str(heading))),
        page=None if page is None else int(page),
        remark=str(remark),
        chosen_on=date.fromisoformat(str(chosen_on)),
        id=own_id,
    )


def _changed(connection: sqlite3.Connection, briefing_id: str, day: date) -> int:
    """Note that a briefing changes now; give its new version."""
    row = connection.execute(
        "UPDATE briefings SET version = version + 1, changed_on = ? WHERE id = ? RETURNING version",
        (iso_day(day), briefing_id),
    ).fetchone()
    if row is None:
        raise _unknown()
    return int(row[0])


def _add(connection: sqlite3.Connection, briefing_id: str, quotation: NewQuotation) -> None:
    held = connection.execute(
        "SELECT passage_id FROM quotations WHERE briefing = ? AND place IS NOT NULL",
        (briefing_id,),
    ).fetchall()
    if (quotation.passage_id,) in held:
        return
    if len(held) >= MOST_PASSAGES:
        raise _full()
    # Numbers are dense from 0, so that the next place is the count.
    connection.execute(
        f"INSERT INTO quotations ({_COLUMNS}, briefing, place, id)"  # noqa: S608 - names of ours
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            quotation.passage_id,
            quotation.case_id,
            quotation.language,
            quotation.text,
            json.dumps(quotation.heading, ensure_ascii=False),
            quotation.page,
            checked(quotation.remark, LONGEST_REMARK, "note"),
            iso_day(quotation.chosen_on),
            briefing_id,
            len(held),
            new_id(),
        ),
    )


def _put_in_order(connection: sqlite3.Connection, briefing_id: str, order: tuple[str, ...]) -> None:
    places = dict(
        connection.execute("SELECT id, place FROM quotations WHERE briefing = ?", (briefing_id,))
    )
    kept = [own_id for own_id in dict.fromkeys(order) if own_id in places]
    taken_out = [own_id for own_id, place in places.items() if place is not None]
    taken_out = [own_id for own_id in taken_out if own_id not in kept]
    if taken_out:  # only what was taken out last can be put back
        connection.execute(
            "DELETE FROM quotations WHERE briefing = ? AND place IS NULL", (briefing_id,)
        )
        kept = [own_id for own_id in kept if places[own_id] is not None]
    if len(kept) > MOST_PASSAGES:
        raise _full()
    connection.execute("UPDATE quotations SET place = NULL WHERE briefing = ?", (briefing_id,))
    connection.executemany(
        "UPDATE quotations SET place = ? WHERE briefing = ? AND id = ?",
        [(place, briefing_id, own_id) for place, own_id in enumerate(kept)],
    )


def _full() -> FullBriefingError:
    return FullBriefingError(
        f"This briefing holds {MOST_PASSAGES} passages, the most one can hold. Take one out, or"
        " begin another."
    )


def _unknown() -> UnknownBriefingError:
    return UnknownBriefingError(
        "There is no such briefing; it may have been deleted. Begin a new one."
    )
