"""What a peer is asked to do: take passages in, and name those that answer a question."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

THREADS = 2


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph that can be found.

    Attributes:
        id: The same in every language.
        language: ISO 639-1.
        text: Of the whole paragraph.
    """

    id: str
    language: str
    text: str


class Peer(Protocol):
    """One way to find passages, at its own best documented settings."""

    def build(self, passages: Sequence[Passage]) -> None:
        """Take passages of one language in, until every one of them can be found."""

    def ask(self, question: str, k: int) -> list[str]:
        """Name at most `k` passages that answer a question, the best first."""


class Maker(Protocol):
    """How the module of a peer makes one."""

    def __call__(self, encoder: str, scratch: Path) -> Peer:
        """Load the libraries and the encoder.

        Args:
            encoder: One of `benchmarks.peers.encoders.ENCODERS`.
            scratch: An empty folder of its own, for what it keeps in files.
        """
