"""Diwan's encoder as txtai loads one: a class that it finds by its name."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from txtai.vectors import Vectors

from benchmarks.peers.encoders import bundled
from index.encoder import Encoder


class Bundled(Vectors):
    """Encodes questions and passages as Diwan does."""

    def loadmodel(self, path: str) -> Encoder:  # noqa: ARG002 - there is one
        """Load the encoder."""
        return bundled()

    def encode(self, data: Sequence[str], category: str | None = None) -> npt.NDArray[np.float32]:
        """Encode questions one by one, passages together."""
        encoder: Encoder = self.model
        if category == "query":
            return np.array([encoder.encode_question(text) for text in data], np.float32)
        return encoder.encode_passages(data)
