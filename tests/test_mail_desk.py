"""At the desk staff see which letters need them, and settle each; mail is set up or refused."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import diwan
from desk import CHEAP, NOW, PASSWORD, Desk, desk_of, nothing_to_load
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from mail_server import mail_server
from pydantic import ValidationError
from test_mail_outbox import LETTER, queue
from test_mail_sending import wait_until

from server.app import assemble
from server.backup import put_back, write_backup
from server.holder import Holder
from server.mail.address import site_address
from server.mail.letter import About, Letter
from server.mail.outbox import State, reason
from server.opening import open_publication
from server.settings import Settings
from server.store import STORE, Store
from server.store_records import TERMINAL, By, Change
from server.store_staff import Role

SENDS = {"smtp_host": "127.0.0.1", "smtp_security": "none", "mail_from": "hub@example.org"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """With an editor who is signed in, of a hub that sends no mail."""
    with desk_of(tmp_path) as desk:
        desk.hire()
        desk.sign_in()
        yield desk


def test_without_mail_what_would_have_gone_is_there_to_copy(desk: Desk) -> None:
    text = "<b>Dear\n\nreader"
    own_id = queue(desk.store, Letter(LETTER.to, "A & b", text, "en", About.REPLY))
    page = desk.client.get("/desk/letters?ui=en").text
    assert "No mail is set up here" in page
    assert 'value="layla@example.org"' in page
    assert 'value="A &amp; b"' in page
    assert "&lt;b&gt;Dear\n\nreader</textarea>" in page
    assert '<span class="desk-count">1<' in page
    done = desk.client.post(f"/desk/letters/{own_id}/sent?ui=en")
    assert done.headers["Location"] == "/desk/letters?done=sent&ui=en"
    assert desk.store.letters() == ()
    again = desk.client.post(f"/desk/letters/{own_id}/sent?ui=en")
    assert "done=gone" in again.headers["Location"]
    page = desk.client.get(again.headers["Location"]).text
    assert "Nothing was changed" in page
    assert "desk-count" not in page


def test_what_went_wrong_is_told_in_plain_words(desk: Desk) -> None:
    unsure, failed = queue(desk.store), queue(desk.store)
    desk.store.hand_over(unsure)
    desk.store.fail(failed, reason("recipient", "550 <nobody> here"))
    page = desk.client.get("/desk/letters?ui=en").text
    assert "Has it arrived?" in page
    assert "does not take letters to this address" in page
    assert "550 &lt;nobody&gt; here" in page
    desk.client.post(f"/desk/letters/{unsure}/again")
    desk.client.post(f"/desk/letters/{failed}/throw-away")
    assert [each.state for each in desk.store.letters()] == [State.WAITING]
    made = {record.what for record in desk.store.records()}
    assert {Change.LETTER_SENT_AGAIN, Change.LETTER_THROWN_AWAY} <= made


def test_a_test_letter_goes_out_and_is_recorded_without_its_address(tmp_path: Path) -> None:
    with mail_server() as mailbox, Store(tmp_path / STORE) as store:
        settings = Settings(home=tmp_path, smtp_port=mailbox.port, **SENDS)
        app = assemble(Holder(nothing_to_load, lambda: None), tmp_path, CHEAP, settings=settings)
        with TestClient(app, follow_redirects=False) as client:
            desk = Desk(client, store, CHEAP, datetime.now(UTC))
            token = store.add_staff("Amal", Role.ADMINISTRATOR, By(TERMINAL, desk.now)).token
            store.set_password(token, CHEAP.hashed(PASSWORD), desk.now)
            desk.sign_in(name="Amal")
            page = client.get("/desk/letters?ui=en").text
            assert f"127.0.0.1:{mailbox.port}" in page
            client.post("/desk/test-letter?ui=en", data={"address": "me@example.org"})
            (arrived,) = mailbox.wait_for(1)
            refused = client.post("/desk/test-letter?ui=en", data={"address": "me@"})
            wait_until(lambda: not store.letters())
        assert "done=no-address" in refused.headers["Location"]
        assert mailbox.recipients == ["me@example.org"]
        assert arrived["Subject"] == "Diwan: a test"
        written = [each for each in store.records() if each.what == Change.TEST_LETTER]
        assert [each.about for each in written] == [""]


def test_without_mail_there_is_no_test_letter(tmp_path: Path) -> None:
    with desk_of(tmp_path) as desk:
        desk.hire(role=Role.ADMINISTRATOR)
        desk.sign_in()
        assert "DIWAN_SMTP_HOST" in desk.client.get("/desk/letters?ui=en").text
        answer = desk.client.post("/desk/test-letter", data={"address": "me@example.org"})
        assert answer.status_code == 404
        assert desk.store.letters() == ()


def test_what_waited_in_a_backup_is_not_sent_twice(tmp_path: Path) -> None:
    home, file = tmp_path / "hub", tmp_path / "backup.tar.gz"
    publication = open_publication(Settings(home=home))
    with Store(home / STORE) as store:
        queue(store)
        write_backup(home, publication, file)
        store.has_arrived(store.letters()[0].id, By("Amal", NOW))
        put_back(home, publication, file)
        assert [each.state for each in store.letters()] == [State.UNSURE]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"mail_from": "a@b.org"}, "DIWAN_SMTP_HOST"),
        ({"smtp_password": "x"}, "DIWAN_SMTP_HOST"),
        ({"smtp_host": "mail.example.org"}, "DIWAN_MAIL_FROM"),
        ({**SENDS, "smtp_user": "x"}, "DIWAN_SMTP_PASSWORD"),
        ({**SENDS, "smtp_password": "x"}, "DIWAN_SMTP_USER"),
        (
            {**SENDS, "smtp_host": "m.org", "smtp_user": "x", "smtp_password": "y"},
            "DIWAN_SMTP_SECURITY",
        ),
        ({**SENDS, "smtp_port": "465"}, "DIWAN_SMTP_PORT"),
        ({**SENDS, "smtp_port": "587", "smtp_security": "tls"}, "DIWAN_SMTP_PORT"),
        ({**SENDS, "smtp_security": "ssl"}, "smtp_security"),
        ({**SENDS, "smtp_host": "smtp://mail"}, "smtp_host"),
        ({**SENDS, "smtp_host": "mail:25"}, "DIWAN_SMTP_PORT"),
        ({**SENDS, "mail_from": "Diwan <a@b.org>"}, "mail_from"),
        ({"address": "diwan.example.org"}, "address"),
        ({"address": "https://diwan.example.org/?x"}, "address"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(given: dict[str, str], named: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(**given)
    assert named in str(refused.value)


def test_a_server_does_not_start_with_mail_half_set_and_shows_no_password(tmp_path: Path) -> None:
    ran = diwan("serve", home=tmp_path, DIWAN_SMTP_PASSWORD="a secret well")  # noqa: S106 - of nobody
    assert ran.returncode == 1
    assert "DIWAN_SMTP_PASSWORD is set, but DIWAN_SMTP_HOST is not" in ran.stderr
    assert "secret" not in ran.stderr + ran.stdout
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("setting", "host", "address"),
    [
        ("https://a.org/diwan/", "spoof.example.org", "https://a.org/diwan"),
        ("", "hub.example.org:8000", "http://hub.example.org:8000"),
        ("", "hub.example.org/x?<b>", None),
        ("", "", None),
    ],
)
def test_a_link_in_a_letter_goes_where_the_setting_says(
    tmp_path: Path, setting: str, host: str, address: str | None
) -> None:
    app = FastAPI()
    app.state.address = Settings(home=tmp_path, address=setting).address
    request = Request(
        {
            "type": "http",
            "app": app,
            "scheme": "http",
            "path": "/desk",
            "query_string": b"",
            "headers": [(b"host", host.encode())],
        }
    )
    assert site_address(request) == address
