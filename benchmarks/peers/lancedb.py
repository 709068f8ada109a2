"""LanceDB, embedded: full text and vectors, reranked by reciprocal rank.

As on docs.lancedb.com/search/hybrid-search: a table that encodes by its schema, a full-text index
on the text, `query_type="hybrid"` and `RRFReranker`, its default. Full text is stemmed and rid of
stop words in the passages' language, which docs.lancedb.com/indexing/fts-index has one name. So few
rows have no vector index: they are compared one by one, exactly, as docs.lancedb.com/search says.
"""

from collections.abc import Sequence
from pathlib import Path

import lancedb
import numpy as np
import numpy.typing as npt
from lancedb.embeddings import TextEmbeddingFunction, get_registry, register
from lancedb.index import FTS
from lancedb.pydantic import LanceModel, Vector
from lancedb.rerankers import RRFReranker

from benchmarks.peers.encoders import MINILM, bundled, minilm_folder
from benchmarks.peers.peer import Passage, Peer
from index.encoder import Encoder

_LANGUAGES = {"ar": "Arabic", "en": "English"}
_LOADED: list[Encoder] = []


def _encoder() -> Encoder:
    """Load the encoder once; LanceDB copies its functions."""
    if not _LOADED:
        _LOADED.append(bundled())
    return _LOADED[0]


@register("diwan")
class BundledFunction(TextEmbeddingFunction):
    """Diwan's encoder, after lancedb.github.io/lancedb/embeddings/custom_embedding_function."""

    def ndims(self) -> int:
        """Return the length of a vector."""
        return _encoder().dimension

    def compute_query_embeddings(
        self, query: str, *_: object, **__: object
    ) -> list[npt.NDArray[np.float32]]:
        """Encode a question."""
        return [_encoder().encode_question(query)]

    def generate_embeddings(self, texts: Sequence[str]) -> list[npt.NDArray[np.float32]]:
        """Encode passages."""
        return list(_encoder().encode_passages(list(texts)))


class LanceDB:
    """A table in a folder."""

    def __init__(self, encoder: str, scratch: Path) -> None:
        registry = get_registry()
        function = (
            registry.get("sentence-transformers").create(name=str(minilm_folder()))
            if encoder == MINILM
            else registry.get("diwan").create()
        )

        class Row(LanceModel):
            id: str
            text: str = function.SourceField()
            vector: Vector(function.ndims()) = function.VectorField()

        self._table = lancedb.connect(scratch).create_table("passages", schema=Row)
        self._reranker = RRFReranker()

    def build(self, passages: Sequence[Passage]) -> None:
        """Add and index."""
        self._table.add([{"id": passage.id, "text": passage.text} for passage in passages])
        language = _LANGUAGES[passages[0].language]
        self._table.create_index("text", config=FTS(language=language))

    def ask(self, question: str, k: int) -> list[str]:
        """Search both ways and rerank."""
        found = self._table.search(question, query_type="hybrid").rerank(self._reranker)
        return [row["id"] for row in found.select(["id"]).limit(k).to_list()]


def make(encoder: str, scratch: Path) -> Peer:
    """Load LanceDB."""
    return LanceDB(encoder, scratch)
