"""What people rely on where they look where the cases are from."""

from collections import Counter
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from conftest import make_case
from fastapi import FastAPI
from fastapi.testclient import TestClient
from test_pages import (
    ARABIC,
    ARABIC_PAGE,
    ENGLISH,
    HOSTILE,
    Element,
    StandInGeneration,
    StandInHolder,
    StandInService,
    assert_harmless,
    interface_of,
    read,
)

from corpus.case_study import CaseStudy
from index.analysis import normalise
from server import library_pages, pages, places_page
from server.peers.directories import Directories
from server.service import Service

LANGUAGES = pytest.mark.parametrize("language", ["en", "ar"])


def case_in(country: str | None, place: str | None = None, number: int = 1) -> CaseStudy:
    case = make_case(case_id=f"case-{country}-{number}".lower())
    return replace(case, country=country, place=place)


MUMBAI = case_in("IN", "Mumbai, India", 1)
DELHI = case_in("IN", "Delhi, India", 2)
MALE = case_in("MV", "Malé, Maldives")
NOWHERE = case_in(None, "Several cities")


def client_of(*cases: CaseStudy, away: frozenset[str] = frozenset()) -> TestClient:
    return make_client(StandInService(StandInGeneration(cases), away=away))


def make_client(service: StandInService | Service | None) -> TestClient:
    app = FastAPI()
    app.state.holder = StandInHolder(service)  # type: ignore[arg-type]
    app.include_router(places_page.router)
    app.include_router(library_pages.router)
    app.state.directories = Directories()
    app.include_router(pages.router)
    return TestClient(app)


@pytest.fixture(scope="module")
def bundled(bundled_service: Service) -> TestClient:
    return make_client(bundled_service)


def listed(page: Element) -> dict[str, Element]:
    """The entry of each country in the list, by the address that it leads to."""
    entries = [
        entry
        for section in page.all("section")
        for entry in section.all("li")
        if entry.all("a") != []
    ]
    return {entry.one("a").attributes["href"]: entry for entry in entries}


def drawn(page: Element) -> dict[str, Element]:
    """The link of each country in the picture, by the address that it leads to."""
    return {link.attributes["href"]: link for link in page.one("figure").all("a")}


def country_of(address: str) -> str:
    (code,) = parse_qs(urlsplit(address).query)["country"]
    return code


def count_of(entry: Element) -> int:
    return int(entry.one(class_="count").text.split()[0])


def places_of(entry: Element) -> list[str]:
    return [place.text for place in entry.all("bdi")]


# The library that comes with Diwan


@LANGUAGES
def test_every_country_is_in_the_picture_and_in_the_list(
    bundled: TestClient, bundled_service: Service, language: str
) -> None:
    cases = bundled_service.generation.library_cases
    held = {case.id: case.country for case in cases if case.country}
    counts = Counter(held.values())
    page = read(bundled, f"/places?lang={language}")
    entries, links = listed(page), drawn(page)
    assert {country_of(address) for address in entries} == set(counts)
    assert entries.keys() == links.keys()
    for address, link in links.items():
        path = link.one("path").attributes["d"]
        assert path or link.all("circle"), address
        name = entries[address].one("a").text
        said = entries[address].one(class_="count").text
        assert link.one("title").text == f"{name} – {said}"


def test_the_list_counts_right(bundled: TestClient, bundled_service: Service) -> None:
    cases = bundled_service.generation.library_cases
    counts = Counter({case.id: case.country for case in cases if case.country}.values())
    entries = listed(read(bundled, "/places?ui=en"))
    assert {country_of(address): count_of(entry) for address, entry in entries.items()} == counts


@LANGUAGES
def test_each_country_leads_to_as_many_cases(bundled: TestClient, language: str) -> None:
    entries = listed(read(bundled, f"/places?lang={language}"))
    assert len(entries) > 50
    for address in list(entries)[::7]:
        there = read(bundled, address)
        assert interface_of(there)[0] == language
        shown = there.one(id="found").text
        assert entries[address].one(class_="count").text == shown
        assert len(there.one("section", class_="found").all("h3")) > 0


@LANGUAGES
def test_every_country_stands_under_its_continent(bundled: TestClient, language: str) -> None:
    page = read(bundled, f"/places?lang={language}")
    names = [section.one("h2").text for section in page.all("section")]
    assert names == sorted(names, key=normalise)
    if language == "en":
        assert names == ["Africa", "Americas", "Asia", "Europe", "Oceania"]
    for section in page.all("section"):
        assert section.attributes["aria-labelledby"] == section.one("h2").attributes["id"]


