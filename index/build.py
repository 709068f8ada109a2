"""A library -> a generation: split, encode, index, align the renderings, measure the background."""

import gc
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain, pairwise, permutations

import numpy as np
import numpy.typing as npt

from corpus.case_study import CaseStudy
from corpus.errors import DiwanError
from corpus.library import Library
from index.alignment import Vocabulary, asked_words
from index.analysis import words
from index.background import TYPICAL, Background, Signal
from index.chronicle import Chronicle
from index.concepts import Concepts
from index.duplicates import near_duplicates
from index.encoder import PassageEncoder
from index.engine import Engine
from index.fusion import measure
from index.generation import Generation
from index.manifest import SCHEMA, Manifest
from index.parameters import PARAMETERS
from index.passages import Passage, split_passages
from index.places import countries_among, countries_named
from index.sampling import spread_over
from index.signals import (
    OF_PASSAGES,
    Probe,
    case_tokens,
    encoded_text,
    passage_tokens,
    question_tokens,
)

Values = npt.NDArray[np.float32]
Progress = Callable[[str, int, int], None]
"""Called with the name of the step, how much of it is done, and how much there is."""

_SAMPLE = 200  # sentences that play the question, and passages that each is held against
_SAME_SECTION = 0.1  # cosine that standing in the same section is worth when aligning renderings


class EmptyLibraryError(DiwanError):
    """There is nothing to build an index from."""


def build_generation(
    library: Library,
    encoder: PassageEncoder,
    progress: Progress | None = None,
    before: Chronicle | None = None,
) -> Generation:
    """Build a generation in memory.

    Args:
        library: What to index.
        encoder: What to encode it with.
        progress: Told how far it is, for whoever waits.
        before: What the generation before it tells of the library; None where there is none.

    Raises:
        EmptyLibraryError: The library holds no document.
    """
    if not library.cases:
        raise EmptyLibraryError(
            "The library is empty: there is no document to build an index from."
            " Put case studies into the library folder, or leave DIWAN_BUNDLED at true."
        )
    with _no_collection():
        return _build(library, encoder, progress or (lambda _step, _done, _total: None), before)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector from walking millions of live tokens again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _build(
    library: Library, encoder: PassageEncoder, report: Progress, before: Chronicle | None
) -> Generation:
    split = [split_passages(case) for case in library.cases]
    passages = [passage for found in split for passage in found]
    owners = [owner for owner, found in enumerate(split) for _ in found]
    cases = [library.cases[owner] for owner in owners]
    sentences = [
        passage.text[start:end] for passage in passages for start, end in passage.sentences
    ]
    total = len(passages) + len(sentences)
    whole = encoder.encode_passages(
        [encoded_text(case, passage) for case, passage in zip(cases, passages, strict=True)],
        progress=lambda done: report("encode", done, total),
    )
    single = encoder.encode_passages(
        sentences, progress=lambda done: report("encode", len(passages) + done, total)
    )
    starts = np.cumsum([0, *(len(passage.sentences) for passage in passages)], dtype=np.int64)
    report("words", 0, 1)
    concepts = Concepts(library.terms)
    spoken = [words(passage.text) for passage in passages]
    vocabulary = Vocabulary.build(passages, spoken, concepts, encoder)
    report("words", 1, 1)
    tokens = _tokens(passages, spoken, concepts, report)
    tokens[Signal.CASE] = [case_tokens(case) for case in library.cases]
    documents = np.asarray(owners, dtype=np.int64)
    engine = Engine.build((whole, single), starts, documents, vocabulary, tokens)
    report("measure", 0, 1)
    manifest = Manifest(
        schema=SCHEMA,
        id=f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}",
        number=0,  # given when it is written among others
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        library=library.state,
        returned=library.returned,
        parameters=PARAMETERS,
        model=encoder.name,
        revision=encoder.revision,
        dimension=encoder.dimension,
        cases=len(library.cases),
        passages=len(passages),
        sentences=len(sentences),
        background=_background(engine, cases, [p.language for p in passages], sentences, concepts),
        files={},
    )
    report("measure", 1, 1)
    tell = before.go_on if before else Chronicle.begin
    return Generation(
        manifest=manifest,
        library_cases=library.cases,
        passages=tuple(passages),
        owners=tuple(owners),
        counterparts=tuple(_align(cases, passages, whole)),
        countries=tuple(_countries(library.cases, owners, spoken)),
        twins=near_duplicates(passages, spoken, [case.id for case in cases]),
        concepts=concepts,
        engine=engine,
        chronicle=tell(library.cases, manifest.created),
    )


