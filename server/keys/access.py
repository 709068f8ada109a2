"""What a route may ask of the key that a request shows."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from server.keys.admission import CHALLENGE
from server.keys.store import Key, Scope


async def get_key(request: Request) -> Key | None:
    """The key that a request shows, if any; a wrong one has been refused before."""
    key: Key | None = getattr(request.state, "key", None)
    return key


CurrentKey = Annotated[Key | None, Depends(get_key)]


async def may_search(key: CurrentKey) -> None:
    """Let in whoever shows no key, or one that is for searching.

    Raises:
        HTTPException: It is for something else; status 403.
    """
    if key is not None:
        _see_that(key, Scope.SEARCH)


def needs(scope: Scope) -> Callable[[Key | None], Key]:
    """A dependency for routes that are for programs with a key.

    Args:
        scope: What the key has to be for.

    Returns:
        What gives the key, or raises HTTPException: status 401 where there is none, 403 where it
        is for something else.
    """

    def see_the_key(key: CurrentKey) -> Key:
        if key is None:
            raise HTTPException(
                HTTPStatus.UNAUTHORIZED,
                "This needs a key. Ask the hub for one, and send it as `Authorization: Bearer …`.",
                {"WWW-Authenticate": CHALLENGE},
            )
        _see_that(key, scope)
        return key

    return see_the_key


def _see_that(key: Key, scope: Scope) -> None:
    if scope not in key.scopes:
        challenge = f'{CHALLENGE}, error="insufficient_scope", scope="{scope}"'
        raise HTTPException(
            HTTPStatus.FORBIDDEN,
            f"This key is not for that: it has not the scope {scope}.",
            {"WWW-Authenticate": challenge},
        )
