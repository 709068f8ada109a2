"""What people rely on when they open a page, with scripts and without."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import js_lib_htmx
import pytest
from conftest import make_case
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from corpus.case_study import CaseStudy, Pillar, Source
from corpus.starting_questions import (
    BUNDLED_QUESTIONS,
    StartingQuestionsError,
    load_starting_questions,
)
from index.gazetteer import Gazetteer
from index.hits import Hit, Result, Shown
from index.passages import Passage, split_passages
from index.question import Question
from server import pages
from server.holder import NotReadyError
from server.kept_file import KeptFile
from server.markup import segments
from server.peers.directories import Directories
from server.store import Store
from server.store_database import StoreError

WEB = Path(pages.__file__).parent.parent / "web"
ENGLISH = make_case(
    "## What was done\n\nThe harbour city opened a night school for porters & cooks. Forty came in"
    " the first winter <of two>. It was \u200fقريب\u200f.\n\nA second paragraph says “more”.\n\n"
    "## What came of it\n\nPorters now write their own petitions to the council.\n"
)
ARABIC = replace(
    make_case(
        "## ما الذي جرى\n\nافتتحت مدينة الميناء مدرسة ليلية للحمّالين. حضر الدروس أربعون حمّالًا.\n",
        language="ar",
        title="الميناء: مدرسة ليلية",
        place="الميناء",
    ),
    translated_from="en",
)
VOID = {"input", "link", "meta", "br", "img"}
AJAX = {"HX-Request": "true"}


@dataclass
class Element:
    """An element of a page, for looking things up in it."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def all(self, tag: str = "", **wanted: str) -> list["Element"]:
        """Every element below with this tag and these attributes; one class is enough."""
        return [
            element
            for element in self._below()
            if tag in ("", element.tag)
            and all(
                value in element.attributes.get("class", "").split()
                if name == "class_"
                else element.attributes.get(name) == value
                for name, value in wanted.items()
            )
        ]

    def one(self, tag: str = "", **wanted: str) -> "Element":
        (found,) = self.all(tag, **wanted)
        return found

    def _below(self) -> Iterator["Element"]:
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child._below()


