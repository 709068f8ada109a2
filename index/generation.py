"""A generation: an immutable folder that holds everything a search needs, and its manifest."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter

from corpus.case_study import CaseStudy
from corpus.glossary import Term
from index.concepts import Concepts
from index.engine import Engine
from index.fusion import Background
from index.passages import Passage
from index.signals import Signal

SCHEMA = 4  # raised whenever a generation of the older kind can no longer be read
MANIFEST = "manifest.json"
_CASES = "cases.jsonl"
_PASSAGES = "passages.jsonl"
_TERMS = "terms.jsonl"


class GenerationError(Exception):
    """A generation that is absent, damaged or of another schema; says what to do about it."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation was built from and what it holds.

    Attributes:
        schema: Version of the folder's layout.
        id: Name of the generation and of its folder.
        created: ISO 8601 date and time, UTC.
        library: SHA-256 of the library's state.
        model: Name of the encoder.
        revision: Fingerprint of the encoder's weights.
        dimension: Length of its vectors.
        cases: Number of documents, each rendering counted.
        passages: Number of passages.
        sentences: Number of sentences.
        background: Mean and spread of each signal on unrelated pairs, in one language and across.
        files: SHA-256 of every other file, by its path within the folder.
    """

    schema: int
    id: str
    created: str
    library: str
    model: str
    revision: str
    dimension: int
    cases: int
    passages: int
    sentences: int
    background: Mapping[str, Mapping[Signal, Background]]
    files: Mapping[str, str]


@dataclass(frozen=True)
class Generation:
    """A generation in memory: documents, passages and the engine over them.

    Attributes:
        manifest: What it was built from.
        library_cases: Every document, sorted by id and language.
        passages: Every passage, numbered from 0 in the engine's order.
        owners: For each passage, the number of its document in `library_cases`.
        counterparts: For each passage, the number of the passage that says the same, by the
            language of the other rendering.
        countries: For each passage, ISO 3166-1 codes of the countries that it, its case's title
            or its case's place name, and that its case is about.
        twins: For each passage, the number of the first passage that says nearly the same in the
            same language, its own if none does.
        concepts: What is found in passages and questions by name.
        engine: Vectors and tokens of the passages.
    """

    manifest: Manifest
    library_cases: tuple[CaseStudy, ...]
    passages: tuple[Passage, ...]
    owners: tuple[int, ...]
    counterparts: tuple[Mapping[str, int], ...]
    countries: tuple[frozenset[str], ...]
    twins: tuple[int, ...]
    concepts: Concepts
    engine: Engine

    @property
    def id(self) -> str:
        """The generation's name."""
        return self.manifest.id

    def case_of(self, row: int) -> CaseStudy:
        """The document that a passage belongs to."""
        return self.library_cases[self.owners[row]]

    def case(self, case_id: str, language: str) -> CaseStudy | None:
        """One rendering of a case, or None."""
        return self._cases.get(case_id, {}).get(language)

    def renderings(self, case_id: str) -> tuple[CaseStudy, ...]:
        """Every rendering of a case, by language; empty where there is no such case."""
        return tuple(self._cases.get(case_id, {}).values())

    def passages_of(self, case: CaseStudy) -> tuple[Passage, ...]:
        """The passages of a document in reading order."""
        return self._passages[case.id, case.language]

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Language of each passage."""
        return tuple(passage.language for passage in self.passages)

    def same_elsewhere(self, row: int) -> tuple[int, ...]:
        """The other passages that say nearly the same, in other documents."""
        document = self.case_of(row).id
        group = self._groups[self.twins[row]]
        return tuple(other for other in group if self.case_of(other).id != document)

    @cached_property
    def sizes(self) -> npt.NDArray[np.int64]:
        """Shape (passages,): how many passages each one's document has."""
        documents = self.engine.documents
        return np.asarray(np.bincount(documents)[documents], dtype=np.int64)

    @cached_property
    def _groups(self) -> dict[int, list[int]]:
        groups: dict[int, list[int]] = {}
        for row, twin in enumerate(self.twins):
            groups.setdefault(twin, []).append(row)
        return groups

    @cached_property
    def _cases(self) -> dict[str, dict[str, CaseStudy]]:
        cases: dict[str, dict[str, CaseStudy]] = {}
        for case in self.library_cases:
            cases.setdefault(case.id, {})[case.language] = case
        return cases

    @cached_property
    def _passages(self) -> dict[tuple[str, str], tuple[Passage, ...]]:
        found: dict[tuple[str, str], list[Passage]] = {
            (case.id, case.language): [] for case in self.library_cases
        }
        for owner, passage in zip(self.owners, self.passages, strict=True):
            case = self.library_cases[owner]
            found[case.id, case.language].append(passage)
        return {key: tuple(passages) for key, passages in found.items()}


