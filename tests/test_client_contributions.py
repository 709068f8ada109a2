"""A platform sends practices in by the Python client: each comes in once, and it is told of it."""

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from desk import Desk, desk_of
from httpx2 import MockTransport, Request, Response
from test_api_contributions import BODY, Platform, platform_of, reviewed

from diwan import (
    Client,
    ClientError,
    Consents,
    Contact,
    Practice,
    PracticePeriod,
    PracticeSource,
    RateLimitedError,
    SentContribution,
    UnavailableError,
)
from server.api.idempotency import NAME

HUB = "http://testserver"
PRACTICE = Practice(
    title="A night school: porters of the harbour",
    context="Young men left school early.",
    done="The city opened a hall four evenings a week.",
    outcome="Of 140, 92 finished.",
    lessons="Ask the union first.",
    place="Mombasa",
    country="KE",
    level="city",
    period=PracticePeriod(start="٢٠٢١/٠٣", end="2023"),
    pillars=("coordination", "trust"),
    bodies=("Porters’  union", "Ministry of Education"),
    sources=(PracticeSource(title="Annual report", url="https://example.org/report"),),
    body="County of Mombasa",
    language="en",
)
CONTACT = Contact(name="SECRET-name Amina", address="secret.amina@example.org")
AGREED = Consents(publication=True)
REFERENCE = "practice 17"


class Way:
    """The way to a hub, on which things get lost.

    Attributes:
        asked: What was sent.
        lost: What happens to an answer, one after the other; None brings it.
    """

    def __init__(self, way: httpx2.BaseTransport) -> None:
        self._way = way
        self.asked: list[Request] = []
        self.lost: list[Exception | Response | None] = []
        self.transport = MockTransport(self._carry)

    def _carry(self, request: Request) -> Response:
        self.asked.append(request)
        answer = self._way.handle_request(request)
        happens = self.lost.pop(0) if self.lost else None
        if isinstance(happens, Exception):
            raise happens
        return happens or answer


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk_of(tmp_path_factory.mktemp("hub")) as desk:
        desk.hire()
        desk.sign_in()
        yield desk


@pytest.fixture
def platform(desk: Desk) -> Platform:
    return platform_of(desk, f"Platform {len(desk.store.keys())}")


@pytest.fixture
def way(desk: Desk) -> Way:
    return Way(desk.client._transport)


@pytest.fixture
def hub(platform: Platform, way: Way) -> Iterator[Client]:
    with client(platform, way) as hub:
        yield hub


def client(platform: Platform, way: Way, **options: Any) -> Client:  # noqa: ANN401
    return Client(HUB, platform.key, transport=way.transport, **options)


def send(hub: Client, practice: Practice = PRACTICE, **more: Any) -> SentContribution:  # noqa: ANN401
    return hub.contribute(practice, CONTACT, AGREED, **{"reference": REFERENCE, **more})


def test_what_is_sent_is_as_the_interface_takes_it(hub: Client, way: Way) -> None:
    sent = send(hub)
    defaults = {"introductions": False, "listing": False}
    body = {**BODY, "consents": {**BODY["consents"], **defaults}}
    assert json.loads(way.asked[0].content) == body
    assert (sent.state, sent.reference) == ("waiting", REFERENCE)
    assert sent.sender_url
    assert sent.sender_url.startswith("/contributions/")
    assert sent.sender_url not in repr(sent)
    assert hub.contribution(sent.id).version == sent.version


def test_what_is_unknown_is_left_out(hub: Client, way: Way) -> None:
    abroad = replace(
        PRACTICE, country=None, level="international", sources=(PracticeSource(title="A book"),)
    )
    send(hub, replace(abroad, period=PracticePeriod(start="2021")), reference=None)
    body = json.loads(way.asked[0].content)
    assert body.keys() == {"practice", "contact", "consents"}
    assert "country" not in body["practice"]
    assert body["practice"]["period"] == {"start": "2021"}
    assert body["practice"]["sources"] == [{"title": "A book"}]


@pytest.mark.parametrize(
    "lost", [httpx2.ReadTimeout("late"), httpx2.ReadError("cut"), httpx2.ConnectError("refused")]
)
def test_a_call_that_is_repeated_after_a_lost_answer_makes_one_practice(
    platform: Platform, way: Way, lost: Exception
) -> None:
    way.lost = [lost]
    with pytest.raises(UnavailableError) as caught:
        send(client(platform, way))
    assert caught.value.status is None
    assert len(platform.own_ids) == 1  # it had come in all the same
    sent = send(client(platform, way))  # as by a program that was started anew
    assert [sent.id] == platform.own_ids


