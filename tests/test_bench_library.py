"""Libraries for measuring have the size that was asked for, and come out the same every time."""

from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest
from speed_material import write_material

from corpus.library import Library
from index.bench_library import Material, change_library, make_library, read_material
from index.bench_retrieval import BenchmarkError
from index.passages import split_passages


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return read_material(write_material(tmp_path_factory.mktemp("data")))


def passages_of(library: Library) -> list[str]:
    return [
        passage.text
        for passage in chain.from_iterable(split_passages(case) for case in library.cases)
    ]


def test_as_many_passages_as_asked_for_no_two_alike(material: Material) -> None:
    texts = passages_of(make_library(material, 333))
    assert len(texts) == len(set(texts)) == 333


def test_every_passage_is_made_of_the_folders_sentences_in_each_language(
    material: Material,
) -> None:
    library = make_library(material, 80)
    assert {case.language for case in library.cases} == {"en", "ar"}
    for case in library.cases:
        for passage in split_passages(case):
            sentences = [passage.text[start:end] for start, end in passage.sentences]
            assert len(sentences) >= 5
            assert set(sentences) <= set(material.sentences[case.language])


def test_the_same_library_every_time(material: Material) -> None:
    assert make_library(material, 100) == make_library(material, 100)


def test_one_in_a_hundred_is_changed_and_all_others_left_alone(material: Material) -> None:
    library = make_library(material, 1_000)
    changed = change_library(library, material, 10)
    before, after = passages_of(library), passages_of(changed)
    assert len(after) == len(set(after)) == 1_000
    assert len(set(after) - set(before)) == 10
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 10


def test_more_than_a_document_can_be_changed(material: Material) -> None:
    library = make_library(material, 100)
    after = passages_of(change_library(library, material, 50))
    assert len(after) == 100
    assert len(set(after) - set(passages_of(library))) == 50


def test_languages_can_be_chosen(material: Material, tmp_path: Path) -> None:
    chosen = read_material(write_material(tmp_path), ["ar"])
    assert chosen.sentences == {"ar": material.sentences["ar"]}
    assert {language for _, language in chosen.questions} == {"ar"}


def _no_folder(folder: Path) -> Path:
    return folder / "absent"


def _too_little(folder: Path) -> Path:
    write_material(folder)
    (folder / "en.json").write_text('{"data": [{"paragraphs": [{"context": "One.", "qas": []}]}]}')
    return folder


@pytest.mark.parametrize(
    ("make", "languages", "complaint"),
    [
        (_no_folder, [], "no such folder"),
        (write_material, ["fr"], "cannot be read"),
        (_too_little, [], "1 different sentences"),
    ],
)
def test_what_no_library_can_be_made_of_is_refused(
    make: Callable[[Path], Path], languages: list[str], complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(BenchmarkError, match=complaint):
        read_material(make(tmp_path), languages)
