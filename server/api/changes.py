"""What became of documents: for whoever keeps a copy of the library."""

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request, Response

from index.chronicle import Change, Kind
from server.api.cursors import read_cursor
from server.api.freshness import Answering, FreshRoute
from server.api.parameters import Cursor, Limit, Root
from server.api.rendering import API, name_next
from server.api.schemas import ChangePage, DocumentChange
from server.problems import ParameterError

_MOMENT = r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?$"

router = APIRouter(route_class=FreshRoute, tags=["library"])


@router.get(f"{API}/changes", operation_id="listChanges")
def list_changes(
    request: Request,
    response: Response,
    service: Answering,
    root: Root,
    since: Annotated[
        str | None,
        Query(
            pattern=_MOMENT,
            description="From this day or moment on, itself among them; ISO 8601, UTC where it"
            " names no other time. Without it, everything.",
            examples=["2026-01-31"],
        ),
    ] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> ChangePage:
    """List the documents that came, changed or were removed, each once, the earliest first.

    Ask the next time with `since` set to the `until` of the last page: nothing is missed.
    """
    after = _change(cursor) if cursor is not None else None
    chronicle = service.generation.chronicle
    found = chronicle.changes_since(
        _moment(since), after=after, most=limit, withheld=service.withheld()
    )
    last = found.changes[-1] if found.more else None
    key = [last.moment, last.id, last.language] if last else None
    return ChangePage(
        generation=service.generation.id,
        until=chronicle.moment,
        complete=found.complete,
        changes=[_told(change, root) for change in found.changes],
        next=name_next(request, response, root, "changes", key),
    )


def _moment(since: str | None) -> datetime:
    """Read a moment.

    Raises:
        ParameterError: No calendar has it.
    """
    if since is None:
        return datetime.min.replace(tzinfo=UTC)
    try:
        read = datetime.fromisoformat(since)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ParameterError("since", "There is no such moment.") from error


def _change(cursor: str) -> Change:
    moment, case_id, language = read_cursor("changes", 3, cursor)
    return Change(moment, case_id, language, Kind.CHANGED)


def _told(change: Change, root: str) -> DocumentChange:
    gone = change.kind is Kind.REMOVED
    query = urlencode({"lang": change.language})
    return DocumentChange(
        moment=change.moment,
        case_id=change.id,
        language=change.language,
        change=change.kind,
        url=None if gone else f"{root}{API}/cases/{quote(change.id, safe='')}?{query}",
    )
