"""Another platform sends practices in by its key: once each, by the form's rules, in one queue."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest
from conftest import StandInEncoder
from contributed import DRAFT, sent, turn_of
from desk import NOW, Desk, desk_of
from httpx2 import Response
from test_contributions_desk import content_of

from corpus.library import load_library
from index.build import build_generation
from server.api import contributions
from server.api.contributions import MOST_A_DAY
from server.api.idempotency import NAME
from server.contributions.practice import LONGEST_LIST, LONGEST_TEXT, Practice
from server.contributions.sendings import REPEAT_DAYS
from server.keys.store import Scope
from server.service import Service
from server.store import Store
from server.store_records import TERMINAL, By

ADDRESS = "/api/v1/contributions"
BODY: dict[str, Any] = {
    "practice": {
        "title": "A night school: porters of the harbour",
        "context": "Young men left school early.",
        "done": "The city opened a hall four evenings a week.",
        "outcome": "Of 140, 92 finished.",
        "lessons": "Ask the union first.",
        "place": "Mombasa",
        "country": "KE",
        "level": "city",
        "period": {"start": "٢٠٢١/٠٣", "end": "2023"},
        "pillars": ["coordination", "trust"],
        "bodies": ["Porters’  union", "Ministry of Education"],
        "sources": [{"title": "Annual report", "url": "https://example.org/report"}],
        "body": "County of Mombasa",
        "language": "en",
    },
    "contact": {"name": "SECRET-name Amina", "address": "secret.amina@example.org"},
    "consents": {"publication": True},
    "reference": "practice 17",
}


@dataclass
class Platform:
    """Another platform with its key.

    Attributes:
        desk: The desk of the hub that it sends to.
        key: The key.
        name: That of the key.
    """

    desk: Desk
    key: str
    name: str

    @property
    def own_ids(self) -> list[str]:
        """Of what it has sent."""
        return [each.id for each in self.desk.store.sendings(self.name, 100)]

    def ask(self, method: str, address: str, **sent: Any) -> Response:  # noqa: ANN401
        headers = {"Authorization": f"Bearer {self.key}", **sent.pop("headers", {})}
        return self.desk.client.request(method, address, headers=headers, **sent)

    def send(self, body: object = BODY, repeat: str = "one") -> Response:
        return self.ask("POST", ADDRESS, json=body, headers={NAME: repeat})

    def told(self, address: str) -> Any:  # noqa: ANN401
        answer = self.ask("GET", address)
        assert answer.status_code == 200, answer.text
        return answer.json()


def platform_of(desk: Desk, name: str = "Other", scope: Scope = Scope.CONTRIBUTE) -> Platform:
    return Platform(desk, desk.store.create_key(name, [scope], 0, By(TERMINAL, NOW)), name)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One hub for all platforms, for none sees anything of another; somebody is signed in."""
    with desk_of(tmp_path_factory.mktemp("hub")) as desk:
        desk.hire()
        desk.sign_in()
        yield desk


@pytest.fixture
def platform(hub: Desk) -> Platform:
    """A platform that has sent nothing so far."""
    if hub.now != NOW:  # a test went on to another day, on which nobody was signed in any more
        hub.now = NOW
        hub.sign_in()
    return platform_of(hub, f"National <platform> {len(hub.store.keys())}")


def changed(at: str, value: object) -> dict[str, Any]:
    """What is sent, with another value in one place, as `practice.title`."""
    body = deepcopy(BODY)
    *way, last = at.split(".")
    place: Any = body
    for step in way:
        place = place[int(step) if step.isdigit() else step]
    place[last] = value
    return body


def rows(desk: Desk, statement: str) -> list[Any]:
    with closing(sqlite3.connect(desk.store.path)) as connection:
        return connection.execute(statement).fetchall()


def reviewed(platform: Platform, told: dict[str, Any], step: str, **form: str) -> None:
    """Take a step at the desk."""
    page = f"/desk/contributions/{told['id']}"
    turn = turn_of(platform.desk.client.get(f"{page}?ui=en"))
    answer = platform.desk.client.post(f"{page}/{step}?ui=en", data={"turn": turn, **form})
    assert answer.status_code == 303, answer.text


