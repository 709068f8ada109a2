"""A server that is killed while letters wait loses none and sends none twice."""

import os
import random
import secrets
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import ROOT
from mail_server import Mailbox, mail_server
from test_mail_sending import wait_until

from server.mail.letter import About, Letter
from server.mail.outbox import State, write_letter
from server.store import STORE, Store

pytestmark = [pytest.mark.slow, pytest.mark.alone]
TRIALS = int(os.environ.get("DIWAN_KILL_TRIALS", "3"))
SEED = os.environ.get("DIWAN_KILL_SEED") or secrets.token_hex(4)
A_TRIAL = 12  # letters
_MOVING = (State.WAITING, State.HANDING_OVER)


@contextmanager
def serving(home: Path, mailbox: Mailbox, workers: int) -> Iterator[None]:
    """Run `diwan serve`, and kill it and its workers at the end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    mail = {
        "DIWAN_HOME": str(home), "DIWAN_SMTP_HOST": "127.0.0.1",
        "DIWAN_SMTP_PORT": str(mailbox.port), "DIWAN_SMTP_SECURITY": "none",
        "DIWAN_MAIL_FROM": "hub@example.org",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "server", "serve", "--port", str(port), "--workers", str(workers)],
        cwd=ROOT,
        env={**os.environ, **mail},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        os.killpg(process.pid, 9)
        process.wait()


def queue(store: Store, names: list[str]) -> None:
    with store._writing() as connection:
        for name in names:
            letter = Letter(f"{name}@example.org", "s", "t", "en", About.REPLY)
            write_letter(connection, letter, datetime.now(UTC))


def slowly(chance: random.Random) -> str:
    threading.Event().wait(chance.random() / 5)  # as long as a mail server may take
    return "250 OK"


def test_a_killed_server_loses_no_letter_and_sends_none_twice(tmp_path: Path) -> None:
    chance = random.Random(SEED)  # noqa: S311 - a seed that can be given again
    queued: list[str] = []
    with mail_server() as mailbox, Store(tmp_path / STORE) as store:
        mailbox.to_text = lambda _content: slowly(chance)
        for trial in range(TRIALS):
            names = [f"t{trial}n{number}" for number in range(A_TRIAL)]
            queue(store, names)
            queued += names
            before = len(mailbox.contents)
            with serving(tmp_path, mailbox, workers=1):
                mailbox.wait_for(before + chance.randrange(1, A_TRIAL - 1), patience=120)
                threading.Event().wait(chance.random() / 4)
        with serving(tmp_path, mailbox, workers=1):
            wait_until(lambda: not any(each.state in _MOVING for each in store.letters()), 120)
        unsure = [each.to for each in store.letters()]
        assert all(each.state is State.UNSURE for each in store.letters())
    arrived = Counter(mailbox.recipients)
    print(f"{len(queued)} letters, {len(unsure)} unsure, DIWAN_KILL_SEED={SEED}")  # noqa: T201
    for name in queued:
        address = f"{name}@example.org"
        assert arrived[address] + (address in unsure and not arrived[address]) == 1, SEED
    assert len(unsure) <= TRIALS


def test_two_workers_send_each_letter_once(tmp_path: Path) -> None:
    names = [f"n{number}" for number in range(20)]
    with (
        mail_server() as mailbox,
        Store(tmp_path / STORE) as store,
        serving(tmp_path, mailbox, workers=2),
    ):
        queue(store, names[:10])
        mailbox.wait_for(10, patience=180)
        queue(store, names[10:])
        mailbox.wait_for(20, patience=120)
        wait_until(lambda: not store.letters(), 120)
    assert sorted(mailbox.recipients) == sorted(f"{name}@example.org" for name in names)
