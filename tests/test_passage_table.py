"""Passages that are kept as numbers are those that they were, and take little memory."""

import gc
import tracemalloc
from dataclasses import replace
from pathlib import Path
from weakref import ref

import pytest
from conftest import make_case

from index.generation import Generation
from index.generation_files import load_generation, write_generation
from index.passage_table import Counterparts, PassageTable
from index.passages import Passage, split_passages

CASE = make_case("\n\n".join(f"## Part {part}\n\n{'A tree. ' * 30}{part}." for part in range(40)))


def record(passage: Passage, **fields: object) -> dict[str, object]:
    return {
        "id": passage.id,
        "case": 0,
        "heading": list(passage.heading),
        "start": passage.start,
        "end": passage.end,
        "sentences": passage.sentences,
        "language": passage.language,
        "page": passage.page,
        "source_anchor": passage.source_anchor,
        **fields,
    }


def test_passages_are_those_that_were_added() -> None:
    passages = split_passages(CASE)
    passages[1] = replace(passages[1], page=7, source_anchor="part-1")
    table = PassageTable((CASE,))
    for passage in passages:
        table.append(record(passage))
    assert list(table) == passages
    assert len(table) == len(passages) == 40
    assert (table[1], table[-1]) == (passages[1], passages[-1])
    assert table[2:9:3] == tuple(passages[2:9:3])
    with pytest.raises(IndexError):
        table[len(passages)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "another.en.0123456789"},
        {"id": "0123456789"},
        {"id": f"{CASE.id}.en.0X23456789"},
        {"id": f"{CASE.id}.en.123"},
        {"case": 1},
        {"start": 2**40},
        {"end": None},
        {"sentences": [[1, "2"]]},
    ],
)
def test_what_is_no_passage_of_its_document_is_refused(wrong: dict[str, object]) -> None:
    table = PassageTable((CASE,))
    with pytest.raises((ValueError, LookupError, TypeError, OverflowError)):
        table.append(record(split_passages(CASE)[0], **wrong))


def test_a_passage_takes_little_memory_beside_its_document() -> None:
    records = [record(passage) for passage in split_passages(CASE)] * 50
    table = PassageTable((CASE,))
    tracemalloc.start()
    try:
        for each in records:
            table.append(each)
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    # Each has 31 sentences of eight bytes.
    assert taken < (31 * 8 + 150) * len(records)


def test_counterparts_are_those_that_were_added() -> None:
    found = [{}, {"ar": 4, "fr": 9}, {}, {"fr": 0}, {}]
    counterparts = Counterparts()
    for each in found:
        counterparts.append(each)
    assert list(counterparts) == found
    assert counterparts[1:3] == tuple(found[1:3])
    assert counterparts[-2] == {"fr": 0}
    with pytest.raises(IndexError):
        counterparts[5]


def test_passages_are_found_by_their_ids(small_generation: Generation, tmp_path: Path) -> None:
    write_generation(small_generation, folder := tmp_path / small_generation.id)
    for generation in (small_generation, load_generation(folder)):
        for row, passage in enumerate(generation.passages):
            case = generation.case_of(row)
            assert generation.passage(passage.id) == (case, passage)
            assert passage in generation.passages_of(case)
            for language, other in generation.counterparts[row].items():
                assert generation.counterpart(passage, language) == generation.passages[other]
            assert generation.counterpart(passage, "xx") is None
        for unknown in ("", "none", "none.en.0123456789", "harbour-school.en.0123456789"):
            assert generation.passage(unknown) is None


def test_it_goes_as_soon_as_nobody_holds_it(small_generation: Generation, tmp_path: Path) -> None:
    write_generation(small_generation, folder := tmp_path / small_generation.id)
    generation = load_generation(folder)
    generation.spelling.prepare()
    held = ref(generation)
    gc.disable()
    try:
        del generation
        assert held() is None
    finally:
        gc.enable()
