"""Who sends a question to the hub can leave an address: the reply comes by letter, once."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from desk import NOW, Desk, desk_of

from server.i18n import interface
from server.mail.letter import About
from server.service import Service
from server.store_inbox import ReplyTo

ADDRESS = "layla@example.org"
UNANSWERED = "quantum entanglement of photons in superconductors"
ANSWERED = "How does Nansana involve young people?"
DAY = date(2026, 3, 4)


@pytest.fixture
def desk(bundled_service: Service, tmp_path: Path) -> Iterator[Desk]:
    """With an editor who is signed in."""
    with desk_of(tmp_path, service=bundled_service) as desk:
        desk.hire()
        desk.sign_in()
        yield desk


def on_disk(desk: Desk) -> bytes:
    beside = desk.store.path.parent.glob(f"{desk.store.path.name}*")
    return b"".join(path.read_bytes() for path in beside)


def send(desk: Desk, address: str, language: str = "en") -> str:
    form = {"question": UNANSWERED, "reply_to": address}
    answer = desk.client.post(f"/hub?ui={language}", data=form)
    assert answer.status_code == 200, answer.text
    return answer.text


def close(desk: Desk, note: str, **more: str) -> None:
    (sent,) = desk.store.inbox()
    answer = desk.client.post(f"/desk/inbox/{sent.id}?ui=en", data={"note": note, **more})
    assert answer.status_code == 303


def test_the_form_asks_for_an_address_that_nobody_has_to_leave(desk: Desk) -> None:
    page = desk.client.get("/", params={"q": UNANSWERED, "ui": "en"}).text
    assert 'type="email"' in page
    assert "and then deleted" in page
    assert "It does not know who asked" in send(desk, "  ")
    assert desk.store.inbox()[0].reply_language is None


def test_the_reply_goes_out_with_the_question_and_the_address_is_wiped(desk: Desk) -> None:
    assert "your address for its reply" in send(desk, f" {ADDRESS} ", "en")
    for path in ("/desk/inbox?ui=en", "/desk/inbox.csv", "/desk", "/desk/questions"):
        assert ADDRESS not in desk.client.get(path).text
    page = desk.client.get("/desk/inbox?ui=en").text
    assert "A reply is wanted" in page
    assert "they get no letter" in page
    close(desk, "Ask the city\r\nof Mumbai.")
    (letter,) = desk.store.letters()
    assert (letter.to, letter.about, letter.language) == (ADDRESS, About.REPLY, "en")
    assert UNANSWERED in letter.text
    assert UNANSWERED not in letter.subject
    assert "Ask the city\nof Mumbai." in letter.text
    assert "http://testserver" in letter.text
    assert "address was kept for this letter alone" in letter.text
    assert letter.queued == NOW
    close_again = desk.store.inbox(open_only=False)[0].id
    desk.client.post(f"/desk/inbox/{close_again}", data={"note": "Another note"})
    assert len(desk.store.letters()) == 1
    page = desk.client.get("/desk/letters?ui=en").text
    assert ADDRESS in page
    desk.client.post(f"/desk/letters/{letter.id}/sent?ui=en")
    assert ADDRESS.encode() not in on_disk(desk)
    assert all(ADDRESS not in record.about for record in desk.store.records())


@pytest.mark.parametrize("language", ["ar", "fr"])
def test_the_letter_is_in_the_language_that_the_question_was_sent_in(
    desk: Desk, language: str
) -> None:
    send(desk, ADDRESS, language)
    close(desk, "نعم")
    (letter,) = desk.store.letters()
    assert letter.language == language
    assert interface(language).gettext("The hub’s reply:") in letter.text


def test_a_question_that_is_closed_without_a_word_is_no_letter(desk: Desk) -> None:
    send(desk, ADDRESS)
    close(desk, " \r\n ")
    assert desk.store.letters() == ()
    assert ADDRESS.encode() not in on_disk(desk)


def test_a_case_study_that_answers_it_now_is_named_if_staff_leave_it(desk: Desk) -> None:
    desk.store.send_to_hub(ANSWERED, "en", DAY, None, ReplyTo(ADDRESS, "ar"))
    desk.store.send_to_hub(ANSWERED, "en", DAY, None)
    page = desk.client.get("/desk/inbox?ui=en").text
    assert page.count('name="case"') == 1
    case = page.partition('name="case" value="')[2].partition('"')[0]
    wanted = next(sent for sent in desk.store.inbox() if sent.reply_language)
    desk.client.post(f"/desk/inbox/{wanted.id}", data={"note": "Yes", "case": case})
    (letter,) = desk.store.letters()
    assert f"http://testserver/cases/{case}?lang=ar" in letter.text


def test_what_is_no_address_is_shown_again_and_nothing_is_sent(desk: Desk) -> None:
    form = {"question": UNANSWERED, "reply_to": "layla@"}
    answer = desk.client.post("/hub?ui=en", data=form)
    assert answer.status_code == 422
    assert "Nothing was sent" in answer.text
    assert f'name="question" value="{UNANSWERED}"' in answer.text
    assert 'value="layla@"' in answer.text
    assert desk.store.inbox() == ()


def test_an_address_is_forgotten_with_the_days_though_the_question_waits(desk: Desk) -> None:
    desk.store.send_to_hub("why", "en", DAY, None, ReplyTo(ADDRESS, "en"))
    desk.store.forget(date(2026, 3, 5))
    assert [sent.reply_language for sent in desk.store.inbox()] == [None]
    assert ADDRESS.encode() not in on_disk(desk)
