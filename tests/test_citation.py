"""A citation can go into a council paper as it is, whatever the case study knows or does not."""

import re
from dataclasses import replace

import pytest
from conftest import make_case

from corpus.case_study import CaseStudy, Source
from index.hits import Shown
from index.passages import split_passages
from server.citation import cite, cite_case

BODY = "## What was done\n\n### In the schools\n\nForty porters came to the night school.\n"
ISOLATES = re.compile("[\u2066-\u2069]")


def shown(case: CaseStudy | None = None) -> Shown:
    case = case or make_case(BODY)
    return Shown(case, split_passages(case)[0])


def with_source(**fields: str | None) -> Shown:
    source = {"title": "A report", "publisher": "Example Institute", **fields}
    return shown(replace(make_case(BODY), source=Source(**source)))  # type: ignore[arg-type]


def test_an_english_citation_names_everything_in_one_line() -> None:
    citation = cite(shown(), "en")
    assert citation.text == (
        "“Harbour: a night school”, section “In the schools”, Diwan case study, based on:"
        " Example Institute, “A report: how cities talk”, 2 May 2024, https://example.org/report"
    )
    assert (citation.url, citation.publisher, citation.published) == (
        "https://example.org/report",
        "Example Institute",
        "2024-05-02",
    )


def test_an_arabic_citation_reads_in_order_around_latin_names() -> None:
    case = make_case("## السياق\n\nحضر الدروس أربعون حمّالًا.\n", language="ar", title="الميناء")
    assert cite(shown(case), "ar").text == (
        "«الميناء»، قسم «السياق»، دراسة حالة من ديوان، استنادًا إلى:"
        " \u2068Example Institute\u2069، «\u2068A report: how cities talk\u2069»، 2 مايو 2024،"
        " \u2068https://example.org/report \u2069"
    )


def test_an_english_citation_keeps_arabic_names_apart() -> None:
    text = cite(with_source(publisher="بلدية الميناء", title="تقرير"), "en").text
    assert "\u2068بلدية الميناء\u2069, “\u2068تقرير\u2069”" in text


@pytest.mark.parametrize("language", ["ar", "en"])
def test_an_address_is_taken_whole_and_bare_from_the_text(language: str) -> None:
    url = "https://example.org/ar/%D8%AA%D9%82/?a=1&b=(2)/"
    citation = cite(with_source(url=url), language)
    assert re.findall(r"https?://\S+", citation.text) == [url]
    assert citation.url == url


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize(
    "known",
    [
        {},
        {"publisher": None},
        {"publisher": None, "url": "https://example.org/"},
        {"published": "2024-05"},
        {"publisher": None, "published": "2024"},
    ],
)
def test_what_is_unknown_leaves_no_trace(language: str, known: dict[str, str | None]) -> None:
    text = ISOLATES.sub("", cite(with_source(**known), language).text).strip()
    assert not re.search(r"[,،:]\s*[,،]|\s\s|None|“”|«»|[,،:]$", text)


def test_without_a_source_only_the_case_study_is_named() -> None:
    citation = cite(shown(replace(make_case(BODY), source=None)), "en")
    assert citation.text.endswith("section “In the schools”, Diwan case study")
    assert (citation.url, citation.publisher, citation.published) == (None, None, None)


def test_without_a_heading_no_section_is_named() -> None:
    text = cite(shown(make_case("Forty porters came.\n")), "en").text
    assert text.startswith("“Harbour: a night school”, Diwan case study, based on")


@pytest.mark.parametrize(
    ("published", "written"),
    [("2024", "“A report”, 2024"), ("2024-05", "May 2024"), ("2024-02-31", "2024-02-31")],
)
def test_a_date_is_written_as_far_as_it_is_known(published: str, written: str) -> None:
    assert cite(with_source(published=published), "en").text.endswith(written)


def test_percent_signs_in_names_are_kept() -> None:
    assert "“100%(s) %d”" in cite(with_source(title="100%(s) %d"), "en").text


def test_a_language_without_an_interface_is_cited_in_english() -> None:
    assert cite(shown(), "de") == cite(shown(), "en")


def test_the_case_address_leads_to_the_passage_in_its_own_language() -> None:
    arabic = shown(make_case("حضر الدروس أربعون حمّالًا.\n", language="ar", title="الميناء"))
    address = cite(arabic, "en").case_url
    assert address == f"/cases/harbour-school?lang=ar#{arabic.passage.anchor}"


def test_a_whole_case_study_is_cited_without_a_section() -> None:
    citation = cite_case(make_case(BODY), "en")
    assert "section" not in citation.text
    assert citation.case_url == "/cases/harbour-school?lang=en"


def document(**fields: object) -> CaseStudy:
    """A document that is no case study: what nobody said is not known."""
    source = Source("A toolkit", "Example Institute", "https://example.org/kit.pdf", "2024", "en")
    plain = {"title": "A toolkit", "level": None, "pillars": (), "source": source}
    return replace(make_case(BODY), **(plain | fields))  # type: ignore[arg-type]


def on_page(number: int | None, anchor: str | None = None, **fields: object) -> Shown:
    case = document(**fields)
    passage = replace(split_passages(case)[0], page=number, source_anchor=anchor)
    return Shown(case, passage)


def test_a_document_is_cited_itself_with_its_page() -> None:
    citation = cite(on_page(12), "en")
    assert citation.text == (
        "“A toolkit”, section “In the schools”, p. 12, Example Institute, 2024,"
        " https://example.org/kit.pdf"
    )
    assert citation.url == "https://example.org/kit.pdf#page=12"
    assert citation.page == 12


def test_a_page_is_named_in_arabic() -> None:
    assert "ص 12" in cite(on_page(12), "ar").text


def test_a_web_page_is_opened_at_the_passage() -> None:
    web = Source("A page", url="https://example.org/a")
    words = ":~:text=Forty%20porters%20came%20to%20the%20night"
    assert cite(on_page(None, source=web), "en").url == f"https://example.org/a#{words}"
    anchored = cite(on_page(None, "part-2", source=web), "en").url
    assert anchored == f"https://example.org/a#part-2{words}"


def test_a_document_without_a_source_names_itself_alone() -> None:
    assert cite(on_page(3, source=None), "en").text == "“A toolkit”, section “In the schools”, p. 3"
