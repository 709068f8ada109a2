"""Whether a generation is sound: its parts agree, and its vectors are the encoder's."""

from collections.abc import Sequence

import numpy as np

from corpus.case_study import CaseStudy
from index.background import Signal
from index.encoder import PassageEncoder
from index.generation import Generation
from index.manifest import DamagedError
from index.pace import step_aside
from index.passages import Passage, passage_ids
from index.sampling import spread_out
from index.signals import OF_PASSAGES, encoded_text

SAMPLE = 12  # passages, and as many sentences, that are encoded again
LEAST_COSINE = 0.99  # with the vector that is kept; rounding on another machine leaves 0.9995


def check_structure(generation: Generation) -> None:
    """Check that the parts of a generation agree on what there is, and resolve to each other.

    Raises:
        DamagedError: They do not; names what.
    """
    manifest, engine = generation.manifest, generation.engine
    cases, passages = len(generation.library_cases), len(generation.passages)
    counts = {
        "documents": (manifest.cases, cases),
        "passages": (manifest.passages, passages),
        "vectors of passages": (passages, len(engine.passages)),
        "sentences": (manifest.sentences, int(engine.sentence_starts[-1])),
        "vectors of sentences": (manifest.sentences, len(engine.sentences)),
        "dimension of passages": (manifest.dimension, engine.passages.dimension),
        "dimension of sentences": (manifest.dimension, engine.sentences.dimension),
        "dimension of words": (manifest.dimension, engine.vocabulary.vectors.dimension),
        "passages with sentences": (passages, len(engine.sentence_starts) - 1),
        "passages with words": (passages, len(engine.vocabulary.starts) - 1),
        "vectors of words": (
            len(engine.vocabulary.words),
            len(engine.vocabulary.vectors),
        ),
        "documents of the chronicle": (cases, len(generation.chronicle.documents)),
        "tokens of documents": (cases, len(engine.lexical[Signal.CASE])),
        **{
            f"tokens of passages ({signal})": (passages, len(engine.lexical[signal]))
            for signal in OF_PASSAGES
        },
    }
    for what, (wanted, found) in counts.items():
        if wanted != found:
            raise _unsound(generation, f"{what}: {found} where there should be {wanted}")
    for case in generation.library_cases:
        if (case.id, case.language) not in generation.chronicle.documents:
            raise _unsound(generation, f"the chronicle does not tell of document {case.id}")
    _check_passages(generation)


def _check_passages(generation: Generation) -> None:
    """Check that each passage stands where it says, in the document that it says."""
    cases, counts = generation.library_cases, np.diff(generation.engine.sentence_starts)
    rows, last = range(len(generation.passages)), 0
    held: list[Passage] = []
    for row, passage in enumerate(generation.passages):
        step_aside()
        owner = generation.owners[row]
        if not 0 <= owner < len(cases):
            raise _unsound(generation, f"passage {passage.id} belongs to no document")
        if owner < last:
            raise _unsound(generation, f"passage {passage.id} stands apart from its document")
        if owner > last:
            _check_words(generation, cases[last], held)
            held, last = [], owner
        held.append(passage)
        pointed = (generation.twins[row], *generation.counterparts[row].values())
        if not passage.text or any(other not in rows for other in pointed):
            raise _unsound(generation, f"passage {passage.id} leads nowhere")
        if len(passage.sentences) != counts[row]:
            raise _unsound(generation, f"passage {passage.id} has sentences without vectors")
    if held:
        _check_words(generation, cases[last], held)


def _check_words(generation: Generation, case: CaseStudy, passages: Sequence[Passage]) -> None:
    """Check that the passages of a document hold the words that their ids are made of."""
    ids = passage_ids(case, [passage.text for passage in passages])
    for passage, expected in zip(passages, ids, strict=True):
        if passage.id != expected:
            raise _unsound(generation, f"passage {passage.id} holds another passage's words")


def check_vectors(generation: Generation, encoder: PassageEncoder) -> None:
    """Encode a sample of passages and sentences again and compare them with what is kept.

    Args:
        generation: The generation.
        encoder: The encoder that it was built with, itself and no cache before it.

    Raises:
        DamagedError: A vector is not that of its text.
    """
    engine = generation.engine
    rows, numbers = (
        spread_out(count, SAMPLE) for count in (len(generation.passages), len(engine.sentences))
    )
    texts = [encoded_text(generation.case_of(row), generation.passages[row]) for row in rows]
    for number in numbers.tolist():
        row = int(engine.owners[number])
        passage = generation.passages[row]
        start, end = passage.sentences[number - int(engine.sentence_starts[row])]
        texts.append(passage.text[start:end])
    kept = np.vstack((engine.passage_vectors(rows), engine.sentence_vectors(numbers)))
    fresh = encoder.encode_passages(texts)
    cosines = np.einsum("ij,ij->i", kept, fresh)
    zero = ~fresh.any(axis=1) & ~kept.any(axis=1)  # what a model may give to a text of nothing
    if not (zero | (cosines >= LEAST_COSINE)).all():
        raise _unsound(generation, "vectors are not those of their texts")


def _unsound(generation: Generation, reason: str) -> DamagedError:
    return DamagedError(
        f"Generation {generation.id} is damaged or incomplete: {reason}."
        " Build a new one with `diwan rebuild`, or go back with `diwan rollback`."
    )