def test_with_patience_it_is_sent_again_by_the_same_idempotency_key(
    platform: Platform, way: Way
) -> None:
    waited: list[float] = []
    busy = Response(503, json={"title": "Busy"}, headers={"Retry-After": "3"})
    way.lost = [httpx2.ReadError("cut"), busy, httpx2.ReadTimeout("late"), None]
    sent = send(client(platform, way, patience=6, sleep=waited.append))
    assert [sent.id] == platform.own_ids
    assert waited == [1, 3, 2]
    assert len({request.headers[NAME] for request in way.asked}) == 1
    assert len({request.content for request in way.asked}) == 1


def test_patience_ends_over_all_waiting_together(platform: Platform, way: Way) -> None:
    waited: list[float] = []
    busy = Response(503, json={"title": "Busy"}, headers={"Retry-After": "3"})
    way.lost = [httpx2.ReadError("cut"), busy, httpx2.ReadTimeout("late")]
    with pytest.raises(UnavailableError):
        send(client(platform, way, patience=5, sleep=waited.append))
    assert waited == [1, 3]


def test_another_practice_and_another_platform_have_idempotency_keys_of_their_own(
    platform: Platform, way: Way, hub: Client
) -> None:
    send(hub)
    send(hub, replace(PRACTICE, title="Another"))
    send(hub, reference="practice 18")
    assert len(platform.own_ids) == 3
    send(client(platform_of(platform.desk, f"{platform.name} too"), way))
    assert len({request.headers[NAME] for request in way.asked}) == 4


def test_an_idempotency_key_of_ones_own_is_taken_and_comes_with_one_practice(
    platform: Platform, hub: Client
) -> None:
    sent = send(hub, idempotency_key="record-17")
    assert send(hub, idempotency_key="record-17") == sent
    with pytest.raises(ClientError) as caught:
        send(hub, replace(PRACTICE, title="Another"), idempotency_key="record-17")
    assert (caught.value.status, caught.value.errors[0].name) == (422, NAME)
    assert platform.own_ids == [sent.id]


@pytest.mark.parametrize("odd", ["", "a b", 'a"', "a,b", "schön", "a\r\nX: y", "x" * 256])
def test_what_cannot_be_an_idempotency_key_is_not_sent(hub: Client, way: Way, odd: str) -> None:
    with pytest.raises(ValueError, match="idempotency key"):
        send(hub, idempotency_key=odd)
    assert way.asked == []


def test_what_is_refused_is_named_field_by_field(platform: Platform, hub: Client) -> None:
    odd = replace(PRACTICE, title=" ", sources=(PracticeSource(title="Report", url="report"),))
    with pytest.raises(ClientError) as caught:
        send(hub, odd)
    assert caught.value.status == 422
    assert {error.name for error in caught.value.errors} == {
        "practice.title", "practice.sources.0.url",
    }  # fmt: skip
    assert all(error.detail for error in caught.value.errors)
    with pytest.raises(ClientError) as caught:
        hub.contribute(PRACTICE, CONTACT, Consents(publication=False))
    assert [error.name for error in caught.value.errors] == ["consents.publication"]
    assert platform.own_ids == []


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key_it_is_said_before_anything_is_sent(way: Way, key: str | None) -> None:
    hub = Client(HUB, key, transport=way.transport)
    calls: list[Callable[[], object]] = [
        lambda: send(hub),
        hub.contributions,
        lambda: hub.contribution("x"),
        lambda: hub.answer_contribution("x", version=1, answer="Yes."),
        lambda: hub.withdraw_contribution("x"),
    ]
    for call in calls:
        with pytest.raises(ClientError, match="need a key") as caught:
            call()
        assert caught.value.status is None
    assert way.asked == []


def test_a_key_that_is_for_something_else_is_told_by_the_hub(way: Way) -> None:
    with pytest.raises(ClientError) as caught:
        list(Client(HUB, "diwan_wrong", transport=way.transport).contributions())
    assert caught.value.status == 401


