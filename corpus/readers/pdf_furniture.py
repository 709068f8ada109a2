"""What stands on the pages of a document and is no part of its text: heads, feet and contents."""

import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.readers.pdf_lines import Line

_EDGE = 0.12  # of a page's height: heads stand above, feet below
_OUTERMOST = 3  # base lines from either edge that may be heads or feet
_APART = 1.2  # times the usual step from line to line: heads and feet stand apart from the text
_REPEATS = 3  # pages that a running head stands on at least
_SHORT = 5  # pages: in so short a document two are enough
_SAME_HEIGHT = 6  # points
_DIGITS = re.compile(r"\d+")
_ROMAN = r"(?=[ivxl])(?:xl|l?x{0,3})(?:ix|iv|v?i{0,3})"
_PAGE_NUMBER = re.compile(
    rf"[-–—|\[(\s]*(?:(?:p(?:age|\.|g\.)?|s\.|صفحة|ص\.?)\s*)?"
    rf"(?:(\d{{1,4}})|{_ROMAN})"
    rf"(?:\s*(?:/|of|de|sur|von|من)\s*\d{{1,4}})?[-–—|\])\s]*",
    re.IGNORECASE,
)
_LEADER = re.compile(
    rf"(?:\.{{4,}}|(?:\.\s){{3,}}|…{{2,}}|·{{4,}}|_{{4,}})[.…·_\s|]*(?:\d{{1,4}}|{_ROMAN})$"
)
_ENDS_IN_NUMBER = re.compile(r"\S.*?[\s|]+(\d{1,4})$")
_CONTENTS = re.compile(
    r"(?:table of )?contents|list of (?:tables|figures|boxes|annexes)|sommaire|table des matières"
    r"|índice|contenido|inhalt(?:sverzeichnis)?|(?:قائمة |جدول )?المحتويات"
    r"|(?:ال)?فهرس(?: المحتويات)?",
    re.IGNORECASE,
)
_FEWEST_ANNOUNCED = 2  # entries below the heading of a table of contents,
_FEWEST_LED = 3  # without a heading, but with leaders,
_FEWEST_RISING = 8  # and with neither, but with numbers that never fall
_MOST_LINES = 0.6  # of the page, in that case
_WRAPPED = 2  # lines between two entries that belong to the lower one


@dataclass(frozen=True, slots=True)
class PageLines:
    """A page's number, the pieces of its lines from the top, and its height in points."""

    number: int
    lines: Sequence[Line]
    height: float


def running_lines(pages: Sequence[PageLines]) -> list[set[int]]:
    """Find heads, feet and page numbers.

    Returns:
        For each page the indexes of the pieces of lines that are no part of the text.
    """
    outer = [_outermost(page) for page in pages]
    seen: defaultdict[str, Counter[int]] = defaultdict(Counter)
    offsets = Counter[int]()
    for page, indexes in zip(pages, outer, strict=True):
        for text, level in {(_alike(page.lines[i].text), _level(page.lines[i])) for i in indexes}:
            seen[text][level] += 1
        offsets.update({offset for i in indexes for offset in _offsets(page.lines[i], page)})
    enough = 2 if len(pages) <= _SHORT else _REPEATS
    found: list[set[int]] = []
    for page, indexes in zip(pages, outer, strict=True):
        running = {
            index
            for index in indexes
            if _times(seen[_alike(page.lines[index].text)], _level(page.lines[index])) >= enough
        }
        counted = {
            round(page.lines[i].y)
            for i in indexes
            if any(offsets[offset] >= enough for offset in _offsets(page.lines[i], page))
        }
        beside = {i for i in indexes if round(page.lines[i].y) in counted}
        found.append(running | beside | _lone_numbers(page, indexes, running | beside))
    return found


def contents_lines(lines: Sequence[Line], *, goes_on: bool) -> set[int]:
    """Find the lines of a table of contents on a page, its heading among them.

    Args:
        lines: Of the page, whole and in reading order.
        goes_on: Whether a table of contents stands on the page before.

    Returns:
        Their indexes; empty where the page holds no table of contents.
    """
    titles = {
        index for index, line in enumerate(lines) if _CONTENTS.fullmatch(line.text.strip(" :"))
    }
    entries = {index for index, line in enumerate(lines) if _LEADER.search(line.text)}
    if len(entries) < (_FEWEST_ANNOUNCED if titles or goes_on else _FEWEST_LED):
        entries = set()
    entries |= _rising(lines, titles, goes_on=goes_on)
    for before, after in pairwise(sorted(entries | titles) if entries else ()):
        if after - before <= _WRAPPED + 1:
            entries.update(range(before, after))
    return entries


def _outermost(page: PageLines) -> set[int]:
    """Find the pieces near the upper and the lower edge that stand apart from the text."""
    rows = sorted({round(line.y) for line in page.lines})
    steps = [below - above for above, below in pairwise(rows)]
    apart = _APART * statistics.median(steps) if len(steps) > _OUTERMOST else 0
    outer: set[int] = set()
    for ordered, shares in ((rows, rows), (rows[::-1], [page.height - y for y in rows[::-1]])):
        edge = [y for y, share in zip(ordered, shares, strict=True) if share < _EDGE * page.height]
        for number in range(min(len(edge), _OUTERMOST), 0, -1):
            if number == len(rows) or abs(ordered[number] - ordered[number - 1]) > apart:
                outer.update(edge[:number])
                break
    return {i for i, line in enumerate(page.lines) if round(line.y) in outer}


def _level(line: Line) -> int:
    return round(line.y / _SAME_HEIGHT)


def _times(levels: Counter[int], level: int) -> int:
    return sum(levels[level + near] for near in (-1, 0, 1))


def _offsets(line: Line, page: PageLines) -> tuple[int, ...]:
    """Say how far a number is from the page's own; numbers of pages are all equally far."""
    number = _PAGE_NUMBER.fullmatch(line.text)
    return (int(number[1]) - page.number,) if number and number[1] else ()


def _lone_numbers(page: PageLines, indexes: set[int], running: set[int]) -> set[int]:
    """Find numbers that stand above or below everything else on the page."""
    numbers = {i for i in indexes if _PAGE_NUMBER.fullmatch(page.lines[i].text)}
    rest = [line.y for i, line in enumerate(page.lines) if i not in running | numbers]
    if not rest:
        return numbers
    return {i for i in numbers if not min(rest) - 1 <= page.lines[i].y <= max(rest) + 1}


def _alike(text: str) -> str:
    """Make the heads of two pages the same where only the page's number differs."""
    return _DIGITS.sub("#", text).casefold()


def _rising(lines: Sequence[Line], titles: set[int], *, goes_on: bool) -> set[int]:
    """Find runs of lines that end in numbers which never fall, as those of pages do."""
    runs: list[list[tuple[int, int]]] = [[]]
    for index, line in enumerate(lines):
        match = _ENDS_IN_NUMBER.fullmatch(line.text)
        if match is None:
            continue
        number = int(match.group(1))
        last = runs[-1][-1] if runs[-1] else None
        if last and (index - last[0] > _WRAPPED + 1 or number < last[1]):
            runs.append([])
        runs[-1].append((index, number))
    entries: set[int] = set()
    for run in filter(None, runs):
        start, end = run[0][0], run[-1][0]
        announced = goes_on and start <= _WRAPPED
        announced |= any(0 < start - title <= _WRAPPED + 1 for title in titles)
        if len(run) >= (_FEWEST_ANNOUNCED if announced else _FEWEST_RISING) and (
            announced or len(run) > _MOST_LINES * len(lines)
        ):
            entries.update(range(start, end + 1))
    return entries
