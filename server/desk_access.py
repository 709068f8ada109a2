"""Who may use which route of the desk: every route states its rule, or is not made at all."""

from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.params import Depends as Dependency
from fastapi.responses import RedirectResponse
from fastapi.routing import iter_route_contexts

from server.dependencies import CurrentStore
from server.desk_frame import HOME, desk_page, get_desk_visit
from server.forms import from_this_site
from server.pages import PageRoute
from server.store_records import By
from server.store_staff import Person, Role

SIGN_IN = f"{HOME}/sign-in"
_READING = {"GET", "HEAD"}
_COOKIE, _SECURE_COOKIE = "diwan_desk", "__Host-diwan_desk"


class Rule(StrEnum):
    """Whom a route of the desk is for."""

    EDITOR = "editor"
    ADMINISTRATOR = "administrator"
    ANYBODY = "anybody"


class UnguardedError(Exception):
    """A route of the desk does not state whom it is for; a mistake in the program."""


class SignedOutError(Exception):
    """Nobody is signed in, and the route is for staff."""


class NotAllowedError(Exception):
    """Whoever is signed in has not the role that the route is for.

    Args:
        person: Who is signed in.
    """

    def __init__(self, person: Person) -> None:
        super().__init__(person)
        self.person = person


def get_moment() -> datetime:
    """The moment of a request, UTC."""
    return datetime.now(UTC)


Moment = Annotated[datetime, Depends(get_moment)]


def get_token(request: Request) -> str | None:
    """The token of the session that the browser shows, if any.

    Over https only a cookie that no other host can have set is looked at.
    """
    return request.cookies.get(_cookie(request))


def get_person(
    token: Annotated[str | None, Depends(get_token)], store: CurrentStore, moment: Moment
) -> Person | None:
    """Who is signed in, if anybody.

    Raises:
        StoreError: It cannot be told.
    """
    return store.signed_in(token, moment) if token else None


SignedIn = Annotated[Person | None, Depends(get_person)]


def editor(person: SignedIn) -> Person:
    """Whoever is signed in.

    Raises:
        SignedOutError: Nobody is.
    """
    if person is None:
        raise SignedOutError
    return person


def administrator(person: Annotated[Person, Depends(editor)]) -> Person:
    """Whoever is signed in as an administrator.

    Raises:
        SignedOutError: Nobody is signed in.
        NotAllowedError: Somebody is, in another role.
    """
    if person.role is not Role.ADMINISTRATOR:
        raise NotAllowedError(person)
    return person


def anybody() -> None:
    """Let everybody in, whether signed in or not."""


Editor = Annotated[Person, Depends(editor)]
Administrator = Annotated[Person, Depends(administrator)]


def by_editor(person: Editor, moment: Moment) -> By:
    """Whoever is signed in, as the record of changes names them."""
    return By(person.name, moment)


def by_administrator(person: Administrator, moment: Moment) -> By:
    """Whoever is signed in as an administrator, as the record of changes names them."""
    return By(person.name, moment)


ByEditor = Annotated[By, Depends(by_editor)]
ByAdministrator = Annotated[By, Depends(by_administrator)]
ANYBODY = Depends(anybody)
"""For `dependencies=[ANYBODY]` of a route that is open."""

_RULES: tuple[tuple[Callable[..., Any], Rule], ...] = (
    (administrator, Rule.ADMINISTRATOR),
    (editor, Rule.EDITOR),
    (anybody, Rule.ANYBODY),
)


class DeskRoute(PageRoute):
    """A route of the desk: it states its rule, and takes no form that another site sends.

    Raises:
        UnguardedError: It states no rule.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        dependencies: Sequence[Dependency] | None = None,
        methods: set[str] | list[str] | None = None,
        **kwargs: Any,  # noqa: ANN401 - whatever a route takes
    ) -> None:
        posted = [] if set(methods or _READING) <= _READING else [Depends(from_this_site)]
        everything = [*posted, *(dependencies or ())]
        super().__init__(path, endpoint, dependencies=everything, methods=methods, **kwargs)
        rule_of(self)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's handler, so that whoever may not use it is told."""
        handle = super().get_route_handler()

        async def handle_or_refuse(request: Request) -> Response:
            try:
                return await handle(request)
            except SignedOutError:
                return _ask_to_sign_in(request)
            except NotAllowedError as error:
                visit, status = get_desk_visit(request), HTTPStatus.FORBIDDEN
                return desk_page("desk/refused.html", visit, error.person, status=status)

        return handle_or_refuse


def desk_router() -> APIRouter:
    """A router for pages of the desk; the paths of its routes begin behind `/desk`."""
    return APIRouter(prefix=HOME, route_class=DeskRoute, include_in_schema=False)


def rule_of(route: DeskRoute) -> Rule:
    """Whom a route is for.

    Raises:
        UnguardedError: It states no rule.
    """
    asked = set(_calls(route.dependant))
    for dependency, rule in _RULES:
        if dependency in asked:
            return rule
    raise UnguardedError(f"{route.path} has to depend on an editor, an administrator or anybody")


def guarded_routes(app: FastAPI) -> list[DeskRoute]:
    """Every route of an application under `/desk`.

    Raises:
        UnguardedError: One of them is not made by `desk_router`, so that it may state no rule.
    """
    found = []
    for context in iter_route_contexts(app.routes):
        path = context.path or ""
        if path != HOME and not path.startswith(f"{HOME}/"):
            continue
        if not isinstance(context.original_route, DeskRoute):
            raise UnguardedError(f"{path} is not made by `desk_router`")
        found.append(context.original_route)
    return found


def show_token(request: Request, response: Response, token: str) -> None:
    """Let a browser show the token of a session from now on.

    The cookie goes to no other site, no script can read it, and it ends with the browser; the
    session may end before.
    """
    response.set_cookie(
        _cookie(request), token, secure=_is_secure(request), httponly=True, samesite="strict"
    )


def take_token_back(request: Request, response: Response) -> None:
    """Let a browser show no token any more."""
    response.delete_cookie(
        _cookie(request), secure=_is_secure(request), httponly=True, samesite="strict"
    )


def _ask_to_sign_in(request: Request) -> Response:
    visit = get_desk_visit(request)
    if request.method not in _READING:
        return desk_page("desk/refused.html", visit, None, status=HTTPStatus.UNAUTHORIZED)
    path, query = request.url.path, request.url.query
    wanted = {"next": f"{path}?{query}" if query else path, "ui": visit.language}
    return RedirectResponse(f"{SIGN_IN}?{urlencode(wanted)}", HTTPStatus.SEE_OTHER)


def _calls(dependant: Dependant) -> list[Callable[..., Any] | None]:
    below = [call for each in dependant.dependencies for call in _calls(each)]
    return [dependant.call, *below]


def _cookie(request: Request) -> str:
    return _SECURE_COOKIE if _is_secure(request) else _COOKIE


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"
