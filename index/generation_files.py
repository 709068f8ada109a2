"""A generation on disk: an immutable folder, flushed when written and checked when read."""

import errno
import json
import os
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from corpus.atomic import flush
from corpus.case_study import CaseStudy
from corpus.glossary import Term
from index import chronicle
from index.chronicle import Chronicle
from index.concepts import Concepts
from index.engine import Engine
from index.generation import Generation
from index.manifest import (
    MANIFEST,
    Manifest,
    check_files,
    damaged,
    reason,
    sealed,
    sum_of,
    sums,
    unsealed,
)
from index.pace import step_aside
from index.passage_table import Counterparts, PassageTable
from index.soundness import check_structure

_CASE = TypeAdapter(CaseStudy)
_TERM = TypeAdapter(Term)
_CASES = "cases.jsonl"
_PASSAGES = "passages.jsonl"
_TERMS = "terms.jsonl"
_CHRONICLE = "chronicle.json"  # generations of older programs have none
_UNREADABLE = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    EOFError,
)


def write_generation(generation: Generation, folder: Path) -> Manifest:
    """Write a generation into a new folder and flush it to disk; the manifest comes last.

    Returns:
        The manifest as written, with the sums of all files.

    Raises:
        OSError: The folder exists already, or the disk does not take it.
    """
    folder.mkdir(parents=True)
    try:
        generation.engine.save(folder)
        _write_lines(folder / _CASES, (asdict(case) for case in generation.library_cases))
        _write_lines(folder / _PASSAGES, _passage_records(generation))
        _write_lines(folder / _TERMS, (asdict(term) for term in generation.concepts.terms))
        told = chronicle.written(generation.chronicle)
        (folder / _CHRONICLE).write_text(told, encoding="utf-8")
        manifest = replace(generation.manifest, files=sums(folder))
        (folder / MANIFEST).write_text(sealed(manifest), encoding="utf-8")
        for path in (*folder.rglob("*"), folder, folder.parent):
            flush(path)
    except OSError as error:
        if error.errno is None:  # numpy tells of a short write without saying why
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder)) from error
        raise
    return manifest


def load_generation(folder: Path) -> Generation:
    """Open a generation after checking every file against its sum.

    It is read into memory as a whole, so that what becomes of the files later touches no answer;
    of a large one, inverted lists and vectors are mapped. Deleting files does no harm either way.

    Raises:
        GenerationError: It is absent, damaged or of another schema.
    """
    manifest = check_files(folder)
    try:
        cases = tuple(map(_CASE.validate_python, _read_lines(folder / _CASES)))
        terms = tuple(map(_TERM.validate_python, _read_lines(folder / _TERMS)))
        passages, counterparts, twins = PassageTable(cases), Counterparts(), array("i")
        countries: list[frozenset[str]] = []
        equal: dict[frozenset[str], frozenset[str]] = {}
        for record in _read_lines(folder / _PASSAGES):
            passages.append(record)
            counterparts.append(record["counterparts"])
            twins.append(record["twin"])
            named = frozenset(record["countries"])
            countries.append(equal.setdefault(named, named))
        generation = Generation(
            manifest=manifest,
            library_cases=cases,
            passages=passages,
            owners=passages.owners,
            counterparts=counterparts,
            countries=countries,
            twins=twins,
            concepts=Concepts(terms),
            engine=Engine.load(folder, np.asarray(passages.owners, dtype=np.int64)),
            chronicle=_told(folder, manifest.files, cases, manifest.created),
        )
    except _UNREADABLE as error:
        raise damaged(folder, reason(error, folder)) from error
    step_aside()
    check_structure(generation)
    return generation


def read_chronicle(folder: Path) -> Chronicle:
    """Read what a generation tells of the library, whatever else of it is damaged or of an age.

    Raises:
        GenerationError: It cannot be told any more.
    """
    try:
        raw = unsealed(json.loads((folder / MANIFEST).read_bytes()), folder)
        files: Mapping[str, str] = raw["files"]
        name = _CHRONICLE if _CHRONICLE in files else _CASES
        if sum_of(folder / name) != files[name]:
            raise damaged(folder, f"{name} is not as it was written")
        lines = _read_lines(folder / _CASES) if name == _CASES else ()
        return _told(folder, files, map(_CASE.validate_python, lines), raw["created"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise damaged(folder, reason(error, folder)) from error


def _told(
    folder: Path, files: Mapping[str, str], cases: Iterable[CaseStudy], created: str
) -> Chronicle:
    """What a generation tells; one that has no chronicle begins with its documents."""
    if _CHRONICLE in files:
        return chronicle.read((folder / _CHRONICLE).read_bytes())
    return Chronicle.begin(cases, created)


def _passage_records(generation: Generation) -> Iterator[dict[str, Any]]:
    for passage, owner, counterparts, countries, twin in zip(
        generation.passages,
        generation.owners,
        generation.counterparts,
        generation.countries,
        generation.twins,
        strict=True,
    ):
        yield {
            "id": passage.id,
            "case": owner,
            "heading": passage.heading,
            "start": passage.start,
            "end": passage.end,
            "sentences": passage.sentences,
            "language": passage.language,
            "page": passage.page,
            "source_anchor": passage.source_anchor,
            "counterparts": dict(counterparts),
            "countries": sorted(countries),
            "twin": twin,
        }


def _write_lines(path: Path, records: Iterator[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", errors="surrogatepass") as file:
        file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def _read_lines(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8", errors="surrogatepass", newline="\n") as file:
        for line in file:
            step_aside()
            yield json.loads(line)
