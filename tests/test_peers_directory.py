"""The directory lists each body once where that is certain, and nobody who is not to be listed."""

import re
from dataclasses import replace
from html import unescape

import pytest
from conftest import BUNDLED, make_case
from fastapi import FastAPI
from fastapi.testclient import TestClient
from test_pages import StandInGeneration, StandInHolder, StandInService, nothing_is_kept

from corpus.case_study import CaseStudy, Level, Pillar
from corpus.library import load_library
from server import pages
from server.peers import pages as peers_pages
from server.peers.consent import get_unlisted
from server.peers.directories import Directories
from server.peers.directory import Directory, directory_of

LANGUAGES = pytest.mark.parametrize("language", ["en", "ar", "fr"])


def case_of(
    case_id: str,
    *actors: str,
    country: str | None = "UG",
    place: str = "Nansana, Uganda",
    language: str = "en",
) -> CaseStudy:
    case = make_case(case_id=case_id, title=f"Title of {case_id}", language=language)
    return replace(case, actors=actors, country=country, place=place)


def names(directory: Directory) -> list[str]:
    return [body.name for body in directory.bodies]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("United Nations Population Fund (UNFPA)", "United Nations Population Fund"),
        ("The Nansana Municipality", "Nansana municipality"),
        ("Nansana  Municipality", "Nansana Municipality"),
        ("Youth council", "the Youth Council"),
        ("البلدية", "بلديَّة"),
        ("المنتدى (GCTF)", "منتدى"),
    ],
)
def test_a_body_that_is_written_in_two_ways_is_listed_once(one: str, other: str) -> None:
    directory = directory_of([case_of("a", one), case_of("b", other)], "en")
    assert len(directory.bodies) == 1
    assert [case.id for case in directory.bodies[0].cases] == ["a", "b"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # The same words in two countries, or of two towns, are no sign of one body.
        (case_of("a", "Youth council"), case_of("b", "Youth council", country="KE")),
        (case_of("a", "Local police"), case_of("b", "Local police", place="Gulu, Uganda")),
        (case_of("a", "Ministry of Peace"), case_of("b", "Ministry of Peace", country="KE")),
        (case_of("a", "Ministry of Peace"), case_of("b", "Ministry of Peace and Justice")),
        (case_of("a", "Peace Council (NPC)"), case_of("b", "Peace Council (NPO)")),
        (case_of("a", "City of Nansana"), case_of("b", "Mayor of Nansana")),
    ],
)  # fmt: skip
def test_what_may_be_two_bodies_is_listed_twice(first: CaseStudy, second: CaseStudy) -> None:
    directory = directory_of([first, second], "en")
    assert len(directory.bodies) == 2
    assert all(len(body.cases) == 1 for body in directory.bodies)


def test_a_body_known_in_many_countries_is_one() -> None:
    cases = [
        case_of("a", "Strong Cities Network"),
        case_of("b", "Strong Cities Network", country="KE", place="Lamu, Kenya"),
        case_of("c", "The Strong Cities Network", country=None, place=""),
    ]
    (body,) = directory_of(cases, "en").bodies
    assert body.countries == ("KE", "UG")


def test_a_body_has_its_name_in_the_reader_s_language_and_one_address_in_all() -> None:
    cases = [
        case_of("a", "Youth council", "Schools"),
        case_of("a", "مجلس الشباب", "المدارس", language="ar"),
        case_of("b", "Youth council", "Schools", "Shops"),
        case_of("b", "شيء آخر", language="ar"),  # names fewer: nobody can tell which
    ]
    english, arabic = (directory_of(cases, language) for language in ("en", "ar"))
    assert names(english) == ["Schools", "Shops", "Youth council"]
    assert names(arabic) == ["Shops", "المدارس", "مجلس الشباب"]
    assert english.by_key.keys() == arabic.by_key.keys()
    assert [body.name for body in arabic.of_case("a")] == ["مجلس الشباب", "المدارس"]


def test_all_renderings_of_a_bundled_case_name_as_many_bodies(
    bundled_cases: tuple[CaseStudy, ...],
) -> None:
    # Else the Arabic name of a body could not be told.
    counts: dict[str, set[int]] = {}
    for case in bundled_cases:
        counts.setdefault(case.id, set()).add(len(case.actors))
    assert {case_id for case_id, found in counts.items() if len(found) > 1} == set()


@pytest.fixture(scope="module")
def bundled_cases() -> tuple[CaseStudy, ...]:
    return load_library([BUNDLED]).cases


# The pages


NANSANA = replace(
    case_of("nansana", "Nansana Municipality", "Strong Cities Network"),
    pillars=(Pillar.TRUST,),
    level=Level.CITY,
)
LAMU = replace(
    case_of("lamu", "Lamu County", "Strong Cities Network", country="KE", place="Lamu, Kenya"),
    pillars=(Pillar.CAPACITY,),
    level=Level.REGIONAL,
)
NOWHERE = replace(
    case_of("nowhere", "International organisations", country=None, place=""),
    pillars=(),
    level=None,
)
ARABIC = replace(
    NANSANA, language="ar", place="نانسانا", actors=("بلدية نانسانا", "شبكة المدن القوية")
)


