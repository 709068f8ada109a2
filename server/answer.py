"""Which sentences of which passages answer a question: verbatim, few, different peers first."""

from collections.abc import Iterator
from dataclasses import dataclass

from index.gazetteer import Gazetteer
from index.hits import Hit, Result
from index.search import ANSWERS

MOST_PEERS = 3
_OF_THE_FIRST = 2  # sentences of the peer that answers best
_OF_ONE = 3  # sentences where there is a single peer


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the answer.

    Attributes:
        text: Word for word as in the passage.
        rank: Of the passage that it stands in.
    """

    text: str
    rank: int


@dataclass(frozen=True, slots=True)
class Peer:
    """What one case study has to say.

    Attributes:
        hit: Its best passage.
        sentences: In the order of the passages, and within one as they stand there.
    """

    hit: Hit
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The sentences that answer a question, by peer, the best first."""

    peers: tuple[Peer, ...]

    @property
    def sentences(self) -> Iterator[Sentence]:
        """All of them, in order."""
        for peer in self.peers:
            yield from peer.sentences


def compose(result: Result, gazetteer: Gazetteer) -> Answer | None:
    """Choose the sentences that answer.

    Nothing is worded anew: a sentence is a stretch of a passage that was found. The best peer
    has two sentences, any other whose passage answers by itself has one; where there is a single
    peer, it has up to three, from its best passages. Peers elsewhere have no say in a question
    that names a place.

    Args:
        result: What was found.
        gazetteer: Of the generation that it was found in.

    Returns:
        The answer; None where the library has none.
    """
    if not result.answered:
        return None
    there = gazetteer.about(gazetteer.mentions(result.question.text))
    by_case: dict[str, list[Hit]] = {}
    for hit in result.hits:
        case = hit.shown.case.id
        first = hit.rank == 1
        if first and case not in there:
            there = frozenset()
        if first or (hit.score >= ANSWERS and (not there or case in there)):
            by_case.setdefault(case, []).append(hit)
    chosen = list(by_case.values())[:MOST_PEERS]
    most = [_OF_ONE] if len(chosen) == 1 else [_OF_THE_FIRST, *(1 for _ in chosen[1:])]
    return Answer(
        tuple(
            Peer(hits[0], _sentences(hits, count)) for hits, count in zip(chosen, most, strict=True)
        )
    )


def _sentences(hits: list[Hit], most: int) -> tuple[Sentence, ...]:
    """The sentences nearest to the question, from the best passages; no sentence twice."""
    chosen: dict[str, Sentence] = {}
    for hit in hits:
        text = hit.shown.passage.text
        for start, end in hit.highlights:
            if len(chosen) < most:
                chosen.setdefault(text[start:end], Sentence(text[start:end], hit.rank))
    return tuple(chosen.values())
