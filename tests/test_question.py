"""What can be asked and what is refused."""

import pytest
from conftest import make_case

from corpus.case_study import Level, Pillar
from index.question import Filters, QuestionError, read_question


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \n ", "empty"),
        ("x" * 2_001, "too_long"),
        ("x" * 10_000, "too_long"),
        ("how\0did", "control_character"),
        ("how\ndid", "control_character"),
        ("how\x1b[31m", "control_character"),
        ("\ud800", "control_character"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(QuestionError) as caught:
        read_question(text)
    assert caught.value.code == code


@pytest.mark.parametrize("text", ["x" * 2_000, "🙂", "<b>bold</b>", "\u200fمن؟", "a"])
def test_everything_else_can(text: str) -> None:
    assert read_question(text).text == text


def test_results_are_shown_in_the_questions_language_unless_another_is_asked_for() -> None:
    assert read_question("من شارك؟").show_in == "ar"
    assert read_question("من شارك؟", show_in="en").show_in == "en"
    assert read_question("2024", fallback_language="ar").language == "ar"


@pytest.mark.parametrize(
    ("filters", "admitted"),
    [
        (Filters(), True),
        (Filters(country="KE"), True),
        (Filters(country="UG"), False),
        (Filters(withheld=frozenset(["harbour-school"])), False),
        (Filters(pillar=Pillar.TRUST), True),
        (Filters(pillar=Pillar.CAPACITY), False),
        (Filters(level=Level.NATIONAL), False),
        (Filters(year_from=2023), True),
        (Filters(year_from=2024), False),
        (Filters(year_to=2021), True),
        (Filters(year_to=2020), False),
        (Filters(year_from=2022, year_to=2022), True),
    ],
)
def test_filters_admit_a_case_by_what_it_says_of_itself(filters: Filters, admitted: bool) -> None:
    assert filters.admit(make_case()) is admitted
