"""Entries for a list of references in APA style."""

from dataclasses import replace

import pytest
from conftest import make_case

from corpus.case_study import CaseStudy, Source
from index.hits import Shown
from index.passages import split_passages
from server.apa import apa

SITE = "https://diwan.example"


def entry(case: CaseStudy, page: int | None = None) -> str:
    return apa(Shown(case, replace(split_passages(case)[0], page=page)), site=SITE)


def document(source: Source | None) -> CaseStudy:
    return replace(make_case(title="Minutes"), level=None, pillars=(), source=source)


def test_a_case_study_is_diwans_and_names_what_it_is_based_on() -> None:
    case = make_case()
    (passage,) = split_passages(case)
    assert entry(case) == (
        "Diwan. (n.d.). Harbour: a night school [Case study]."
        f" {SITE}/cases/harbour-school?lang=en#{passage.anchor} (Based on: Example Institute,"
        " 2024, May 2, A report: how cities talk, https://example.org/report)"
    )


@pytest.mark.parametrize(
    ("published", "when"),
    [
        ("2024", "2024"),
        ("2024-11", "2024, November"),
        ("2024-11-27", "2024, November 27"),
        ("2024-02-31", "2024-02-31"),
        (None, "n.d."),
    ],
)
def test_a_document_is_its_publishers_with_as_much_of_its_date_as_is_known(
    published: str | None, when: str
) -> None:
    url = "https://city.example/minutes.pdf"
    case = document(Source("Minutes", "City of Harbour", url, published))
    assert entry(case, 3) == f"City of Harbour. ({when}). Minutes (p. 3). {url}#page=3"


def test_a_document_of_an_unknown_publisher_begins_with_its_title() -> None:
    told = entry(document(None))
    assert told.startswith(f"Minutes. (n.d.). {SITE}/cases/harbour-school?lang=en#p-")
