"""The words of a page -> its lines, in pieces wherever a line has a wide gap."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from corpus.readers.pdf_bidi import has_leftward, read_in_order, runs_left
from corpus.readers.pdf_glyphs import Word
from corpus.readers.text import tidy

_SAME_LINE = 0.35  # of the size of the letters: base lines closer than this are one
_OFF = (
    0.6  # of the size of the letters: how far marks and the letters drawn with them may stand off
)
_WIDE = 1.2  # of the size of the letters: a wider gap may part two columns
_TOUCHING = 0.08  # of the size of the letters: a narrower gap is none


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, or a piece of one, as it stands on a page.

    Attributes:
        text: Tidy, in reading order; never empty.
        left: Its left edge, in points from the left.
        right: Its right edge.
        y: Its base line, in points from the top.
        size: Of most of its letters, in points.
        bold: Whether all of it is bold.
        first_word: The width of the word that is read first, in points.
        leftward: Whether it is read from right to left.
    """

    text: str
    left: float
    right: float
    y: float
    size: float
    bold: bool
    first_word: float
    leftward: bool

    @property
    def start(self) -> float:
        """How far its beginning stands from the edge that reading starts from."""
        return -self.right if self.leftward else self.left

    @property
    def end(self) -> float:
        """How far its end stands from that edge."""
        return -self.left if self.leftward else self.right


def read_lines(words: Sequence[Word]) -> list[Line]:
    """Put words together that stand side by side on one base line.

    Returns:
        The pieces from the top of the page to the bottom, and from left to right.
    """
    lines: list[Line] = []
    page_leftward = runs_left("".join(word.text for word in words))
    for row in _rows(words):
        piece: list[Word] = []
        for word in row:
            if piece and word.left - max(w.right for w in piece) > _WIDE * max(
                word.size, piece[-1].size
            ):
                lines.extend(_line(piece, page_leftward))
                piece = []
            piece.append(word)
        lines.extend(_line(piece, page_leftward))
    return lines


def join_pieces(pieces: Sequence[Line], gap: str) -> Line:
    """Make one line of pieces that stand side by side; `gap` parts them in its text."""
    leftward = runs_left("".join(piece.text for piece in pieces))
    ordered = sorted(pieces, key=lambda piece: piece.left, reverse=leftward)
    longest = max(ordered, key=lambda piece: len(piece.text))
    return replace(
        longest,
        text=gap.join(piece.text for piece in ordered),
        left=min(piece.left for piece in ordered),
        right=max(piece.right for piece in ordered),
        bold=all(piece.bold for piece in ordered),
        first_word=ordered[0].first_word,
        leftward=leftward,
    )


def _rows(words: Iterable[Word]) -> list[list[Word]]:
    """Gather words by base line; a few letters that stand a little off one belong to it."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.y):
        if rows and word.y - rows[-1][0].y <= _SAME_LINE * min(word.size, rows[-1][0].size):
            rows[-1].append(word)
        else:
            rows.append([word])
    letters = [sum(len(word.glyphs) for word in row) for row in rows]
    whole: list[list[Word]] = []
    for number, row in enumerate(rows):
        near = [
            other
            for other in (number - 1, number + 1)
            if 0 <= other < len(rows)
            and abs(rows[other][0].y - row[0].y) <= _OFF * rows[other][0].size
            and letters[other] > 2 * letters[number]
        ]
        if near:
            rows[max(near, key=letters.__getitem__)].extend(row)
        else:
            whole.append(row)
    return [sorted(row, key=lambda word: word.left) for row in whole]


def _line(words: list[Word], page_leftward: bool) -> list[Line]:
    drawn = "".join(word.text for word in words)
    letters: dict[float, int] = {}
    for word in words:
        letters[word.size] = letters.get(word.size, 0) + len(word.glyphs)
    size = max(letters, key=letters.__getitem__)
    if has_leftward(drawn):
        glyphs = [glyph for word in words for glyph in word.glyphs]
        spaces = [space for word in words for space in word.spaces]
        text = tidy(read_in_order(glyphs, spaces, size))
        leftward = runs_left(text)
    else:
        # Numbers that stand by themselves follow one another as the text around them does.
        leftward = page_leftward and not any(map(str.isalpha, drawn))
        text = tidy(" ".join(word.text for word in words[::-1]) if leftward else _in_a_row(words))
    if not text:
        return []
    levels = Counter(round(glyph.y, 1) for word in words for glyph in word.glyphs)
    first = words[-1] if leftward else words[0]
    return [
        Line(
            text=text,
            left=words[0].left,
            right=max(word.right for word in words),
            y=levels.most_common(1)[0][0],
            size=size,
            bold=all(word.bold for word in words),
            first_word=first.right - first.left,
            leftward=leftward,
        )
    ]


def _in_a_row(words: list[Word]) -> str:
    text = ""
    reach = words[0].left
    for word in words:
        apart = bool(word.spaces) or word.left - reach > _TOUCHING * word.size
        text += " " + word.text if apart else word.text
        reach = max(reach, word.right)
    return text
