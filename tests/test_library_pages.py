"""What people rely on when they browse the library, or read a case in two languages."""

from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from conftest import make_case
from fastapi import FastAPI
from fastapi.testclient import TestClient
from test_pages import (
    ARABIC,
    ARABIC_PAGE,
    ENGLISH,
    Element,
    Reader,
    StandInGeneration,
    StandInHolder,
    StandInService,
    assert_harmless,
    interface_of,
    nothing_is_kept,
    read,
)

from corpus.case_study import CaseStudy, Level, Period, Pillar
from corpus.starting_questions import StartingQuestionsError, load_starting_questions
from index.generation import Generation
from index.passages import split_passages
from server import library_pages, pages
from server.kept_file import KeptFile
from server.peers.directories import Directories
from server.service import Service
from server.side_by_side import bands, side_by_side

HILL = replace(
    make_case(case_id="hill", title="apples on the hill", place="Hill", country="NO"),
    level=Level.COMMUNITY,
    period=Period("2012"),
    pillars=(Pillar.CAPACITY,),
)
BARE = replace(
    make_case(case_id="bare", title="Bare", place="Nowhere"),
    country=None,
    level=None,
    period=None,
    pillars=(),
)
SCHOOL = "harbour-school"


@pytest.fixture
def service() -> StandInService:
    return StandInService(StandInGeneration((ARABIC, BARE, ENGLISH, HILL)))


def make_client(service: StandInService | None) -> TestClient:
    app = FastAPI()
    app.state.holder = StandInHolder(service)
    app.state.open_store = nothing_is_kept
    app.state.starting_questions = KeptFile([], load_starting_questions, StartingQuestionsError)
    app.include_router(library_pages.router)
    app.state.directories = Directories()
    app.include_router(pages.router)
    return TestClient(app)


@pytest.fixture
def client(service: StandInService) -> TestClient:
    return make_client(service)


def titles(page: Element) -> list[str]:
    return [heading.text for heading in page.all("h3")]


def options(page: Element, facet: str) -> dict[str, Element]:
    links = page.one(class_="facet", id=facet).all("a")
    return {link.all("span")[0].text: link for link in links}


def count(option: Element) -> int:
    return int(option.one(class_="count").text)


# The library


def test_every_case_is_there_once_by_title_in_the_reader_s_language(client: TestClient) -> None:
    page = read(client, "/library?ui=en")
    assert titles(page) == ["apples on the hill", "Bare", ENGLISH.title]
    assert page.one("h2", id="found").text == "3 case studies"
    arabic = read(client, "/library?lang=ar")
    assert interface_of(arabic) == ARABIC_PAGE
    assert sorted(titles(arabic)) == sorted(["apples on the hill", "Bare", ARABIC.title])
    own = next(heading for heading in arabic.all("h3") if heading.text == ARABIC.title)
    assert (own.attributes["lang"], own.attributes["dir"]) == ("ar", "rtl")


def test_an_entry_says_where_and_what_and_leads_to_the_case(client: TestClient) -> None:
    entry = read(client, "/library?ui=en").one("section", class_="found").all("li")[0]
    for fact in ("Hill", "Norway", "Community", "2012", "Capacity"):
        assert fact in entry.text
    assert entry.one("a").attributes["href"] == "/cases/hill?lang=en"


def test_without_a_rendering_in_the_reader_s_language_the_original_is_shown() -> None:
    french = replace(ARABIC, language="fr", translated_from="ar", title="Le port")
    original = replace(ARABIC, translated_from=None)
    client = make_client(StandInService(StandInGeneration((original, french))))
    assert titles(read(client, "/library?ui=en")) == [ARABIC.title]


@pytest.mark.parametrize(
    "choice",
    [{}, {"pillar": "trust"}, {"level": "city", "country": "KE"}, {"country": "NO"}],
)
@pytest.mark.parametrize("ui", ["en", "ar"])
def test_each_link_shows_as_many_cases_as_it_says(
    client: TestClient, choice: dict[str, str], ui: str
) -> None:
    page = read(client, "/library?" + urlencode({**choice, "ui": ui}))
    seen = 0
    for facet in page.all(class_="facet"):
        for option in facet.all("a"):
            if "aria-current" not in option.attributes:
                there = read(client, option.attributes["href"])
                assert len(titles(there)) == count(option) > 0
                assert interface_of(there)[0] == ui
                seen += 1
    assert seen