def write_generation(generation: Generation, folder: Path) -> Manifest:
    """Write a generation into a new folder and flush it to disk; the manifest comes last.

    Returns:
        The manifest as written, with the sums of all files.

    Raises:
        OSError: The folder exists already, or the disk does not take it.
    """
    folder.mkdir(parents=True)
    generation.engine.save(folder)
    _write_lines(folder / _CASES, (asdict(case) for case in generation.library_cases))
    _write_lines(folder / _PASSAGES, _passage_records(generation))
    _write_lines(folder / _TERMS, (asdict(term) for term in generation.concepts.terms))
    manifest = Manifest(**{**_shallow(generation.manifest), "files": _sums(folder)})
    (folder / MANIFEST).write_text(
        json.dumps(asdict(manifest), ensure_ascii=False, indent=1), encoding="utf-8"
    )
    for path in (*folder.rglob("*"), folder, folder.parent):
        _flush(path)
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """Read what a generation says of itself.

    Raises:
        GenerationError: There is none, it cannot be read, or it is of another schema.
    """
    try:
        raw = json.loads((folder / MANIFEST).read_bytes())
        if raw.get("schema") != SCHEMA:
            raise GenerationError(
                f"Generation {folder.name} was built by another version of Diwan;"
                " build a new one with `diwan rebuild`."
            )
        return TypeAdapter(Manifest).validate_python(raw)
    except (OSError, ValueError, AttributeError) as error:
        raise _damaged(folder) from error


def load_generation(folder: Path) -> Generation:
    """Open a generation after checking every file against its sum.

    Raises:
        GenerationError: It is absent, damaged or of another schema.
    """
    manifest = read_manifest(folder)
    if _sums(folder) != dict(manifest.files):
        raise _damaged(folder)
    try:
        cases = tuple(map(TypeAdapter(CaseStudy).validate_python, _read_lines(folder / _CASES)))
        records = list(_read_lines(folder / _PASSAGES))
        terms = tuple(map(TypeAdapter(Term).validate_python, _read_lines(folder / _TERMS)))
        owners = tuple(int(record["case"]) for record in records)
        engine = Engine.load(folder, np.asarray(owners, dtype=np.int64))
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise _damaged(folder) from error
    if (len(cases), len(records)) != (manifest.cases, manifest.passages):
        raise _damaged(folder)
    return Generation(
        manifest=manifest,
        library_cases=cases,
        passages=tuple(
            _passage(record, cases[owner]) for record, owner in zip(records, owners, strict=True)
        ),
        owners=owners,
        counterparts=tuple(record["counterparts"] for record in records),
        countries=tuple(frozenset(record["countries"]) for record in records),
        twins=tuple(record["twin"] for record in records),
        concepts=Concepts(terms),
        engine=engine,
    )


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


def _passage(record: Mapping[str, Any], case: CaseStudy) -> Passage:
    start, end = record["start"], record["end"]
    return Passage(
        id=record["id"],
        heading=tuple(record["heading"]),
        text=case.text[start:end],
        start=start,
        end=end,
        sentences=tuple((first, last) for first, last in record["sentences"]),
        language=record["language"],
        page=record["page"],
        source_anchor=record["source_anchor"],
    )


def _shallow(manifest: Manifest) -> dict[str, Any]:
    return {name: getattr(manifest, name) for name in Manifest.__dataclass_fields__}


def _damaged(folder: Path) -> GenerationError:
    return GenerationError(
        f"Generation {folder.name} is damaged or incomplete; build a new one with `diwan rebuild`."
    )


def _write_lines(path: Path, records: Iterator[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", errors="surrogatepass") as file:
        file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def _read_lines(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8", errors="surrogatepass", newline="\n") as file:
        yield from map(json.loads, file)


def _sums(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): _sum(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
