"""Vectors by number, and the nearest of them: every one compared, or the likely ones.

Up to `EXACT` vectors every product is computed. Beyond, FAISS goes over short codes of them, and
the best of these are compared by the vectors themselves, in half precision; beyond `MAPPED` these
are in a file that is mapped into memory. Beyond `LISTED` FAISS goes over the codes of those lists
only whose centres are near.

Sources: product quantization with inverted lists: Jégou, Douze and Schmid, Product Quantization for
Nearest Neighbor Search (TPAMI 2011); codes of four bits that are looked up in registers: André,
Kermarrec and Le Scouarnec, Quicker ADC (TPAMI 2019).
"""

from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Literal

import faiss
import numpy as np
import numpy.typing as npt

from index.pace import step_aside
from index.sampling import spread_out
from index.threads import share_the_cores

Values = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]
Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

EXACT = 10_000  # vectors; comparing as many takes about as long as going over the codes of 100,000
LISTED = 1_000_000  # vectors; going over as many codes takes some 8 ms
_SHORT = 200_000  # vectors beyond which codes are half as long
MAPPED = 200_000  # vectors beyond which they are read from their file when they are needed
_AGAIN = 8  # times as many as are wanted are compared by their own vectors
_LIST = 2_000  # vectors of a list, about,
_LOOKED_AT = 8  # one list in so many
_TAUGHT = 8_192  # vectors that codes are made after,
_TAUGHT_LIST = 40  # and vectors for each list
_AT_ONCE = 65_536  # vectors that are held in full precision at a time
_CODES, _STORED = ".faiss", ".npy"
_MOST_LOOPS = 10_000_000  # repetitions that a file may ask of FAISS when it is read
_LIMITS = Lock()  # FAISS keeps its limits for the whole process


@dataclass(frozen=True, slots=True)
class Vectors:
    """Vectors of unit length, numbered from 0.

    Attributes:
        index: All of them, or their codes.
        stored: Shape (vectors, dimension): themselves, where `index` has codes.
    """

    index: faiss.Index
    stored: Halves | None = None

    @classmethod
    def build(cls, vectors: Values, exact: int | None = None) -> "Vectors":
        """Index vectors.

        Args:
            vectors: Shape (n, dimension), of unit length.
            exact: Up to how many every one is compared; `EXACT` if not given.
        """
        share_the_cores()
        count, dimension = vectors.shape
        if count <= (EXACT if exact is None else exact) or dimension % 4:
            index: faiss.Index = faiss.IndexFlatIP(dimension)
            index.add(np.ascontiguousarray(vectors, dtype=np.float32))
            return cls(index)
        index = _coded(vectors)
        stored = np.empty((count, dimension), dtype=np.float16)
        for start in range(0, count, _AT_ONCE):
            some = np.ascontiguousarray(vectors[start : start + _AT_ONCE], dtype=np.float32)
            index.add(some)
            stored[start : start + _AT_ONCE] = some
        return cls(index, stored)

    def save(self, path: Path) -> None:
        """Write them into files whose names begin as the path's does."""
        path.with_suffix(_CODES).write_bytes(faiss.serialize_index(self.index).data)
        if self.stored is not None:
            np.save(path.with_suffix(_STORED), self.stored, allow_pickle=False)

    @classmethod
    def load(cls, path: Path) -> "Vectors":
        """Open what `save` wrote; nothing in the file may claim to be larger than it.

        Raises:
            OSError: A file cannot be read.
            RuntimeError: It is no index, or claims more than it holds.
            ValueError: It is another kind of index, or the files do not belong together.
        """
        share_the_cores()
        step_aside()
        codes, stored = path.with_suffix(_CODES), path.with_suffix(_STORED)
        with _LIMITS:
            faiss.set_deserialization_vector_byte_limit(codes.stat().st_size)
            faiss.set_deserialization_loop_limit(_MOST_LOOPS)
            index = faiss.deserialize_index(np.fromfile(codes, dtype=np.uint8))
        if isinstance(index, faiss.IndexFlatIP):
            return cls(index)
        if not isinstance(index, faiss.IndexIVFPQFastScan):
            raise ValueError(f"{codes.name} is an index of another kind")  # noqa: TRY004 - the file
        mode: Literal["r"] | None = "r" if index.ntotal > MAPPED else None
        vectors = np.load(stored, mmap_mode=mode, allow_pickle=False)
        if vectors.dtype != np.float16 or vectors.shape != (index.ntotal, index.d):
            raise ValueError(f"{stored.name} does not belong to {codes.name}")
        return cls(index, vectors)

    def __len__(self) -> int:
        """Number of vectors."""
        return int(self.index.ntotal)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self.index.d)

    @property
    def is_exact(self) -> bool:
        """Whether every vector is compared."""
        return self.stored is None

    def take(self, rows: Rows) -> Values:
        """Vectors by number, shape (rows, dimension)."""
        if self.stored is not None:
            return _widened(self.stored[rows])
        found = np.asarray(self.index.reconstruct_batch(rows), dtype=np.float32)
        return found.reshape(len(rows), self.dimension)

    def nearest(
        self, vector: Values, limit: int, admitted: Mask | None = None, *, exact: bool = False
    ) -> Rows:
        """Find the vectors with the largest inner products.

        Args:
            vector: Shape (dimension,).
            limit: At most so many.
            admitted: Shape (vectors,): which may be found; None for all.
            exact: Compare every one, whatever it takes.

        Returns:
            Numbers, the nearest first.
        """
        limit = max(1, min(limit, len(self)))
        if self.stored is None:
            return self._looked_up(vector, limit, _parameters(self.index, admitted))
        if exact:
            likely = np.arange(len(self)) if admitted is None else np.flatnonzero(admitted)
        else:
            most = min(_AGAIN * limit, len(self))
            likely = self._looked_up(vector, most, _parameters(self.index, admitted))
        products = np.concatenate(
            [
                self.take(likely[start : start + _AT_ONCE]) @ vector
                for start in range(0, len(likely), _AT_ONCE)
            ]
            or [np.zeros(0, np.float32)]
        )
        best = np.argsort(-products, kind="stable")[:limit]
        return np.asarray(likely[best], dtype=np.int64)

    def _looked_up(
        self, vector: Values, limit: int, parameters: faiss.SearchParameters | None
    ) -> Rows:
        _, found = self.index.search(vector[np.newaxis], limit, params=parameters)
        return np.asarray(found[0][found[0] >= 0], dtype=np.int64)


