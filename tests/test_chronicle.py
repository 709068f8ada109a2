"""A generation tells since when each document is in the library, and what became of others."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from conftest import StandInEncoder, make_case
from test_rebuild import Rebuild, publication, rebuild

from corpus.case_study import CaseStudy, Pillar
from corpus.library import Library
from index.build import build_generation
from index.chronicle import (
    MOST_REMOVALS,
    REMOVALS_KEPT,
    Change,
    Chronicle,
    Kind,
    digest_of,
    read,
    written,
)
from index.generation_files import load_generation, write_generation
from index.manifest import MANIFEST, SCHEMA, GenerationError, _seal
from index.publication import Publication
from index.rebuild import Standards
from server.backup import put_back, write_backup

__all__ = ["publication", "rebuild"]

ENGLISH = make_case()
ARABIC = make_case(language="ar", title="الميناء")
HILL = make_case(case_id="hill")
START, LATER, LAST = (f"2026-0{month}-01T10:00:00+00:00" for month in (1, 3, 5))
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def kinds(chronicle: Chronicle, since: datetime = LONG_AGO) -> list[tuple[str, str, str, str]]:
    changes = chronicle.changes_since(since).changes
    return [(it.moment, it.id, it.language, it.kind) for it in changes]


def test_what_was_there_from_the_start_is_no_news() -> None:
    chronicle = Chronicle.begin([ENGLISH, HILL], START)
    assert (chronicle.began, chronicle.moment) == (START, START)
    assert not any(map(chronicle.is_news, chronicle.documents.values()))


def test_what_is_added_is_in_since_then() -> None:
    chronicle = Chronicle.begin([ENGLISH], START).go_on([ENGLISH, HILL], LATER)
    told = chronicle.documents["hill", "en"]
    assert (told.since, told.changed) == (LATER, None)
    assert chronicle.is_news(told)
    assert not chronicle.is_news(chronicle.documents["harbour-school", "en"])
    assert chronicle.began == START


def test_a_rendering_that_is_added_is_told_by_itself() -> None:
    chronicle = Chronicle.begin([ENGLISH], START).go_on([ARABIC, ENGLISH], LATER)
    assert chronicle.documents["harbour-school", "ar"].since == LATER
    assert chronicle.documents["harbour-school", "en"].latest == START


@pytest.mark.parametrize(
    "changed",
    [
        replace(ENGLISH, title="Another title"),
        replace(ENGLISH, text=ENGLISH.text.replace("night", "day")),
        replace(ENGLISH, pillars=(Pillar.TRUST,)),
        replace(ENGLISH, country=None),
        replace(ENGLISH, source=None),
    ],
)
def test_what_is_changed_says_when_and_keeps_since_when_it_is_in(changed: CaseStudy) -> None:
    chronicle = Chronicle.begin([ENGLISH], START).go_on([changed], LATER)
    told = chronicle.documents["harbour-school", "en"]
    assert (told.since, told.changed, told.latest) == (START, LATER, LATER)
    assert chronicle.is_news(told)
    assert chronicle.go_on([changed], LAST).documents == chronicle.documents


def test_what_the_program_makes_of_a_text_is_no_change_of_it() -> None:
    assert digest_of(replace(ENGLISH, sections=())) == digest_of(ENGLISH)


def test_the_digest_of_a_document_stays_what_it_was() -> None:
    """Else an upgrade would tell of every document that it was changed."""
    plain = CaseStudy(id="one", language="en", title="One", text="Words.", sections=())
    assert digest_of(plain) == "329c5ed9798dcd68df27bd4b"
    assert digest_of(ENGLISH) == "0e6920cb6be6d5d6718e0349"


def test_what_is_taken_out_says_when_and_what_comes_back_is_new() -> None:
    without = Chronicle.begin([ENGLISH, HILL], START).go_on([ENGLISH], LATER)
    assert [(it.id, it.language, it.moment) for it in without.removals] == [("hill", "en", LATER)]
    assert ("hill", "en") not in without.documents
    back = without.go_on([ENGLISH, HILL], LAST)
    assert back.removals == ()
    assert back.documents["hill", "en"].since == LAST


def test_moments_go_on_when_the_clock_is_put_back() -> None:
    chronicle = Chronicle.begin([ENGLISH], LAST).go_on([ENGLISH, HILL], START)
    told = chronicle.documents["hill", "en"]
    assert told.since == chronicle.moment == "2026-05-01T10:00:01+00:00"
    assert chronicle.is_news(told)


def test_only_so_many_removals_are_kept_and_that_is_said() -> None:
    many = [make_case(case_id=f"case-{number:04}") for number in range(MOST_REMOVALS + 2)]
    chronicle = Chronicle.begin([ENGLISH, *many], START)
    chronicle = chronicle.go_on([ENGLISH, *many[1:]], LATER)
    assert chronicle.changes_since(moment(START)).complete
    chronicle = chronicle.go_on([ENGLISH], LAST)
    assert len(chronicle.removals) == MOST_REMOVALS
    assert chronicle.forgotten == LAST
    assert not chronicle.changes_since(moment(LAST)).complete
    assert chronicle.changes_since(moment(LAST) + timedelta(seconds=1)).complete


def test_removals_are_kept_for_so_long() -> None:
    chronicle = Chronicle.begin([ENGLISH, HILL], START).go_on([ENGLISH], LATER)
    end = moment(LATER) + REMOVALS_KEPT
    assert chronicle.go_on([ENGLISH], end.isoformat(timespec="seconds")).removals
    past = (end + timedelta(seconds=1)).isoformat(timespec="seconds")
    over = chronicle.go_on([ENGLISH], past)
    assert (over.removals, over.forgotten) == ((), LATER)


def test_changes_are_told_in_order_each_document_once() -> None:
    chronicle = Chronicle.begin([ENGLISH, HILL], START)
    chronicle = chronicle.go_on([ARABIC, ENGLISH, HILL], LATER)
    chronicle = chronicle.go_on([replace(ARABIC, title="عنوان"), replace(ENGLISH, title="T")], LAST)
    assert kinds(chronicle, moment(LATER)) == [
        (LAST, "harbour-school", "ar", Kind.ADDED),
        (LAST, "harbour-school", "en", Kind.CHANGED),
        (LAST, "hill", "en", Kind.REMOVED),
    ]
    assert kinds(chronicle, moment(LAST))[0] == (LAST, "harbour-school", "ar", Kind.CHANGED)
    assert kinds(chronicle, moment(LAST) + timedelta(seconds=1)) == []


def test_a_moment_may_be_of_any_time_zone() -> None:
    chronicle = Chronicle.begin([ENGLISH], START)
    there = moment(START).astimezone(timezone(timedelta(hours=3)))
    assert len(chronicle.changes_since(there).changes) == 1


def test_nothing_is_told_of_what_was_taken_away_since() -> None:
    chronicle = Chronicle.begin([ENGLISH, HILL], START)
    changes = chronicle.changes_since(LONG_AGO, withheld={"hill"}).changes
    assert [change.id for change in changes] == ["harbour-school"]


def test_changes_can_be_read_a_stretch_at_a_time() -> None:
    cases = [make_case(case_id=f"case-{number}") for number in range(7)]
    chronicle = Chronicle.begin(cases[:5], START).go_on(cases[2:], LATER)
    whole = chronicle.changes_since(LONG_AGO)
    assert not whole.more
    assert len(whole.changes) == 7
    found: list[Change] = []
    more = True
    while more:
        after = found[-1] if found else None
        stretch = chronicle.changes_since(LONG_AGO, after=after, most=3)
        found += stretch.changes
        more = stretch.more
    assert tuple(found) == whole.changes


def test_it_comes_back_as_it_was_written() -> None:
    chronicle = Chronicle.begin([ENGLISH, HILL], START).go_on([ARABIC, ENGLISH], LATER)
    chronicle = chronicle.go_on([ARABIC, replace(ENGLISH, title="T")], LAST)
    chronicle = replace(chronicle, forgotten=START)
    assert read(written(chronicle)) == chronicle
    assert list(read(written(chronicle)).documents) == list(chronicle.documents)


def test_it_is_written_compactly() -> None:
    cases = [make_case(case_id=f"case-{number}") for number in range(200)]
    chronicle = Chronicle.begin(cases, START).go_on(cases[1:], LATER)
    assert len(written(chronicle)) < 60 * len(cases)


# In generations


def told_of(publication: Publication) -> Chronicle:
    return publication.open().generation.chronicle


def test_a_rebuild_goes_on_from_the_generation_that_serves(
    rebuild: Rebuild, small_library: Library, publication: Publication
) -> None:
    fewer = replace(small_library, cases=small_library.cases[:-1])
    began = rebuild(fewer).manifest.created
    assert rebuild(fewer).published is False
    assert told_of(publication).moment == began
    rebuild(small_library)
    now = told_of(publication)
    assert now.began == began
    new = [key for key, told in now.documents.items() if now.is_news(told)]
    assert new == [("market-fountain", "en")]
    rebuild(small_library, full=True)
    assert told_of(publication).documents == now.documents
    rebuild(fewer, Standards())
    assert [it.id for it in told_of(publication).removals] == ["market-fountain"]


def test_a_rollback_tells_what_was_told_then(
    rebuild: Rebuild, small_library: Library, publication: Publication
) -> None:
    rebuild(replace(small_library, cases=small_library.cases[:-1]))
    first = told_of(publication)
    rebuild(small_library)
    publication.rollback()
    assert told_of(publication) == first
    rebuild(small_library, full=True)
    assert told_of(publication).began == first.began
    assert told_of(publication).is_news(told_of(publication).documents["market-fountain", "en"])


def as_an_older_program_wrote_it(folder: Path, schema: int = SCHEMA) -> None:
    """Take the chronicle out of a generation, as if it had never had one."""
    (folder / "chronicle.json").unlink()
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    del manifest["files"]["chronicle.json"], manifest["sha256"]
    manifest["schema"] = schema
    sealed = json.dumps({**manifest, "sha256": _seal(manifest)})
    (folder / MANIFEST).write_text(sealed, "utf-8")


@pytest.mark.parametrize("schema", [SCHEMA, SCHEMA - 1])
def test_a_generation_without_one_opens_and_what_it_held_was_there_from_the_start(
    rebuild: Rebuild, small_library: Library, publication: Publication, schema: int
) -> None:
    fewer = replace(small_library, cases=small_library.cases[:-1])
    old = rebuild(fewer).manifest
    as_an_older_program_wrote_it(publication.folder / old.id, schema)
    if schema == SCHEMA:
        assert told_of(publication).began == old.created
        assert not rebuild(fewer).published, "no rebuild is forced"
    rebuild(small_library)
    now = told_of(publication)
    assert now.began == old.created
    assert [key for key, told in now.documents.items() if now.is_news(told)] == [
        ("market-fountain", "en")
    ]


def test_damage_elsewhere_in_the_one_before_loses_nothing(
    rebuild: Rebuild, small_library: Library, publication: Publication
) -> None:
    rebuild(replace(small_library, cases=small_library.cases[:-1]))
    second = rebuild(small_library).manifest
    before = told_of(publication)
    (publication.folder / second.id / "passages.faiss").write_bytes(b"")
    rebuild(small_library)
    assert told_of(publication).documents == before.documents


def test_what_a_damaged_one_told_another_still_tells(
    rebuild: Rebuild, small_library: Library, publication: Publication
) -> None:
    first = rebuild(replace(small_library, cases=small_library.cases[:-1])).manifest
    second = rebuild(small_library).manifest
    path = publication.folder / second.id / "chronicle.json"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(GenerationError, match=r"chronicle\.json is not as it was written"):
        load_generation(publication.folder / second.id)
    assert publication.open().generation.id == first.id, "it counts as absent"
    rebuild(small_library)
    assert told_of(publication).began == first.created


def test_one_that_tells_of_other_documents_is_not_sound(
    small_library: Library, stand_in: StandInEncoder, tmp_path: Path
) -> None:
    generation = build_generation(small_library, stand_in)
    stray = replace(small_library.cases[0], id="stray")
    told = Chronicle.begin([*small_library.cases[1:], stray], START)
    write_generation(replace(generation, chronicle=told), tmp_path / generation.id)
    with pytest.raises(GenerationError, match="does not tell of document"):
        load_generation(tmp_path / generation.id)


def test_a_backup_carries_it(
    rebuild: Rebuild, small_library: Library, publication: Publication, tmp_path: Path
) -> None:
    rebuild(replace(small_library, cases=small_library.cases[:-1]))
    rebuild(small_library)
    write_backup(tmp_path, publication, tmp_path / "kept.tar.gz")
    restored = Publication(tmp_path / "other" / "generations")
    put_back(tmp_path / "other", restored, tmp_path / "kept.tar.gz")
    assert told_of(restored) == told_of(publication)


@pytest.mark.parametrize("content", ["", "[]", "{}", "null", '{"moments": []}'])
def test_a_chronicle_that_is_none_is_not_read(content: str) -> None:
    with pytest.raises((ValueError, LookupError, TypeError)):
        read(content)
