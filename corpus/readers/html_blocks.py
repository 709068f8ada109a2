"""The tree of a web page -> its blocks of text in reading order, with their anchors."""

import re
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement

from corpus.readers.html_furniture import Surroundings, is_sign
from corpus.readers.text import tidy

_NEVER = frozenset(
    "script style noscript template svg iframe object embed applet canvas video audio map head"
    " title menu input select textarea datalist annotation rp rt".split()
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_DEEPEST = 6
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big button cite code data del dfn em font i img ins kbd label mark"
    " math meter mi mn mo mrow msub msup nobr output progress q ruby rb s samp small span strike"
    " strong sub sup time tt u var wbr".split()
)
_CELLS = frozenset(("td", "th"))
_LONGEST_ROW = 1_500  # characters: a table with longer rows lays out a page


@dataclass(frozen=True, slots=True)
class HtmlBlock:
    """A heading, paragraph, list item or table row of a page.

    Attributes:
        text: Tidy and not empty; the cells of a row stand between bars.
        element: The element that it stands in.
        level: 1 to 6 for a heading; 0 for text.
        anchor: Id of the nearest element at or before it.
        linked: How much of its text is links' words, from 0 to 1.
        around: Whether it stands in what seems to surround the text.
    """

    text: str
    element: HtmlElement
    level: int = 0
    anchor: str | None = None
    linked: float = 0.0
    around: bool = False


def read_blocks(root: HtmlElement, surroundings: Surroundings | None = None) -> list[HtmlBlock]:
    """Find the blocks below an element, in one pass and without recursion.

    Args:
        root: The body of a page, or a fragment.
        surroundings: What of the page stands around its text or is not shown; None to take all.
    """
    reading = _Reading(surroundings)
    walker = etree.iterwalk(root, events=("start", "end"))
    skipped: HtmlElement | None = None
    for event, element in walker:
        if event == "end":
            if element is skipped:
                skipped = None
                reading.add(element.tail)
            else:
                reading.leave(element)
        elif element.tag in _NEVER or is_sign(element) or reading.hides(element):
            skipped = element
            walker.skip_subtree()
        elif element.tag == "tr" and (row := _row(element)) is not None:
            reading.add_row(element, row)
            skipped = element
            walker.skip_subtree()
        else:
            reading.enter(element)
    reading.close()
    return reading.blocks


class _Reading:
    """The blocks so far, and the text of the one that is open."""

    def __init__(self, surroundings: Surroundings | None) -> None:
        self.blocks: list[HtmlBlock] = []
        self._words: list[str] = []
        self._broken = False  # whether a line break was the last thing in it
        self._linked = 0
        self._level = 0
        self._outer_level = 0
        self._links = 0
        self._surroundings = surroundings
        self._around: list[HtmlElement] = []
        self._anchor: str | None = None
        self._started_at: str | None = None
        self._element: HtmlElement | None = None

    def hides(self, element: HtmlElement) -> bool:
        """Tell whether an element is passed over as the page does not show it."""
        return self._surroundings is not None and self._surroundings.hide(element)

    def enter(self, element: HtmlElement) -> None:
        """Take the start of an element, and the text at it."""
        if element.tag == "br":
            self._break()
        elif element.tag not in _INLINE:
            self.close()
            self._element = element
        if element.tag in _HEADINGS:
            self._level = self._outer_level = _HEADINGS[element.tag]
        elif element.tag == "summary":  # what opens a part of the page by a click heads that part
            self._level = min(self._outer_level + 1, _DEEPEST)
        elif element.tag == "a":
            self._links += 1
        if not self._around and self._surroundings and self._surroundings.include(element):
            self._around.append(element)
        self._note_anchor(element)
        self.add(element.text)

    def leave(self, element: HtmlElement) -> None:
        """Take the end of an element, and the text behind it."""
        if element.tag not in _INLINE and element.tag != "br":
            self.close()
            self._element = element.getparent()
            if element.tag in _HEADINGS or element.tag == "summary":
                self._level = 0
        elif element.tag == "a":
            self._links -= 1
        if self._around and self._around[-1] is element:
            self._around.pop()
        self.add(element.tail)

    def add(self, text: str | None) -> None:
        """Take text of the block that is open."""
        if not text:
            return
        if self._started_at is None and not text.isspace():
            self._started_at = self._anchor or ""
        self._words.append(text)
        self._broken = self._broken and text.isspace()
        if self._links > 0:
            self._linked += len(text.strip())

    def add_row(self, element: HtmlElement, row: str) -> None:
        """Take a whole row of a table."""
        self.close()
        self._note_anchor(element)
        if row:
            self.blocks.append(HtmlBlock(row, element, 0, self._anchor, 0.0, bool(self._around)))
        for inner in element.iter("*"):
            self._note_anchor(inner)

    def close(self) -> None:
        """End the block that is open."""
        text = tidy("".join(self._words))
        if text and self._element is not None:
            linked = min(1.0, self._linked / len(text))
            anchor = self._started_at or None
            self.blocks.append(
                HtmlBlock(text, self._element, self._level, anchor, linked, bool(self._around))
            )
        self._words.clear()
        self._broken = False
        self._linked = 0
        self._started_at = None

    def _break(self) -> None:
        """Take a line break: one is a space, two part paragraphs as old pages have them."""
        if self._broken and not self._level:
            self.close()
        self._words.append(" ")
        self._broken = True

    def _note_anchor(self, element: HtmlElement) -> None:
        anchor = element.get("id") or (element.get("name") if element.tag == "a" else None)
        if anchor and not re.search(r"\s", anchor):
            self._anchor = anchor


def _row(element: HtmlElement) -> str | None:
    """Read a row of a table of data; None for one that lays out a page."""
    if next(element.iter("table", *_HEADINGS), None) is not None:
        return None
    cells = [cell for cell in element if cell.tag in _CELLS]
    if len(cells) < 2 or any(sum(1 for _ in cell.iter("p", "li")) > 1 for cell in cells):  # noqa: PLR2004
        return None
    texts = [" ".join(block.text for block in read_blocks(cell)) for cell in cells]
    row = " | ".join(text for text in texts if text)
    return row if len(row) <= _LONGEST_ROW else None
