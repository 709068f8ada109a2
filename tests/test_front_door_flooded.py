"""Who sends a thousand forms at once is stopped, and hinders neither others nor the desk."""

import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from threading import Event
from urllib.parse import urlencode, urlsplit

import pytest
from conftest import publish, put_case
from contributed import form_of

from benchmarks.rebuild_under_load import Server
from corpus.library import load_library
from index.encoder import load_encoder
from index.publication import Publication
from server import feedback_pages
from server.contributions.store import State
from server.peers import introductions
from server.store import STORE, Store
from server.store_records import TERMINAL, By
from server.store_staff import Role

pytestmark = [pytest.mark.slow, pytest.mark.alone]

FORMS, THREADS = 1_000, 8
BEGUN = 10  # drafts that one address may begin in ten minutes
PATIENCE = 240.0  # seconds for what takes a few where nothing else goes on
FLOOD, NEIGHBOUR, STAFF = "127.0.0.1", "127.0.0.2", "127.0.0.3"
QUEUES = ("/desk", "/desk/contributions", "/desk/introductions", "/desk/inbox", "/desk/letters")


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        status: HTTP status.
        text: Of the page.
        location: Where it leads.
        retry_after: After how many seconds it may be tried again; empty if nothing is said of it.
        took: Seconds.
    """

    status: int
    text: str
    location: str
    retry_after: str
    took: float


@dataclass
class Browser:
    """Somebody at an address of their own.

    Attributes:
        address: The address.
        port: Of the server.
        token: Of a session at the desk, if they have one.
    """

    address: str
    port: int
    token: str = ""

    def ask(self, method: str, path: str, form: dict[str, object] | None = None) -> Answer:
        """Ask for a page, or send a form, over a connection of its own."""
        headers = {"Accept": "text/html", "Cookie": f"diwan_desk={self.token}"}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        source = (self.address, 0)
        begun = time.monotonic()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE, source_address=source)
        connection.request(method, path, urlencode(form or {}, doseq=True), headers)
        answer = connection.getresponse()
        text, took = answer.read().decode(), time.monotonic() - begun
        connection.close()
        said = (answer.getheader("Location", ""), answer.getheader("Retry-After", ""))
        return Answer(answer.status, text, *said, took)


@dataclass
class Run:
    """What everybody was answered.

    Attributes:
        home: The hub's folder.
        flood: What the thousand forms were answered, by path.
        lasted: For how many seconds they came.
        neighbour: What the forms of another address were answered meanwhile.
        queues: What the desk's pages were afterwards.
    """

    home: Path
    flood: dict[str, list[Answer]] = field(default_factory=dict)
    lasted: float = 0.0
    neighbour: list[Answer] = field(default_factory=list)
    queues: list[Answer] = field(default_factory=list)


def asked_for(case: str, number: int) -> dict[str, object]:
    """A form by which an introduction is asked for."""
    address = f"somebody.{number}@example.org"
    return {
        "case": case,
        "wish": f"How? {number}",
        "name": "Somebody",
        "body": "City of Somewhere",
        "address": address,
        "agree": "yes",
    }


def form(case: str, number: int) -> tuple[str, dict[str, object]]:
    """One of the thousand: a draft, a question to the hub, and an introduction in turn."""
    if number % 3 == 0:
        return "/contribute?ui=en", {"q": ""}
    if number % 3 == 1:
        return "/hub?ui=en", {"question": f"Who mends well {number}?", "reply_to": "a@example.org"}
    return "/introductions?ui=en", asked_for(case, number)


def flood(run: Run, port: int, case: str) -> None:
    """Send a thousand forms from one address, as fast as they are taken."""
    browser = Browser(FLOOD, port)

    def send(number: int) -> tuple[str, Answer]:
        path, typed = form(case, number)
        return path, browser.ask("POST", path, typed)

    begun = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        for path, answer in pool.map(send, range(FORMS)):
            run.flood.setdefault(path, []).append(answer)
    run.lasted = time.monotonic() - begun


def work_beside(run: Run, port: int, case: str, done: Event) -> None:
    """Send in a practice, saving it again and again, ask the hub, and ask for introductions."""
    browser = Browser(NEIGHBOUR, port)
    begun = browser.ask("POST", "/contribute?ui=en", {"q": ""})
    run.neighbour.append(begun)
    mine = urlsplit(begun.location).path
    saved = 0
    while saved < 20 or (not done.is_set() and saved < 100):
        saved += 1
        run.neighbour.append(browser.ask("POST", f"{mine}?ui=en", form_of(version=saved)))
        if saved % 5 == 0 and saved <= 50:
            for path, typed in (form(case, saved * 3 + 1), form(case, saved * 3 + 2)):
                run.neighbour.append(browser.ask("POST", path, typed))
    last = form_of(version=saved + 1, do="send")
    run.neighbour.append(browser.ask("POST", f"{mine}?ui=en", last))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    home = tmp_path_factory.mktemp("hub")
    put_case(home)
    library, publication = load_library([home / "library"]), Publication(home / "generations")
    generation = publish(publication, library, load_encoder())
    case, now = library.cases[0].id, datetime.now(UTC)
    with Store(home / STORE) as store:
        by = By(TERMINAL, now)
        store.set_password(store.add_staff("Amal", Role.EDITOR, by).token, "hash", now)
        found = store.password_of("Amal")
        assert found
        token = store.begin_session(found[0], "hash", now)
    run, done = Run(home), Event()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DIWAN_BUNDLED", "false")
        with Server(home, 1, sys.stderr) as server, ThreadPoolExecutor(1) as pool:
            server.wait_for(generation.id, PATIENCE)
            beside = pool.submit(work_beside, run, server.port, case, done)
            try:
                flood(run, server.port, case)
            finally:
                done.set()
            beside.result()
            staff = Browser(STAFF, server.port, token)
            run.queues = [staff.ask("GET", f"{path}?ui=en") for path in QUEUES for _ in range(5)]
    return run


def test_one_address_is_stopped_and_told_why_and_for_how_long(run: Run) -> None:
    taken = {
        "/contribute?ui=en": (HTTPStatus.SEE_OTHER, BEGUN),
        "/hub?ui=en": (HTTPStatus.OK, feedback_pages.MOST),
        "/introductions?ui=en": (HTTPStatus.SEE_OTHER, introductions.MOST),
    }
    assert sum(map(len, run.flood.values())) == FORMS
    for path, answers in run.flood.items():
        status, most = taken[path]
        counts = Counter(answer.status for answer in answers)
        assert counts == {status: most, HTTPStatus.TOO_MANY_REQUESTS: len(answers) - most}, path
        refused = [each for each in answers if each.status == HTTPStatus.TOO_MANY_REQUESTS]
        assert {answer.retry_after for answer in refused} == {"600"}
        assert all("That was a lot at once" in answer.text for answer in refused)


def test_another_address_is_not_hindered(run: Run) -> None:
    counts = Counter(answer.status for answer in run.neighbour)
    assert counts.keys() == {HTTPStatus.OK, HTTPStatus.SEE_OTHER}
    with Store(run.home / STORE) as store:
        assert store.contribution_counts()[State.SENT] == 1
        asked = counts[HTTPStatus.OK]
        assert len(store.inbox()) == feedback_pages.MOST + asked
        assert store.open_introductions() == introductions.MOST + asked


def test_the_desk_can_be_worked_at_afterwards(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert {answer.status for answer in run.queues} == {HTTPStatus.OK}
    with capsys.disabled():
        sys.stdout.write(
            f"\n{FORMS} forms of one address in {run.lasted:.1f} s; meanwhile"
            f" {len(run.neighbour)} of another, {told(run.neighbour)};"
            f" the desk's pages afterwards, {told(run.queues)}\n"
        )


def told(answers: list[Answer]) -> str:
    """How long they took, in words."""
    took = [answer.took * 1000 for answer in answers]
    half, most = quantiles(took, n=100)[49], quantiles(took, n=100)[94]
    return f"half in {half:.0f} ms, 95 in 100 in {most:.0f} ms, all in {max(took):.0f} ms"
