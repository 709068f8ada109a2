"""A Word document -> its headings, paragraphs, list items and table rows."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import docx
from docx.oxml.ns import qn
from lxml import etree
from lxml.etree import _Element as Element

from corpus.readers.draft import Draft, Part, RefusedError
from corpus.readers.text import tidy

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST_MEMBERS = 5_000
_MOST_UNPACKED = 200 * 1024 * 1024
_MOST_RATIO = 200
_SMALL = 1024 * 1024  # bytes: a member below this may be packed as tightly as it likes
_ENCRYPTED = 0x1  # bit of a zip member's flags

# Deleted and moved text, field codes, text boxes and the second copy that Word keeps of each for
# old programs, and marks of footnotes: not the words of the paragraph that holds them.
_PASSED_OVER = frozenset(
    qn(tag)
    for tag in (
        "w:del w:moveFrom w:instrText w:delText w:txbxContent w:pPr w:rPr w:footnoteReference"
        " w:endnoteReference w:commentReference"
    ).split()
) | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
_SPACES = frozenset(map(qn, ("w:tab", "w:br", "w:cr", "w:ptab")))
_TRANSPARENT = frozenset(map(qn, ("w:sdt", "w:sdtContent", "w:customXml", "w:ins", "w:smartTag")))
_DEEPEST = 6
_CONTENTS = re.compile(r"(?:toc|table of figures)\b", re.IGNORECASE)
# What programs write where nobody gave a title.
_NO_TITLE = re.compile(
    r"(?:microsoft word\b.*|word document|document\s?\d*|doc\d+|untitled.*|sans titre|title"
    r"|template|مستند\s?\d*|بدون عنوان|عنوان|.*\.(?:docx?|dotx?|odt|rtf|pdf|indd))",
    re.IGNORECASE,
)
_LONGEST_TITLE = 200
_ARABIC_SCRIPT = frozenset("ar fa ur ps ku sd ug ckb".split())


def read_docx(content: bytes, name: str) -> Draft:  # noqa: ARG001 -- all take it
    """Read a Word document.

    Args:
        content: The file.
        name: Its name.

    Returns:
        Its text as it reads with all tracked changes accepted. Headers, footers, footnotes,
        comments, text boxes and an automatic table of contents are left out.

    Raises:
        RefusedError: It is no .docx, is protected or damaged, unpacks to too much, or holds no
            text.
    """
    _check(content)
    package = _open(content)
    reading = _Reading(package)
    parts = tuple(reading.parts())
    if not any(part.level == 0 for part in parts):
        raise RefusedError(
            "it holds no text; if its text is in pictures or text boxes, print it to PDF"
        )
    return Draft(
        parts=parts,
        title=_title(package.title, reading.title, parts),
        language=_language(package.language, parts),
        left_out=_left_out(package.body, reading),
    )


@dataclass(frozen=True, slots=True)
class _Style:
    """A style of a document: its name in small letters, and its definition."""

    name: str
    element: Element


@dataclass(frozen=True, slots=True)
class _Package:
    """What of an opened document is read.

    Attributes:
        body: Its paragraphs and tables.
        styles: Its styles, by their ids.
        title: In its properties, as it is written there.
        language: The element that declares its default languages.
    """

    body: Element
    styles: dict[str, _Style]
    title: str
    language: Element | None


def _open(content: bytes) -> _Package:
    try:
        document = docx.Document(io.BytesIO(content))
        path = "/".join(map(qn, ("w:docDefaults", "w:rPrDefault", "w:rPr", "w:lang")))
        return _Package(
            body=document.element.body,
            styles={
                style.style_id: _Style((style.name or "").casefold(), style.element)
                for style in document.styles
            },
            title=document.core_properties.title or "",
            language=document.styles.element.find(path),
        )
    except Exception:  # noqa: BLE001 -- in a damaged file, python-docx stumbles over anything
        raise RefusedError(
            "it cannot be read as a Word document: open it in Word, save it again as .docx, and "
            "try with that"
        ) from None


def _check(content: bytes) -> None:
    """Refuse what is no .docx, or would unpack to more than any document needs."""
    if content.startswith(_OLD_OFFICE):
        raise RefusedError(
            "it is protected by a password or is an old .doc file: open it in Word, take the "
            "protection off, and save it as .docx"
        )
    try:
        members = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise RefusedError(
            "it is no Word document, or was cut off: open it in Word and save it as .docx"
        ) from None
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise RefusedError("it is protected by a password: save it without one")
    unpacked = sum(member.file_size for member in members)
    bloated = any(
        member.file_size > _SMALL and member.file_size > member.compress_size * _MOST_RATIO
        for member in members
    )
    if len(members) > _MOST_MEMBERS or unpacked > _MOST_UNPACKED or bloated:
        raise RefusedError(
            "it unpacks to far more than a document holds: open it in Word, take out large "
            "pictures and embedded files, and save it again"
        )


class _Reading:
    """One pass through a document's body.

    Attributes:
        title: The paragraph in the style Title, once it was met.
        contents: How many lines of a table of contents were passed over.
        boxes: How many text boxes were.
    """

    def __init__(self, package: _Package) -> None:
        self._body = package.body
        self._styles = package.styles
        self.title: str | None = None
        self.contents = 0
        self.boxes = 0

    def parts(self) -> Iterator[Part]:
        """Yield headings and text in reading order."""
        for element in _blocks(self._body):
            if element.tag == qn("w:tbl"):
                yield from self._rows(element)
            else:
                yield from self._paragraph(element)

    def _paragraph(self, element: Element) -> Iterator[Part]:
        text = self._text(element)
        if not text:
            return
        styles = list(self._chain(element))
        names = [style.name for style in styles]
        if any(map(_CONTENTS.match, names)):
            self.contents += 1
            return
        level = _level(element, styles)
        if "title" in names:
            self.title = self.title or text
            level = level or 1
        yield Part(text, level)

    def _rows(self, table: Element) -> Iterator[Part]:
        """Read a table row by row; a table in a cell is read as the cell's text."""
        for row in _children(table, qn("w:tr")):
            if row.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None:
                continue
            cells = (
                " ".join(text for inner in cell.iter(qn("w:p")) if (text := self._text(inner)))
                for cell in _children(row, qn("w:tc"))
            )
            if text := " | ".join(cell for cell in cells if cell):
                yield Part(text)

    def _text(self, paragraph: Element) -> str:
        """Read a paragraph's runs as they stand with tracked changes accepted."""
        words: list[str] = []
        walker = etree.iterwalk(paragraph, events=("start",))
        for _, element in walker:
            if element.tag in _PASSED_OVER:
                self.boxes += element.tag == qn("w:txbxContent")
                walker.skip_subtree()
            elif element.tag == qn("w:t"):
                words.append(element.text or "")
            elif element.tag == qn("w:noBreakHyphen"):
                words.append("-")
            elif element.tag in _SPACES:
                words.append(" ")
        return tidy("".join(words))

    def _chain(self, paragraph: Element) -> Iterator[_Style]:
        """Yield a paragraph's style and those that it is based on."""
        named = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        seen: set[str] = set()  # styles may be based on one another in a circle
        while named is not None:
            identity = named.get(qn("w:val"), "")
            if identity in seen or identity not in self._styles:
                return
            seen.add(identity)
            yield self._styles[identity]
            named = self._styles[identity].element.find(qn("w:basedOn"))


