"""What a PDF file says comes out whole, in reading order, with its pages, and nothing else."""

import io
from collections.abc import Callable, Sequence

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from corpus.readers.draft import Draft, RefusedError
from corpus.readers.pdf import read_pdf
from corpus.readers.text import tidy

WIDTH, HEIGHT = A4
FONT, BOLD = "Helvetica", "Helvetica-Bold"


def pdf(
    *pages: Callable[[Canvas], None], title: str | None = None, password: str | None = None
) -> bytes:
    """A PDF file of pages that are each drawn by a function."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, encrypt=password)
    if title:
        canvas.setTitle(title)
    for page in pages:
        page(canvas)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def write(
    canvas: Canvas,
    lines: Sequence[str],
    y: float = 700,
    x: float = 72,
    size: float = 11,
    font: str = FONT,
    leading: float = 14,
) -> None:
    """Write lines one below the other; an empty one leaves a gap."""
    canvas.setFont(font, size)
    for line in lines:
        canvas.drawString(x, y, line)
        y -= leading


def page(*lines: str, heading: str = "", number: str = "") -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        if heading:
            write(canvas, [heading], y=740, size=18, font=BOLD)
        write(canvas, lines)
        if number:
            write(canvas, [number], y=30, x=290, size=9)

    return draw


def arabic_pdf(*pages: Sequence[str]) -> bytes:
    """A PDF file that draws characters from left to right, as a file of shaped Arabic does.

    Its font is not embedded, and every character is 0.5 em wide.
    """
    characters = sorted({character for lines in pages for line in lines for character in line})
    codes = {character: number for number, character in enumerate(characters, start=1)}
    mapping = "\n".join(
        f"<{code:04x}> <{character.encode('utf-16-be').hex()}>" for character, code in codes.items()
    )
    to_unicode = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap"
        " /CMapName /Test def /CMapType 2 def"
        " 1 begincodespacerange <0000> <ffff> endcodespacerange"
        f" {len(codes)} beginbfchar\n{mapping}\nendbfchar endcmap end end"
    )
    contents = [
        "BT /F1 14 Tf 20 TL 60 760 Td "
        + " T* ".join(
            f"<{''.join(f'{codes[character]:04x}' for character in line)}> Tj" for line in lines
        )
        + " ET"
        for lines in pages
    ]
    first = 6
    kids = " ".join(f"{first + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>",
        (
            "<< /Type /Font /Subtype /Type0 /BaseFont /Test /Encoding /Identity-H"
            " /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>"
        ),
        (
            "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Test /DW 500"
            " /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>"
        ),
        f"<< /Length {len(to_unicode)} >>\nstream\n{to_unicode}\nendstream",
    ]
    for number, content in enumerate(contents):
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]"
            f" /Resources << /Font << /F1 3 0 R >> >> /Contents {first + 2 * number + 1} 0 R >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    file = "%PDF-1.7\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(file))
        file += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(file)}\n%%EOF\n"
    return (f"{file}xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}").encode("ascii")


ARABIC = (
    "أطلقت المدينة الخطة الجديدة بعد مشاورات طويلة مع الأهالي",
    "والمدارس والجمعيات المحلية، ثم درّبت الموظفين على الاستماع",
    "إلى الشكاوى والرد عليها خلال أسبوع من وصولها إلى البلدية.",
)


def shaped(line: str) -> str:
    """Put each letter into a form that a font would show, in the order in which it is drawn."""
    forms = {"ل": "ﻟ", "م": "ﻣ", "ة": "ﺔ", "ي": "ﻳ", "ن": "ﻧ", "ا": "ﺎ", "ع": "ﻋ", "ب": "ﺑ"}
    return "".join(forms.get(letter, letter) for letter in reversed(line))


def texts(draft: Draft) -> list[str]:
    return [part.text for part in draft.parts if not part.level]


def headings(draft: Draft) -> list[tuple[str, int]]:
    return [(part.text, part.level) for part in draft.parts if part.level]


def refusal(content: bytes) -> str:
    with pytest.raises(RefusedError) as refused:
        read_pdf(content, "report.pdf")
    return str(refused.value)


PARAGRAPH = (
    "The harbour city opened a night school for porters after two years of",
    "talks between the council and the guild. Forty porters came in the first",
    "winter, and most of them stayed.",
)


def test_lines_are_put_together_to_paragraphs() -> None:
    draft = read_pdf(pdf(page(*PARAGRAPH, "", "Their children came too.")), "a.pdf")
    assert texts(draft) == [" ".join(PARAGRAPH), "Their children came too."]


def test_a_paragraph_that_ends_short_ends_without_a_gap_too() -> None:
    draft = read_pdf(pdf(page(*PARAGRAPH, *PARAGRAPH)), "a.pdf")
    assert texts(draft) == [" ".join(PARAGRAPH)] * 2


def test_a_sentence_goes_on_over_the_page_and_belongs_to_the_page_it_begins_on() -> None:
    draft = read_pdf(pdf(page(*PARAGRAPH[:2], number="1"), page(PARAGRAPH[2], number="2")), "a.pdf")
    assert [(part.text, part.page) for part in draft.parts] == [(" ".join(PARAGRAPH), 1)]


def test_hyphens_at_the_ends_of_lines_are_undone_and_those_of_words_are_kept() -> None:
    draft = read_pdf(
        pdf(
            page(
                "Officials of the harbour met the neighbourhood commit-",
                "tee twice, and agreed on a self-",
                "help group. The self-help group meets on Mondays with non-",
                "Muslim neighbours.",
            )
        ),
        "a.pdf",
    )
    assert texts(draft) == [
        (
            "Officials of the harbour met the neighbourhood committee twice, and agreed on a"
            " self-help group. The self-help group meets on Mondays with non-Muslim neighbours."
        )
    ]


def test_bullets_and_numbers_begin_parts_of_their_own() -> None:
    draft = read_pdf(
        pdf(page("The school needs", "• lamps", "• benches and tables", "1. a roof", "2. a door")),
        "a.pdf",
    )
    assert texts(draft) == [
        "The school needs",
        "lamps",
        "benches and tables",
        "1. a roof",
        "2. a door",
    ]


def test_larger_and_bold_letters_make_headings_of_levels() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, ["Night schools"], y=760, size=20, font=BOLD)
        write(canvas, ["What was done"], y=730, size=14, font=BOLD)
        write(canvas, PARAGRAPH)
        write(canvas, ["The first winter"], y=640, font=BOLD)
        write(canvas, PARAGRAPH, y=620)

    draft = read_pdf(pdf(draw), "a.pdf")
    assert headings(draft) == [
        ("Night schools", 1),
        ("What was done", 2),
        ("The first winter", 3),
    ]
    assert texts(draft) == [" ".join(PARAGRAPH)] * 2


def test_the_outline_of_the_file_gives_headings_and_their_levels() -> None:
    def draw(canvas: Canvas) -> None:
        for level, (title, y) in enumerate([("Schools", 740), ("Night schools", 715)]):
            canvas.bookmarkPage(title)
            canvas.addOutlineEntry(title, title, level)
            write(canvas, [title], y=y)
        write(canvas, PARAGRAPH, y=690)

    draft = read_pdf(pdf(draw), "a.pdf")
    assert headings(draft) == [("Schools", 1), ("Night schools", 2)]


def test_a_document_without_headings_is_text() -> None:
    draft = read_pdf(pdf(*[page(*PARAGRAPH, "", *PARAGRAPH)] * 8), "a.pdf")
    assert len(draft.parts) == 16
    assert not headings(draft)
    assert [part.page for part in draft.parts[::2]] == list(range(1, 9))


def columns(canvas: Canvas) -> None:
    left = (
        "Porters asked the council",
        "for lessons in the evening,",
        "as they work by day, and",
        "the council agreed after a",
        "long talk with the guild of",
    )
    right = (
        "porters. The first lessons",
        "were given in the old fish",
        "market, by lamp light, to",
        "forty men and two women,",
        "who all learned to read.",
    )
    for number, pair in enumerate(zip(left, right, strict=True)):
        for x, line in zip((72, 310), pair, strict=True):
            write(canvas, [line], y=700 - 14 * number, x=x)


def test_columns_are_read_one_after_the_other() -> None:
    draft = read_pdf(pdf(columns), "a.pdf")
    assert texts(draft) == [
        (
            "Porters asked the council for lessons in the evening, as they work by day, and the"
            " council agreed after a long talk with the guild of porters. The first lessons were"
            " given in the old fish market, by lamp light, to forty men and two women, who all"
            " learned to read."
        )
    ]


def test_the_rows_of_a_table_are_parts() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, PARAGRAPH)
        rows = [("City", "Year", "Porters"), ("Harbour", "2021", "40"), ("Hill town", "2022", "7")]
        for number, row in enumerate(rows):
            for x, cell in zip((72, 230, 400), row, strict=True):
                write(canvas, [cell], y=620 - 16 * number, x=x)

    draft = read_pdf(pdf(draw), "a.pdf")
    assert texts(draft)[1:] == [
        "City | Year | Porters",
        "Harbour | 2021 | 40",
        "Hill town | 2022 | 7",
    ]


def test_heads_feet_and_page_numbers_are_left_out() -> None:
    def draw(number: int) -> Callable[[Canvas], None]:
        def on(canvas: Canvas) -> None:
            write(canvas, ["Night schools: a report"], y=805, size=9)
            write(canvas, [f"Item {number} was bought in 2021."])
            write(canvas, [f"Page {number} of 4"], y=30, x=260, size=9)

        return on

    draft = read_pdf(pdf(*map(draw, range(1, 5))), "a.pdf")
    assert texts(draft) == [f"Item {number} was bought in 2021." for number in range(1, 5)]
    assert draft.left_out == ("heads, feet and page numbers on pages 1 to 4",)


def test_a_table_of_contents_is_left_out() -> None:
    contents = ["Contents", "1 What was done " + "." * 60 + " 2", "2 Results " + "." * 60 + " 3"]
    draft = read_pdf(pdf(page(*contents), page(*PARAGRAPH), page(*PARAGRAPH)), "a.pdf")
    assert texts(draft) == [" ".join(PARAGRAPH)] * 2
    assert [part.page for part in draft.parts] == [2, 3]
    assert draft.left_out == ("the table of contents on page 1",)


def test_a_title_in_the_metadata_is_taken_unless_a_program_wrote_it() -> None:
    drawn = page(*PARAGRAPH, heading="Lessons by lamp light")
    assert read_pdf(pdf(drawn, title="Night schools"), "a.pdf").title == "Night schools"
    for title in ("Microsoft Word - final.doc", "final.docx", "untitled", "final report"):
        draft = read_pdf(pdf(drawn, title=title), "final_report.pdf")
        assert draft.title == "Lessons by lamp light"
    assert read_pdf(pdf(page(*PARAGRAPH)), "a.pdf").title is None


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("Published on 5 March 2021 by the council", "2021-03-05"),
        ("March 2021", "2021-03"),
        ("First published 2021", "2021"),
        ("The school was opened in March 2021 and closed in 2023.", None),
        ("It was published to much applause.", None),
    ],
)
def test_a_date_is_taken_where_the_first_pages_plainly_say_it(
    line: str, published: str | None
) -> None:
    draft = read_pdf(pdf(page(line, "", *PARAGRAPH)), "a.pdf")
    assert draft.published == published


def test_shaped_arabic_is_read_from_the_right_in_plain_letters() -> None:
    draft = read_pdf(arabic_pdf([shaped(line).rjust(60) for line in ARABIC]), "a.pdf")
    assert texts(draft) == [" ".join(ARABIC)]


def test_numbers_and_latin_words_keep_their_direction_in_arabic() -> None:
    drawn = ".2024 ماع )SCN( Strong Cities ةكبش يف ةنيدم 35 تكراش"
    visual = drawn.replace(")SCN( Strong Cities", "Strong Cities (SCN)")
    draft = read_pdf(arabic_pdf([visual]), "a.pdf")
    assert texts(draft) == ["شاركت 35 مدينة في شبكة Strong Cities (SCN) عام 2024."]


def test_a_page_of_reversed_arabic_is_left_out() -> None:
    draft = read_pdf(arabic_pdf([line[::-1] for line in ARABIC], ARABIC), "a.pdf")
    assert [part.page for part in draft.parts] == [1]
    assert draft.left_out == ("page 2: the Arabic stands back to front in the file",)
    assert "back to front" in refusal(arabic_pdf(ARABIC))


@pytest.mark.parametrize(
    "line",
    [
        "".join(chr(0xE000 + number) for number in range(40)),
        "\ufffd" * 30 + " reports",
        "Ø§Ù„Ù…Ø¯ÙŠÙ†Ø© Ø§Ù„Ø¬Ø¯ÙŠØ¯Ø© ÙÙŠ Ø§Ù„Ù…ÙŠÙ†Ø§Ø¡",
        "ÇáãÏíäÉ ÇáÌÏíÏÉ Ýí ÇáãíäÇÁ ÈÚÏ ÓäÉ",
    ],
)
def test_a_garbled_page_is_left_out(line: str) -> None:
    good = "The council met on Monday and agreed."
    draft = read_pdf(arabic_pdf([line], [good]), "a.pdf")
    assert texts(draft) == [good]
    assert draft.left_out == ("page 1: the letters are garbled",)
    assert "garbled" in refusal(arabic_pdf([line]))


def picture(canvas: Canvas) -> None:
    canvas.rect(50, 50, 400, 600, fill=1)


def test_a_scan_is_refused_with_what_to_do() -> None:
    assert "OCR" in refusal(pdf(picture, picture))


def test_a_picture_among_pages_of_text_is_named() -> None:
    draft = read_pdf(pdf(picture, page(*PARAGRAPH)), "a.pdf")
    assert [part.page for part in draft.parts] == [2]
    assert draft.left_out == ("page 1: no text, only pictures",)


def test_files_that_cannot_be_read_are_refused_with_the_reason() -> None:
    good = pdf(page(*PARAGRAPH))
    assert "encrypted" in refusal(pdf(page(*PARAGRAPH), password="secret"))  # noqa: S106
    assert "damaged" in refusal(good[: len(good) // 2])
    assert "damaged" in refusal(b"%PDF-1.7\nnothing\nstartxref\n0\n%%EOF")
    assert "not a PDF" in refusal(b"<html>")
    assert "not a PDF" in refusal(b"")


def test_a_file_of_too_many_pages_is_refused() -> None:
    assert "3,000" in refusal(arabic_pdf(*[["a"]] * 3_001))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ﻣﺪﻳﻨﺔ ﻻ", "مدينة لا"),
        ("a \u00a0b\n c", "a b c"),
        ("e\u0301t\u00ade\u200b\u202b", "éte"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("ﱠ", "\u064e\u0651"),
        ("½ ﬁ", "½ ﬁ"),
    ],
)
def test_text_is_kept_in_one_spelling(text: str, expected: str) -> None:
    assert tidy(text) == expected
