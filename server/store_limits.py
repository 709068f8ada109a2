"""Limits against abuse: how often somebody may do something, over all workers."""

import hmac
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from server.store_database import Database


@dataclass(frozen=True, slots=True)
class Bound:
    """How often somebody may fail at something.

    Attributes:
        key: Who, and at what, as `sign-in 203.0.113.7`.
        most: How often, before nothing more is tried for a while.
        cleared: Whether earlier failures are forgotten once it succeeds.
    """

    key: str
    most: int
    cleared: bool


class Limits(Database):
    """Counts visits, and forgets them as soon as they no longer matter."""

    __slots__ = ()

    def allow(self, key: str, most: int, per_seconds: int, now: float) -> bool:
        """Tell whether somebody may do something once more, and count it if so.

        The key itself, say an address, is not kept, but a hash of it with a secret of this
        database, and no longer than `per_seconds` after which the next call, by anybody, removes
        it. A refusal is not counted: whoever waits is let in again.

        Args:
            key: Who, and what for, as `ask 203.0.113.7`.
            most: How often, in any stretch of that length; none at 0.
            per_seconds: Length of the stretch.
            now: Seconds since 1970, by the same clock for all workers.

        Raises:
            StoreError: It cannot be counted.
        """
        with self._writing(synchronous="NORMAL") as connection:
            digest = _hidden(connection, f"{per_seconds} {key}")
            connection.execute("DELETE FROM visits WHERE until <= ?", (now,))
            if _count(connection, digest) >= most:
                return False
            _note(connection, digest, now + per_seconds)
        return True

    def take_try(self, bounds: Sequence[Bound], seconds: int, now: float) -> bool:
        """Tell whether something may be tried, and count it as failed until it has succeeded.

        Whoever has failed as often as a bound allows, within `seconds`, is let in again `seconds`
        after the last time. Several tries at once are counted before any of them is made. Keys
        are kept as in `allow`.

        Args:
            bounds: All of them must allow it.
            seconds: How long failures count, and how long nothing is tried afterwards.
            now: Seconds since 1970.

        Raises:
            StoreError: It cannot be counted.
        """
        with self._writing(synchronous="NORMAL") as connection:
            connection.execute("DELETE FROM visits WHERE until <= ?", (now,))
            closed = [_hidden(connection, f"closed {bound.key}") for bound in bounds]
            if any(_count(connection, digest) for digest in closed):
                return False
            for bound, closing in zip(bounds, closed, strict=True):
                digest = _hidden(connection, f"failed {bound.key}")
                _note(connection, digest, now + seconds)
                if _count(connection, digest) >= bound.most:
                    _note(connection, closing, now + seconds)
        return True

    def succeed(self, bounds: Sequence[Bound]) -> None:
        """Say that what `take_try` allowed has succeeded: it does not count as failed.

        Raises:
            StoreError: It cannot be counted.
        """
        with self._writing(synchronous="NORMAL") as connection:
            for bound in bounds:
                digest = _hidden(connection, f"failed {bound.key}")
                connection.execute(
                    "DELETE FROM visits WHERE key = ?1 AND (?2 OR (until, id) = (SELECT until, id"
                    " FROM visits WHERE key = ?1 ORDER BY until DESC, id LIMIT 1))",
                    (digest, bound.cleared),
                )
                if _count(connection, digest) < bound.most:
                    closing = _hidden(connection, f"closed {bound.key}")
                    connection.execute("DELETE FROM visits WHERE key = ?", (closing,))


def _hidden(connection: sqlite3.Connection, text: str) -> bytes:
    """A hash of a text with a secret of this database."""
    (secret,) = connection.execute("SELECT value FROM secret").fetchone()
    return hmac.digest(secret, text.encode(errors="surrogatepass"), "sha256")


def _count(connection: sqlite3.Connection, digest: bytes) -> int:
    (count,) = connection.execute("SELECT count(*) FROM visits WHERE key = ?", (digest,)).fetchone()
    return int(count)


def _note(connection: sqlite3.Connection, digest: bytes, until: float) -> None:
    connection.execute("INSERT INTO visits (key, until) VALUES (?, ?)", (digest, until))
