"""Plain text and Markdown, in whatever encoding, give their parts and their dates."""

import pytest

from corpus.readers.dates import find_date
from corpus.readers.decoding import decode
from corpus.readers.draft import Draft, RefusedError
from corpus.readers.furniture import Furniture, furniture_of, opens_related, without_icons
from corpus.readers.notes import read_notes
from corpus.readers.plain import read_plain

ARABIC = "أنشأت البلدية مجلسا في كل حي، يجتمع مرة في الشهر ويرفع توصياته إلى المجلس البلدي."
FRENCH = "La ville a créé un conseil de quartier, où l’on parle de ce qui sépare."
LONG = "The council meets every month in another quarter, and reads its minutes to the city. " * 2


def parts(draft: Draft) -> list[tuple[int, str]]:
    return [(part.level, part.text) for part in draft.parts]


def plain(text: str) -> Draft:
    return read_plain(text.encode(), "a.txt")


def notes(text: str) -> Draft:
    return read_notes(text.encode(), "a.md")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-16-le"])
@pytest.mark.parametrize("text", [ARABIC, FRENCH])
def test_unicode_is_told_by_its_bytes(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("text", "encoding"), [(ARABIC, "cp1256"), (ARABIC, "iso8859_6"), (FRENCH, "cp1252")]
)
def test_an_old_encoding_is_told_by_how_the_text_reads(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_a_declared_encoding_counts_unless_the_bytes_are_those_of_utf_8() -> None:
    assert decode("šťastný".encode("cp1250"), "windows-1250") == "šťastný"
    assert decode(ARABIC.encode(), "windows-1256") == ARABIC
    assert decode("l’été".encode("cp1252"), "ISO-8859-1") == "l’été"
    assert decode(ARABIC.encode("cp1256"), "no-such-encoding") == ARABIC


def test_one_broken_byte_does_not_change_the_encoding() -> None:
    assert decode(ARABIC.encode() * 30 + b"\xff").startswith(ARABIC)


def test_line_ends_are_made_one() -> None:
    assert decode(b"a\r\nb\rc\n") == "a\nb\nc\n"


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\r\n\x1a\n" + bytes(300), bytes(range(256)) * 8, b"words \x01\x02\x03\x04 words"],
)
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(RefusedError, match="it is not"):
        decode(content)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024-11-27", "2024-11-27"),
        ("2024-11-27T23:30:00+03:00", "2024-11-27"),
        ("2024-11", "2024-11"),
        ("27/11/2024", "2024-11-27"),
        ("27.11.2024", "2024-11-27"),
        ("11/27/2024", "2024-11-27"),
        ("03/04/2024", "2024"),
        ("04/04/2024", "2024-04-04"),
        ("Published on 27 November 2024 by the town", "2024-11-27"),
        ("November 27th, 2024", "2024-11-27"),
        ("Sept. 3, 2023", "2023-09-03"),
        ("٢٧/١١/٢٠٢٤", "2024-11-27"),
        ("٢٠٢٤/١١/٢٧", "2024-11-27"),
        ("\u200f٢٧\u200f/١١\u200f/٢٠٢٤", "2024-11-27"),
        ("27 نوفمبر 2024", "2024-11-27"),
        ("٢٧ تشرين الثاني ٢٠٢٤", "2024-11-27"),
        ("الأربعاء، 30 مايو/أيار، 2024", "2024-05-30"),
        ("5 اكتوبر 2021", "2021-10-05"),
        ("أكتوبر (تشرين الأول) 2024", "2024-10"),
        ("2024", "2024"),
        ("1er mars 2021", "2021-03-01"),
        ("31/02/2024", None),
        ("31 February 2024", None),
        ("2024-13-01", None),
        ("15/10/1445", None),
        ("2024 people came", None),
        ("version 1.2.2024.5", None),
        ("", None),
    ],
)
def test_a_date_is_what_the_words_say_without_doubt(text: str, date: str | None) -> None:
    assert find_date(text) == date


