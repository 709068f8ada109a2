"""The staff who may sign in to the desk: who they are, their roles, and how they are invited."""

import hashlib
import secrets
import sqlite3
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from server.store_database import Database, RefusedError, StoreError, iso_day, new_id
from server.store_records import TERMINAL, By, Change, write_record

LONGEST_NAME = 64
INVITED_FOR = timedelta(days=7)


class UnknownStaffError(StoreError):
    """There is nobody of that name among the staff, or no longer."""


class UnknownInvitationError(StoreError):
    """There is no such invitation: it was used or replaced, or its time is over."""


class Role(StrEnum):
    """What somebody may do at the desk; administrators may do what editors may."""

    EDITOR = "editor"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Person:
    """One of the staff.

    Attributes:
        id: Stays the same.
        name: As it was given.
        role: What they may do.
    """

    id: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Listed(Person):
    """One of the staff, and how far they have come.

    Attributes:
        added_on: When they were added.
        has_password: Whether they can sign in.
        invited_until: Until when their invitation can be used; None if there is none.
    """

    added_on: date
    has_password: bool
    invited_until: datetime | None


@dataclass(frozen=True, slots=True)
class Invitation:
    """What lets somebody set their password, once.

    Attributes:
        token: 256 random bits, 43 letters, digits, `-` and `_`; only its hash is kept.
        until: When it ends.
    """

    token: str
    until: datetime


class Staff(Database):
    """Keeps the staff, hashes of their passwords, and hashes of their invitations."""

    __slots__ = ()

    def add_staff(self, name: str, role: Role, by: By) -> Invitation:
        """Add somebody, and invite them to set their password.

        Args:
            name: 1 to 64 printable characters, nobody else's whatever the case of its letters.
            role: What they may do.
            by: Who adds them, and when.

        Raises:
            RefusedError: The name cannot be used.
            StoreError: It cannot be kept.
        """
        shown = _checked_name(name)
        with self._writing() as connection:
            if _find(connection, shown):
                raise RefusedError(
                    f"There is already somebody named {shown}. Give another name, or let them set"
                    " their password anew with `diwan staff reset`."
                )
            person = Person(new_id(), shown, role)
            connection.execute(
                "INSERT INTO staff (id, name, name_key, role, added_on) VALUES (?, ?, ?, ?, ?)",
                (person.id, shown, name_key(shown), role, iso_day(by.at.astimezone(UTC).date())),
            )
            write_record(connection, by, Change.INVITED, f"{shown}, {role}")
            return _invite(connection, person, by.at)

    def reset_staff(self, name: str, by: By) -> Invitation:
        """End somebody's password and sessions, and invite them to set a new password.

        Raises:
            UnknownStaffError: There is nobody of that name.
            StoreError: It cannot be kept.
        """
        with self._writing() as connection:
            person = _named(connection, name)
            connection.execute("UPDATE staff SET password = NULL WHERE id = ?", (person.id,))
            _end_sessions(connection, person)
            write_record(connection, by, Change.RESET, person.name)
            return _invite(connection, person, by.at)

    def change_role(self, name: str, role: Role, by: By) -> Person:
        """Give somebody a role; they have to sign in again.

        Raises:
            UnknownStaffError: There is nobody of that name.
            StoreError: It cannot be kept.
        """
        with self._writing() as connection:
            person = _named(connection, name)
            if person.role is not role:
                connection.execute("UPDATE staff SET role = ? WHERE id = ?", (role, person.id))
                _end_sessions(connection, person)
                write_record(connection, by, Change.ROLE_CHANGED, f"{person.name}, {role}")
        return Person(person.id, person.name, role)

    def remove_staff(self, name: str, by: By) -> Person:
        """Remove somebody, with their password, sessions and invitation; records stay.

        Raises:
            UnknownStaffError: There is nobody of that name.
            StoreError: It cannot be kept.
        """
        with self._writing() as connection:
            person = _named(connection, name)
            connection.execute("DELETE FROM staff WHERE id = ?", (person.id,))
            write_record(connection, by, Change.STAFF_REMOVED, person.name)
        return person

    def staff(self, now: datetime) -> tuple[Listed, ...]:
        """Everybody among the staff, by name.

        Raises:
            StoreError: They cannot be read.
        """
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT staff.id, name, role, added_on, password IS NOT NULL, until FROM staff"
                " LEFT JOIN invitations ON person = staff.id AND until > ? ORDER BY name_key",
                (seconds(now),),
            )
            return tuple(
                Listed(
                    own_id,
                    name,
                    Role(role),
                    date.fromisoformat(added_on),
                    bool(has_password),
                    None if until is None else datetime.fromtimestamp(until, UTC),
                )
                for own_id, name, role, added_on, has_password, until in rows
            )

    def invited(self, token: str, now: datetime) -> Person:
        """Whom an invitation is for.

        Raises:
            UnknownInvitationError: It can no longer be used, or never could.
            StoreError: It cannot be read.
        """
        with self._reading() as connection:
            return _invited(connection, token, now)

    def set_password(self, token: str, password: str, now: datetime) -> Person:
        """Set the password of whom an invitation is for; the invitation is used up.

        Args:
            token: Of the invitation.
            password: Its hash, as `server.passwords` makes it.
            now: When.

        Raises:
            UnknownInvitationError: It can no longer be used, or never could.
            StoreError: It cannot be kept.
        """
        with self._writing() as connection:
            person = _invited(connection, token, now)
            connection.execute("DELETE FROM invitations WHERE person = ?", (person.id,))
            connection.execute("UPDATE staff SET password = ? WHERE id = ?", (password, person.id))
            _end_sessions(connection, person)
            write_record(connection, By(person.name, now), Change.PASSWORD_SET, person.name)
        return person

    def password_of(self, name: str) -> tuple[Person, str] | None:
        """Who has a name, whatever the case of its letters, and the hash of their password.

        Returns:
            None where nobody has it, or whoever has it has not set a password.

        Raises:
            StoreError: It cannot be read.
        """
        with self._reading() as connection:
            row = connection.execute(
                "SELECT id, name, role, password FROM staff"
                " WHERE name_key = ? AND password IS NOT NULL",
                (name_key(name),),
            ).fetchone()
        return row and (Person(row[0], row[1], Role(row[2])), row[3])


