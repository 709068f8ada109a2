"""A Markdown file, with whatever front matter it has -> its headings and text, without markup."""

import re
from collections.abc import Iterator, Mapping

import lxml.html
import yaml
from lxml import etree
from markdown_it import MarkdownIt
from markdown_it.token import Token

from corpus.readers.dates import find_date
from corpus.readers.decoding import decode
from corpus.readers.draft import Draft, Part, RefusedError
from corpus.readers.html_blocks import read_blocks
from corpus.readers.text import tidy

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_LONGEST_FRONT = 20_000  # characters
# What site generators add to Markdown: {: .class}, {#id}, {% include x %}, {{ site.title }}, [^1].
_MARKUP = re.compile(r"\{[:#.][^{}\n]*\}|\{%.*?%\}|\{\{.*?\}\}|\[\^[\w-]+\]:?")
_UNREADABLE = "the front matter between the --- lines: it cannot be read"


def read_notes(content: bytes, name: str) -> Draft:  # noqa: ARG001 -- all take it
    """Read a Markdown file.

    Args:
        content: The file.
        name: Its name.

    Returns:
        Its headings, paragraphs, list items, table rows and code, without markup: links become
        their words, pictures go. Of the front matter, what it gives as title, language, date,
        address and publisher; a value that is none of the sort is passed over.

    Raises:
        RefusedError: It is no text, or there is none in it.
    """
    text = decode(content)
    found = _FRONT.match(text)
    front, left_out = _read_front(found.group(1)) if found else ({}, ())
    parts = tuple(_parts(text[found.end() :] if found else text))
    if not any(part.level == 0 for part in parts):
        raise RefusedError("it holds no text; if it should, look at the file in an editor")
    headings = sorted((part for part in parts if part.level), key=lambda part: part.level)
    language = re.match(r"([A-Za-z]{2})(?![A-Za-z])", _value(front, "lang", "language", "locale"))
    return Draft(
        parts=parts,
        title=_value(front, "title") or (headings[0].text if headings else None),
        language=language.group(1).lower() if language else None,
        published=find_date(_value(front, "published", "date", "date_published")),
        url=_address(front),
        publisher=_value(front, "publisher", "organisation", "organization") or None,
        left_out=left_out,
    )


def _read_front(text: str) -> tuple[Mapping[str, object], tuple[str, ...]]:
    """Read front matter, with every value as text, so that `no` stays a language."""
    if len(text) > _LONGEST_FRONT:
        return {}, (_UNREADABLE,)
    try:
        fields = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 -- it makes text, lists, maps
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}, (_UNREADABLE,)
    if not isinstance(fields, dict):
        return {}, () if fields is None else (_UNREADABLE,)
    return {str(key).casefold(): value for key, value in fields.items()}, ()


def _value(front: Mapping[str, object], *names: str) -> str:
    """Return the first of some fields that is a text, or an empty one."""
    values = (front.get(name) for name in names)
    return next((tidy(value) for value in values if isinstance(value, str) and tidy(value)), "")


def _address(front: Mapping[str, object]) -> str | None:
    source = front.get("source")
    inner = source if isinstance(source, dict) else {}
    candidates = (*(_value(front, key) for key in ("url", "source", "link")), _value(inner, "url"))
    return next((url for url in candidates if re.fullmatch(r"https?://\S+", url)), None)


def _parts(text: str) -> Iterator[Part]:
    """Find the parts of a Markdown text."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    level = 0
    row: list[str] | None = None
    for token in tokens:
        if token.type == "heading_open":
            level = int(token.tag[1])
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            yield from _part(" | ".join(row or []))
            row = None
        elif token.type == "inline":
            words = _words(token)
            if row is not None:
                row += [words] if words else []
            else:
                yield from _part(words, level)
            level = 0
        elif token.type in ("fence", "code_block"):
            yield from _part(tidy(token.content))
        elif token.type == "html_block":
            yield from _html_parts(token.content)


def _part(text: str, level: int = 0) -> Iterator[Part]:
    if any(character.isalnum() for character in text):
        yield Part(text, level)


def _words(token: Token) -> str:
    """Put an inline token's text together, without what marks it up."""
    words: list[str] = []
    for child in token.children or []:
        if child.type == "code_inline":
            words.append(child.content)
        elif child.type == "text":
            words.append(_MARKUP.sub("", child.content))
        elif child.type in ("softbreak", "hardbreak") or (
            child.type == "html_inline" and child.content.startswith("<br")
        ):
            words.append(" ")
    return tidy("".join(words))


def _html_parts(source: str) -> Iterator[Part]:
    """Read the text of HTML in Markdown; site generators write Markdown inside of it again."""
    parser = lxml.html.HTMLParser(recover=True, huge_tree=False, no_network=True)
    try:
        root = lxml.html.document_fromstring(source, parser)
    except (etree.LxmlError, ValueError):
        return
    inline = MarkdownIt("commonmark", {"html": False})
    for block in read_blocks(next(root.iter("body"), root)):
        for token in inline.parseInline(block.text):
            yield from _part(_words(token), block.level)
