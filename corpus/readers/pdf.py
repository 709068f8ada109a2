"""A PDF file -> what it says, in paragraphs under headings, each with its page."""

import re
from collections.abc import Sequence
from contextlib import suppress

import pypdfium2
import pypdfium2.raw as pdfium

from corpus.readers.draft import Draft, Part, RefusedError
from corpus.readers.hyphenation import Hyphens
from corpus.readers.pdf_about import declared_language, publication_date, real_title
from corpus.readers.pdf_glyphs import MOST_CHARACTERS
from corpus.readers.pdf_headings import Entry, heading_levels
from corpus.readers.pdf_pages import Content, read_pages
from corpus.readers.pdf_paragraphs import Block, bullet_removed, gather_blocks
from corpus.readers.text import tidy

MOST_PAGES = 3_000

_SIGNATURE = b"%PDF-"
_SIGNATURE_WITHIN = 1_024  # bytes from the start: some files begin with something else
_END_MARK = b"startxref"
_END_WITHIN = 65_536  # bytes from the end: some files end with something else
_MOST_ENTRIES = 20_000  # of an outline
_FIRST_PAGES = 2  # that tell when a document was published
_LANGUAGE_BYTES = 64
_WORD = re.compile(r"[^\W_]")


def read_pdf(content: bytes, name: str) -> Draft:
    """Read a PDF file.

    Args:
        content: The whole file.
        name: The file's name, for messages; and a title that only repeats it is none.

    Returns:
        What the file says, page by page, and what was left out.

    Raises:
        RefusedError: It is not a PDF file, is damaged, encrypted or too long, or no text can be
            taken from it.
    """
    document = _open(content)
    try:
        count = len(document)
        if count == 0:
            raise RefusedError("it has no pages; get it again from where it came from")
        if count > MOST_PAGES:
            raise RefusedError(
                f"it has {count:,} pages, and {MOST_PAGES:,} is the most for one document;"
                " split it and add the parts that matter."
            )
        found = read_pages(document)
        outline = _outline(document)
        title = real_title(_title(document), name)
        language = _language(document)
    finally:
        document.close()
    if not found.pages:
        raise RefusedError(_why_nothing(found))
    return _draft(found, outline, title, language)


def _open(content: bytes) -> pypdfium2.PdfDocument:
    if _SIGNATURE not in content[:_SIGNATURE_WITHIN]:
        raise RefusedError("it is not a PDF file; put the ending to its name that says what it is")
    damaged = "it is damaged; get it again from where it came from."
    if _END_MARK not in content[-_END_WITHIN:]:
        raise RefusedError(damaged)
    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if error.err_code in {pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY}:
            raise RefusedError(
                "it is encrypted; save a copy without a password and add that."
            ) from None
        raise RefusedError(damaged) from None


def _outline(document: pypdfium2.PdfDocument) -> list[Entry]:
    entries: list[Entry] = []
    for bookmark in document.get_toc():
        target = bookmark.get_dest()
        index = target.get_index() if target else None
        if index is not None:
            with suppress(UnicodeDecodeError):
                entries.append(Entry(bookmark.get_title(), bookmark.level + 1, index + 1))
        if len(entries) >= _MOST_ENTRIES:
            break
    return entries


def _title(document: pypdfium2.PdfDocument) -> str:
    try:
        return str(document.get_metadata_value("Title"))
    except UnicodeDecodeError:
        return ""


def _language(document: pypdfium2.PdfDocument) -> str:
    buffer = (pdfium.FPDF_WCHAR * _LANGUAGE_BYTES)()
    length = pdfium.FPDFCatalog_GetLanguage(document, buffer, _LANGUAGE_BYTES)
    if not 0 < length <= _LANGUAGE_BYTES:
        return ""
    return bytes(buffer)[:length].decode("utf-16-le", "replace").rstrip("\0")


def _draft(found: Content, outline: Sequence[Entry], title: str | None, tag: str) -> Draft:
    blocks, usual = gather_blocks(found.pages)
    lines = [[line.text for line in block.lines] for block in blocks]
    hyphens = Hyphens(lines)
    written = [
        (block, tidy(bullet_removed(hyphens.join(its_lines))))
        for block, its_lines in zip(blocks, lines, strict=True)
    ]
    written = [(block, text) for block, text in written if _WORD.search(text)]
    blocks, texts = [block for block, _ in written], [text for _, text in written]
    levels = heading_levels(blocks, texts, usual, outline)
    if title is None:
        title = _largest_heading(blocks, texts, levels)
    if all(levels):
        levels = [0] * len(levels)
    first = [
        line.text
        for number, columns in found.pages
        if number <= _FIRST_PAGES
        for column in columns
        for line in column.lines
    ]
    return Draft(
        parts=tuple(
            Part(text, level, block.page)
            for block, text, level in zip(blocks, texts, levels, strict=True)
        ),
        title=title,
        language=declared_language(tag),
        published=publication_date(first),
        left_out=_left_out(found),
    )


def _largest_heading(
    blocks: Sequence[Block], texts: Sequence[str], levels: Sequence[int]
) -> str | None:
    headings = [
        (block.size, text)
        for block, text, level in zip(blocks, texts, levels, strict=True)
        if level and block.page == blocks[0].page
    ]
    return max(headings, key=lambda heading: heading[0])[1] if headings else None


def _left_out(found: Content) -> tuple[str, ...]:
    reasons = (
        (found.pictures, "{}: no text, only pictures"),
        (found.garbled, "{}: the letters are garbled"),
        (found.backwards, "{}: the Arabic stands back to front in the file"),
        (found.crowded, f"{{}}: more than {MOST_CHARACTERS:,} characters on one page"),
        (found.damaged, "{}: damaged"),
        (found.contents, "the table of contents on {}"),
        (found.running, "heads, feet and page numbers on {}"),
        (found.notes, "the raised numbers that lead to notes, on {}"),
    )
    return tuple(reason.format(_pages(numbers)) for numbers, reason in reasons if numbers)


def _pages(numbers: Sequence[int]) -> str:
    """Name pages in words: “page 3”, “pages 1, 4 to 6 and 9”."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    named = [str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
    listed = " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)
    return f"pages {listed}" if len(numbers) > 1 else f"page {listed}"


def _why_nothing(found: Content) -> str:
    """Say why no text came of a file, and what to do."""
    anew = (
        "save it again as a PDF from the program in which it was written, or have its text"
        " recognised (OCR), and add that."
    )
    if found.damaged:
        return "the pages of this PDF file are damaged; get it again from its source."
    if found.crowded:
        return f"its pages hold more characters than a page can show; {anew}"
    if len(found.backwards) > len(found.garbled):
        return f"its Arabic stands back to front in the file; {anew}"
    if found.garbled:
        return f"its letters are garbled: they are not the ones that its pages show; {anew}"
    if found.pictures or found.running:
        return (
            "it holds no text, only pictures of pages, as a scanner makes them; have its"
            " text recognised (OCR) and add it again."
        )
    return "there is no text in it; save it again from the program that made it"
