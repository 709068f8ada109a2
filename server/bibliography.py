"""Documents of the library -> their entry in a list of sources, in the style of the APA.

Source: Publication Manual of the American Psychological Association, 7th edition (2020), chapters
9 and 10: group author, date in parentheses, title in italics, address; the title comes first where
no author is known, and “n.d.” stands for an unknown date.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import unquote

from babel.dates import format_skeleton

from corpus.case_study import CaseStudy, Source
from server.citation import cite_case
from server.i18n import Interface

_STOPS = (".", "?", "!", "…", "؟", "。")
# What sets the direction of text, and would show an address as another.
_DIRECTED = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_MONTH, _DAY = len("YYYY-MM"), len("YYYY-MM-DD")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an entry.

    Attributes:
        text: Plain text; all pieces together are the entry.
        is_title: Whether it is the title, which stands in italics.
        url: What it leads to.
        language: ISO 639-1 code where it is in a language of its own.
    """

    text: str
    is_title: bool = False
    url: str | None = None
    language: str | None = None


def same_source(one: CaseStudy, other: CaseStudy) -> bool:
    """Whether two documents have one entry in a list of sources."""
    if one.id == other.id:
        return True
    both = one.is_case_study and other.is_case_study
    return both and one.source is not None and one.source == other.source


def source_entry(cases: Sequence[CaseStudy], reader: Interface, site: str) -> tuple[Piece, ...]:
    """Write the entry of documents that have one source.

    The words quoted from a case study are the case study's, and what it rests on is its source:
    the entry names both. A document from elsewhere is its own source.

    Args:
        cases: The documents; at least one.
        reader: Whose language to write it in.
        site: Address of the site's root, such as `https://diwan.example/`.
    """
    first = cases[0]
    source = first.source or Source(first.title, None, None, None, first.language)
    pieces = list(_published(source, reader))
    if first.is_case_study:
        separator = reader.gettext(", ")
        # Translators: titles of case studies in quotation marks, each with its address, follow.
        lead = reader.gettext("Quoted from the Diwan case study")
        for case in cases:
            address = site.rstrip("/") + cite_case(case, reader.language).case_url
            title = reader.gettext("“%(title)s”", title=case.title)
            pieces += [
                Piece(f" {lead} " if case is first else reader.gettext("; ")),
                Piece(title, language=case.language),
                Piece(separator),
                Piece(readable(address), url=address),
            ]
    return tuple(pieces)


def _published(source: Source, reader: Interface) -> Iterator[Piece]:
    title = Piece(source.title, is_title=True, language=source.language)
    when = Piece(f" ({_when(source.published, reader)}).")
    if source.publisher:
        yield Piece(source.publisher)
        yield from _full_stop(source.publisher)
        yield when
        yield Piece(" ")
        yield title
        yield from _full_stop(source.title)
    else:
        yield title
        yield from _full_stop(source.title)
        yield when
    if source.url:
        yield Piece(" ")
        yield Piece(readable(source.url), url=source.url)


def readable(url: str) -> str:
    """An address as people read it: letters of any script as they are, nothing that misleads."""
    read = unquote(url)
    return read if read.isprintable() and not _DIRECTED.search(read) and " " not in read else url


def _full_stop(text: str) -> Iterator[Piece]:
    if not text.endswith(_STOPS):
        yield Piece(".")


def _when(published: str | None, reader: Interface) -> str:
    """The year, and after it the month or the day as far as they are known."""
    if published is None:
        # Translators: no date; as the APA abbreviates it.
        return reader.gettext("n.d.")
    try:
        day = date.fromisoformat(f"{published}-01-01"[:_DAY])
    except ValueError:
        return published
    if len(published) == _DAY:
        named = format_skeleton("MMMMd", day, locale=reader.locale)
    elif len(published) == _MONTH:
        named = format_skeleton("MMMM", day, locale=reader.locale)
    else:
        return published
    return reader.gettext(", ").join((str(day.year), named))
