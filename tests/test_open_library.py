"""What programs rely on that take the whole library, or look for their way about it."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

import pytest
from conftest import StandInEncoder, Typed, make_case, publish
from fastapi.testclient import TestClient
from lxml import etree
from test_api import holder_of

from corpus.case_study import CaseStudy
from corpus.library import BUNDLED, Library, load_library
from corpus.removed import Removed
from index.build import build_generation
from index.generation import Generation
from index.passages import split_passages
from index.publication import Publication
from server.app import assemble
from server.open_library import sitemap
from server.open_library.lines import library_lines
from server.service import Service
from server.settings import Settings

EXPORT = "/export/library.jsonl"
SITE = "https://diwan.example"
MAP = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "x": "http://www.w3.org/1999/xhtml",
}


def client_of(service: Service, home: Path, address: str = SITE) -> TestClient:
    holder = holder_of(service)
    holder._refresh()
    settings = Settings(home=home, address=address)
    return TestClient(assemble(holder, home, settings=settings), raise_server_exceptions=False)


@pytest.fixture
def client(
    small_generation: Generation, stand_in: StandInEncoder, tmp_path: Path
) -> Iterator[TestClient]:
    """Of the small library; `tmp_path` says what was removed from it."""
    service = Service(small_generation, stand_in, Removed(tmp_path))  # type: ignore[arg-type]
    with client_of(service, tmp_path) as client:
        yield client


@pytest.fixture(scope="module")
def bundled(
    bundled_service: Service, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    with client_of(bundled_service, tmp_path_factory.mktemp("left"), address="") as client:
        yield client


def lines_of(client: TestClient) -> list[dict[str, object]]:
    return [json.loads(line) for line in client.get(EXPORT).text.splitlines()]


def test_every_line_is_a_rendering_with_all_that_the_library_holds(bundled: TestClient) -> None:
    first, *renderings = lines_of(bundled)
    assert first["kind"] == "library"
    assert first["licence"] == "CC-BY-4.0"
    assert first["generation"] == bundled.get("/readyz").json()["generation"]
    assert first["renderings"] == len(renderings)
    library = {(case.id, case.language): case for case in load_library([BUNDLED]).cases}
    assert len(renderings) == len(library)
    for line in renderings:
        assert_the_same(line, library[str(line["id"]), str(line["language"])])


def assert_the_same(line: dict[str, object], case: CaseStudy) -> None:
    names = "title text place country level translated_from".split()
    assert [line[name] for name in names] == [getattr(case, name) for name in names]
    assert (line["pillars"], line["actors"], line["themes"]) == (
        list(case.pillars), list(case.actors), list(case.themes),
    )  # fmt: skip
    period = line["period"]
    assert period == ({"start": case.period.start, "end": case.period.end} if case.period else None)
    assert case.source is not None
    assert line["source"] == {
        name: getattr(case.source, name)
        for name in ("title", "publisher", "url", "published", "language")
    }
    assert line["licence"] == "CC-BY-4.0"
    assert case.title in str(line["citation"])
    told = [
        (passage["passage_id"], passage["text"], section["heading"])
        for section in line["sections"]  # type: ignore[attr-defined]
        for passage in section["passages"]
    ]
    split = split_passages(case)
    assert told == [(passage.id, passage.text, list(passage.heading)) for passage in split]


def test_a_removed_document_is_not_in_it(client: TestClient, tmp_path: Path) -> None:
    before = client.get(EXPORT)
    Removed(tmp_path).add(["harbour-school"])
    after = client.get(EXPORT, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    first, *renderings = [json.loads(line) for line in after.text.splitlines()]
    assert [line["id"] for line in renderings] == ["hill-orchards", "market-fountain"]
    assert first["renderings"] == 2
    assert "harbour" not in after.text.lower()


def test_what_is_held_is_not_sent_again(client: TestClient) -> None:
    sent = client.get(EXPORT)
    assert sent.headers["Content-Type"].startswith("application/x-ndjson")
    assert sent.headers["Content-Encoding"] == "gzip"
    again = client.get(EXPORT, headers={"If-None-Match": sent.headers["ETag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["ETag"] == sent.headers["ETag"]


def test_without_the_list_of_what_was_removed_nothing_is_given(
    client: TestClient, tmp_path: Path
) -> None:
    (tmp_path / "removed.json").write_text("broken")
    for address in (EXPORT, "/sitemap.xml"):
        refused = client.get(address)
        assert refused.status_code == 503
        assert refused.headers["Content-Type"] == "application/problem+json"


def test_what_is_not_known_is_null_and_no_rights_are_made_up() -> None:
    case = replace(
        make_case(title="One line\u2028and one more\x85of it"),
        level=None, pillars=(), source=None, period=None, country=None,
    )  # fmt: skip
    generation = build_generation(Library((case,), ()), StandInEncoder())
    lines = "".join(library_lines(generation, (), SITE)).splitlines()
    assert len(lines) == 2
    line = json.loads(lines[1])
    for name in ("licence", "source", "period", "country", "level"):
        assert line[name] is None
    assert line["is_case_study"] is False
    assert line["text"] == case.text
    assert line["title"] == case.title


def test_links_lead_to_the_address_of_the_site(client: TestClient) -> None:
    first, second, *_ = lines_of(client)
    assert first["address"] == SITE
    assert second["link"] == f"{SITE}/cases/harbour-school?lang=ar"
    assert second["languages"] == ["ar", "en"]


def test_without_an_index_the_command_says_how_to_build_one(typed: Typed, tmp_path: Path) -> None:
    file = tmp_path / "library.jsonl"
    ran = typed("export", str(file), home=tmp_path / "hub")
    assert ran.returncode == 1
    assert "diwan rebuild" in ran.stderr
    assert not file.exists()


def test_the_command_leaves_out_what_was_removed(
    typed: Typed, small_library: object, stand_in: StandInEncoder, tmp_path: Path
) -> None:
    home, file = tmp_path / "hub", tmp_path / "library.jsonl"
    publish(Publication(home / "generations"), small_library, stand_in)  # type: ignore[arg-type]
    Removed(home).add(["market-fountain"])
    ran = typed("export", str(file), home=home)
    assert ran.returncode == 0, ran.stderr
    _, *renderings = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert {line["id"] for line in renderings} == {"harbour-school", "hill-orchards"}


@pytest.mark.parametrize("every", [25, pytest.param(1, marks=pytest.mark.slow)])
def test_every_address_of_the_sitemap_answers(bundled: TestClient, every: int) -> None:
    root = etree.fromstring(bundled.get("/sitemap.xml").content)
    assert root.tag == f"{{{MAP['s']}}}urlset"
    urls = root.findall("s:url", MAP)
    addresses = [url.findtext("s:loc", namespaces=MAP) for url in urls]
    assert len(set(addresses)) == len(addresses)
    for number, address in enumerate(addresses):
        assert address is not None
        assert address.startswith("http://testserver/")
        assert number % every or bundled.get(address).status_code == 200, address
    cases = {(case.id, case.language) for case in load_library([BUNDLED]).cases}
    listed = {address for address in addresses if "/cases/" in str(address)}
    assert listed == {f"http://testserver/cases/{name}?lang={lang}" for name, lang in cases}
    assert any("/paths/" in str(address) for address in addresses)
    assert any("/peers/" in str(address) for address in addresses)


def test_a_rendering_is_listed_with_its_other_languages_and_its_date(
    client: TestClient, small_generation: Generation
) -> None:
    root = etree.fromstring(client.get("/sitemap.xml").content)
    found = {url.findtext("s:loc", namespaces=MAP): url for url in root.findall("s:url", MAP)}
    arabic, english = (f"{SITE}/cases/harbour-school?lang={lang}" for lang in ("ar", "en"))
    for address in (arabic, english):
        links = found[address].findall("x:link", MAP)
        assert {(link.get("hreflang"), link.get("href")) for link in links} == {
            ("ar", arabic), ("en", english),
        }  # fmt: skip
        assert {link.get("rel") for link in links} == {"alternate"}
        told = small_generation.chronicle.documents["harbour-school", "en"]
        assert found[address].findtext("s:lastmod", namespaces=MAP) == told.latest


def test_a_removed_document_leaves_the_sitemap(client: TestClient, tmp_path: Path) -> None:
    Removed(tmp_path).add(["harbour-school"])
    assert "harbour-school" not in client.get("/sitemap.xml").text


def test_a_long_sitemap_comes_in_parts(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = etree.fromstring(client.get("/sitemap.xml").content).findall("s:url/s:loc", MAP)
    monkeypatch.setattr(sitemap, "MOST", len(whole) - 1)
    root = etree.fromstring(client.get("/sitemap.xml").content)
    assert root.tag == f"{{{MAP['s']}}}sitemapindex"
    parts = [str(part.text) for part in root.findall("s:sitemap/s:loc", MAP)]
    assert parts == [f"{SITE}/sitemap-1.xml", f"{SITE}/sitemap-2.xml"]
    listed = [
        address.text
        for part in parts
        for address in etree.fromstring(client.get(urlsplit(part).path).content).iterfind(
            "s:url/s:loc", MAP
        )
    ]
    assert listed == [address.text for address in whole]
    assert client.get("/sitemap-0.xml").status_code == 404
    assert client.get("/sitemap-3.xml").status_code == 404


def test_every_link_of_llms_txt_answers(bundled: TestClient) -> None:
    response = bundled.get("/llms.txt")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    text = response.text
    assert text.startswith("# Diwan\n\n> ")
    links = re.findall(r"^- \[[^]]+\]\(([^)]+)\)", text, re.MULTILINE)
    own = [link for link in links if link.startswith("http://testserver/")]
    assert set(links) - set(own) == {"https://creativecommons.org/licenses/by/4.0/"}
    assert len(own) >= 9
    for link in own:
        assert bundled.get(link).status_code == 200, link
    assert "`http://testserver/mcp`" in text


def test_search_engines_leave_alone_what_is_not_public(client: TestClient) -> None:
    text = client.get("/robots.txt").text
    robots = RobotFileParser()
    robots.parse(text.splitlines())
    for closed in (
        "/desk", "/desk/asked", "/api/v1/search?q=water", "/contributions/secret", "/mcp",
        "/briefings/secret", "/briefing", "/conversations/secret", "/introductions/secret",
    ):  # fmt: skip
        assert not robots.can_fetch("any", SITE + closed), closed
    for address in etree.fromstring(client.get("/sitemap.xml").content).iterfind(
        "s:url/s:loc", MAP
    ):
        assert robots.can_fetch("any", str(address.text))
    assert robots.site_maps() == [f"{SITE}/sitemap.xml"]


def test_a_site_below_a_path_closes_what_is_below_it(
    small_generation: Generation, stand_in: StandInEncoder, tmp_path: Path
) -> None:
    service = Service(small_generation, stand_in)  # type: ignore[arg-type]
    with client_of(service, tmp_path, "https://city.example/diwan") as client:
        text = client.get("/robots.txt").text
    assert "Disallow: /diwan/desk\n" in text
    assert "Sitemap: https://city.example/diwan/sitemap.xml\n" in text
