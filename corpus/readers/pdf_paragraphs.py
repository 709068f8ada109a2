"""Lines in reading order -> paragraphs, list items and headings yet to be told apart.

The main sign that a line ends its paragraph: the first word of the next line would have fitted on.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.readers.pdf_layout import Column
from corpus.readers.pdf_lines import Line

_BULLET = re.compile(r"[•‣▪▫■□●○◦◆◇►▶➢➤✓✔❖·∙⁃\uf000-\uf0ff]\s*|[-–—*]\s|o\s(?=[A-Z])")
_DASH = re.compile(r"[-–—*]\s")
_NUMBERED = re.compile(
    r"\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{2,4}|[أبتثجحخده])[.)](?!\d)\s*(?=\S)|\d{1,2}(?:\.\d{1,2}){1,3}\.?\s"
)
_ENDS = re.compile(r"[.!?؟:؛。！？…][\"'”’»)\]]*$")
_LEADING = 1.45  # times the size of the letters, where a page is too short to show its leading
_APART = 1.25  # times the leading: a wider step parts paragraphs
_SAME_SIZE = 0.08  # of the size of the letters
_INDENT = 0.7  # of the size of the letters
_SPACE = 0.2  # of the size of the letters
_NOTE = 0.93  # times the size of the text: notes are smaller
_AROUND = 3  # lines above and below that show how wide the column is here
_HEADING_LEADING = 1.7  # times the size of large letters
_LARGE = 1.15  # times the usual size: letters of headings


@dataclass(slots=True)
class Block:
    """Lines that say one thing: a paragraph, a list item, a heading."""

    lines: list[Line]
    page: int  # that it begins on
    last_page: int
    column_end: float  # where the longest line of its last column ends
    is_item: bool

    @property
    def size(self) -> float:
        """Of its first line's letters, in points."""
        return self.lines[0].size

    @property
    def bold(self) -> bool:
        """Whether all of it is bold."""
        return all(line.bold for line in self.lines)

    @property
    def has_bullet(self) -> bool:
        """Whether it begins with a bullet."""
        return _BULLET.match(self.lines[0].text) is not None


def _usual_size(columns: Iterable[Column]) -> float:
    """Find the size that most letters of a document have."""
    letters = Counter[float]()
    for column in columns:
        for line in column.lines:
            letters[line.size] += len(line.text)
    return letters.most_common(1)[0][0] if letters else 0


def gather_blocks(pages: Sequence[tuple[int, Sequence[Column]]]) -> tuple[list[Block], float]:
    """Put lines together to blocks, across columns and pages where a sentence goes on.

    Args:
        pages: Numbers of the pages, and what stands on each, in reading order.

    Returns:
        The blocks in reading order, each with the page that it begins on; and the usual size of
        letters, in points.
    """
    columns = [(number, column) for number, page in pages for column in page]
    usual = _usual_size(column for _, column in columns)
    leading = _usual_leading([column for _, column in columns])
    blocks: list[Block] = []
    for number, column in columns:
        fresh = _column_blocks(column, number, usual, leading)
        open_block = _open_block(blocks, number, usual)
        if open_block and not column.is_cell and _goes_on(open_block, fresh[0]):
            open_block.lines.extend(fresh[0].lines)
            open_block.column_end = fresh[0].column_end
            open_block.last_page = number
            del fresh[0]
        blocks.extend(fresh)
    return blocks, usual


def _usual_leading(columns: Sequence[Column]) -> float:
    """Find the step from line to line that most of the text has, in sizes of its letters."""
    steps = Counter(
        round((below.y - above.y) / below.size, 1)
        for column in columns
        for above, below in pairwise(column.lines)
        if _same_size(above, below)
    )
    return steps.most_common(1)[0][0] if steps else _LEADING


