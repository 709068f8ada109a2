"""Staff are invited, sign in and are signed out as they should be; what they change is recorded."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.store import STORE, Store
from server.store_database import RefusedError
from server.store_inbox import UnknownReportError
from server.store_limits import Bound
from server.store_records import LONGEST_ABOUT, TERMINAL, By, Change
from server.store_staff import (
    Person,
    Role,
    UnknownInvitationError,
    UnknownStaffError,
)

NOW = datetime(2026, 3, 5, 14, 25, 36, 500, tzinfo=UTC)
BY = By(TERMINAL, NOW)
HASH = "$argon2id$first"
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / STORE


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store(path) as store:
        yield store


def hire(store: Store, name: str = "Amal", role: Role = Role.EDITOR) -> Person:
    """Somebody with a password."""
    return store.set_password(store.add_staff(name, role, BY).token, HASH, NOW)


def session(store: Store, person: Person, now: datetime = NOW) -> str:
    return store.begin_session(person, HASH, now)


def changes(store: Store) -> list[tuple[str, str, str]]:
    """Who, what and about what, the first change first."""
    return [(record.who, record.what, record.about) for record in reversed(store.records())]


def test_an_invitation_is_for_one_password_of_one_person(store: Store) -> None:
    invitation = store.add_staff("  Amal   Haddad ", Role.ADMINISTRATOR, BY)
    assert len(invitation.token) == 43
    person = store.invited(invitation.token, NOW)
    assert (person.name, person.role) == ("Amal Haddad", Role.ADMINISTRATOR)
    assert store.password_of("Amal Haddad") is None
    assert store.set_password(invitation.token, HASH, NOW) == person
    assert store.password_of("amal haddad") == (person, HASH)
    for attempt in (
        lambda: store.invited(invitation.token, NOW),
        lambda: store.set_password(invitation.token, "$other", NOW),
        lambda: store.set_password("", "$other", NOW),
        lambda: store.set_password("\ud800", "$other", NOW),
    ):
        with pytest.raises(UnknownInvitationError, match="Ask for a new one"):
            attempt()
    assert store.password_of("AMAL HADDAD") == (person, HASH)


def test_an_invitation_lasts_seven_days(store: Store) -> None:
    invitation = store.add_staff("Amal", Role.EDITOR, BY)
    assert invitation.until == NOW.replace(microsecond=0) + timedelta(days=7)
    last = invitation.until - SECOND
    assert store.invited(invitation.token, last).name == "Amal"
    assert store.staff(last)[0].invited_until == invitation.until
    for late in (invitation.until, invitation.until + HOUR):
        with pytest.raises(UnknownInvitationError):
            store.set_password(invitation.token, HASH, late)
        assert store.staff(late)[0].invited_until is None


def test_a_new_invitation_ends_the_one_before(store: Store) -> None:
    first = store.add_staff("Amal", Role.EDITOR, BY)
    second = store.reset_staff("AMAL", BY)
    with pytest.raises(UnknownInvitationError):
        store.invited(first.token, NOW)
    assert store.invited(second.token, NOW).name == "Amal"


@pytest.mark.parametrize(
    "name", ["", "  ", "x" * 65, "a\x00b", "a\u202eb", "a\ud800", "terminal", "TERMINAL"]
)
def test_a_name_that_cannot_be_told_apart_is_refused(store: Store, name: str) -> None:
    with pytest.raises(RefusedError):
        store.add_staff(name, Role.EDITOR, BY)
    assert store.staff(NOW) == ()
    assert store.records() == ()


@pytest.mark.parametrize(
    ("name", "same"),
    [("Amal", "aMAL"), ("Straße", "STRASSE"), ("أمل", " أمل "), ("Ａmal", "amal"), ("İ", "i̇")],
)
def test_names_are_one_whatever_their_case(store: Store, name: str, same: str) -> None:
    store.add_staff(name, Role.EDITOR, BY)
    with pytest.raises(RefusedError, match="already somebody named"):
        store.add_staff(same, Role.EDITOR, BY)
    store.remove_staff(same, BY)
    assert store.staff(NOW) == ()


def test_an_unknown_name_is_told_with_the_way_out(store: Store) -> None:
    for attempt in (
        lambda: store.reset_staff("Nobody", BY),
        lambda: store.remove_staff("Nobody", BY),
        lambda: store.change_role("Nobody", Role.EDITOR, BY),
    ):
        with pytest.raises(UnknownStaffError, match="diwan staff list"):
            attempt()


def test_a_session_lasts_twelve_hours_and_two_hours_unused(store: Store) -> None:
    person = hire(store)
    token = session(store, person)
    moment = NOW
    while moment < NOW + 12 * HOUR:
        assert store.signed_in(token, moment) == person
        moment += 2 * HOUR - SECOND
    assert store.signed_in(token, NOW + 12 * HOUR) is None

    unused = session(store, person)
    assert store.signed_in(unused, NOW + 2 * HOUR - SECOND) == person
    assert store.signed_in(unused, NOW + 4 * HOUR - 2 * SECOND) == person
    assert store.signed_in(unused, NOW + 6 * HOUR) is None


@pytest.mark.parametrize(
    "end",
    [
        lambda store, token: store.end_session(token, NOW),
        lambda store, _: store.reset_staff("Amal", BY),
        lambda store, _: store.remove_staff("Amal", BY),
        lambda store, _: store.change_role("Amal", Role.ADMINISTRATOR, BY),
        lambda store, _: store.set_password(store.reset_staff("Amal", BY).token, HASH, NOW),
        lambda store, token: store.begin_session(
            store.password_of("Amal")[0], HASH, NOW, instead_of=token
        ),
    ],
    ids=["signed out", "reset", "removed", "other role", "other password", "signed in again"],
)
def test_a_session_ends(store: Store, end: Callable[[Store, str], object]) -> None:
    token, other = session(store, hire(store)), session(store, hire(store, "Badr"))
    assert store.signed_in(token, NOW)
    end(store, token)
    assert store.signed_in(token, NOW) is None
    assert store.signed_in(other, NOW)


def test_whoever_was_reset_while_they_signed_in_is_not_signed_in(store: Store) -> None:
    person = hire(store)
    store.reset_staff("Amal", BY)
    with pytest.raises(UnknownStaffError):
        session(store, person)
    store.remove_staff("Amal", BY)
    with pytest.raises(UnknownStaffError):
        session(store, person)


def test_a_password_is_hashed_anew_as_somebody_signs_in(store: Store) -> None:
    person = hire(store)
    store.begin_session(person, HASH, NOW, rehashed="$argon2id$second")
    assert store.password_of("Amal") == (person, "$argon2id$second")


def test_the_same_role_again_changes_nothing(store: Store) -> None:
    token = session(store, hire(store))
    store.change_role("Amal", Role.EDITOR, BY)
    assert store.signed_in(token, NOW)
    assert changes(store)[-1][1] == Change.SIGNED_IN


def test_no_token_is_kept(store: Store, path: Path) -> None:
    invitation = store.add_staff("Amal", Role.EDITOR, BY)
    token = session(store, store.set_password(invitation.token, HASH, NOW))
    waiting = store.add_staff("Badr", Role.EDITOR, BY)
    store.signed_in(token, NOW + HOUR)
    on_disk = b"".join(file.read_bytes() for file in path.parent.iterdir())
    for secret in (invitation.token, token, waiting.token):
        assert secret.encode() not in on_disk


def test_every_change_is_recorded_with_who_when_and_what(store: Store) -> None:
    person = hire(store)
    token = session(store, person)
    store.end_session(token, NOW)
    store.end_session(token, NOW)
    store.change_role("amal", Role.ADMINISTRATOR, BY)
    store.reset_staff("Amal", BY)
    store.remove_staff("Amal", BY)
    assert changes(store) == [
        (TERMINAL, "invited", "Amal, editor"),
        ("Amal", "password-set", "Amal"),
        ("Amal", "signed-in", ""),
        ("Amal", "signed-out", ""),
        (TERMINAL, "role-changed", "Amal, administrator"),
        (TERMINAL, "reset", "Amal"),
        (TERMINAL, "staff-removed", "Amal"),
    ]
    assert {record.at for record in store.records()} == {NOW.replace(microsecond=0)}


def test_what_fails_is_not_recorded(store: Store) -> None:
    with pytest.raises(UnknownStaffError):
        store.remove_staff("Nobody", BY)
    with pytest.raises(UnknownReportError):
        store.close_problem("nothing", "", BY)
    with closing(sqlite3.connect(store.path)) as database:
        database.execute("DROP TABLE records")
    with pytest.raises(Exception, match="records"):
        store.add_staff("Amal", Role.EDITOR, BY)
    assert store.staff(NOW) == ()


def test_records_come_in_pages_the_last_first(store: Store) -> None:
    for number in range(1, 8):
        store.record(By("Amal", NOW + number * SECOND), Change.SIGNED_IN, f"{number}\n of \t7")
    first = store.records(3)
    assert [record.about for record in first] == ["7 of 7", "6 of 7", "5 of 7"]
    second = store.records(3, before=first[-1].number)
    assert [record.about for record in second] == ["4 of 7", "3 of 7", "2 of 7"]
    assert [record.about for record in store.records(before=second[-1].number)] == ["1 of 7"]


def test_a_record_is_short_and_in_utc(store: Store) -> None:
    here = NOW.astimezone(datetime.fromisoformat("2026-01-01T00:00:00+03:00").tzinfo)
    store.record(By("Amal", here), Change.RESET, "x" * 1000)
    (record,) = store.records()
    assert (len(record.about), record.about[-1]) == (LONGEST_ABOUT, "…")
    assert record.at.isoformat() == "2026-03-05T14:25:36+00:00"


def test_closing_is_recorded_without_what_the_public_wrote(store: Store) -> None:
    sent = store.send_to_hub("who mends the wells", "en", NOW.date(), None)
    store.close_sent(sent, "A case study was added", By("Amal", NOW))
    other = store.send_to_hub("who mends the roofs", "en", NOW.date(), None)
    store.close_sent(other, "", By("Amal", NOW))
    assert changes(store) == [
        ("Amal", "question-closed", "2026-03-05: A case study was added"),
        ("Amal", "question-closed", "2026-03-05"),
    ]


def test_what_is_over_is_forgotten(store: Store, path: Path) -> None:
    old, kept = hire(store), hire(store, "Badr")
    lasting = session(store, kept, NOW + 11 * HOUR)
    session(store, old)
    expired = store.add_staff("Celia", Role.EDITOR, By(TERMINAL, NOW - timedelta(days=8)))
    waiting = store.add_staff("Dina", Role.EDITOR, BY)
    gone = store.forget(NOW.date() + timedelta(days=1), NOW + 12 * HOUR)
    assert gone.records == 7
    assert [(record.who, record.what) for record in store.records()] == [("Badr", "signed-in")]
    assert store.signed_in(lasting, NOW + 12 * HOUR) == kept
    assert store.invited(waiting.token, NOW).name == "Dina"
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM sessions").fetchone() == (1,)
        assert database.execute("SELECT count(*) FROM invitations").fetchone() == (1,)
    with pytest.raises(UnknownInvitationError):
        store.invited(expired.token, NOW - timedelta(days=7, hours=1))


def tries(store: Store, *moments: float, bounds: tuple[Bound, ...]) -> list[bool]:
    return [store.take_try(bounds, 900, moment) for moment in moments]


def test_nothing_is_tried_for_a_while_after_too_many_failures(store: Store) -> None:
    bounds = (Bound("name amal", 3, cleared=True), Bound("address 203.0.113.7", 5, cleared=False))
    assert tries(store, 1000, 1500, 1800, 1801, bounds=bounds) == [True, True, True, False]
    assert tries(store, 2699, 2700, bounds=bounds) == [False, True]  # 900 after the last failure
    other = (Bound("name badr", 3, cleared=True), bounds[1])
    assert tries(store, 2701, 2702, 2703, 2704, bounds=other) == [True, True, True, False]


def test_what_succeeds_does_not_count_as_failed(store: Store) -> None:
    name, address = Bound("name", 3, cleared=True), Bound("address", 4, cleared=False)
    for moment in range(1000, 1040, 4):
        assert tries(store, moment, moment + 1, moment + 2, bounds=(name,)) == [True] * 3
        store.succeed((name,))
    assert tries(store, 1100, 1101, 1102, bounds=(address,)) == [True] * 3
    for moment in range(1110, 1115):
        assert tries(store, moment, bounds=(address,)) == [True]
        store.succeed((address,))
    assert tries(store, 1120, 1121, bounds=(address,)) == [True, False]


def test_failures_are_kept_without_the_name_or_address(store: Store, path: Path) -> None:
    tries(store, 1000, bounds=(Bound("name amal", 1, cleared=True),))
    assert b"amal" not in b"".join(file.read_bytes() for file in path.parent.iterdir())
