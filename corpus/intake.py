"""Taking documents in: what a file says, with what is said beside it, becomes a document."""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anyascii import anyascii
from pydantic import ValidationError

from corpus.case_study import Block, CaseStudy, Section, Source
from corpus.document_file import Said
from corpus.markdown import Details
from corpus.readers.draft import Draft, Part, RefusedError
from corpus.readers.languages import language_of
from corpus.readers.text import tidy

SIDECAR = ".toml"
_LONGEST_ID = 60
_LONGEST_TITLE = 300
_LARGEST_SIDECAR = 64 * 2**10  # bytes
_TELLING = 40  # letters; a shorter part does not tell its language
_WHAT_IS_MISSING = (
    "title", "url", "publisher", "published", "country", "place", "level", "pillars",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Taken:
    """A document made of a file.

    Attributes:
        document: As it would stand in the library.
        missing: Names of the fields that nothing is known of.
        left_out: What of the file is not in it, one sentence each.
    """

    document: CaseStudy
    missing: tuple[str, ...]
    left_out: tuple[str, ...]


def read_sidecar(path: Path) -> Said:
    """Read what is said of the file `path` in `path.toml`, if there is one.

    Raises:
        RefusedError: It is not of the form; the message names the field.
    """
    beside = path.with_name(path.name + SIDECAR)
    try:
        if not beside.is_symlink() and not beside.exists():
            return Said()
    except OSError:  # no file can have so long a name
        return Said()
    wrong = f"the file {beside.name} beside it cannot be read"
    if beside.is_symlink() or not beside.is_file():
        raise RefusedError(f"{wrong}: it is no ordinary file; put one in its place, or none")
    try:
        if beside.stat().st_size > _LARGEST_SIDECAR:
            raise RefusedError(f"{wrong}: it is too large; say no more in it than the fields")
        found = tomllib.loads(beside.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise RefusedError(f"{wrong}: it is not UTF-8; save it again as UTF-8") from None
    except (OSError, ValueError, RecursionError):
        raise RefusedError(
            f'{wrong}: it must hold lines such as title = "A report"; put it right or take it away'
        ) from None
    return check_said(found, beside.name)


def check_said(found: Mapping[str, Any], where: str) -> Said:
    """Check what is said of a document.

    Raises:
        RefusedError: A field is unknown or its value cannot be; the message names it.
    """
    try:
        checked = Details.model_validate(found)
    except ValidationError as error:
        detail = error.errors()[0]
        field = ".".join(map(str, detail["loc"]))
        message = detail["msg"].removeprefix("Value error, ")
        raise RefusedError(f"{where}: field {field}: {message}") from None
    said = checked.model_dump()
    return Said(**{**said, "pillars": tuple(said["pillars"])})


def take(draft: Draft, said: Said, name: str) -> Taken:
    """Make a document of what a file says.

    Args:
        draft: As its reader gives it.
        said: What is said beside it, which counts for more.
        name: The file's name, for want of an id or a title.

    Raises:
        RefusedError: It holds no text, or its language cannot be told.
    """
    texts = [part.text for part in draft.parts if not part.level]
    if not texts:
        raise RefusedError("there is no text in it")
    language = said.language or _language(texts, draft.language)
    headings = (part.text for part in draft.parts if part.level)
    title = one_line(said.title or draft.title or next(headings, None))
    stem = one_line(Path(name).stem) or name
    text, sections = _lay_out(draft.parts, language, title)
    url = said.url or draft.url
    publisher = one_line(said.publisher or draft.publisher)
    published = said.published or draft.published
    document = CaseStudy(
        id=said.id or slug(Path(name).stem),
        language=language,
        title=title or stem,
        text=text,
        sections=sections,
        place=one_line(said.place),
        country=said.country,
        level=said.level,
        pillars=said.pillars,
        source=Source(title or stem, publisher, url, published, language),
        translated_from=said.translated_from,
    )
    known = {
        "title": title, "url": url, "publisher": publisher, "published": published,
        "country": said.country, "place": said.place, "level": said.level,
        "pillars": said.pillars,
    }  # fmt: skip
    missing = tuple(field for field in _WHAT_IS_MISSING if not known[field])
    return Taken(document, missing, draft.left_out)


def unknown_fields(document: CaseStudy) -> tuple[str, ...]:
    """Names of the fields that a document of the library says nothing of."""
    source = document.source or Source(document.title)
    known = {
        "url": source.url, "publisher": source.publisher, "published": source.published,
        "country": document.country, "place": document.place, "level": document.level,
        "pillars": document.pillars,
    }  # fmt: skip
    return tuple(field for field, value in known.items() if not value)


def one_line(text: str | None) -> str | None:
    """A title or name as one line that can be shown and stored."""
    if text is None:
        return None
    shown = tidy(text.encode("utf-8", "replace").decode("utf-8"))
    return shown[:_LONGEST_TITLE].rstrip() or None


def slug(name: str) -> str:
    """An id made of a name: lower-case ASCII words joined by hyphens."""
    plain = re.sub(r"[^a-z0-9]+", "-", anyascii(name).lower()).strip("-")
    cut = plain[:_LONGEST_ID].rstrip("-")
    return cut or "document-" + hashlib.sha256(name.encode()).hexdigest()[:8]


def _language(texts: Iterable[str], declared: str | None) -> str:
    """The language that most letters of the text are in; what the file declares breaks a tie."""
    whole = " ".join(texts)
    told = language_of(whole, declared)
    if told is None:
        raise RefusedError("its language cannot be told; say it (--lang ar, for instance)")
    return told


def _lay_out(
    parts: Iterable[Part], language: str, title: str | None
) -> tuple[str, tuple[Section, ...]]:
    """Write the parts down as one text, and note where each stands.

    A heading that repeats the title leads to everything, and so to nothing: it is left out.
    """
    lines: list[str] = []
    length = 0
    path: list[tuple[int, str]] = []
    sections: list[tuple[tuple[str, ...], list[Block]]] = [((), [])]
    for part in parts:
        if part.level:
            path = [step for step in path if step[0] < part.level]
            if part.text != title:
                path.append((part.level, part.text))
            sections.append((tuple(heading for _, heading in path), []))
        else:
            start, end = length, length + len(part.text)
            other = _other_language(part.text, language)
            sections[-1][1].append(Block(start, end, part.page, part.anchor, other))
            lines.append(part.text)
            length = end + 2
    kept = tuple(Section(heading, tuple(blocks)) for heading, blocks in sections if blocks)
    return "\n\n".join(lines), kept


def _other_language(text: str, language: str) -> str | None:
    """The language of a part where it is plainly another than the document's."""
    if sum(map(str.isalpha, text)) < _TELLING:
        return None
    told = language_of(text, language)
    return told if told != language else None