def _column_blocks(column: Column, page: int, usual: float, leading: float) -> list[Block]:
    lines = column.lines
    steps = sorted((b.y - a.y) / b.size for a, b in pairwise(lines) if _same_size(a, b))
    if len(steps) >= _AROUND:
        leading = max(leading, steps[len(steps) // 4])
    column_end = max(line.end for line in lines)
    blocks: list[Block] = []
    for index, line in enumerate(lines):
        near = lines[max(0, index - 1 - _AROUND) : index + 1 + _AROUND]
        edge = max(other.end for other in near if other.leftward == line.leftward)
        if blocks and _continues(blocks[-1], line, edge, leading, large=_LARGE * usual):
            blocks[-1].lines.append(line)
        else:
            is_item = _opens_item(line, blocks[-1].lines[-1] if blocks else None)
            blocks.append(Block([line], page, page, column_end, is_item))
    return blocks


def _continues(block: Block, line: Line, edge: float, leading: float, *, large: float) -> bool:
    """Say whether a line below a block belongs to it."""
    above = block.lines[-1]
    step = (line.y - above.y) / line.size
    turns = above.leftward != line.leftward and line.text[0].isalpha()
    if turns or not _same_size(above, line):
        return False
    if line.size >= large:
        same = line.bold == above.bold and not _NUMBERED.match(line.text)
        return same and step <= _HEADING_LEADING
    if step > _APART * leading or _opens_item(line, above) or _is_row(above) or _is_row(line):
        return False
    ended = _ENDS.search(above.text) is not None
    short = edge - above.end > line.first_word + _SPACE * line.size
    if ended or short:
        begins = line.bold and not above.bold
        if begins or _starts_elsewhere(block, line):
            return False
    if block.bold and not line.bold:
        return False
    return not short or (not ended and line.text[0].islower())


def _starts_elsewhere(block: Block, line: Line) -> bool:
    """Say whether a line is set in or out as the first line of another paragraph would be."""
    first, above = block.lines[0], block.lines[-1]
    indent = _INDENT * line.size
    if len(block.lines) > 1 or block.is_item:
        return abs(line.start - above.start) > indent and len(block.lines) > 1
    return line.start - first.start > indent


def _is_row(line: Line) -> bool:
    return " | " in line.text


def _opens_item(line: Line, above: Line | None) -> bool:
    """Say whether a line begins with a bullet or a number of a list or a heading."""
    if _BULLET.match(line.text) and not _DASH.match(line.text):
        return True
    if not (_DASH.match(line.text) or _NUMBERED.match(line.text)):
        return False
    # A dash or a number may also be the middle of a sentence that goes on from the line above.
    if above is None or not _same_size(above, line) or above.bold != line.bold:
        return True
    return bool(
        _ENDS.search(above.text)
        or _opens_item(above, None)
        or abs(line.start - above.start) > _INDENT * line.size
        or line.y - above.y > _APART * _LEADING * line.size
    )


def _same_size(one: Line, other: Line) -> bool:
    return abs(one.size - other.size) <= _SAME_SIZE * max(one.size, other.size)


def _open_block(blocks: Sequence[Block], page: int, usual: float) -> Block | None:
    """Find the paragraph that may go on in the next column, above any notes that follow it."""
    block = next((block for block in reversed(blocks) if block.size > _NOTE * usual), None)
    return block if block and page - block.last_page <= 1 else None


def _goes_on(block: Block, fresh: Block) -> bool:
    """Say whether the first block of a column is the rest of a sentence."""
    above, line = block.lines[-1], fresh.lines[0]
    if not _same_size(above, line) or block.bold != fresh.bold or _is_row(above):
        return False
    ended = _ENDS.search(above.text) and not above.text.endswith(":")
    if ended or _BULLET.match(line.text):
        return False
    if line.text[0].islower():
        return True
    full = block.column_end - above.end <= line.first_word + _SPACE * line.size
    return full and not _NUMBERED.match(line.text) and not block.bold


def bullet_removed(text: str) -> str:
    """Take the bullet off the text of a list item; the number of one stays."""
    return _BULLET.sub("", text, count=1) if _BULLET.match(text) else text