@LANGUAGES
def test_the_picture_adds_nothing_foreign_and_little_weight(
    bundled: TestClient, language: str
) -> None:
    response = bundled.get(f"/places?lang={language}")
    figure = response.text.partition("<figure")[2].partition("</figure>")[0]
    assert "//" not in figure
    assert len(figure.encode()) < 42_000
    page = read(bundled, f"/places?lang={language}")
    assert_harmless(page)
    tags = {element.tag for element in page.one("figure").all()}
    assert tags == {"svg", "path", "a", "title", "circle", "figcaption", "span", "bdi", "rect"}


# What a page says


def test_who_listens_or_goes_by_keyboard_meets_each_country_once() -> None:
    page = read(client_of(MUMBAI, MALE), "/places?ui=en")
    figure = page.one("figure")
    assert figure.attributes["aria-hidden"] == "true"
    assert [link.attributes["tabindex"] for link in figure.all("a")] == ["-1", "-1"]
    assert all("tabindex" not in entry.one("a").attributes for entry in listed(page).values())
    assert "The outlines are simplified and imply no position on any border." in page.text
    assert "imply" not in figure.text


def test_a_country_says_how_many_cases_and_where() -> None:
    page = read(client_of(MUMBAI, DELHI, MALE), "/places?ui=en")
    india, maldives = listed(page).values()
    assert (india.one("a").text, count_of(india)) == ("India", 2)
    assert places_of(india) == ["Delhi", "Mumbai"]
    assert (maldives.one("a").text, count_of(maldives)) == ("Maldives", 1)
    assert india.one("a").attributes["href"] == "/library?country=IN&ui=en"
    assert "The library holds 3 case studies from 2 countries." in page.one("main").text


@pytest.mark.parametrize(
    ("country", "place", "said"),
    [
        ("KE", "Kenya", []),
        ("KE", None, []),
        ("KE", "KENYA", []),
        ("KE", "Nakuru, Isiolo and Lamu counties, Kenya", ["Nakuru, Isiolo and Lamu counties"]),
        ("KE", "Dakar, Senegal, and cities in Kenya", ["Dakar, Senegal, and cities in Kenya"]),
        ("KE", "Mombasa; Kenya's coast", ["Mombasa; Kenya's coast"]),
        ("CI", "N'Douci, Côte d'Ivoire", ["N'Douci"]),
        ("XK", "Prizren, Kosovo", ["Prizren"]),
    ],
)
def test_a_place_does_not_name_its_country_again(
    country: str, place: str | None, said: list[str]
) -> None:
    (entry,) = listed(read(client_of(case_in(country, place)), "/places?ui=en")).values()
    assert places_of(entry) == said


def test_a_place_that_several_cases_name_stands_once() -> None:
    page = read(client_of(MUMBAI, replace(MUMBAI, id="again")), "/places?ui=en")
    (entry,) = listed(page).values()
    assert (count_of(entry), places_of(entry)) == (2, ["Mumbai"])


def test_renderings_count_once_and_the_reader_s_own_is_shown() -> None:
    client = client_of(ARABIC, ENGLISH)
    (english,) = listed(read(client, "/places?ui=en")).values()
    assert (count_of(english), places_of(english)) == (1, ["Harbour"])
    page = read(client, "/places?lang=ar")
    assert interface_of(page) == ARABIC_PAGE
    (arabic,) = listed(page).values()
    assert (arabic.one("a").text, places_of(arabic)) == ("كينيا", ["الميناء"])
    assert arabic.one("bdi").attributes["lang"] == "ar"
    assert arabic.one("a").attributes["href"] == "/library?country=KE&ui=ar"


def test_without_a_rendering_in_the_reader_s_language_the_original_is_shown() -> None:
    french = replace(ARABIC, language="fr", translated_from="ar", place="Le port")
    original = replace(ARABIC, translated_from=None)
    (entry,) = listed(read(client_of(french, original), "/places?ui=en")).values()
    assert (entry.one("bdi").text, entry.one("bdi").attributes["lang"]) == ("الميناء", "ar")


def test_cases_of_no_country_are_said_to_be_left_out() -> None:
    page = read(client_of(MUMBAI, NOWHERE), "/places?ui=en")
    assert [country_of(address) for address in listed(page)] == ["IN"]
    said = "1 case study is about no single country, so it is not on this page."
    assert said in page.one("main").text
    assert "no single country" not in read(client_of(MUMBAI), "/places?ui=en").text


def test_what_was_taken_away_is_neither_drawn_nor_listed_nor_counted() -> None:
    client = client_of(MUMBAI, DELHI, MALE, away=frozenset({MALE.id, DELHI.id}))
    page = read(client, "/places?ui=en")
    (entry,) = listed(page).values()
    assert (entry.one("a").text, count_of(entry), places_of(entry)) == ("India", 1, ["Mumbai"])
    assert [country_of(address) for address in drawn(page)] == ["IN"]
    assert "Maldives" not in page.text
    assert "Delhi" not in page.text
    assert "1 case study from 1 country" in page.one("main").text


