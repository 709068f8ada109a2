"""What a reader exports opens in a reference manager: all of it, and nothing but what is known."""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from conftest import make_case
from hypothesis import example, given
from hypothesis import strategies as st
from pybtex.database import parse_string as parse_as_bibtex_does
from pylatexenc.latex2text import (
    LatexNodes2Text,
    MacroTextSpec,
    get_default_latex_context_db,
)

from corpus.case_study import CaseStudy, Source
from index.hits import Shown
from index.passages import split_passages
from server.citation import cite
from server.reference_export import ReferenceFormat

SITE = "https://diwan.example"
BODY = "## What was done\n\n### In the schools\n\nForty porters came to the night school.\n"
ARABIC = "حضر الدروس أربعون حمّالًا في الشتاء الأول، «بلا استثناء»؟"
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
HOSTILE = [
    "First line\r\nER  - \r\nTY  - JOUR\r\nTI  - Smuggled\r\n",
    "ER  - ",
    "\nTY  - BOOK",
    "\x1cER  - \u2028ER  - \x85ER  - \x0bER  - ",
    "end},\n}\n@book{smuggled, title={Smuggled}}",
    "\n@comment{",
    "\n@string(a = {",
    "}{",
    "{balanced {twice}} and \\{escaped\\}",
    "{",
    "}",
    '"',
    '", title = "Smuggled',
    "100 % of #1 & $5_000 ~ x^2 \\ \\\\ \\textbf{bold} \\",
    "-- --- ---- `` '' ?` !` << >> ,, `quoted'",
    "a < b > c | d",
    "\u202eoverride \u2067isolate \u202a",
    "\u200e\u200f\u061cmarks stay\u200c\u200d",
    "half \ud800 of a pair \udfff",
    "nul\0nul",
    "\ufeffmark of order",
    "{:title: Smuggled}",
    '"}], [{"id": "smuggled"}',
    "Ü\u0308 é é 𝔘𝔫𝔦",
    ARABIC,
    "  \t\n",
    "",
]
LONG = ["w" * 50_000, "@(" * 500, "{" * 1_000, "-" * 1_000, "\u202e" * 5_000]
TEXTS = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(), max_size=60),
    st.lists(
        st.one_of(st.sampled_from(HOSTILE), st.text(st.sampled_from("{}\\$-'`!? ab\n@%")))
    ).map("".join),
)


def exported(
    shown: Shown | Sequence[Shown], to: ReferenceFormat, language: str = "en", site: str = SITE
) -> str:
    return to.export([shown] if isinstance(shown, Shown) else shown, language, site=site)


def ris(shown: Shown | Sequence[Shown], language: str = "en") -> list[dict[str, object]]:
    """The entries that a program for RIS reads."""
    text = exported(shown, ReferenceFormat.RIS, language)
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in text.split("\r\n") if line)
    return rispy.loads(text)


def bibtex(shown: Shown | Sequence[Shown], language: str = "en") -> list[dict[str, str]]:
    """The entries that programs for BibTeX read, their fields as TeX prints them."""
    text = exported(shown, ReferenceFormat.BIBTEX, language)
    library = parse_string(text)
    assert not library.failed_blocks
    assert library.blocks == library.entries
    strict = parse_as_bibtex_does(text, "bibtex").entries
    assert [*strict] == [entry.key for entry in library.entries]
    for entry in library.entries:
        assert {*strict[entry.key].fields} == {*entry.fields_dict}
        for name in entry.fields_dict.keys() - {"month"}:
            assert strict[entry.key].fields[name] == entry[name]
    return [
        {"key": entry.key, "entry": entry.entry_type}
        | {name: printed(name, field.value) for name, field in entry.fields_dict.items()}
        for entry in library.entries
    ]


def printed(name: str, value: str) -> str:
    """What TeX prints for a field; the address is verbatim."""
    if name == "url":
        return value
    known = get_default_latex_context_db()
    # The parser takes the ASCII circumflex for the accent.
    caret = [MacroTextSpec("textasciicircum", "^")]
    known.add_context_category("tests", prepend=True, macros=caret)
    return LatexNodes2Text(latex_context=known).latex_to_text(value)


