"""Text of one direction stays whole within text of the other."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.bidi import directional_runs, isolated, isolated_url
from server.i18n import interface


def test_only_what_is_written_the_other_way_is_isolated() -> None:
    arabic, english = interface("ar"), interface("en")
    assert isolated("Nansana", arabic) == "\u2068Nansana\u2069"
    assert isolated("Nansana", english) == "Nansana"
    assert isolated("نانسانا", english) == "\u2068نانسانا\u2069"
    assert isolated("2024", arabic) == "2024"
    assert isolated_url("https://a.example", arabic) == "\u2068https://a.example \u2069"
    assert isolated_url("https://a.example", english) == "https://a.example"


@pytest.mark.parametrize(
    ("text", "base", "runs"),
    [
        ("plain text.", "ltr", [("plain text.", "ltr")]),
        ("نص عربي.", "rtl", [("نص عربي.", "rtl")]),
        ("في Nansana، 2024.", "rtl", [("في ", "rtl"), ("Nansana", "ltr"), ("، 2024.", "rtl")]),
        ("the مدينة القوية network", "ltr", [
            ("the ", "ltr"), ("مدينة القوية", "rtl"), (" network", "ltr"),
        ]),
        ("[1] ", "rtl", [("[1] ", "rtl")]),
        ("", "rtl", []),
    ],
)  # fmt: skip
def test_runs_of_one_direction(text: str, base: str, runs: list[tuple[str, str]]) -> None:
    assert list(directional_runs(text, base)) == runs


@given(st.text(max_size=60), st.sampled_from(("ltr", "rtl")))
def test_runs_together_are_the_text(text: str, base: str) -> None:
    runs = list(directional_runs(text, base))
    assert "".join(piece for piece, _ in runs) == text
    assert all(one[1] != other[1] for one, other in pairwise(runs))