def test_what_is_chosen_is_marked_and_can_be_taken_back(client: TestClient) -> None:
    page = read(client, "/library?pillar=trust&year_from=2020&year_to=2024&ui=en")
    assert titles(page) == [ENGLISH.title]
    trust = options(page, "pillar")["Trust"]
    assert trust.attributes["aria-current"] == "true"
    without = {"year_from": ["2020"], "year_to": ["2024"], "ui": ["en"]}
    assert parse_qs(urlsplit(trust.attributes["href"]).query) == without
    chips = page.one("ul", class_="chosen").all("a")
    assert [chip.text for chip in chips] == ["Trust", "2020–2024", "Show the whole library"]
    assert chips[0].attributes["aria-label"] == "Remove Trust"
    assert chips[0].attributes["href"] == trust.attributes["href"]
    assert len(titles(read(client, chips[2].attributes["href"]))) == 3


@pytest.mark.parametrize(
    ("years", "said"),
    [
        ({"year_from": "2013"}, "From 2013"),
        ({"year_to": "2022"}, "Until 2022"),
        ({"year_from": "2022", "year_to": "2022"}, "2022"),
        ({"year_from": "2019", "year_to": "2022"}, "2019–2022"),
    ],
)
def test_years_of_the_reader_s_own_are_said_and_can_be_taken_back(
    client: TestClient, years: dict[str, str], said: str
) -> None:
    page = read(client, "/library?" + urlencode({**years, "ui": "en"}))
    option = options(page, "year")[said]
    assert option.attributes["aria-current"] == "true"
    assert count(option) == len(titles(page)) > 0
    assert len(titles(read(client, option.attributes["href"]))) == 3


def test_a_language_chosen_is_the_one_shown(client: TestClient) -> None:
    page = read(client, "/library?language=ar&ui=en")
    assert titles(page) == [ARABIC.title]
    assert options(page, "language")["Arabic"].attributes["aria-current"] == "true"


def test_what_a_document_does_not_say_is_no_choice(client: TestClient) -> None:
    page = read(client, "/library?ui=en")
    assert set(options(page, "country")) == {"Kenya", "Norway"}
    assert sum(map(count, options(page, "level").values())) == 2
    assert "None" not in page.text


def test_nothing_found_is_said_with_the_way_back(client: TestClient) -> None:
    page = read(client, "/library?country=NO&level=city&ui=en")
    notice = page.one(class_="notice", role="status")
    assert "Nothing in the library is all of this at once." in notice.text
    links = {link.text: link.attributes["href"] for link in notice.all("a")}
    assert set(links) == {"Remove Norway", "Remove City", "Show the whole library"}
    assert titles(read(client, links["Remove Norway"])) == [ENGLISH.title]
    assert titles(read(client, links["Remove City"])) == [HILL.title]
    assert options(page, "country")["Norway"].attributes["aria-current"] == "true"
    assert count(options(page, "country")["Norway"]) == 0


def test_a_country_that_the_library_has_not_can_be_taken_back(client: TestClient) -> None:
    page = read(client, "/library?country=FI&ui=en")
    assert titles(page) == []
    assert options(page, "country")["Finland"].attributes["href"] == "/library?ui=en"


def test_an_empty_library_says_so() -> None:
    page = read(make_client(StandInService(StandInGeneration(()))), "/library?ui=en")
    assert page.one("h2", id="found").text == "The library holds no case studies yet."
    assert page.all(class_="facets") == []


def test_what_was_taken_away_is_neither_shown_nor_counted(service: StandInService) -> None:
    service.away = frozenset({SCHOOL})
    page = read(make_client(service), "/library?ui=en")
    assert titles(page) == ["apples on the hill", "Bare"]
    assert set(options(page, "country")) == {"Norway"}
    assert set(options(page, "pillar")) == {"Capacity"}


