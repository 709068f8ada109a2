"""The outlines of the countries -> a small picture of the world, as paths of SVG."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from math import sqrt

import numpy as np

from server.outlines import Outlines, Points, joined, read_outlines

WIDTH = 1000
_MARGIN = 4
_TOLERANCE = 0.65  # of a unit, by which a line may move when it is simplified
_SMALLEST_RING = 2.0  # square units; a smaller one is drawn only if its country has no larger
_SMALLEST_SEEN = 9.0  # square units; a smaller country is shown as a dot


@dataclass(frozen=True, slots=True)
class Atlas:
    """The picture, in units of which it is `WIDTH` wide.

    Attributes:
        height: In units.
        shapes: Data of a path for each country that has an outline, by ISO 3166-1 alpha-2 code,
            `XK` for Kosovo; of land that has no code by "". To be filled by the even-odd rule.
        dots: The middle of each country that is too small to be seen, by its code.
    """

    height: int
    shapes: Mapping[str, str]
    dots: Mapping[str, tuple[int, int]]


@cache
def atlas() -> Atlas:
    """Draw the picture, once."""
    outlines = read_outlines()
    lines, height = _fitted(outlines)
    shapes, dots = {}, {}
    for code, rings in outlines.countries.items():
        largest, *others = sorted((joined(ring, lines) for ring in rings), key=area, reverse=True)
        seen = (ring for ring in others if area(ring) >= _SMALLEST_RING)
        shapes[code] = "".join(map(_path, (largest, *seen)))
        if code and area(largest) < _SMALLEST_SEEN:
            dots[code] = _middle(largest)
    return Atlas(height, shapes, dots)


def _fitted(outlines: Outlines) -> tuple[list[Points], int]:
    """Every line as it is drawn, in whole units, and the height of the picture."""
    rings = chain.from_iterable(outlines.countries.values())
    used = {max(number, ~number) for number in chain.from_iterable(rings)}
    flat = [equal_earth(line) for line in outlines.lines]
    low = np.min([flat[number].min(axis=0) for number in used], axis=0)
    high = np.max([flat[number].max(axis=0) for number in used], axis=0)
    unit = (high[0] - low[0]) / (WIDTH - 2 * _MARGIN)
    lines = [np.rint(simplified((line - low) / unit, _TOLERANCE)) + _MARGIN for line in flat]
    return lines, round((high[1] - low[1]) / unit) + 2 * _MARGIN


def equal_earth(degrees: Points) -> Points:
    """Project places onto a plane on which every country is as large as it is on the globe.

    Args:
        degrees: East and north, shape (n, 2).

    Returns:
        To the right and down, shape (n, 2), of a globe of radius 1.

    Source: Šavrič, Patterson and Jenny, “The Equal Earth map projection”, International Journal of
    Geographical Information Science 33 (2019), equations 8 and 9.
    """
    a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
    east, north = np.radians(degrees).T
    theta = np.arcsin(sqrt(3) / 2 * np.sin(north))
    slope = a1 + 3 * a2 * theta**2 + theta**6 * (7 * a3 + 9 * a4 * theta**2)
    right = 2 * sqrt(3) / 3 * east * np.cos(theta) / slope
    up = theta * (a1 + a2 * theta**2 + theta**6 * (a3 + a4 * theta**2))
    return np.column_stack([right, -up])


def simplified(points: Points, tolerance: float) -> Points:
    """Leave out points of a line that are hardly off it.

    Args:
        points: The line, shape (n, 2), n at least 2.
        tolerance: How far a point may be off the line that is left.

    Returns:
        Some of the points in their order, the first and the last among them.

    Source: Douglas and Peucker, “Algorithms for the reduction of the number of points required to
    represent a digitized line or its caricature”, Cartographica 10 (1973).
    """
    kept = {0, len(points) - 1}
    stretches = [(0, len(points) - 1)]
    while stretches:
        start, end = stretches.pop()
        off = _distances(points[start + 1 : end], points[start], points[end])
        if off.size and off.max() > tolerance:
            furthest = start + 1 + int(off.argmax())
            kept.add(furthest)
            stretches += [(start, furthest), (furthest, end)]
    return points[sorted(kept)]


def _distances(points: Points, start: Points, end: Points) -> Points:
    """How far points are from the straight line between two others, shape (n,)."""
    along, away = end - start, points - start
    # A line that comes back to where it begins has no length: every share of it is there.
    length = float(along @ along) or 1.0
    share = np.clip(away @ along / length, 0, 1)
    away -= np.outer(share, along)
    distances: Points = np.hypot(away[:, 0], away[:, 1])
    return distances


def area(ring: Points) -> float:
    """The area inside a ring, whichever way round it goes; the last point is the first."""
    x, y = ring.T
    return abs(float(x[:-1] @ y[1:] - x[1:] @ y[:-1])) / 2


def _middle(ring: Points) -> tuple[int, int]:
    x, y = (ring.min(axis=0) + ring.max(axis=0)) / 2
    return round(x), round(y)


def _path(ring: Points) -> str:
    """The data of a path of whole numbers, as short as can be: a minus parts numbers by itself."""
    x, y = ring[0].astype(int)
    steps = np.diff(ring, axis=0).astype(int)
    moves = steps[steps.any(axis=1)][:-1]
    return (
        f"M{x} {y}l{' '.join(map(str, moves.ravel()))}z".replace(" -", "-")
        if len(moves) > 1
        else ""
    )