class Reader(HTMLParser):
    """Reads a page into elements and insists that every one of them is closed."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("")
        self._open = [self.root]
        self.feed(page)
        self.close()
        assert self._open == [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


@dataclass
class StandInGeneration:
    """Documents, without an index."""

    library_cases: tuple[CaseStudy, ...]
    gazetteer: Gazetteer = field(default_factory=Gazetteer)

    def case(self, case_id: str, language: str) -> CaseStudy | None:
        return next((case for case in self.renderings(case_id) if case.language == language), None)

    def renderings(self, case_id: str) -> tuple[CaseStudy, ...]:
        return tuple(case for case in self.library_cases if case.id == case_id)

    def passages_of(self, case: CaseStudy) -> tuple[Passage, ...]:
        return tuple(split_passages(case))

    def counterpart(self, passage: Passage, language: str) -> Passage | None:
        other = self.case(passage.id.split(".")[0], language)
        return self.passages_of(other)[0] if other else None


@dataclass
class StandInService:
    """Answers every question with the hits that it is given, and remembers the questions."""

    generation: StandInGeneration
    hits: tuple[Hit, ...] = ()
    answered: bool = True
    asked: list[tuple[Question, int]] = field(default_factory=list)
    alike: tuple[CaseStudy, ...] = ()
    away: frozenset[str] = frozenset()

    def search(self, question: Question, k: int = 10) -> Result:
        self.asked.append((question, k))
        return Result(question, "g", self.answered, 1.0, self.hits)

    def case(self, case_id: str, language: str) -> CaseStudy | None:
        return self.generation.case(case_id, language)

    def renderings(self, case_id: str) -> tuple[CaseStudy, ...]:
        return self.generation.renderings(case_id)

    def similar(self, _case: CaseStudy) -> tuple[CaseStudy, ...]:
        return self.alike

    def withheld(self) -> frozenset[str]:
        return self.away


@dataclass
class StandInHolder:
    """Holds a service, or none yet."""

    service: StandInService | None

    def current(self) -> StandInService:
        if self.service is None:
            raise NotReadyError("Not yet.")
        return self.service


def make_hit(case: CaseStudy = ENGLISH, number: int = 0, rank: int = 1, **fields: object) -> Hit:
    shown = Shown(case, split_passages(case)[number])
    return replace(Hit(rank, 0.9, shown, (), ()), **fields)  # type: ignore[arg-type]


@pytest.fixture
def service() -> StandInService:
    other = Shown(ARABIC, split_passages(ARABIC)[0])
    return StandInService(
        StandInGeneration((ARABIC, ENGLISH)),
        hits=(
            make_hit(highlights=((0, 20),), renderings=(other,)),
            make_hit(number=1, rank=2),
        ),
    )


def nothing_is_kept() -> Store:
    raise StoreError("There is no store.")


def make_client(service: StandInService | None) -> TestClient:
    app = FastAPI()
    app.state.holder = StandInHolder(service)
    app.state.open_store = nothing_is_kept
    app.state.starting_questions = KeptFile(
        [BUNDLED_QUESTIONS], load_starting_questions, StartingQuestionsError
    )
    app.state.directories = Directories()
    app.include_router(pages.router)
    return TestClient(app)


@pytest.fixture
def client(service: StandInService) -> TestClient:
    return make_client(service)


def read(
    client: TestClient, path: str, status: int = 200, headers: dict[str, str] | None = None
) -> Element:
    response = client.get(path, headers=headers)
    assert response.status_code == status
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    told_apart = {"HX-Request", "Accept-Language", "Cookie"}
    assert told_apart <= set(response.headers["vary"].split(", "))
    return Reader(response.text).root


def ask(client: TestClient, question: str, status: int = 200, **parameters: str) -> Element:
    return read(client, "/?" + urlencode({"q": question, **parameters}), status)


def interface_of(page: Element) -> tuple[str, str]:
    root = page.one("html").attributes
    return root["lang"], root["dir"]


ENGLISH_PAGE = ("en", "ltr")
ARABIC_PAGE = ("ar", "rtl")


# The start page


def test_the_start_page_offers_a_box_that_needs_no_scripts(client: TestClient) -> None:
    page = read(client, "/")
    assert interface_of(page) == ENGLISH_PAGE
    form = page.one("search").one("form")
    assert (form.attributes["method"], form.attributes["action"]) == ("get", "/")
    box = form.one("input", type="search")
    assert (box.attributes["name"], box.attributes["enterkeyhint"]) == ("q", "search")
    assert form.one("label").attributes["for"] == box.attributes["id"]
    assert {item.attributes["name"] for item in form.all("input")} == {"q", "ui"}
    assert form.one("button", type="submit").text == "Ask"


@pytest.mark.parametrize(("language", "country"), [("en", "Kenya"), ("ar", "كينيا")])
def test_the_start_page_says_what_the_library_covers(
    client: TestClient, language: str, country: str
) -> None:
    covered = read(client, f"/?lang={language}").one("dl", class_="coverage").text
    assert country in covered
    assert ("Trust" if language == "en" else "الثقة") in covered


def test_renderings_of_a_case_are_counted_once(client: TestClient) -> None:
    answer = read(client, "/").one(id="answer").text
    assert "The library holds 1 case study from 1 country." in answer


def test_an_empty_library_is_said_to_be_empty() -> None:
    page = read(make_client(StandInService(StandInGeneration(()))), "/")
    assert "The library holds no case studies yet." in page.one(id="answer").text


@pytest.mark.parametrize("language", ["en", "ar", "fr"])
def test_each_question_to_start_from_is_in_the_reader_s_language(
    client: TestClient, language: str
) -> None:
    starts = read(client, f"/?lang={language}").one("div", class_="starts")
    assert len(starts.all("summary")) == len(Pillar)
    assert len(starts.all("a")) == 3 * len(Pillar)
    for link in starts.all("a")[::5]:
        asked = parse_qs(urlsplit(link.attributes["href"]).query)
        assert asked == {"q": [link.text], "ui": [language]}
        assert interface_of(read(client, link.attributes["href"]))[0] == language


# The language of the interface


def test_the_browser_s_language_is_the_first_guess(client: TestClient) -> None:
    page = read(client, "/", headers={"Accept-Language": "ar-JO,ar;q=0.9"})
    assert interface_of(page) == ARABIC_PAGE
    assert page.one("input", name="ui").attributes["value"] == "ar"


def test_the_question_s_language_becomes_the_interface_s(client: TestClient) -> None:
    assert interface_of(ask(client, "كيف؟", ui="en")) == ARABIC_PAGE
    assert interface_of(ask(client, "How?", ui="ar")) == ENGLISH_PAGE
    assert interface_of(ask(client, "2024", ui="ar")) == ARABIC_PAGE


def test_a_language_asked_for_holds_for_page_and_results(
    client: TestClient, service: StandInService
) -> None:
    assert interface_of(ask(client, "How?", lang="ar")) == ARABIC_PAGE
    (question, count) = service.asked[0]
    assert (question.text, question.language, question.show_in) == ("How?", "en", "ar")
    assert count == 10


def test_results_come_in_the_question_s_language_by_default(
    client: TestClient, service: StandInService
) -> None:
    ask(client, "كيف؟")
    assert service.asked[0][0].show_in == "ar"


@pytest.mark.parametrize("lang", ["", "x", "<b>", "en-GB", "../", "\u0000"])
def test_a_language_that_is_none_is_passed_over(
    client: TestClient, service: StandInService, lang: str
) -> None:
    assert interface_of(ask(client, "كيف؟", lang=lang)) == ARABIC_PAGE
    assert service.asked[0][0].show_in == "ar"


def test_the_language_switch_keeps_the_question(client: TestClient) -> None:
    link, french = ask(client, "How & why?").one(id="languages").all("a")
    assert (french.text, french.attributes["lang"]) == ("français", "fr")
    assert (link.text, link.attributes["lang"], link.attributes["dir"]) == ("العربية", "ar", "rtl")
    assert parse_qs(urlsplit(link.attributes["href"]).query) == {
        "q": ["How & why?"],
        "lang": ["ar"],
    }


# The answer


def test_a_passage_stands_word_for_word(client: TestClient, service: StandInService) -> None:
    page = ask(client, "How?")
    quotes = page.all("blockquote", class_="passage")
    expected = [service.hits[0].shown, service.hits[0].renderings[0], service.hits[1].shown]
    assert [quote.text for quote in quotes] == [shown.passage.text for shown in expected]


@given(
    st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc",))).map(
        lambda text: f"a{text}\n\n{text}z"
    )
)
def test_any_text_reaches_the_page_unchanged(text: str) -> None:
    passage = replace(split_passages(ENGLISH)[0], text=text)
    hit = Hit(1, 0.9, Shown(ENGLISH, passage), ((0, 3),), ())
    service = StandInService(StandInGeneration((ENGLISH,)), hits=(hit,))
    assert ask(make_client(service), "How?").one("blockquote", class_="passage").text == text


def test_matching_sentences_are_marked(client: TestClient, service: StandInService) -> None:
    hit = service.hits[0]
    (first, second, *_) = hit.shown.passage.sentences
    text = hit.shown.passage.text
    service.hits = (replace(hit, highlights=(second,), renderings=()),)
    assert ask(client, "How?").one("mark").text == text[slice(*second)]
    service.hits = (replace(hit, highlights=(second, first), renderings=()),)
    assert ask(client, "How?").one("mark").text == text[first[0] : second[1]]


@pytest.mark.parametrize(
    ("highlights", "marked"),
    [
        ((), []),
        (((0, 3),), ["One"]),
        (((4, 7), (0, 3)), ["One two"]),
        (((0, 5), (3, 7)), ["One two"]),
        (((0, 7), (4, 7)), ["One two"]),
        (((0, 3), (8, 13)), ["One", "three"]),
        (((8, 99), (-5, 3)), ["One", "three."]),
        (((3, 3), (7, 2)), []),
    ],
)
def test_highlights_may_touch_overlap_or_overrun(
    highlights: tuple[tuple[int, int], ...], marked: list[str]
) -> None:
    pieces = segments("One two three.", highlights)
    assert [piece.text for piece in pieces if piece.marked] == marked
    assert "".join(piece.text for piece in pieces) == "One two three."


@given(
    st.text(alphabet="ab \n-", max_size=30),
    st.lists(st.tuples(st.integers(-2, 32), st.integers(-2, 32)), max_size=4),
)
def test_marking_loses_no_character(text: str, highlights: list[tuple[int, int]]) -> None:
    pieces = segments(text, highlights)
    assert "".join(piece.text for piece in pieces) == text
    position = 0
    for piece in pieces:
        inside = any(start <= position < end for start, end in highlights)
        assert piece.marked or piece.gap or not inside or not piece.text.strip()
        assert not (piece.gap and piece.text.strip())
        position += len(piece.text)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("One.\n\nTwo.", ["One.", "Two."]),
        ("One\nand a half.", ["One\nand a half."]),
        ("One.\n- Two.\n2. Three.", ["One.", "- Two.", "2. Three."]),
    ],
)
def test_a_paragraph_or_list_item_begins_a_line(text: str, lines: list[str]) -> None:
    assert [piece.text for piece in segments(text) if not piece.gap] == lines


def test_a_hit_leads_to_its_place_and_to_its_source(client: TestClient) -> None:
    hit = ask(client, "How?").all("article")[0]
    anchor = split_passages(ENGLISH)[0].anchor
    address = f"/cases/harbour-school?lang=en#{anchor}"
    assert hit.one("h3").one("a").attributes["href"] == address
    source = hit.one("span", class_="source").one("a")
    assert source.attributes["href"] == "https://example.org/report"
    assert set(source.attributes["rel"].split()) == {"noreferrer", "noopener", "external"}
    assert "2 May 2024" in hit.one("p", class_="citation").text


def test_a_hit_shows_what_kind_of_case_it_is(client: TestClient) -> None:
    tags = ask(client, "How?").all("article")[0].one("ul", class_="tags").all("li")
    assert [tag.text for tag in tags] == [
        "Harbour",
        "Kenya",
        "City",
        "2021–2023",
        "Trust",
        "Coordination",
    ]


def test_the_other_language_is_one_click_away_without_scripts(client: TestClient) -> None:
    other = ask(client, "How?").one("details", class_="rendering")
    assert other.one("summary").text == "The same passage in Arabic"
    assert other.one("div", lang="ar").attributes["dir"] == "rtl"
    assert "Translated from English" in other.text
    assert other.one("a").attributes["href"].startswith("/cases/harbour-school?lang=ar#p-")


def test_every_text_carries_its_language_and_direction(
    client: TestClient, service: StandInService
) -> None:
    service.hits = (make_hit(ARABIC),)
    hit = ask(client, "How?").one("article")
    for element in (hit.one("h3"), hit.one("p", class_="path"), hit.one("blockquote")):
        assert (element.attributes["lang"], element.attributes["dir"]) == ("ar", "rtl")
    assert ask(client, "كيف؟ how").one("p", class_="asked").one("bdi").attributes["dir"] == "auto"


def test_scores_are_not_shown(client: TestClient) -> None:
    assert "0.9" not in ask(client, "How?").text


def test_a_case_that_knows_little_is_shown_all_the_same() -> None:
    bare = CaseStudy("bare", "en", "Bare", ENGLISH.text, ENGLISH.sections)
    client = make_client(StandInService(StandInGeneration((bare,)), hits=(make_hit(bare),)))
    page = ask(client, "How?")
    assert "None" not in page.text
    assert "Source" not in page.text
    case_page = read(client, "/cases/bare")
    assert "None" not in case_page.text
    assert case_page.all("dl") == []


@pytest.mark.parametrize(
    ("count", "heading"),
    [
        (1, "مقطع واحد، كلمة بكلمة"),
        (2, "مقطعان، الأرجح أولًا"),
        (3, "3 مقاطع، الأرجح أولًا"),
        (10, "10 مقاطع، الأرجح أولًا"),
    ],
)
def test_passages_are_counted_as_arabic_counts(
    client: TestClient, service: StandInService, count: int, heading: str
) -> None:
    service.hits = tuple(make_hit(ARABIC, rank=rank) for rank in range(1, count + 1))
    page = ask(client, "كيف؟")
    assert page.one("h2", id="result").text == heading
    assert len(page.one("ol", class_="hits").all("article")) == count


def test_no_answer_is_said_plainly(client: TestClient, service: StandInService) -> None:
    service.answered = False
    page = ask(client, "How?")
    notice = page.one(class_="notice", role="status")
    assert notice.one("h2").text == "The library has no answer to this question."
    assert "What follows is the nearest, and may not answer it." in notice.text
    assert "Kenya" in notice.one("details").text
    assert "likeliest" not in page.one("title").text
    assert "likeliest" not in page.text
    assert len(page.all("article")) == 2


def test_nothing_near_is_not_announced_as_following(
    client: TestClient, service: StandInService
) -> None:
    service.answered, service.hits = False, ()
    page = ask(client, "How?")
    assert "What follows" not in page.text
    assert page.all("article") == []


# Questions that cannot be asked


@pytest.mark.parametrize(
    ("question", "ui", "sentence"),
    [
        ("", "en", "The question is empty. Type what you want to know."),
        ("  ", "ar", "لم تكتب سؤالًا. اكتب ما تريد معرفته."),
        ("a" * 2001, "en", "longer than 2,000 characters"),
        ("س" * 2001, "en", "يزيد السؤال على 2,000 حرف"),
        ("How\u0007?", "en", "a character that cannot be read"),
    ],
)
def test_a_refused_question_gets_a_page_that_says_why(
    client: TestClient, service: StandInService, question: str, ui: str, sentence: str
) -> None:
    page = ask(client, question, 422, ui=ui)
    assert sentence in page.one(id="refusal").text
    box = page.one("input", type="search")
    assert box.attributes["aria-invalid"] == "true"
    assert len(box.attributes["value"]) <= 2000
    assert service.asked == []


def test_what_was_typed_can_be_mended(client: TestClient) -> None:
    box = ask(client, "How\u0007 did they?", 422).one("input", type="search")
    assert box.attributes["value"] == "How did they?"


# A case study's page


def test_every_passage_has_a_place_of_its_own(client: TestClient) -> None:
    page = read(client, "/cases/harbour-school?lang=en")
    for passage in split_passages(ENGLISH):
        assert page.one(id=passage.anchor).text == passage.text
    assert [heading.text for heading in page.one("div", class_="text").all("h2")] == [
        "What was done",
        "What came of it",
    ]


def test_the_facts_are_in_the_reader_s_language(client: TestClient) -> None:
    facts = read(client, "/cases/harbour-school?lang=ar").one("section", class_="facts").text
    for fact in ("الميناء", "كينيا", "مدينة", "من مارس 2021 إلى 2023", "الثقة، التنسيق"):
        assert fact in facts
    assert "2 مايو 2024" in facts


def test_each_rendering_leads_to_the_other(client: TestClient) -> None:
    page = read(client, "/cases/harbour-school?lang=ar")
    assert interface_of(page) == ARABIC_PAGE
    title = page.one("h1")
    assert (title.text, title.attributes["dir"]) == (ARABIC.title, "rtl")
    assert "النص مترجم عن الإنجليزية" in page.one("p", class_="origin").text
    switch = page.one("a", class_="switch")
    assert switch.attributes["href"] == "/cases/harbour-school?lang=en"
    assert read(client, switch.attributes["href"]).one("h1").text == ENGLISH.title


def test_a_missing_rendering_gives_way_to_the_original() -> None:
    client = make_client(StandInService(StandInGeneration((ENGLISH,))))
    page = read(client, "/cases/harbour-school?lang=ar")
    assert interface_of(page) == ARABIC_PAGE
    assert page.one("h1").attributes["lang"] == "en"
    assert "غير متاحة باللغة العربية" in page.one(class_="notice").text
    assert "notice" not in client.get("/cases/harbour-school?lang=en").text


def test_without_a_language_the_reader_s_own_is_shown(client: TestClient) -> None:
    page = read(client, "/cases/harbour-school", headers={"Accept-Language": "ar"})
    assert page.one("h1").text == ARABIC.title


def test_headings_nest_and_a_repeated_title_is_left_out() -> None:
    case = make_case(
        "# Harbour: a night school\n\n## What was done\n\n### In winter\n\nForty porters came.\n\n"
        "### In summer\n\nNobody came.\n\n## What came of it\n\nThey write.\n"
    )
    client = make_client(StandInService(StandInGeneration((case,))))
    text = read(client, "/cases/harbour-school").one("div", class_="text")
    headings = [(item.tag, item.text) for item in text.all() if re.fullmatch("h[1-6]", item.tag)]
    assert headings == [
        ("h2", "What was done"),
        ("h3", "In winter"),
        ("h3", "In summer"),
        ("h2", "What came of it"),
    ]


def test_a_case_study_can_be_cited_as_a_whole(client: TestClient) -> None:
    citation = read(client, "/cases/harbour-school?lang=en").one("p", class_="citation").text
    assert citation.startswith("“Harbour: a night school”, Diwan case study")


@pytest.mark.parametrize("case_id", ["nothing", "%3Cscript%3E", "a%2F..%2Fb", "%D9%83"])
def test_an_unknown_case_study_is_a_page_that_says_so(client: TestClient, case_id: str) -> None:
    response = client.get(f"/cases/{case_id}?lang=en")
    assert response.status_code == 404
    if "%2F" not in case_id:
        page = Reader(response.text).root
        assert "The library holds no case study at this address." in page.one("main").text


# While there is nothing to serve


@pytest.mark.parametrize("path", ["/?ui=en", "/?q=How%3F", "/cases/harbour-school?lang=en"])
def test_a_server_that_is_starting_says_so(path: str) -> None:
    client = make_client(None)
    assert int(client.get(path).headers["retry-after"]) > 0
    page = read(client, path, 503)
    assert "Diwan is starting; try again in a few seconds." in page.one("main").text


def test_what_diwan_is_can_be_read_at_any_time() -> None:
    page = read(make_client(None), "/about?lang=ar")
    assert interface_of(page) == ARABIC_PAGE
    assert "CC BY 4.0" in page.one("main").text


# Fetched in place


def test_in_place_only_the_answer_is_sent(client: TestClient) -> None:
    response = client.get("/?q=How%3F&ui=en", headers=AJAX)
    part = Reader(response.text).root
    assert part.all("html") == []
    assert part.one("title").text == "How? – Diwan"
    assert len(part.all("article")) == 2
    announced = part.one(id="announcement")
    assert announced.text.strip() == "2 passages, the likeliest answer first"
    assert announced.attributes["hx-swap-oob"] == "innerHTML"
    for link in part.one(id="languages").all("a"):
        assert "q=How%3F" in link.attributes["href"]
    told_apart = {"HX-Request", "Accept-Language", "Cookie"}
    assert told_apart <= set(response.headers["vary"].split(", "))


def test_the_page_has_a_place_for_each_part_sent(client: TestClient) -> None:
    page = read(client, "/")
    assert page.one("form").attributes["hx-target"] == "#answer"
    assert page.one(id="announcement").attributes["aria-live"] == "polite"
    assert "hx-swap-oob" not in page.one(id="languages").attributes
    page.one(id="answer")


def test_a_page_restored_from_history_is_whole(client: TestClient) -> None:
    headers = {**AJAX, "HX-History-Restore-Request": "true"}
    assert interface_of(read(client, "/?q=How%3F", headers=headers)) == ENGLISH_PAGE


def test_a_change_of_language_loads_the_whole_page(
    client: TestClient, service: StandInService
) -> None:
    response = client.get("/?" + urlencode({"q": "كيف؟", "ui": "en"}), headers=AJAX)
    assert response.content == b""
    assert service.asked == []
    address = response.headers["hx-redirect"]
    assert address.startswith("/?")
    assert interface_of(read(client, address)) == ARABIC_PAGE
    assert service.asked[0][0].text == "كيف؟"


def test_a_refusal_comes_in_place_too(client: TestClient) -> None:
    response = client.get("/?q=&ui=ar", headers=AJAX)
    assert response.status_code == 422
    part = Reader(response.text).root
    assert part.all("html") == []
    assert part.one(id="refusal").text.strip() == part.one(id="announcement").text.strip()


# Safety, access and weight


HOSTILE = "</title></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&lt;{{7*7}}"


def assert_harmless(page: Element) -> None:
    for element in page.all():
        assert element.tag not in ("img", "style", "iframe", "object", "base")
        assert not [name for name in element.attributes if name.startswith("on")]
        assert "style" not in element.attributes
        assert not re.match(
            r"\s*(javascript|data|vbscript):", element.attributes.get("href", ""), re.IGNORECASE
        )
        if element.tag == "script":
            assert element.children == []
            assert element.attributes["src"].startswith("/static/")
        if element.tag == "link":
            feed = element.attributes["rel"] == "alternate"
            assert element.attributes["href"].startswith("/news.atom" if feed else "/static/")


def test_hostile_text_stays_text() -> None:
    case = replace(
        ENGLISH,
        title=HOSTILE,
        place=HOSTILE,
        actors=(HOSTILE,),
        source=Source(HOSTILE, HOSTILE, "javascript:alert(1)", "2024", '"><script>'),
    )
    passage = replace(split_passages(ENGLISH)[0], text=HOSTILE, heading=(HOSTILE,))
    shown = Shown(case, passage)
    hit = Hit(1, 0.9, shown, ((3, 20),), (shown,))
    client = make_client(StandInService(StandInGeneration((case,)), hits=(hit,)))
    for page in (ask(client, HOSTILE), ask(client, HOSTILE, lang='"><script>')):
        assert_harmless(page)
        assert page.one("input", type="search").attributes["value"] == HOSTILE
        assert page.all("blockquote")[0].text == HOSTILE
    assert_harmless(read(client, "/cases/harbour-school"))
    assert_harmless(Reader(client.get("/", params={"q": HOSTILE}, headers=AJAX).text).root)


PATHS = [
    "/",
    "/?lang=ar",
    "/?q=How%3F",
    "/?q=How%3F&lang=ar",
    "/?q=",
    "/cases/harbour-school?lang=ar",
    "/cases/none",
    "/about?lang=en",
    "/about?lang=ar",
]


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(client: TestClient, path: str) -> None:
    assert_harmless(Reader(client.get(path).text).root)


@pytest.mark.parametrize("path", PATHS)
def test_pages_are_sound_for_those_who_listen(client: TestClient, path: str) -> None:
    page = Reader(client.get(path).text).root
    ids = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    for element in page.all():
        for name in ("aria-labelledby", "aria-describedby", "aria-errormessage", "for"):
            assert set(element.attributes.get(name, "").split()) <= set(ids)
    assert len(page.all("h1")) == len(page.all("main")) == 1
    levels = [int(item.tag[1]) for item in page.all() if re.fullmatch("h[1-6]", item.tag)]
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert page.one("title").text.strip()
    assert all(link.text.strip() for link in page.all("a"))


def test_an_arabic_page_has_no_english_left_in_it(client: TestClient) -> None:
    for path in ("/?lang=ar", "/about?lang=ar", "/cases/none?lang=ar"):
        words = re.findall("[A-Za-zÀ-ž]{2,}", read_body(client, path))
        assert set(words) <= {"Diwan", "English", "français", "CC", "BY"}


def read_body(client: TestClient, path: str) -> str:
    return Reader(client.get(path).text).root.one("body").text


def test_styles_and_scripts_load_nothing_from_elsewhere() -> None:
    for path in (WEB / "static").iterdir():
        if path.suffix in (".css", ".js"):
            assert not re.search(r"https?:|//\w+\.|@import|url\(", path.read_text("utf-8"))


def test_styles_hold_for_both_directions_of_writing() -> None:
    physical = (
        r"(?:margin|padding|border|scroll-margin)-(?:left|right|top|bottom)\b"
        r"|^\s*(?:left|right|top|bottom|width|height|(?:min|max)-(?:width|height))\s*:"
        r"|:\s*(?:left|right)\s*;"
    )
    for path in (WEB / "static").glob("*.css"):
        assert not re.findall(physical, path.read_text("utf-8"), re.MULTILINE), path.name


def test_the_first_page_weighs_less_than_100_kilobytes(client: TestClient) -> None:
    response = client.get("/?lang=ar")
    weight = len(response.content)
    for name in re.findall(r'(?:src|href)="/static/([\w./]+)"', response.text):
        vendored = Path(js_lib_htmx.__file__).parent / "static" / "htmx" / Path(name).name
        weight += (vendored if name.startswith("vendor/") else WEB / "static" / name).stat().st_size
    assert weight < 100_000
