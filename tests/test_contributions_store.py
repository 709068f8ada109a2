"""Contributions are kept whole, moved in their order only, and forgotten when they are over."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from contributed import ADDRESS, DRAFT, NAME, PRACTICE
from test_store import on_disk

from server.contributions import store as contributions_store
from server.contributions.practice import LONGEST_TEXT, Consents, Practice
from server.contributions.store import (
    BusyError,
    ChangedContributionError,
    Contact,
    Contribution,
    State,
    UnknownContributionError,
)
from server.mail.letter import About, Letter
from server.store import STORE, Store
from server.store_database import RefusedError
from server.store_records import By

NOW = datetime(2026, 3, 5, 14, 25, 36, tzinfo=UTC)
DAY = NOW.date()
BY = By("Amal", NOW)
LETTER = Letter(ADDRESS, "A question", "SECRET-letter", "en", About.CONTRIBUTION)
ALLOWED = replace(DRAFT, consents=Consents(publication=True, introductions=True, listing=True))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / STORE) as store:
        yield store


def sent(store: Store, draft: object = DRAFT, day: date = DAY) -> Contribution:
    key = store.begin_contribution("en", "why", day)
    store.keep_contribution(key, 1, draft, day, send=True)  # type: ignore[arg-type]
    return store.contribution(key, day)


def accept(store: Store, found: Contribution, case_id: str = "kenya-school") -> None:
    store.accept_contribution(found.id, found.turn, (case_id, "en"), LETTER, BY, save=lambda: None)


def test_a_draft_comes_back_as_it_was_typed_however_incomplete(store: Store) -> None:
    key = store.begin_contribution("fr", "why", DAY)
    begun = store.contribution(key, DAY)
    assert (begun.state, begun.language, begun.question) == (State.DRAFT, "fr", "why")
    assert begun.draft.practice == Practice(language="fr")
    half = replace(DRAFT, practice=replace(PRACTICE, place="", start="when?"), answer="")
    store.keep_contribution(key, 1, half, DAY)
    kept = store.contribution(key, DAY)
    assert (kept.draft, kept.version, kept.state) == (half, 2, State.DRAFT)
    assert key not in kept.id


def test_the_desk_sees_nothing_before_it_is_sent(store: Store) -> None:
    key = store.begin_contribution("en", "", DAY)
    store.keep_contribution(key, 1, DRAFT, DAY)
    own_id = store.contribution(key, DAY).id
    assert store.contributions(list(State), 10) == ()
    assert sum(store.contribution_counts().values()) == 0
    with pytest.raises(UnknownContributionError):
        store.contribution_at_desk(own_id)
    store.keep_contribution(key, 2, DRAFT, DAY, send=True)
    assert store.contribution_at_desk(own_id).sent == PRACTICE
    with pytest.raises(UnknownContributionError):  # the desk's id is no key, and the key no id
        store.contribution(own_id, DAY)
    with pytest.raises(UnknownContributionError):
        store.contribution_at_desk(key)


def test_nothing_is_overwritten_that_somebody_has_not_seen(store: Store) -> None:
    key = store.begin_contribution("en", "", DAY)
    store.keep_contribution(key, 1, DRAFT, DAY)
    with pytest.raises(ChangedContributionError):
        store.keep_contribution(key, 1, replace(DRAFT, name="other"), DAY)
    assert store.contribution(key, DAY).draft == DRAFT


def test_a_text_that_is_too_long_changes_nothing(store: Store) -> None:
    key = store.begin_contribution("en", "", DAY)
    long = replace(DRAFT, practice=replace(PRACTICE, done="x" * (LONGEST_TEXT + 1)))
    with pytest.raises(RefusedError):
        store.keep_contribution(key, 1, long, DAY)
    assert store.contribution(key, DAY).version == 1


def test_what_was_sent_stands_until_it_is_sent_again(store: Store) -> None:
    found = sent(store)
    with pytest.raises(ChangedContributionError):  # while it waits at the desk
        store.keep_contribution(found.key, found.version, DRAFT, DAY)
    store.ask_contributor(found.id, found.turn, "When?", LETTER, BY)
    asked = store.contribution(found.key, DAY)
    assert (asked.state, asked.is_open) == (State.ASKED, True)
    better = replace(DRAFT, practice=replace(PRACTICE, title="Better"), answer="In 2021.")
    store.keep_contribution(found.key, asked.version, better, DAY)
    assert store.contribution_at_desk(found.id).sent == PRACTICE
    store.keep_contribution(found.key, asked.version + 1, better, DAY, send=True)
    again = store.contribution_at_desk(found.id)
    assert again.sent == better.practice
    assert again.state is State.SENT
    assert [(said.from_hub, said.text) for said in again.messages] == [
        (True, "When?"),
        (False, "In 2021."),
    ]
    assert again.draft.answer == ""


def test_staff_decide_only_on_what_they_saw(store: Store) -> None:
    found = sent(store)
    store.ask_contributor(found.id, found.turn, "When?", None, BY)
    for late in (
        lambda: store.ask_contributor(found.id, found.turn, "Who?", LETTER, BY),
        lambda: store.decline_contribution(found.id, found.turn, "No.", LETTER, BY),
        lambda: accept(store, found),
    ):
        with pytest.raises(ChangedContributionError):
            late()
    assert store.letters() == ()
    store.withdraw_contribution(found.key)
    with pytest.raises(UnknownContributionError):
        accept(store, found)


def test_a_letter_and_its_cause_are_kept_together_or_not_at_all(store: Store) -> None:
    found = sent(store)
    with pytest.raises(RefusedError):
        store.ask_contributor(found.id, found.turn, "When?", replace(LETTER, to="nobody"), BY)
    assert store.contribution_at_desk(found.id).messages == ()
    store.ask_contributor(found.id, found.turn, "When?", LETTER, BY)
    assert [letter.to for letter in store.letters()] == [ADDRESS]


def test_a_case_study_and_its_acceptance_are_kept_together_or_not_at_all(store: Store) -> None:
    found = sent(store)

    def fail() -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        store.accept_contribution(found.id, found.turn, ("a", "en"), LETTER, BY, save=fail)
    assert store.contribution_at_desk(found.id) == found
    assert store.letters() == ()
    assert store.records() == ()


def test_whoever_is_declined_is_forgotten_once_the_letter_is_queued(store: Store) -> None:
    found = sent(store, ALLOWED)
    store.decline_contribution(found.id, found.turn, "It has no outcome.", LETTER, BY)
    declined = store.contribution(found.key, DAY)
    assert (declined.state, declined.reason) == (State.DECLINED, "It has no outcome.")
    assert declined.contact is None
    assert NAME.encode() not in on_disk(store.path)
    assert [letter.to for letter in store.letters()] == [ADDRESS]  # and nowhere else
    assert on_disk(store.path).count(ADDRESS.encode()) == 1


@pytest.mark.parametrize("allowed", [True, False])
def test_after_acceptance_a_contact_is_kept_only_for_introductions(
    store: Store, allowed: bool
) -> None:
    found = sent(store, ALLOWED if allowed else DRAFT)
    accept(store, found)
    contact = Contact(NAME, ADDRESS, PRACTICE.body, "en")
    assert store.contact_of("kenya-school") == (contact if allowed else None)
    assert store.unlisted_cases() == (frozenset() if allowed else {"kenya-school"})
    assert (NAME.encode() in on_disk(store.path)) == allowed
    accepted = store.contribution(found.key, DAY)
    assert accepted.case == ("kenya-school", "en")
    assert accepted.question == ""
    with pytest.raises(ChangedContributionError):
        store.withdraw_contribution(found.key)


def test_each_consent_is_taken_back_on_its_own(store: Store) -> None:
    found = sent(store, ALLOWED)
    assert store.contact_of("kenya-school") is None  # not accepted yet
    assert store.unlisted_cases() == frozenset()
    accept(store, found)
    assert store.unlisted_cases() == frozenset()
    store.take_consent_back(found.key, introductions=False, listing=True, day=DAY)
    assert store.unlisted_cases() == {"kenya-school"}
    assert store.contact_of("kenya-school")
    store.take_consent_back(found.key, introductions=True, listing=False, day=DAY)
    assert store.contact_of("kenya-school") is None
    assert NAME.encode() not in on_disk(store.path)
    assert store.contribution(found.key, DAY).draft.consents == Consents(publication=True)


def test_taking_consent_back_before_a_decision_leaves_whom_to_write_to(store: Store) -> None:
    found = sent(store, ALLOWED)
    store.take_consent_back(found.key, introductions=True, listing=True, day=DAY)
    again = store.contribution_at_desk(found.id)
    assert again.contact
    with pytest.raises(ChangedContributionError):  # staff see first what it is now
        accept(store, found)
    accept(store, again)
    assert store.contact_of("kenya-school") is None


def test_nothing_is_accepted_that_its_sender_no_longer_wants_published(store: Store) -> None:
    found = sent(store)
    store.ask_contributor(found.id, found.turn, "When?", None, BY)
    asked = store.contribution(found.key, DAY)
    store.keep_contribution(found.key, asked.version, replace(DRAFT, consents=Consents()), DAY)
    with pytest.raises(ChangedContributionError):
        accept(store, asked)
    assert store.contribution_at_desk(found.id).state is State.ASKED


def test_what_is_withdrawn_leaves_no_trace(store: Store) -> None:
    found = sent(store)
    store.ask_contributor(found.id, found.turn, "SECRET-asked", None, BY)
    assert b"SECRET" in on_disk(store.path)
    store.withdraw_contribution(found.key)
    assert b"SECRET" not in on_disk(store.path)
    assert ADDRESS.encode() not in on_disk(store.path)
    with pytest.raises(UnknownContributionError):
        store.contribution(found.key, DAY)


def test_drafts_are_forgotten_after_thirty_days_and_what_waits_is_not(store: Store) -> None:
    key = store.begin_contribution("en", "", DAY)
    store.keep_contribution(key, 1, DRAFT, DAY)
    waiting = sent(store)
    last = DAY + timedelta(days=30)
    assert store.contribution(key, last).draft == DRAFT
    late = last + timedelta(days=1)
    with pytest.raises(UnknownContributionError):
        store.contribution(key, late)
    moment = datetime(late.year, late.month, late.day, tzinfo=UTC)
    assert store.forget(DAY, moment).contributions == 1
    assert store.contribution(waiting.key, late) == waiting


def test_what_is_decided_is_forgotten_with_the_rest(store: Store) -> None:
    old = DAY - timedelta(days=9)
    declined, accepted, asked = (sent(store, ALLOWED) for _ in range(3))
    by = By("Amal", NOW - timedelta(days=9))
    store.decline_contribution(declined.id, declined.turn, "No.", None, by)
    store.ask_contributor(asked.id, asked.turn, "When?", None, by)
    store.ask_contributor(accepted.id, accepted.turn, "SECRET-asked", None, by)
    now = store.contribution_at_desk(accepted.id)
    store.accept_contribution(now.id, now.turn, ("a", "en"), None, by, save=lambda: None)
    assert store.forget(old, NOW).contributions == 0
    assert store.forget(DAY, NOW).contributions == 2
    assert b"SECRET-asked" not in on_disk(store.path)
    assert store.contact_of("a")  # until they take it back


def test_drafts_that_hold_nothing_give_way_and_those_that_do_are_not_hindered(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contributions_store, "MOST_DRAFTS", 3)
    keys = [store.begin_contribution("en", "", DAY) for _ in range(3)]
    for key in keys[:2]:
        store.keep_contribution(key, 1, DRAFT, DAY)
    third = store.begin_contribution("en", "", DAY)  # in place of the empty one
    store.keep_contribution(third, 1, DRAFT, DAY)
    with pytest.raises(UnknownContributionError):
        store.contribution(keys[2], DAY)
    with pytest.raises(BusyError):
        store.begin_contribution("en", "", DAY)
    store.keep_contribution(keys[0], 2, DRAFT, DAY, send=True)
    store.begin_contribution("en", "", DAY)


def test_no_time_of_day_is_kept(store: Store) -> None:
    found = sent(store, DRAFT, NOW)
    store.ask_contributor(found.id, found.turn, "When?", None, By("Amal", NOW + timedelta(hours=9)))
    assert b"T14:25" not in on_disk(store.path)
    (record,) = store.records()
    assert (record.what, record.about) == ("contribution-asked", found.id)


def test_those_that_have_waited_longest_stand_first_page_by_page(store: Store) -> None:
    days = [DAY - timedelta(days=number) for number in range(7)]
    for day in days:
        sent(store, day=day)
    found = [*store.contributions([State.SENT], 4), *store.contributions([State.SENT], 4, 4)]
    assert [each.sent_on for each in found] == days[::-1]
