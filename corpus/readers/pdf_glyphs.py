"""A page of a PDF file -> its words with their place, size and weight.

PDFium says which characters a page shows, and where. It also puts them in order, but it guesses
that order wrongly for Arabic that is drawn letter by letter (as browsers do), so only the places
are taken from it there; `pdf_bidi` makes the order.
"""

import ctypes
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

MOST_CHARACTERS = 150_000  # on a page; a broadsheet page holds a fifth of that

_BOLD = re.compile(rb"bold|black|heavy|demi", re.IGNORECASE)
_BOLD_WEIGHT = 600
_NAME_SIZE = 128  # bytes of a font's name that are asked for
_LAST_CODE = 0x10FFFF
# What PDFium puts where a hyphen ends a line, and ligatures that some fonts name as a whole.
_SPELLED_OUT = {"\ufffe": "-", "\x02": "-", "\u00ad": "-"} | dict(
    zip("ﬀﬁﬂﬃﬄﬅﬆ", ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True)
)
_RAISED = 0.15  # of the height of a letter: the number of a note stands higher than the word,
_SMALLER = 0.8  # and is smaller
_SAME_LINE = 0.3  # of the height of a letter: further apart, base lines are two lines'
_RAISED_AT_MOST = 0.5  # of the height of a letter: other raised letters of a word, as in 1st
_JUMP = 0.8  # of the height of a letter: a gap that no two letters of a word leave


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character and the box around it; x grows to the right and y downwards, in points."""

    text: str
    left: float
    right: float
    origin: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Word:
    """Characters without white space between them.

    Attributes:
        glyphs: Its characters, in the order in which PDFium names them; never empty.
        size: Of the letters, in points.
        bold: Whether the font is a bold one.
        left: Its left edge.
        right: Its right edge.
        y: Its base line.
        spaces: The white space that the file has before it.
    """

    glyphs: tuple[Glyph, ...]
    size: float
    bold: bool
    left: float
    right: float
    y: float
    spaces: tuple[Glyph, ...]

    @property
    def text(self) -> str:
        """Its characters."""
        return "".join(glyph.text for glyph in self.glyphs)


@dataclass(frozen=True, slots=True)
class PageWords:
    """What stands on a page.

    Attributes:
        words: In the order in which they are drawn.
        height: Of the page, in points.
        unmapped: How many characters the file gives no letter for.
        has_content: Whether there is anything on it at all.
        has_notes: Whether raised numbers of notes were left away.
    """

    words: tuple[Word, ...]
    height: float
    unmapped: int
    has_content: bool
    has_notes: bool


@dataclass(frozen=True, slots=True)
class _Style:
    size: float
    bold: bool


def read_words(page: pypdfium2.PdfPage) -> PageWords | None:
    """Find the words of a page that stand upright for its reader and inside its visible part.

    Returns:
        The words, or None where the page claims more characters than a page can hold.

    Raises:
        pypdfium2.PdfiumError: The page cannot be read.
    """
    text_page = page.get_textpage()
    try:
        count = pdfium.FPDFText_CountChars(text_page)
        if count > MOST_CHARACTERS:
            return None
        left, bottom, right, top = page.get_cropbox()
        turns = [_turn(text_page, index) for index in range(count)]
        upright = Counter(turn for turn in turns if turn is not None).most_common(1)
        turn = upright[0][0] if upright else 0
        glyphs = _glyphs(text_page, turns, turn, (left, bottom, right, top))
        gathering = _Words(text_page)
        words = tuple(gathering.gather(glyphs))
        unmapped = sum(
            pdfium.FPDFText_HasUnicodeMapError(text_page, index) == 1 for index in range(count)
        )
    finally:
        text_page.close()
    height = right - left if turn % 2 else top - bottom
    has_content = pdfium.FPDFPage_CountObjects(page) > 0
    return PageWords(words, height, unmapped, has_content, gathering.has_notes)


def _turn(text_page: pypdfium2.PdfTextPage, index: int) -> int | None:
    """Quarter turns by which a character is turned; None where it stands askew or is a space."""
    if pdfium.FPDFText_GetUnicode(text_page, index) in {0x20, 0x0D, 0x0A}:
        return None
    quarters = pdfium.FPDFText_GetCharAngle(text_page, index) / (math.pi / 2)
    nearest = round(quarters)
    return nearest % 4 if abs(quarters - nearest) < 0.1 else None  # noqa: PLR2004


def _glyphs(
    text_page: pypdfium2.PdfTextPage,
    turns: list[int | None],
    turn: int,
    visible: tuple[float, float, float, float],
) -> Iterator[tuple[int, Glyph]]:
    """Read the characters that are turned in one way, and white space, which is turned in none."""
    box = pdfium.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    left, bottom, right, top = visible
    for index, its_turn in enumerate(turns):
        code = pdfium.FPDFText_GetUnicode(text_page, index)
        text = chr(code) if 0 < code <= _LAST_CODE else "\ufffd"
        if its_turn != turn and not text.isspace():
            continue
        pdfium.FPDFText_GetLooseCharBox(text_page, index, box)
        if unicodedata.combining(text):
            _narrow_to_ink(text_page, index, box)
        pdfium.FPDFText_GetCharOrigin(text_page, index, x, y)
        seen = left <= (box.left + box.right) / 2 <= right and bottom <= y.value <= top
        if not seen and not text.isspace():
            continue
        text = _SPELLED_OUT.get(text, text)
        if turn == 0:
            edges = box.left, box.right, x.value, top - y.value, box.top - box.bottom
        elif turn == 1:
            edges = box.bottom, box.top, y.value, x.value - left, box.right - box.left
        elif turn == 2:  # noqa: PLR2004
            edges = -box.right, -box.left, -x.value, y.value - bottom, box.top - box.bottom
        else:
            edges = -box.top, -box.bottom, -y.value, right - x.value, box.right - box.left
        yield index, Glyph(text, *edges)


def _narrow_to_ink(text_page: pypdfium2.PdfTextPage, index: int, box: pdfium.FS_RECTF) -> None:
    """Find where a mark is seen: it takes no room, so its own place says little."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if pdfium.FPDFText_GetCharBox(text_page, index, left, right, bottom, top):
        box.left, box.right = left.value, right.value