def _countries(
    cases: Sequence[CaseStudy], owners: Sequence[int], spoken: Sequence[Sequence[str]]
) -> Iterator[frozenset[str]]:
    """The countries that each passage, and the document that owns it, is about or names."""
    about = [
        countries_named(f"{case.title}\n{case.place or ''}").union(filter(None, [case.country]))
        for case in cases
    ]
    for owner, said in zip(owners, spoken, strict=True):
        yield frozenset(about[owner] | countries_among(said))


def _tokens(
    passages: Sequence[Passage],
    spoken: Sequence[Sequence[str]],
    concepts: Concepts,
    report: Progress,
) -> dict[Signal, list[list[str]]]:
    tokens: dict[Signal, list[list[str]]] = {signal: [] for signal in OF_PASSAGES}
    for done, (passage, said) in enumerate(zip(passages, spoken, strict=True), start=1):
        for signal, found in passage_tokens(passage, said, concepts).items():
            tokens[signal].append(found)
        report("analyse", done, len(passages))
    return tokens


def _align(
    cases: Sequence[CaseStudy], passages: Sequence[Passage], vectors: Values
) -> list[dict[str, int]]:
    """For each passage, find the passage of every other rendering that says the same.

    It is the one with the nearest vector, with some preference for the same section.
    """
    rows: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row, case in enumerate(cases):
        rows[case.id][case.language].append(row)
    counterparts: list[dict[str, int]] = [{} for _ in cases]
    for by_language in rows.values():
        for language, other in permutations(by_language, 2):
            mine, theirs = by_language[language], by_language[other]
            likeness = vectors[mine] @ vectors[theirs].T
            here, there = _sections(passages, mine), _sections(passages, theirs)
            likeness += _SAME_SECTION * (here[:, np.newaxis] == there[np.newaxis])
            for row, best in zip(mine, likeness.argmax(axis=1), strict=True):
                counterparts[row][other] = theirs[int(best)]
    return counterparts


def _sections(passages: Sequence[Passage], rows: Sequence[int]) -> npt.NDArray[np.int64]:
    """Number the sections that the passages stand in, from 0 in reading order."""
    headings = [passages[row].heading for row in rows]
    changes = [a != b for a, b in pairwise(headings)]
    return np.cumsum([False, *changes], dtype=np.int64)


def _background(
    engine: Engine,
    cases: Sequence[CaseStudy],
    languages: Sequence[str],
    sentences: Sequence[str],
    concepts: Concepts,
) -> Mapping[str, Mapping[Signal, Background]]:
    """Measure each signal on sentences and passages of different cases.

    Returns:
        `same` and `other`: pairs in one language, and pairs in two. A library in a single
        language has no pairs in two; `other` is then measured on the same pairs as `same`. In a
        library of one case everything belongs together; the background is then the usual one.
    """
    if len({case.id for case in cases}) == 1:
        return TYPICAL
    # Each document alike: else a long one about something else would set the measure for all.
    numbers = spread_over(engine.documents[engine.owners], _SAMPLE)
    rows = spread_over(engine.documents, _SAMPLE)
    gathered: dict[str, dict[Signal, list[Values]]] = {
        kind: {signal: [] for signal in Signal} for kind in ("same", "other")
    }
    asked_of = {
        number: asked_words(sentences[number], languages[int(engine.owners[number])], concepts)
        for number in numbers.tolist()
    }
    engine.vocabulary.recall(chain.from_iterable(asked_of.values()))  # all at one go
    for number, asked in asked_of.items():
        owner = int(engine.owners[number])
        case, language = cases[owner], languages[owner]
        vector = engine.sentence_vectors(np.asarray([number]))[0]
        probe = Probe(
            vector,
            question_tokens(sentences[number], language, concepts),
            asked,
            engine.vocabulary.recall(asked),
        )
        readings = engine.read(probe)
        unrelated = np.asarray([row for row in rows if cases[row].id != case.id], dtype=np.int64)
        alike = np.asarray([languages[row] == language for row in unrelated], dtype=np.bool_)
        values = engine.values(probe, readings, unrelated) if len(unrelated) else {}
        for signal, found in values.items():
            gathered["same"][signal].append(found[alike])
            gathered["other"][signal].append(found[~alike])
    same, other = _measured(gathered["same"]), gathered["other"][Signal.PASSAGE]
    return {
        "same": same,
        "other": _measured(gathered["other"]) if any(map(len, other)) else same,
    }


def _measured(gathered: Mapping[Signal, list[Values]]) -> dict[Signal, Background]:
    empty = np.zeros(0, dtype=np.float32)
    return {signal: measure(np.concatenate(found or [empty])) for signal, found in gathered.items()}
