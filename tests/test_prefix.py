"""A site that a proxy publishes below a path: every address leads there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from api_library import Shelf, client_of
from conftest import StandInEncoder, Typed
from fastapi.responses import RedirectResponse
from fastapi.testclient import TestClient
from starlette.types import Receive, Scope, Send

from index.generation import Generation
from server.prefix import Prefixed, Unprefixed
from server.service import Service

ROOT = "/hub/diwan"
_ADDRESSES = re.compile(r'\s(?:href|src|action|hx-[a-z]+|data-[a-z-]+)="(/[^"]*)"')


@pytest.fixture
def client(
    small_generation: Generation, stand_in: StandInEncoder, tmp_path: Path
) -> Iterator[TestClient]:
    shelf = Shelf(Service(small_generation, stand_in))  # type: ignore[arg-type]
    with client_of(shelf, tmp_path, root_path=ROOT) as client:
        yield client


@pytest.mark.parametrize(
    "page",
    [
        "/", "/?q=porters", "/library", "/cases/harbour-school", "/places", "/paths", "/news",
        "/peers", "/contribute", "/about", "/kept", "/briefing", "/api", "/desk/sign-in",
        "/nowhere",
    ],
)  # fmt: skip
def test_every_address_of_a_page_is_below_the_path(client: TestClient, page: str) -> None:
    response = client.get(ROOT + page, headers={"Accept": "text/html"}, follow_redirects=False)
    assert response.status_code in {200, 303, 404}
    found = [*_ADDRESSES.findall(response.text), response.headers.get("location", ROOT + "/")]
    assert all(address.startswith(f"{ROOT}/") for address in found), found
    assert not any(address.startswith(ROOT * 2) for address in found)
    if response.status_code == 200:
        assert len(found) > 5
        assert int(response.headers["content-length"]) > 0


def test_what_a_page_is_made_of_is_there(client: TestClient) -> None:
    page = client.get(f"{ROOT}/").text
    parts = [address for address in _ADDRESSES.findall(page) if "/static/" in address]
    assert parts
    for address in parts:
        assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/api/v1/search?q=porters", "/api/v1/cases?limit=1", "/api/v1/cases/harbour-school",
     "/api/v1/changes?limit=1"],
)  # fmt: skip
def test_every_address_in_an_answer_is_below_the_path(client: TestClient, address: str) -> None:
    response = client.get(ROOT + address)
    assert response.status_code == 200
    found = re.findall(r'"(?:url|case_url|next)":"(/[^"]*)"', response.text)
    assert found
    for each in found:
        assert each.startswith(f"{ROOT}/")
        assert client.get(each).status_code == 200
    assert ROOT in response.headers.get("link", ROOT)


def test_the_description_names_the_path_as_its_server(client: TestClient) -> None:
    document = client.get(f"{ROOT}/openapi.json").json()
    assert [server["url"] for server in document["servers"]] == [ROOT]
    assert f"http://testserver{ROOT}/api/v1/cases" in client.get(f"{ROOT}/api").text


def test_a_proxy_may_also_leave_the_path_away_from_what_it_passes_on(client: TestClient) -> None:
    assert client.get("/api/v1/cases/harbour-school").json()["url"].startswith(ROOT)


def test_what_is_private_stays_so_below_the_path(client: TestClient) -> None:
    headers = client.get(f"{ROOT}/desk/sign-in").headers
    assert headers["cache-control"] == "no-store"


def test_a_site_without_a_path_is_left_as_it_is(
    small_generation: Generation, stand_in: StandInEncoder, tmp_path: Path
) -> None:
    shelf = Shelf(Service(small_generation, stand_in))  # type: ignore[arg-type]
    client = client_of(shelf, tmp_path)
    assert 'href="/library' in client.get("/").text
    assert client.get("/api/v1/cases/harbour-school").json()["case_url"].startswith("/cases/")


@pytest.mark.parametrize("odd", ["diwan", "/di wan", "/", "/a//b", '/"'])
def test_a_path_that_is_none_is_refused(typed: Typed, tmp_path: Path, odd: str) -> None:
    ran = typed("serve", "--root-path", odd, home=tmp_path)
    assert ran.returncode == 2
    assert "--root-path" in ran.stderr


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        ("/library?ui=en", f"{ROOT}/library?ui=en"),
        ("http://testserver/library", f"http://testserver{ROOT}/library"),
        (f"http://testserver{ROOT}/library", f"http://testserver{ROOT}/library"),
        ("https://elsewhere.example.org/library", "https://elsewhere.example.org/library"),
        ("//elsewhere.example.org/", "//elsewhere.example.org/"),
    ],
)
def test_a_redirect_leads_below_the_path_once(sent: str, wanted: str) -> None:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        response = RedirectResponse(sent)
        response.set_cookie("held", "1", path="/desk")
        response.set_cookie("__Host-held", "1", secure=True)
        await response(scope, receive, send)

    client = TestClient(Unprefixed(Prefixed(answer)), root_path=ROOT)
    response = client.get(f"{ROOT}/x", follow_redirects=False)
    assert response.headers["location"] == wanted
    cookies = response.headers.get_list("set-cookie")
    assert f"Path={ROOT}/desk" in cookies[0]
    assert "Path=/;" in cookies[1]
