"""A saved web page gives its main text, and what it says of itself."""

import pytest

from corpus.readers.draft import Draft, RefusedError
from corpus.readers.html import read_html

BODY = """
<nav><ul><li><a href="/">Home</a></li><li><a href="/cities">Cities</a></li></ul></nav>
<div class="cookie-banner"><p>We use cookies to improve your visit to this page.</p></div>
<main id="content"><article>
<h1>A council of neighbours in Harbour Town</h1>
<div class="share-buttons"><a href="#">Share on Facebook</a> <a href="#">Tweet</a></div>
<p>In spring the city brought neighbours of every quarter together, to speak about what divides
them and what they could do about it before anybody else had to.</p>
<h2 id="how">How it works <span class="material-icons">chevron_right</span></h2>
<p>The council meets every month in another quarter. Its chair is drawn by lot, and its minutes
are read out at the next meeting of the city's own council.</p>
<ul><li>Schools send two pupils each, who may speak and vote.</li>
<li>The police send one officer, who may speak and may not vote.</li></ul>
<h3>What it costs</h3>
<table id="costs"><tr><th>Item</th><th>Cost in a year</th></tr>
<tr><td>Rooms for the meetings</td><td>4,000</td></tr></table>
<blockquote><p>Nobody had asked us before, said the baker of the old market.</p></blockquote>
<p>Read the whole plan of the council on the city's pages. arrow_forward</p>
<h2>Related articles</h2>
<ul><li><a href="/1">A library for all</a></li><li><a href="/2">A park at night</a></li></ul>
</article></main>
<footer><p>© 2024 Harbour Town. All rights reserved.</p></footer>
<script>var hidden = "scripts are no text";</script>
"""


def read(body: str = BODY, head: str = "", attributes: str = ' lang="en"') -> Draft:
    page = f"<!DOCTYPE html><html{attributes}><head>{head}</head><body>{body}</body></html>"
    return read_html(page.encode(), "page.html")


def texts(draft: Draft) -> list[str]:
    return [part.text for part in draft.parts]


def test_the_text_comes_with_headings_lists_tables_and_quotations() -> None:
    parts = [(part.level, part.text[:30]) for part in read().parts]
    assert parts == [
        (1, "A council of neighbours in Har"),
        (0, "In spring the city brought nei"),
        (2, "How it works"),
        (0, "The council meets every month "),
        (0, "Schools send two pupils each, "),
        (0, "The police send one officer, w"),
        (3, "What it costs"),
        (0, "Item | Cost in a year"),
        (0, "Rooms for the meetings | 4,000"),
        (0, "Nobody had asked us before, sa"),
        (0, "Read the whole plan of the cou"),
    ]


def test_what_surrounds_the_text_stays_out() -> None:
    words = " ".join(texts(read())).casefold()
    for furniture in (
        "home", "cookies", "facebook", "chevron", "arrow_", "library for all", "©", "scripts",
    ):  # fmt: skip
        assert furniture not in words
    assert read().left_out == ("navigation: “Related articles”",)


def test_every_part_has_the_anchor_that_stands_at_or_before_it() -> None:
    anchors = {part.text[:12]: part.anchor for part in read().parts}
    assert anchors["In spring th"] == "content"
    assert anchors["How it works"] == "how"
    assert anchors["The council "] == "how"
    assert anchors["Rooms for th"] == "costs"
    assert anchors["Nobody had a"] == "costs"


def test_an_anchor_inside_a_paragraph_is_that_of_the_next() -> None:
    draft = read(
        "<main><p>The first paragraph has a <a id='late'>target</a> in its midst, somewhere.</p>"
        "<p>The second paragraph stands behind it, and says nothing else of note.</p></main>"
    )
    assert [part.anchor for part in draft.parts] == [None, "late"]