def csl(shown: Shown | Sequence[Shown], language: str = "en") -> list[dict[str, object]]:
    """The entries of CSL-JSON."""
    return json.loads(exported(shown, ReferenceFormat.CSL, language))


def plain(text: str) -> str:
    """A text without control characters and with single spaces."""
    kept = (
        character
        for character in text
        if character.isspace()
        or (unicodedata.category(character) not in {"Cc", "Cs"} and character not in BIDI_CONTROLS)
    )
    return " ".join("".join(kept).split())


def passage_of(case: CaseStudy, **fields: object) -> Shown:
    return Shown(case, replace(split_passages(case)[0], **fields))  # type: ignore[arg-type]


def case_study(**fields: object) -> Shown:
    return passage_of(make_case(BODY), **fields)


def document(source: Source | None = None, *, page: int | None = 12) -> Shown:
    """A passage of a document that nobody has described as a case study."""
    source = source or Source(
        "A toolkit", "Example Institute", "https://example.org/kit.pdf", "2024-05-02", "en"
    )
    case = replace(make_case(BODY), title=source.title, level=None, pillars=(), source=source)
    return passage_of(case, page=page)


def two_passages(text: str = "Porters write petitions.") -> list[Shown]:
    case = make_case(BODY + f"\n### In the council\n\n{text}\n")
    return [Shown(case, passage) for passage in split_passages(case)]


def hostile(title: str, text: str) -> list[Shown]:
    """A document and a case study whose every text is as it was given."""
    source = Source(title, text, "https://example.org/a;b?c=|{}\\", text)
    fields = {"text": text, "heading": (text, title), "source_anchor": title}
    case = replace(make_case(BODY), title=title, source=source)
    based = replace(case, source=replace(source, title=f"{title} and more"))
    return [
        passage_of(case, id="document.en.0123456789", **fields),
        passage_of(based, id="case-study.en.0123456789", **fields),
    ]


# --- What each format holds ---------------------------------------------------------------------


def test_a_case_study_is_cited_as_itself_in_ris() -> None:
    shown = case_study()
    assert exported(shown, ReferenceFormat.RIS).split("\r\n") == [
        "TY  - RPRT",
        f"ID  - {shown.passage.id}",
        "TI  - Harbour: a night school",
        "M3  - Diwan case study",
        "LA  - en",
        f"UR  - {SITE}/cases/harbour-school?lang=en#{shown.passage.anchor}",
        "AB  - Forty porters came to the night school.",
        f"N1  - {cite(shown, 'en').text}",
        "ER  - ",
        "",
    ]


def test_a_case_study_is_cited_as_itself_in_bibtex() -> None:
    shown = case_study()
    assert bibtex(shown) == [
        {
            "key": shown.passage.id,
            "entry": "techreport",
            "title": "Harbour: a night school",
            "type": "Diwan case study",
            "language": "en",
            "url": f"{SITE}/cases/harbour-school?lang=en#{shown.passage.anchor}",
            "abstract": "Forty porters came to the night school.",
            "annote": cite(shown, "en").text,
        }
    ]


def test_a_case_study_is_cited_as_itself_in_csl() -> None:
    shown = case_study()
    assert csl(shown) == [
        {
            "id": shown.passage.id,
            "type": "report",
            "title": "Harbour: a night school",
            "genre": "Diwan case study",
            "language": "en",
            "URL": f"{SITE}/cases/harbour-school?lang=en#{shown.passage.anchor}",
            "abstract": "Forty porters came to the night school.",
            "note": cite(shown, "en").text,
        }
    ]


def test_a_document_is_cited_with_its_publisher_date_and_page_in_ris() -> None:
    [entry] = ris(document())
    assert entry["type_of_reference"] == "RPRT"
    assert entry["publisher"] == "Example Institute"
    assert (entry["year"], entry["date"]) == ("2024", "2024/05/02/")
    assert entry["urls"] == ["https://example.org/kit.pdf#page=12"]
    assert entry["start_page"] == "12"
    assert "type_of_work" not in entry


def test_a_document_is_cited_with_its_publisher_date_and_page_in_bibtex() -> None:
    [entry] = bibtex(document())
    assert entry["institution"] == "Example Institute"
    assert (entry["year"], entry["month"], entry["date"]) == ("2024", "may", "2024-05-02")
    assert entry["url"] == "https://example.org/kit.pdf#page=12"
    assert entry["pages"] == "12"
    assert "type" not in entry


