"""A passage in its case study -> a citation that can go into a council paper as it is."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from corpus.case_study import CaseStudy, Source
from index.hits import Shown
from index.passages import Passage
from server.bidi import isolated, isolated_url
from server.i18n import Interface, interface

_FIRST_WORDS = 6  # of a passage, by which a browser finds it on the page


@dataclass(frozen=True, slots=True)
class Citation:
    """What a reader needs to name a passage and to find it again.

    Attributes:
        text: Plain text in the reader's language, with whatever the case study knows.
        url: Where the source can be read.
        publisher: The body that published the source.
        published: ISO 8601 date of the source: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
        case_url: The passage's place on the page of its case study, from the site's root.
        page: Number of the page of the source that the passage begins on; None for what has none.
    """

    text: str
    url: str | None
    publisher: str | None
    published: str | None
    case_url: str
    page: int | None = None


def cite(shown: Shown, language: str) -> Citation:
    """Cite a passage.

    Args:
        shown: The passage in its case study.
        language: ISO 639-1 code of the language to cite it in; English where the interface does
            not speak it.
    """
    case, passage = shown.case, shown.passage
    source = case.source
    return Citation(
        text=_text(case, passage, interface(language)),
        url=_spot(case, passage),
        publisher=source.publisher if source else None,
        published=source.published if source else None,
        case_url=f"{case_address(case)}#{passage.anchor}",
        page=passage.page,
    )


def cite_case(case: CaseStudy, language: str) -> Citation:
    """Cite a case study as a whole; see `cite`."""
    source = case.source
    return Citation(
        text=_text(case, None, interface(language)),
        url=source.url if source else None,
        publisher=source.publisher if source else None,
        published=source.published if source else None,
        case_url=case_address(case),
    )


def case_address(case: CaseStudy) -> str:
    """Where a case study is read, from the site's root."""
    return f"/cases/{quote(case.id, safe='')}?{urlencode({'lang': case.language})}"


def _spot(case: CaseStudy, passage: Passage) -> str | None:
    """The address of the source, leading to the passage's place in it where that can be said.

    Sources: `page` is a fragment of PDF addresses, RFC 8118; a text fragment leads to words of a
    page, WICG's URL Fragment Text Directives, and browsers that do not know it leave it out.
    """
    url = case.source.url if case.source else None
    if url is None or case.is_case_study or "#" in url:
        return url
    if passage.page:
        return f"{url}#page={passage.page}"
    words = quote(" ".join(passage.text.split()[:_FIRST_WORDS]), safe="")
    # A hyphen means something in the directive itself.
    return f"{url}#{quote(passage.source_anchor or '')}:~:text={words.replace('-', '%2D')}"


def _text(case: CaseStudy, passage: Passage | None, reader: Interface) -> str:
    # Translators: what stands between the parts of a citation, with its space.
    separator = reader.gettext(", ")
    parts = [reader.gettext("“%(title)s”", title=isolated(case.title, reader))]
    if passage and passage.heading:
        heading = isolated(passage.heading[-1], reader)
        parts.append(reader.gettext("section “%(heading)s”", heading=heading))
    if passage and passage.page:
        parts.append(reader.gettext("p. %(page)s", page=str(passage.page)))
    if not case.is_case_study:  # the document itself is what is cited
        return separator.join([*parts, *_source_parts(case.source, reader, case.title)])
    parts.append(reader.gettext("Diwan case study"))
    cited = separator.join(parts)
    if case.source is None:
        return cited
    source = separator.join(_source_parts(case.source, reader))
    return reader.gettext("%(case)s, based on: %(source)s", case=cited, source=source)


def _source_parts(source: Source | None, reader: Interface, named: str | None = None) -> list[str]:
    """What names a source, but for the title if it has been `named` already."""
    if source is None:
        return []
    parts = [isolated(source.publisher, reader)] if source.publisher else []
    if source.title != named:
        parts.append(reader.gettext("“%(title)s”", title=isolated(source.title, reader)))
    if source.published:
        parts.append(reader.date(source.published))
    if source.url:
        parts.append(isolated_url(source.url, reader))
    return parts