def client_of(
    *cases: CaseStudy, away: frozenset[str] = frozenset(), unlisted: frozenset[str] = frozenset()
) -> TestClient:
    app = FastAPI()
    app.state.holder = StandInHolder(StandInService(StandInGeneration(cases), away=away))
    app.state.open_store = nothing_is_kept
    app.state.directories = Directories()
    app.include_router(pages.router)
    app.include_router(peers_pages.router)
    app.dependency_overrides[get_unlisted] = lambda: lambda: unlisted
    return TestClient(app)


def listed(client: TestClient, address: str = "/peers", **asked: str) -> list[str]:
    page = client.get(address, params={"ui": "en", **asked} if address == "/peers" else None)
    assert page.status_code == 200
    return [
        unescape(re.sub(r"<[^>]+>", "", heading))
        for heading in re.findall(r"<h4>(.*?)</h4>", page.text)
    ]


LIBRARY = (NANSANA, ARABIC, LAMU, NOWHERE)


@LANGUAGES
def test_bodies_stand_by_country_those_of_several_first(language: str) -> None:
    page = client_of(*LIBRARY).get("/peers", params={"ui": language})
    assert f'<html lang="{language}"' in page.text
    groups = re.findall(r'<h3 id="group-\d+">(.*?)</h3>', page.text)
    assert len(groups) == 4
    known = {"en": ["Kenya", "Uganda"], "fr": ["Kenya", "Ouganda"], "ar": ["أوغندا", "كينيا"]}
    assert groups[1:3] == known[language]
    assert ("بلدية نانسانا" in page.text) == (language == "ar")


def test_bodies_are_found_by_pillar_level_country_and_name_in_either_script() -> None:
    client = client_of(*LIBRARY)
    assert listed(client, pillar="capacity") == ["Strong Cities Network", "Lamu County"]
    assert listed(client, level="city") == ["Strong Cities Network", "Nansana Municipality"]
    assert listed(client, country="KE") == ["Lamu County", "Strong Cities Network"]
    assert listed(client, find="NANSANA") == ["Nansana Municipality"]
    assert listed(client, find="نانسانا") == ["Nansana Municipality"]
    assert listed(client, find="المدن cities") == []
    assert listed(client, find="مدن القويه") == ["Strong Cities Network"]
    assert listed(client, find="etwork") == []
    assert listed(client, find="cities", country="KE") == ["Strong Cities Network"]
    assert client.get("/peers", params={"pillar": "nonsense"}).status_code == 404


def test_each_choice_says_how_many_bodies_it_finds() -> None:
    client = client_of(*LIBRARY)
    page = client.get("/peers?ui=en").text
    offers = re.findall(
        r'<a href="(/peers\?[^"]+)" rel="nofollow"><span>[^<]+</span> <span class="count">(\d+)',
        page,
    )
    assert len(offers) == 6  # two pillars, two levels, two countries
    for address, count in offers:
        assert len(listed(client, unescape(address))) == int(count), address


def test_a_long_directory_is_read_a_page_at_a_time() -> None:
    many = case_of("many", *(f"Body number {number:03}" for number in range(90)))
    client = client_of(many)
    first, second, third = (listed(client, page=str(number)) for number in (1, 2, 3))
    assert (len(first), len(second), len(third)) == (40, 40, 10)
    assert len({*first, *second, *third}) == 90
    page = client.get("/peers?ui=en&find=body&page=2").text
    assert 'href="/peers?find=body&amp;ui=en&amp;page=3" rel="next"' in page


def test_a_body_that_stands_only_behind_removed_cases_is_gone_at_once() -> None:
    service = StandInService(StandInGeneration(LIBRARY))
    client = client_of()
    client.app.state.holder = StandInHolder(service)  # type: ignore[attr-defined]
    assert "Lamu County" in listed(client)
    key = directory_of(LIBRARY, "en").of_case("lamu")[0].key
    assert client.get(f"/peers/{key}").status_code == 200
    service.away = frozenset({"lamu"})
    assert "Lamu County" not in listed(client)
    assert "Strong Cities Network" in listed(client)
    assert client.get(f"/peers/{key}").status_code == 404


def test_bodies_that_did_not_agree_to_be_listed_are_not() -> None:
    client = client_of(*LIBRARY, unlisted=frozenset({"nansana"}))
    assert listed(client) == ["Lamu County", "Strong Cities Network", "International organisations"]
    page = client.get("/cases/nansana?ui=en&lang=en").text
    assert "/peers/" not in page
    assert "Nansana Municipality" in page  # the case study itself says so


@LANGUAGES
def test_a_case_names_who_is_behind_it_and_leads_to_them(language: str) -> None:
    client = client_of(*LIBRARY)
    page = client.get(f"/cases/nansana?ui={language}").text
    links = re.findall(r'href="(/peers/[0-9a-f]{16}\?ui=\w\w)"', page)
    assert len(links) == 2
    assert f"/introductions/new?case=nansana&amp;ui={language}" in page
    body = client.get(links[1])
    assert body.status_code == 200
    assert "/cases/nansana" in body.text
    assert f"/introductions/new?case=lamu&amp;ui={language}" in body.text


def test_what_is_typed_is_shown_as_text() -> None:
    page = client_of(*LIBRARY).get("/peers", params={"find": '"><script>x</script>', "ui": "en"})
    assert "<script>x" not in page.text
    assert page.status_code == 200
