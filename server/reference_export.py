"""Passages -> a file of citations that a reference manager reads: RIS, BibTeX, CSL-JSON or text."""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import quote

import rispy
from bibtexparser.entrypoint import write_string
from bibtexparser.library import Library
from bibtexparser.model import Entry, Field

from corpus.case_study import Source
from index.hits import Shown
from server.citation import cite
from server.i18n import interface

# A case study and a document of the library are both reports: only that type has a place for a
# publisher, a page and a word for what it is. Managers read the generic type (GEN) as an article
# of a journal, drop publisher and page of a web page (ELEC), and take CASE for a court's. It is
# also true of what has no known kind: nobody said whether a document is a page or a file.
_RIS_TYPE = "RPRT"
_CSL_TYPE = "report"
_BIBTEX_TYPE = "techreport"

# Control characters but for white space, halves of characters that are not in any encoding, and
# what sets or overrides the direction of text: left open, it would turn what comes behind it.
_UNWRITABLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]"
)
_NOT_IN_ADDRESSES = re.compile(r'[ "<>\\^`{|}]')  # RFC 3986, appendix A has a place for none
_NOT_IN_KEYS = re.compile(r"[^A-Za-z0-9.-]")
_DATE = re.compile(r"([0-9]{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12][0-9]|3[01]))?)?")
_RIS_DATE_PARTS = 4  # year, month, day and "other info"
_FULL_DATE = 3  # year, month and day
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()

_TEX = {"\\": r"{\textbackslash}", "~": r"{\textasciitilde}", "^": r"{\textasciicircum}"}
_TEX |= {character: f"\\{character}" for character in "#$%&_"}
_PAIRED_BRACES = {"{": r"\{", "}": r"\}"}
_LONE_BRACES = {"{": r"$\lbrace$", "}": r"$\rbrace$"}
# Between what TeX's fonts would draw as one: dashes, quotation marks, upside-down ! and ?.
_LIGATURE = re.compile(r"(?<=([-'`,<>]))(?=\1)|(?<=[!?])(?=`)")


class ReferenceFormat(StrEnum):
    """A format that references are exported in, by the name that it is asked for with."""

    TEXT = "text"
    RIS = "ris"
    BIBTEX = "bibtex"
    CSL = "csl"

    @property
    def suffix(self) -> str:
        """What the name of such a file ends with, with its dot."""
        return _WAYS[self].suffix

    @property
    def media_type(self) -> str:
        """The value of Content-Type; whatever it says, the text is to be sent as UTF-8."""
        return _WAYS[self].media_type

    def export(self, passages: Sequence[Shown], language: str, *, site: str) -> str:
        """Write passages down, each as an entry of its own.

        Args:
            passages: In the order to write them in; one that comes again is left out.
            language: ISO 639-1 code of the reader's language; English where the interface does
                not speak it.
            site: Address of the site's root, such as `https://diwan.example`.

        Returns:
            The text of the file. White space within a field is a single space, and what no file
            can hold or show safely is left out. What is unknown has no field.
        """
        once: dict[str, Shown] = {}
        for shown in passages:
            once.setdefault(shown.passage.id, shown)
        references = [_reference(shown, language, site) for shown in once.values()]
        return _WAYS[self].write(references)


@dataclass(frozen=True, slots=True)
class _Reference:
    """What is said of a passage in every format; each text on one line.

    Attributes:
        key: ASCII letters, digits, hyphens and full stops; stays the same and is the entry's own.
        title: Of the case study or document.
        language: Language of the case study or document, as a BCP 47 tag.
        kind: What a case study is called; None for a document.
        publisher: Of a document.
        date: Year, month and day of a document, as far as they are known.
        page: Number of the page that the passage begins on.
        url: Where the case study stands on the site, or the document's own address.
        quotation: The passage's words.
        quoted: The same in the reader's quotation marks.
        citation: The citation in words, with the section and what a case study is based on.
    """

    key: str
    title: str
    language: str
    kind: str | None
    publisher: str | None
    date: tuple[str, ...]
    page: str | None
    url: str | None
    quotation: str
    quoted: str
    citation: str


@dataclass(frozen=True, slots=True)
class _Way:
    suffix: str
    media_type: str
    write: Callable[[Sequence[_Reference]], str]


def _reference(shown: Shown, language: str, site: str) -> _Reference:
    """Gather what is known of a passage.

    A case study has neither publisher nor date: both are its source's, which its citation names.
    """
    shown = _cleaned(shown)
    case, passage = shown.case, shown.passage
    citation = cite(shown, language)
    reader = interface(language)
    own = case.is_case_study
    return _Reference(
        key=_key(passage.id),
        title=case.title,
        language=case.language,
        kind=reader.gettext("Diwan case study") if own else None,
        publisher=None if own else citation.publisher,
        date=() if own else _date(citation.published),
        page=str(citation.page) if citation.page else None,
        url=f"{site.rstrip('/')}{citation.case_url}" if own else citation.url,
        quotation=passage.text,
        quoted=reader.gettext("“%(title)s”", title=passage.text),
        citation=citation.text,
    )


