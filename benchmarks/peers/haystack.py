"""Haystack: BM25 and embeddings from its document store in memory, joined by rank.

As in its tutorial on hybrid retrieval (haystack.deepset.ai/tutorials/33_hybrid_retrieval) and its
page on `DocumentJoiner` (docs.haystack.deepset.ai/docs/documentjoiner), which names reciprocal rank
fusion for the hits of several retrievers. The tutorial goes on to a cross-encoder from the model
hub, which no wheel carries: without a download there is none.
"""

from collections.abc import Sequence
from pathlib import Path

from haystack import Document, Pipeline, component
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import (
    InMemoryBM25Retriever,
    InMemoryEmbeddingRetriever,
)
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)

from benchmarks.peers.encoders import MINILM, bundled, minilm_folder
from benchmarks.peers.peer import Passage, Peer
from index.encoder import Encoder


@component
class BundledTextEmbedder:
    """Diwan's encoder as a component, after docs.haystack.deepset.ai/docs/custom-components."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    @component.output_types(embedding=list[float])
    def run(self, text: str) -> dict[str, list[float]]:
        """Encode a question."""
        return {"embedding": self._encoder.encode_question(text).tolist()}


@component
class BundledDocumentEmbedder:
    """Diwan's encoder for documents."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    @component.output_types(documents=list[Document])
    def run(self, documents: list[Document]) -> dict[str, list[Document]]:
        """Encode documents."""
        vectors = self._encoder.encode_passages([document.content or "" for document in documents])
        return {
            "documents": [
                Document(id=document.id, content=document.content, embedding=vector.tolist())
                for document, vector in zip(documents, vectors, strict=True)
            ]
        }


class Haystack:
    """A pipeline of two retrievers and a joiner.

    Both encoders want the cosine, and `InMemoryDocumentStore` says of its
    `embedding_similarity_function` that the model decides it; the depth of each retriever, 10, is
    its default, as in the tutorial.
    """

    def __init__(self, encoder: str) -> None:
        if encoder == MINILM:
            model = str(minilm_folder())
            asked = SentenceTransformersTextEmbedder(model=model, progress_bar=False)
            self._documents = SentenceTransformersDocumentEmbedder(model=model, progress_bar=False)
            asked.warm_up()
            self._documents.warm_up()
        else:
            loaded = bundled()
            asked = BundledTextEmbedder(loaded)
            self._documents = BundledDocumentEmbedder(loaded)
        self._store = InMemoryDocumentStore(
            embedding_similarity_function="cosine", return_embedding=False
        )
        self._pipeline = Pipeline()
        self._pipeline.add_component("embedder", asked)
        self._pipeline.add_component("meaning", InMemoryEmbeddingRetriever(self._store))
        self._pipeline.add_component("words", InMemoryBM25Retriever(self._store))
        self._pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
        self._pipeline.connect("embedder.embedding", "meaning.query_embedding")
        self._pipeline.connect("meaning", "joiner")
        self._pipeline.connect("words", "joiner")

    def build(self, passages: Sequence[Passage]) -> None:
        """Encode and store."""
        documents = [Document(id=passage.id, content=passage.text) for passage in passages]
        self._store.write_documents(self._documents.run(documents)["documents"])

    def ask(self, question: str, k: int) -> list[str]:
        """Run the pipeline."""
        found = self._pipeline.run({"embedder": {"text": question}, "words": {"query": question}})
        return [document.id for document in found["joiner"]["documents"][:k]]


def make(encoder: str, scratch: Path) -> Peer:  # noqa: ARG001 - its store is in memory
    """Load Haystack."""
    return Haystack(encoder)