def test_what_a_click_opens_is_text_and_what_is_never_shown_is_not() -> None:
    long = "The town's mediators met both families in the school and wrote down what they agreed. "
    draft = read(
        f"<main><h1>Cases</h1><p>{long * 3}</p><h3><button aria-expanded='false'>Nansana</button>"
        f"</h3><div class='accordion-panel' aria-hidden='true'><p>Later {long}</p></div>"
        f"<div style='display:none'><p>Never {long}</p></div>"
        f"<details><summary>Elbasan</summary><p>Also {long}</p></details></main>"
    )
    assert [(part.level, part.text.split()[0]) for part in draft.parts] == [
        (1, "Cases"), (0, "The"), (3, "Nansana"), (0, "Later"), (4, "Elbasan"), (0, "Also"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ('<meta property="og:title" content="The council | Harbour Town">', "The council"),
        (
            (
                '<meta property="og:site_name" content="Harbour Town">'
                '<meta property="og:title" content="A day - a night - Harbour Town">'
            ),
            "A day - a night",
        ),
        ("<title>Welcome | Harbour Town</title>", "A council of neighbours in Harbour Town"),
        (
            '<meta property="og:title" content="A council of neighbours in Harbour Town – News">',
            "A council of neighbours in Harbour Town",
        ),
    ],
)
def test_the_title_is_without_the_name_of_the_site(head: str, title: str) -> None:
    assert read(head=head).title == title


def test_the_page_says_where_it_stands_who_published_it_and_in_what_language() -> None:
    draft = read(
        head='<link rel="canonical" href="https://example.org/council">'
        '<meta property="og:site_name" content="Harbour Town">',
        attributes=' lang="ar-JO" dir="rtl"',
    )
    assert (draft.url, draft.publisher) == ("https://example.org/council", "Harbour Town")
    assert draft.language == "ar"


def test_what_the_page_does_not_say_is_unknown() -> None:
    draft = read(attributes="", head='<link rel="canonical" href="/council">')
    assert (draft.language, draft.published, draft.url, draft.publisher) == (None,) * 4


@pytest.mark.parametrize(
    ("head", "top", "published"),
    [
        (
            '<meta property="article:published_time" content="2024-11-27T09:00:00+02:00">',
            "<time datetime='2023-01-02'>2 January</time>",
            "2024-11-27",
        ),
        (
            (
                '<script type="application/ld+json">{"@graph": [{"@type": "Article",'
                ' "datePublished": "2024-03-09", "dateModified": "2024-05-01"}]}</script>'
            ),
            "",
            "2024-03-09",
        ),
        (
            '<script type="application/ld+json">{broken</script>',
            "<p>27 نوفمبر 2024</p>",
            "2024-11-27",
        ),
        ("", "<time datetime='2024-02-01'>yesterday</time>", "2024-02-01"),
        ("", "<p>آخر تحديث: ٢٧/١١/٢٠٢٤</p>", None),
        ("", "<p>03/04/2024</p>", "2024"),
    ],
)
def test_the_date_is_that_of_publication(head: str, top: str, published: str | None) -> None:
    body = BODY.replace("<p>In spring", f"{top}<p>In spring")
    assert read(body, head).published == published


def test_a_page_in_an_old_arabic_encoding_is_read() -> None:
    sentence = (
        "اجتمع مجلس الحي كل شهر وناقش ما يفرق السكان وما يجمعهم، ثم رفع توصياته إلى البلدية. "
    )
    page = (
        f"<html lang=ar><head><meta charset=windows-1256></head><body><p>{sentence * 3}</p></body>"
    )
    assert texts(read_html(page.encode("cp1256"), "a.html")) == [(sentence * 3).strip()]


def test_a_line_break_is_a_space_and_two_part_paragraphs() -> None:
    first, second = "The first line<br>goes on in the second one here.", "A new paragraph begins."
    draft = read(f"<main><h1>Breaks<br>and breaks</h1><div>{first}<br><br>\n{second}</div></main>")
    assert texts(draft) == ["Breaks and breaks", first.replace("<br>", " "), second]


def test_a_page_nested_beyond_measure_is_read_as_far_as_it_goes() -> None:
    deep = "<div>" * 100_000 + "<p>deep</p>" + "</div>" * 100_000
    draft = read(f"{BODY}{deep}")
    assert "How it works" in texts(draft)
    assert any("nested" in sentence for sentence in draft.left_out)


def test_broken_markup_is_read() -> None:
    assert "a < b" in texts(read("<main><p>a &lt; b<p><b>The <i>tags</b> cross</i> here.</main>"))


@pytest.mark.parametrize("body", ["", "<nav>Home</nav>", "<div id=app></div><script>x</script>"])
def test_a_page_without_text_is_refused(body: str) -> None:
    with pytest.raises(RefusedError, match="browser"):
        read(body)