def name_key(name: str) -> str:
    """What two ways to write one name have in common.

    Source: The Unicode Standard, 3.13, compatibility caseless matching.
    """
    folded = unicodedata.normalize("NFKC", " ".join(name.split())).casefold()
    return unicodedata.normalize("NFKC", folded).encode(errors="replace").decode()


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970."""
    return int(moment.timestamp())


def token_hash(token: str) -> bytes:
    """What is kept of a token; it is random enough for a plain hash."""
    return hashlib.sha256(token.encode(errors="replace")).digest()


def new_token() -> str:
    """A token that cannot be guessed: 256 random bits."""
    return secrets.token_urlsafe(32)


def _checked_name(name: str) -> str:
    shown = " ".join(name.split())
    if not shown or len(shown) > LONGEST_NAME or not shown.isprintable():
        raise RefusedError(
            f"A name has 1 to {LONGEST_NAME} characters that can be printed; write it otherwise."
        )
    if name_key(shown) == TERMINAL:
        raise RefusedError(
            f"The name {TERMINAL} stands for commands in the record of changes; give another."
        )
    return shown


def _find(connection: sqlite3.Connection, name: str) -> Person | None:
    row = connection.execute(
        "SELECT id, name, role FROM staff WHERE name_key = ?", (name_key(name),)
    ).fetchone()
    return row and Person(row[0], row[1], Role(row[2]))


def _named(connection: sqlite3.Connection, name: str) -> Person:
    person = _find(connection, name)
    if person is None:
        raise UnknownStaffError(
            f"There is nobody named {name} among the staff; `diwan staff list` names everybody."
        )
    return person


def _invite(connection: sqlite3.Connection, person: Person, now: datetime) -> Invitation:
    invitation = Invitation(new_token(), now.astimezone(UTC).replace(microsecond=0) + INVITED_FOR)
    connection.execute("DELETE FROM invitations WHERE person = ?", (person.id,))
    connection.execute(
        "INSERT INTO invitations (token, person, until) VALUES (?, ?, ?)",
        (token_hash(invitation.token), person.id, seconds(invitation.until)),
    )
    return invitation


def _invited(connection: sqlite3.Connection, token: str, now: datetime) -> Person:
    row = connection.execute(
        "SELECT staff.id, name, role FROM invitations JOIN staff ON staff.id = person"
        " WHERE token = ? AND until > ?",
        (token_hash(token), seconds(now)),
    ).fetchone()
    if row is None:
        raise UnknownInvitationError(
            "The invitation was used already, or is too old. Ask for a new one."
        )
    return Person(row[0], row[1], Role(row[2]))


def _end_sessions(connection: sqlite3.Connection, person: Person) -> None:
    connection.execute("DELETE FROM sessions WHERE person = ?", (person.id,))