def test_a_document_is_cited_with_its_publisher_date_and_page_in_csl() -> None:
    [entry] = csl(document())
    assert entry["publisher"] == "Example Institute"
    assert entry["issued"] == {"date-parts": [[2024, 5, 2]]}
    assert entry["URL"] == "https://example.org/kit.pdf#page=12"
    assert entry["page"] == "12"
    assert "genre" not in entry


def test_plain_text_is_the_quotation_its_citation_and_its_address() -> None:
    first, second = two_passages()
    blocks = exported([first, second], ReferenceFormat.TEXT).split("\n\n")
    assert blocks[0].split("\n") == [
        "“Forty porters came to the night school.”",
        cite(first, "en").text,
        f"{SITE}/cases/harbour-school?lang=en#{first.passage.anchor}",
    ]
    assert len(blocks) == 2
    assert blocks[1].endswith(f"#{second.passage.anchor}\n")


def test_the_section_and_what_it_is_based_on_are_named_in_the_reader_s_language() -> None:
    for language, section, based in (
        ("en", "section “In the schools”", "based on: Example Institute"),
        ("ar", "قسم «", "استنادًا إلى"),
    ):
        for note in (
            ris(case_study(), language)[0]["notes"][0],  # type: ignore[index]
            bibtex(case_study(), language)[0]["annote"],
            csl(case_study(), language)[0]["note"],
            exported(case_study(), ReferenceFormat.TEXT, language),
        ):
            assert section in str(note)
            assert based in str(note)


def test_the_date_of_the_source_is_not_that_of_the_case_study() -> None:
    assert not {"year", "date", "publisher"} & ris(case_study())[0].keys()
    assert not {"year", "month", "date", "institution"} & bibtex(case_study())[0].keys()
    assert not {"issued", "publisher"} & csl(case_study())[0].keys()


@pytest.mark.parametrize("site", ["https://diwan.example", "https://diwan.example/"])
def test_the_address_of_the_site_may_end_with_a_slash_or_not(site: str) -> None:
    [entry] = json.loads(exported(case_study(), ReferenceFormat.CSL, site=site))
    assert entry["URL"].startswith("https://diwan.example/cases/")


def test_each_format_says_what_it_is() -> None:
    assert [(way.value, way.suffix, way.media_type) for way in ReferenceFormat] == [
        ("text", ".txt", "text/plain; charset=utf-8"),
        ("ris", ".ris", "application/x-research-info-systems"),
        ("bibtex", ".bib", "application/x-bibtex"),
        ("csl", ".json", "application/vnd.citationstyles.csl+json"),
    ]


# --- Several passages ---------------------------------------------------------------------------


def test_passages_of_one_case_study_are_entries_of_their_own_in_their_order() -> None:
    shown = two_passages()[::-1]
    words = ["Porters write petitions.", "Forty porters came to the night school."]
    ids = [one.passage.id for one in shown]
    assert [(entry["id"], entry["abstract"]) for entry in ris(shown)] == [
        *zip(ids, words, strict=True)
    ]
    assert [(entry["key"], entry["abstract"]) for entry in bibtex(shown)] == [
        *zip(ids, words, strict=True)
    ]
    assert [(entry["id"], entry["abstract"]) for entry in csl(shown)] == [
        *zip(ids, words, strict=True)
    ]


@pytest.mark.parametrize("way", ReferenceFormat)
def test_a_passage_that_comes_again_is_written_once(way: ReferenceFormat) -> None:
    first, second = two_passages()
    assert exported([first, second, first], way) == exported([first, second], way)


def test_nothing_is_a_file_without_entries() -> None:
    assert [exported([], way) for way in ReferenceFormat] == ["", "", "", "[]"]


def test_an_entry_keeps_its_key_whatever_it_is_exported_with() -> None:
    first, second = two_passages()
    assert bibtex([second, first])[1]["key"] == bibtex(first)[0]["key"] == first.passage.id