def _key(passage_id: str) -> str:
    """Turn the id of a passage, `<case id>.<language>.<digits>`, into a key that BibTeX takes."""
    key = _NOT_IN_KEYS.sub("-", passage_id)
    if key == passage_id:
        return key
    # Two ids that differ in nothing but letters outside ASCII are still two.
    digest = hashlib.sha256(passage_id.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{key}-{digest[:10]}"


def _date(published: str | None) -> tuple[str, ...]:
    found = _DATE.fullmatch(published or "")
    return tuple(part for part in found.groups() if part) if found else ()


def _cleaned(shown: Shown) -> Shown:
    """Clean whatever of a passage comes from the corpus and goes into its citation."""
    case, passage = shown.case, shown.passage
    return Shown(
        replace(
            case,
            title=_clean(case.title),
            source=_cleaned_source(case.source) if case.source else None,
        ),
        replace(
            passage,
            heading=tuple(heading for heading in map(_clean, passage.heading) if heading),
            text=_clean(passage.text),
            source_anchor=_known(passage.source_anchor),
        ),
    )


def _cleaned_source(source: Source) -> Source:
    url = _known(source.url)
    return replace(
        source,
        title=_clean(source.title),
        publisher=_known(source.publisher),
        url=url and _NOT_IN_ADDRESSES.sub(lambda found: quote(found[0]), url),
        published=_known(source.published),
    )


def _clean(text: str) -> str:
    return " ".join(_UNWRITABLE.sub("", text).split())


def _known(text: str | None) -> str | None:
    return _clean(text or "") or None


def _write_text(references: Sequence[_Reference]) -> str:
    """Write the quotation, its citation and its address, a line each, and a line between two."""
    return "\n".join(
        "".join(
            f"{line}\n" for line in (reference.quoted, reference.citation, reference.url) if line
        )
        for reference in references
    )


class _RisWriter(rispy.RisWriter):  # type: ignore[misc]  # it comes without types
    NEWLINE = "\r\n"  # as the format demands

    def set_header(self, count: int) -> str:  # noqa: ARG002
        """Leave out the line with a number before each entry, which is no RIS."""
        return ""


def _write_ris(references: Sequence[_Reference]) -> str:
    entries = [_known_fields(_ris(reference)) for reference in references]
    written: str = _RisWriter().formats(entries)
    return written


def _ris(reference: _Reference) -> dict[str, object]:
    """Name what is known as rispy does.

    Source: the format's specification by Research Information Systems; a date keeps the slashes
    of the parts that it lacks.
    """
    date = reference.date
    # A semicolon would start another address.
    urls = [reference.url.replace(";", "%3B")] if reference.url else None
    return {
        "type_of_reference": _RIS_TYPE,
        "id": reference.key,
        "title": reference.title,
        "type_of_work": reference.kind,
        "publisher": reference.publisher,
        "year": date[0] if date else None,
        "date": "/".join(date) + "/" * (_RIS_DATE_PARTS - len(date)) if date else None,
        "start_page": reference.page,
        "language": reference.language,
        "urls": urls,
        "abstract": reference.quotation,
        "notes": [reference.citation],
    }


def _write_csl(references: Sequence[_Reference]) -> str:
    entries = [_known_fields(_csl(reference)) for reference in references]
    return json.dumps(entries, ensure_ascii=False, indent=1)


def _csl(reference: _Reference) -> dict[str, object]:
    """Name what is known as CSL 1.0.2 does, in its appendix IV."""
    date = [int(part) for part in reference.date]
    return {
        "id": reference.key,
        "type": _CSL_TYPE,
        "title": reference.title,
        "genre": reference.kind,
        "publisher": reference.publisher,
        "issued": {"date-parts": [date]} if date else None,
        "page": reference.page,
        "language": reference.language,
        "URL": reference.url,
        "abstract": reference.quotation,
        # Within a note, `{:name: value}` would set another field in citeproc-js.
        "note": reference.citation.replace("{:", "{ :"),
    }


def _write_bibtex(references: Sequence[_Reference]) -> str:
    return write_string(Library([_bibtex(reference) for reference in references]))


def _bibtex(reference: _Reference) -> Entry:
    """Name what is known as BibTeX's standard styles and biblatex do."""
    date = reference.date
    texts = {
        # In braces of its own: styles would lower its capitals.
        "title": f"{{{_tex(reference.title)}}}" if reference.title else None,
        "type": _tex(reference.kind),
        "institution": _tex(reference.publisher),
        "year": date[0] if date else None,
        "date": "-".join(date) if len(date) == _FULL_DATE else None,
        "pages": reference.page,
        "language": reference.language,
        "url": reference.url,  # read verbatim; nothing in it can end the field
        "abstract": _tex(reference.quotation),
        "annote": _tex(reference.citation),  # not `note`, which styles print after the rest
    }
    fields = [Field(name, value) for name, value in texts.items() if value]
    if len(date) > 1:
        fields.append(Field("month", _MONTHS[int(date[1]) - 1], enclosing="no-enclosing"))
    return Entry(_BIBTEX_TYPE, reference.key, fields)


def _tex(text: str | None) -> str | None:
    """Write a text so that TeX prints it as it is and every reader finds its end.

    BibTeX counts braces, and other readers pass over those behind a backslash: only such as come
    in pairs can stand there as braces.
    """
    if text is None:
        return None
    written = _TEX | (_PAIRED_BRACES if _in_pairs(text) else _LONE_BRACES)
    return _LIGATURE.sub("{}", "".join(written.get(character, character) for character in text))


def _in_pairs(text: str) -> bool:
    depth = 0
    for brace in re.findall(r"[{}]", text):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


def _known_fields(fields: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value}


_WAYS = {
    ReferenceFormat.TEXT: _Way(".txt", "text/plain; charset=utf-8", _write_text),
    ReferenceFormat.RIS: _Way(".ris", "application/x-research-info-systems", _write_ris),
    ReferenceFormat.BIBTEX: _Way(".bib", "application/x-bibtex", _write_bibtex),
    ReferenceFormat.CSL: _Way(".json", "application/vnd.citationstyles.csl+json", _write_csl),
}
