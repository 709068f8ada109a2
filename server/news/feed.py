"""What is new in the library -> an Atom feed; source: RFC 4287."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nlargest
from urllib.parse import quote, urlencode, urlsplit

from lxml import etree
from lxml.etree import _Element as Element

from corpus.case_study import CaseStudy
from index.chronicle import Told
from index.scripts import rendering_for
from server.citation import cite_case
from server.i18n import interface
from server.service import Service

MOST = 50
MEDIA_TYPE = "application/atom+xml"
_ATOM = "http://www.w3.org/2005/Atom"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_TAGGED = "2026"  # a year in which the names below were the site's to give; RFC 4151
_NO_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Item:
    """A document that is news.

    Attributes:
        case: It.
        told: Since when it is in, and when it was changed.
    """

    case: CaseStudy
    told: Told


def items(service: Service, language: str | None) -> list[Item]:
    """The documents that are news, the latest first; only so many.

    Args:
        service: What serves.
        language: ISO 639-1 code of the reader's language, to be given each case study once, in
            the rendering closest to it; None for every rendering.

    Raises:
        RemovedError: The list of what was taken away cannot be read.
    """
    generation, withheld = service.generation, service.withheld()
    chronicle = generation.chronicle

    def closest(case: CaseStudy) -> bool:
        return language is None or case == rendering_for(generation.renderings(case.id), language)

    news = (
        Item(case, told)
        for (case_id, written_in), told in chronicle.documents.items()
        if chronicle.is_news(told) and case_id not in withheld
        if (case := generation.case(case_id, written_in)) and closest(case)
    )
    return nlargest(MOST, news, key=lambda it: (it.told.latest, it.case.id, it.case.language))


def feed(service: Service, found: Iterable[Item], site: str, language: str | None) -> bytes:
    """Write the feed.

    Args:
        service: What serves.
        found: What it tells of, the latest first.
        site: Address of the site, without a slash at its end.
        language: ISO 639-1 code of the reader's language; None for every rendering.

    Returns:
        XML in UTF-8. Words of the library stand there as they are, but for the controls that no
        XML can hold.
    """
    entries = list(found)
    reader = interface(language or "")
    news = f"{site}/news?{urlencode({'ui': reader.language})}"
    myself = f"{site}/news.atom" + (f"?{urlencode({'lang': language})}" if language else "")
    latest = entries[0].told.latest if entries else service.generation.chronicle.began
    root = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})
    root.set(_LANGUAGE, reader.language)
    _put(root, "id", _name(site, "news", language))
    _put(root, "title", f"{reader.gettext('Diwan')} – {reader.gettext('What is new')}")
    _put(root, "updated", latest)
    _put(_put(root, "author"), "name", reader.gettext("Diwan"))
    _link(root, "self", myself, MEDIA_TYPE)
    _link(root, "alternate", news, "text/html")
    for item in entries:
        root.append(_entry(service, item, site))
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _entry(service: Service, item: Item, site: str) -> Element:
    case = item.case
    entry = etree.Element(f"{{{_ATOM}}}entry")
    entry.set(_LANGUAGE, case.language)
    _put(entry, "id", _name(site, f"cases/{quote(case.id, safe='')}", case.language))
    _put(entry, "title", case.title)
    _put(entry, "published", item.told.since)
    _put(entry, "updated", item.told.latest)
    for author in _authors(case):
        _put(_put(entry, "author"), "name", author)
    link = _link(entry, "alternate", site + cite_case(case, case.language).case_url, "text/html")
    link.set("hreflang", case.language)
    for pillar in case.pillars:
        _put(entry, "category").set("term", pillar.value)
    passages = service.generation.passages_of(case)
    if passages:
        _put(entry, "summary", passages[0].text).set("type", "text")
    return entry


def _authors(case: CaseStudy) -> tuple[str, ...]:
    """Who published the source or, where that is not known, the bodies behind the practice."""
    if case.source and case.source.publisher:
        return (case.source.publisher,)
    return case.actors


def _name(site: str, what: str, language: str | None) -> str:
    """A name that stays, whatever becomes of what it names; source: RFC 4151."""
    host = urlsplit(site).hostname or "localhost"
    return f"tag:{host},{_TAGGED}:{what}" + (f":{language}" if language else "")


def _put(parent: Element, tag: str, text: str | None = None) -> Element:
    element = etree.SubElement(parent, f"{{{_ATOM}}}{tag}")
    element.text = text and _NO_XML.sub("", text)
    return element


def _link(parent: Element, relation: str, address: str, kind: str) -> Element:
    link = _put(parent, "link")
    for name, value in (("rel", relation), ("type", kind), ("href", address)):
        link.set(name, value)
    return link
