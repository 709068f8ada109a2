"""Letters reach a real mail server once each, or say at the desk why they did not."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from mail_server import PASSWORD, USER, certificate, mail_server
from test_mail_outbox import BY, NOW, queue

from index.locks import sole
from server.mail import sending
from server.mail.delivery import MailServer, NotTakenError, Why, handing
from server.mail.letter import About, Letter
from server.mail.outbox import State, write_letter
from server.mail.sending import LOCK, MOST_TRIES, Sender, pause_after, settle_abandoned
from server.settings import Security
from server.store import STORE, Store

# Without encryption a name and a password are for tests alone.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

ARABIC = Letter(
    "layla@example.org",
    "ديوان: الردّ الذي طلبته على سؤالك إلى المركز، وهو سطر طويل لا يسعه سطر واحد من الرأس",
    "سألتِ:\n\nكيف تعاملت مدن أخرى مع الاستقطاب؟\n\nرد المركز: "
    + "نعم، هذا نص طويل. " * 60
    + "\n.\nانتهى",
    "ar",
    About.REPLY,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / STORE) as store:
        yield store


def server_at(port: int, **changes: Any) -> MailServer:  # noqa: ANN401
    known = {
        "host": "127.0.0.1",
        "port": port,
        "security": Security.NONE,
        "user": "",
        "password": "",
    }
    return MailServer(**{**known, "sender": "hub@diwan.example.org", **changes})


@contextmanager
def sending_by(server: MailServer, store: Store) -> Iterator[None]:
    sender = Sender(server, lambda: store, store.path.parent, every=0.02)
    sender.start()
    try:
        yield
    finally:
        sender.stop()
        assert not sender._thread.is_alive()


def wait_until(true: Callable[[], bool], patience: float = 60) -> None:
    """Look until something is so; a test that waits in vain fails."""
    pause = threading.Event()
    for _ in range(int(patience / 0.02)):
        if true():
            return
        pause.wait(0.02)
    raise AssertionError


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """What Diwan wrote into its log; the mail server has one of its own."""
    own = (each for each in caplog.records if each.name.startswith("server."))
    return "\n".join(each.getMessage() for each in own)


def in_state(store: Store, state: State) -> Callable[[], bool]:
    return lambda: [each.state for each in store.letters()] == [state]


def test_a_letter_arrives_as_it_was_written_and_is_wiped(store: Store) -> None:
    queue(store, ARABIC)
    key = store.letters()[0].key
    with mail_server() as mailbox, sending_by(server_at(mailbox.port), store):
        (arrived,) = mailbox.wait_for(1)
        wait_until(lambda: not store.letters())
    assert arrived["Subject"] == ARABIC.subject
    assert arrived.get_content() == ARABIC.text
    assert arrived.get_content_type() == "text/plain"
    assert arrived["To"] == "layla@example.org"
    assert arrived["From"] == "Diwan <hub@diwan.example.org>"
    assert arrived["Message-ID"] == f"<{key}@diwan.example.org>"
    assert arrived["Date"].datetime == datetime(2026, 3, 5, 14, 25, 36, tzinfo=UTC)
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived["Content-Language"] == "ar"
    assert mailbox.contents[0].isascii()
    assert b"layla" not in store.path.read_bytes()


def test_nothing_in_a_letter_becomes_a_header_or_another_address(store: Store) -> None:
    text = "\r\n.\r\nMAIL FROM:<x@y.org>\r\nRCPT TO:<z@y.org>\r\n"
    queue(store, Letter("a@b.org", "One\r\nBcc: spy@y.org\r\n\r\nbody", text, "en", About.REPLY))
    with mail_server() as mailbox, sending_by(server_at(mailbox.port), store):
        (arrived,) = mailbox.wait_for(1)
        wait_until(lambda: not store.letters())
    assert mailbox.recipients == ["a@b.org"]
    assert arrived["Bcc"] is None
    assert arrived["Subject"] == "One Bcc: spy@y.org body"
    assert "RCPT TO:<z@y.org>" in arrived.get_content()


@pytest.mark.parametrize("wrapped", [False, True], ids=["starttls", "tls"])
def test_the_way_is_encrypted_and_the_sender_signs_in(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrapped: bool
) -> None:
    made_out = certificate(tmp_path)
    queue(store)
    with mail_server(made_out, wrapped=wrapped, signs_in=True) as mailbox:
        server = server_at(
            mailbox.port, host="localhost", user=USER, password=PASSWORD,
            security=Security.TLS if wrapped else Security.STARTTLS,
        )  # fmt: skip
        with pytest.raises(NotTakenError) as unknown, handing(store.letters()[0], server):
            pass
        assert unknown.value.why is Why.NOT_SAFE
        monkeypatch.setenv("SSL_CERT_FILE", str(made_out.authority))
        with sending_by(server, store):
            mailbox.wait_for(1)
            wait_until(lambda: not store.letters())
    assert mailbox.signed_in == [USER]


def test_a_letter_goes_out_by_no_way_but_an_encrypted_one(store: Store) -> None:
    queue(store)
    with mail_server() as mailbox:
        server = server_at(mailbox.port, security=Security.STARTTLS)
        with pytest.raises(NotTakenError) as refused, handing(store.letters()[0], server):
            pass
    assert (refused.value.why, refused.value.for_good) == (Why.NOT_SAFE, False)


@pytest.mark.parametrize("password", ["another", "كلمة"])
def test_a_password_that_is_wrong_is_told_and_tried_again(store: Store, password: str) -> None:
    queue(store)
    with mail_server(signs_in=True) as mailbox:
        server = server_at(mailbox.port, user=USER, password=password)
        with sending_by(server, store):
            wait_until(lambda: store.letters()[0].tries == 1)
    (letter,) = store.letters()
    assert (letter.state, letter.why) == (State.WAITING, Why.SIGN_IN)


def test_who_is_refused_for_now_is_tried_again(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sending, "pause_after", lambda tries: timedelta(milliseconds=tries))
    answers = iter(["450 4.2.1 layla@example.org is busy", "451 greylisted"])
    queue(store)
    with mail_server() as mailbox:
        mailbox.to_recipient = lambda _address: next(answers, "250 OK")
        with caplog.at_level("INFO"), sending_by(server_at(mailbox.port), store):
            mailbox.wait_for(1)
            wait_until(lambda: not store.letters())
    assert logged(caplog).count("tried again") == 2
    assert "layla" not in logged(caplog)


@pytest.mark.parametrize("at_text", [False, True], ids=["address", "text"])
def test_who_is_refused_for_good_is_not_tried_again_and_the_desk_says_why(
    store: Store, caplog: pytest.LogCaptureFixture, at_text: bool
) -> None:
    said = "550 5.1.1 no layla@example.org here"
    queue(store)
    with mail_server() as mailbox:
        if at_text:
            mailbox.to_text = lambda _content: said
        else:
            mailbox.to_recipient = lambda _address: said
        with sending_by(server_at(mailbox.port), store):
            wait_until(in_state(store, State.FAILED))
    (letter,) = store.letters()
    assert (letter.why, letter.said) == (Why.TEXT if at_text else Why.RECIPIENT, said)
    assert "layla" not in logged(caplog)
    store.send_again(letter.id, BY)
    with mail_server() as mailbox, sending_by(server_at(mailbox.port), store):
        mailbox.wait_for(1)


def test_a_letter_is_given_up_after_some_days(store: Store) -> None:
    spent = sum((pause_after(tries) for tries in range(1, MOST_TRIES)), timedelta())
    assert timedelta(days=3) < spent < timedelta(days=5)
    own_id = queue(store)
    for _ in range(MOST_TRIES - 1):
        store.put_off(own_id, datetime.now(UTC), "unreachable")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with sending_by(server_at(port), store):
        wait_until(in_state(store, State.FAILED))
    assert store.letters()[0].why == Why.UNREACHABLE


def test_one_that_is_not_taken_does_not_hold_up_the_others(store: Store) -> None:
    queue(store, Letter("first@example.org", "s", "t", "en", About.REPLY))
    queue(store)
    with mail_server() as mailbox:
        mailbox.to_recipient = lambda each: "450 later" if each.startswith("first") else "250 OK"
        with sending_by(server_at(mailbox.port), store):
            mailbox.wait_for(1)
    assert mailbox.recipients == ["layla@example.org"]


def test_one_whose_answer_is_lost_is_unsure_and_not_sent_again(store: Store) -> None:
    """The mail server takes the text and breaks off before it says so."""
    queue(store)
    listening = socket.create_server(("127.0.0.1", 0))
    connections: list[bytes] = []

    def take() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as lines:
                lines.write(b"220 here\r\n")
                lines.flush()
                for line in lines:
                    if line.lower() == b"data\r\n":
                        connections.append(line)
                        lines.write(b"354 go on\r\n")
                    elif line == b".\r\n":
                        break
                    elif not connections:
                        lines.write(b"250 OK\r\n")
                    lines.flush()

    thread = threading.Thread(target=take)
    thread.start()
    with sending_by(server_at(listening.getsockname()[1]), store):
        wait_until(in_state(store, State.UNSURE))
        assert store.next_letter(datetime.now(UTC)) is None
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()
    assert len(connections) == 1


def test_what_a_dead_sender_was_handing_over_is_unsure(store: Store) -> None:
    store.hand_over(queue(store))
    with mail_server() as mailbox, sending_by(server_at(mailbox.port), store):
        wait_until(in_state(store, State.UNSURE))
    assert not mailbox.contents


def test_the_desk_leaves_alone_what_a_sender_that_lives_hands_over(store: Store) -> None:
    home = store.path.parent
    store.hand_over(queue(store))
    with sole(home / LOCK, "Sending letters"):
        settle_abandoned(store, home)
        assert in_state(store, State.HANDING_OVER)()
    settle_abandoned(store, home)
    assert in_state(store, State.UNSURE)()


def test_several_senders_send_each_letter_once(tmp_path: Path) -> None:
    open_store = cache(lambda _number: Store(tmp_path / STORE))
    with mail_server() as mailbox:
        senders = [
            Sender(server_at(mailbox.port), partial(open_store, n), tmp_path, every=0.01)
            for n in range(4)
        ]
        for sender in senders:
            sender.start()
        for number in range(30):
            letter = Letter(f"n{number}@example.org", "s", "t", "en", About.REPLY)
            with open_store(9)._writing() as connection:
                write_letter(connection, letter, NOW)
        mailbox.wait_for(30)
        wait_until(lambda: not open_store(9).letters())
        for sender in senders:
            sender.stop()
    assert sorted(mailbox.recipients) == sorted(f"n{number}@example.org" for number in range(30))
    for number in (*range(4), 9):
        open_store(number).close()


def test_the_end_does_not_wait_for_a_pause(store: Store) -> None:
    own_id = queue(store)
    store.put_off(own_id, datetime.now(UTC) + timedelta(hours=6), "unreachable")
    sender = Sender(server_at(9), lambda: store, store.path.parent, every=3600)
    sender.start()
    sender.stop()
    assert not sender._thread.is_alive()
