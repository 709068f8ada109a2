"""What people rely on in the picture of the world: every country is there, whole, and small."""

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.atlas import WIDTH, area, atlas, equal_earth, simplified
from server.continents import _continents, continent
from server.outlines import Outlines, Points, joined, read_outlines

UNDRAWN = {"BQ", "BV", "CC", "CX", "GI", "TK", "TV", "UM"}
NUMBER = re.compile(r"-?\d+")


@pytest.fixture(scope="module")
def outlines() -> Outlines:
    return read_outlines()


def holds(ring: Points, east: float, north: float) -> bool:
    """Whether a ring goes around a place: a line from there to the east crosses it oddly."""
    crossings = 0
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > north) != (y2 > north):
            crossings += x1 + (north - y1) / (y2 - y1) * (x2 - x1) > east
    return crossings % 2 == 1


def whose(outlines: Outlines, east: float, north: float) -> list[str]:
    return [
        code
        for code, rings in outlines.countries.items()
        if sum(holds(joined(ring, outlines.lines), east, north) for ring in rings) % 2
    ]


def rings_of(path: str) -> list[list[tuple[int, int]]]:
    """The points of each ring of a path."""
    rings = []
    for ring in path.split("z")[:-1]:
        assert re.fullmatch(r"M\d+ \d+l-?\d+([ -]\d+)+", ring)
        numbers = [int(number) for number in NUMBER.findall(ring)]
        steps = np.array(numbers).reshape(-1, 2)
        rings.append([(int(x), int(y)) for x, y in np.cumsum(steps, axis=0)])
    return rings


# The outlines


@pytest.mark.parametrize(
    ("place", "east", "north", "code"),
    [
        ("Nairobi", 36.8, -1.3, "KE"),
        ("Paris", 2.35, 48.85, "FR"),
        ("Oslo", 10.75, 59.9, "NO"),
        ("Amman", 35.9, 31.95, "JO"),
        ("Maseru, which South Africa surrounds", 27.7, -29.5, "LS"),
        ("Pristina", 21.15, 42.65, "XK"),
        ("Simferopol", 34.1, 44.95, "UA"),
        ("Kyiv", 30.5, 50.4, "UA"),
        ("Hargeisa", 44.1, 9.5, "SO"),
        ("Mogadishu", 45.2, 2.1, "SO"),
        ("the north of Cyprus", 33.6, 35.25, "CY"),
        ("the inland of French Guiana", -53, 4, "GF"),
        ("the middle of Réunion", 55.5, -21.1, "RE"),
        ("Svalbard", 17.5, 79, "SJ"),
        ("the far end of Russia, beyond 180 degrees", 185, 67, "RU"),
        ("Wrangel Island, across 180 degrees", 180.3, 71.2, "RU"),
        ("Moscow", 37.6, 55.75, "RU"),
    ],
)
def test_a_place_is_in_the_country_that_lists_it(
    outlines: Outlines, place: str, east: float, north: float, code: str
) -> None:
    assert whose(outlines, east, north) == [code], place


def test_no_line_parts_a_country_from_itself(outlines: Outlines) -> None:
    for code, rings in outlines.countries.items():
        numbers = [number for ring in rings for number in ring]
        assert len(set(numbers)) == len(numbers), code
        assert not {~number for number in numbers} & set(numbers), code


def test_every_ring_comes_back_to_where_it_begins(outlines: Outlines) -> None:
    for code, rings in outlines.countries.items():
        for ring in rings:
            points = joined(ring, outlines.lines)
            assert tuple(points[0]) == tuple(points[-1]), code
            assert np.abs(np.diff(points, axis=0)).max() < 90, code


# The picture


def test_every_country_is_drawn_but_a_few_of_the_smallest() -> None:
    missing = set(_continents()) - set(atlas().shapes)
    assert missing == UNDRAWN


