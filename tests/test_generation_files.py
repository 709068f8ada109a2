"""A generation comes back from disk as it was, or not at all, and says what is wrong with it."""

import json
from dataclasses import replace
from pathlib import Path

import faiss
import numpy as np
import pytest
from conftest import StandInEncoder, same_hits

from corpus.library import Library
from index.build import EmptyLibraryError, build_generation
from index.generation import Generation
from index.generation_files import load_generation, write_generation
from index.manifest import MANIFEST, SCHEMA, DamagedError, GenerationError
from index.parameters import PARAMETERS
from index.soundness import check_structure, check_vectors


@pytest.fixture
def folder(small_generation: Generation, tmp_path: Path) -> Path:
    path = tmp_path / small_generation.id
    write_generation(small_generation, path)
    return path


def test_it_comes_back_as_it_was(
    small_generation: Generation, stand_in: StandInEncoder, folder: Path
) -> None:
    loaded = load_generation(folder)
    assert loaded.library_cases == small_generation.library_cases
    for part in ("passages", "owners", "counterparts", "countries", "twins", "languages"):
        assert list(getattr(loaded, part)) == list(getattr(small_generation, part)), part
    assert same_hits(loaded, small_generation, stand_in)


def test_the_manifest_says_what_it_was_built_from(folder: Path, small_library: Library) -> None:
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    assert manifest["library"] == small_library.state
    assert (manifest["model"], manifest["revision"], manifest["dimension"]) == ("stand-in", "1", 64)
    assert manifest["parameters"] == PARAMETERS
    assert (manifest["cases"], manifest["passages"]) == (4, 6)
    on_disk = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    } - {MANIFEST}
    assert set(manifest["files"]) == on_disk
    assert all(len(total) == 64 for total in manifest["files"].values())


def test_counts_agree_across_its_parts(small_generation: Generation) -> None:
    manifest, engine = small_generation.manifest, small_generation.engine
    assert manifest.passages == len(small_generation.passages) == len(engine.passages)
    assert manifest.sentences == len(engine.sentences) == engine.sentence_starts[-1]
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


def test_a_damaged_file_makes_the_generation_absent_and_is_named(folder: Path) -> None:
    files = json.loads((folder / MANIFEST).read_text("utf-8"))["files"]
    assert len(files) > 10
    for name in files:
        path = folder / name
        whole = path.read_bytes()
        for broken in (whole[: len(whole) // 2], bytes([whole[0] ^ 1]) + whole[1:]):
            path.write_bytes(broken)
            with pytest.raises(DamagedError, match=f"{name} is not as it was written"):
                load_generation(folder)
        path.unlink()
        with pytest.raises(DamagedError, match=f"{name} is missing"):
            load_generation(folder)
        path.write_bytes(whole)
    load_generation(folder)


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", f'{{"schema": {SCHEMA}}}', "[" * 100_000],
)
def test_a_manifest_that_is_none_is_damage(folder: Path, content: str) -> None:
    (folder / MANIFEST).write_text(content)
    with pytest.raises(DamagedError, match="diwan rebuild"):
        load_generation(folder)


def test_no_figure_of_the_manifest_can_change_unseen(folder: Path) -> None:
    path = folder / MANIFEST
    manifest = json.loads(path.read_text("utf-8"))
    manifest["background"]["same"]["passage"]["mean"] += 0.1
    path.write_text(json.dumps(manifest))
    with pytest.raises(DamagedError, match="not as it was written"):
        load_generation(folder)


def test_a_generation_of_another_schema_is_refused_with_the_way_out(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, "schema": SCHEMA - 1}))
    with pytest.raises(GenerationError, match=r"another version of Diwan.*diwan rebuild"):
        load_generation(folder)


def test_a_generation_under_another_name_is_refused(folder: Path) -> None:
    with pytest.raises(DamagedError, match="under another name"):
        load_generation(folder.rename(folder.with_name("another")))


def test_a_file_may_not_claim_more_than_it_holds(folder: Path) -> None:
    path = folder / "passages.faiss"
    claims = bytearray(path.read_bytes())
    claims[8:16] = (2**40).to_bytes(8, "little")  # the number of vectors
    path.write_bytes(claims)
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    with pytest.raises(DamagedError):
        load_generation(folder)
    assert faiss.get_deserialization_vector_byte_limit() < 2**30, manifest["id"]


def test_parts_that_do_not_agree_are_told(small_generation: Generation) -> None:
    check_structure(small_generation)
    manifest = small_generation.manifest
    swapped = (small_generation.passages[1], small_generation.passages[0])
    for broken, complaint in (
        (replace(small_generation, manifest=replace(manifest, passages=7)), "passages: 6"),
        (replace(small_generation, manifest=replace(manifest, dimension=32)), "dimension"),
        (replace(small_generation, owners=(9, *small_generation.owners[1:])), "no document"),
        (replace(small_generation, owners=small_generation.owners[::-1]), "stands apart"),
        (replace(small_generation, twins=(99, *small_generation.twins[1:])), "leads nowhere"),
        (
            replace(small_generation, passages=(*swapped, *small_generation.passages[2:])),
            "another passage's words|without vectors",
        ),
    ):
        with pytest.raises(DamagedError, match=complaint):
            check_structure(broken)


def test_vectors_must_be_those_of_their_texts(
    small_generation: Generation, stand_in: StandInEncoder
) -> None:
    check_vectors(small_generation, stand_in)

    class Other(StandInEncoder):
        def encode_passages(self, texts, *, progress=None):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            return np.roll(super().encode_passages(texts, progress=progress), 1, axis=1)

    with pytest.raises(DamagedError, match="vectors are not those of their texts"):
        check_vectors(small_generation, Other())
