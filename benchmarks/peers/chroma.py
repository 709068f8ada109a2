"""Chroma, in memory: embeddings alone.

Its hybrid search belongs to its cloud: docs.trychroma.com/cloud/search-api/overview says so, and
the library's own `search` raises `NotImplementedError` on a local collection. Its default function
is all-MiniLM-L6-v2 in ONNX, which it downloads when first used; the same model is here read from
the wheel by `SentenceTransformerEmbeddingFunction`
(docs.trychroma.com/docs/embeddings/embedding-functions).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction

from benchmarks.peers.encoders import MINILM, bundled, minilm_folder
from benchmarks.peers.peer import THREADS, Passage, Peer


class BundledFunction(chromadb.EmbeddingFunction[chromadb.Documents]):
    """Diwan's encoder, after "custom embedding functions" of the page above."""

    def __init__(self) -> None:
        self._encoder = bundled()

    def __call__(self, input: chromadb.Documents) -> chromadb.Embeddings:  # noqa: A002 - its name
        """Encode passages."""
        return list(self._encoder.encode_passages(input))

    def embed_query(self, input: chromadb.Documents) -> chromadb.Embeddings:  # noqa: A002 - its name
        """Encode questions."""
        return [np.asarray(self._encoder.encode_question(text)) for text in input]

    @staticmethod
    def name() -> str:
        """Return the name that a collection keeps."""
        return "diwan"

    def get_config(self) -> dict[str, Any]:
        """Return what it is made with: nothing."""
        return {}

    @staticmethod
    def build_from_config(config: dict[str, Any]) -> "BundledFunction":  # noqa: ARG004 - has none
        """Make it."""
        return BundledFunction()


class Chroma:
    """A collection by cosine.

    The two encoders are compared by it (docs.trychroma.com/docs/collections/configure); the other
    settings of its index are the defaults, good for "most use cases" as the page says.
    """

    def __init__(self, encoder: str) -> None:
        self._function = (
            SentenceTransformerEmbeddingFunction(str(minilm_folder()))
            if encoder == MINILM
            else BundledFunction()
        )
        self._client = chromadb.EphemeralClient()

    def build(self, passages: Sequence[Passage]) -> None:
        """Add to a new collection."""
        self._collection = self._client.create_collection(
            "passages",
            embedding_function=self._function,
            configuration={"hnsw": {"space": "cosine", "num_threads": THREADS}},
        )
        self._collection.add(
            ids=[passage.id for passage in passages],
            documents=[passage.text for passage in passages],
        )

    def ask(self, question: str, k: int) -> list[str]:
        """Query; only ids are asked for."""
        found = self._collection.query(query_texts=[question], n_results=k, include=[])
        return found["ids"][0]


def make(encoder: str, scratch: Path) -> Peer:  # noqa: ARG001 - it is in memory
    """Load Chroma."""
    return Chroma(encoder)