def _blocks(body: Element) -> Iterator[Element]:
    """Yield paragraphs and tables, through content controls and the like."""
    waiting = [iter(body)]
    while waiting:
        element = next(waiting[-1], None)
        if element is None:
            waiting.pop()
        elif element.tag in _TRANSPARENT:
            waiting.append(iter(element))
        elif element.tag in (qn("w:p"), qn("w:tbl")):
            yield element


def _children(element: Element, tag: str) -> Iterator[Element]:
    """Yield an element's rows or cells, through content controls, but not those of inner tables."""
    waiting = [iter(element)]
    while waiting:
        child = next(waiting[-1], None)
        if child is None:
            waiting.pop()
        elif child.tag == tag:
            yield child
        elif child.tag in _TRANSPARENT:
            waiting.append(iter(child))


def _level(paragraph: Element, styles: list[_Style]) -> int:
    """Tell a heading's level by its outline level, or by its style's name."""
    outlines = [paragraph.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")]
    for style in styles:
        named = re.fullmatch(r"heading (\d)", style.name)
        if named and outlines[0] is None:
            return min(int(named.group(1)), _DEEPEST)
        outlines.append(style.element.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}"))
    outline = next((found for found in outlines if found is not None), None)
    value = outline.get(qn("w:val"), "") if outline is not None else ""
    return int(value) + 1 if value in tuple("012345") else 0  # 9 is body text


def _title(written: str, styled: str | None, parts: tuple[Part, ...]) -> str | None:
    given = tidy(written)
    if given and len(given) <= _LONGEST_TITLE and not _NO_TITLE.fullmatch(given):
        return given
    return styled or next((part.text for part in parts if part.level), None)


def _language(declared: Element | None, parts: tuple[Part, ...]) -> str | None:
    """Read the language that the document declares for its script.

    Word declares two, one for each direction of writing, and often without anybody's doing: the
    text's script chooses between them, and what does not fit it is no declaration.
    """
    if declared is None:
        return None
    text = " ".join(part.text for part in parts)
    arabic = len(re.findall(r"[\u0620-\u06ff]", text))
    latin = len(re.findall(r"[A-Za-z\u00c0-\u024f]", text))
    code = declared.get(qn("w:bidi" if arabic > latin else "w:val"), "").partition("-")[0].lower()
    fits = (code in _ARABIC_SCRIPT) == (arabic > latin)
    return code if fits and re.fullmatch(r"[a-z]{2}", code) else None


def _left_out(body: Element, reading: _Reading) -> tuple[str, ...]:
    notes = sum(1 for _ in body.iter(qn("w:footnoteReference"), qn("w:endnoteReference")))
    sentences = (
        (reading.contents, "the table of contents"),
        (notes, f"the footnotes and endnotes ({notes})"),
        (reading.boxes, f"the text boxes ({reading.boxes})"),
        (
            any(True for _ in body.iter(qn("w:del"), qn("w:moveFrom"))),
            "what tracked changes delete; what they insert was taken in",
        ),
    )
    return tuple(sentence for present, sentence in sentences if present)