def test_keys_are_ascii_and_differ_even_where_ids_are_not() -> None:
    ids = ["الميناء.ar.0123456789", "المينا؟.ar.0123456789", "a b,c}.en.0123456789", "a.en.1"]
    shown = [case_study(id=name) for name in ids]
    keys = [entry["key"] for entry in bibtex(shown)]
    assert all(re.fullmatch(r"[A-Za-z0-9.-]+", key) for key in keys)
    assert len({*keys}) == len(ids)
    assert keys == [entry["id"] for entry in ris(shown)] == [entry["id"] for entry in csl(shown)]


# --- What is unknown ----------------------------------------------------------------------------


@pytest.mark.parametrize("way", ReferenceFormat)
def test_what_is_unknown_is_not_named(way: ReferenceFormat) -> None:
    text = exported(document(Source("A toolkit"), page=None), way)
    assert not re.search(r"None|null|n\.d\.|http|\bPY|\bDA|\bPB|\bSP|\bUR", text)


def test_what_is_unknown_has_no_field() -> None:
    shown = document(Source("A toolkit"), page=None)
    common = {"title", "abstract", "language"}
    assert ris(shown)[0].keys() == common | {"type_of_reference", "id", "notes"}
    assert bibtex(shown)[0].keys() == common | {"entry", "key", "annote"}
    assert csl(shown)[0].keys() == common | {"type", "id", "note"}


def test_without_a_source_a_document_is_its_title_and_words() -> None:
    shown = document(page=None)
    shown = Shown(replace(shown.case, source=None), shown.passage)
    assert {"publisher", "issued", "URL"}.isdisjoint(csl(shown)[0])
    assert ris(shown)[0]["title"] == "A toolkit"


def test_a_field_that_holds_nothing_to_read_is_unknown() -> None:
    shown = document(Source("A toolkit", " \0\n", "\u202e", "\ud800"), page=None)
    assert csl(shown)[0].keys() == {"type", "id", "title", "language", "abstract", "note"}


@pytest.mark.parametrize(
    ("published", "in_ris", "in_bibtex", "in_csl"),
    [
        ("2024", ("2024", "2024///"), ("2024", None, None), [2024]),
        ("2024-05", ("2024", "2024/05//"), ("2024", "may", None), [2024, 5]),
        ("2024-12-31", ("2024", "2024/12/31/"), ("2024", "dec", "2024-12-31"), [2024, 12, 31]),
    ],
)
def test_a_date_is_given_as_far_as_it_is_known(
    published: str,
    in_ris: tuple[str, str],
    in_bibtex: tuple[str | None, ...],
    in_csl: list[int],
) -> None:
    shown = document(Source("A toolkit", published=published))
    assert (ris(shown)[0]["year"], ris(shown)[0]["date"]) == in_ris
    assert tuple(map(bibtex(shown)[0].get, ("year", "month", "date"))) == in_bibtex
    assert csl(shown)[0]["issued"] == {"date-parts": [in_csl]}


@pytest.mark.parametrize("published", ["spring 2024", "2024-13", "2024-00-01", "24", "2024-5-2"])
def test_what_is_no_date_is_not_made_one(published: str) -> None:
    shown = document(Source("A toolkit", published=published))
    assert not {"year", "date"} & ris(shown)[0].keys()
    assert not {"year", "month", "date"} & bibtex(shown)[0].keys()
    assert "issued" not in csl(shown)[0]


# --- Whatever the corpus holds ------------------------------------------------------------------


def test_arabic_comes_back_as_it_was() -> None:
    case = make_case(f"## السياق\n\n{ARABIC}\n", language="ar", title="الميناء: مدرسة ليلية")
    shown = passage_of(case)
    for entry in (*ris(shown, "ar"), *bibtex(shown, "ar"), *csl(shown, "ar")):
        assert (entry["title"], entry["abstract"]) == ("الميناء: مدرسة ليلية", ARABIC)
        assert entry["language"] == "ar"
    assert csl(shown, "ar")[0]["genre"] == "دراسة حالة من ديوان"
    assert ARABIC in exported(shown, ReferenceFormat.CSL, "ar")


