"""The list of sources is written as the style says, and names both source and case study."""

from dataclasses import replace

import pytest
from conftest import make_case

from corpus.case_study import CaseStudy, Source
from server.bibliography import readable, same_source, source_entry
from server.i18n import interface

SITE = "https://diwan.example/"
CASE = make_case()


def written(case: CaseStudy, language: str = "en") -> str:
    return "".join(piece.text for piece in source_entry([case], interface(language), SITE))


def sourced(**fields: str | None) -> CaseStudy:
    assert CASE.source
    return replace(CASE, source=replace(CASE.source, **fields))


def test_group_author_date_title_address_and_the_case_study() -> None:
    assert written(CASE) == (
        "Example Institute. (2024, 2 May). A report: how cities talk. https://example.org/report"
        " Quoted from the Diwan case study “Harbour: a night school”,"
        " https://diwan.example/cases/harbour-school?lang=en"
    )


@pytest.mark.parametrize(
    ("published", "date"),
    [
        ("2024", "(2024)"),
        ("2024-05", "(2024, May)"),
        (None, "(n.d.)"),
        ("2024-02-31", "(2024-02-31)"),
    ],
)
def test_a_date_is_as_exact_as_it_is_known(published: str | None, date: str) -> None:
    assert f"Example Institute. {date}. A report" in written(sourced(published=published))


def test_the_title_comes_first_where_no_author_is_known() -> None:
    entry = written(sourced(publisher=None))
    assert entry.startswith("A report: how cities talk. (2024, 2 May). https://example.org/report")


def test_no_full_stop_is_doubled() -> None:
    entry = written(sourced(publisher="Porters Inc.", title="Who carries?"))
    assert entry.startswith("Porters Inc. (2024, 2 May). Who carries? https://")


def test_dates_and_commas_are_the_readers() -> None:
    assert "(2024، 2 مايو)" in written(CASE, "ar")


def test_only_the_title_of_the_source_is_in_italics() -> None:
    (title,) = [
        piece.text for piece in source_entry([CASE], interface("en"), SITE) if piece.is_title
    ]
    assert title == "A report: how cities talk"


def test_case_studies_of_one_source_have_one_entry() -> None:
    other = replace(CASE, id="other", title="Other: a well")
    assert same_source(CASE, other)
    assert not same_source(CASE, replace(sourced(url="https://b.example"), id="other"))
    pieces = source_entry([CASE, other], interface("en"), SITE)
    entry = "".join(piece.text for piece in pieces)
    assert entry.count("Example Institute") == 1
    assert (
        "“Harbour: a night school”, https://diwan.example/cases/harbour-school?lang=en; “Other:"
        in (entry)
    )


def test_a_document_from_elsewhere_is_its_own_source() -> None:
    own = Source("A handbook", "Example Institute", "https://example.org/h", "2020", "en")
    document = replace(CASE, title="A handbook", source=own)
    assert written(document) == "Example Institute. (2020). A handbook. https://example.org/h"
    assert not same_source(document, replace(document, id="other"))
    nothing = replace(CASE, title="Notes of a meeting", level=None, source=None)
    assert written(nothing) == "Notes of a meeting. (n.d.)."


def test_an_address_is_shown_in_letters_unless_that_would_mislead() -> None:
    assert readable("https://a.example/%D9%85%D8%AF%D9%86") == "https://a.example/مدن"
    for address in ("https://a.example/%E2%80%AEmoc", "https://a.example/a%20b", "https://a/%00"):
        assert readable(address) == address