def test_a_small_country_has_a_dot_and_a_large_one_has_none() -> None:
    links = drawn(read(client_of(MUMBAI, MALE), "/places?ui=en"))
    dots = {country_of(address): len(link.all("circle")) for address, link in links.items()}
    assert dots == {"IN": 0, "MV": 1}


def test_land_without_cases_leads_nowhere() -> None:
    page = read(client_of(MUMBAI, MALE), "/places?ui=en")
    figure = page.one("figure")
    (land,) = (path for path in figure.all("path") if path.attributes.get("class") == "tint-0")
    assert land not in [path for link in figure.all("a") for path in link.all("path")]
    india = drawn(page)["/library?country=IN&ui=en"].one("path").attributes["d"]
    assert india not in land.attributes["d"]
    alone = read(client_of(MALE), "/places?ui=en").one("figure")
    assert india in alone.one("path", class_="tint-0").attributes["d"]


def test_what_has_no_outline_is_in_the_list_and_said_not_to_be_drawn() -> None:
    page = read(client_of(MUMBAI, case_in("TV", "Funafuti"), case_in("EU")), "/places?ui=en")
    assert {country_of(address) for address in listed(page)} == {"IN", "TV", "EU"}
    assert [country_of(address) for address in drawn(page)] == ["IN"]
    said = "In the list, but not drawn on the map: European Union, Tuvalu."
    assert said in page.one("main").text
    assert [section.one("h2").text for section in page.all("section")] == [
        "Asia",
        "Oceania",
        "Elsewhere",
    ]
    assert "not drawn" not in read(client_of(MUMBAI), "/places?ui=en").text


def test_the_more_cases_the_stronger_the_tint() -> None:
    counts = {"IN": 1, "KE": 2, "NO": 3, "BR": 4, "US": 10, "FR": 25}
    cases = [
        case_in(code, number=number) for code, many in counts.items() for number in range(many)
    ]
    page = read(client_of(*cases), "/places?ui=en")
    tints = {country_of(at): link.attributes["class"] for at, link in drawn(page).items()}
    assert [tints[code][-1] for code in counts] == ["1", "2", "2", "3", "4", "4"]
    legend = page.one("figcaption")
    assert [key.text for key in legend.all("bdi")] == ["none", "1", "2–3", "4–9", "10 or more"]
    keys = [key.attributes["class"] for key in legend.all("rect")]
    assert keys == [f"tint-{number}" for number in range(5)]
    assert page.one("figure", class_="tints-4")


def test_the_legend_has_only_tints_that_are_there() -> None:
    cases = [case_in("IN", number=number) for number in range(5)]
    page = read(client_of(*cases, MALE), "/places?ui=en")
    assert [key.text for key in page.one("figcaption").all("bdi")] == ["none", "1", "4–9"]
    tints = {country_of(at): link.attributes["class"] for at, link in drawn(page).items()}
    assert tints == {"IN": "tint-2", "MV": "tint-1"}
    assert page.one("figure", class_="tints-2")


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        ((NOWHERE,), "No case study in the library names a country yet."),
        ((), "The library holds no case studies yet."),
    ],
)
def test_a_library_without_countries_says_so(cases: tuple[CaseStudy, ...], said: str) -> None:
    page = read(client_of(*cases), "/places?ui=en")
    assert said in page.one("main").text
    assert page.all("figure") == page.all("section") == []


def test_the_page_is_sound_for_those_who_listen() -> None:
    page = read(client_of(MUMBAI, MALE, NOWHERE), "/places?ui=ar")
    ids = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    for element in page.all():
        assert set(element.attributes.get("aria-labelledby", "").split()) <= set(ids)
    assert len(page.all("h1")) == 1
    assert all(link.text.strip() for link in page.all("a"))


def test_no_crawler_follows_the_countries() -> None:
    page = read(client_of(MUMBAI, MALE), "/places?ui=en")
    links = [*drawn(page).values(), *(entry.one("a") for entry in listed(page).values())]
    assert {link.attributes["rel"] for link in links} == {"nofollow"}


def test_a_hostile_place_stays_text() -> None:
    page = read(client_of(case_in("IN", HOSTILE)), "/places?ui=en")
    assert_harmless(page)
    (entry,) = listed(page).values()
    assert places_of(entry) == [HOSTILE]


def test_a_server_that_is_starting_says_so() -> None:
    page = read(make_client(None), "/places?ui=en", 503)
    assert "Diwan is starting" in page.one("main").text
