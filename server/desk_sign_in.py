"""Signing in to the desk and out of it, and accepting an invitation."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Form, Query, Request, Response
from pydantic import BaseModel

from server.dependencies import CurrentStore
from server.desk_access import (
    ANYBODY,
    SIGN_IN,
    Editor,
    Moment,
    SignedIn,
    desk_router,
    get_token,
    show_token,
    take_token_back,
)
from server.desk_frame import HOME, DeskVisit, desk_page, to, within_the_desk
from server.forms import at_most
from server.pages import Visit, error_page
from server.passwords import SHORTEST, Passwords, TooManyPasswordsError, weakness
from server.store import Store
from server.store_limits import Bound
from server.store_staff import (
    Person,
    UnknownInvitationError,
    UnknownStaffError,
    name_key,
)

MOST_BY_NAME, MOST_BY_ADDRESS = 5, 20  # failed tries
SHUT_FOR = 15 * 60  # seconds
_INVITATIONS = 30  # of one address in ten minutes

router = desk_router()


@dataclass(frozen=True, slots=True)
class Entrance:
    """What a request brings along to the door of the desk.

    Attributes:
        request: The request.
        visit: What it says of itself.
        store: Holds staff and sessions.
        moment: When it comes.
        token: Of the session that the browser shows, if any.
    """

    request: Request
    visit: Visit
    store: Store
    moment: datetime
    token: str | None

    @property
    def passwords(self) -> Passwords:
        """How the application hashes passwords."""
        passwords: Passwords = self.request.app.state.passwords
        return passwords

    def bounds(self, name: str) -> tuple[Bound, Bound]:
        """How often may fail whoever tries a name, and whoever tries from this address."""
        client = self.request.client
        return (
            Bound(f"sign-in as {name_key(name)}", MOST_BY_NAME, cleared=True),
            Bound(
                f"sign-in from {client.host if client else 'unknown'}",
                MOST_BY_ADDRESS,
                cleared=False,
            ),
        )

    def let_in(self, token: str, address: str) -> Response:
        """Lead whoever has just signed in to a page of the desk."""
        response = to(within_the_desk(address), self.visit)
        show_token(self.request, response, token)
        return response


def get_entrance(
    request: Request,
    visit: DeskVisit,
    store: CurrentStore,
    moment: Moment,
    token: Annotated[str | None, Depends(get_token)],
) -> Entrance:
    """Bring together what a route at the door needs."""
    return Entrance(request, visit, store, moment, token)


CurrentEntrance = Annotated[Entrance, Depends(get_entrance)]


class SignInForm(BaseModel):
    """What the form sends; whatever it is, it is either right or not.

    Attributes:
        name: As typed.
        password: As typed.
        next: Where to go on.
    """

    name: str = ""
    password: str = ""
    next: str = HOME


class PasswordForm(BaseModel):
    """What the form of an invitation sends.

    Attributes:
        password: As typed.
        again: The same, to see that it is meant.
    """

    password: str = ""
    again: str = ""


@router.get("/sign-in", dependencies=[ANYBODY])
def ask_to_sign_in(
    visit: DeskVisit,
    person: SignedIn,
    wanted: Annotated[str, Query(alias="next")] = HOME,
    done: str | None = None,
) -> Response:
    """The form, for whoever is not signed in yet."""
    if person:
        return to(within_the_desk(wanted), visit)
    return _sign_in_page(visit, SignInForm(next=wanted), done=done)


@router.post("/sign-in", dependencies=[ANYBODY])
def sign_in(entrance: CurrentEntrance, form: Annotated[SignInForm, Form()]) -> Response:
    """Sign somebody in, if it is they, and if it has not been tried too often."""
    store, passwords, moment = entrance.store, entrance.passwords, entrance.moment
    bounds = entrance.bounds(form.name)
    try:
        with passwords.turn():
            if not store.take_try(bounds, SHUT_FOR, moment.timestamp()):
                return _sign_in_page(entrance.visit, form, problem="shut")
            person, kept = store.password_of(form.name) or (None, None)
            if not passwords.matches(form.password, kept) or not (person and kept):
                return _sign_in_page(entrance.visit, form, problem="wrong")
            anew = passwords.hashed(form.password) if passwords.outdated(kept) else None
        token = store.begin_session(person, kept, moment, rehashed=anew, instead_of=entrance.token)
    except TooManyPasswordsError:
        return error_page(entrance.visit, "unavailable", HTTPStatus.SERVICE_UNAVAILABLE)
    except UnknownStaffError:  # reset or removed meanwhile
        return _sign_in_page(entrance.visit, form, problem="wrong")
    store.succeed(bounds)
    return entrance.let_in(token, form.next)


@router.post("/sign-out")
def sign_out(entrance: CurrentEntrance, _person: Editor) -> Response:
    """Sign whoever is signed in out."""
    entrance.store.end_session(entrance.token or "", entrance.moment)
    response = to(SIGN_IN, entrance.visit, done="signed-out")
    take_token_back(entrance.request, response)
    return response


@router.get("/invitation/{token}", dependencies=[ANYBODY])
def show_invitation(token: str, entrance: CurrentEntrance) -> Response:
    """The form by which whoever is invited sets their password."""
    try:
        invited = entrance.store.invited(token, entrance.moment)
    except UnknownInvitationError:
        return _no_invitation(entrance.visit)
    return _invitation_page(entrance.visit, invited)


@router.post(
    "/invitation/{token}",
    dependencies=[ANYBODY, Depends(at_most(_INVITATIONS, "invitation"))],
)
def accept_invitation(
    token: str, entrance: CurrentEntrance, form: Annotated[PasswordForm, Form()]
) -> Response:
    """Set the password, and sign in whoever has set it."""
    store, passwords, moment = entrance.store, entrance.passwords, entrance.moment
    try:
        person = store.invited(token, moment)
        different = None if form.password == form.again else "different"
        if problem := weakness(form.password, person.name) or different:
            return _invitation_page(entrance.visit, person, problem)
        with passwords.turn():
            kept = passwords.hashed(form.password)
        store.set_password(token, kept, moment)
        session = store.begin_session(person, kept, moment, instead_of=entrance.token)
    except TooManyPasswordsError:
        return error_page(entrance.visit, "unavailable", HTTPStatus.SERVICE_UNAVAILABLE)
    except (UnknownInvitationError, UnknownStaffError):
        return _no_invitation(entrance.visit)
    by_name, _ = entrance.bounds(person.name)
    store.succeed((by_name,))
    return entrance.let_in(session, HOME)


def _sign_in_page(
    visit: Visit, form: SignInForm, problem: str | None = None, done: str | None = None
) -> Response:
    status = {None: HTTPStatus.OK, "shut": HTTPStatus.TOO_MANY_REQUESTS}
    response = desk_page(
        "desk/sign_in.html",
        visit,
        None,
        status=status.get(problem, HTTPStatus.UNAUTHORIZED),
        name=form.name,
        next=within_the_desk(form.next),
        problem=problem,
        done=done,
    )
    if problem == "shut":
        response.headers["Retry-After"] = str(SHUT_FOR)
    return response


def _invitation_page(visit: Visit, invited: Person, problem: str | None = None) -> Response:
    return desk_page(
        "desk/invitation.html",
        visit,
        None,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        invited=invited,
        problem=problem,
        shortest=SHORTEST,
    )


def _no_invitation(visit: Visit) -> Response:
    return desk_page(
        "desk/invitation.html",
        visit,
        None,
        status=HTTPStatus.NOT_FOUND,
        invited=None,
        problem=None,
        shortest=SHORTEST,
    )
