"""Samples that come out the same every time."""

import numpy as np
import numpy.typing as npt

_GOLDEN = 0.618034  # multiples of it fall all over the unit interval


def spread_out(count: int, most: int) -> npt.NDArray[np.int64]:
    """At most `most` numbers below `count`, evenly spaced, ascending."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.int64))


def spread_over(groups: npt.NDArray[np.int64], most: int) -> npt.NDArray[np.int64]:
    """At most `most` positions, as many of each group as can be, from all over it.

    Args:
        groups: Shape (items,), the number of each one's group.
        most: How many positions.

    Returns:
        Positions of items, ascending.
    """
    _, sizes = np.unique(groups, return_counts=True)
    wanted = min(most, len(groups))
    each = next(n for n in range(1, wanted + 1) if np.minimum(sizes, n).sum() >= wanted)
    members = np.split(np.argsort(groups, kind="stable"), np.cumsum(sizes)[:-1])
    chosen = np.concatenate(
        [
            group[_spread(len(group), each, number * _GOLDEN % 1)]
            for number, group in enumerate(members)
        ]
    )
    return np.sort(chosen[spread_out(len(chosen), most)])


def _spread(count: int, most: int, offset: float) -> npt.NDArray[np.int64]:
    """At most `most` numbers below `count`, evenly spaced, the first `offset` spaces in."""
    taken = min(count, most)
    return ((np.arange(taken) + offset) * count / taken).astype(np.int64)
