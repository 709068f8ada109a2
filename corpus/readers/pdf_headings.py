"""Which blocks of a document are headings, and of which level: by its outline and by their look."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.readers.pdf_paragraphs import Block

DEEPEST = 3

_LARGE = 1.15  # times the size of the text: letters of headings
_AS_LARGE = 0.95  # times the size of the text: bold letters of headings
_LONGEST = 200  # characters
_MOSTLY_BOLD = 0.4  # of all characters: then bold letters say nothing
_UNFINISHED = re.compile(r"[.;,،؛]$")
_SMALL = re.compile(r"[a-zß-öø-ÿ](?![A-Z])")
_LETTER = re.compile(r"[^\W\d_]")
_NOT_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a file's outline.

    Attributes:
        title: As the file gives it.
        level: From 1, the outermost.
        page: That it leads to, from 1.
    """

    title: str
    level: int
    page: int


def heading_levels(
    blocks: Sequence[Block], texts: Sequence[str], usual: float, outline: Sequence[Entry]
) -> list[int]:
    """Give every block its level: 1 to 3 for headings, 0 for text."""
    listed = _listed(blocks, texts, outline)
    letters = sum(map(len, texts))
    bold = sum(len(text) for block, text in zip(blocks, texts, strict=True) if block.bold)
    bold_counts = bold < _MOSTLY_BOLD * letters
    candidates = {
        index
        for index, (block, text) in enumerate(zip(blocks, texts, strict=True))
        if index in listed or _looks_like_heading(block, text, usual, bold_counts=bold_counts)
    }
    styles = _style_levels(blocks, candidates, listed)
    return [
        listed.get(index) or (styles[_style(block)] if index in candidates else 0)
        for index, block in enumerate(blocks)
    ]


def _style(block: Block) -> tuple[float, bool]:
    return round(block.size), block.bold


def _looks_like_heading(block: Block, text: str, usual: float, *, bold_counts: bool) -> bool:
    large = block.size >= _LARGE * usual
    strong = bold_counts and block.bold and block.size >= _AS_LARGE * usual
    return (
        (large or strong)
        and len(text) <= _LONGEST
        and _LETTER.search(text) is not None
        and not _SMALL.match(text)
        and not _UNFINISHED.search(text)
        and " | " not in text
        and not block.has_bullet
    )


def _listed(
    blocks: Sequence[Block], texts: Sequence[str], outline: Sequence[Entry]
) -> dict[int, int]:
    """Find the blocks that the outline names, and their levels."""
    entries: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in outline:
        entries[_key(entry.title)].append(entry)
    listed: dict[int, int] = {}
    for index, (block, text) in enumerate(zip(blocks, texts, strict=True)):
        if len(text) > _LONGEST:
            continue
        for entry in entries.get(_key(text), ()):
            if entry.page == block.page:
                listed[index] = min(entry.level, DEEPEST)
    return listed


def _key(text: str) -> str:
    return _NOT_LETTERS.sub("", text).casefold()


def _style_levels(
    blocks: Sequence[Block], candidates: set[int], listed: dict[int, int]
) -> dict[tuple[float, bool], int]:
    """Give each style a level: the one that the outline gives it, or one by its rank."""
    known: defaultdict[tuple[float, bool], Counter[int]] = defaultdict(Counter)
    for index, level in listed.items():
        known[_style(blocks[index])][level] += 1
    pages: defaultdict[tuple[float, bool], set[int]] = defaultdict(set)
    for index in candidates:
        pages[_style(blocks[index])].add(blocks[index].page)
    ranked = sorted(pages, reverse=True)
    first_page = min((block.page for block in blocks), default=0)
    if len(ranked) > DEEPEST:  # a title page has styles of its own: they do not use up levels
        ranked = [style for style in ranked if pages[style] != {first_page}] or ranked
    levels: dict[tuple[float, bool], int] = {}
    level = 0
    for style in ranked:
        if style in known:
            level = known[style].most_common(1)[0][0]
        elif not known or level:
            level = min(level + 1, DEEPEST)
        levels[style] = level or 1
    return {style: levels.get(style, 1) for style in pages}
