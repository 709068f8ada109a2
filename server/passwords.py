"""Passwords of the staff: which ones are taken, and how they are hashed and checked."""

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.store_staff import name_key

SHORTEST, LONGEST = 12, 1_000  # characters

# The least that OWASP's Password Storage Cheat Sheet asks of Argon2id.
_PASSES = 2
_MEMORY = 19 * 1024  # KiB
_AT_ONCE = 4  # each takes that memory and a core; whoever searches needs them, too

# What whoever guesses begins with, among those that are long enough.
_OBVIOUS = frozenset(
    """
    password1234 password12345 password123456 passwordpassword mypassword123 password1password
    passw0rd1234 p@ssw0rd1234 p@ssword1234 p@ssword12345 welcome12345 welcome123456 letmein12345
    letmeinletmein changeme1234 changemechangeme administrator administrator1 administrator123
    adminadminadmin admin1234567 admin12345678 admin123456789 123456789012 1234567890123
    12345678901234 123456789101112 1234567890123456 012345678901 098765432100 987654321098
    123123123123 121212121212 112233445566 123412341234 qwertyuiop12 qwertyuiop123 qwertyuiop1234
    qwertyuiopasdf qwertyqwerty qwerty123456 qwerty1234567 asdfghjkl123 asdfghjklqwe
    1q2w3e4r5t6y 1qaz2wsx3edc zaq12wsxcde3 abcdefghijkl abcdefghijklm abcd12345678 abc123abc123
    abcabcabcabc iloveyou1234 iloveyouiloveyou monkey123456 football1234 sunshine1234
    princess1234 trustno1trustno1 secretsecret correcthorsebatterystaple motdepasse123
    motdepasse1234 azertyuiop12 azertyuiop123 azertyazerty diwandiwandiwan diwandiwan12
    diwan1234567 diwan12345678 diwanpassword strongcities strongcities1 strongcities123
    كلمةالمرور123 كلمةالسر1234 كلمةالمروركلمةالمرور ابتثجحخدذرزس
    """.split()
)


class Weakness(StrEnum):
    """Why a password is not taken."""

    SHORT = "short"
    LONG = "long"
    OBVIOUS = "obvious"


class TooManyPasswordsError(Exception):
    """So many passwords are being checked already that one more would slow down the site."""


def weakness(password: str, name: str) -> Weakness | None:
    """Why a password is not taken; None for one that is.

    No kind of character is asked for: NIST SP 800-63B, 3.1.1.2.

    Args:
        password: As typed.
        name: Of whoever chooses it.
    """
    plain = _plain(password)
    if len(plain) < SHORTEST:
        return Weakness.SHORT
    if len(plain) > LONGEST:
        return Weakness.LONG
    bare = "".join(plain.casefold().split())
    if len(set(bare)) <= 1 or bare in _OBVIOUS or name_key(plain) == name_key(name):
        return Weakness.OBVIOUS
    return None


class Passwords:
    """Hashes passwords with Argon2id, and checks them.

    Args:
        passes: Over the memory.
        memory: KiB.
        at_once: How many passwords are worked on at the same time.
    """

    def __init__(
        self, passes: int = _PASSES, memory: int = _MEMORY, at_once: int = _AT_ONCE
    ) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory, parallelism=1)
        self._turns = threading.BoundedSemaphore(at_once)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Keep the site quick: what hashes or checks stands in this.

        Raises:
            TooManyPasswordsError: It is not one's turn; nothing waits for it, for threads that
                wait cannot answer questions.
        """
        if not self._turns.acquire(blocking=False):
            raise TooManyPasswordsError
        try:
            yield
        finally:
            self._turns.release()

    def hashed(self, password: str) -> str:
        """The hash of a password, with what it was made by."""
        return self._hasher.hash(_plain(password))

    def matches(self, password: str, kept: str | None) -> bool:
        """Tell whether a password is the one of a hash.

        Args:
            password: As typed.
            kept: The hash; None where there is none, which takes as long to tell.
        """
        typed = _plain(password)
        if kept is None:
            self._hasher.hash(typed)
            return False
        try:
            return self._hasher.verify(kept, typed)
        except (VerificationError, InvalidHashError):
            return False

    def outdated(self, kept: str) -> bool:
        """Whether a hash was made with other parameters than would be used now."""
        return self._hasher.check_needs_rehash(kept)


def _plain(password: str) -> str:
    """A password in the form that all keyboards and systems give it; source: SP 800-63B, 3.1.1.2.

    What is longer than any password that is taken is cut: it would only cost time.
    """
    cut = unicodedata.normalize("NFKC", password[: LONGEST + 1])
    return cut.encode(errors="replace").decode()