@pytest.mark.parametrize(
    ("name", "month"),
    [
        ("جانفي", 1), ("فيفري", 2), ("أفريل", 4), ("ماي", 5), ("جوان", 6), ("جويلية", 7),
        ("أوت", 8), ("غشت", 8), ("شتنبر", 9), ("نونبر", 11), ("دجنبر", 12), ("كانون الثاني", 1),
        ("شباط", 2), ("آذار", 3), ("نيسان", 4), ("حزيران", 6), ("تموز", 7), ("آب", 8),
        ("أيلول", 9), ("كانون الأول", 12), ("يوليوز", 7), ("أغسطس", 8),
    ],
)  # fmt: skip
def test_every_arab_country_s_months_are_known(name: str, month: int) -> None:
    assert find_date(f"3 {name} 2020") == f"2020-{month:02}-03"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("arrow-up arrow closefacebooklinkedin video-icon", Furniture.ICONS),
        ("chevron_right", Furniture.ICONS),
        ("north_east", Furniture.ICONS),
        ("Share on Facebook", Furniture.SHARING),
        ("شارك على فيسبوك", Furniture.SHARING),
        ("Click to share on WhatsApp (Opens in new window)", Furniture.SHARING),
        ("Facebook Twitter LinkedIn", Furniture.SHARING),
        ("Skip to main content", Furniture.NAVIGATION),
        ("العودة إلى أعلى الصفحة", Furniture.NAVIGATION),
        ("اقرأ المزيد", Furniture.NAVIGATION),
        ("Accept all cookies", Furniture.COOKIES),
        ("This page was translated automatically. Report errors to us.", Furniture.TRANSLATION),
        ("تُرجم هذا الموقع آليًا. أبلغنا عن أي خطأ.", Furniture.TRANSLATION),
        ("© 2024 Harbour Town", Furniture.RIGHTS),
    ],
)
def test_furniture_is_known_by_its_kind(line: str, kind: Furniture) -> None:
    assert furniture_of(line) is kind


@pytest.mark.parametrize(
    "line",
    [
        "Trust", "الثقة", "التواصل", "Sharing power", "up-to-date", "The council shares its data.",
        "Copyright law concerns cities.", "More money from donors", "مشاركة الشباب في القرار",
        "The council uses machine translation, and checks it for errors.", "work-shop",
    ],
)  # fmt: skip
def test_words_of_a_text_are_not_taken_for_furniture(line: str) -> None:
    assert furniture_of(line) is None
    assert not opens_related(line)


def test_the_name_of_an_icon_is_taken_out_of_a_line() -> None:
    assert without_icons("Read the plan arrow_forward now") == "Read the plan now"
    assert without_icons("The field first_name is empty") == "The field first_name is empty"


def test_a_saved_page_gives_its_text_its_title_and_its_date() -> None:
    repeated = "وتفيد هذه التجربة في أمور عدة:"
    page = "\n\n".join(
        (
            "arrow-left arrow-right closefacebooksearch twittermenu-icon",
            "مجلس الجيران في مدينة الميناء – تجربة",
            "آخر تحديث:\n٣/٥/٢٠٢٤\nتاريخ النشر:\n٢٧/١١/٢٠٢٣\nنوع المحتوى:",
            f"{ARABIC} {ARABIC}",
            repeated,
            f"{ARABIC} ثانية.",
            repeated,
            f"{ARABIC} ثالثة.",
            repeated,
            "الموارد",
            f"{ARABIC} رابعة.",
            "شارك على فيسبوك",
            "تمت ترجمة هذا الموقع تلقائيًا. للإبلاغ عن الأخطاء راسلنا.",
        )
    )
    draft = plain(page)
    assert draft.title == "مجلس الجيران في مدينة الميناء – تجربة"
    assert (draft.published, draft.language) == ("2023-11-27", None)
    assert parts(draft) == [
        (1, draft.title), (0, f"{ARABIC} {ARABIC}"), (0, f"{ARABIC} ثانية."),
        (0, f"{ARABIC} ثالثة."), (2, "الموارد"), (0, f"{ARABIC} رابعة."),
    ]  # fmt: skip
    assert len(draft.left_out) == 5
    assert any(f"“{repeated}” (3 times)" in sentence for sentence in draft.left_out)


def test_a_date_of_change_is_no_date_of_publication() -> None:
    assert plain(f"A title\n\nLast updated:\n2024-05-03\n\n{LONG}").published is None
    assert plain(f"A title\n\nPublished: 3 May 2024\n\n{LONG}").published == "2024-05-03"


