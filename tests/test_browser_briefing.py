"""Three passages are carried to a meeting, in a real Chromium, in both languages."""

import re
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn
from everybody import choose
from playwright.sync_api import Page, expect
from test_browser import address, browser, page

from corpus.readers.pdf import read_pdf
from index.analysis import words

__all__ = ["address", "browser", "page"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

TITLES = {"en": "For the mayor, Monday", "ar": "إلى العمدة، يوم الاثنين"}
SOURCE = {"en": "(2024, 27 November)", "ar": "(2024، 27 نوفمبر)"}


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("page", [{}, {"java_script_enabled": False}], indirect=True)
def test_three_passages_into_a_briefing_ordered_downloaded_and_printed(
    page: Page, language: str, tmp_path: Path
) -> None:
    choose(page, language, 3)
    page.locator("a.to-briefing").click()
    titles = page.locator(".quotations h2")
    first, second, third = titles.all_inner_texts()
    page.locator("#title").fill(TITLES[language])
    page.locator("textarea[name=remark]").first.fill("Ask Nansana / اسأل نانسانا")
    page.locator(".quotations li").last.locator("button[value^=up]").click()
    expect(titles.nth(1)).to_have_text(third)
    page.locator(".quotations li").nth(0).locator("button[value^=down]").click()
    expect(titles.nth(0)).to_have_text(third)
    assert titles.all_inner_texts() == [third, first, second]
    passages = [" ".join(text.split()) for text in page.locator("blockquote").all_inner_texts()]

    with page.expect_download() as download:
        page.locator(".carry a[href$='.docx']").click()
    download.value.save_as(tmp_path / "briefing.docx")
    document = Document(str(tmp_path / "briefing.docx"))
    paragraphs = [paragraph for paragraph in document.paragraphs if paragraph.text]
    assert paragraphs[0].text == TITLES[language]
    quoted = [each for each in paragraphs if each.style and each.style.name == "Quote"]
    assert [" ".join(each.text.split()) for each in quoted] == passages
    for each in (paragraphs[0], *quoted):
        (bidi,) = each._p.pPr.findall(qn("w:bidi"))  # type: ignore[union-attr]
        assert bidi.get(qn("w:val")) == ("1" if language == "ar" else "0")
    sources = [each.text for each in paragraphs if re.match(r"\[\d+\] ", each.text)]
    assert sources
    assert SOURCE[language] in sources[0]

    page.locator(".carry a").first.click()
    expect(page.locator(".sheet h1")).to_have_text(TITLES[language])
    printed = tmp_path / "briefing.pdf"
    page.pdf(path=printed, prefer_css_page_size=True)
    text = " ".join(part.text for part in read_pdf(printed.read_bytes(), "briefing.pdf").parts)
    read = words(text)
    for passage in passages:
        missing = [word for word in words(passage) if word not in read]
        assert missing == []
    assert "Nansana" in text
    assert "Word" not in text  # the way to the file is on the screen alone
    assert SOURCE["en"][1:5] in text


@pytest.mark.parametrize("language", ["en", "ar"])
def test_what_is_shared_is_read_by_others_and_copied(page: Page, language: str) -> None:
    choose(page, language, 1)
    page.locator("a.to-briefing").click()
    mine = page.url.split("?")[0]
    page.goto(page.locator("#reading-address").input_value())
    expect(page.locator(".sheet blockquote")).to_have_count(1)
    expect(page.locator(f"a[href*='{mine.rsplit('/', 1)[1]}']")).to_have_count(0)
    page.locator(".tools form button").click()
    expect(page.locator(".quotations li")).to_have_count(1)
    assert page.url.split("?")[0] != mine
