"""What a PDF file says of itself: its title, its language, its date."""

import re
from collections.abc import Sequence
from pathlib import PurePath

from corpus.readers.dates import find_date
from corpus.readers.text import tidy

_LONGEST_TITLE = 300
_SHORTEST_TITLE = 4
_NO_TITLE = re.compile(
    r"microsoft (?:word|powerpoint|excel)\b.*|untitled.*"
    r"|(?:document|presentation|slide|book|title)\s*\d*"
    r"|.*\.(?:docx?|pdf|rtf|odt|indd|pptx?|xlsx?|qxd|pub|html?|tmp|ai|eps)|powerpoint presentation"
    r"|print|layout \d+|\(?anonymous\)?|بدون عنوان|عنوان",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[^\W\d_]")
_PUBLISHED = re.compile(
    r"(?<!\w)(?:(?:first )?published|publication date|date (?:of publication|published)|issued"
    r"|released|publi[ée]e?s?|date de publication|publicado|fecha de publicación"
    r"|(?:تاريخ|سنة|عام) (?:النشر|الإصدار)|نُ?شر|صدر)"
    r"(?: on| in| en| le| el| في| عام)*(?!\w)\s*[:：]?\s*(?=\w)(?P<rest>.{4,30})",
    re.IGNORECASE,
)
_DATE_LINE = 30  # characters: a line that holds a date and nothing else
_DATE_WORDS = 2  # the month, and the place or another name of the month
_WORDS = re.compile(r"\b(?!(?:de|of|من)\b)[^\W\d_]+", re.IGNORECASE)
_WITH_MONTH = len("2024-01")


def real_title(title: str, name: str) -> str | None:
    """Take a title from a file's metadata, unless a program or nobody wrote it.

    Args:
        title: As the metadata give it.
        name: The file's name.
    """
    title = tidy(title)
    if not _SHORTEST_TITLE <= len(title) <= _LONGEST_TITLE or _NO_TITLE.fullmatch(title):
        return None
    stem = PurePath(name).stem
    if not _LETTER.search(title) or "\ufffd" in title or _plain(title) == _plain(stem):
        return None
    return title


def declared_language(tag: str) -> str | None:
    """Take the ISO 639-1 code from a language tag such as `en-US`; None where it has none."""
    match = re.match(r"([a-z]{2})(?![a-z])", tag.strip().lower())
    return match[1] if match else None


def publication_date(lines: Sequence[str]) -> str | None:
    """Find when a document was published, where its first pages plainly say so.

    Args:
        lines: Of these pages.

    Returns:
        The ISO 8601 date behind words such as “published”; or else the only month, or day, that
        has a line of its own.
    """
    for line in lines:
        match = _PUBLISHED.search(line)
        if match and (found := find_date(_first_words(match["rest"]))):
            return found
    alone = {
        found
        for line in lines
        if len(line) <= _DATE_LINE
        and len(_WORDS.findall(line)) <= _DATE_WORDS
        and (found := find_date(line))
        and len(found) >= _WITH_MONTH
    }
    return alone.pop() if len(alone) == 1 else None


def _first_words(text: str) -> str:
    """Cut a line behind its first year, so that a year alone stands alone."""
    match = re.match(r".*?(?:19|20|١٩|٢٠)\w\w(?:[-/.]\d+){0,2}", text)
    return match.group() if match else text


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()
