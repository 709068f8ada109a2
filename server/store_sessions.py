"""Sessions at the desk: who is signed in, and until when."""

from datetime import datetime, timedelta

from server.store_database import Database
from server.store_records import By, Change, write_record
from server.store_staff import (
    Person,
    Role,
    UnknownStaffError,
    new_token,
    seconds,
    token_hash,
)

LONGEST_SESSION = timedelta(hours=12)
LONGEST_PAUSE = timedelta(hours=2)
_NOTED_EVERY = 60  # seconds; whoever clicks on does not make the disk write each time

_LASTS = (
    f"began > ?1 - {LONGEST_SESSION // timedelta(seconds=1)}"
    f" AND used > ?1 - {LONGEST_PAUSE // timedelta(seconds=1)}"
)
ENDED = f"DELETE FROM sessions WHERE NOT ({_LASTS})"  # noqa: S608 - numbers of our own
"""The statement that deletes sessions whose time is over; ?1 is now, in seconds since 1970."""

_WHO = (
    "SELECT staff.id, name, role, used FROM sessions JOIN staff ON staff.id = person"  # noqa: S608
    f" WHERE token = ?2 AND {_LASTS}"
)


class Sessions(Database):
    """Keeps hashes of the tokens that browsers show, and when they were last shown."""

    __slots__ = ()

    def begin_session(
        self,
        person: Person,
        password: str,
        now: datetime,
        *,
        rehashed: str | None = None,
        instead_of: str | None = None,
    ) -> str:
        """Sign somebody in.

        Args:
            person: Who.
            password: The hash that their password was checked against: whoever has been removed
                or reset since is not signed in.
            now: When.
            rehashed: A hash of the same password to keep from now on.
            instead_of: Token of a session in the same browser, which ends.

        Returns:
            The token of the session; only its hash is kept.

        Raises:
            UnknownStaffError: They have been removed, or their password has changed.
            StoreError: It cannot be kept.
        """
        token = new_token()
        with self._writing() as connection:
            if not connection.execute(
                "UPDATE staff SET password = ? WHERE id = ? AND password = ?",
                (rehashed or password, person.id, password),
            ).rowcount:
                raise UnknownStaffError("Their password was reset meanwhile. Try again.")
            connection.execute(ENDED, (seconds(now),))
            if instead_of:
                connection.execute(
                    "DELETE FROM sessions WHERE token = ?", (token_hash(instead_of),)
                )
            connection.execute(
                "INSERT INTO sessions (token, person, began, used) VALUES (?1, ?2, ?3, ?3)",
                (token_hash(token), person.id, seconds(now)),
            )
            write_record(connection, By(person.name, now), Change.SIGNED_IN, "")
        return token

    def signed_in(self, token: str, now: datetime) -> Person | None:
        """Who shows a token, if their session lasts; it then lasts on for two hours unused.

        Raises:
            StoreError: It cannot be told.
        """
        moment, key = seconds(now), token_hash(token)
        with self._reading() as connection:
            row = connection.execute(_WHO, (moment, key)).fetchone()
        if row is None:
            return None
        own_id, name, role, used = row
        if moment - used >= _NOTED_EVERY:
            with self._writing(synchronous="NORMAL") as connection:
                connection.execute("UPDATE sessions SET used = ? WHERE token = ?", (moment, key))
        return Person(own_id, name, Role(role))

    def end_session(self, token: str, now: datetime) -> None:
        """Sign whoever shows a token out; nothing happens where nobody is signed in by it.

        Raises:
            StoreError: It cannot be kept.
        """
        with self._writing() as connection:
            row = connection.execute(_WHO, (seconds(now), token_hash(token))).fetchone()
            connection.execute("DELETE FROM sessions WHERE token = ?", (token_hash(token),))
            if row:
                write_record(connection, By(row[1], now), Change.SIGNED_OUT, "")
