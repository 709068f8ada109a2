"""A city sends in what it did: on a page of its own, without an account, seen by nobody else."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from contributed import (
    ADDRESS,
    DRAFT,
    NAME,
    PRACTICE,
    begin,
    form_of,
    key_of,
    save,
    send,
    sent,
    turn_of,
)
from desk import Desk, desk_of
from fastapi.testclient import TestClient

from corpus.case_study import Pillar
from server.contributions import store as contributions_store
from server.contributions.practice import (
    LONGEST_TEXT,
    MOST_SOURCES,
    Consents,
    Draft,
    Practice,
    SourceTyped,
)
from server.contributions.rules import FIELDS, SECTIONS, Why, countries, lacking, overlong
from server.contributions.store import State
from server.contributions.wording import field_names, whys
from server.i18n import INTERFACE_LANGUAGES, interface
from server.service import Service
from server.store_records import By

QUESTION = "who mends <b>wells</b>"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_of(tmp_path) as desk:
        yield desk


def state_of(desk: Desk, address: str) -> State:
    return desk.store.contribution(key_of(address), desk.now.date()).state


def test_the_invitation_says_what_becomes_of_it_and_carries_a_question_along(desk: Desk) -> None:
    page = desk.client.get("/contribute", params={"q": QUESTION, "ui": "en"})
    assert page.status_code == 200
    for said in ("CC BY 4.0", "Never public", "What becomes of it", "who mends &lt;b&gt;wells"):
        assert said in page.text
    address = begin(desk, QUESTION)
    assert desk.store.contribution(key_of(address), desk.now.date()).question == QUESTION
    assert "who mends &lt;b&gt;wells" in desk.client.get(f"{address}?ui=en").text


def test_a_question_in_another_script_leaves_the_sender_s_language_alone(desk: Desk) -> None:
    page = desk.client.get("/contribute", params={"q": QUESTION, "ui": "ar"})
    assert '<html lang="ar" dir="rtl"' in page.text


def test_an_unanswered_question_leads_to_it(bundled_service: Service, tmp_path: Path) -> None:
    with desk_of(tmp_path, service=bundled_service) as desk:
        unanswered = "How long does sourdough bread have to rise?"
        link = 'href="/contribute?q=How+long+does+sourdough'
        assert link in desk.client.get("/", params={"q": unanswered, "ui": "en"}).text
        thanks = desk.client.post("/hub?ui=en", data={"question": unanswered})
        assert link in thanks.text
        answered = desk.client.get("/", params={"q": "How does Nansana involve young people?"})
        assert "/contribute?q=" not in answered.text


@pytest.mark.parametrize("language", INTERFACE_LANGUAGES)
def test_the_form_is_in_the_sender_s_language_and_so_is_the_text_unless_said(
    desk: Desk, language: str
) -> None:
    begun = desk.client.post(f"/contribute?ui={language}")
    page = desk.client.get(begun.headers["Location"])
    assert f'<html lang="{language}"' in page.text
    assert re.search(rf'<option value="{language}" selected', page.text)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex' in page.text
    for field in FIELDS[1:]:
        assert f'id="{field}"' in page.text, field


def test_a_draft_keeps_anything_however_incomplete(desk: Desk) -> None:
    address = begin(desk)
    half = replace(DRAFT, practice=Practice(title='Half "done" <i>', start="someday"))
    saved = save(desk, address, half)
    assert saved.status_code == 303
    page = desk.client.get(f"{address}?ui=en").text
    assert "Half &#34;done&#34; &lt;i&gt;" in page
    assert 'value="someday"' in page
    assert f'value="{NAME}"' in page
    form = form_of(half, 2, "save-where")
    assert desk.client.post(f"{address}?ui=en", data=form).headers["Location"].endswith("#where")


def test_everything_that_was_typed_comes_back(desk: Desk) -> None:
    address = begin(desk)
    every = replace(
        DRAFT,
        practice=replace(
            PRACTICE,
            pillars=tuple(Pillar),
            sources=tuple(SourceTyped(f"S{n}", f"https://s{n}.example") for n in range(5)),
            language="ar",
        ),
        consents=Consents(publication=True, introductions=True, listing=True),
    )
    save(desk, address, every)
    assert desk.store.contribution(key_of(address), desk.now.date()).draft == every
    page = desk.client.get(f"{address}?ui=en").text
    assert page.count(" checked") == 9
    assert '<option value="KE" selected>Kenya' in page
    assert 'value="https://s4.example"' in page


def test_what_is_missing_is_listed_in_order_with_links_and_nothing_is_lost(desk: Desk) -> None:
    address = begin(desk)
    half = replace(
        DRAFT,
        practice=replace(PRACTICE, outcome="", country="", end="2019", pillars=()),
        address="amina at example.org",
        consents=Consents(),
    )
    refused = send(desk, address, half)
    assert refused.status_code == 422
    notice = refused.text.split('id="refusal"')[1].split("</div>")[0]
    assert re.findall(r'href="#([a-z0-9-]+)"', notice) == [
        "outcome", "country", "end", "pillars", "address", "publication",
    ]  # fmt: skip
    assert "autofocus" in notice
    for field in ("outcome", "country", "end", "address", "publication"):
        box = re.search(rf'<[^>]*id="{field}"[^>]*>', refused.text)
        assert box, field
        assert 'aria-invalid="true"' in box[0], field
        assert f"{field}-wrong" in box[0].split("aria-describedby=")[1], field
        assert f'id="{field}-wrong"' in refused.text
    assert "It ends before it begins." in refused.text
    assert "SECRET-done" in refused.text
    kept = desk.store.contribution(key_of(address), desk.now.date())
    assert (kept.state, kept.draft.practice.done) == (State.DRAFT, PRACTICE.done)
    assert send(desk, address, DRAFT, kept.version).status_code == 303
    assert state_of(desk, address) is State.SENT


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"start": "2021-13"}, [("start", Why.NO_DATE)]),
        ({"start": "٢٠٢١/٠٣"}, []),
        ({"start": "2022-10", "end": "2022"}, []),
        ({"start": "2022-10", "end": "2022-09"}, [("end", Why.ENDS_EARLY)]),
        ({"level": "international", "country": ""}, []),
        ({"sources": (SourceTyped("", "https://a.example"),)}, [("source-1", Why.NO_TITLE)]),
        ({"sources": (SourceTyped("T", "www.a.example"),)}, [("address-1", Why.NO_URL)]),
        ({"sources": (SourceTyped("T", "javascript:alert(1)"),)}, [("address-1", Why.NO_URL)]),
        ({"sources": ()}, []),
        ({"title": "   "}, [("title", Why.EMPTY)]),
        ({"country": "XX"}, [("country", Why.EMPTY)]),
        ({"language": "klingon"}, [("language", Why.EMPTY)]),
    ],
)
def test_what_keeps_a_practice_from_being_sent(
    desk: Desk, changes: dict[str, str], expected: list[tuple[str, Why]]
) -> None:
    address = begin(desk)
    save(desk, address, replace(DRAFT, practice=replace(PRACTICE, **changes)))  # type: ignore[arg-type]
    draft = desk.store.contribution(key_of(address), desk.now.date()).draft
    assert [(lack.field, lack.why) for lack in lacking(draft)] == expected


def test_every_field_and_every_reason_has_words() -> None:
    reader = interface("en")
    assert set(field_names(reader)) == set(FIELDS)
    assert set(whys(reader)) == set(Why)
    assert {"KE", "LB", "XK", "PS"} <= countries()
    assert len(countries()) > 190
    empty = {lack.field for lack in lacking(Draft())}
    assert empty <= {field for fields in SECTIONS.values() for field in fields}


def test_what_is_too_long_is_not_kept_and_not_lost(desk: Desk) -> None:
    address = begin(desk)
    long = replace(DRAFT, practice=replace(PRACTICE, done="م" * (LONGEST_TEXT + 1)))
    refused = save(desk, address, long)
    assert refused.status_code == 422
    assert "م" * (LONGEST_TEXT + 1) in refused.text
    assert "This is too long" in refused.text
    assert desk.store.contribution(key_of(address), desk.now.date()).version == 1
    full = replace(
        PRACTICE,
        **dict.fromkeys(("context", "done", "outcome", "lessons"), "م" * LONGEST_TEXT),  # type: ignore[arg-type]
        sources=(SourceTyped("م" * 200, "https://a.example/" + "a" * 480),) * MOST_SOURCES,
    )
    files = {"website": (None, "")}  # as a browser sends it: in parts
    form = form_of(replace(DRAFT, practice=full))
    assert desk.client.post(f"{address}?ui=en", data=form, files=files).status_code == 303
    assert overlong(replace(DRAFT, practice=full)) == ()


def test_two_windows_overwrite_nothing_silently(desk: Desk) -> None:
    address = begin(desk)
    assert save(desk, address).status_code == 303
    mine = replace(DRAFT, practice=replace(PRACTICE, outcome="Of the other window", country="UG"))
    refused = save(desk, address, mine, 1)
    assert refused.status_code == 409
    assert "changed in another window" in refused.text
    assert "Of the other window" in refused.text
    theirs = re.findall(r'id="([a-z-]+)-theirs"', refused.text)
    assert theirs == ["outcome", "country"]
    assert "SECRET-outcome" in refused.text
    assert "Kenya" in refused.text.split('id="country-theirs"')[1][:200]
    assert desk.store.contribution(key_of(address), desk.now.date()).draft == DRAFT
    version = re.search(r'name="version" value="(\d+)"', refused.text)
    assert version
    assert save(desk, address, mine, int(version[1])).status_code == 303


def test_what_was_sent_from_another_window_is_not_lost_here(desk: Desk) -> None:
    address, _ = sent(desk)
    late = save(desk, address, replace(DRAFT, practice=replace(PRACTICE, done="Typed late")))
    assert late.status_code == 409
    assert "Typed late" in late.text
    assert desk.store.contribution(key_of(address), desk.now.date()).draft == DRAFT


def test_the_page_says_how_to_come_back_and_mails_the_link_only_where_the_hub_says_where(
    desk: Desk,
) -> None:
    address = begin(desk)
    page = desk.client.get(f"{address}?ui=en").text
    assert "it is the only way back" in page
    assert f'value="http://testserver{address}?ui=en"' in page
    save(desk, address)
    assert "by e-mail</button>" not in desk.client.get(f"{address}?ui=en").text
    assert desk.client.post(f"{address}/link?ui=en").status_code == 404
    desk.client.app.state.address = "https://diwan.example"  # type: ignore[attr-defined]
    assert "by e-mail</button>" in desk.client.get(f"{address}?ui=en").text
    for _ in range(3):
        assert desk.client.post(f"{address}/link?ui=en").status_code == 303
    refused = desk.client.post(f"{address}/link?ui=en", headers={"Accept": "text/html"})
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "86400")
    assert "That was a lot for one day" in refused.text
    letter = desk.store.letters()[0]
    assert letter.to == ADDRESS
    assert f"https://diwan.example{address}?ui=en" in letter.text
    assert "SECRET" not in letter.text + letter.subject
    other = begin(desk)
    save(desk, other)
    assert desk.client.post(f"{other}/link?ui=en").status_code == 429  # of that address


def test_what_is_withdrawn_leaves_no_letter_behind(desk: Desk) -> None:
    desk.hire()
    desk.sign_in()
    address, review = sent(desk)
    turn = turn_of(desk.client.get(review))
    desk.client.post(f"{review}/ask", data={"text": "When?", "turn": turn})
    assert [letter.to for letter in desk.store.letters()] == [ADDRESS]
    assert desk.client.post(f"{address}/withdraw").status_code == 200
    assert desk.store.letters() == ()


def test_a_decision_takes_the_place_of_letters_that_were_not_sent(desk: Desk) -> None:
    desk.hire()
    desk.sign_in()
    _, review = sent(desk)
    turn = turn_of(desk.client.get(review))
    desk.client.post(f"{review}/ask", data={"text": "When?", "turn": turn})
    turn = turn_of(desk.client.get(review))
    desk.client.post(f"{review}/decline", data={"reason": "It has no outcome.", "turn": turn})
    (letter,) = desk.store.letters()
    assert "It has no outcome." in letter.text


def test_what_is_sent_is_read_and_withdrawn_by_whoever_has_the_link(desk: Desk) -> None:
    address, _ = sent(desk)
    page = desk.client.get(f"{address}?ui=en")
    assert "It is with the hub" in page.text
    assert "SECRET-done" in page.text
    assert 'name="title"' not in page.text
    gone = desk.client.post(f"{address}/withdraw?ui=en")
    assert "It is deleted, for good" in gone.text
    assert desk.client.get(f"{address}?ui=en").status_code == 404
    assert send(desk, address).status_code == 404
    assert desk.store.contribution_counts()[State.SENT] == 0


def test_an_address_of_nobody_says_so_and_is_kept_by_no_cache(desk: Desk) -> None:
    for path in ("", "/withdraw", "/link", "/consents"):
        address = f"/contributions/{'x' * 22}{path}?ui=en"
        answer = desk.client.get(address) if not path else desk.client.post(address)
        assert answer.status_code == 404, path
        assert answer.headers["Cache-Control"] == "no-store"
    assert desk.client.get("/contributions/x", headers={"Accept": "text/html"}).status_code == 404


def test_a_draft_is_gone_after_thirty_days(desk: Desk) -> None:
    address = begin(desk)
    desk.now += timedelta(days=30)
    assert save(desk, address).status_code == 303
    desk.now += timedelta(days=31)
    assert desk.client.get(f"{address}?ui=en").status_code == 404


def test_another_site_and_a_machine_cannot_begin_or_send(desk: Desk) -> None:
    address = begin(desk)
    foreign = {"Sec-Fetch-Site": "cross-site"}
    for path in ("/contribute", address, *(f"{address}/{end}" for end in
                 ("withdraw", "link", "consents"))):  # fmt: skip
        assert desk.client.post(path, headers=foreign).status_code == 403
    trapped = desk.client.post("/contribute?ui=en", data={"website": "https://spam.example"})
    assert trapped.status_code == 422
    filled = desk.client.post(f"{address}?ui=en", data={**form_of(), "website": "x"})
    assert filled.status_code == 422
    assert "SECRET-done" in filled.text  # a person loses nothing
    assert desk.store.contribution(key_of(address), desk.now.date()).version == 1
    (form,) = re.findall(r'<p class="trap"[^>]*>.*?</p>', desk.client.get("/contribute").text)
    assert 'tabindex="-1"' in form


@pytest.mark.slow
def test_one_address_cannot_hinder_another(desk: Desk) -> None:
    app = desk.client.app
    flood, other = (TestClient(app, client=(f"203.0.113.{n}", 1), follow_redirects=False)
                    for n in (1, 2))  # fmt: skip
    begun = [flood.post("/contribute?ui=en").status_code for _ in range(1_000)]
    assert begun.count(303) == 10
    assert begun.count(429) == 990
    mine = other.post("/contribute?ui=en")
    assert mine.status_code == 303
    address = mine.headers["Location"].partition("?")[0]
    saved = [flood.post(address, data=form_of(version=0)).status_code for _ in range(200)]
    assert set(saved) == {409, 429}
    assert saved.count(429) == 80
    assert other.post(address, data=form_of(do="send")).status_code == 303
    page = flood.post("/contribute?ui=en", headers={"Accept": "text/html"})
    assert "That was a lot at once" in page.text
    assert page.headers["Retry-After"] == "600"


def test_a_day_ends_what_one_address_may_begin(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = 1_772_720_000.0
    monkeypatch.setattr("time.time", lambda: moment)
    begun = 0
    for _ in range(10):
        moment += 601
        begun += sum(desk.client.post("/contribute").status_code == 303 for _ in range(11))
    assert begun == 20


def test_a_hub_that_is_busy_says_so_and_hinders_nobody_with_a_link(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contributions_store, "MOST_DRAFTS", 1)
    address = begin(desk)
    save(desk, address)
    busy = desk.client.post("/contribute?ui=en")
    assert busy.status_code == 503
    assert "as much to read as it can manage" in busy.text
    assert send(desk, address, DRAFT, 2).status_code == 303


def test_nothing_of_it_is_public(
    bundled_service: Service, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with desk_of(tmp_path, service=bundled_service) as desk:
        draft = begin(desk)
        save(desk, draft)
        address, page = sent(desk)
        secrets = ("SECRET", ADDRESS, key_of(draft), key_of(address), key_of(page))
        public = [
            "/", "/library", "/places", "/paths", "/about", "/kept", "/contribute",
            "/?q=SECRET-done+The+city+opened+a+hall", "/api/v1/search?q=SECRET-done",
            "/api/v1/openapi.json", "/openapi.json", "/contributions", "/contributions/",
        ]  # fmt: skip
        for path in public:
            text = desk.client.get(path).text.replace("SECRET-done+The+city+opened", "")
            text = text.replace("SECRET-done The city opened a hall", "").replace("SECRET-done", "")
            assert not any(secret in text for secret in secrets), path
        desk.hire()
        desk.sign_in()
        for table in ("changes", "inbox", "problems", "feedback", "questions"):
            text = desk.client.get(f"/desk/{table}.csv?ui=en").text
            assert not any(secret in text for secret in secrets), table
        assert not any(secret in caplog.text for secret in secrets)


def test_once_it_serves_the_sender_finds_it_and_can_report_it(
    bundled_service: Service, tmp_path: Path
) -> None:
    with desk_of(tmp_path, service=bundled_service) as desk:
        address, page = sent(desk)
        found = desk.store.contribution_at_desk(key_of(page))
        case = bundled_service.generation.library_cases[0]
        desk.store.accept_contribution(
            found.id,
            found.turn,
            (case.id, case.language),
            None,
            By("Amal", desk.now),
            save=lambda: None,
        )
        mine = desk.client.get(f"{address}?ui=en").text
        assert f'href="/cases/{case.id}?lang={case.language}&amp;ui=en"' in mine
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', mine))
        said = {"said": "other", "note": "Take it out.", **hidden}
        assert desk.client.post("/feedback?ui=en", data=said).status_code == 200
        assert [problem.case_id for problem in desk.store.problems()] == [case.id]