def test_what_is_sent_waits_at_the_desk_as_if_it_had_been_typed(platform: Platform) -> None:
    answer = platform.send()
    told = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == told["url"] == f"{ADDRESS}/{told['id']}"
    assert answer.headers["Cache-Control"] == "no-store"
    assert (told["state"], told["reference"], told["sent_on"]) == (
        "waiting", "practice 17", "2026-03-05",
    )  # fmt: skip
    found = platform.desk.store.contribution_at_desk(told["id"])
    practice = found.sent
    assert isinstance(practice, Practice)
    assert (practice.start, practice.end) == ("2021-03", "2023")  # as the form reads dates
    assert practice.takers == ("Porters’ union", "Ministry of Education")
    assert practice.pillars == ("trust", "coordination")
    assert found.draft.consents.publication
    assert not found.draft.consents.listing
    assert found.contact
    assert (found.contact.address, found.language) == ("secret.amina@example.org", "en")
    theirs = platform.desk.client.get(told["sender_url"])
    assert "A night school: porters of the harbour" in theirs.text


def test_the_desk_says_by_which_key_it_came_and_what_the_platform_calls_it(
    platform: Platform,
) -> None:
    told = platform.send().json()
    _, typed = sent(platform.desk, DRAFT)
    page = platform.desk.client.get(f"/desk/contributions/{told['id']}?ui=en").text
    name = escape(platform.name)
    assert name in page
    assert "practice 17" in page
    listed = platform.desk.client.get("/desk/contributions?ui=en").text
    assert listed.count(f"by the key <bdi>{name}</bdi>") == 1
    assert "by the key" not in platform.desk.client.get(f"{typed}?ui=en").text


def test_no_key_is_401_and_one_for_something_else_403(platform: Platform) -> None:
    told = platform.send().json()
    other = platform_of(platform.desk, scope=Scope.SEARCH)
    for method, address in (
        ("POST", ADDRESS), ("GET", ADDRESS), ("GET", told["url"]), ("DELETE", told["url"]),
        ("POST", f"{told['url']}/answer"),
    ):  # fmt: skip
        without = platform.desk.client.request(method, address, json=BODY)
        assert without.status_code == without.json()["status"] == 401
        assert without.headers["WWW-Authenticate"].startswith("Bearer")
        wrong = other.ask(method, address, json=BODY)
        assert wrong.status_code == wrong.json()["status"] == 403
        assert "contribute" in wrong.json()["detail"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]"])
