"""A Word document gives its text as it reads, and is looked into before it is opened."""

import io
import zipfile

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from corpus.readers.docx import read_docx
from corpus.readers.draft import Draft, RefusedError

TEXT = "The council meets every month in another quarter of the town."


def packed(document: Document) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def read(document: Document) -> Draft:
    return read_docx(packed(document), "a.docx")


def parts(document: Document) -> list[tuple[int, str]]:
    return [(part.level, part.text) for part in read(document).parts]


def insert(document: Document, xml: str) -> None:
    body = document.element.body
    body.insert(len(body) - 1, parse_xml(f"<w:p {nsdecls('w')}>{xml}</w:p>"))


def test_headings_paragraphs_lists_and_tables_come_in_their_order() -> None:
    document = docx.Document()
    document.add_heading("The plan", 1)
    document.add_paragraph(TEXT)
    document.add_heading("Members", 2)
    document.add_paragraph("Two pupils", style="List Bullet")
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ("Item", "Cost", "Rooms", "4,000"), strict=True):
        cell.text = text
    document.add_paragraph("After the table.")
    assert parts(document) == [
        (1, "The plan"), (0, TEXT), (2, "Members"), (0, "Two pupils"),
        (0, "Item | Cost"), (0, "Rooms | 4,000"), (0, "After the table."),
    ]  # fmt: skip


def test_a_style_based_on_a_heading_and_an_outline_level_make_headings() -> None:
    document = docx.Document()
    style = document.styles.add_style("House heading", 1)
    style.base_style = document.styles["Heading 2"]
    document.add_paragraph("By its style", style="House heading")
    insert(document, '<w:pPr><w:outlineLvl w:val="2"/></w:pPr><w:r><w:t>By its level</w:t></w:r>')
    document.add_paragraph(TEXT)
    assert parts(document) == [(2, "By its style"), (3, "By its level"), (0, TEXT)]


def test_tracked_changes_are_read_as_accepted() -> None:
    document = docx.Document()
    insert(
        document,
        "<w:r><w:t xml:space='preserve'>It meets </w:t></w:r>"
        "<w:del w:id='1' w:author='a'><w:r><w:delText>weekly</w:delText></w:r></w:del>"
        "<w:ins w:id='2' w:author='a'><w:r><w:t>monthly</w:t></w:r></w:ins><w:r><w:t>.</w:t></w:r>",
    )
    draft = read(document)
    assert [part.text for part in draft.parts] == ["It meets monthly."]
    assert any("tracked changes" in sentence for sentence in draft.left_out)


def test_footnotes_and_text_boxes_are_left_out_and_said() -> None:
    document = docx.Document()
    insert(
        document,
        "<w:r><w:t>Some say so.</w:t></w:r><w:r><w:footnoteReference w:id='2'/></w:r>"
        "<w:r><w:pict><w:txbxContent><w:p><w:r><w:t>Boxed.</w:t></w:r></w:p></w:txbxContent>"
        "</w:pict></w:r>",
    )
    draft = read(document)
    assert [part.text for part in draft.parts] == ["Some say so."]
    assert draft.left_out == ("the footnotes and endnotes (1)", "the text boxes (1)")


def test_content_controls_are_read_and_a_table_of_contents_is_not() -> None:
    document = docx.Document()
    style = document.styles.add_style("toc 1", 1)
    document.add_paragraph("The plan 3", style=style)
    body = document.element.body
    body.insert(
        0,
        parse_xml(
            f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>Inside.</w:t></w:r></w:p>"
            "</w:sdtContent></w:sdt>"
        ),
    )
    draft = read(document)
    assert [part.text for part in draft.parts] == ["Inside."]
    assert draft.left_out == ("the table of contents",)


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ("A plan for the harbour", "A plan for the harbour"),
        ("Microsoft Word - plan_v3.doc", "The town's plan"),
        ("plan.docx", "The town's plan"),
        ("Document1", "The town's plan"),
        ("", "The town's plan"),
    ],
)
def test_a_title_that_no_program_made_up_goes_before_the_styled_one(given: str, title: str) -> None:
    document = docx.Document()
    document.core_properties.title = given
    document.add_paragraph("The town's plan", style="Title")
    document.add_paragraph(TEXT)
    assert read(document).title == title


@pytest.mark.parametrize(
    ("text", "latin", "bidi", "language"),
    [
        (TEXT, "en-GB", "ar-SA", "en"),
        (TEXT, "fr-FR", "ar-SA", "fr"),
        ("يجتمع المجلس كل شهر في حي آخر.", "en-US", "ar-SA", "ar"),
        ("يجتمع المجلس كل شهر في حي آخر.", "en-US", "he-IL", None),
    ],
)
def test_of_the_declared_languages_the_one_of_the_text_s_script_counts(
    text: str, latin: str, bidi: str, language: str | None
) -> None:
    document = docx.Document()
    declared = next(document.styles.element.iter(qn("w:lang")))
    declared.set(qn("w:val"), latin)
    declared.set(qn("w:bidi"), bidi)
    document.add_paragraph(text)
    assert read(document).language == language


def edited(replacements: dict[bytes, bytes]) -> bytes:
    """Pack a document and change the bytes of its main part."""
    document = docx.Document()
    document.add_paragraph(TEXT)
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed(document))) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "word/document.xml":
                for before, after in replacements.items():
                    assert before in data
                    data = data.replace(before, after)
            new.writestr(name, data)
    return file.getvalue()


def test_nesting_beyond_measure_is_refused() -> None:
    deep = b"<w:sdt><w:sdtContent>" * 50_000 + b"</w:sdtContent></w:sdt>" * 50_000
    with pytest.raises(RefusedError, match="save it again"):
        read_docx(edited({b"<w:body>": b"<w:body>" + deep}), "a.docx")


def test_entities_are_not_expanded() -> None:
    entities = b'<!DOCTYPE x [<!ENTITY a "laugh"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
    content = edited(
        {b"<w:document": entities + b"<w:document", TEXT.encode(): TEXT.encode() + b"&a;&b;"}
    )
    assert [part.text for part in read_docx(content, "a.docx").parts] == [TEXT]


def test_a_damaged_document_is_refused() -> None:
    with pytest.raises(RefusedError, match="save it again"):
        read_docx(edited({b"<w:body>": b"<w:body><w:p>"}), "a.docx")


def with_member(size: int, count: int = 1) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(count):
            archive.writestr(f"word/{number}.xml", bytes(size))
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old .doc"),
        (b"PK\x03\x04 cut off", "cut off"),
        (b"plain words", "save it as .docx"),
        (with_member(5_000_000), "unpacks"),
        (with_member(0, 5_001), "unpacks"),
        (with_member(10), "save it again"),
    ],
)
def test_what_is_no_sound_document_is_refused_with_what_to_do(content: bytes, hint: str) -> None:
    with pytest.raises(RefusedError, match=hint):
        read_docx(content, "a.docx")


def test_a_document_behind_a_password_is_refused() -> None:
    content = bytearray(with_member(10))
    content[content.index(b"PK\x01\x02") + 8] |= 1  # the flag in the directory
    with pytest.raises(RefusedError, match="password"):
        read_docx(bytes(content), "a.docx")


def test_a_document_without_text_is_refused() -> None:
    with pytest.raises(RefusedError, match="no text"):
        read(docx.Document())
