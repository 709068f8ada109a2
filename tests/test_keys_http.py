"""Keys and limits as a program meets them: 401, 403, 429, and what is left."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from pydantic import ValidationError
from test_api import holder_of

from server.app import assemble
from server.keys.access import needs
from server.keys.admission import KeyRing
from server.keys.counter import COUNTS
from server.keys.store import Key, Scope
from server.service import Service
from server.settings import Settings
from server.store import STORE, Store
from server.store_records import TERMINAL, By

SEARCH = "/api/v1/search?q="  # refused with 422, but not before it has been counted
BY = By(TERMINAL, datetime(2026, 3, 5, tzinfo=UTC))
ONLY_CONTRIBUTE = [Scope.CONTRIBUTE]


@dataclass
class Hub:
    """A hub as programs meet it.

    Attributes:
        app: The application.
        store: What is kept, by another connection.
        stack: Ends what is entered at the end of the test.
    """

    app: FastAPI
    store: Store
    stack: ExitStack

    def client(self, address: str = "203.0.113.7", key: str | None = None) -> TestClient:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return TestClient(
            self.app, client=(address, 50000), headers=headers, raise_server_exceptions=False
        )

    def key(self, scopes: list[Scope] | None = None, limit: int = 0) -> str:
        name = f"key {len(self.store.keys())}"
        return self.store.create_key(name, scopes or [Scope.SEARCH], limit, BY)


@contextmanager
def hub_of(service: Service, home: Path, limit: int, proxies: str = "") -> Iterator[Hub]:
    settings = Settings(home=home, rate_limit=limit, proxies=proxies)
    holder = holder_of(service)
    holder._refresh()
    app = assemble(holder, home, settings=settings)

    @app.get("/api/v1/probe")
    def probe(key: Annotated[Key, Depends(needs(Scope.CONTRIBUTE))]) -> str:
        return key.name

    with ExitStack() as stack:
        stack.enter_context(TestClient(app))
        yield Hub(app, stack.enter_context(Store(home / STORE)), stack)


@pytest.fixture
def hub(bundled_service: Service, tmp_path: Path) -> Iterator[Hub]:
    with hub_of(bundled_service, tmp_path, limit=3) as hub:
        yield hub


def is_problem(response: Response, status: int) -> bool:
    body = response.json()
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert body["detail"]
    return response.status_code == body["status"] == status


def test_an_address_without_a_key_is_limited_and_told_what_is_left(hub: Hub) -> None:
    client = hub.client()
    for left in (2, 1, 0):
        answer = client.get(SEARCH)
        assert answer.status_code == 422
        assert answer.headers["RateLimit-Policy"] == '"address";q=3;w=60'
        said, _, wait = answer.headers["RateLimit"].partition(";t=")
        assert said == f'"address";r={left}'
        assert 58 <= int(wait) <= 60
        assert "Retry-After" not in answer.headers
    refused = client.get(SEARCH)
    assert is_problem(refused, 429)
    assert refused.json()["title"] == "Too Many Requests"
    wait = refused.headers["Retry-After"]
    assert 58 <= int(wait) <= 60
    assert refused.headers["RateLimit"] == f'"address";r=0;t={wait}'
    assert refused.headers["RateLimit-Policy"] == '"address";q=3;w=60'
    assert hub.client("203.0.113.8").get(SEARCH).status_code == 422
    with_key = hub.client(key=hub.key())
    assert with_key.get(SEARCH).status_code == 422


def test_pages_and_health_are_not_limited(hub: Hub) -> None:
    client = hub.client()
    for address in ("/healthz", "/readyz", "/about", "/openapi.json"):
        for _ in range(5):
            answer = client.get(address)
            assert answer.status_code == 200
            assert "RateLimit" not in answer.headers
    assert client.get(SEARCH).headers["RateLimit"].startswith('"address";r=2')


def test_whoever_is_limited_by_the_interface_still_reads_the_pages(hub: Hub) -> None:
    client = hub.client()
    for _ in range(4):
        client.get(SEARCH)
    assert client.get(SEARCH).status_code == 429
    assert client.get("/", params={"q": "how did cities begin"}).status_code == 200


def test_addresses_of_one_network_of_ipv6_share_a_limit(hub: Hub) -> None:
    for host in range(3):
        hub.client(f"2001:db8:1:2::{host}").get(SEARCH)
    assert hub.client("2001:db8:1:2:ffff::1").get(SEARCH).status_code == 429
    assert hub.client("2001:db8:1:3::1").get(SEARCH).status_code == 422


def test_a_key_has_a_limit_of_its_own_wherever_it_is_used(hub: Hub) -> None:
    key = hub.key(limit=4)
    for number in range(4):
        answer = hub.client(f"198.51.100.{number}", key).get(SEARCH)
        assert answer.headers["RateLimit-Policy"] == '"key";q=4;w=60'
        assert answer.headers["RateLimit"].startswith(f'"key";r={3 - number};')
    assert is_problem(hub.client("198.51.100.9", key).get(SEARCH), 429)
    assert hub.client("198.51.100.9").get(SEARCH).status_code == 422
    assert hub.client(key=hub.key(limit=4)).get(SEARCH).status_code == 422


def test_a_key_without_a_limit_is_never_refused(hub: Hub) -> None:
    client = hub.client(key=hub.key(limit=0))
    for _ in range(10):
        answer = client.get(SEARCH)
        assert answer.status_code == 422
        assert "RateLimit" not in answer.headers


def test_no_limit_at_zero(bundled_service: Service, tmp_path: Path) -> None:
    with hub_of(bundled_service, tmp_path, limit=0) as hub:
        client = hub.client()
        for _ in range(10):
            answer = client.get(SEARCH)
            assert answer.status_code == 422
            assert "RateLimit" not in answer.headers
        assert not (tmp_path / COUNTS).exists()


@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
def test_a_key_is_taken_from_either_header(hub: Hub, header: str) -> None:
    key = hub.key(ONLY_CONTRIBUTE)
    shown = f"bearer {key}" if header == "Authorization" else key
    answer = hub.client().get("/api/v1/probe", headers={header: shown})
    assert answer.json() == "key 0"
    (listed,) = hub.store.keys()
    assert listed.used_on == datetime.now(UTC).date()


def test_a_password_of_a_proxy_in_front_is_no_key(hub: Hub) -> None:
    basic = {"Authorization": "Basic YTpi"}
    assert hub.client().get(SEARCH, headers=basic).status_code == 422
    both = {**basic, "X-API-Key": hub.key(ONLY_CONTRIBUTE)}
    assert hub.client().get("/api/v1/probe", headers=both).status_code == 200


@pytest.mark.parametrize("wrong", ["", "x", "diwan_", "diwan_" + "x" * 43, "diwan_" + "x" * 9000])
def test_a_wrong_key_is_refused(hub: Hub, wrong: str) -> None:
    for headers in ({"Authorization": f"Bearer {wrong}"}, {"X-API-Key": wrong}):
        refused = hub.client().get(SEARCH, headers=headers)
        assert is_problem(refused, 401)
        assert refused.headers["WWW-Authenticate"] == 'Bearer realm="Diwan", error="invalid_token"'
        assert wrong not in refused.json()["detail"] or len(wrong) < 2


def test_guessing_keys_is_limited_by_the_address(hub: Hub) -> None:
    for number in range(3):
        guess = hub.client(key=f"diwan_{number:043}").get(SEARCH)
        assert guess.status_code == 401
        assert guess.headers["RateLimit"].startswith(f'"address";r={2 - number};')
    assert hub.client(key="diwan_" + "x" * 43).get(SEARCH).status_code == 429


def test_a_key_opens_what_it_is_for_and_nothing_else(hub: Hub) -> None:
    refused = hub.client(key=hub.key(ONLY_CONTRIBUTE)).get(SEARCH)
    assert is_problem(refused, 403)
    assert refused.headers["WWW-Authenticate"] == (
        'Bearer realm="Diwan", error="insufficient_scope", scope="search"'
    )
    assert is_problem(
        hub.client(key=hub.key([Scope.SEARCH, Scope.STAFF])).get("/api/v1/probe"), 403
    )
    without = hub.client().get("/api/v1/probe")
    assert is_problem(without, 401)
    assert without.headers["WWW-Authenticate"] == 'Bearer realm="Diwan"'
    both = hub.key([Scope.SEARCH, Scope.CONTRIBUTE])
    assert hub.client(key=both).get("/api/v1/probe").status_code == 200
    assert hub.client(key=both).get(SEARCH).status_code == 422


def test_a_revoked_key_is_refused_within_a_second(hub: Hub) -> None:
    now = 1000.0
    ring, key = KeyRing(lambda: hub.store, lambda: now), hub.key()
    assert asyncio.run(ring.find(key))
    hub.store.revoke_key("key 0", BY)
    now += 0.999
    assert asyncio.run(ring.find(key)) is None


def test_without_a_database_there_is_search_but_no_key(hub: Hub, tmp_path: Path) -> None:
    key = hub.key()
    hub.store.close()
    for path in tmp_path.glob(f"{STORE}*"):
        path.unlink()
    (tmp_path / STORE).write_bytes(b"no database " * 100)
    assert hub.client().get(SEARCH).status_code == 422
    assert is_problem(hub.client(key=key).get(SEARCH), 503)


FORWARDED = {"X-Forwarded-For": "198.51.100.1"}


def test_what_a_client_says_of_its_address_is_not_believed(hub: Hub) -> None:
    for number in range(3):
        hub.client().get(SEARCH, headers={"X-Forwarded-For": f"198.51.100.{number}"})
    assert hub.client().get(SEARCH, headers=FORWARDED).status_code == 429


def test_a_proxy_that_is_named_is_believed(bundled_service: Service, tmp_path: Path) -> None:
    with hub_of(bundled_service, tmp_path, 1, "10.0.0.0/8, 127.0.0.1") as hub:
        proxy = hub.client("10.2.3.4")
        assert proxy.get(SEARCH, headers=FORWARDED).status_code == 422
        assert proxy.get(SEARCH, headers=FORWARDED).status_code == 429
        other = {"X-Forwarded-For": "198.51.100.2"}
        assert hub.client("127.0.0.1").get(SEARCH, headers=other).status_code == 422
        # What the client itself claims stands first, and counts for nothing.
        claimed = {"X-Forwarded-For": "192.0.2.99, 198.51.100.1"}
        assert proxy.get(SEARCH, headers=claimed).status_code == 429
        assert hub.client("11.0.0.1").get(SEARCH, headers=FORWARDED).status_code == 422
        assert hub.client("11.0.0.1").get(SEARCH, headers=other).status_code == 429


def test_forms_count_by_the_address_that_a_proxy_names(
    bundled_service: Service, tmp_path: Path
) -> None:
    with hub_of(bundled_service, tmp_path, 1, "10.0.0.1") as hub:
        proxy, other = hub.client("10.0.0.1"), {"X-Forwarded-For": "198.51.100.2"}
        seen = [proxy.post("/feedback", headers=FORWARDED).status_code for _ in range(100)]
        assert seen[-1] == 429
        assert proxy.post("/feedback", headers=other).status_code != 429


@pytest.mark.parametrize("proxies", ["everybody", "10.0.0.1/8", "*", "10.0.0.1;10.0.0.2"])
def test_a_proxy_that_is_no_address_is_refused(proxies: str) -> None:
    with pytest.raises(ValidationError, match="no address and no network"):
        Settings(proxies=proxies)


def test_the_limits_have_sensible_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIWAN_RATE_LIMIT")
    assert (Settings().rate_limit, Settings().proxy_list) == (1_200, [])
    monkeypatch.setenv("DIWAN_PROXIES", " 10.0.0.1, ::1,")
    assert Settings().proxy_list == ["10.0.0.1", "::1"]
