"""A case study file is read whole, or refused with the field and the line."""

import pytest
from conftest import FRONT, make_case

from corpus.case_study import Level, Pillar
from corpus.markdown import DocumentError, parse_case_study, read_sections

GOOD = FRONT.format(id="a-case", language="en", title="A", place="B", country="KE") + "Some text.\n"


def problems(content: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        parse_case_study(content, "a.md")
    return caught.value.problems


def test_every_field_is_read() -> None:
    case = parse_case_study(GOOD, "a.md")
    assert (case.id, case.language, case.title, case.place) == ("a-case", "en", "A", "B")
    assert (case.country, case.level) == ("KE", Level.CITY)
    assert case.pillars == (Pillar.TRUST, Pillar.COORDINATION)
    assert case.period is not None
    assert (case.period.first_year, case.period.last_year, case.year) == (2021, 2023, 2023)
    assert case.source is not None
    assert case.source.published == "2024-05-02"
    assert case.text == "Some text.\n"


def test_a_country_that_yaml_takes_for_false_stays_a_country() -> None:
    assert parse_case_study(GOOD.replace("KE", "NO"), "a.md").country == "NO"


@pytest.mark.parametrize(
    ("change", "field", "line"),
    [
        (("level: city", "level: town"), "level", 7),
        (("country: KE", "country: Kenya"), "country", 6),
        (("country: KE", "country: ZQ"), "country", 6),
        (("[trust, coordination]", "[trust, kindness]"), "pillars.2", 11),
        (("  start: 2021-03", "  start: 2021-13"), "period.start", 9),
        (("  end: 2023", "  end: 2020-01"), "period.end", 10),
        (("  url: https://example.org/report", "  url: example"), "source.url", 17),
        (("id: a-case", "id: A case"), "id", 2),
        (("language: en\ntitle", "language: english\ntitle"), "language", 3),
        (("place: B", "plaice: B"), "plaice", 5),
        (("place: B", "place: B\nplace: C"), "place", 6),
        (("  published: 2024-05-02", "  published: 2 May 2024"), "source.published", 18),
    ],
)
def test_a_broken_field_is_named_with_its_line(
    change: tuple[str, str], field: str, line: int
) -> None:
    assert change[0] in GOOD
    found = problems(GOOD.replace(*change))
    assert len(found) == 1
    assert found[0].startswith(f"line {line}: field {field}")


def test_a_missing_field_is_named_with_the_line_of_what_should_hold_it() -> None:
    assert problems(GOOD.replace('title: "A"\n', "")) == ["line 2: field title is missing"]
    found = problems(GOOD.replace("  publisher: Example Institute\n", ""))
    assert found == ["line 14: field source.publisher is missing"]


@pytest.mark.parametrize("padding", ["", f"  # {'x' * 5_000}"])
def test_a_fault_is_told_alike_in_long_front_matter_and_in_short(padding: str) -> None:
    """Two parsers read them."""
    (found,) = problems(GOOD.replace('title: "A"', f"title: A: B{padding}"))
    assert found.startswith(
        "line 4: the front matter cannot be read (mapping values are not allowed here)"
    )


@pytest.mark.parametrize("depth", [3_900, 100_000])
def test_front_matter_nested_without_end_does_not_end_the_process(depth: int) -> None:
    with pytest.raises(RecursionError):
        parse_case_study(f"---\nthemes: {'[' * depth}\n---\nText.\n", "a.md")


def test_all_problems_are_told_at_once() -> None:
    assert len(problems(GOOD.replace("KE", "Kenya").replace("city", "town"))) == 2


@pytest.mark.parametrize(
    "content",
    [
        "",
        "Just text",
        "---\nid: a\n",
        "---\n- a\n---\ntext",
        "---\n---\ntext",
        "---\ntitle: a: b\n---\ntext",
        GOOD.replace("Some text.", ""),
        GOOD.replace("Some text.", "## Only a heading"),
    ],
)
def test_what_is_no_case_study_is_refused(content: str) -> None:
    assert all(problem.startswith("line ") for problem in problems(content))


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    case = parse_case_study("\ufeff" + GOOD.replace("\n", "\r\n"), "a.md")
    assert case.title == "A"
    (section,) = case.sections
    (block,) = section.blocks
    assert case.text[block.start : block.end] == "Some text."


def test_sections_carry_their_path_of_headings_and_exact_offsets() -> None:
    text = "Before.\n\n## One\n\nFirst\nparagraph.\n\n### Deep\n\n- item\n- two\n  lines\n"
    text += "\n## Two\n\n> A word.\n"
    found = [
        (section.heading, [text[block.start : block.end] for block in section.blocks])
        for section in read_sections(text)
    ]
    assert found == [
        ((), ["Before."]),
        (("One",), ["First\nparagraph."]),
        (("One", "Deep"), ["item", "two\n  lines"]),
        (("Two",), ["A word."]),
    ]


def test_a_text_without_translation_says_so() -> None:
    assert make_case().translated_from is None
