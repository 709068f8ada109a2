"""Diwan, through its own library: indexed as by `diwan bench retrieval`, asked as by the server."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.peers.encoders import bundled
from benchmarks.peers.peer import Passage, Peer
from index.bench_retrieval import Pool, build_pool, documents_found
from index.generation import Generation


class Diwan:
    """Every setting is the one that it is installed with."""

    def __init__(self) -> None:
        self._encoder = bundled()
        self._generation: Generation

    def build(self, passages: Sequence[Passage]) -> None:
        """Index each paragraph as a document, by its language."""
        documents = {passage.id: passage.text for passage in passages}
        self._language = passages[0].language
        self._generation = build_pool([Pool(self._language, documents, {})], self._encoder)

    def ask(self, question: str, k: int) -> list[str]:
        """Search; the language of the question is told by its letters, as for a visitor."""
        found = documents_found(self._generation, self._encoder, question)
        return [document.removesuffix(f"-{self._language}") for document in found[:k]]


def make(encoder: str, scratch: Path) -> Peer:  # noqa: ARG001 - it has one encoder, and no files
    """Load Diwan."""
    return Diwan()
