"""sentence-transformers and FAISS, with nothing between: what people write first.

`encode_query` and `encode_document` of unit length, and `IndexFlatIP`, the exact inner product, as
on sbert.net/examples/sentence_transformer/applications/semantic-search.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt
from sentence_transformers import SentenceTransformer

from benchmarks.peers.encoders import MINILM, bundled, minilm_folder
from benchmarks.peers.peer import Passage, Peer

Vectors = npt.NDArray[np.float32]


class Plain:
    """Vectors in a flat index."""

    def __init__(self, encoder: str) -> None:
        self._question: Callable[[str], Vectors]
        self._passages: Callable[[list[str]], Vectors]
        if encoder == MINILM:
            model = SentenceTransformer(str(minilm_folder()), local_files_only=True)
            how: dict[str, Any] = {"normalize_embeddings": True, "show_progress_bar": False}
            self._question = lambda text: model.encode_query(text, **how)
            self._passages = lambda texts: model.encode_document(texts, **how)
        else:
            loaded = bundled()
            self._question, self._passages = loaded.encode_question, loaded.encode_passages

    def build(self, passages: Sequence[Passage]) -> None:
        """Encode and index."""
        vectors = self._passages([passage.text for passage in passages])
        self._ids = [passage.id for passage in passages]
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(vectors)

    def ask(self, question: str, k: int) -> list[str]:
        """Search."""
        _, rows = self._index.search(self._question(question)[None], k)
        return [self._ids[row] for row in rows[0] if row >= 0]


def make(encoder: str, scratch: Path) -> Peer:  # noqa: ARG001 - its index is in memory
    """Load the two."""
    return Plain(encoder)
