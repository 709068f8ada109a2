"""What people rely on when they look what is new, on the page and in a feed reader."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from conftest import StandInEncoder, make_case
from fastapi import FastAPI
from fastapi.testclient import TestClient
from lxml import etree
from lxml.etree import _Element as Tree
from test_pages import ARABIC_PAGE, Element, StandInHolder, assert_harmless, interface_of, read

from corpus.case_study import CaseStudy
from corpus.library import Library
from corpus.removed import Removed
from index.build import build_generation
from index.chronicle import Chronicle
from index.generation import Generation
from server.desk_access import get_moment
from server.i18n import interface
from server.news import pages
from server.service import Service

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
START, APRIL, MAY = (f"2026-0{month}-02T10:00:00+00:00" for month in (1, 4, 5))
ATOM = {"a": "http://www.w3.org/2005/Atom"}
SCHOOL, HILL, FOUNTAIN = "harbour-school", "hill-orchards", "market-fountain"


@pytest.fixture
def chronicle(small_library: Library) -> Chronicle:
    """The school is from the start and came in Arabic later, when the orchards came, too.

    The fountain was there from the start and was changed; three that were there are gone.
    """
    arabic, english, hill, fountain = small_library.cases
    gone = [make_case(case_id=f"secret-{number}") for number in range(3)]
    older = replace(fountain, title="Older")
    began = Chronicle.begin([english, older, *gone], START)
    return began.go_on([arabic, english, hill, older, gone[0]], APRIL).go_on(
        [arabic, english, hill, fountain], MAY
    )


@pytest.fixture
def service(
    small_generation: Generation, chronicle: Chronicle, stand_in: StandInEncoder, tmp_path: Path
) -> Service:
    return Service(replace(small_generation, chronicle=chronicle), stand_in, Removed(tmp_path))


def make_client(service: Service, address: str = "") -> TestClient:
    app = FastAPI()
    app.state.holder = StandInHolder(service)  # type: ignore[arg-type]
    app.state.address = address
    app.include_router(pages.router)
    app.dependency_overrides[get_moment] = lambda: NOW
    return TestClient(app)


@pytest.fixture
def client(service: Service) -> TestClient:
    return make_client(service)


def days(page: Element) -> dict[str, list[tuple[str, str]]]:
    """What is said of each title, by day."""
    return {
        section.one("time").attributes["datetime"]: [
            (item.one("h3").text, item.one(class_="what").text)
            for item in (section.all("ol")[0].children if section.all("ol") else [])
            if isinstance(item, Element)
        ]
        for section in page.all("section", class_="found")
    }


# The page


def test_each_day_tells_what_came_and_what_changed_the_latest_first(client: TestClient) -> None:
    assert list(days(read(client, "/news?ui=en")).items()) == [
        ("2026-05-02", [("Market: fountain", "Changed")]),
        ("2026-04-02", [("Hill: orchards", "New"), ("Harbour: a night school",
                                                    "Now also in Arabic")]),
    ]  # fmt: skip


def test_an_entry_leads_to_the_case_study_and_says_where_and_what(client: TestClient) -> None:
    entry = read(client, "/news?ui=en").all("section", class_="found")[1].all("li")[0]
    for fact in ("Hill", "Norway", "City", "Trust", "Coordination"):
        assert fact in entry.text
    assert entry.one("h3").one("a").attributes["href"] == f"/cases/{HILL}?lang=en"


def test_what_was_taken_out_is_counted_and_never_named(client: TestClient) -> None:
    page = read(client, "/news?ui=en")
    assert [each.text for each in page.all(class_="gone")] == [
        "1 case study was taken out.",
        "2 case studies were taken out.",
    ]
    assert "secret" not in client.get("/news?ui=en").text
    assert "secret" not in client.get("/news.atom").text


def test_where_removals_were_forgotten_it_says_that_there_were_more(
    service: Service, chronicle: Chronicle
) -> None:
    generation = replace(service.generation, chronicle=replace(chronicle, forgotten=APRIL))
    page = read(make_client(replace(service, generation=generation)), "/news?ui=en")
    assert page.all(class_="gone")[1].text == "More than 2 case studies were taken out."


def test_titles_stand_in_the_reader_s_language(client: TestClient) -> None:
    page = read(client, "/news?ui=ar")
    assert interface_of(page) == ARABIC_PAGE
    assert "الميناء: مدرسة ليلية" in [heading.text for heading in page.all("h3")]
    hill = next(it for it in page.all("h3") if it.text == "Hill: orchards")
    assert (hill.attributes["lang"], hill.attributes["dir"]) == ("en", "ltr")


def test_a_change_of_one_rendering_says_which(service: Service, chronicle: Chronicle) -> None:
    told = {**chronicle.documents}
    told[SCHOOL, "ar"] = replace(told[SCHOOL, "ar"], since=START, changed=APRIL)
    generation = replace(service.generation, chronicle=replace(chronicle, documents=told))
    page = read(make_client(replace(service, generation=generation)), "/news?ui=en")
    assert ("Harbour: a night school", "Changed in Arabic") in days(page)["2026-04-02"]


def test_of_a_case_study_that_came_in_two_languages_it_is_told_once(
    service: Service, small_library: Library
) -> None:
    chronicle = Chronicle.begin(small_library.cases[2:], START).go_on(small_library.cases, MAY)
    generation = replace(service.generation, chronicle=chronicle)
    page = read(make_client(replace(service, generation=generation)), "/news?ui=en")
    assert days(page) == {"2026-05-02": [("Harbour: a night school", "New")]}


@pytest.mark.parametrize(
    ("since", "shown"),
    [
        ("2026-01-01", ["2026-05-02", "2026-04-02"]),
        ("2026-04-02", ["2026-05-02", "2026-04-02"]),
        ("2026-04-03", ["2026-05-02"]),
        ("2026-05-03", []),
        ("9999-12-31", []),
        ("0001-01-01", ["2026-05-02", "2026-04-02"]),
    ],
)
def test_the_reader_chooses_since_when(client: TestClient, since: str, shown: list[str]) -> None:
    page = read(client, f"/news?since={since}&ui=en")
    assert list(days(page)) == shown
    assert page.one("input", id="since").attributes["value"] == since
    assert ("Nothing has changed in the library since" in page.text) is not bool(shown)


def test_without_a_day_it_is_the_last_ninety(client: TestClient) -> None:
    for address in ("/news?ui=en", "/news?since=&ui=en"):
        box = read(client, address).one("input", id="since").attributes
        assert (box["value"], box["max"], box["type"]) == ("2026-03-03", "2026-06-01", "date")


@pytest.mark.parametrize("since", ["yesterday", "2026-02-30", "20260301", "2026-3-1", "2026-W10-1",
                                   "<b>", "٢٠٢٦-٠٣-٠١", "2026-03-01T00:00"])  # fmt: skip
def test_what_is_no_day_is_told_and_the_form_stays(client: TestClient, since: str) -> None:
    response = client.get("/news", params={"since": since, "ui": "en"})
    page = read(client, str(response.url).removeprefix("http://testserver"), 422)
    assert_harmless(page)
    assert "no day of the calendar" in page.one(role="alert").text
    box = page.one("input", id="since").attributes
    assert box["aria-describedby"] == page.one(role="alert").attributes["id"]
    assert days(page) == {}


def test_what_was_there_from_the_start_is_one_line(client: TestClient) -> None:
    page = read(client, "/news?since=2026-01-01&ui=en")
    line = "2 case studies have been here since this list began on 2 January 2026."
    assert page.one(class_="beginning").text == line
    assert read(client, "/news?since=2026-01-03&ui=en").all(class_="beginning") == []


def test_what_is_removed_is_gone_at_once(service: Service, client: TestClient) -> None:
    assert service.removed
    tag = client.get("/news.atom").headers["etag"]
    service.removed.add([HILL])
    for address in ("/news?ui=en", "/news.atom", "/news.atom?lang=en"):
        response = client.get(address, headers={"If-None-Match": tag})
        assert response.status_code == 200
        assert "orchards" not in response.text
        assert "Market: fountain" in response.text


def test_the_switch_of_languages_keeps_the_day(client: TestClient) -> None:
    links = read(client, "/news?since=2026-04-03&ui=en").one(id="languages").all("a")
    for link in links:
        assert parse_qs(urlsplit(link.attributes["href"]).query)["since"] == ["2026-04-03"]
        assert list(days(read(client, link.attributes["href"]))) == ["2026-05-02"]


def many(count: int) -> tuple[CaseStudy, ...]:
    return tuple(make_case(case_id=f"case-{number:03}") for number in range(count))


def test_a_long_list_has_pages(stand_in: StandInEncoder) -> None:
    before = Chronicle.begin([make_case()], START)
    generation = build_generation(Library((*many(70), make_case())), stand_in, before=before)
    client = make_client(Service(generation, stand_in))
    first = read(client, "/news?since=2026-01-01&ui=en")
    assert len(first.all("h3")) == 50
    (link,) = first.one("nav", class_="news-paging").all("a")
    second = read(client, link.attributes["href"])
    assert len(second.all("h3")) == 20
    assert second.one("input", id="since").attributes["value"] == "2026-01-01"
    (back,) = second.one("nav", class_="news-paging").all("a")
    assert back.attributes["rel"] == "prev"
    feed = etree.fromstring(client.get("/news.atom").content)
    assert len(feed.findall("a:entry", ATOM)) == 50


@pytest.mark.parametrize("language", ["en", "ar", "fr"])
def test_the_page_is_sound_in_every_language(client: TestClient, language: str) -> None:
    page = read(client, f"/news?since=2026-01-01&ui={language}")
    assert_harmless(page)
    assert interface_of(page) == (language, interface(language).direction)
    ids = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    assert len(page.all("h1")) == 1
    alternate = page.one("link", rel="alternate").attributes
    assert alternate["type"] == "application/atom+xml"
    assert client.get(alternate["href"]).status_code == 200


# The feed


def feed_of(client: TestClient, address: str = "/news.atom") -> Tree:
    response = client.get(address)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/atom+xml"
    return etree.fromstring(response.content)


def text(element: Tree, path: str) -> str:
    (found,) = element.findall(path, ATOM)
    return found.text or ""


def links(element: Tree) -> dict[str, str]:
    return {link.get("rel", ""): link.get("href", "") for link in element.findall("a:link", ATOM)}


def language_of(element: Tree) -> str | None:
    return element.get("{http://www.w3.org/XML/1998/namespace}lang")


def test_the_feed_has_all_that_atom_requires(client: TestClient) -> None:
    feed = feed_of(client)
    assert feed.tag == "{http://www.w3.org/2005/Atom}feed"
    for element in (feed, *feed.findall("a:entry", ATOM)):
        assert text(element, "a:id").startswith("tag:testserver,2026:")
        assert text(element, "a:title")
        assert datetime.fromisoformat(text(element, "a:updated")).tzinfo
        assert element.findall("a:author/a:name", ATOM)
        assert links(element)["alternate"].startswith("http://testserver/")
    assert links(feed)["self"] == "http://testserver/news.atom"
    assert links(feed)["alternate"] == "http://testserver/news?ui=en"
    assert text(feed, "a:updated") == MAY


def test_an_entry_says_when_whose_and_where_and_gives_the_first_passage(
    client: TestClient, service: Service
) -> None:
    entries = feed_of(client).findall("a:entry", ATOM)
    assert [(text(it, "a:title"), language_of(it)) for it in entries] == [
        ("Market: fountain", "en"),
        ("Hill: orchards", "en"),
        ("الميناء: مدرسة ليلية", "ar"),
    ]
    changed, new, arabic = entries
    assert (text(changed, "a:published"), text(changed, "a:updated")) == (START, MAY)
    assert (text(new, "a:published"), text(new, "a:updated")) == (APRIL, APRIL)
    assert text(new, "a:author/a:name") == "Example Institute"
    assert links(new)["alternate"] == f"http://testserver/cases/{HILL}?lang=en"
    assert text(arabic, "a:id") == f"tag:testserver,2026:cases/{SCHOOL}:ar"
    case = service.generation.case(SCHOOL, "ar")
    assert case
    assert text(arabic, "a:summary") == service.generation.passages_of(case)[0].text
    assert {it.get("term") for it in new.findall("a:category", ATOM)} == {"trust", "coordination"}
    ids = [text(it, "a:id") for it in entries]
    assert len(set(ids)) == len(ids)


def test_in_a_language_each_case_study_is_told_once(client: TestClient) -> None:
    english = feed_of(client, "/news.atom?lang=en")
    titles = [text(it, "a:title") for it in english.findall("a:entry", ATOM)]
    assert titles == ["Market: fountain", "Hill: orchards"]
    arabic = feed_of(client, "/news.atom?lang=ar")
    assert language_of(arabic) == "ar"
    assert len(arabic.findall("a:entry", ATOM)) == 3
    assert links(arabic)["self"] == "http://testserver/news.atom?lang=ar"


def test_a_body_stands_for_a_publisher_that_is_not_known(
    service: Service, chronicle: Chronicle
) -> None:
    generation = service.generation
    cases = tuple(replace(case, source=None) for case in generation.library_cases)
    unsourced = Generation(
        **{
            **{name: getattr(generation, name) for name in Generation.__dataclass_fields__},
            "library_cases": cases,
            "chronicle": chronicle,
        }
    )
    entry = feed_of(make_client(replace(service, generation=unsourced))).findall("a:entry", ATOM)[0]
    assert text(entry, "a:author/a:name") == "City council"


def test_addresses_are_those_that_the_hub_gives_itself(service: Service) -> None:
    feed = feed_of(make_client(service, "https://diwan.example.org/hub"))
    assert links(feed)["self"] == "https://diwan.example.org/hub/news.atom"
    entry = feed.findall("a:entry", ATOM)[1]
    assert links(entry)["alternate"].startswith("https://diwan.example.org/hub/cases/hill")
    assert text(entry, "a:id") == f"tag:diwan.example.org,2026:cases/{HILL}:en"


def test_a_host_that_is_none_gets_no_feed(client: TestClient) -> None:
    assert client.get("/news.atom", headers={"Host": 'a"><b'}).status_code == 400


def test_a_reader_that_has_it_is_told_so(client: TestClient, service: Service) -> None:
    tag = client.get("/news.atom").headers["etag"]
    for held in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
        again = client.get("/news.atom", headers={"If-None-Match": held})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get("/news.atom?lang=ar").headers["etag"] != tag
    other = replace(service.generation.manifest, id="another")
    generation = replace(service.generation, manifest=other)
    later = make_client(replace(service, generation=generation))
    assert later.get("/news.atom", headers={"If-None-Match": tag}).status_code == 200


def test_nothing_new_is_a_feed_without_entries(service: Service, small_library: Library) -> None:
    chronicle = Chronicle.begin(small_library.cases, START)
    generation = replace(service.generation, chronicle=chronicle)
    feed = feed_of(make_client(replace(service, generation=generation)))
    assert feed.findall("a:entry", ATOM) == []
    assert text(feed, "a:updated") == START
    assert text(feed, "a:author/a:name") == "Diwan"


def test_what_no_xml_can_hold_is_left_out(stand_in: StandInEncoder) -> None:
    body = "## A\n\nForty\x08 porters <came> & \x01went \U0001f600 \ufffe.\n"
    odd = make_case(body, case_id="odd", title="Odd <script> & title")
    before = Chronicle.begin([make_case()], START)
    generation = build_generation(Library((make_case(), odd)), stand_in, before=before)
    (entry,) = feed_of(make_client(Service(generation, stand_in))).findall("a:entry", ATOM)
    assert text(entry, "a:title") == "Odd <script> & title"
    assert text(entry, "a:summary") == "Forty porters <came> & went \U0001f600 ."
