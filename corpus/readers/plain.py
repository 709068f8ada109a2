"""A plain text, or a page saved as one -> its headings and paragraphs."""

import re
from dataclasses import dataclass

from corpus.readers.dates import find_date
from corpus.readers.decoding import decode
from corpus.readers.draft import Draft, Part, RefusedError
from corpus.readers.furniture import (
    Furniture,
    Removed,
    describe,
    furniture_of,
    repeated_lines,
    without_icons,
)
from corpus.readers.text import tidy

_ITEM = re.compile(r"(?:[-*•▪‣◦●○■□–—·+]|\(?(?:\d{1,3}|[٠-٩]{1,3}|[a-zA-Zأ-ي])[.)\-])\s+")
_BULLET = re.compile(r"^[-*•▪‣◦●○■□–—·+]\s+")
_NO_HEADING_END = tuple(".:؛;،,!?؟…。！？：")
_LONGEST_TITLE = 200  # characters
_LONGEST_HEADING = 120
_LONGEST_HEADING_WORDS = 16
_LONGEST_WRAPPED = 120  # characters: nobody wraps lines wider than this
_LEAST_WRAPPED = 40
_LONGEST_LABEL = 6  # words
_HEAD_BLOCKS = 8  # in which a page states its dates
_PUBLISHED = re.compile(r"publi|posted|issued|نشر|صدر|صدور|إصدار", re.IGNORECASE)
_UPDATED = re.compile(r"updat|modif|revis|تحديث|تعديل|مراجعة", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """One paragraph.

    Attributes:
        text: Its words.
        alone: Whether empty lines stand around it.
    """

    text: str
    alone: bool


def read_plain(content: bytes, name: str) -> Draft:  # noqa: ARG001 -- all take it
    """Read a plain text.

    Args:
        content: The file.
        name: Its name.

    Returns:
        Its paragraphs, as empty lines part them, with hard-wrapped lines joined. A short line
        alone, above a longer paragraph, is a heading: of level 1 where it is the title, else of
        level 2, as a plain text tells no levels. No language: the text does not declare one.

    Raises:
        RefusedError: It is no text, or there is none in it.
    """
    blocks, removed = _without_furniture(_blocks(decode(content)))
    blocks, dates, published = _take_dates(blocks)
    paragraphs = [paragraph for block in blocks for paragraph in _paragraphs(block)]
    parts = _parts(paragraphs)
    if not any(part.level == 0 for part in parts):
        raise RefusedError("it holds no text; if it should, look at the file in an editor")
    return Draft(
        parts=parts,
        title=_title(parts),
        published=published,
        left_out=describe([*removed, *dates]),
    )


def _blocks(text: str) -> list[list[str]]:
    """Part a text at its empty lines, and at page breaks."""
    blocks: list[list[str]] = [[]]
    for line in re.split(r"[\n\f\u2028\u2029]", text):
        words = tidy(line)
        if words and any(character.isalnum() for character in words):
            blocks[-1].append(words)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _without_furniture(blocks: list[list[str]]) -> tuple[list[list[str]], list[Removed]]:
    """Drop lines of a page's furniture, and those that it repeats with nothing listed below."""
    alone = [block[0] for block in blocks if len(block) == 1]
    repeated = repeated_lines(alone)
    kept: list[list[str]] = []
    removed: list[Removed] = []
    for number, block in enumerate(blocks):
        lines = []
        for line in block:
            kind = furniture_of(line)
            if kind is None and len(block) == 1 and line in repeated:
                kind = None if _heads(blocks, number) else Furniture.REPEATED
            if kind is not None:
                removed.append(Removed(kind, line))
            elif text := without_icons(line):
                lines.append(text)
        if lines:
            kept.append(lines)
    return kept, removed


def _heads(blocks: list[list[str]], number: int) -> bool:
    """Tell a heading, or the words before a list, from a button that stands below every entry."""
    if number + 1 == len(blocks):
        return False
    line, following = blocks[number][0], blocks[number + 1]
    return bool(_ITEM.match(following[0])) or _is_heading(line, following)


def _take_dates(
    blocks: list[list[str]],
) -> tuple[list[list[str]], list[Removed], str | None]:
    """Take the lines out in which a page states its dates and its kind, above its text.

    Returns:
        The other blocks, what was taken out, and the date of publication: the one that its label
        calls so, else one without a label; a date of change is none.
    """
    for number, block in enumerate(blocks[:_HEAD_BLOCKS]):
        if any(len(line.split()) > _LONGEST_HEADING_WORDS for line in block):
            break
        if not all(len(line.split()) <= _LONGEST_LABEL for line in block):
            continue
        found = _stated_dates(block)
        if not found:
            continue
        published = next(
            (date for label, date in found if _PUBLISHED.search(label)),
            next((date for label, date in found if not _UPDATED.search(label)), None),
        )
        taken = [Removed(Furniture.DATES, line) for line in block]
        return [*blocks[:number], *blocks[number + 1 :]], taken, published
    return blocks, [], None


def _stated_dates(block: list[str]) -> list[tuple[str, str]]:
    """Pair every date of some lines with its label, on its own line or the one above."""
    found = []
    above = ""
    for line in block:
        date = find_date(line)
        if date is not None:
            own = re.sub(r"[\d٠-٩/.\-]+", "", line).strip()
            found.append((own if ":" in own or not above.endswith(":") else above, date))
        above = line
    return found


def _paragraphs(block: list[str]) -> list[_Paragraph]:
    """Join the lines of a block that were wrapped; lines that were ended stay apart."""
    longest = max(map(len, block))
    width = max(longest, _LEAST_WRAPPED) if longest <= _LONGEST_WRAPPED else 0
    joined: list[list[str]] = []
    above = 0  # the length of the line above
    for line in block:
        # Had the line above been ended by its writer, this line's first word might have fitted it.
        wrapped = above + 1 + len(line.split()[0]) > width
        if joined and width and wrapped and not _ITEM.match(line):
            joined[-1].append(line)
        else:
            joined.append([line])
        above = len(line)
    alone = len(joined) == 1
    return [_Paragraph(_BULLET.sub("", " ".join(lines)), alone) for lines in joined]


def _parts(paragraphs: list[_Paragraph]) -> tuple[Part, ...]:
    parts: list[Part] = []
    for number, paragraph in enumerate(paragraphs):
        level = 0
        if number == 0 and paragraph.alone and _is_title(paragraph.text, len(paragraphs)):
            level = 1
        elif paragraph.alone and number + 1 < len(paragraphs):
            following = [paragraphs[number + 1].text]
            level = 2 if _is_heading(paragraph.text, following) else 0
        parts.append(Part(paragraph.text, level))
    return tuple(parts)


def _is_title(text: str, paragraphs: int) -> bool:
    return paragraphs > 1 and len(text) <= _LONGEST_TITLE and not text.endswith(tuple(".:؛;،,…"))


def _is_heading(line: str, following: list[str]) -> bool:
    """Tell a heading: short, without a full stop, above something longer."""
    return (
        len(line) <= _LONGEST_HEADING
        and len(line.split()) <= _LONGEST_HEADING_WORDS
        and not line.endswith(_NO_HEADING_END)
        and not _BULLET.match(line)
        and sum(map(len, following)) > len(line)
    )


def _title(parts: tuple[Part, ...]) -> str | None:
    return next((part.text for part in parts if part.level), None)
