"""A question can be narrowed on the page: each choice is counted, and there is a way back."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from test_api import holder_of

from server.app import assemble
from server.service import Service

QUESTION = "How do local committees keep the peace?"
OPTION = re.compile(
    r'<a href="(/\?[^"]+)" rel="nofollow"[^>]*><span>([^<]+)</span>'
    r' <span class="count">(\d+)</span>'
)


@pytest.fixture
def client(bundled_service: Service, tmp_path: Path) -> Iterator[TestClient]:
    holder = holder_of(bundled_service)
    holder._refresh()
    with TestClient(assemble(holder, tmp_path)) as client:
        yield client


def options(page: str) -> dict[str, tuple[str, int]]:
    """Address and count of each choice, by its name."""
    return {
        unescape(name): (unescape(address), int(count))
        for address, name, count in OPTION.findall(page)
    }


def cases_on(page: str) -> list[str]:
    return re.findall(r'<h3 id="hit-\d+"[^>]*><a href="/cases/([^?]+)\?', page)


def test_a_choice_leaves_only_what_it_says(client: TestClient, bundled_service: Service) -> None:
    page = client.get("/", params={"q": QUESTION}).text
    address, count = options(page)["National"]
    assert count > 0
    narrowed = client.get(address).text
    levels = {bundled_service.renderings(case)[0].level for case in cases_on(narrowed)}
    assert levels == {"national"}
    assert 'aria-current="true"' in narrowed
    back = options(narrowed)["National"][0]
    assert cases_on(client.get(back).text) == cases_on(page)


def test_counts_are_those_of_this_question(client: TestClient) -> None:
    wide = options(client.get("/library").text)
    near = options(client.get("/", params={"q": QUESTION}).text)
    assert near["Sri Lanka"][1] == 2
    assert set(near) != set(wide)
    assert all(count > 0 for _, count in near.values())


def test_what_leaves_nothing_says_so_and_offers_the_way_back(client: TestClient) -> None:
    page = client.get("/", params={"q": QUESTION, "country": "FI", "level": "community"}).text
    assert cases_on(page) == []
    assert "Nothing in the library is left by what was asked for." in page
    assert "Ask the whole library" in page
    (everything,) = re.findall(r'<li class="all"><a href="([^"]+)"', page)
    assert cases_on(client.get(unescape(everything)).text)


def test_what_cannot_be_read_narrows_nothing(client: TestClient) -> None:
    page = client.get("/", params={"q": QUESTION, "level": "galaxy", "year_from": "soon"}).text
    assert len(cases_on(page)) == 10


def test_the_choice_stays_in_the_other_language(client: TestClient) -> None:
    page = client.get("/", params={"q": QUESTION, "level": "national"}).text
    (other,) = re.findall(r'<a href="([^"]+)" lang="ar" dir="rtl" hreflang="ar"', page)
    assert "level=national" in other