def test_without_a_key_nothing_is_said_of_the_body(platform: Platform, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    without = platform.desk.client.post(ADDRESS, content=body, headers=headers)
    assert without.status_code == 401
    other = platform_of(platform.desk, f"{platform.name} reads", Scope.SEARCH)
    assert other.ask("POST", ADDRESS, content=body, headers=headers).status_code == 403


def test_the_key_may_come_in_the_other_header(platform: Platform) -> None:
    headers = {"X-API-Key": platform.key, NAME: "one"}
    answer = platform.desk.client.post(ADDRESS, json=BODY, headers=headers)
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("at", "value", "named"),
    [
        ("practice.title", "", "practice.title"),
        ("practice.title", " \u202e ", "practice.title"),
        ("practice.context", "x" * (LONGEST_TEXT + 1), "practice.context"),
        ("practice.bodies", ["x" * 190] * (LONGEST_LIST // 190 + 1), "practice.bodies"),
        ("practice.country", "QQ", "practice.country"),
        ("practice.country", None, "practice.country"),
        ("practice.language", "qq", "practice.language"),
        ("practice.level", "village", "practice.level"),
        ("practice.period.start", "last year", "practice.period.start"),
        ("practice.period.end", "2019", "practice.period.end"),
        ("practice.pillars", [], "practice.pillars"),
        ("practice.sources.0.url", "report", "practice.sources.0.url"),
        ("practice.sources.0.title", " ", "practice.sources.0.title"),
        ("practice.sources", [{"title": "x"}] * 6, "practice.sources"),
        ("practice.colour", "red", "practice.colour"),
        ("contact.address", "nobody", "contact.address"),
        ("contact.phone", "1", "contact.phone"),
        ("consents.publication", False, "consents.publication"),
        ("consents.publication", "yes", "consents.publication"),
        ("reference", "x" * 201, "reference"),
        ("state", "accepted", "state"),
    ],
)
def test_what_the_form_would_not_send_is_refused_by_the_name_of_the_field(
    platform: Platform, at: str, value: object, named: str
) -> None:
    answer = platform.send(changed(at, value))
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [error["name"] for error in answer.json()["errors"]] == [named]
    assert platform.own_ids == []


def test_what_was_refused_may_be_sent_again_by_the_same_idempotency_key(
    platform: Platform,
) -> None:
    assert platform.send(changed("practice.title", " ")).status_code == 422
    assert platform.send().status_code == 201


def test_what_has_no_country_comes_in_if_it_is_international(platform: Platform) -> None:
    body = changed("practice.country", None)
    body["practice"]["level"] = "international"
    assert platform.send(body).status_code == 201


def test_the_same_again_is_the_same_contribution(platform: Platform) -> None:
    first = platform.send()
    shuffled = {name: BODY[name] for name in reversed(BODY)}
    for repeat in ("one", '"one"'):
        again = platform.send(shuffled, repeat)
        assert again.status_code == 200
        assert again.json() == first.json()
        assert again.headers["Location"] == first.headers["Location"]
    other = platform.send(changed("practice.title", "Another"))
    assert other.status_code == 422
    assert [error["name"] for error in other.json()["errors"]] == [NAME]
    assert platform.send(changed("practice.title", "Another"), "two").status_code == 201
    assert len(platform.own_ids) == 2


def test_an_idempotency_key_is_of_one_api_key(platform: Platform) -> None:
    mine = platform.send().json()
    other = platform_of(platform.desk, f"{platform.name} too")
    theirs = other.send()
    assert theirs.status_code == 201
    assert theirs.json()["id"] != mine["id"]
    for method, address in (
        ("GET", mine["url"]),
        ("DELETE", mine["url"]),
        ("POST", f"{mine['url']}/answer"),
    ):
        body = {"version": 2, "answer": "x"} if method == "POST" else None
        assert other.ask(method, address, json=body).status_code == 404
    assert [each["id"] for each in other.told(ADDRESS)["contributions"]] == [theirs.json()["id"]]


@pytest.mark.parametrize("repeat", ["", '""', "a b", '"a', 'a"b', "x" * 256, "schön".encode()])
def test_an_idempotency_key_that_is_none_is_400(platform: Platform, repeat: Any) -> None:  # noqa: ANN401
    answer = platform.send(repeat=repeat)
    assert answer.status_code == answer.json()["status"] == 400
    assert NAME in answer.json()["detail"]


def test_without_an_idempotency_key_it_is_400_and_says_why(platform: Platform) -> None:
    answer = platform.ask("POST", ADDRESS, json=BODY)
    assert answer.status_code == 400
    assert "comes in once" in answer.json()["detail"]


def test_twenty_at_once_with_one_idempotency_key_make_one_contribution(
    platform: Platform,
) -> None:
    home = platform.desk.store.path
    (before,) = rows(platform.desk, "SELECT count(*) FROM contributions")[0]
    answers: list[Response] = []

    def send(_: int) -> None:
        answers.append(platform.send())

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(send, range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    with Store(home) as another:  # as another worker has it
        assert len(another.sendings(platform.name, 100)) == 1
    (count,) = rows(platform.desk, "SELECT count(*) FROM contributions")[0]
    assert count == before + 1


def test_a_restarted_server_still_knows_it(tmp_path: Path) -> None:
    with desk_of(tmp_path) as desk:
        platform = platform_of(desk)
        first = platform.send().json()
    with desk_of(tmp_path) as desk:
        again = Platform(desk, platform.key, platform.name).send()
        assert (again.status_code, again.json()) == (200, first)


def test_an_idempotency_key_is_known_for_thirty_days(platform: Platform) -> None:
    first = platform.send().json()
    platform.desk.now = NOW + timedelta(days=REPEAT_DAYS)
    assert platform.send().status_code == 200
    platform.desk.now = NOW + timedelta(days=REPEAT_DAYS + 1)
    assert platform.send().json()["id"] != first["id"]
    assert platform.told(first["url"])["state"] == "waiting"


def test_forget_ends_it_and_leaves_what_waits(platform: Platform) -> None:
    first = platform.send().json()
    withdrawn = platform.send(repeat="two").json()
    assert platform.ask("DELETE", withdrawn["url"]).status_code == 204
    platform.desk.now = NOW + timedelta(days=1)
    platform.desk.store.forget(platform.desk.now.date(), platform.desk.now)
    kept = rows(
        platform.desk, "SELECT DISTINCT repeat, body FROM sendings WHERE day = '2026-03-05'"
    )
    assert kept == [(None, None)]
    assert platform.told(first["url"])["state"] == "waiting"
    assert platform.ask("GET", withdrawn["url"]).status_code == 404
    assert platform.send().status_code == 201


def test_a_new_key_of_the_same_name_goes_on(platform: Platform) -> None:
    told = platform.send().json()
    platform.desk.store.revoke_key(platform.name, By(TERMINAL, NOW))
    renewed = platform_of(platform.desk, platform.name.upper())
    assert renewed.told(told["url"])["id"] == told["id"]
    assert renewed.send().status_code == 200


def test_what_is_told_says_nothing_of_the_sender(
    platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    told = platform.send(changed("consents.introductions", True)).json()
    key = told["sender_url"].partition("?")[0].rpartition("/")[2]
    answers = [platform.ask("GET", address) for address in (ADDRESS, told["url"])]
    answers.append(platform.send(changed("practice.title", "SECRET-title")))
    answers.append(platform.send(changed("contact.address", "SECRET-address"), "two"))
    for answer in answers:
        assert "secret" not in answer.text.lower()
        assert key not in answer.text
    assert "secret" not in caplog.text.lower()
    assert answers[1].headers["Cache-Control"] == "private, no-cache"


def test_a_platform_asks_only_for_what_changed(platform: Platform) -> None:
    told = platform.send().json()
    first = platform.ask("GET", told["url"])
    held = {"If-None-Match": first.headers["ETag"]}
    assert platform.ask("GET", told["url"], headers=held).status_code == 304
    reviewed(platform, told, "ask", text="When did it begin?")
    asked = platform.ask("GET", told["url"], headers=held)
    assert asked.status_code == 200
    assert asked.json()["question"] == "When did it begin?"


def test_the_list_is_read_page_by_page_and_by_state(platform: Platform) -> None:
    ids = sorted(platform.send(repeat=f"key {n}".replace(" ", "-")).json()["id"] for n in range(5))
    asked = platform.told(f"{ADDRESS}/{ids[2]}")
    reviewed(platform, asked, "ask", text="When?")
    seen, address = [], f"{ADDRESS}?limit=2"
    while address:
        page = platform.told(address)
        seen += [each["id"] for each in page["contributions"]]
        address = page["next"]
    assert seen == ids
    only = platform.told(f"{ADDRESS}?state=asked")["contributions"]
    assert [each["id"] for each in only] == [ids[2]]
    assert len(platform.told(f"{ADDRESS}?state=waiting")["contributions"]) == 4
    assert platform.ask("GET", f"{ADDRESS}?cursor=x").status_code == 422


def test_an_answer_goes_to_the_question_that_was_read(platform: Platform) -> None:
    told = platform.send().json()
    answer = f"{told['url']}/answer"
    early = platform.ask("POST", answer, json={"version": told["version"], "answer": "Hello."})
    assert early.status_code == 409
    reviewed(platform, told, "ask", text="When did it begin?")
    stale = platform.ask("POST", answer, json={"version": told["version"], "answer": "In 2021."})
    assert stale.status_code == 409
    now = platform.told(told["url"])
    assert now["state"] == "asked"
    empty = platform.ask("POST", answer, json={"version": now["version"], "answer": " "})
    assert [error["name"] for error in empty.json()["errors"]] == ["answer"]
    wrong = {**BODY["practice"], "title": " "}
    refused = platform.ask(
        "POST", answer, json={"version": now["version"], "answer": "x", "practice": wrong}
    )
    assert [error["name"] for error in refused.json()["errors"]] == ["practice.title"]
    better = {**BODY["practice"], "title": "A better title"}
    said = {"version": now["version"], "answer": "In 2021.", "practice": better}
    given = platform.ask("POST", answer, json=said)
    assert (given.status_code, given.json()["state"]) == (200, "waiting")
    assert given.json()["question"] is None
    assert platform.ask("POST", answer, json=said).status_code == 409
    page = platform.desk.client.get(f"/desk/contributions/{told['id']}?ui=en").text
    assert "In 2021." in page
    assert "A better title" in page


def test_what_is_declined_says_why(platform: Platform) -> None:
    told = platform.send().json()
    reviewed(platform, told, "decline", reason="It has no outcome yet.")
    now = platform.told(told["url"])
    assert (now["state"], now["reason"]) == ("declined", "It has no outcome yet.")
    assert platform.ask("DELETE", told["url"]).status_code == 204


def test_what_is_withdrawn_is_gone_and_leaves_no_trace(platform: Platform) -> None:
    body = changed("contact.name", "TRACE-name") | {"reference": "TRACE-reference"}
    told = platform.send(body).json()
    for _ in range(2):
        gone = platform.ask("DELETE", told["url"])
        assert (gone.status_code, gone.content) == (204, b"")
    now = platform.told(told["url"])
    assert (now["state"], now["version"], now["reference"]) == ("withdrawn", None, None)
    assert platform.told(f"{ADDRESS}?state=withdrawn")["contributions"] == [now]
    again = platform.send(body)
    assert (again.status_code, again.json()["state"]) == (200, "withdrawn")
    assert again.json()["sender_url"] is None
    answer = {"version": 1, "answer": "x"}
    assert platform.ask("POST", f"{told['url']}/answer", json=answer).status_code == 409
    assert platform.desk.client.get(told["sender_url"]).status_code == 404
    for path in platform.desk.store.path.parent.glob("diwan.sqlite*"):
        assert b"TRACE" not in path.read_bytes()


def test_the_sender_may_withdraw_on_their_page_and_the_platform_is_told(
    platform: Platform,
) -> None:
    told = platform.send().json()
    page = told["sender_url"].partition("?")[0]
    assert platform.desk.client.post(f"{page}/withdraw").status_code == 200
    assert platform.told(told["url"])["state"] == "withdrawn"


def test_a_key_has_its_share_of_a_day_and_the_form_its_own(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_A_DAY == 200
    monkeypatch.setattr(contributions, "MOST_A_DAY", 3)
    for number in range(3):
        assert platform.send(repeat=f"{number}").status_code == 201
    full = platform.send(repeat="more")
    assert full.status_code == 429
    assert 0 < int(full.headers["Retry-After"]) <= 24 * 60 * 60
    assert platform.send(repeat="0").status_code == 200
    assert platform_of(platform.desk, f"{platform.name} too").send().status_code == 201
    sent(platform.desk, DRAFT)
    platform.desk.now = NOW + timedelta(days=1)
    assert platform.send(repeat="more").status_code == 201


def test_a_body_of_another_kind_or_size_is_refused(platform: Platform) -> None:
    headers = {NAME: "one", "Content-Type": "application/json"}
    assert platform.ask("POST", ADDRESS, content=b"{", headers=headers).status_code == 422
    large = changed("practice.context", "x" * 300_000)
    assert platform.send(large).status_code == 413


def test_from_another_platform_to_an_answer_of_the_library(
    tmp_path: Path, stand_in: StandInEncoder
) -> None:
    with desk_of(tmp_path) as desk:
        desk.hire()
        desk.sign_in()
        platform = platform_of(desk)
        told = platform.send().json()
        reviewed(platform, told, "ask", text="Who taught there?")
        (asked,) = platform.told(f"{ADDRESS}?state=asked")["contributions"]
        better = {**BODY["practice"], "done": "Retired captains taught navigation to porters."}
        said = {"version": asked["version"], "answer": "Captains.", "practice": better}
        assert platform.ask("POST", f"{told['url']}/answer", json=said).status_code == 200
        page = desk.client.get(f"/desk/contributions/{told['id']}/case?ui=en")
        reviewed(platform, told, "case", content=unescape(content_of(page)), action="save")
        now = platform.told(told["url"])
        assert now["state"] == "accepted"
        assert now["case_study"]["in_library"] is False
        assert platform.ask("DELETE", told["url"]).status_code == 409
    library = load_library([tmp_path / "library"])
    service = Service(build_generation(library, stand_in), stand_in)  # type: ignore[arg-type]
    with desk_of(tmp_path, service=service) as desk:
        now = Platform(desk, platform.key, platform.name).told(told["url"])
        case = now["case_study"]
        assert case["in_library"] is True
        assert desk.client.get(case["url"]).json()["id"] == case["id"]
        found = desk.client.get("/api/v1/search", params={"q": "who taught navigation to porters"})
        assert found.json()["results"][0]["case_study"]["id"] == case["id"]


def test_addresses_are_below_the_path_that_the_site_is_published_at(tmp_path: Path) -> None:
    with desk_of(tmp_path) as desk:
        platform = platform_of(desk)
        desk.client._transport.root_path = "/diwan"  # type: ignore[attr-defined]
        answer = platform.ask("POST", f"/diwan{ADDRESS}", json=BODY, headers={NAME: "one"})
        assert answer.headers["Location"] == answer.json()["url"]
        assert answer.json()["url"].startswith(f"/diwan{ADDRESS}/")
        assert answer.json()["sender_url"].startswith("/diwan/contributions/")