@pytest.mark.parametrize(
    "query",
    [
        "pillar=nonsense",
        "level=%3Cb%3E",
        "country=Kenya",
        "language=english",
        "year_from=0",
        "year_to=20245",
        "year_from=x",
        "year_to=%D9%A2",
    ],
)
def test_what_cannot_be_chosen_is_no_page(client: TestClient, query: str) -> None:
    page = read(client, f"/library?{query}&ui=en", 404)
    assert_harmless(page)


def test_an_empty_parameter_chooses_nothing(client: TestClient) -> None:
    assert len(titles(read(client, "/library?pillar=&country=&year_from=&ui=en"))) == 3


def test_no_crawler_follows_the_choices(client: TestClient) -> None:
    page = read(client, "/library?ui=en")
    for facet in page.all(class_="facet"):
        assert {link.attributes["rel"] for link in facet.all("a")} == {"nofollow"}
    assert page.all("meta", name="robots") == []
    chosen = read(client, "/library?pillar=trust").one("meta", name="robots")
    assert chosen.attributes["content"] == "noindex, nofollow"


def test_the_choice_stays_when_the_language_changes(client: TestClient) -> None:
    page = read(client, "/library?pillar=trust&year_from=2020&ui=en")
    link = page.one(id="languages").one("a", lang="ar").attributes["href"]
    wanted = {"pillar": ["trust"], "year_from": ["2020"], "lang": ["ar"]}
    assert parse_qs(urlsplit(link).query) == wanted
    assert titles(read(client, link)) == [ARABIC.title]


def test_every_page_leads_to_the_library(client: TestClient) -> None:
    for path in ("/", "/about", "/cases/hill"):
        links = read(client, f"{path}?ui=en").one("nav").all("a")
        assert "/library?ui=en" in [link.attributes["href"] for link in links]


def test_a_server_that_is_starting_says_so() -> None:
    page = read(make_client(None), "/library?ui=en", 503)
    assert "Diwan is starting" in page.one("main").text


@pytest.mark.parametrize(
    "path",
    [
        "/library?ui=ar",
        "/library?pillar=trust&ui=ar",
        "/library?country=NO&level=city",
        f"/cases/{SCHOOL}?lang=en&beside=ar",
    ],
)
def test_pages_are_sound_for_those_who_listen(service: StandInService, path: str) -> None:
    service.alike = (HILL,)
    page = Reader(make_client(service).get(path).text).root
    assert_harmless(page)
    ids = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    for element in page.all():
        assert set(element.attributes.get("aria-labelledby", "").split()) <= set(ids)
    assert len(page.all("h1")) == 1
    assert all(link.text.strip() for link in page.all("a"))


def test_hostile_titles_stay_text(service: StandInService) -> None:
    hostile = replace(HILL, title="<script>alert(1)</script>", place='"><img src=x onerror=a()>')
    service.generation = StandInGeneration((hostile, ENGLISH, ARABIC))
    service.alike = (hostile,)
    for path in ("/library", f"/cases/{SCHOOL}?lang=en&beside=ar"):
        page = read(make_client(service), path)
        assert_harmless(page)
        assert hostile.title in page.text


# Two renderings side by side


def test_both_renderings_stand_side_by_side_word_for_word(client: TestClient) -> None:
    page = read(client, f"/cases/{SCHOOL}?lang=en&beside=ar")
    for case in (ENGLISH, ARABIC):
        for passage in split_passages(case):
            shown = page.one(id=passage.anchor)
            assert shown.text == passage.text
    cells = page.all("div", class_="row")[0].all("div", dir="rtl")
    assert [cell.attributes["lang"] for cell in cells] == ["ar"]
    headings = [heading.text for heading in page.one("div", class_="pair").all("h2")]
    assert headings == ["What was done", "What came of it", "ما الذي جرى"]


def test_the_way_to_both_renderings_and_back(client: TestClient) -> None:
    link = read(client, f"/cases/{SCHOOL}?lang=en").one("a", class_="beside")
    assert link.text == "Side by side with Arabic"
    assert link.attributes["href"] == f"/cases/{SCHOOL}?lang=en&beside=ar"
    back = read(client, link.attributes["href"]).one("a", class_="beside")
    assert back.text == "Show one language"
    assert back.attributes["href"] == f"/cases/{SCHOOL}?lang=en"


