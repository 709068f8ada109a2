"""Two renderings of a case -> rows that say the same, to be read side by side."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from corpus.case_study import CaseStudy
from index.generation import Generation
from index.passages import Passage
from server.markup import Stretch, stretches


@dataclass(frozen=True, slots=True)
class Row:
    """What says the same in two renderings.

    Attributes:
        here: Passages of the rendering that is read, under the headings that begin with them.
        there: Those of the other one; empty only where a rendering has none.
    """

    here: tuple[Stretch, ...]
    there: tuple[Stretch, ...]


def side_by_side(generation: Generation, case: CaseStudy, other: CaseStudy) -> list[Row]:
    """Put two renderings of a case side by side.

    Args:
        generation: Holds both, and knows which passages say the same.
        case: The rendering that is read.
        other: The one beside it.
    """
    here, there = generation.passages_of(case), generation.passages_of(other)
    places_here = {passage.id: place for place, passage in enumerate(here)}
    places_there = {passage.id: place for place, passage in enumerate(there)}
    links = {
        (place, places_there[same.id])
        for place, passage in enumerate(here)
        if (same := generation.counterpart(passage, other.language))
    } | {
        (places_here[same.id], place)
        for place, passage in enumerate(there)
        if (same := generation.counterpart(passage, case.language))
    }
    mine, theirs = _headed(case, here), _headed(other, there)
    return [
        Row(tuple(mine[ours]), tuple(theirs[others]))
        for ours, others in bands(len(here), len(there), links)
    ]


def bands(here: int, there: int, links: Iterable[tuple[int, int]]) -> list[tuple[slice, slice]]:
    """Cut two sequences into bands that follow one another in both and that no link leaves.

    Args:
        here: Length of the one.
        there: Length of the other.
        links: Places in the one and in the other that belong together, from 0.

    Returns:
        What of the one and of the other is in each band: as many bands as can be with a link in
        each; what is linked to nothing goes with what stands before it.
    """
    ordered = sorted(links)
    lowest = list(accumulate((other for _, other in reversed(ordered)), min))[::-1]
    cuts = [(0, 0)]
    reached: tuple[int, int] | None = None
    for (one, other), ahead in zip(ordered, lowest, strict=True):
        if reached and one > reached[0] and ahead > reached[1]:
            cuts.append((one, ahead))
        reached = one, max(other, reached[1] if reached else 0)
    return [
        (slice(first, last), slice(start, end))
        for (first, start), (last, end) in pairwise([*cuts, (here, there)])
    ]


def _headed(case: CaseStudy, passages: Sequence[Passage]) -> list[Stretch]:
    """Each passage with the headings that begin with it."""
    return [
        Stretch(stretch.headings if number == 0 else (), (passage,))
        for stretch in stretches(case, passages)
        for number, passage in enumerate(stretch.passages)
    ]
