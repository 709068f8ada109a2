"""Passwords are hashed with Argon2id, checked in constant ways, and not too easily guessed."""

import threading

import pytest

from server.passwords import (
    LONGEST,
    SHORTEST,
    Passwords,
    TooManyPasswordsError,
    Weakness,
    weakness,
)

GOOD = "a lamp by the well"
CHEAP = Passwords(passes=1, memory=8)


def test_parameters_are_at_least_what_owasp_asks_for() -> None:
    assert Passwords().hashed(GOOD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_password_matches_its_hash_alone() -> None:
    kept = CHEAP.hashed(GOOD)
    assert GOOD not in kept
    assert kept != CHEAP.hashed(GOOD)
    assert CHEAP.matches(GOOD, kept)
    assert not CHEAP.matches(GOOD.upper(), kept)
    assert not CHEAP.matches("", kept)
    assert not CHEAP.matches(GOOD, None)
    assert not CHEAP.matches(GOOD, "no hash at all")
    assert not CHEAP.matches("\ud800" * 12, kept)


def test_a_password_is_the_same_however_a_keyboard_composes_it() -> None:
    assert CHEAP.matches("Cafe\u0301 sur la place", CHEAP.hashed("Café sur la place"))
    assert CHEAP.matches("ﻻ يعرفه أحد غيري", CHEAP.hashed("لا يعرفه أحد غيري"))


def test_a_hash_of_other_parameters_still_matches_and_is_told() -> None:
    stronger, kept = Passwords(passes=2, memory=16), CHEAP.hashed(GOOD)
    assert stronger.matches(GOOD, kept)
    assert stronger.outdated(kept)
    assert not stronger.outdated(stronger.hashed(GOOD))


@pytest.mark.parametrize("kept", [None, "hash"])
def test_whoever_is_unknown_costs_as_much_work(kept: str | None) -> None:
    """Each check computes Argon2id once, with the same parameters."""
    passwords = Passwords(passes=1, memory=8)
    computed = []
    hasher = passwords._hasher

    class Counting:
        def hash(self, password: str) -> str:
            computed.append((hasher.time_cost, hasher.memory_cost))
            return hasher.hash(password)

        def verify(self, kept: str, password: str) -> bool:
            computed.append((hasher.time_cost, hasher.memory_cost))
            return hasher.verify(kept, password)

    passwords._hasher = Counting()  # type: ignore[assignment]
    assert not passwords.matches("something else", kept and hasher.hash(GOOD))
    assert computed == [(1, 8)]


@pytest.mark.parametrize(
    ("password", "told"),
    [
        (GOOD, None),
        ("x" * (SHORTEST - 1), Weakness.SHORT),
        ("", Weakness.SHORT),
        ("لا يعرفه أحد", None),
        ("all lower case and no digit", None),
        (GOOD * 60, Weakness.LONG),
        ("a lamp" + "p" * (LONGEST - 6), None),
        ("aaaaaaaaaaaa", Weakness.OBVIOUS),
        ("aAaAaAaAaAaA", Weakness.OBVIOUS),
        ("            ", Weakness.OBVIOUS),
        ("Password1234", Weakness.OBVIOUS),
        ("1234 5678 9012", Weakness.OBVIOUS),
        ("كلمة المرور 123", Weakness.OBVIOUS),
        ("AMAL  al-haddad", Weakness.OBVIOUS),
    ],
)
def test_what_is_easily_guessed_is_refused(password: str, told: Weakness | None) -> None:
    assert weakness(password, "Amal al-Haddad") == told


def test_only_so_many_are_worked_on_at_once_and_nothing_waits() -> None:
    passwords = Passwords(passes=1, memory=8, at_once=1)
    refused = []

    def another() -> None:
        with pytest.raises(TooManyPasswordsError), passwords.turn():
            pass
        refused.append(True)

    with passwords.turn():
        thread = threading.Thread(target=another)
        thread.start()
        thread.join()
    assert refused
    with passwords.turn():
        assert passwords.hashed(GOOD)
