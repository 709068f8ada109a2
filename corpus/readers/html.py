"""A saved web page -> its main text, with headings and anchors, and what it says of itself."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import compress

import lxml.html
import trafilatura
from lxml import etree
from lxml.html import HtmlElement

from corpus.readers.dates import find_date
from corpus.readers.decoding import decode
from corpus.readers.draft import Draft, Part, RefusedError
from corpus.readers.furniture import (
    Furniture,
    Removed,
    describe,
    furniture_of,
    opens_related,
    without_icons,
)
from corpus.readers.html_blocks import HtmlBlock, read_blocks
from corpus.readers.html_furniture import Surroundings
from corpus.readers.html_metadata import read_metadata
from corpus.readers.text import tidy

_DECLARED = re.compile(
    rb"(?:<meta[^>]+charset|<\?xml[^>]+encoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE
)
_HEAD = 4_096  # bytes in which a page says its encoding
_EDGE = 0.05  # of the main text may lie outside the element that holds it
_MOST_LINKED = 0.6
_CUT = "the page from where its elements are nested more than 250 deep"
_SHORT = 30  # letters: a shorter block counts as main text only if it is a whole line of it
_LONGEST_LINK = 120  # characters
_NEAR = 5  # blocks around the title in which a page shows its date
_LONGEST_DATE_LINE = 100
_UPDATED = re.compile(r"updat|modif|تحديث|تعديل", re.IGNORECASE)


def read_html(content: bytes, name: str) -> Draft:  # noqa: ARG001 -- all take it
    """Read a saved web page.

    Args:
        content: The file.
        name: Its name.

    Returns:
        Its headings, paragraphs, list items, table rows and quotations, without what surrounds
        them; captions of pictures are left out.

    Raises:
        RefusedError: It is no page, or one without text.
    """
    declared = _DECLARED.search(content[:_HEAD])
    text = decode(content, declared.group(1).decode("ascii", "replace") if declared else None)
    root, left_out = _parse(text)
    metadata = read_metadata(root)
    body = next(root.iter("body"), root)
    blocks = read_blocks(body, Surroundings(body))
    main = _main_blocks(blocks, text, metadata.title)
    kept, removed = _without_furniture(main)
    if not any(block.level == 0 for block in kept):
        raise RefusedError(
            "it holds no text, only what surrounds it: open the page in a browser, wait until it "
            "shows its text, and save it again, or print it to PDF"
        )
    return Draft(
        parts=tuple(Part(block.text, block.level, None, block.anchor) for block in kept),
        title=metadata.title or _first_heading(kept),
        language=metadata.language,
        published=metadata.published or _visible_date(blocks, metadata.title),
        url=metadata.url,
        publisher=metadata.publisher,
        left_out=(*left_out, *describe(removed)),
    )


def _parse(text: str) -> tuple[HtmlElement, tuple[str, ...]]:
    """Parse a page, however broken; what is nested beyond measure ends it, and that is said."""
    parser = lxml.html.HTMLParser(
        encoding="utf-8",
        recover=True,
        huge_tree=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        raise RefusedError("it is no web page: open it in a browser and save it again") from None
    cut = any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log)
    return root, (_CUT,) if cut else ()


def _main_blocks(blocks: list[HtmlBlock], text: str, title: str | None) -> list[HtmlBlock]:
    """Keep the blocks of the main text.

    Trafilatura finds where the main text is, but drops what a click opens, and tells neither ids
    nor the levels of headings. So its verdict finds the element that holds the text; of that
    element everything is taken but lists of links, and elsewhere what it names, and the title.
    """
    own = [not block.around and block.linked < _MOST_LINKED for block in blocks]
    found = trafilatura.extract(text, include_comments=False, include_tables=True) or ""
    lines = {_letters(line) for line in found.splitlines()}
    whole = "".join(map(_letters, found.splitlines()))
    named = [_is_named(block, lines, whole) for block in blocks]
    if not any(named):
        return list(compress(blocks, own))
    holder = _holder(list(compress(blocks, named)))
    more = [
        is_own and not is_named and (_is_within(block, holder) or _is_title(block, title))
        for block, is_own, is_named in zip(blocks, own, named, strict=True)
    ]
    if _length(compress(blocks, more)) > _length(compress(blocks, named)):
        return list(compress(blocks, named))  # the element is the whole page, more or less
    return [block for block, *taken in zip(blocks, named, more, strict=True) if any(taken)]


def _length(blocks: Iterable[HtmlBlock]) -> int:
    return sum(len(block.text) for block in blocks)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", tidy(text)).casefold()


def _is_named(block: HtmlBlock, lines: set[str], whole: str) -> bool:
    letters = _letters(block.text)
    if len(letters) < _SHORT:
        return letters in lines and not block.around
    return letters in whole


def _holder(blocks: list[HtmlBlock]) -> HtmlElement:
    """Find the innermost element that holds nearly all of some blocks."""
    held: Counter[HtmlElement] = Counter()
    for block in blocks:
        for element in (block.element, *block.element.iterancestors()):
            held[element] += len(block.text)
    least = _length(blocks) * (1 - _EDGE)
    return max(
        (element for element, length in held.items() if length >= least),
        key=lambda element: sum(1 for _ in element.iterancestors()),
    )


def _is_within(block: HtmlBlock, holder: HtmlElement) -> bool:
    return block.element is holder or any(
        element is holder for element in block.element.iterancestors()
    )


def _is_title(block: HtmlBlock, title: str | None) -> bool:
    return block.level == 1 and block.text == title


def _without_furniture(blocks: list[HtmlBlock]) -> tuple[list[HtmlBlock], list[Removed]]:
    """Drop lines of furniture, and headings over links to other pages with what is below them."""
    kept: list[HtmlBlock] = []
    removed: list[Removed] = []
    related: HtmlBlock | None = None
    for block in blocks:
        if related is not None and _ends_related(block, related):
            related = None
        if block.level and opens_related(block.text):
            related = block
        kind = Furniture.NAVIGATION if related is not None else furniture_of(block.text)
        if kind is not None:
            removed.append(Removed(kind, block.text))
        elif text := without_icons(block.text):
            kept.append(replace(block, text=text))
    while kept and kept[-1].level:  # it headed what was left out
        kept.pop()
    return kept, removed


def _ends_related(block: HtmlBlock, heading: HtmlBlock) -> bool:
    """Tell whether the text goes on below a heading over links to other pages."""
    if block.level:
        return block.level <= heading.level
    return len(block.text) > _LONGEST_LINK and block.linked < _MOST_LINKED


def _first_heading(blocks: list[HtmlBlock]) -> str | None:
    return next((block.text for block in blocks if block.level), None)


def _visible_date(blocks: list[HtmlBlock], title: str | None) -> str | None:
    """Find the date that a page shows above or below its title."""
    place = next(
        (number for number, block in enumerate(blocks) if block.level and block.text == title), None
    )
    if place is None:
        return None
    nearest = sorted(
        range(max(0, place - _NEAR), min(len(blocks), place + _NEAR + 1)),
        key=lambda number: abs(number - place),
    )
    for number in nearest:
        line = blocks[number].text
        if number != place and len(line) <= _LONGEST_DATE_LINE and not _UPDATED.search(line):
            found = find_date(line)
            if found is not None:
                return found
    return None