def test_every_country_can_be_seen() -> None:
    picture = atlas()
    for code, path in picture.shapes.items():
        seen = sum(area(np.array([*ring, ring[0]], float)) for ring in rings_of(path))
        assert seen >= 9 or code in picture.dots or code == "", code
    assert {"LB", "MT", "MU", "MV"} < set(picture.dots)
    assert not {"IT", "KE", "UG"} & set(picture.dots)


def test_a_country_of_many_islands_has_its_larger_ones() -> None:
    islands = {code: len(rings_of(atlas().shapes[code])) for code in ("GB", "ID", "NZ", "PH", "TN")}
    assert islands["GB"] >= islands["NZ"] >= 2
    assert min(islands["ID"], islands["PH"]) > 5
    assert islands["TN"] == 1


def test_everything_is_inside_the_picture_and_fills_it() -> None:
    picture = atlas()
    points = [
        point for path in picture.shapes.values() for ring in rings_of(path) for point in ring
    ]
    x, y = zip(*points, *picture.dots.values(), strict=True)
    assert 0 <= min(x) < 20 < WIDTH - 20 < max(x) <= WIDTH
    assert 0 <= min(y) < 20 < picture.height - 20 < max(y) <= picture.height


def test_north_is_up_and_east_is_to_the_right() -> None:
    picture = atlas()
    middle = {
        code: np.mean(max(rings_of(picture.shapes[code]), key=len), axis=0)
        for code in ("IS", "ZA", "BR", "AU", "TN", "IQ")
    }
    assert middle["IS"][1] < middle["TN"][1] < middle["ZA"][1]
    assert middle["BR"][0] < middle["TN"][0] < middle["IQ"][0] < middle["AU"][0]


def test_the_picture_is_small() -> None:
    assert sum(map(len, atlas().shapes.values())) < 30_000


@given(st.floats(-179, 178), st.floats(-84, 84))
def test_the_projection_keeps_areas(east: float, north: float) -> None:
    step = 0.05
    corners = [(0, 0), (step, 0), (step, step), (0, step), (0, 0)]
    cell = equal_earth(np.add(corners, (east, north)))
    low, high = np.radians([north, north + step])
    assert area(cell) == pytest.approx(np.radians(step) * (np.sin(high) - np.sin(low)), rel=1e-3)


def test_the_projection_is_as_wide_and_high_as_published() -> None:
    edge, pole = equal_earth(np.array([[180.0, 0], [0, 90]]))
    assert edge == pytest.approx([2.70663, 0], abs=1e-5)
    assert pole == pytest.approx([0, -1.31736], abs=1e-5)


LINES = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=40)


@given(LINES, st.booleans(), st.sampled_from([0.5, 2.0, 8.0]))
def test_a_simplified_line_stays_near_every_point(
    points: list[tuple[int, int]], closed: bool, tolerance: float
) -> None:
    line = np.array([*points, points[0]] if closed else points, float)
    left = simplified(line, tolerance)
    assert left[[0, -1]].tolist() == line[[0, -1]].tolist()
    rest = iter(line.tolist())
    assert all(point in rest for point in left.tolist()), "an order of its own"
    for point in line:
        assert min(off(point, start, end) for start, end in pairwise(left)) <= tolerance + 1e-9


def off(point: Points, start: Points, end: Points) -> float:
    along = end - start
    share = float((point - start) @ along / (along @ along or 1))
    return float(np.linalg.norm(start + min(max(share, 0), 1) * along - point))


def test_a_straight_line_is_its_ends() -> None:
    line = np.array([[0, 0], [1, 1], [5, 5], [9, 9.1], [10, 10]], float)
    assert simplified(line, 0.2).tolist() == [[0, 0], [10, 10]]


# The continents


@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("KE", "002"),
        ("BR", "019"),
        ("JO", "142"),
        ("TW", "142"),
        ("NO", "150"),
        ("XK", "150"),
        ("NZ", "009"),
        ("AQ", None),
        ("EU", None),
    ],
)
def test_a_country_is_counted_with_its_continent(country: str, code: str | None) -> None:
    assert continent(country) == code
