"""Letters that wait: kept with what causes them, tried until they are sent, and wiped."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from server.mail.letter import About, Letter, is_address
from server.mail.outbox import State, UnknownLetterError, write_letter
from server.store import STORE, Store
from server.store_database import RefusedError
from server.store_records import By, Change

NOW = datetime(2026, 3, 5, 14, 25, 36, tzinfo=UTC)
LETTER = Letter("layla@example.org", "About your question", "Dear reader", "en", About.REPLY)
BY = By("Amal", NOW)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / STORE) as store:
        yield store


def queue(store: Store, letter: Letter = LETTER, at: datetime = NOW) -> str:
    known = {each.id for each in store.letters()}
    with store._writing() as connection:
        write_letter(connection, letter, at)
    return next(each.id for each in store.letters() if each.id not in known)


def on_disk(store: Store) -> bytes:
    beside = store.path.parent.glob(f"{store.path.name}*")
    return b"".join(path.read_bytes() for path in beside)


@pytest.mark.parametrize(
    "address",
    ["a@b.org", "first.last+tag@sub.example.co.uk", "o'neil@example.org", "x@مثال.إختبار"],
)
def test_an_address_as_people_have_them_is_one(address: str) -> None:
    assert is_address(address)


@pytest.mark.parametrize(
    "text",
    [
        "", "layla", "layla@", "@example.org", "layla@example", "a b@example.org",
        "a@example.org\nBcc: b@example.org", "a@example.org, b@example.org", "<a@example.org>",
        "a@exa mple.org", ".a@example.org", "a..b@example.org", "ليلى@example.org",
        "a@-example.org", "a@example..org", f"{'a' * 65}@example.org", f"a@{'b.' * 130}org",
        "a@example.org\r", "\ud83d@example.org", "a@\ud83d.org",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(store: Store, text: str) -> None:
    assert not is_address(text)
    with pytest.raises(RefusedError, match=r"not an e-mail address"):
        queue(store, Letter(text, "s", "t", "en", About.REPLY))


def test_a_letter_and_its_cause_are_kept_together_or_not_at_all(store: Store) -> None:
    def fail_after_it() -> None:
        with store._writing() as connection:
            write_letter(connection, LETTER, NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_it()
    assert store.letters() == ()


def test_a_subject_is_one_line(store: Store) -> None:
    queue(store, Letter("a@b.org", "One\r\nBcc: c@d.org\x00", "t", "en", About.REPLY))
    assert store.letters()[0].subject == "One Bcc: c@d.org"


def test_a_letter_waits_until_it_is_sent_and_then_only_what_it_was_is_kept(store: Store) -> None:
    own_id = queue(store)
    letter = store.next_letter(NOW)
    assert letter
    assert (letter.id, letter.state, letter.day) == (own_id, State.WAITING, date(2026, 3, 5))
    assert store.hand_over(own_id)
    assert not store.hand_over(own_id)
    assert store.next_letter(NOW) is None
    store.handed_over(own_id)
    store.wipe_traces()
    assert store.letters() == ()
    for trace in (b"layla", b"About your question", b"Dear reader", letter.key.encode()):
        assert trace not in on_disk(store)
    gone = store.forget(date(2026, 3, 5))
    assert gone.letters == 0
    assert store.forget(date(2026, 3, 6)).letters == 1


def test_a_letter_that_was_not_taken_is_tried_later_and_the_next_one_now(store: Store) -> None:
    first = queue(store)
    second = queue(store, at=NOW + timedelta(seconds=1))
    store.put_off(first, NOW + timedelta(minutes=5), "450 try later")
    later = store.next_letter(NOW + timedelta(seconds=2))
    assert later
    assert later.id == second
    store.hand_over(second)
    again = store.next_letter(NOW + timedelta(minutes=5))
    assert again
    assert (again.id, again.tries, again.reason) == (first, 1, "450 try later")


def test_one_that_was_being_handed_over_is_unsure_until_staff_say(store: Store) -> None:
    own_id = queue(store)
    store.hand_over(own_id)
    with pytest.raises(UnknownLetterError):
        store.throw_away(own_id, BY)
    assert store.leave_unsure() == 1
    assert store.letters()[0].state is State.UNSURE
    assert store.next_letter(NOW + timedelta(days=9)) is None
    assert store.forget(date(2030, 1, 1)).letters == 0
    store.send_again(own_id, BY)
    assert store.next_letter(NOW)
    store.hand_over(own_id)
    store.leave_unsure()
    store.has_arrived(own_id, BY)
    assert store.letters() == ()
    assert [record.what for record in store.records()] == [
        Change.LETTER_SENT,
        Change.LETTER_SENT_AGAIN,
    ]


def test_what_is_thrown_away_is_recorded_without_its_address(store: Store) -> None:
    own_id = queue(store)
    store.fail(own_id, "550 no such user layla@example.org")
    assert store.letters()[0].state is State.FAILED
    store.throw_away(own_id, BY)
    with pytest.raises(UnknownLetterError):
        store.throw_away(own_id, BY)
    (record,) = store.records()
    assert (record.what, record.about) == (Change.LETTER_THROWN_AWAY, "reply, 2026-03-05")
    assert b"layla" not in on_disk(store)


def test_a_try_that_ends_late_changes_nothing_that_staff_have_settled(store: Store) -> None:
    own_id = queue(store)
    store.throw_away(own_id, BY)
    store.put_off(own_id, NOW, "450")
    store.fail(own_id, "550")
    assert not store.hand_over(own_id)
    assert store.letters() == ()
