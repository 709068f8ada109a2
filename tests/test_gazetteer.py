"""Places are found by name, in both scripts, with what Arabic writes to a name's front."""

import pytest
from conftest import make_case

from index.gazetteer import Gazetteer

CASES = (
    make_case(case_id="school", place="Harbour City, Kenya", country="KE"),
    make_case(
        case_id="wells", title="Valley: wells", place="Nine towns of the Valley", country="NO"
    ),
    make_case(case_id="school", language="ar", place="مدينة مجدل عنجر، لبنان", country="LB"),
)
PLACES = Gazetteer.of(CASES)


def named(text: str) -> list[tuple[str, str]]:
    """Which places a text names, and by what words."""
    return [(found.place, text[found.start : found.end]) for found in PLACES.mentions(text)]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("How did Harbour do it?", [("harbour", "Harbour")]),
        ("how did harbour and Iraq do it", [("harbour", "harbour"), ("IQ", "Iraq")]),
        ("the Kenyan ones", [("KE", "Kenyan")]),
        ("only Sri Lanka pls", [("LK", "Sri Lanka")]),
        ("just the US", [("US", "US")]),
        ("tell us more", []),
        ("nine towns, one male nurse", []),
        ("وفي مجدل عنجر؟", [("مجدل عنجر", "مجدل عنجر")]),
        ("وماذا عن العراق؟", [("IQ", "العراق")]),
    ],
)
def test_places_are_found_where_they_stand(text: str, places: list[tuple[str, str]]) -> None:
    assert named(text) == places


def test_a_particle_is_told_from_the_name() -> None:
    (found,) = PLACES.mentions("ولمجدل عنجر شبكة") or PLACES.mentions("لمجدل عنجر شبكة")
    assert found.place == "مجدل عنجر"
    assert found.particle


def test_the_cases_about_a_place_are_known() -> None:
    assert PLACES.about(PLACES.mentions("Kenya")) == {"school"}
    assert PLACES.about(PLACES.mentions("the valley")) == {"wells"}
    assert PLACES.about(PLACES.mentions("Iceland")) == frozenset()