class _Words:
    """Puts the characters of one page together to words."""

    def __init__(self, text_page: pypdfium2.PdfTextPage) -> None:
        self.has_notes = False
        self._page = text_page
        self._bold_fonts: dict[bytes, bool] = {}
        self._matrix = pdfium.FS_MATRIX()
        self._name = ctypes.create_string_buffer(_NAME_SIZE)
        self._flags = ctypes.c_int()

    def gather(self, glyphs: Iterator[tuple[int, Glyph]]) -> Iterator[Word]:
        """Cut at white space, and wherever the next character stands somewhere else."""
        word: list[Glyph] = []
        spaces: list[Glyph] = []
        before: tuple[Glyph, ...] = ()
        style = _Style(0, bold=False)
        last: Glyph | None = None
        for index, glyph in glyphs:
            if last and _is_note_number(last, glyph):
                self.has_notes = True
                continue
            if word and (glyph.text.isspace() or _is_elsewhere(word[-1], glyph)):
                yield _word(word, style, before)
                word = []
            if glyph.text.isspace():
                spaces.append(glyph)
                continue
            if not word:
                style = self._style(index)
                before, spaces = tuple(spaces), []
            word.append(glyph)
            last = glyph
        if word:
            yield _word(word, style, before)

    def _style(self, index: int) -> _Style:
        pdfium.FPDFText_GetMatrix(self._page, index, self._matrix)
        scale = math.hypot(self._matrix.c, self._matrix.d)
        size = pdfium.FPDFText_GetFontSize(self._page, index) * scale
        pdfium.FPDFText_GetFontInfo(self._page, index, self._name, _NAME_SIZE, self._flags)
        name = self._name.value
        if name not in self._bold_fonts:
            weight = pdfium.FPDFText_GetFontWeight(self._page, index)
            self._bold_fonts[name] = bool(_BOLD.search(name)) or weight >= _BOLD_WEIGHT
        return _Style(round(size, 1), self._bold_fonts[name])


def _word(glyphs: list[Glyph], style: _Style, spaces: tuple[Glyph, ...]) -> Word:
    left = min(glyph.left for glyph in glyphs)
    right = max(glyph.right for glyph in glyphs)
    return Word(tuple(glyphs), style.size, style.bold, left, right, glyphs[0].y, spaces)


def _is_elsewhere(before: Glyph, glyph: Glyph) -> bool:
    height = max(before.height, glyph.height)
    if _gap(before, glyph) > _JUMP * height:
        return True
    return (
        abs(glyph.y - before.y)
        > (_RAISED_AT_MOST if glyph.left >= before.left else _SAME_LINE) * height
    )


def _gap(before: Glyph, glyph: Glyph) -> float:
    return max(glyph.left - before.right, before.left - glyph.right)


def _is_note_number(before: Glyph, glyph: Glyph) -> bool:
    """Tell the raised number of a note from a digit of the word; it is no part of the sentence."""
    return (
        (glyph.text.isdigit() or glyph.text in "*†‡")
        and _RAISED * before.height < before.y - glyph.y < before.height
        and glyph.height < _SMALLER * before.height
        and _gap(before, glyph) < _JUMP * before.height
    )