def test_all_that_was_sent_is_listed_over_all_pages(
    hub: Client, way: Way, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("diwan.client._PAGE", 2)
    sent = [send(hub, reference=str(number)) for number in range(5)]
    reviewed(platform, {"id": sent[0].id}, "ask", text="When?")
    before = len(way.asked)
    listed = hub.contributions()
    assert len(way.asked) == before
    assert next(listed).id == min(each.id for each in sent)
    assert len(way.asked) == before + 1  # a page is asked for when it is needed
    assert len(list(listed)) == 4
    assert len(way.asked) == before + 3
    assert [each.id for each in hub.contributions(state="asked")] == [sent[0].id]
    assert len(list(hub.contributions(state="waiting"))) == 4
    with pytest.raises(ClientError, match="422"):
        list(hub.contributions(state="lost"))


def test_an_answer_goes_to_the_question_that_was_read(platform: Platform, hub: Client) -> None:
    sent = send(hub)
    assert sent.version
    with pytest.raises(ClientError) as early:
        hub.answer_contribution(sent.id, version=sent.version, answer="Hello.")
    assert early.value.status == 409
    reviewed(platform, {"id": sent.id}, "ask", text="When did it begin?")
    (asked,) = hub.contributions(state="asked")
    assert asked.question == "When did it begin?"
    assert asked.version
    with pytest.raises(ClientError) as refused:
        hub.answer_contribution(
            sent.id, version=asked.version, answer=" ", practice=replace(PRACTICE, title=" ")
        )
    assert {error.name for error in refused.value.errors} == {"answer", "practice.title"}
    better = replace(PRACTICE, title="A better title")
    told = hub.answer_contribution(
        sent.id, version=asked.version, answer="In 2021.", practice=better
    )
    assert (told.state, told.question) == ("waiting", None)
    page = platform.desk.client.get(f"/desk/contributions/{sent.id}?ui=en").text
    assert "In 2021." in page
    assert "A better title" in page


def test_an_answer_is_sent_once(platform: Platform, way: Way) -> None:
    hub = client(platform, way, patience=60, sleep=pytest.fail)
    sent = send(hub)
    reviewed(platform, {"id": sent.id}, "ask", text="When?")
    version = hub.contribution(sent.id).version
    assert version
    way.lost = [httpx2.ReadError("cut")]
    with pytest.raises(UnavailableError):
        hub.answer_contribution(sent.id, version=version, answer="In 2021.")
    assert hub.contribution(sent.id).state == "waiting"


def test_what_is_withdrawn_is_gone_and_may_be_withdrawn_again(platform: Platform, way: Way) -> None:
    waited: list[float] = []
    hub = client(platform, way, patience=1, sleep=waited.append)
    sent = send(hub)
    way.lost = [httpx2.ReadError("cut")]
    hub.withdraw_contribution(sent.id)
    hub.withdraw_contribution(sent.id)
    assert waited == [1]
    told = hub.contribution(sent.id)
    assert (told.state, told.version, told.reference) == ("withdrawn", None, None)
    again = send(hub)
    assert (again.id, again.state, again.sender_url) == (sent.id, "withdrawn", None)
    anew = send(hub, idempotency_key="anew")
    assert anew.state == "waiting"


def test_what_is_of_nobody_or_of_another_is_not_there(
    hub: Client, platform: Platform, way: Way
) -> None:
    other = client(platform_of(platform.desk, f"{platform.name} too"), way)
    for name in (send(other).id, "nothing", "", ".", "..", "../glossary", "a/b?c#d", "مدرسة"):
        with pytest.raises(ClientError):
            hub.contribution(name)
        with pytest.raises(ClientError):
            hub.withdraw_contribution(name)
        with pytest.raises(ClientError):
            hub.answer_contribution(name, version=1, answer="x")
    assert [each.state for each in other.contributions()] == ["waiting"]


def test_what_is_accepted_names_its_case_study_and_cannot_be_withdrawn() -> None:
    case = {"id": "a", "language": "en", "in_library": True, "url": "/u", "case_url": "/c"}
    state = {
        "id": "x", "state": "accepted", "reference": None, "version": 3, "sent_on": "2026-03-05",
        "changed_on": None, "question": None, "reason": None, "case_study": case, "url": "/x",
    }  # fmt: skip
    gone = {"title": "Conflict", "detail": "It was accepted.", "status": 409}
    answers = iter([Response(200, json=state), Response(409, json=gone)])
    hub = Client(HUB, "key", transport=MockTransport(lambda _request: next(answers)))
    told = hub.contribution("x")
    assert told.case_study
    assert (told.case_study.id, hub.link(told.case_study.case_url)) == ("a", f"{HUB}/c")
    with pytest.raises(ClientError, match="It was accepted") as caught:
        hub.withdraw_contribution("x")
    assert caught.value.status == 409


def test_a_full_day_is_told_and_waited_for_only_with_patience(
    platform: Platform, hub: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.api.contributions.MOST_A_DAY", 1)
    send(hub)
    with pytest.raises(RateLimitedError) as caught:
        send(hub, reference="another")
    assert caught.value.retry_after
    assert len(platform.own_ids) == 1


def test_nothing_that_is_sent_is_logged_or_said_in_an_error(
    hub: Client, way: Way, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    way.lost = [httpx2.ReadError("cut")]
    with pytest.raises(UnavailableError) as caught:
        send(hub)
    with pytest.raises(ClientError) as refused:
        hub.contribute(replace(PRACTICE, title="SECRET" * 99), CONTACT, AGREED)
    for told in (str(caught.value), str(refused.value), caplog.text):
        assert "secret" not in told.lower()
