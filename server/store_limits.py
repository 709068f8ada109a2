"""Limits against abuse: how often somebody may do something, over all workers."""

import hmac

from server.store_database import Database


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
            (secret,) = connection.execute("SELECT value FROM secret").fetchone()
            text = f"{per_seconds} {key}".encode(errors="surrogatepass")
            digest = hmac.digest(secret, text, "sha256")
            connection.execute("DELETE FROM visits WHERE until <= ?", (now,))
            (count,) = connection.execute(
                "SELECT count(*) FROM visits WHERE key = ?", (digest,)
            ).fetchone()
            if count >= most:
                return False
            connection.execute(
                "INSERT INTO visits (key, until) VALUES (?, ?)", (digest, now + per_seconds)
            )
        return True
