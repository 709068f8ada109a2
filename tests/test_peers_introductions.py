"""Who asks for an introduction is read by the hub's staff alone, and wiped once it is closed."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from desk import AMAL, NOW, Desk, desk_of
from fastapi import FastAPI
from httpx2 import Response

from index.generation import Generation
from server.mail.letter import About
from server.peers import store as peers_store
from server.peers.consent import get_contacts
from server.peers.desk import A_PAGE
from server.peers.introductions import MOST
from server.peers.store import (
    LONGEST_NOTE,
    LONGEST_WISH,
    IntroductionState,
    UnknownIntroductionError,
)
from server.service import Service
from server.store import STORE, Store
from server.store_database import RefusedError
from server.store_records import By

CASE = "hill-orchards"
WISH = "SECRETWISH how did the shepherds agree?"
FORM = {
    "case": CASE,
    "wish": WISH,
    "name": "Zaynab SECRETNAME",
    "body": "SECRETBODY council",
    "place": "SECRETPLACE",
    "address": "secret.address@example.org",
    "agree": "yes",
}
SECRETS = (b"SECRETWISH", b"SECRETNAME", b"SECRETBODY", b"SECRETPLACE", b"secret.address")


class KnownContact(NamedTuple):
    """Somebody whom the hub may write to."""

    name: str
    body: str
    address: str


LANGUAGES = pytest.mark.parametrize("language", ["en", "ar", "fr"])


@pytest.fixture
def service(small_generation: Generation, stand_in: Any) -> Service:  # noqa: ANN401
    return Service(small_generation, stand_in)


@pytest.fixture
def desk(tmp_path: Path, service: Service) -> Iterator[Desk]:
    with desk_of(tmp_path, service=service) as desk:
        yield desk


def ask(desk: Desk, language: str = "en", **changed: str) -> Response:
    return desk.client.post(f"/introductions?ui={language}", data={**FORM, **changed})


def key_of(response: Response) -> str:
    assert response.status_code == 303
    found = re.match(r"/introductions/([\w-]{22})\?", response.headers["location"])
    assert found
    return found[1]


def go_on(desk: Desk, state: str, **more: str) -> Response:
    (waiting, *_) = desk.store.introductions()
    return desk.client.post(
        f"/desk/introductions/{waiting.id}?ui=en", data={"state": state, **more}
    )


def see_nothing_left(home: Path, *more: bytes) -> None:
    """See that none of what the asker wrote is in any file of the hub."""
    for path in home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert [word for word in (*SECRETS, *more) if word in content] == [], path


@LANGUAGES
def test_whoever_asks_sees_what_becomes_of_it_at_an_address_of_their_own(
    desk: Desk, language: str
) -> None:
    form = desk.client.get(f"/introductions/new?case={CASE}&ui={language}")
    assert form.status_code == 200
    assert f'action="/introductions?ui={language}"' in form.text
    asked = ask(desk, language)
    assert all(secret.decode() not in asked.headers["location"] for secret in SECRETS)
    page = desk.client.get(asked.headers["location"])
    assert page.status_code == 200
    assert f'<html lang="{language}"' in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert '<meta name="robots" content="noindex' in page.text
    assert f"/introductions/{key_of(asked)}" in page.text
    assert "Hill: orchards" in page.text
    # Whoever finds the address learns nothing of who asked.
    assert all(secret.decode() not in page.text for secret in SECRETS)
    (kept,) = desk.store.introductions()
    assert (kept.case_id, kept.language, kept.state) == (CASE, language, "waiting")
    assert kept.day == datetime.now(UTC).date()
    assert kept.asker is not None
    assert kept.asker.wish == WISH
    assert kept.id != kept.key
    assert desk.store.letters() == ()  # nobody can have letters sent to somebody else


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"wish": " "}, "wish"),
        ({"name": ""}, "name"),
        ({"body": ""}, "body"),
        ({"address": ""}, "address"),
        ({"address": "nobody"}, "address"),
        ({"agree": ""}, "agree"),
        ({"wish": "x" * (LONGEST_WISH + 1)}, "wish"),
        ({"name": "x" * 101}, "name"),
        ({"place": "x" * 101}, "place"),
    ],
)
def test_what_is_to_be_mended_is_said_and_nothing_typed_is_lost(
    desk: Desk, changed: dict[str, str], field: str
) -> None:
    refused = ask(desk, **changed)
    assert refused.status_code == 422
    assert f'id="{field}-wrong"' in refused.text
    assert refused.text.count('aria-invalid="true"') == 1
    kept = {name: text for name, text in FORM.items() if name not in changed}
    assert all(text in refused.text for text in kept.values())
    assert desk.store.introductions() == ()
    assert f'href="/introductions/new?case={CASE}&amp;lang=ar"' in refused.text


def test_a_machine_that_fills_in_every_field_is_refused(desk: Desk) -> None:
    assert ask(desk, website="https://example.org").status_code == 422
    assert desk.store.introductions() == ()


def test_another_site_s_form_is_refused(desk: Desk) -> None:
    key = key_of(ask(desk))
    for path in ("/introductions", f"/introductions/{key}/withdraw"):
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        assert desk.client.post(path, data=FORM, headers=elsewhere).status_code == 403
    assert len(desk.store.introductions()) == 1
    desk.hire()
    desk.sign_in()
    (waiting,) = desk.store.introductions()
    path = f"/desk/introductions/{waiting.id}"
    form = {"state": "introduced", "do": "close"}
    answer = desk.client.post(path, data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert desk.store.introductions() == (waiting,)


def test_no_address_sends_more_than_a_person_would(desk: Desk) -> None:
    for _ in range(MOST):
        assert ask(desk).status_code == 303
    refused = desk.client.post("/introductions", data=FORM, headers={"Accept": "text/html"})
    assert refused.status_code == 429
    assert len(desk.store.introductions()) == MOST
    # Others, and other forms, are not hindered.
    assert desk.client.get(f"/introductions/new?case={CASE}").status_code == 200


def test_there_is_no_introduction_to_a_case_that_is_not_there(desk: Desk) -> None:
    assert desk.client.get("/introductions/new?case=nothing").status_code == 404
    assert desk.client.get("/introductions/new").status_code == 404
    assert ask(desk, case="nothing").status_code == 404
    assert desk.client.get("/introductions/" + "x" * 22).status_code == 404


def test_what_is_withdrawn_leaves_no_trace(desk: Desk, tmp_path: Path) -> None:
    desk.hire()
    desk.sign_in()
    key = key_of(ask(desk))
    go_on(desk, "written", note="SECRETNOTE soon", tell="yes")
    assert len(desk.store.letters()) == 1
    withdrawn = desk.client.post(f"/introductions/{key}/withdraw?ui=ar")
    assert withdrawn.headers["location"] == "/introductions/withdrawn?ui=ar"
    assert desk.client.get("/introductions/withdrawn?ui=ar").status_code == 200
    assert desk.store.introductions() == ()
    assert desk.store.letters() == ()
    assert desk.client.get(f"/introductions/{key}").status_code == 404
    assert desk.client.post(f"/introductions/{key}/withdraw").status_code == 404
    desk.store.close()
    desk.client.app.state.open_store().close()  # type: ignore[attr-defined]
    see_nothing_left(tmp_path, b"SECRETNOTE", key.encode())


def test_withdrawing_one_leaves_the_letters_of_others(desk: Desk) -> None:
    desk.hire()
    desk.sign_in()
    first = key_of(ask(desk))
    go_on(desk, "written", tell="yes")
    second = key_of(ask(desk, case="market-fountain"))
    desk.client.post(f"/introductions/{second}/withdraw")
    (letter,) = desk.store.letters()
    assert first in letter.text


def test_the_desk_shows_who_asks_and_whom_to_write_to(desk: Desk) -> None:
    contact = KnownContact("Badr CONTACT", "Hill", "contact@example.org")
    app = desk.client.app
    assert isinstance(app, FastAPI)
    app.dependency_overrides[get_contacts] = lambda: {CASE: contact}.get
    key = key_of(ask(desk))
    ask(desk, case="market-fountain")
    desk.hire()
    desk.sign_in()
    assert "/desk/introductions?ui=en" in desk.client.get("/desk?ui=en").text
    page = desk.client.get("/desk/introductions?ui=en").text
    assert all(secret.decode() in page for secret in SECRETS)
    assert page.count("contact@example.org") == 1
    assert key not in page  # the asker's address is the asker's alone
    public = desk.client.get(f"/introductions/{key}?ui=en").text
    assert "CONTACT" not in public
    assert "contact@example.org" not in public


def test_nobody_reads_the_queue_who_is_not_signed_in(desk: Desk) -> None:
    ask(desk)
    (waiting,) = desk.store.introductions()
    for path in ("/desk/introductions", "/desk/introductions.csv"):
        answer = desk.client.get(path)
        assert answer.status_code == 303
        assert "SECRET" not in answer.text
    form = {"state": "introduced", "do": "close"}
    assert desk.client.post(f"/desk/introductions/{waiting.id}", data=form).status_code == 401
    assert desk.store.introductions() == (waiting,)


@LANGUAGES
def test_what_was_done_is_told_by_letter_in_the_asker_s_language(desk: Desk, language: str) -> None:
    key = key_of(ask(desk, language))
    desk.hire()
    desk.sign_in()
    kept = go_on(desk, "written", note="Patience, please")
    assert kept.headers["location"] == "/desk/introductions?done=marked&ui=en"
    assert desk.store.letters() == ()
    go_on(desk, "written", note="Patience, please", tell="yes")
    (letter,) = desk.store.letters()
    assert (letter.to, letter.about, letter.language) == (
        FORM["address"], About.INTRODUCTION, language,
    )  # fmt: skip
    assert "Patience, please" in letter.text
    assert f"http://testserver/introductions/{key}?ui={language}" in letter.text
    assert "Hill: orchards" in letter.text
    page = desk.client.get(f"/introductions/{key}?ui={language}").text
    assert "Patience, please" in page
    (waiting,) = desk.store.introductions()
    assert waiting.state is IntroductionState.WRITTEN
    assert waiting.asker is not None


def test_closing_wipes_the_asker_and_keeps_the_outcome(desk: Desk, tmp_path: Path) -> None:
    key = key_of(ask(desk))
    desk.hire()
    desk.sign_in()
    closed = go_on(desk, "introduced", note="You have met", do="close")
    assert closed.headers["location"] == "/desk/introductions?done=closed&ui=en"
    (letter,) = desk.store.letters()
    assert letter.to == FORM["address"]
    (kept,) = desk.store.introductions()
    assert kept.asker is None
    assert (kept.case_id, kept.state, kept.closed_on) == (CASE, "introduced", NOW.date())
    page = desk.client.get("/desk/introductions?ui=en").text
    assert "SECRET" not in page
    public = desk.client.get(f"/introductions/{key}?ui=en").text
    assert "You have met" in public
    # Once the letter is sent, nothing of the asker is in the file.
    desk.store.hand_over(letter.id)
    desk.store.handed_over(letter.id)
    desk.store.wipe_traces()
    desk.store.close()
    desk.client.app.state.open_store().close()  # type: ignore[attr-defined]
    see_nothing_left(tmp_path)
    again = go_on(desk, "impossible", do="close")
    assert again.status_code == 404
    assert desk.store.introductions() == (kept,)


def test_what_was_done_is_recorded_without_anything_of_the_asker(desk: Desk) -> None:
    ask(desk)
    desk.hire()
    desk.sign_in()
    go_on(desk, "written", note="SECRETNOTE")
    go_on(desk, "impossible", note="SECRETNOTE", do="close")
    told = [(each.who, each.what, each.about) for each in desk.store.records(2)]
    day = datetime.now(UTC).date().isoformat()
    assert told == [
        (AMAL, "introduction-closed", f"{day}, {CASE}: impossible"),
        (AMAL, "introduction-marked", f"{day}, {CASE}: written"),
    ]
    table = desk.client.get("/desk/changes.csv?ui=en").text
    assert "SECRET" not in table
    assert "Introduction closed" in table


def test_the_table_has_day_case_and_state_and_nothing_of_a_person(desk: Desk) -> None:
    ask(desk)
    ask(desk, case="market-fountain")
    desk.hire()
    desk.sign_in()
    table = desk.client.get("/desk/introductions.csv?ui=en")
    assert "SECRET" not in table.text
    assert "secret" not in table.text
    rows = table.content.decode("utf-8-sig").splitlines()
    day = datetime.now(UTC).date().isoformat()
    assert rows[0] == "Day,Case study,State,Closed on"
    assert set(rows[1:]) == {f"{day},{CASE},Waiting,", f"{day},market-fountain,Waiting,"}


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"state": "", "do": "close"}, "say what was done"),
        ({"state": "waiting"}, "say what was done"),
        ({"state": "nonsense"}, "say what was done"),
        ({"state": "introduced", "note": "x" * (LONGEST_NOTE + 1)}, "too long"),
    ],
)
def test_a_step_that_cannot_be_kept_is_shown_again(
    desk: Desk, form: dict[str, str], why: str
) -> None:
    ask(desk)
    desk.hire()
    desk.sign_in()
    (waiting,) = desk.store.introductions()
    refused = desk.client.post(f"/desk/introductions/{waiting.id}?ui=en", data=form)
    assert refused.status_code == 422
    assert why in refused.text
    assert form.get("note", "") in refused.text
    assert desk.store.introductions() == (waiting,)
    assert desk.store.letters() == ()


def test_a_step_and_its_letter_are_kept_together_or_not_at_all(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(desk)
    desk.hire()
    desk.sign_in()
    (waiting,) = desk.store.introductions()
    records = desk.store.records()

    def fail(*_: object) -> None:
        raise RefusedError("It cannot be recorded.")

    monkeypatch.setattr(peers_store, "write_record", fail)  # the last thing in the transaction
    assert go_on(desk, "introduced", do="close").status_code == 422
    assert desk.store.introductions() == (waiting,)
    assert desk.store.letters() == ()
    assert desk.store.records() == records
    monkeypatch.undo()
    monkeypatch.setattr(peers_store, "write_letter", fail)
    assert go_on(desk, "introduced", do="close").status_code == 422
    assert desk.store.introductions() == (waiting,)


def test_open_ones_come_first_and_a_page_at_a_time(desk: Desk) -> None:
    desk.hire()
    desk.sign_in()
    day = date(2026, 1, 1)
    asker = peers_store.Asker("w", "n", "b", "", "a@example.org")
    for number in range(A_PAGE + 1):
        desk.store.ask_for_introduction(f"case-{number}", asker, "en", day + timedelta(number))
    first = desk.store.introductions()[0]
    assert first.day == day  # who has waited longest
    go_on(desk, "impossible", do="close")
    assert desk.store.open_introductions() == A_PAGE
    assert desk.store.introductions()[-1].id == first.id
    one = desk.client.get("/desk/introductions?ui=en").text
    two = desk.client.get("/desk/introductions?ui=en&page=2").text
    assert (one.count('<h2 id="introduction-'), two.count('<h2 id="introduction-')) == (A_PAGE, 1)
    assert "case-0" in two


def test_what_is_closed_is_forgotten_with_the_rest_and_what_is_open_is_not(tmp_path: Path) -> None:
    asker = peers_store.Asker(WISH, FORM["name"], FORM["body"], "", FORM["address"])
    with Store(tmp_path / STORE) as store:
        key = store.ask_for_introduction(CASE, asker, "en", date(2020, 1, 1))
        waits = store.ask_for_introduction("waits", asker, "en", date(2020, 1, 1))
        step = peers_store.Step(IntroductionState.INTRODUCED, "SECRETNOTE", closes=True)
        closing = store.introduction_of(key).id
        store.go_on_with_introduction(closing, step, None, By(AMAL, NOW))
        # It counts from the day it was closed: whoever asked is to see what came of it.
        assert store.forget(NOW.date()).introductions == 0
        assert store.forget(NOW.date() + timedelta(1)).introductions == 1
        with pytest.raises(UnknownIntroductionError):
            store.introduction_of(key)
        assert store.introduction_of(waits).asker == asker
        store.withdraw_introduction(waits)
    see_nothing_left(tmp_path, b"SECRETNOTE")


def test_no_public_page_shows_an_asker(desk: Desk) -> None:
    ask(desk)
    for path in ("/", "/peers", f"/cases/{CASE}", "/library", "/kept", "/metrics"):
        assert "SECRET" not in desk.client.get(path).text
