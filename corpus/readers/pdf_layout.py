"""The pieces of lines on a page -> whole lines in reading order, column after column.

A page is cut at white strips: upright ones part columns, level ones part what stands above from
what stands below. Cells of a table that take several lines are cut the same way, row by row.
"""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.readers.pdf_bidi import runs_left
from corpus.readers.pdf_lines import Line, join_pieces

_FEWEST_LINES = 3  # in a column, on either side of the gutter
_GUTTER = 0.7  # of the size of the letters: how wide it is at least
_FILLED = 0.5  # of a column's width: prose fills it, the cells of a table do not
_COLUMN_WIDTH = 7  # times the size of the letters: no prose is set narrower
_STRIP = 1.9  # times the size of the letters, from base line to base line: a level white strip
_SAME_LINE = 0.35  # of the size of the letters: base lines closer than this are one
_MOST_PIECES = 800  # that columns are looked for in; no page of prose has so many
_HEADING_LINES = 2
_FEWEST_ROWS = 3  # that make a table
_CELL_GAP = 2.0  # times the size of the letters: a wider gap in a line parts two cells
_EQUAL = 0.1  # of the size of the letters: gaps that differ by less are equal
_DEEPEST = 4  # columns within columns, and rows within these
_LABEL = 6  # characters: the number of a heading, or a bullet, is no cell


@dataclass(frozen=True, slots=True)
class Column:
    """Lines that stand one below the other, from top to bottom, read without a break."""

    lines: tuple[Line, ...]
    is_cell: bool = False  # of a table: no sentence goes on in the next one


def order_lines(pieces: Sequence[Line]) -> list[Column]:
    """Put the pieces of a page's lines into reading order.

    Args:
        pieces: As they stand on the page.

    Returns:
        The page's columns in reading order; a table's row of tall cells is a column each.
    """
    leftward = runs_left("".join(piece.text for piece in pieces))
    done: list[Column] = []
    waiting = [_Region(list(pieces), 0)]
    while waiting:
        region = waiting.pop()
        parts = _cut(region, leftward) if region.depth < _DEEPEST else []
        if parts:
            waiting.extend(reversed(parts))
        elif region.lines:
            done.append(Column(tuple(_whole_lines(region.lines)), region.is_cell))
    return done


@dataclass(frozen=True, slots=True)
class _Region:
    lines: list[Line]
    depth: int
    is_cell: bool = False


def _cut(region: _Region, leftward: bool) -> list[_Region]:
    """Part a region into those above, left of, right of and below its best gutter, in order."""
    gutter = _best_gutter(region.lines)
    if gutter is None:
        return []
    depth = region.depth + 1
    parts: list[_Region] = []
    bands = _bands(region.lines, gutter)
    for band, below in zip(bands, [*bands[1:], None], strict=True):
        sides = _sides(band, gutter)
        if not _is_columns(sides):
            parts.append(_Region(band, depth, region.is_cell))
            continue
        if leftward:
            sides.reverse()
        rows = _table_rows(sides)
        if len(rows) > 1:
            parts.extend(
                _Region([line for line in row if line in side], depth, is_cell=True)
                for row in rows
                for side in sides
            )
            continue
        first, second = sides
        heading = _heading_below(first, second) if below else []
        column = first[: len(first) - len(heading)]
        parts.extend(_Region(lines, depth) for lines in (column, second, heading) if lines)
    return parts


def _sides(band: list[Line], gutter: float) -> list[list[Line]]:
    return [
        [line for line in band if line.right <= gutter],
        [line for line in band if line.left >= gutter],
    ]


def _best_gutter(region: list[Line]) -> float | None:
    """Find the x between columns that parts most lines; None where there are no columns."""
    if len(region) > _MOST_PIECES:
        return None
    best, most = None, 0
    edges = sorted({round(line.right) for line in region})
    starts = sorted(line.left for line in region)
    for edge in edges:
        beyond = next((start for start in starts if start >= edge), None)
        if beyond is None:
            break
        gutter = (edge + beyond) / 2
        bands = _bands(region, gutter)
        parted = sum(len(band) for band in bands if _is_columns(_sides(band, gutter)))
        if parted > most:
            best, most = gutter, parted
    return best


def _bands(region: Iterable[Line], gutter: float) -> list[list[Line]]:
    """Part lines, from the top, into those that cross the gutter and those that do not."""
    bands: list[list[Line]] = []
    crossing = None
    for line in sorted(region, key=lambda line: line.y):
        crosses = line.left < gutter < line.right
        if crosses != crossing:
            bands.append([])
            crossing = crosses
        bands[-1].append(line)
    return bands


def _is_columns(sides: list[list[Line]]) -> bool:
    if min(map(len, sides)) < _FEWEST_LINES:
        return False
    size = statistics.median(line.size for side in sides for line in side)
    edges = [(min(line.left for line in s), max(line.right for line in s)) for s in sides]
    if edges[1][0] - edges[0][1] < _GUTTER * size:
        return False
    if min(sides[0][-1].y, sides[1][-1].y) <= max(sides[0][0].y, sides[1][0].y):
        return False  # one stands below the other
    for side, (left, right) in zip(sides, edges, strict=True):
        width = right - left
        filled = statistics.median(line.right - line.left for line in side)
        if width < _COLUMN_WIDTH * size or filled < _FILLED * width:
            return False
    return True


def _table_rows(sides: list[list[Line]]) -> list[list[Line]]:
    """Cut columns at level white strips where they are a table's; otherwise leave them whole."""
    lines = sorted((line for side in sides for line in side), key=lambda line: line.y)
    rows: list[list[Line]] = [[lines[0]]]
    for above, below in pairwise(lines):
        if below.y - above.y > _STRIP * max(above.size, below.size):
            rows.append([])
        rows[-1].append(below)
    tops = [
        [min((line.y for line in row if line in side), default=None) for side in sides]
        for row in rows
    ]
    level = all(
        first is not None and second is not None and abs(first - second) <= row[0].size / 2
        for (first, second), row in zip(tops, rows, strict=True)
    )
    return rows if level and len(rows) >= _FEWEST_ROWS else [lines]


def _heading_below(first: list[Line], second: list[Line]) -> list[Line]:
    """Find the heading of the text below both columns, which stands in line with the first."""
    tail = [line for line in first if line.y > second[-1].y][-_HEADING_LINES:]
    for number, line in enumerate(tail, start=len(first) - len(tail)):
        above = first[number - 1]
        if line.y - above.y > _STRIP * above.size and (line.bold or line.size > above.size):
            return first[number:]
    return []


def _whole_lines(region: list[Line]) -> list[Line]:
    """Join the pieces on one base line: the words of a wide line, or the cells of a row."""
    rows: list[list[Line]] = []
    for piece in sorted(region, key=lambda piece: piece.y):
        if rows and piece.y - rows[-1][0].y <= _SAME_LINE * piece.size:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [join_pieces(row, _separator(row)) if len(row) > 1 else row[0] for row in rows]


def _separator(row: list[Line]) -> str:
    ordered = sorted(row, key=lambda piece: piece.left)
    gaps = [after.left - before.right for before, after in pairwise(ordered)]
    label = ordered[-1 if ordered[0].leftward else 0]
    if len(label.text) <= _LABEL and len(ordered) == 2:  # noqa: PLR2004
        return " "
    size = ordered[0].size
    if len(gaps) > 1 and max(gaps) - min(gaps) < _EQUAL * size:
        return " "  # a line that is stretched to fill the column
    return " | " if min(gaps) > _CELL_GAP * size else " "