@pytest.mark.parametrize("beside", ["en", "fr", "", "<b>"])
def test_beside_what_is_not_there_the_case_stands_alone(client: TestClient, beside: str) -> None:
    page = read(client, f"/cases/{SCHOOL}?" + urlencode({"lang": "en", "beside": beside}))
    assert page.all("div", class_="pair") == []
    assert page.one("div", class_="text")


def test_words_that_are_the_same_in_both_have_one_place_of_their_own() -> None:
    twin = replace(ENGLISH, language="ar")
    client = make_client(StandInService(StandInGeneration((twin, ENGLISH))))
    page = read(client, f"/cases/{SCHOOL}?lang=en&beside=ar")
    for passage in split_passages(ENGLISH):
        page.one(id=passage.anchor)
    assert len(page.all("div", class_="passage")) == 2 * len(split_passages(ENGLISH))


@pytest.mark.parametrize(
    ("here", "there", "links", "cut"),
    [
        (2, 2, [(0, 0), (1, 1)], [(1, 1), (1, 1)]),
        (2, 2, [(0, 1), (1, 0)], [(2, 2)]),
        (3, 2, [(0, 0), (1, 0), (2, 1)], [(2, 1), (1, 1)]),
        (2, 3, [(0, 0), (0, 1), (1, 2)], [(1, 2), (1, 1)]),
        (3, 3, [(0, 0), (2, 2)], [(2, 2), (1, 1)]),
        (3, 2, [(1, 0), (2, 1)], [(2, 1), (1, 1)]),
        (2, 3, [], [(2, 3)]),
        (0, 0, [], [(0, 0)]),
    ],
)
def test_rows_are_cut_where_nothing_that_belongs_together_is_parted(
    here: int, there: int, links: list[tuple[int, int]], cut: list[tuple[int, int]]
) -> None:
    found = bands(here, there, links)
    assert [(one.stop - one.start, two.stop - two.start) for one, two in found] == cut


def both(case: CaseStudy | None, other: CaseStudy | None) -> tuple[CaseStudy, CaseStudy]:
    assert case
    assert other
    return case, other


def test_a_counterpart_says_the_same_in_the_other_language(small_generation: Generation) -> None:
    english, arabic = both(small_generation.case(SCHOOL, "en"), small_generation.case(SCHOOL, "ar"))
    for passage in small_generation.passages_of(english):
        same = small_generation.counterpart(passage, "ar")
        assert same in small_generation.passages_of(arabic)
        assert small_generation.counterpart(passage, "fr") is None


def test_every_case_of_the_library_reads_side_by_side(bundled_service: Service) -> None:
    generation = bundled_service.generation
    several = 0
    for case in generation.library_cases:
        (other,) = (it for it in generation.renderings(case.id) if it != case)
        rows = side_by_side(generation, case, other)
        for rendering, cells in (
            (case, [row.here for row in rows]),
            (other, [row.there for row in rows]),
        ):
            passages = [it for cell in cells for stretch in cell for it in stretch.passages]
            assert tuple(passages) == generation.passages_of(rendering)
            assert all(cells)
        several += len(rows) > len(generation.passages_of(case)) / 2
    assert several > len(generation.library_cases) * 0.8


# Similar practice


def test_similar_practice_is_shown_with_its_place(service: StandInService) -> None:
    service.alike = (HILL, ARABIC)
    section = read(make_client(service), "/cases/bare?lang=en").one("section", class_="similar")
    first, second = section.all("li")
    assert first.one("a").attributes["href"] == "/cases/hill?lang=en"
    assert (first.one("a").text, first.one("p").text) == (HILL.title, "Hill, Norway")
    assert second.one("a").text == ENGLISH.title


def test_nothing_similar_takes_no_room(client: TestClient) -> None:
    assert read(client, "/cases/hill?lang=en").all("section", class_="similar") == []