def test_wrapped_lines_are_joined_and_ended_ones_are_not() -> None:
    text = (
        "The council meets every month in another quarter of the\n"
        "town, and its minutes are read out at the next meeting\n"
        "of the city.\n\n"
        "Rooms: 4,000\nStaff: 9,000\n\n"
        "It asks:\n- what divides the people of a quarter, and since when it has\n"
        "  done so\n- what would help them\n\n"
        f"{LONG}\n{LONG}"
    )
    assert [text for _, text in parts(plain(text))] == [
        (
            "The council meets every month in another quarter of the town, and its minutes are "
            "read out at the next meeting of the city."
        ),
        "Rooms: 4,000",
        "Staff: 9,000",
        "It asks:",
        "what divides the people of a quarter, and since when it has done so",
        "what would help them",
        LONG.strip(),
        LONG.strip(),
    ]


def test_a_short_line_above_a_longer_paragraph_is_a_heading() -> None:
    draft = plain(f"The plan\n\n{LONG}\n\nWhat it costs\n\n{LONG}\n\nShort.\n\n{LONG}")
    assert [part.level for part in draft.parts] == [1, 0, 2, 0, 0, 0]
    assert draft.title == "The plan"


def test_a_text_without_a_title_has_none() -> None:
    assert plain(f"{LONG}\n\n{LONG}").title is None


@pytest.mark.parametrize("text", ["", "\n\n", "----\n\n***", "Share\n\nMenu"])
def test_a_text_without_text_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="no text"):
        plain(text)


def test_front_matter_is_read_leniently() -> None:
    draft = notes(
        "---\ntitle: The plan\nlang: ar-JO\ndate: 27 November 2024\ntags: [a, b]\nother: {x: y}\n"
        f"source: https://example.org/plan\n---\n\n{LONG}"
    )
    assert (draft.title, draft.language, draft.published) == ("The plan", "ar", "2024-11-27")
    assert draft.url == "https://example.org/plan"
    assert parts(draft) == [(0, LONG.strip())]


@pytest.mark.parametrize(
    "front", ["title: [", "just words", "{" * 5000, "title: a\n\ttab: b", "a: &a [*a, *a]"]
)
def test_front_matter_that_cannot_be_read_does_not_keep_the_text_out(front: str) -> None:
    assert parts(notes(f"---\n{front}\n---\n\n# Head\n\n{LONG}")) == [
        (1, "Head"),
        (0, LONG.strip()),
    ]


def test_a_rule_in_the_first_line_is_no_front_matter() -> None:
    draft = notes(f"---\n\n# Head\n\n{LONG}")
    assert parts(draft) == [(1, "Head"), (0, LONG.strip())]
    assert (draft.title, draft.left_out) == ("Head", ())


def test_markdown_loses_its_markup_and_no_word() -> None:
    draft = notes(
        '# The *plan* {#plan}\n\nSee [the **map**](https://example.org/a_(b) "t") of `x < y`,\n'
        "![a picture](p.png) and<br>more.[^1]\n{: .lead }\n\n"
        "* one\n* two\n  1. inner\n\n| A | B |\n|---|---|\n| 1 | *2* |\n\n> quoted\n\n"
        "```\ncode here\n```\n\n<!-- hidden -->\n\n{% include x.html %}\n\n***\n"
    )
    assert parts(draft) == [
        (1, "The plan"), (0, "See the map of x < y, and more."), (0, "one"), (0, "two"),
        (0, "inner"), (0, "A | B"), (0, "1 | 2"), (0, "quoted"), (0, "code here"),
    ]  # fmt: skip


def test_html_in_markdown_is_reduced_to_its_text_and_the_markdown_in_it_too() -> None:
    draft = notes(
        '<div dir="rtl" markdown="1">\n\n## Head\n\nText.\n\n'
        '<aside markdown="1" class="pquote">\n  <img src="a.png" alt="avatar">\nWe *all* agreed.\n'
        '  <p markdown="1">\n— A mayor, ["The book"](https://example.org)\n  </p>\n</aside>\n\n'
        "<script>\nno()\n</script>\n\n</div>\n"
    )
    assert parts(draft) == [
        (2, "Head"), (0, "Text."), (0, "We all agreed."), (0, '— A mayor, "The book"'),
    ]  # fmt: skip


def test_deep_nesting_in_markdown_does_not_crash() -> None:
    deep = ">" * 20_000 + " a\n\n" + "<div>" * 20_000 + "\n\n" + "[" * 20_000
    assert (0, LONG.strip()) in parts(notes(f"{LONG}\n\n{deep}\n"))
