"""Publishing, falling back, going back and throwing away: all or nothing, and never a lost one."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import StandInEncoder, publish, same_hits

from corpus.library import Library
from index.build import build_generation
from index.collecting import collect
from index.generation import Generation
from index.locks import BusyError, Lease
from index.manifest import DamagedError, GenerationError
from index.publication import POINTER, Opened, Publication


@pytest.fixture
def publication(tmp_path: Path) -> Publication:
    return Publication(tmp_path / "generations")


@pytest.fixture
def three(
    publication: Publication, small_library: Library, stand_in: StandInEncoder
) -> list[Generation]:
    return [publish(publication, small_library, stand_in) for _ in range(3)]


def damage(publication: Publication, name: str) -> None:
    (publication.folder / name / "cases.jsonl").write_bytes(b"")


def listed(publication: Publication) -> list[str]:
    return [kept.id for kept in publication.kept()]


def hidden(publication: Publication) -> set[str]:
    return {path.name for path in publication.folder.iterdir() if path.name.startswith(".")}


@contextmanager
def opened(publication: Publication) -> Iterator[Opened]:
    found = publication.open()
    yield found
    found.lease.release()


def test_before_the_first_one_there_is_none(publication: Publication) -> None:
    assert publication.token() is None
    assert publication.serving() is None
    assert publication.kept() == []
    with pytest.raises(GenerationError, match="no index yet"):
        publication.open()


def test_what_is_published_last_serves_and_the_others_are_kept(
    publication: Publication, three: list[Generation], stand_in: StandInEncoder
) -> None:
    with opened(publication) as found:
        assert found.generation.id == three[2].id
        assert found.problem is None
        assert same_hits(found.generation, three[2], stand_in)
    assert listed(publication) == [each.id for each in reversed(three)]
    assert publication.pointer().earlier == (three[1].id, three[0].id)
    assert hidden(publication) == {".build.lock", ".publish.lock"}


def test_numbers_count_on_when_the_clock_is_put_back(
    publication: Publication, small_library: Library, stand_in: StandInEncoder
) -> None:
    first = publish(publication, small_library, stand_in)
    built = build_generation(small_library, stand_in)
    past = replace(built.manifest, id="19700101-000000-aaaaaa", created="1970-01-01T00:00:00+00:00")
    second = publication.write(replace(built, manifest=past))
    publication.publish(second.id)
    assert second.manifest.number == first.manifest.number + 1
    assert listed(publication) == [second.id, first.id]
    with opened(publication) as found:
        assert found.generation.id == second.id


def test_what_cannot_be_read_back_is_not_published(
    publication: Publication,
    small_library: Library,
    stand_in: StandInEncoder,
    three: list[Generation],
) -> None:
    def refuses(_generation: Generation) -> None:
        raise DamagedError("vectors are not those of their texts")

    with pytest.raises(GenerationError, match="vectors"):
        publication.write(build_generation(small_library, stand_in), refuses)
    assert publication.pointer().generation == three[2].id
    assert hidden(publication) == {".build.lock", ".publish.lock"}


def test_a_full_disk_leaves_what_served_before(
    publication: Publication,
    small_library: Library,
    stand_in: StandInEncoder,
    three: list[Generation],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(_path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("index.generation_files.flush", full)
    with pytest.raises(OSError, match="No space left"):
        publication.write(build_generation(small_library, stand_in))
    monkeypatch.undo()
    monkeypatch.setattr("corpus.atomic.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        publication.rollback()
    with opened(publication) as found:
        assert found.generation.id == three[2].id
    assert listed(publication) == [each.id for each in reversed(three)]


def test_a_damaged_generation_counts_as_absent_and_that_is_said(
    publication: Publication, three: list[Generation]
) -> None:
    damage(publication, three[2].id)
    damage(publication, three[1].id)
    with opened(publication) as found:
        assert found.generation.id == three[0].id
        assert found.problem is not None
        assert three[2].id in found.problem
        assert "cases.jsonl" in found.problem
    serving = publication.serving()
    assert serving
    assert serving.id == three[0].id


def test_a_generation_that_fails_the_check_is_passed_over(
    publication: Publication, three: list[Generation]
) -> None:
    def only_the_first(generation: Generation) -> None:
        if generation.id != three[0].id:
            raise DamagedError(f"{generation.id} was encoded by something else")

    found = publication.open(only_the_first)
    assert found.generation.id == three[0].id
    assert found.problem == f"{three[2].id} was encoded by something else"
    found.lease.release()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"generation": 1}', '{"generation": "../x"}'])
def test_a_damaged_pointer_falls_back_to_the_newest_and_is_mended_by_publishing(
    publication: Publication,
    three: list[Generation],
    content: str,
    small_library: Library,
    stand_in: StandInEncoder,
) -> None:
    (publication.folder / POINTER).write_text(content)
    with opened(publication) as found:
        assert found.generation.id == three[2].id
        assert found.problem is not None
        assert POINTER in found.problem
    fourth = publish(publication, small_library, stand_in)
    assert publication.pointer().generation == fourth.id
    assert publication.pointer().earlier == tuple(each.id for each in reversed(three))


def test_rollback_goes_back_one_at_a_time_and_then_says_that_it_cannot(
    publication: Publication, three: list[Generation]
) -> None:
    assert publication.rollback()[0].id == three[1].id
    assert publication.rollback()[0].id == three[0].id
    with pytest.raises(GenerationError, match="no earlier generation"):
        publication.rollback()
    assert publication.pointer().generation == three[0].id
    assert set(listed(publication)) == {each.id for each in three}


def test_rollback_goes_to_the_one_that_is_named_and_forth_again(
    publication: Publication, three: list[Generation]
) -> None:
    publication.rollback(three[0].id)
    assert publication.pointer().generation == three[0].id
    publication.rollback(three[2].id)
    assert publication.pointer().generation == three[2].id
    assert publication.rollback()[0].id == three[0].id, "the one that served before it"
    with pytest.raises(GenerationError, match=r"no generation nothing.*diwan generations"):
        publication.rollback("nothing")
    with pytest.raises(GenerationError, match="no name"):
        publication.rollback("../elsewhere")


def test_rollback_passes_over_what_is_damaged_and_says_so(
    publication: Publication, three: list[Generation]
) -> None:
    damage(publication, three[1].id)
    manifest, problems = publication.rollback()
    assert manifest.id == three[0].id
    assert len(problems) == 1
    assert three[1].id in problems[0]
    with pytest.raises(DamagedError):
        publication.rollback(three[1].id)
    assert publication.pointer().generation == three[0].id


def test_when_the_published_one_is_damaged_rollback_settles_on_the_one_that_serves(
    publication: Publication, three: list[Generation]
) -> None:
    damage(publication, three[2].id)
    assert publication.rollback()[0].id == three[1].id
    with opened(publication) as found:
        assert found.problem is None


def test_what_is_refused_never_serves_until_it_is_named(
    publication: Publication, small_library: Library, stand_in: StandInEncoder
) -> None:
    first = publish(publication, small_library, stand_in)
    second = publication.write(build_generation(small_library, stand_in))
    report = publication.refuse(second.id, '{"reasons": []}')
    assert json.loads(report.read_text()) == {"reasons": []}
    assert publication.pointer().generation == first.id
    assert [(kept.id, kept.refused) for kept in publication.kept()] == [
        (second.id, True),
        (first.id, False),
    ]
    damage(publication, first.id)
    with pytest.raises(GenerationError, match=first.id):
        publication.open()
    publication.rollback(second.id)
    with opened(publication) as found:
        assert found.generation.id == second.id
    assert not report.exists()


def test_old_generations_are_thrown_away_but_none_that_serves_or_is_in_use(
    publication: Publication, small_library: Library, stand_in: StandInEncoder
) -> None:
    many = [publish(publication, small_library, stand_in) for _ in range(6)]
    in_use = Lease(publication.folder / many[0].id)
    publication.rollback(many[4].id)
    gone = collect(publication, keep=2)
    assert set(listed(publication)) == {many[4].id, many[3].id, many[0].id}
    assert set(gone) == {many[1].id, many[2].id, many[5].id}
    in_use.release()
    assert collect(publication, keep=2) == [many[0].id]
    assert hidden(publication) == {".build.lock", ".publish.lock"}


def test_the_sound_one_that_serves_is_kept_when_newer_ones_are_damaged(
    publication: Publication, three: list[Generation]
) -> None:
    damage(publication, three[2].id)
    damage(publication, three[1].id)
    collect(publication, keep=1)
    with opened(publication) as found:
        assert found.generation.id == three[0].id


def test_one_refused_generation_is_kept(
    publication: Publication, small_library: Library, stand_in: StandInEncoder
) -> None:
    publish(publication, small_library, stand_in)
    refused = [
        publication.write(build_generation(small_library, stand_in)).id,
        publication.write(build_generation(small_library, stand_in)).id,
    ]
    for name in refused:
        publication.refuse(name, "{}")
    newest = publication.kept()[0].id
    collect(publication, keep=3)
    assert [kept.id for kept in publication.kept() if kept.refused] == [newest]
    reports = [path.name for path in (publication.folder / "refused").glob("*.json")]
    assert reports == [f"{newest}.json"]


def test_one_builds_at_a_time_and_the_second_is_told_who(publication: Publication) -> None:
    told = r"A rebuild is under way: .* began it on .* at 20"
    with publication.building(), pytest.raises(BusyError, match=told), publication.building():
        pass
    with publication.building():
        pass


def test_what_a_dead_rebuild_left_behind_is_cleared_away(
    publication: Publication, three: list[Generation]
) -> None:
    for name in (".building-x", ".collected-y"):
        (publication.folder / name / "inner").mkdir(parents=True)
    (publication.folder / ".0123.new").write_text("{")
    (publication.folder / ".build.lock").write_text('{"process": 1}')
    with publication.building():
        assert hidden(publication) == {".build.lock", ".publish.lock"}
    assert listed(publication) == [each.id for each in reversed(three)]


def test_a_reader_always_finds_one_while_others_publish_and_collect(
    publication: Publication, small_library: Library, stand_in: StandInEncoder
) -> None:
    publish(publication, small_library, stand_in)
    done = threading.Event()
    problems: list[str | None] = []

    def read() -> None:
        while not done.is_set():
            with opened(publication) as found:
                problems.append(found.problem)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(25):
        publish(publication, small_library, stand_in)
        collect(publication, keep=1)
    done.set()
    reader.join()
    assert problems
    assert set(problems) == {None}
