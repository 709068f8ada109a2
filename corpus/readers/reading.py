"""Which reader a file goes to: its first bytes decide, its name only where they cannot."""

import re
from collections.abc import Callable
from pathlib import PurePath

from corpus.case_study import CaseStudy
from corpus.markdown import DocumentError, parse_case_study
from corpus.readers.decoding import decode
from corpus.readers.draft import Draft, RefusedError

_HTML = (".html", ".htm", ".xhtml")
_MARKDOWN = (".md", ".markdown")
_TEXT = (".txt", ".text", "")
_ZIP, _PDF, _OLD_OFFICE = b"PK\x03\x04", b"%PDF-", b"\xd0\xcf\x11\xe0"
# Front matter that names pillars is meant to be a case study's, and is held to its schema.
_CASE_STUDY = re.compile(rb"\A(?:\xef\xbb\xbf)?---[ \t]*\r?\n(?:(?!---).*\n)*?pillars[ \t]*:")
_FRONT = 16 * 2**10  # bytes within which front matter names them
_LOOK = 1024  # bytes at the beginning that tell what a file is
KINDS = "web pages (.html), PDF, Word (.docx), Markdown (.md) and plain text (.txt)"


def read(content: bytes, name: str) -> Draft | CaseStudy:
    """Read a file.

    Args:
        content: All of it.
        name: Its name.

    Returns:
        A case study if the file is Markdown with the front matter of one, else a draft.

    Raises:
        RefusedError: It is empty, of a kind that is not read, or its reader refuses it.
    """
    if not content.strip(b"\0 \t\r\n"):
        raise RefusedError("the file is empty; save it again from the program that made it")
    if PurePath(name).suffix.lower() in _MARKDOWN and _CASE_STUDY.match(content[:_FRONT]):
        try:
            return parse_case_study(decode(content), name)
        except DocumentError as error:
            raise RefusedError("; ".join(error.problems)) from None
    return _reader(content, name)(content, name)


def _reader(content: bytes, name: str) -> Callable[[bytes, str], Draft]:
    """Choose the reader; each is imported only when a file needs it."""
    beginning = content[:_LOOK].lstrip()
    suffix = PurePath(name).suffix.lower()
    if beginning.startswith(_PDF) or suffix == ".pdf":
        from corpus.readers.pdf import read_pdf as reader  # noqa: PLC0415
    elif beginning.startswith((_ZIP, _OLD_OFFICE)):
        from corpus.readers.docx import read_docx as reader  # noqa: PLC0415
    elif suffix in _HTML or _looks_like_html(beginning):
        from corpus.readers.html import read_html as reader  # noqa: PLC0415
    elif suffix in _MARKDOWN:
        from corpus.readers.notes import read_notes as reader  # noqa: PLC0415
    elif suffix in _TEXT:
        from corpus.readers.plain import read_plain as reader  # noqa: PLC0415
    else:
        raise RefusedError(f"files ending in {suffix} are not read; those that are: {KINDS}")
    return reader


def _looks_like_html(beginning: bytes) -> bool:
    start = beginning.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html"))
