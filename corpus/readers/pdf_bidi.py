"""Characters in the places where a page shows them -> the text that somebody reads there.

The Unicode Bidirectional Algorithm, backwards, as far as the running text of reports needs it: one
main direction for a line, and stretches of the other direction within it.
"""

import re
import unicodedata
from bisect import bisect
from collections.abc import Iterator, Sequence

from corpus.readers.pdf_glyphs import Glyph

# Of the size of the letters: a gap that is wider stands between two words
_GAP = 0.2
_GAP_WITH_SPACE = 0.08  # where the file has a space in it,
_GAP_WITHOUT = 0.28  # or has none there, but elsewhere in the line
_UNLIKE = ({"R", "N"}, {"R", "L"})  # kinds of letters that no word mixes
_THIN = 0.05  # of the size of the letters: what PDFium adds as white space has no width
_NEAREST = 4  # letters on either side of a mark that may bear it
_SAME_PLACE = 0.01  # points
_PAIRS = {"(": ")", "[": "]", "{": "}", "«": "»", "<": ">"}
_OPENING = {mark: mark for mark in _PAIRS} | {closing: mark for mark, closing in _PAIRS.items()}
# Over a line's kinds, one letter for each character; the same read from either end.
_RIGHTWARD = re.compile(r"[LN](?:[^R]*[LN])?")
_NUMBER = re.compile(r"N+(?:\.N+)*")
_LEFTWARD = re.compile(r"R(?:[^L]*R)?")
_ANY_LEFTWARD = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe]")


def runs_left(text: str) -> bool:
    """Say whether most letters of a text belong to a script that runs to the left."""
    kinds = [_kind(character) for character in text]
    return kinds.count("R") > kinds.count("L")


def has_leftward(text: str) -> bool:
    """Say whether any letter of a text belongs to a script that runs to the left."""
    return _ANY_LEFTWARD.search(text) is not None


def read_in_order(glyphs: Sequence[Glyph], spaces: Sequence[Glyph], size: float) -> str:
    """Read characters that stand on one base line, some of them running to the left.

    Args:
        glyphs: The characters, in any order.
        spaces: White space that the file has among them.
        size: Of the letters, in points.

    Returns:
        The text in the order in which it is read, with a space where there is a gap.
    """
    seen = _from_the_left(glyphs, spaces, size)
    if runs_left("".join(seen)):
        seen.reverse()
        for start, end in _rightward_stretches(seen):
            seen[start:end] = seen[start:end][::-1]
    else:
        for match in _LEFTWARD.finditer(_kinds(seen)):
            stretch = seen[match.start() : match.end()][::-1]
            for number in _NUMBER.finditer(_kinds(stretch)):
                span = slice(number.start(), number.end())
                stretch[span] = stretch[span][::-1]
            seen[match.start() : match.end()] = stretch
    return _turn_brackets("".join(seen))


def _kind(cluster: str) -> str:
    """`R` for a letter that runs to the left, `L` to the right, `N` a digit, `.` within numbers."""
    bidi = unicodedata.bidirectional(cluster[0])
    if bidi in {"R", "AL"}:
        return "R"
    if bidi in {"EN", "AN"}:
        return "N"
    if bidi == "CS" or cluster == "٫":
        return "."
    return "L" if bidi == "L" else "-"


def _kinds(clusters: Sequence[str]) -> str:
    return "".join(map(_kind, clusters))


def _rightward_stretches(clusters: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Find Latin phrases, with the numbers in and beside them, and numbers that stand alone."""
    kinds = _kinds(clusters)
    for match in _RIGHTWARD.finditer(kinds):
        start, end = match.span()
        if "L" not in match.group():
            for number in _NUMBER.finditer(kinds, start, end):
                yield number.span()
            continue
        brackets = sum(cluster in _OPENING for cluster in clusters[start:end])
        if brackets % 2 and end < len(clusters) and clusters[end] in _OPENING:
            end += 1
        elif brackets % 2 and start > 0 and clusters[start - 1] in _OPENING:
            start -= 1
        yield start, end


def _from_the_left(glyphs: Sequence[Glyph], spaces: Sequence[Glyph], size: float) -> list[str]:
    """Put characters in the order of their places, each together with the marks that it bears."""
    bases = [glyph for glyph in glyphs if not unicodedata.combining(glyph.text[0])]
    if not bases:
        return [glyph.text for glyph in glyphs]
    bases.sort(key=lambda glyph: glyph.left + glyph.right)
    middles = [base.left + base.right for base in bases]
    clusters = [base.text for base in bases]
    edges = [(base.left, base.right) for base in bases]
    for glyph in glyphs:
        if unicodedata.combining(glyph.text[0]):
            bearer = _bearer(glyph, bases, middles)
            clusters[bearer] += glyph.text
            left, right = edges[bearer]
            edges[bearer] = min(left, glyph.left), max(right, glyph.right)
    drawn = sorted(
        space.left + space.right for space in spaces if space.right - space.left > _THIN * size
    )
    spaced: list[str] = []
    reach = edges[0][0]
    before = middles[0]
    for cluster, middle, (left, right) in zip(clusters, middles, edges, strict=True):
        least = _GAP
        if drawn:
            between = bisect(drawn, before) < bisect(drawn, middle)
            least = _GAP_WITH_SPACE if between else _GAP_WITHOUT
        if spaced and {_kind(cluster), _kind(spaced[-1])} in _UNLIKE:
            least = _GAP_WITH_SPACE
        if left - reach > least * size:
            spaced.append(" ")
        spaced.append(cluster)
        reach = max(reach, right)
        before = middle
    return spaced


def _bearer(mark: Glyph, bases: Sequence[Glyph], middles: Sequence[float]) -> int:
    """Find the letter that bears a mark: the one that it is drawn with, or else the nearest."""
    middle = mark.left + mark.right
    around = bisect(middles, middle)

    def distance(index: int) -> tuple[bool, float, int]:
        apart = abs(bases[index].origin - mark.origin) > _SAME_PLACE
        # Between two letters it belongs to the right one, which is read first.
        return apart, round(abs(middles[index] - middle), 1), -index

    near = range(max(0, around - _NEAREST), min(len(bases), around + _NEAREST))
    return min(near, key=distance)


def _turn_brackets(text: str) -> str:
    """Make every bracket open or close as its place demands; files disagree on what to store."""
    turned: list[str] = []
    for index, character in enumerate(text):
        opening = _OPENING.get(character)
        if opening is None:
            turned.append(character)
            continue
        before = text[index - 1] if index else " "
        after = text[index + 1] if index + 1 < len(text) else " "
        opens = (before.isspace() or before in _OPENING) and _begins(after)
        closes = not before.isspace() and not _begins(after)
        if opens == closes:
            turned.append(character)
        else:
            turned.append(opening if opens else _PAIRS[opening])
    return "".join(turned)


def _begins(character: str) -> bool:
    return character.isalnum() or character in _OPENING
