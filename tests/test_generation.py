"""A generation comes back from disk as it was, or not at all; publishing is all or nothing."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import StandInEncoder

from corpus.library import Library
from index.build import EmptyLibraryError, build_generation
from index.generation import (
    MANIFEST,
    SCHEMA,
    Generation,
    GenerationError,
    load_generation,
    write_generation,
)
from index.publication import Publication
from index.question import read_question
from index.search import search


def same_hits(one: Generation, two: Generation, encoder: StandInEncoder) -> bool:
    """Whether both find the same; scores may differ in what rounding makes of them."""
    questions = ("who taught the porters", "من علّم الحمّالين؟", "water")
    return all(
        first == replace(second, score=first.score) and abs(first.score - second.score) < 1e-4
        for text in questions
        for first, second in zip(
            search(one, encoder, read_question(text)).hits,
            search(two, encoder, read_question(text)).hits,
            strict=True,
        )
    )


def test_it_comes_back_as_it_was(
    small_generation: Generation, stand_in: StandInEncoder, tmp_path: Path
) -> None:
    write_generation(small_generation, tmp_path / "g")
    loaded = load_generation(tmp_path / "g")
    assert loaded.library_cases == small_generation.library_cases
    assert loaded.passages == small_generation.passages
    assert loaded.counterparts == small_generation.counterparts
    assert same_hits(loaded, small_generation, stand_in)


def test_counts_agree_across_its_parts(small_generation: Generation) -> None:
    manifest, engine = small_generation.manifest, small_generation.engine
    assert manifest.passages == len(small_generation.passages) == engine.passages.ntotal
    assert manifest.sentences == engine.sentences.ntotal == engine.sentence_starts[-1]
    assert all(
        np.isfinite([background.mean, background.spread]).all()
        for kind in manifest.background.values()
        for background in kind.values()
    )


def test_renderings_of_a_case_find_each_other(small_generation: Generation) -> None:
    pairs = {
        (small_generation.case_of(row).language, passage.heading): [
            small_generation.passages[other].heading
            for other in small_generation.counterparts[row].values()
        ]
        for row, passage in enumerate(small_generation.passages)
        if small_generation.case_of(row).id == "harbour-school"
    }
    assert pairs["en", ("What was done",)] == [("ما الذي جرى",)]
    assert pairs["en", ("What came of it",)] == [("ما الذي تحقق",)]
    assert pairs["ar", ("ما الذي جرى",)] == [("What was done",)]


def test_an_empty_library_is_refused(stand_in: StandInEncoder) -> None:
    with pytest.raises(EmptyLibraryError, match="library is empty"):
        build_generation(Library(()), stand_in)


def test_a_damaged_file_makes_the_generation_absent(
    small_generation: Generation, tmp_path: Path
) -> None:
    files = write_generation(small_generation, tmp_path / "g").files
    assert len(files) > 10
    for name in files:
        path = tmp_path / "g" / name
        whole = path.read_bytes()
        for broken in (whole[: len(whole) // 2], bytes([whole[0] ^ 1]) + whole[1:]):
            path.write_bytes(broken)
            with pytest.raises(GenerationError, match="diwan rebuild"):
                load_generation(tmp_path / "g")
        path.write_bytes(whole)
    load_generation(tmp_path / "g")
    (tmp_path / "g" / MANIFEST).write_text(f'{{"schema": {SCHEMA}}}')
    with pytest.raises(GenerationError, match="damaged"):
        load_generation(tmp_path / "g")


def test_a_generation_of_another_schema_is_refused_with_the_way_out(
    small_generation: Generation, tmp_path: Path
) -> None:
    write_generation(small_generation, tmp_path / "g")
    manifest = tmp_path / "g" / MANIFEST
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "schema": 0}))
    with pytest.raises(GenerationError, match="another version of Diwan"):
        load_generation(tmp_path / "g")


def test_publishing_replaces_what_serves_and_keeps_the_one_before(
    small_library: Library, stand_in: StandInEncoder, tmp_path: Path
) -> None:
    publication = Publication(tmp_path)
    assert publication.published_id() is None
    with pytest.raises(GenerationError, match="no index yet"):
        publication.load()
    first = publication.publish(build_generation(small_library, stand_in))
    second = publication.publish(build_generation(small_library, stand_in))
    assert publication.published_id() == second.id
    assert publication.load().id == second.id
    assert (tmp_path / first.id).is_dir()


def test_a_publish_that_fails_leaves_what_served_before(
    small_library: Library,
    stand_in: StandInEncoder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publication = Publication(tmp_path)
    first = publication.publish(build_generation(small_library, stand_in))

    def full(_path: Path) -> Generation:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("index.publication.load_generation", full)
    with pytest.raises(OSError, match="No space left"):
        publication.publish(build_generation(small_library, stand_in))
    assert publication.published_id() == first.id
    assert {path.name for path in tmp_path.iterdir()} == {first.id, "published.json"}


def test_an_unreadable_pointer_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "published.json").write_text("{")
    with pytest.raises(GenerationError, match="diwan rebuild"):
        Publication(tmp_path).load()
