"""Practices that another platform sends in by its key, and what becomes of them."""

import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, TypeVar
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response
from pydantic import BaseModel

from index.scripts import rendering_for
from server.api import idempotency
from server.api.contribution_body import NewAnswer, NewContribution, refuse
from server.api.contribution_shapes import (
    ContributionCase,
    ContributionPage,
    ContributionState,
    SentContribution,
    Standing,
)
from server.api.cursors import read_cursor
from server.api.freshness import PrivateRoute
from server.api.idempotency import IdempotencyKey
from server.api.parameters import Cursor, Limit, Root
from server.api.rendering import API, name_next
from server.contributions.letters import way_back
from server.contributions.rules import Lack, Why, cleaned, lacking
from server.contributions.sendings import FullDayError, Origin, OtherBodyError, Repeat, Sending
from server.contributions.store import ChangedContributionError, Contribution, State
from server.dependencies import CurrentHolder, CurrentStore
from server.desk_access import Moment
from server.entity_tag import entity_tag
from server.holder import Holder, NotReadyError
from server.keys.access import get_key, needs
from server.keys.store import Key, Scope
from server.problems import ParameterError

MOST_A_DAY = 200
"""So many practices a key may send in on a day, UTC."""

_WITHDRAWN, _WITHIN = 20, 600  # of one key in so many seconds: the file is written anew each time
_OF = "contributions"
_Told = TypeVar("_Told", bound=BaseModel)


class _KeyedRoute(PrivateRoute):
    """A private route that looks at the key before it reads the body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's handler."""
        handle = super().get_route_handler()
        see_the_key = needs(Scope.CONTRIBUTE)

        async def see_the_key_first(request: Request) -> Response:
            see_the_key(await get_key(request))
            return await handle(request)

        return see_the_key_first


router = APIRouter(route_class=_KeyedRoute, tags=["contributions"])
CurrentKey = Annotated[Key, Depends(needs(Scope.CONTRIBUTE))]
ContributionId = Annotated[
    str,
    Path(
        description="Id of the contribution, as it was given when it was sent.",
        examples=["q3nVd0X2l7c9pTgk5yRz1w"],
    ),
]


@router.post(
    f"{API}/contributions",
    operation_id="sendContribution",
    status_code=HTTPStatus.CREATED,
    responses={200: {"model": SentContribution}},
    openapi_extra={"parameters": [idempotency.PARAMETER]},
)
def send_contribution(
    key: CurrentKey,
    repeat: IdempotencyKey,
    body: NewContribution,
    response: Response,
    store: CurrentStore,
    holder: CurrentHolder,
    root: Root,
    now: Moment,
) -> SentContribution:
    """Send in a practice: it waits for the hub, as one that was typed at `/contribute`.

    The same fields are asked for, and the same rules hold. Sent again with the same
    `Idempotency-Key`, it is answered with what there is already, with 200; it comes in once.
    """
    draft = body.draft()
    lacks = lacking(draft)
    if lacks:
        raise refuse(lacks)
    origin = Origin(
        key.name, " ".join((body.reference or "").split()), Repeat(repeat, body.written())
    )
    day = now.astimezone(UTC).date()
    try:
        found, new = store.send_by_key(origin, draft, body.written_to_in, day, most=MOST_A_DAY)
    except OtherBodyError as error:
        raise ParameterError(idempotency.NAME, str(error)) from error
    except FullDayError as error:
        wait = _until_tomorrow(now)
        raise _too_many(f"{error} Send the next one in {wait} seconds.", wait) from error
    told = _told(found, holder, root)
    response.status_code = HTTPStatus.CREATED if new else HTTPStatus.OK
    response.headers["Cache-Control"] = "no-store"
    response.headers["Location"] = f"{API}/contributions/{told.id}"
    link = way_back(found.contribution, root) if found.contribution else None
    return SentContribution(**told.model_dump(), sender_url=link)


