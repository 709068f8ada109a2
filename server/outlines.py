"""The outlines of the countries, as a package holds them -> which lines go around which country.

They are those of Natural Earth at 1:50 million, in the public domain. The package mapcraft carries
them as a TopoJSON topology, in which neighbours share the line between them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import mapcraft
import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]  # shape (n, 2)
Ring = tuple[int, ...]

_LEFT_OUT = "AQ"  # Antarctica goes around the pole
_PACK = "world-countries-"  # what the package calls it, before the year
# What the package draws by itself is counted with the country under which ISO 3166 lists it,
# whoever governs it. What has no code there, by its name:
_LISTED = {"Kosovo": "XK", "N. Cyprus": "CY", "Somaliland": "SO"}
# What is a piece of another country there, by a box around it (west, south, east, north):
_PIECES: dict[str, dict[str, tuple[float, float, float, float]]] = {
    "RU": {"UA": (32, 44, 37, 46.5)},  # Crimea, UA-43
    "FR": {
        "GF": (-55, 2, -51, 6),
        "GP": (-62, 15.7, -60.9, 16.6),
        "MQ": (-61.3, 14.3, -60.7, 15),
        "RE": (55, -22, 56, -20),
        "YT": (44.9, -13.1, 45.4, -12.5),
    },
    "NO": {"SJ": (-10, 70.5, 35, 81)},
}


@dataclass(frozen=True, slots=True)
class Outlines:
    """Where countries begin and end.

    Attributes:
        lines: Points of each line, in degrees east and north.
        countries: The rings of each country by its ISO 3166-1 alpha-2 code, `XK` for Kosovo; of
            land that has no code by "". A ring is the numbers of its lines in their order, where
            ~n is line n from its end to its beginning.
    """

    lines: tuple[Points, ...]
    countries: Mapping[str, tuple[Ring, ...]]


def read_outlines() -> Outlines:
    """Read the outlines from the package."""
    pack = mapcraft.load(next(name for name in mapcraft.available() if name.startswith(_PACK)))
    codes = {region.id: _alpha_2(region.aliases) for region in pack.regions.values()}
    lines = _lines(pack.topology)
    rings: dict[str, list[Ring]] = defaultdict(list)
    for shape in pack.topology["objects"][pack.object_name]["geometries"]:
        whole = codes.get(shape.get("id")) or _LISTED.get(shape["properties"]["name"], "")
        for polygon in _polygons(shape) if whole != _LEFT_OUT else ():
            rings[_listed(whole, joined(polygon[0], lines))] += polygon
    return Outlines(lines, {code: tuple(_dissolved(found, lines)) for code, found in rings.items()})


def joined(ring: Ring, lines: Sequence[Points]) -> Points:
    """The points of a ring; the last is the first."""
    parts = [lines[number] if number >= 0 else lines[~number][::-1] for number in ring]
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


def _lines(topology: Mapping[str, Any]) -> tuple[Points, ...]:
    """Points are kept as whole steps from the one before; source: the TopoJSON specification."""
    scale, origin = (np.array(topology["transform"][name]) for name in ("scale", "translate"))
    turn = round(360 / scale[0])
    places = (_unbroken(np.cumsum(steps, axis=0), turn) for steps in topology["arcs"])
    return tuple(line * scale + origin for line in places)


def _unbroken(line: npt.NDArray[np.int64], turn: int) -> npt.NDArray[np.int64]:
    """Go on beyond 180 degrees east, rather than from there to 180 degrees west.

    Args:
        line: Steps east of 180 degrees west, and steps north; shape (n, 2).
        turn: Steps around the globe.
    """
    east = np.unwrap(line[:, 0], period=turn)
    return np.column_stack([east + turn * (east.min() < 0), line[:, 1]])


def _alpha_2(names: Iterable[str]) -> str:
    return next((name for name in names if len(name) == len("XK") and name.isupper()), "")


def _polygons(shape: Mapping[str, Any]) -> list[list[Ring]]:
    """The rings of each polygon of a shape, the outer one first."""
    polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
    return [[tuple(ring) for ring in polygon] for polygon in polygons]


def _listed(whole: str, outer: Points) -> str:
    """Under which code a piece of a country is listed."""
    for code, (west, south, east, north) in _PIECES.get(whole, {}).items():
        if (outer >= (west, south)).all() and (outer <= (east, north)).all():
            return code
    return whole


def _dissolved(rings: Iterable[Ring], lines: Sequence[Points]) -> Iterator[Ring]:
    """Join the rings of a country where they meet: a line that has it on both sides goes."""
    around = {number for ring in rings for number in ring}
    onward: dict[tuple[float, ...], list[int]] = defaultdict(list)
    for number in sorted(around):
        if ~number not in around:
            onward[tuple(_ends(number, lines)[0])].append(number)
    for start, numbers in onward.items():
        while numbers:
            ring = [numbers.pop()]
            while (end := tuple(_ends(ring[-1], lines)[1])) != start:
                ring.append(onward[end].pop())
            yield tuple(ring)


def _ends(number: int, lines: Sequence[Points]) -> Points:
    """Where a line begins and where it ends, in the direction in which it is walked."""
    return lines[number][[0, -1]] if number >= 0 else lines[~number][[-1, 0]]
