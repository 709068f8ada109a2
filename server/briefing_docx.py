"""A briefing as a Word document, in either direction of writing."""

import io
import re
from collections.abc import Iterable
from typing import cast

from docx import Document
from docx.document import Document as DocxDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from server.bibliography import Piece
from server.bidi import directional_runs
from server.briefing_sheet import Excerpt, Sheet, facts
from server.citation import cite
from server.i18n import Interface, text_direction

_INK, _QUIET, _ACCENT = (RGBColor.from_string(code) for code in ("1A232C", "55606A", "0D5752"))
_LATIN, _ARABIC = "Cambria", "Arial"  # what word processors have for each script
_ENTRY, _DETAIL, _NOTE = "Diwan Source", "Diwan Detail", "Diwan Note"
# What stands behind these two in a paragraph's properties, in the order of the schema.
_BEHIND_INDENT = ("w:contextualSpacing", "w:mirrorIndents", "w:jc", "w:outlineLvl", "w:rPr")
_BEHIND_BIDI = ("w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", *_BEHIND_INDENT)
# Control characters but for white space: no XML can hold them.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write_docx(sheet: Sheet, site: str) -> bytes:
    """Write a briefing down.

    Args:
        sheet: The briefing, laid out.
        site: Address of the site's root.

    Returns:
        The file. Every paragraph says its direction and every run its script, so that the text
        reads right whatever the word processor is set to.
    """
    reader = sheet.reader
    document = Document()
    _set_up(document, sheet)
    _paragraph(document, sheet.title, "Title", reader)
    _paragraph(document, sheet.changed_on, _DETAIL, reader)
    for text in sheet.introduction:
        _paragraph(document, text, "Normal", reader)
    for excerpt in sheet.excerpts:
        _write_excerpt(document, excerpt, reader, site)
    if sheet.sources:
        _paragraph(document, reader.gettext("Sources"), "Heading 1", reader)
        for number, entry in enumerate(sheet.sources, start=1):
            _write_entry(document, number, entry, reader)
    _paragraph(document, sheet.colophon, _DETAIL, reader)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _write_excerpt(document: DocxDocument, excerpt: Excerpt, reader: Interface, site: str) -> None:
    if excerpt.shown is None:
        text = reader.gettext("This passage is no longer in the library.")
        _paragraph(document, text, _DETAIL, reader)
    else:
        case, passage = excerpt.shown.case, excerpt.shown.passage
        heading = document.add_paragraph(style="Heading 1")
        direction = _direct(heading, text_direction(case.language), case.title, reader)
        address = site.rstrip("/") + cite(excerpt.shown, reader.language).case_url
        _link(heading, case.title, address, direction)
        known = facts(case, reader)
        if known:
            _paragraph(document, reader.gettext(", ").join(known), _DETAIL, reader)
        for text in excerpt.paragraphs:
            _paragraph(document, text, "Quote", reader, passage.language)
        where = f"{' › '.join(passage.heading)} [{excerpt.source}]".lstrip()
        _paragraph(document, where, _DETAIL, reader)
        if not excerpt.is_current:
            day = reader.date(excerpt.quotation.chosen_on.isoformat())
            said = reader.gettext(
                "The case study has changed since; these are its words of %(day)s.", day=day
            )
            _paragraph(document, said, _DETAIL, reader)
    for number, text in enumerate(excerpt.remark):
        paragraph = document.add_paragraph(style=_NOTE)
        direction = _direct(paragraph, "auto", text, reader)
        if number == 0:
            label = reader.gettext("Note:") + " "
            for run in _write(paragraph, label, direction):
                run.bold = True
                run.font.cs_bold = True
        _write(paragraph, text, direction)


def _write_entry(
    document: DocxDocument, number: int, entry: Iterable[Piece], reader: Interface
) -> None:
    paragraph = document.add_paragraph(style=_ENTRY)
    _direct(paragraph, reader.direction, "", reader)
    _write(paragraph, f"[{number}] ", reader.direction)
    for piece in entry:
        if piece.url and piece.url.startswith(("https://", "http://")):
            _link(paragraph, piece.text, piece.url, reader.direction)
            continue
        for run in _write(paragraph, piece.text, reader.direction):
            run.italic = piece.is_title
            run.font.cs_italic = piece.is_title