@given(title=TEXTS, text=TEXTS)
@example(title=HOSTILE[0], text=HOSTILE[0])
@example(title="ER  - ", text="\nER  - \nTY  - JOUR\n")
def test_ris_gives_back_any_title_and_passage(title: str, text: str) -> None:
    shown = hostile(title, text)
    entries = ris(shown)
    assert [entry.get("title", "") for entry in entries] == [plain(title)] * len(shown)
    assert [entry.get("abstract", "") for entry in entries] == [plain(text)] * len(shown)
    assert all(len(entry["urls"]) == 1 for entry in entries)  # type: ignore[arg-type]


@given(title=TEXTS, text=TEXTS)
@example(title="}", text="{")
@example(title="\\", text="\\}")
@example(title="{a}", text="end},\n}\n@book{smuggled, title={Smuggled}}")
def test_bibtex_gives_back_any_title_and_passage(title: str, text: str) -> None:
    shown = hostile(title, text)
    entries = bibtex(shown)
    assert [entry.get("title", "") for entry in entries] == [plain(title)] * len(shown)
    assert [entry.get("abstract", "") for entry in entries] == [plain(text)] * len(shown)
    assert {name for entry in entries for name in entry} <= {
        *("entry key title type institution year month date".split()),
        *("pages language url abstract annote".split()),
    }


@given(title=TEXTS, text=TEXTS)
def test_csl_gives_back_any_title_and_passage(title: str, text: str) -> None:
    shown = hostile(title, text)
    entries = csl(shown)
    assert [entry.get("title", "") for entry in entries] == [plain(title)] * len(shown)
    assert [entry.get("abstract", "") for entry in entries] == [plain(text)] * len(shown)
    assert not any("{:" in str(entry["note"]) for entry in entries)


@given(title=TEXTS, text=TEXTS)
def test_plain_text_keeps_entries_apart(title: str, text: str) -> None:
    shown = hostile(title, text)
    blocks = exported(shown, ReferenceFormat.TEXT).removesuffix("\n").split("\n\n")
    assert len(blocks) == len(shown)
    assert all(block.split("\n")[0] == f"“{plain(text)}”" for block in blocks)


@pytest.mark.parametrize("way", ReferenceFormat)
@pytest.mark.parametrize("text", HOSTILE + LONG)
def test_every_file_can_be_written_to_disk(way: ReferenceFormat, text: str) -> None:
    written = exported(hostile(text, text), way)
    assert written.encode().decode() == written
    assert not re.search("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]", written)


@pytest.mark.slow
@pytest.mark.parametrize("text", LONG)
def test_what_is_long_comes_back_whole(text: str) -> None:
    shown = hostile("A title", text)
    for entries in (ris(shown), bibtex(shown), csl(shown)):
        assert [entry.get("abstract", "") for entry in entries] == [plain(text)] * len(shown)


def test_isolates_of_a_citation_are_closed_whatever_the_title_holds() -> None:
    shown = passage_of(make_case(BODY, title="\u2067\u2068 Port"))
    note = str(csl(shown, "ar")[0]["note"])
    assert note.count("\u2068") == note.count("\u2069") > 0
    assert "\u2067" not in note


def test_an_address_stays_one_address() -> None:
    source = Source("A toolkit", url="https://example.org/a b;https://evil.example/{x}\\\n|%20")
    shown = document(source, page=None)
    shown = Shown(shown.case, replace(shown.passage, source_anchor="x"))
    whole = "https://example.org/a%20b;https://evil.example/%7Bx%7D%5C%20%7C%20"
    assert str(csl(shown)[0]["URL"]).startswith(f"{whole}#x:~:text=Forty")
    assert bibtex(shown)[0]["url"] == csl(shown)[0]["URL"]
    [url] = ris(shown)[0]["urls"]  # type: ignore[misc]
    assert url == str(csl(shown)[0]["URL"]).replace(";", "%3B")


def test_what_tex_would_draw_as_one_is_kept_apart() -> None:
    shown = case_study(text="a -- b ``c'' d !`e << f, g -")
    assert "a -{}- b `{}`c'{}' d !{}`e <{}< f, g -" in exported(shown, ReferenceFormat.BIBTEX)


def test_a_title_keeps_its_capitals_in_bibtex() -> None:
    assert "title = {{Harbour: a night school}}" in exported(case_study(), ReferenceFormat.BIBTEX)