def _widened(halves: Halves) -> Values:
    """The same in full precision, by FAISS: numpy takes more than twice as long."""
    halves = np.ascontiguousarray(halves)
    count, dimension = halves.shape
    kind = faiss.ScalarQuantizer.QT_fp16
    reader = faiss.IndexScalarQuantizer(dimension, kind, faiss.METRIC_INNER_PRODUCT)
    if not count:
        return np.zeros((0, dimension), dtype=np.float32)
    return np.asarray(reader.sa_decode(halves.view(np.uint8)), dtype=np.float32)


def _coded(vectors: Values) -> faiss.IndexIVFPQFastScan:
    """An empty index of the codes of such vectors.

    One list holds all of them up to `LISTED`: going over one is what can be kept to those that
    are admitted, which going over codes without lists cannot.
    """
    count, dimension = vectors.shape
    lists = 1 if count <= LISTED else count // _LIST
    index = faiss.IndexIVFPQFastScan(
        faiss.IndexFlatIP(dimension),
        dimension,
        lists,
        dimension // (2 if count <= _SHORT else 4),
        4,
        faiss.METRIC_INNER_PRODUCT,
    )
    index.by_residual = False  # a code stands for the vector, whatever list it is in
    index.nprobe = max(1, lists // _LOOKED_AT)
    index.cp.max_points_per_centroid = _TAUGHT_LIST
    index.cp.min_points_per_centroid = 1
    taught = max(_TAUGHT, _TAUGHT_LIST * lists)
    index.train(np.ascontiguousarray(vectors[spread_out(count, taught)], dtype=np.float32))
    return index


def _parameters(index: faiss.Index, admitted: Mask | None) -> faiss.SearchParameters | None:
    if admitted is None:
        return None
    bits = np.packbits(admitted, bitorder="little")
    selector = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]
    if isinstance(index, faiss.IndexIVF):
        return faiss.SearchParametersIVF(sel=selector, nprobe=index.nprobe)  # type: ignore[call-arg]
    return faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