def _paragraph(
    document: DocxDocument,
    text: str,
    style: str,
    reader: Interface,
    language: str | None = None,
) -> None:
    """Add a paragraph; one in a language of its own takes that language's direction."""
    paragraph = document.add_paragraph(style=style)
    asked = text_direction(language) if language else "auto"
    _write(paragraph, text, _direct(paragraph, asked, text, reader))


def _direct(paragraph: Paragraph, direction: str, text: str, reader: Interface) -> str:
    """Say how a paragraph is written: where that is `auto`, as its first letter is."""
    if direction == "auto":
        first = (run for run in directional_runs(text, "") if run[1])
        direction = next(first, ("", reader.direction))[1]
    properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001 - the library has no name for it
    bidi = _element("w:bidi", val="1" if direction == "rtl" else "0")
    properties.insert_element_before(bidi, *_BEHIND_BIDI)
    return direction


def _write(paragraph: Paragraph, text: str, direction: str) -> list[Run]:
    """Add a text as runs of one script each."""
    runs = []
    for piece, its_direction in directional_runs(_writable(text), direction):
        run = paragraph.add_run(piece)
        run.font.rtl = its_direction == "rtl"
        runs.append(run)
    return runs


def _link(paragraph: Paragraph, text: str, url: str, direction: str) -> None:
    """Add a text that leads to an address."""
    relation = paragraph.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link = _element("w:hyperlink")
    link.set(qn("r:id"), relation)
    paragraph._p.insert_element_before(link)  # noqa: SLF001 - behind what is there
    for run in _write(paragraph, text, direction):
        run.font.color.rgb = _ACCENT
        run.font.underline = True
        link.append(run._r)  # noqa: SLF001 - it is moved into the link


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("", text)


def _set_up(document: DocxDocument, sheet: Sheet) -> None:
    """Page, styles and what the file says of itself."""
    reader = sheet.reader
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2)
    about = document.core_properties
    about.title = _writable(sheet.title)
    about.language = reader.language
    about.author, about.comments = "", ""
    for name in (_DETAIL, _NOTE, _ENTRY):
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = document.styles["Normal"]
    for name, size, colour, before, after in (
        ("Normal", 11, _INK, 0, 6),
        ("Title", 22, _INK, 0, 2),
        ("Heading 1", 14, _ACCENT, 14, 2),
        ("Quote", 11, _INK, 2, 4),
        (_DETAIL, 9.5, _QUIET, 0, 6),
        (_NOTE, 11, _INK, 2, 6),
        (_ENTRY, 10, _INK, 0, 4),
    ):
        style = document.styles[name]
        assert isinstance(style, ParagraphStyle)  # noqa: S101 - each of these names is one
        _set_style(style, size, colour, reader.language)
        style.paragraph_format.space_before = Pt(before)
        style.paragraph_format.space_after = Pt(after)
    # On the side where a line begins, whichever that is.
    quote, entry = (document.styles[name].element.get_or_add_pPr() for name in ("Quote", _ENTRY))
    quote.insert_element_before(_element("w:ind", start="567"), *_BEHIND_INDENT)
    entry.insert_element_before(_element("w:ind", start="425", hanging="425"), *_BEHIND_INDENT)


def _set_style(style: ParagraphStyle, size: float, colour: RGBColor, language: str) -> None:
    """Give a style fonts and a size for either script."""
    font = style.font
    font.size, font.color.rgb = Pt(size), colour
    font.italic = font.cs_italic = False
    properties = style.element.get_or_add_rPr()
    for tag in ("w:rFonts", "w:szCs", "w:lang"):
        for old in properties.findall(qn(tag)):
            properties.remove(old)
    fonts = _element("w:rFonts", ascii=_LATIN, hAnsi=_LATIN, eastAsia=_LATIN, cs=_ARABIC)
    properties.insert(0, fonts)
    # Half points, for either script.
    properties.find(qn("w:sz")).addnext(_element("w:szCs", val=str(round(size * 2))))
    spoken = "fr-FR" if language == "fr" else "en-GB"
    properties.append(_element("w:lang", val=spoken, bidi="ar-SA"))
    for border in style.element.findall(f".//{qn('w:pBdr')}"):
        border.getparent().remove(border)


def _element(tag: str, **values: str) -> BaseOxmlElement:
    """Make an element of WordprocessingML with attributes of its own namespace."""
    made = OxmlElement(tag)
    for name, value in values.items():
        made.set(qn(f"w:{name}"), value)
    return cast("BaseOxmlElement", made)
