"""A passage in its case study -> a citation that can go into a council paper as it is."""

import unicodedata
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from corpus.case_study import CaseStudy, Source
from index.hits import Shown
from server.i18n import Interface, interface

_ISOLATE = "\u2068"  # FIRST STRONG ISOLATE
_END_ISOLATE = "\u2069"  # POP DIRECTIONAL ISOLATE
_AGAINST = {"ltr": frozenset(("R", "AL")), "rtl": frozenset("L")}


@dataclass(frozen=True, slots=True)
class Citation:
    """What a reader needs to name a passage and to find it again.

    Attributes:
        text: Plain text in the reader's language, with whatever the case study knows.
        url: Where the source can be read.
        publisher: The body that published the source.
        published: ISO 8601 date of the source: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
        case_url: The passage's place on the page of its case study, from the site's root.
    """

    text: str
    url: str | None
    publisher: str | None
    published: str | None
    case_url: str


def cite(shown: Shown, language: str) -> Citation:
    """Cite a passage.

    Args:
        shown: The passage in its case study.
        language: ISO 639-1 code of the language to cite it in; English where the interface does
            not speak it.
    """
    heading = shown.passage.heading[-1] if shown.passage.heading else None
    return _citation(shown.case, heading, f"#{shown.passage.anchor}", language)


def cite_case(case: CaseStudy, language: str) -> Citation:
    """Cite a case study as a whole; see `cite`."""
    return _citation(case, None, "", language)


def _citation(case: CaseStudy, heading: str | None, fragment: str, language: str) -> Citation:
    source = case.source
    return Citation(
        text=_text(case, heading, interface(language)),
        url=source.url if source else None,
        publisher=source.publisher if source else None,
        published=source.published if source else None,
        case_url=(
            f"/cases/{quote(case.id, safe='')}?{urlencode({'lang': case.language})}{fragment}"
        ),
    )


def _text(case: CaseStudy, heading: str | None, reader: Interface) -> str:
    parts = [reader.gettext("“%(title)s”", title=_isolated(case.title, reader))]
    if heading:
        parts.append(reader.gettext("section “%(heading)s”", heading=_isolated(heading, reader)))
    parts.append(reader.gettext("Diwan case study"))
    # Translators: what stands between the parts of a citation, with its space.
    separator = reader.gettext(", ")
    cited = separator.join(parts)
    if case.source is None:
        return cited
    source = separator.join(_source_parts(case.source, reader))
    return reader.gettext("%(case)s, based on: %(source)s", case=cited, source=source)


def _source_parts(source: Source, reader: Interface) -> list[str]:
    parts = [_isolated(source.publisher, reader)] if source.publisher else []
    parts.append(reader.gettext("“%(title)s”", title=_isolated(source.title, reader)))
    if source.published:
        parts.append(reader.date(source.published))
    if source.url:
        parts.append(_isolated_url(source.url, reader))
    return parts


def _isolated(part: str, reader: Interface) -> str:
    """Keep a part that is written the other way from mixing with its neighbours.

    Two Latin names with an Arabic comma between them would otherwise be laid out as one run, in
    the wrong order. Source: Unicode Standard Annex 9, section 2.4.
    """
    against = _AGAINST[reader.direction]
    if any(unicodedata.bidirectional(character) in against for character in part):
        return f"{_ISOLATE}{part}{_END_ISOLATE}"
    return part


def _isolated_url(url: str, reader: Interface) -> str:
    """Isolate an address, with a space at its end: what turns addresses into links stops there."""
    if reader.direction == "ltr":
        return url
    return f"{_ISOLATE}{url} {_END_ISOLATE}"
