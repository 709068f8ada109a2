"""The record of changes, for staff: as a page, and as a table to keep."""

import re
from datetime import datetime

from fastapi import Response

from server.dependencies import CurrentStore
from server.desk_access import Editor, desk_router
from server.desk_frame import DeskVisit, desk_page
from server.i18n import Interface, interface
from server.spreadsheet import csv_file
from server.store_records import TERMINAL, Change, Record

A_PAGE = 50
_NUMBER = re.compile(r"[0-9]{1,15}")

router = desk_router()


@router.get("/changes")
def changes(visit: DeskVisit, store: CurrentStore, person: Editor, before: str = "") -> Response:
    """The changes that were made, the last one first, a page at a time."""
    reader = interface(visit.language)
    older = int(before) if _NUMBER.fullmatch(before) else None
    found = store.records(A_PAGE + 1, older)
    shown = found[:A_PAGE]
    return desk_page(
        "desk/changes.html",
        visit,
        person,
        records=[(record, name_of(record, reader), who_made(record, reader)) for record in shown],
        is_first=older is None,
        older=shown[-1].number if len(found) > A_PAGE else None,
    )


@router.get("/changes.csv")
def changes_as_table(visit: DeskVisit, store: CurrentStore, _person: Editor) -> Response:
    """All of them, for a spreadsheet; times are UTC."""
    reader = interface(visit.language)
    header = [
        reader.gettext("When (UTC)"),
        reader.gettext("Who"),
        reader.gettext("What"),
        reader.gettext("About what"),
    ]
    rows = (
        (_plainly(record.at), who_made(record, reader), name_of(record, reader), record.about)
        for record in store.records()
    )
    return csv_file("changes", header, rows)


def name_of(record: Record, reader: Interface) -> str:
    """What was done, in the reader's language; a word that is not known stays as it is."""
    names = {
        Change.INVITED: reader.gettext("Invited"),
        Change.RESET: reader.gettext("Password reset"),
        Change.ROLE_CHANGED: reader.gettext("Role changed"),
        Change.STAFF_REMOVED: reader.gettext("Removed from the staff"),
        Change.PASSWORD_SET: reader.gettext("Password set"),
        Change.SIGNED_IN: reader.gettext("Signed in"),
        Change.SIGNED_OUT: reader.gettext("Signed out"),
        Change.PROBLEM_CLOSED: reader.gettext("Problem closed"),
        Change.QUESTION_CLOSED: reader.gettext("Question closed"),
        Change.DOCUMENT_PUT_IN: reader.gettext("Document put in"),
        Change.DOCUMENT_TAKEN_OUT: reader.gettext("Document taken out"),
        Change.DOCUMENT_TAKEN_BACK: reader.gettext("Document taken back"),
        Change.CASE_SAVED: reader.gettext("Case study saved"),
        Change.CASE_PUT_BACK: reader.gettext("Earlier version put back"),
        Change.GOLD_ADDED: reader.gettext("Gold question added"),
        Change.TERM_ADDED: reader.gettext("Term added"),
        Change.VARIANT_ADDED: reader.gettext("Variant added to a term"),
        Change.REBUILD_STARTED: reader.gettext("Rebuild started"),
        Change.REBUILD_ENDED: reader.gettext("Rebuild ended"),
        Change.ROLLED_BACK: reader.gettext("An earlier generation published again"),
        Change.REFUSED_PUBLISHED: reader.gettext("A refused generation published"),
        Change.VERIFIED: reader.gettext("Generation verified"),
        Change.INTRODUCTION_MARKED: reader.gettext("Introduction gone on with"),
        Change.INTRODUCTION_CLOSED: reader.gettext("Introduction closed"),
        Change.LETTER_SENT_AGAIN: reader.gettext("Letter sent again"),
        Change.LETTER_SENT: reader.gettext("Letter said to be sent"),
        Change.LETTER_THROWN_AWAY: reader.gettext("Letter thrown away"),
        Change.TEST_LETTER: reader.gettext("Test letter written"),
        Change.CONTRIBUTION_ASKED: reader.gettext("Sender of a practice asked"),
        Change.CONTRIBUTION_DECLINED: reader.gettext("Practice declined"),
        Change.CONTRIBUTION_ACCEPTED: reader.gettext("Practice accepted"),
        Change.KEY_CREATED: reader.gettext("Key made"),
        Change.KEY_REVOKED: reader.gettext("Key revoked"),
    }
    return {str(change): name for change, name in names.items()}.get(record.what, record.what)


def who_made(record: Record, reader: Interface) -> str:
    """Who made a change, in the reader's language."""
    return reader.gettext("On the machine itself") if record.who == TERMINAL else record.who


def _plainly(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
