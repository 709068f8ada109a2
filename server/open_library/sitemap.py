"""The addresses of the public pages, for search engines; source: sitemaps.org, protocol 0.9."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import quote, urlencode

from lxml import etree
from lxml.etree import _Element as Element

from server.citation import case_address
from server.i18n import INTERFACE_LANGUAGES
from server.service import Service

MEDIA_TYPE = "application/xml"
MOST = 50_000  # addresses in a file; the protocol's limit
PAGES = (
    "/",
    "/library",
    "/paths",
    "/places",
    "/peers",
    "/news",
    "/contribute",
    "/about",
    "/kept",
)
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"


@dataclass(frozen=True, slots=True)
class Entry:
    """An address.

    Attributes:
        address: From the site's root.
        alternates: The same in each language, itself among them, by ISO 639-1 codes.
        changed: When it was changed last, ISO 8601; None where nobody keeps count.
    """

    address: str
    alternates: Mapping[str, str]
    changed: str | None = None


def case_entries(service: Service) -> Iterator[Entry]:
    """Every rendering of the library.

    Raises:
        RemovedError: The list of what was taken away cannot be read.
    """
    withheld, generation = service.withheld(), service.generation
    told = generation.chronicle.documents
    for case_id, together in groupby(generation.library_cases, key=lambda case: case.id):
        if case_id in withheld:
            continue
        renderings = list(together)
        alternates = {case.language: case_address(case) for case in renderings}
        for case in renderings:
            changed = told[case.id, case.language].latest
            yield Entry(alternates[case.language], alternates, changed)


def page_entries(paths: Iterable[str]) -> Iterator[Entry]:
    """Pages in each language of the interface.

    Args:
        paths: From the site's root.
    """
    for path in paths:
        alternates = {
            language: f"{quote(path)}?{urlencode({'ui': language})}"
            for language in INTERFACE_LANGUAGES
        }
        for address in alternates.values():
            yield Entry(address, alternates)


def sitemap(entries: Iterable[Entry], site: str) -> bytes:
    """Write addresses down.

    Args:
        entries: At most `MOST`.
        site: Address of the site, without a slash at its end.

    Returns:
        XML in UTF-8.
    """
    root = etree.Element(f"{{{_SITEMAP}}}urlset", nsmap={None: _SITEMAP, "xhtml": _XHTML})
    for entry in entries:
        url = etree.SubElement(root, f"{{{_SITEMAP}}}url")
        _put(url, "loc", site + entry.address)
        if entry.changed:
            _put(url, "lastmod", entry.changed)
        for language, address in entry.alternates.items():
            link = etree.SubElement(url, f"{{{_XHTML}}}link")
            for name, value in (
                ("rel", "alternate"),
                ("hreflang", language),
                ("href", site + address),
            ):
                link.set(name, value)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def sitemap_index(addresses: Sequence[str]) -> bytes:
    """Write down where the parts of a sitemap are that is too long for one file."""
    root = etree.Element(f"{{{_SITEMAP}}}sitemapindex", nsmap={None: _SITEMAP})
    for address in addresses:
        _put(etree.SubElement(root, f"{{{_SITEMAP}}}sitemap"), "loc", address)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _put(parent: Element, tag: str, text: str) -> None:
    etree.SubElement(parent, f"{{{_SITEMAP}}}{tag}").text = text
