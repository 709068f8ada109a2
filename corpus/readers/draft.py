"""What a reader makes of a file, before it becomes a document of the library."""

from dataclasses import dataclass


class RefusedError(Exception):
    """The file cannot be taken in; the message says why, and what to do, to hub staff."""


@dataclass(frozen=True, slots=True)
class Part:
    """A heading, or a paragraph, list item or table row below one.

    Attributes:
        text: Its words, in reading order, on one line; never empty.
        level: 1 to 6 for a heading, 1 the outermost; 0 for text.
        page: Number of the page that it begins on, from 1; None for what has no pages.
        anchor: Id of the nearest element at or before it in the web page; None where there is none.
    """

    text: str
    level: int = 0
    page: int | None = None
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What a file says, and what it says of itself; whatever it does not say is None.

    Attributes:
        parts: Headings and text in reading order; at least one of them is text.
        title: Of the document.
        language: ISO 639-1 code that the file itself declares, not a guess.
        published: ISO 8601 date: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
        url: Where the original can be read.
        publisher: The body that published it.
        left_out: What was deliberately not taken in, one sentence each, for staff who check: “the
            table of contents on pages 2 to 3”, “page 7: its letters are garbled”.
    """

    parts: tuple[Part, ...]
    title: str | None = None
    language: str | None = None
    published: str | None = None
    url: str | None = None
    publisher: str | None = None
    left_out: tuple[str, ...] = ()
