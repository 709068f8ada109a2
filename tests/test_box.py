"""The script that other sites load, as it is served: small, whole, and for whom it is."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from api_library import Shelf, client_of
from conftest import StandInEncoder
from fastapi.testclient import TestClient

from index.generation import Generation
from server.box import script
from server.box.texts import texts
from server.i18n import INTERFACE_LANGUAGES, interface
from server.service import Service

LARGEST = 20_000  # bytes
CITY = "https://city.example.org"
SOURCES = Path(script.__file__).parent.parent.parent / "web" / "box"


@pytest.fixture
def shelf(small_generation: Generation, stand_in: StandInEncoder) -> Shelf:
    return Shelf(Service(small_generation, stand_in))  # type: ignore[arg-type]


@pytest.fixture
def client(shelf: Shelf, tmp_path: Path) -> Iterator[TestClient]:
    with client_of(shelf, tmp_path, cors_origins=CITY) as client:
        yield client


def test_it_is_small_and_says_what_it_is(client: TestClient) -> None:
    served = client.get("/box.js", headers={"Accept-Encoding": "identity"})
    assert served.status_code == 200
    assert served.headers["content-type"] == "text/javascript; charset=utf-8"
    assert int(served.headers["content-length"]) == len(served.content) < LARGEST


def test_it_holds_its_texts_in_every_language_and_its_styles(client: TestClient) -> None:
    served = client.get("/box.js").text
    for language in INTERFACE_LANGUAGES:
        for name, text in texts(interface(language)).items():
            assert json.dumps(text, ensure_ascii=False) in served, (language, name)
    assert "سؤالك" in served
    assert "Votre question" in served
    assert "--diwan-accent" in served
    assert "%(" not in served


def test_every_text_that_it_asks_for_is_there_and_no_other() -> None:
    asked = re.findall(r"\bsay\.(\w+)", (SOURCES / "box.js").read_text("utf-8"))
    assert set(asked) == set(texts(interface("en")))


@pytest.mark.parametrize("language", INTERFACE_LANGUAGES)
def test_what_is_put_into_a_text_has_the_same_names_in_each_language(language: str) -> None:
    here, english = texts(interface(language)), texts(interface("en"))
    for name, text in english.items():
        names = re.findall(r"\{(\w+)\}", text)
        assert sorted(re.findall(r"\{(\w+)\}", here[name])) == sorted(names), name


def test_any_site_may_load_it_and_a_browser_keeps_it(client: TestClient) -> None:
    headers = client.get("/box.js", headers={"Origin": "https://stranger.example.org"}).headers
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert headers["access-control-allow-origin"] == "*"
    assert headers["x-content-type-options"] == "nosniff"
    assert "max-age=" in headers["cache-control"]
    assert "set-cookie" not in headers
    again = client.get("/box.js", headers={"If-None-Match": headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == headers["etag"]
    assert again.headers["cross-origin-resource-policy"] == "cross-origin"
    assert client.get("/box.js", headers={"If-None-Match": '"other"'}).status_code == 200


def test_it_can_look_whether_the_hub_is_there_while_nothing_answers(
    shelf: Shelf, tmp_path: Path
) -> None:
    looked = client_of(shelf, tmp_path).head("/box.js")
    assert (looked.status_code, looked.content) == (200, b"")
    assert looked.headers["access-control-allow-origin"] == "*"


def test_it_is_the_same_below_a_path_for_it_goes_by_its_own_address(
    shelf: Shelf, client: TestClient, tmp_path: Path
) -> None:
    below = client_of(shelf, tmp_path, root_path="/hub/diwan")
    served = below.get("/hub/diwan/box.js")
    assert served.status_code == 200
    assert served.content == client.get("/box.js").content


def test_only_sites_that_are_listed_may_ask(client: TestClient) -> None:
    question = {"question": "Who trains the porters?"}
    preflight = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    for origin, allowed in ((CITY, CITY), ("https://stranger.example.org", None)):
        headers = {"Origin": origin}
        before = client.options("/api/v1/ask", headers={**headers, **preflight})
        assert before.headers.get("access-control-allow-origin") == allowed
        assert (before.status_code == 200) is (allowed is not None)
        given = client.post("/api/v1/ask", json=question, headers=headers)
        assert given.headers.get("access-control-allow-origin") == allowed
    assert "access-control-allow-credentials" not in given.headers


def test_how_long_to_wait_is_told_to_a_listed_site(shelf: Shelf, tmp_path: Path) -> None:
    with client_of(shelf, tmp_path, cors_origins=CITY, rate_limit="1") as client:
        answers = [
            client.post("/api/v1/ask", json={"question": "porters"}, headers={"Origin": CITY})
            for _ in range(2)
        ]
    refused = answers[-1]
    assert refused.status_code == 429
    assert refused.headers["access-control-allow-origin"] == CITY
    assert "Retry-After" in refused.headers["access-control-expose-headers"]
    assert 0 < int(refused.headers["retry-after"]) <= 60
