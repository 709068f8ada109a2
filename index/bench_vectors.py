"""Vectors for libraries so large that encoding every passage would take hours."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np
import numpy.typing as npt

from index.encoder import PassageEncoder
from index.sampling import spread_out
from index.sentences import split_sentences
from index.soundness import SAMPLE

Vectors = npt.NDArray[np.float32]

NOISE = 0.1
"""Length of what is added to a vector of unit length; its cosine with the sum is 0.995."""

_STRETCH = 8192  # vectors that are made at a time
_SEED = 2026


@dataclass(slots=True)
class PerturbingEncoder:
    """Encodes some texts and makes up vectors like those of the model for all others.

    A whole passage, which is a text of several lines with its title in the first, has the mean
    of its sentences' vectors. Any other text has its own vector. To both a little noise is added,
    but for a text of one line that is met for the first time. All are made unit length. What a
    generation is checked by is encoded in any case, so that it passes.

    The vectors stand in a file that is mapped into memory and vanishes with them.

    Attributes:
        encoder: What encodes.
        most: How many texts of a call are encoded; each sentence that they are made of is, once.
        folder: Where the files are; it exists.
        perturbed: How many vectors were made up so far.
    """

    encoder: PassageEncoder
    most: int
    folder: Path
    perturbed: int = 0

    @property
    def name(self) -> str:
        """The model's name."""
        return self.encoder.name

    @property
    def revision(self) -> str:
        """Fingerprint of the model's files."""
        return self.encoder.revision

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self.encoder.dimension

    def encode_passages(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Encode some passages, and make up vectors for the others; see the class.

        Args:
            texts: The passages.
            progress: Called now and then, and at the end, with the number of passages done.

        Returns:
            Shape (len(texts), dimension), float32, each row of unit length.
        """
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        sentences: dict[str, int] = {}
        numbers, starts, fresh = array("q"), array("q"), bytearray()
        for text in texts:
            starts.append(len(numbers))
            known = len(sentences)
            numbers.extend(sentences.setdefault(part, len(sentences)) for part in _parts(text))
            fresh.append("\n" not in text and len(sentences) > known)
        starts.append(len(numbers))
        table = self.encoder.encode_passages(list(sentences))
        vectors = self._empty(len(texts))
        noise = NOISE * (1 - np.frombuffer(fresh, dtype=np.uint8).astype(np.float32))
        of, begins = np.frombuffer(numbers, np.int64), np.frombuffer(starts, np.int64)
        draw = np.random.default_rng(_SEED)
        for start in range(0, len(texts), _STRETCH):
            end = min(start + _STRETCH, len(texts))
            parts = table[of[begins[start] : begins[end]]]
            means = _unit(np.add.reduceat(parts, begins[start:end] - begins[start]))
            added = draw.standard_normal(means.shape, dtype=np.float32) / self.dimension**0.5
            vectors[start:end] = _unit(means + noise[start:end, np.newaxis] * added)
            if progress:
                progress(end)
        real = self._encoded(len(texts))
        vectors[real] = self.encoder.encode_passages([texts[row] for row in real.tolist()])
        noise[real] = 0
        self.perturbed += int(np.count_nonzero(noise))
        return vectors

    def _encoded(self, count: int) -> npt.NDArray[np.int64]:
        """Which texts are encoded."""
        return np.union1d(spread_out(count, self.most), spread_out(count, SAMPLE))

    def _empty(self, count: int) -> Vectors:
        with NamedTemporaryFile(dir=self.folder) as file:
            return np.memmap(file, np.float32, "w+", shape=(count, self.dimension))


def _parts(text: str) -> Iterator[str]:
    """The sentences of a whole passage, or the text itself."""
    title, line_break, passage = text.partition("\n")
    if not line_break:
        yield title
        return
    for start, end in split_sentences(passage):
        yield passage[start:end]


def _unit(vectors: Vectors) -> Vectors:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(norms > 0, norms, 1), dtype=np.float32)
