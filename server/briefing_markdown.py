"""A briefing as Markdown, for wikis, e-mail and whatever else takes plain text."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from server.bibliography import Piece
from server.bidi import isolated
from server.briefing_sheet import Excerpt, Sheet, facts
from server.citation import cite
from server.i18n import Interface

# What CommonMark may read as markup wherever it stands, and what it reads so at a line's start.
_MARKUP = re.compile(r"[\\`*_\[\]<>&~|]|(?<=!)(?=\[)")
_IN_ADDRESS = re.compile(r"[\s<>()\\]")  # would end it
_AT_START = re.compile(r"^(\s*)([#+=-]|\d{1,9}(?=[.)]))")
_WHITE = re.compile(r"\s+")


def write_markdown(sheet: Sheet, site: str) -> str:
    """Write a briefing down.

    Args:
        sheet: The briefing, laid out.
        site: Address of the site's root.

    Returns:
        CommonMark that shows every text as it is, however it looks like markup. Where it is
        written from right to left a `div` says so; whatever does not know it shows the text alone.
    """
    reader = sheet.reader
    blocks = [f"# {_plain(sheet.title)}", f"*{_plain(sheet.changed_on)}*"]
    blocks += map(_plain, sheet.introduction)
    for excerpt in sheet.excerpts:
        blocks += _excerpt(excerpt, reader, site)
    if sheet.sources:
        blocks.append(f"## {reader.gettext('Sources')}")
        blocks.append(
            "\n".join(
                f"{number}. {_entry(entry, reader)}"
                for number, entry in enumerate(sheet.sources, start=1)
            )
        )
    blocks.append(f"*{_plain(sheet.colophon)}*")
    text = "\n\n".join(blocks)
    if reader.direction == "rtl":
        text = f'<div lang="{reader.language}" dir="rtl">\n\n{text}\n\n</div>'
    return text + "\n"


def _excerpt(excerpt: Excerpt, reader: Interface, site: str) -> Iterator[str]:
    if excerpt.shown is None:
        yield f"*{_plain(reader.gettext('This passage is no longer in the library.'))}*"
    else:
        case, passage = excerpt.shown.case, excerpt.shown.passage
        address = site.rstrip("/") + cite(excerpt.shown, reader.language).case_url
        yield f"## [{_plain(case.title)}]({address})"
        known = [isolated(fact, reader) for fact in facts(case, reader)]
        if known:
            yield f"*{_plain(reader.gettext(', ').join(known))}*"
        yield "\n>\n".join(f"> {_plain(paragraph)}" for paragraph in excerpt.paragraphs)
        where = isolated(" › ".join(passage.heading), reader)
        yield f"{_plain(where)} \\[{excerpt.source}\\]".lstrip()
        if not excerpt.is_current:
            day = reader.date(excerpt.quotation.chosen_on.isoformat())
            said = reader.gettext(
                "The case study has changed since; these are its words of %(day)s.", day=day
            )
            yield f"*{_plain(said)}*"
    if excerpt.remark:
        first, *others = map(_plain, excerpt.remark)
        yield f"**{reader.gettext('Note:')}** {first}"
        yield from others


def _entry(entry: Iterable[Piece], reader: Interface) -> str:
    return "".join(_piece(piece, reader) for piece in entry)


def _piece(piece: Piece, reader: Interface) -> str:
    if piece.url and piece.url.startswith(("https://", "http://")):
        address = _IN_ADDRESS.sub(lambda found: quote(found.group()), piece.url)
        return isolated(f"[{_MARKUP.sub(_escaped, piece.text)}]({address})", reader)
    text = _MARKUP.sub(_escaped, _WHITE.sub(" ", piece.text))
    if piece.is_title:
        return isolated(f"*{text.strip()}*", reader)
    return isolated(text, reader) if text.strip(" .,،()") else text


def _plain(text: str) -> str:
    """A text on one line that reads as it is."""
    escaped = _MARKUP.sub(_escaped, _WHITE.sub(" ", text).strip())
    return _AT_START.sub(r"\1\\\2", escaped) if not escaped[:1].isdigit() else _number(escaped)


def _number(text: str) -> str:
    """A full stop behind a number at the start of a line would make a list of it."""
    return re.sub(r"^(\d{1,9})([.)])", r"\1\\\2", text)


def _escaped(match: re.Match[str]) -> str:
    return "\\" + match.group()
