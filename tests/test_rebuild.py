"""A rebuild publishes what is new and good, and changes nothing where it cannot."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import StandInEncoder, make_case

from corpus.gold import GoldQuestion
from corpus.library import Library, LibraryError
from index.build import EmptyLibraryError
from index.locks import BusyError
from index.manifest import DamagedError
from index.publication import Publication
from index.rebuild import Rebuilder, Rebuilt, Standards
from index.soundness import check_vectors

GOLD = (
    GoldQuestion("night school for porters", "en", ("harbour-school",)),
    GoldQuestion("forty porters in the first winter", "en", ("harbour-school",)),
    GoldQuestion("orchards with the shepherds", "en", ("hill-orchards",)),
    GoldQuestion("quarrel over water", "en", ("hill-orchards",)),
    GoldQuestion("plumbers and the fountain", "en", ("market-fountain",)),
)
Rebuild = Callable[..., Rebuilt]


@pytest.fixture
def publication(tmp_path: Path) -> Publication:
    return Publication(tmp_path / "generations")


@pytest.fixture
def rebuild(
    publication: Publication, stand_in: StandInEncoder, monkeypatch: pytest.MonkeyPatch
) -> Rebuild:
    """Rebuild with the quick encoder."""
    monkeypatch.setattr("index.rebuild.load_encoder", lambda _model=None: stand_in)
    for module in ("index.rebuild", "index.parameters"):
        monkeypatch.setattr(
            f"{module}.model_identity", lambda _model: (stand_in.name, stand_in.revision)
        )

    def run(library: Library, standards: Standards | None = None, **options: bool) -> Rebuilt:
        rebuilder = Rebuilder(publication, "", standards or Standards(GOLD))
        return rebuilder.rebuild(lambda: library, **options)

    return run


def spoilt(library: Library) -> Library:
    """The library after somebody has pasted the wrong text over a case."""
    nonsense = "## What was done\n\nLorem ipsum dolor sit amet, consectetur adipiscing elit.\n"
    return replace(
        library,
        cases=tuple(
            make_case(nonsense, "hill-orchards", title="Lorem", place="Ipsum", country="NO")
            if case.id == "hill-orchards"
            else case
            for case in library.cases
        ),
    )


def without(library: Library, case_id: str) -> Library:
    return replace(library, cases=tuple(case for case in library.cases if case.id != case_id))


def test_what_is_up_to_date_is_not_built_again_unless_asked(
    rebuild: Rebuild, small_library: Library
) -> None:
    first = rebuild(small_library)
    assert first.published
    again = rebuild(small_library)
    assert not again.published
    assert again.manifest == first.manifest
    assert rebuild(small_library, full=True).manifest.number == 2


def test_a_new_program_builds_anew(
    rebuild: Rebuild, small_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    rebuild(small_library)
    monkeypatch.setattr("index.parameters.PARAMETERS", {"diwan": "another"})
    assert rebuild(small_library).published


def test_a_build_that_answers_worse_is_kept_aside_with_a_report(
    rebuild: Rebuild, small_library: Library, publication: Publication
) -> None:
    first = rebuild(small_library).manifest
    outcome = rebuild(spoilt(small_library))
    assert not outcome.published
    assert outcome.manifest == first
    assert outcome.refused
    assert outcome.verdict
    assert {worse.gold.text for worse in outcome.verdict.worse} == {
        "orchards with the shepherds",
        "quarrel over water",
    }
    assert "quarrel over water" in outcome.refused.report.read_text("utf-8")
    assert publication.pointer().generation == first.id
    assert [kept.refused for kept in publication.kept()] == [True, False]


def test_force_publishes_it_all_the_same(rebuild: Rebuild, small_library: Library) -> None:
    rebuild(small_library)
    outcome = rebuild(spoilt(small_library), force=True)
    assert outcome.published
    assert outcome.verdict
    assert len(outcome.verdict.worse) == 2


def test_the_tolerance_is_a_setting(rebuild: Rebuild, small_library: Library) -> None:
    rebuild(small_library)
    assert rebuild(spoilt(small_library), Standards(GOLD, allowed=1)).published


def test_a_case_that_vanished_is_refused_and_one_that_was_removed_is_not(
    rebuild: Rebuild, small_library: Library
) -> None:
    rebuild(small_library)
    fewer = without(small_library, "hill-orchards")
    assert rebuild(fewer).refused
    assert rebuild(fewer, Standards(GOLD, left_out=frozenset(["hill-orchards"]))).published


def test_a_removed_document_is_no_help_to_the_generation_that_serves(
    rebuild: Rebuild, small_library: Library
) -> None:
    """It is out of every answer already, so it cannot be what was right before."""
    gold = (GoldQuestion("quarrel over water", "en", ("hill-orchards", "market-fountain")),)
    rebuild(small_library, Standards(gold))
    standards = Standards(gold, left_out=frozenset(["hill-orchards"]))
    outcome = rebuild(without(small_library, "hill-orchards"), standards)
    assert outcome.published
    assert outcome.verdict
    assert outcome.verdict.worse == ()


def test_a_new_document_that_answers_as_well_makes_nothing_worse(
    rebuild: Rebuild, small_library: Library
) -> None:
    """Nobody has said yet which questions it answers, so that it may come first."""
    rebuild(small_library)
    again = [
        replace(case, id=f"new-{case.id}", title=f"{case.title} orchards shepherds quarrel water")
        for case in small_library.cases
        if case.id == "hill-orchards"
    ]
    outcome = rebuild(replace(small_library, cases=(*small_library.cases, *again)))
    assert outcome.published
    assert outcome.verdict
    assert outcome.verdict.worse == ()


def test_the_generation_that_serves_is_asked_when_the_published_one_is_damaged(
    rebuild: Rebuild, small_library: Library, publication: Publication
) -> None:
    first = rebuild(small_library).manifest
    second = rebuild(small_library, full=True).manifest
    (publication.folder / second.id / "manifest.json").unlink()
    third = rebuild(small_library)
    assert third.published, "though the one that serves is up to date"
    assert third.verdict
    assert first.id in [kept.id for kept in publication.kept()]


def test_older_generations_are_thrown_away(
    rebuild: Rebuild, small_library: Library, publication: Publication
) -> None:
    made = [
        rebuild(small_library, Standards(GOLD, keep=2), full=True).manifest.id for _ in range(4)
    ]
    assert [kept.id for kept in publication.kept()] == [made[3], made[2]]


def test_vectors_that_are_not_the_models_are_not_published(
    rebuild: Rebuild,
    small_library: Library,
    publication: Publication,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = rebuild(small_library).manifest

    def finds_fault(*found: object) -> None:
        check_vectors(*found)  # type: ignore[arg-type]
        raise DamagedError("vectors are not those of their texts")

    monkeypatch.setattr("index.rebuild.check_vectors", finds_fault)
    with pytest.raises(DamagedError, match="vectors"):
        rebuild(small_library, full=True)
    assert publication.pointer().generation == first.id
    assert len(publication.kept()) == 1


@pytest.mark.parametrize(
    "error", [EmptyLibraryError, LibraryError("own.md: line 6: field country"), KeyboardInterrupt()]
)
def test_whatever_goes_wrong_what_served_goes_on_serving(
    rebuild: Rebuild,
    small_library: Library,
    publication: Publication,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException | type[BaseException],
) -> None:
    first = rebuild(small_library).manifest
    if error is EmptyLibraryError:
        with pytest.raises(EmptyLibraryError):
            rebuild(Library(()))
    elif isinstance(error, KeyboardInterrupt):
        monkeypatch.setattr("index.rebuild.judge", lambda *_: (_ for _ in ()).throw(error))
        with pytest.raises(KeyboardInterrupt):
            rebuild(small_library, full=True)
        monkeypatch.undo()
    else:

        def broken() -> Library:
            raise error

        with pytest.raises(LibraryError):
            Rebuilder(publication, "", Standards(GOLD)).rebuild(broken)
    assert publication.pointer().generation == first.id
    assert {path.name for path in publication.folder.iterdir() if path.is_dir()} == {first.id}


def test_a_second_rebuild_is_refused_before_it_reads_anything(
    rebuild: Rebuild, small_library: Library, publication: Publication
) -> None:
    def read() -> Library:
        pytest.fail("it read the library")

    with publication.building(), pytest.raises(BusyError, match="A rebuild is under way"):
        Rebuilder(publication, "", Standards()).rebuild(read)
    assert rebuild(small_library).published


def test_a_rollback_in_the_middle_of_a_rebuild_is_not_overridden(
    rebuild: Rebuild, small_library: Library, publication: Publication
) -> None:
    first, second = (rebuild(small_library, full=True).manifest.id for _ in range(2))

    def somebody_goes_back(step: str, done: int, _total: int) -> None:
        if (step, done) == ("ask", 1):
            publication.rollback()

    rebuilder = Rebuilder(publication, "", Standards(GOLD), somebody_goes_back)
    rebuilt = rebuilder.rebuild(lambda: small_library, full=True)
    assert not rebuilt.published
    assert rebuilt.manifest.id == publication.pointer().generation == first
    assert rebuilt.overtaken is not None
    kept = {each.id: each.refused for each in publication.kept()}
    assert kept == {first: False, second: False, rebuilt.overtaken.id: False}
    publication.rollback(rebuilt.overtaken.id)
    assert publication.pointer().generation == rebuilt.overtaken.id
    assert rebuild(small_library, full=True).published
