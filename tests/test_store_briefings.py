"""A briefing is kept whole, changed only by whoever has its address, and gone when deleted."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from test_store import on_disk

from server.store import STORE, Store
from server.store_briefings import (
    LONGEST_REMARK,
    MOST_PASSAGES,
    ChangedBriefingError,
    Edit,
    FullBriefingError,
    NewQuotation,
    UnknownBriefingError,
)
from server.store_database import RefusedError

DAY = date(2026, 3, 5)
PASSAGE = NewQuotation(
    "harbour.en.0", "harbour", "en", "Forty porters came.", ("What was done",), 3, "", DAY
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / STORE) as store:
        yield store


def passages(count: int) -> list[NewQuotation]:
    return [replace(PASSAGE, passage_id=f"harbour.en.{number}") for number in range(count)]


def order_of(store: Store, briefing_id: str) -> list[str]:
    return [quoted.passage_id[-1] for quoted in store.briefing(briefing_id).quotations]


def ordered(store: Store, briefing_id: str, *places: int) -> None:
    briefing = store.briefing(briefing_id)
    ids = tuple(briefing.quotations[place].id for place in places)
    store.edit_briefing(briefing_id, Edit(briefing.version, "", "", "en", order=ids))


def test_a_briefing_comes_back_as_it_was_kept(store: Store) -> None:
    briefing_id = store.new_briefing("ar", [PASSAGE], title="إحاطة", introduction="قبل", day=DAY)
    kept = store.briefing(briefing_id)
    assert (kept.id, kept.title, kept.introduction, kept.language) == (
        briefing_id, "إحاطة", "قبل", "ar",
    )  # fmt: skip
    (quoted,) = kept.quotations
    assert quoted.text == PASSAGE.text
    assert (quoted.heading, quoted.page, quoted.chosen_on) == (("What was done",), 3, DAY)
    assert kept.removed is None
    assert store.quoted_in(briefing_id) == {"harbour.en.0"}


def test_two_addresses_one_to_change_it_and_one_to_read_it(store: Store) -> None:
    briefing = store.briefing(store.new_briefing("en", [PASSAGE]))
    assert store.briefing_to_read(briefing.reading_id) == briefing
    assert briefing.id not in briefing.reading_id
    for change in (
        lambda: store.briefing(briefing.reading_id),
        lambda: store.add_quotation(briefing.reading_id, PASSAGE),
        lambda: store.edit_briefing(briefing.reading_id, Edit(1, "", "", "en")),
        lambda: store.delete_briefing(briefing.reading_id),
        lambda: store.briefing_to_read(briefing.id),
    ):
        with pytest.raises(UnknownBriefingError):
            change()
    assert store.quoted_in(briefing.reading_id) == frozenset()


def test_passages_are_put_in_order_and_keep_their_notes(store: Store) -> None:
    briefing_id = store.new_briefing("en", passages(3))
    quoted = store.briefing(briefing_id).quotations
    edit = Edit(1, "T", "I", "fr", {quoted[2].id: "ask them"}, tuple(q.id for q in quoted[::-1]))
    store.edit_briefing(briefing_id, edit, DAY)
    kept = store.briefing(briefing_id)
    assert order_of(store, briefing_id) == ["2", "1", "0"]
    assert [found.remark for found in kept.quotations] == ["ask them", "", ""]
    assert (kept.title, kept.introduction, kept.language, kept.changed_on) == ("T", "I", "fr", DAY)


def test_what_was_taken_out_last_can_be_put_back_with_its_note(store: Store) -> None:
    briefing_id = store.new_briefing("en", passages(3))
    first = store.briefing(briefing_id).quotations[0]
    store.edit_briefing(briefing_id, Edit(1, "", "", "en", {first.id: "mine"}))
    ordered(store, briefing_id, 1, 2)
    briefing = store.briefing(briefing_id)
    assert briefing.removed == replace(first, remark="mine")
    assert store.quoted_in(briefing_id) == {"harbour.en.1", "harbour.en.2"}
    again = tuple(found.id for found in (*briefing.quotations, briefing.removed))
    store.edit_briefing(briefing_id, Edit(briefing.version, "", "", "en", order=again))
    assert order_of(store, briefing_id) == ["1", "2", "0"]
    assert store.briefing(briefing_id).removed is None
    ordered(store, briefing_id, 1, 2)
    ordered(store, briefing_id, 1)
    assert [store.briefing(briefing_id).removed] == [replace(briefing.quotations[1])]


def test_a_passage_stands_in_it_once_and_no_more_than_so_many(store: Store) -> None:
    briefing_id = store.new_briefing("en", passages(MOST_PASSAGES))
    store.add_quotation(briefing_id, PASSAGE)
    assert len(store.briefing(briefing_id).quotations) == MOST_PASSAGES
    with pytest.raises(FullBriefingError, match="Take one out"):
        store.add_quotation(briefing_id, replace(PASSAGE, passage_id="another.en.0"))
    ordered(store, briefing_id, *range(1, MOST_PASSAGES))
    store.add_quotation(briefing_id, replace(PASSAGE, passage_id="another.en.0"))
    briefing = store.briefing(briefing_id)
    assert briefing.removed
    over = tuple(found.id for found in (*briefing.quotations, briefing.removed))
    with pytest.raises(FullBriefingError):
        store.edit_briefing(briefing_id, Edit(briefing.version, "", "", "en", order=over))
    assert store.briefing(briefing_id) == briefing


def test_nothing_is_overwritten_that_somebody_has_not_seen(store: Store) -> None:
    briefing_id = store.new_briefing("en", [PASSAGE])
    store.edit_briefing(briefing_id, Edit(1, "first", "", "en"))
    with pytest.raises(ChangedBriefingError):
        store.edit_briefing(briefing_id, Edit(1, "second", "", "en"))
    kept = store.briefing(briefing_id)
    assert (kept.title, kept.version) == ("first", 2)


def test_a_text_that_is_too_long_changes_nothing(store: Store) -> None:
    briefing_id = store.new_briefing("en", [PASSAGE], title="kept")
    (quoted,) = store.briefing(briefing_id).quotations
    edit = Edit(1, "lost", "", "en", {quoted.id: "x" * (LONGEST_REMARK + 1)})
    with pytest.raises(RefusedError, match="note"):
        store.edit_briefing(briefing_id, edit)
    assert store.briefing(briefing_id).title == "kept"


def test_a_note_of_another_briefing_cannot_be_changed(store: Store) -> None:
    theirs, mine = (store.new_briefing("en", [PASSAGE]) for _ in range(2))
    (quoted,) = store.briefing(theirs).quotations
    store.edit_briefing(mine, Edit(1, "", "", "en", {quoted.id: "not mine"}, (quoted.id,)))
    assert store.briefing(theirs).quotations == (quoted,)


def test_no_trace_of_a_deleted_briefing_stays(store: Store) -> None:
    briefing_id = store.new_briefing(
        "en", [replace(PASSAGE, remark="SECRET-note")], introduction="SECRET-intro"
    )
    assert b"SECRET" in on_disk(store.path)
    store.delete_briefing(briefing_id)
    assert b"SECRET" not in on_disk(store.path)
    with pytest.raises(UnknownBriefingError):
        store.briefing(briefing_id)


def test_many_at_once_lose_nothing(store: Store) -> None:
    briefing_id = store.new_briefing("en")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: store.add_quotation(briefing_id, one), passages(20)))
    assert store.quoted_in(briefing_id) == {f"harbour.en.{number}" for number in range(20)}
    assert store.briefing(briefing_id).version == 21
