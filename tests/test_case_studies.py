"""The bundled case studies: sourced, in two languages that say the same, under ids that last."""

import re
import unicodedata
from collections import Counter
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from corpus.case_study import CaseStudy
from corpus.library import BUNDLED, load_library

LIBRARY = load_library([BUNDLED])
CASES = {(case.id, case.language): case for case in LIBRARY.cases}
ENGLISH = sorted(case.id for case in LIBRARY.cases if case.language == "en")
NO_COUNTRY = {"national-local-cooperation-framework", "local-prevention-networks-ten-lessons"}
LONGEST_TITLE = 90
GUIDE = (BUNDLED.parent / "EDITORIAL.md").read_text(encoding="utf-8")


def test_it_covers_the_field() -> None:
    assert LIBRARY.case_studies() >= 60
    assert LIBRARY.renderings() == {"ar": len(ENGLISH), "en": len(ENGLISH)}
    assert LIBRARY.countries() >= 30
    assert all(count >= 10 for count in LIBRARY.pillars().values())


def test_no_id_that_was_ever_cited_is_gone() -> None:
    """Ids are parts of addresses; a case may be added here, never taken out."""
    cited = Path(__file__).with_name("case_ids.txt").read_text(encoding="utf-8").split()
    assert set(cited) == set(ENGLISH)
    assert cited == sorted(cited)


@pytest.mark.parametrize("case_id", ENGLISH)
def test_both_renderings_agree_in_numbers_and_in_structure(case_id: str) -> None:
    english, arabic = CASES[case_id, "en"], CASES[case_id, "ar"]
    assert numbers(english.text) == numbers(arabic.text)
    assert shape(english) == shape(arabic)
    for field in ("country", "level", "period", "pillars", "themes"):
        assert getattr(english, field) == getattr(arabic, field), field
    assert len(english.actors) == len(arabic.actors)


@pytest.mark.parametrize("case", LIBRARY.cases, ids=lambda case: f"{case.id}.{case.language}")
def test_a_case_has_its_fields_and_a_source_that_can_be_opened(case: CaseStudy) -> None:
    assert case.title
    assert len(case.title) < LONGEST_TITLE
    assert (case.country is None) == (case.id in NO_COUNTRY)
    assert case.pillars
    assert case.level
    assert case.themes
    assert case.source
    assert case.source.title
    assert case.source.publisher
    assert case.source.language
    address = urlsplit(case.source.url or "")
    assert address.scheme in ("http", "https")
    assert "." in address.netloc
    assert not re.search(r"\s|utm_|access_token|mc_cid", case.source.url or "")
    if case.source.published:
        padded = f"{case.source.published}-01-01"[:10]
        assert date.fromisoformat(padded) <= date(2026, 12, 31)


@pytest.mark.parametrize("case", LIBRARY.cases, ids=lambda case: f"{case.id}.{case.language}")
def test_a_text_is_written_in_its_language_and_plainly(case: CaseStudy) -> None:
    letters = Counter(
        "ar" if "ARABIC" in unicodedata.name(letter, "") else "other"
        for letter in case.text
        if letter.isalpha()
    )
    arabic = letters["ar"] / letters.total()
    assert arabic > 0.8 if case.language == "ar" else arabic == 0
    assert not re.search("[٠-٩۰-۹]", case.text), "digits are 0-9 in both languages"
    assert not re.search(r"\bTODO\b|\?\?|  ", case.text)
    assert all(theme in GUIDE for theme in case.themes), "a new theme is added to EDITORIAL.md"


def numbers(text: str) -> list[str]:
    """Every number, thousands separators and the marks of decimals apart, in order of size."""
    return sorted(re.findall(r"\d+", text))


def shape(case: CaseStudy) -> list[int]:
    """Number of paragraphs in each section."""
    return [len(section.blocks) for section in case.sections]