@router.get(f"{API}/contributions", operation_id="listContributions")
def list_contributions(
    key: CurrentKey,
    request: Request,
    response: Response,
    store: CurrentStore,
    holder: CurrentHolder,
    root: Root,
    state: Annotated[
        Standing | None,
        Query(description="Only those that are so far.", examples=["asked"]),
    ] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> ContributionPage:
    """List what came by this key, with what has become of each, by the ids."""
    after = read_cursor(_OF, 1, cursor)[0] if cursor is not None else ""
    found = store.sendings(key.name, limit + 1, after, state.kept if state else None)
    shown = found[:limit]
    last = [shown[-1].id] if len(found) > limit else None
    page = ContributionPage(
        contributions=[_told(each, holder, root) for each in shown],
        next=name_next(request, response, root, _OF, last),
    )
    return _tagged(request, page)


@router.get(f"{API}/contributions/{{contribution_id}}", operation_id="getContribution")
def get_contribution(
    contribution_id: ContributionId,
    key: CurrentKey,
    request: Request,
    store: CurrentStore,
    holder: CurrentHolder,
    root: Root,
) -> ContributionState:
    """Tell what has become of a practice that came by this key.

    Nothing that says who sent it is told.
    """
    return _tagged(request, _told(store.sending(key.name, contribution_id), holder, root))


@router.post(f"{API}/contributions/{{contribution_id}}/answer", operation_id="answerContribution")
def answer_contribution(
    contribution_id: ContributionId,
    key: CurrentKey,
    body: NewAnswer,
    store: CurrentStore,
    holder: CurrentHolder,
    root: Root,
    now: Moment,
) -> ContributionState:
    """Answer what the hub asked, and change the practice if need be; then it waits again.

    Refused with 409 unless the hub has asked and `version` is the one that you read.
    """
    found = _there(store.sending(key.name, contribution_id))
    if found.state is not State.ASKED or found.version != body.version:
        raise ChangedContributionError(
            "The hub does not wait for this answer. Read the contribution again."
        )
    practice = body.practice.practice() if body.practice else found.draft.practice
    draft = cleaned(replace(found.draft, practice=practice, answer=body.answer))
    unsaid = () if draft.answer else (Lack("answer", Why.EMPTY),)
    lacks = (*unsaid, *lacking(draft))
    if lacks:
        raise refuse(lacks)
    day = now.astimezone(UTC).date()
    store.keep_contribution(found.key, found.version, draft, day, send=True)
    return _told(store.sending(key.name, contribution_id), holder, root)


@router.delete(
    f"{API}/contributions/{{contribution_id}}",
    operation_id="withdrawContribution",
    status_code=HTTPStatus.NO_CONTENT,
    response_class=Response,
)
def withdraw_contribution(
    contribution_id: ContributionId, key: CurrentKey, store: CurrentStore
) -> None:
    """Withdraw a practice that was not accepted: it is deleted, for good.

    One that was withdrawn before is answered alike, one that was accepted with 409.
    """
    found = store.sending(key.name, contribution_id).contribution
    if found is None:
        return
    if found.state is State.ACCEPTED:
        raise ChangedContributionError(
            "This contribution was accepted; ask the hub to take the case study out."
        )
    if not store.allow(f"withdrawn by key {key.name}", _WITHDRAWN, _WITHIN, time.time()):
        raise _too_many("Too many were withdrawn; go on in ten minutes.", _WITHIN)
    store.withdraw_contribution(found.key)


def _there(sending: Sending) -> Contribution:
    """What was sent.

    Raises:
        ChangedContributionError: It was withdrawn.
    """
    if sending.contribution is None:
        raise ChangedContributionError("This contribution was withdrawn.")
    return sending.contribution


def _told(sending: Sending, holder: Holder, root: str) -> ContributionState:
    found = sending.contribution
    asks = found is not None and found.state is State.ASKED
    asked = [message.text for message in found.messages if message.from_hub] if found else []
    return ContributionState(
        id=sending.id,
        state=Standing.of(sending.state),
        reference=sending.reference or None,
        version=found.version if found else None,
        sent_on=sending.sent_on.isoformat(),
        changed_on=found.changed_on.isoformat() if found else None,
        question=asked[-1] if asks and asked else None,
        reason=(found.reason or None) if found else None,
        case_study=_case(found, holder, root) if found else None,
        url=f"{root}{API}/contributions/{sending.id}",
    )


def _case(found: Contribution, holder: Holder, root: str) -> ContributionCase | None:
    if found.case is None:
        return None
    case_id, language = found.case
    try:
        renderings = holder.current().renderings(case_id)
    except NotReadyError:
        renderings = ()
    address = f"{quote(case_id, safe='')}?{urlencode({'lang': language})}"
    return ContributionCase(
        id=case_id,
        language=language,
        in_library=rendering_for(renderings, language) is not None,
        url=f"{root}{API}/cases/{address}",
        case_url=f"{root}/cases/{address}",
    )


def _tagged(request: Request, told: _Told) -> _Told:
    """An answer, tagged by what it says."""
    request.state.tag = entity_tag(told.model_dump_json())
    return told


def _until_tomorrow(now: datetime) -> int:
    """Seconds until the next day, UTC."""
    today = now.astimezone(UTC)
    midnight = (today + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return int((midnight - today).total_seconds()) + 1


def _too_many(sentence: str, wait: int) -> HTTPException:
    headers = {"Retry-After": str(wait)}
    return HTTPException(HTTPStatus.TOO_MANY_REQUESTS, sentence, headers)
