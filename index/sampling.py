"""Samples that come out the same every time."""

import numpy as np
import numpy.typing as npt


def spread_out(count: int, most: int) -> npt.NDArray[np.int64]:
    """At most `most` numbers below `count`, evenly spaced, ascending."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.int64))
