"""What a web page says of itself: title, language, date, address and publisher."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement

from corpus.readers.dates import find_date
from corpus.readers.html_blocks import read_blocks
from corpus.readers.text import tidy

_TITLE_NAMES = ("og:title", "citation_title", "dc.title", "dcterms.title", "twitter:title")
_DATE_NAMES = (
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "citation_publication_date",
    "citation_date",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date",
    "dcterms.date",
    "datepublished",
    "publish-date",
    "publish_date",
    "publishdate",
    "pubdate",
    "parsely-pub-date",
    "sailthru.date",
    "date",
)
_PUBLISHER_NAMES = ("og:site_name", "dc.publisher", "dcterms.publisher", "citation_publisher")
_SEPARATOR = re.compile(r"\s+[|–—·•»›«:-]+\s+|\s*\|\s*")
_UPDATED = re.compile(r"updat|modif|تحديث|تعديل", re.IGNORECASE)
_LONGEST_TITLE = 300


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """What the head of a page, and data hidden in it, say; None for what they do not say."""

    title: str | None
    language: str | None
    published: str | None
    url: str | None
    publisher: str | None


def read_metadata(root: HtmlElement) -> PageMetadata:
    """Read what a page says of itself; no value is guessed."""
    named = _named_values(root)
    linked = list(_linked_data(root))
    publisher = _first(named, _PUBLISHER_NAMES) or _publisher(linked)
    return PageMetadata(
        title=_title(root, named, publisher),
        language=_language(root, named),
        published=_published(root, named, linked),
        url=_address(root, named),
        publisher=publisher,
    )


def _named_values(root: HtmlElement) -> dict[str, str]:
    """Collect the first value of every <meta>, by its name in small letters."""
    values: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        content = tidy(meta.get("content") or "")
        if name and content:
            values.setdefault(name.strip().casefold(), content)
    return values


def _first(named: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((named[name] for name in names if name in named), None)


def _linked_data(root: HtmlElement) -> Iterator[dict[str, Any]]:
    """Yield every object of the page's JSON-LD, outer ones first."""
    for script in root.iter("script"):
        if "ld+json" not in (script.get("type") or ""):
            continue
        try:
            waiting = [json.loads(script.text or "", strict=False)]
        except (ValueError, RecursionError):
            continue
        while waiting:
            value = waiting.pop(0)
            if isinstance(value, dict):
                yield value
                waiting += value.values()
            elif isinstance(value, list):
                waiting += value


def _publisher(linked: list[dict[str, Any]]) -> str | None:
    for value in linked:
        publisher = value.get("publisher")
        name = publisher.get("name") if isinstance(publisher, dict) else None
        if isinstance(name, str) and tidy(name):
            return tidy(name)
    return None


def _title(root: HtmlElement, named: dict[str, str], publisher: str | None) -> str | None:
    heading = next((text for h1 in root.iter("h1") if (text := _words(h1))), None)
    stated = _first(named, _TITLE_NAMES)
    named_window = (tidy(title.text or "") for title in root.iter("title"))
    window = next(filter(None, named_window), None)
    for candidate in (stated, heading, window):
        if candidate:
            title = _without_site(candidate, publisher, heading)
            if title and len(title) <= _LONGEST_TITLE:
                return title
    return None


def _without_site(title: str, publisher: str | None, heading: str | None) -> str:
    """Take the site's name off either end: “The plan | City of Ottawa”."""
    if heading and title.startswith(heading) and len(heading.split()) > 1:
        return heading
    parts = _SEPARATOR.split(title)
    if len(parts) == 1:
        return title
    if publisher and parts[-1].casefold() == publisher.casefold():
        return title[: title.rindex(parts[-1])].rstrip(" |–—·•»›«:-")
    if publisher and parts[0].casefold() == publisher.casefold():
        return title[len(parts[0]) :].lstrip(" |–—·•»›«:-")
    before, bar, _ = title.rpartition("|")
    return before.strip(" |") if bar and before.strip() else title


def _words(element: HtmlElement) -> str:
    return " ".join(block.text for block in read_blocks(element))


def _language(root: HtmlElement, named: dict[str, str]) -> str | None:
    page = next(root.iter("html"), None)
    declared = ""
    if page is not None:
        declared = page.get("lang") or page.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    declared = declared or named.get("og:locale", "") or named.get("content-language", "")
    code = re.match(r"\s*([A-Za-z]{2})(?![A-Za-z])", declared)
    return code.group(1).lower() if code else None


def _published(
    root: HtmlElement, named: dict[str, str], linked: list[dict[str, Any]]
) -> str | None:
    stated = [named[name] for name in _DATE_NAMES if name in named]
    stated += [str(value["datePublished"]) for value in linked if "datePublished" in value]
    stated += [
        element.get("datetime") or element.get("content") or _words(element)
        for element in root.iter("*")
        if element.get("itemprop") == "datePublished"
    ]
    stated += [
        element.get("datetime") or _words(element)
        for element in root.iter("time")
        if not _UPDATED.search(f"{element.get('class', '')} {element.get('itemprop', '')}")
        and not _is_of_another_page(element)
    ][:1]
    return next((found for text in stated if (found := find_date(text))), None)


def _is_of_another_page(time: HtmlElement) -> bool:
    """Tell the date of a linked page, in a list of such, from the page's own."""
    return next(time.iterancestors("a", "aside", "nav", "footer", "li", "form"), None) is not None


def _address(root: HtmlElement, named: dict[str, str]) -> str | None:
    linked = (
        link.get("href") or ""
        for link in root.iter("link")
        if "canonical" in (link.get("rel") or "").casefold().split()
    )
    candidates = (*linked, named.get("og:url", ""))
    return next(
        (
            url
            for url in map(str.strip, candidates)
            if re.fullmatch(r"https?://[^\s<>\"]+", url, re.IGNORECASE)
        ),
        None,
    )
