"""The pages of an open PDF file -> the lines of their text, and what is not taken in of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pypdfium2

from corpus.readers.garbling import is_garbled, is_reversed
from corpus.readers.pdf_furniture import PageLines, contents_lines, running_lines
from corpus.readers.pdf_glyphs import read_words
from corpus.readers.pdf_layout import Column, order_lines
from corpus.readers.pdf_lines import Line, read_lines


@dataclass(slots=True)
class Content:
    """What was taken from the pages of a file; numbers are those of pages, from 1.

    Attributes:
        pages: Pages with text, and its columns in reading order.
        pictures: Pages that show something, but no text.
        garbled: Pages whose letters are not the ones that they show.
        backwards: Pages whose Arabic stands back to front.
        crowded: Pages that claim more characters than a page can hold.
        damaged: Pages that cannot be opened.
        running: Pages with a head, a foot or a number.
        contents: Pages with a table of contents.
        notes: Pages with raised numbers that lead to notes.
    """

    pages: list[tuple[int, list[Column]]] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)
    garbled: list[int] = field(default_factory=list)
    backwards: list[int] = field(default_factory=list)
    crowded: list[int] = field(default_factory=list)
    damaged: list[int] = field(default_factory=list)
    running: list[int] = field(default_factory=list)
    contents: list[int] = field(default_factory=list)
    notes: list[int] = field(default_factory=list)


def read_pages(document: pypdfium2.PdfDocument) -> Content:
    """Read every page of a document, in order."""
    found = Content()
    pages = [
        page
        for number in range(1, len(document) + 1)
        if (page := _read_page(document, number, found)) is not None
    ]
    in_contents = False
    for page, left_out in zip(pages, running_lines(pages), strict=True):
        columns = order_lines([line for i, line in enumerate(page.lines) if i not in left_out])
        if left_out:
            found.running.append(page.number)
        lines = [line for column in columns for line in column.lines]
        contents = contents_lines(lines, goes_on=in_contents)
        in_contents = bool(contents)
        if contents:
            found.contents.append(page.number)
            columns = _without(columns, [lines[index] for index in contents])
        if columns:
            found.pages.append((page.number, columns))
    return found


def _read_page(document: pypdfium2.PdfDocument, number: int, found: Content) -> PageLines | None:
    """Read one page; note in `found` why there is none."""
    try:
        page = document[number - 1]
        words = read_words(page)
        page.close()
    except pypdfium2.PdfiumError:
        found.damaged.append(number)
        return None
    if words is None:
        found.crowded.append(number)
        return None
    if not words.words:
        if words.has_content:
            found.pictures.append(number)
        return None
    if is_garbled(" ".join(word.text for word in words.words), words.unmapped):
        found.garbled.append(number)
        return None
    lines = read_lines(words.words)
    if is_reversed(" ".join(line.text for line in lines)):
        found.backwards.append(number)
        return None
    if words.has_notes:
        found.notes.append(number)
    return PageLines(number, lines, words.height)


def _without(columns: Sequence[Column], left_out: Sequence[Line]) -> list[Column]:
    dropped = {id(line) for line in left_out}
    kept = [
        Column(tuple(line for line in column.lines if id(line) not in dropped), column.is_cell)
        for column in columns
    ]
    return [column for column in kept if column.lines]
