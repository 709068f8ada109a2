"""Twenty write at once, to two workers, while the index is rebuilt: nothing of it is lost."""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from http.client import HTTPConnection
from pathlib import Path
from threading import Event
from urllib.parse import urlencode

import pytest
from conftest import publish, put_case

from benchmarks.rebuild_under_load import Server
from corpus.library import load_library
from index.encoder import load_encoder
from index.generation import Generation
from index.publication import Publication
from server.rebuild_run import read_run
from server.store import STORE, Store
from server.store_briefings import UnknownBriefingError
from server.store_inbox import NewProblem, ProblemKind
from server.store_records import TERMINAL, By, Change
from server.store_staff import Role

pytestmark = pytest.mark.slow

WRITERS, WRITES, WORKERS = 20, 50, 2
NEAR_THE_END, AFTER_IT = 20, 45  # of their writes
PATIENCE = 240.0  # seconds for what takes a few where nothing else goes on
EVERY = 0.05
KINDS = ("feedback", "hub", "problem", "briefing", "closed", "sent")


@dataclass
class Writer:
    """Somebody who writes as one of the public, and as one of the staff.

    Each has an address of this machine's own network, so that none writes more than one may.

    Attributes:
        number: Which of them.
        port: Of the server.
        passage: Id of a passage.
        token: Of their session at the desk.
        problems: Ids of problems that are theirs to close.
        sent: Ids of questions likewise.
        kept: What they were told is kept, by its kind.
        at: When they were told, by the monotonic clock.
        refused: What they were told else, with the status.
        longest: Seconds that they waited for an answer, at most.
        briefing: Id of the briefing that they change.
        deleted: Ids of those that they made and deleted.
    """

    number: int
    port: int
    passage: str
    token: str
    problems: list[str]
    sent: list[str]
    kept: dict[str, list[str]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    at: list[float] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    longest: float = 0.0
    briefing: str = ""
    deleted: list[str] = field(default_factory=list)

    @cached_property
    def connection(self) -> HTTPConnection:
        here = (f"127.0.0.{self.number + 2}", 0)
        return HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE, source_address=here)

    def write(self, rebuild: "Stages") -> None:
        """Write all that they have to write: at the beginning of a rebuild, at its end, after it.

        Args:
            rebuild: How far it is.
        """
        self.briefing = self._begin_briefing()
        for number in range(WRITES):
            if number == NEAR_THE_END:
                assert rebuild.near_its_end.wait(PATIENCE)
                self._begin_and_delete()
            if number == AFTER_IT:
                assert rebuild.ended.wait(PATIENCE)
            kind = KINDS[number % 5] if number % 10 != 9 else "sent"
            text = f"{kind} {number} of {self.number}"
            begun = time.monotonic()
            status, told = self._post(*self._form(kind, text))
            self.longest = max(self.longest, time.monotonic() - begun)
            if status in (200, 303):
                self.kept[kind].append(text)
                self.at.append(time.monotonic())
            else:
                self.refused.append((status, told))
        self.connection.close()

    def _form(self, kind: str, text: str) -> tuple[str, dict[str, str]]:
        if kind == "feedback":
            return "/feedback", {"said": "helpful", "question": text}
        if kind == "hub":
            return "/hub", {"question": text}
        if kind == "problem":
            form = {"said": "wrong_fact", "question": "?", "passage": self.passage, "note": text}
            return "/feedback", form
        if kind == "briefing":
            version = str(1 + len(self.kept["briefing"]))
            return f"/briefings/{self.briefing}", {"version": version, "title": text}
        if kind == "closed":
            return f"/desk/problems/{self.problems.pop()}", {"note": text}
        return f"/desk/inbox/{self.sent.pop()}", {"note": text}

    def _begin_and_delete(self) -> None:
        briefing = self._begin_briefing()
        status, told = self._post(f"/briefings/{briefing}/delete", {})
        if status == 303:
            self.deleted.append(briefing)
        else:
            self.refused.append((status, told))

    def _begin_briefing(self) -> str:
        self._post("/briefings/passages", {"passage": self.passage})
        return self._cookie.partition("diwan_briefing=")[2].partition(";")[0]

    def _post(self, path: str, form: dict[str, str]) -> tuple[int, str]:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"diwan_desk={self.token}",
        }
        self.connection.request("POST", f"{path}?ui=en", urlencode(form), headers)
        answer = self.connection.getresponse()
        self._cookie = answer.getheader("Set-Cookie", "")
        return answer.status, answer.read().decode()


@dataclass
class Stages:
    """How far a rebuild is.

    Attributes:
        near_its_end: Whether it has little left to do, or nothing.
        ended: Whether it has ended, and that is in the record.
    """

    near_its_end: Event = field(default_factory=Event)
    ended: Event = field(default_factory=Event)


@dataclass
class Rebuilder:
    """One of the staff who has the index rebuilt, again and again.

    Attributes:
        writer: By whose session.
        home: The hub's folder.
        spans: When each rebuild began and ended, by the monotonic clock.
        first: How far the first one is.
    """

    writer: Writer
    home: Path
    spans: list[tuple[float, float]] = field(default_factory=list)
    first: Stages = field(default_factory=Stages)

    def rebuild_until(self, done: Event) -> None:
        """Rebuild once at least, and until it is done."""
        while not (self.spans and done.is_set()):
            status, told = self.writer._post("/desk/rebuild", {"full": "true"})
            assert status == 303, told
            begun = time.monotonic()
            while not ended(self.home, len(self.spans) + 1):
                assert time.monotonic() < begun + PATIENCE, "it does not end"
                run = read_run(self.home)
                if run and run.step in ("words", "ask"):
                    self.first.near_its_end.set()
                time.sleep(EVERY)
            self.first.near_its_end.set()
            self.first.ended.set()
            self.spans.append((begun, time.monotonic()))


def ended(home: Path, times: int) -> bool:
    """Whether so many rebuilds have ended, and the last one has said so."""
    with Store(home / STORE) as store:
        made = [record.what for record in store.records()]
    run = read_run(home)
    return made.count(Change.REBUILD_ENDED) >= times and run is not None and bool(run.ended)


@dataclass
class Run:
    """What was written, and what is there.

    Attributes:
        home: The hub's folder.
        writers: Who wrote.
        rebuilder: Who had the index rebuilt.
    """

    home: Path
    writers: list[Writer]
    rebuilder: Rebuilder

    def kept(self, kind: str) -> Counter[str]:
        """What somebody was told is kept."""
        return Counter(text for writer in self.writers for text in writer.kept[kind])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    home = tmp_path_factory.mktemp("hub")
    put_case(home)
    library, publication = load_library([home / "library"]), Publication(home / "generations")
    generation = publish(publication, library, load_encoder())
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DIWAN_BUNDLED", "false")
        with Server(home, WORKERS, sys.stderr) as server:
            server.wait_for(generation.id, PATIENCE)
            yield written(home, server.port, generation)


def written(home: Path, port: int, generation: Generation) -> Run:
    passage = generation.passages[0].id
    with Store(home / STORE) as store:
        writers = [hired(store, number, port, passage) for number in range(WRITERS)]
        rebuilder = Rebuilder(hired(store, WRITERS, port, passage), home)
    done = Event()
    with ThreadPoolExecutor(WRITERS + 1) as pool:
        rebuilding = pool.submit(rebuilder.rebuild_until, done)
        try:
            for writing in [pool.submit(writer.write, rebuilder.first) for writer in writers]:
                writing.result()
        finally:
            done.set()
        rebuilding.result()
    rebuilder.writer.connection.close()
    return Run(home, writers, rebuilder)


def hired(store: Store, number: int, port: int, passage: str) -> Writer:
    """One of the staff, signed in, with enough that is theirs to close."""
    now, name = datetime.now(UTC), f"Amal {number}"
    store.set_password(store.add_staff(name, Role.EDITOR, By(TERMINAL, now)).token, "hash", now)
    found = store.password_of(name)
    assert found
    token = store.begin_session(found[0], "hash", now)
    problem = NewProblem(passage, "wells", ProblemKind.RISK, "earlier", "1", now.date())
    closable = range(WRITES // 10)
    problems = [store.add_problem(problem) for _ in closable]
    sent = [store.send_to_hub("earlier", "en", now.date(), None) for _ in closable]
    return Writer(number, port, passage, token, problems, sent)


def test_nobody_is_refused(run: Run) -> None:
    assert [refusal for writer in run.writers for refusal in writer.refused] == []
    assert sum(run.kept(kind).total() for kind in KINDS) == WRITERS * WRITES


def test_all_of_it_is_there_once(run: Run) -> None:
    assert all(writer.deleted for writer in run.writers)
    with Store(run.home / STORE) as store:
        for writer in run.writers:
            with pytest.raises(UnknownBriefingError):
                store.briefing(*writer.deleted)
        feedback, sent = store.feedback(), store.inbox(open_only=False)
        problems = store.problems(open_only=False)
        briefings = {writer.number: store.briefing(writer.briefing) for writer in run.writers}
    earlier = "earlier"
    assert Counter(each.question for each in feedback) == run.kept("feedback")
    asked = Counter(each.question for each in sent if each.question != earlier)
    assert asked == run.kept("hub")
    assert Counter(each.note for each in problems if each.note != earlier) == run.kept("problem")
    assert Counter(each.closed_with for each in problems if each.closed_with) == run.kept("closed")
    assert Counter(each.closed_with for each in sent if each.closed_with) == run.kept("sent")
    for writer in run.writers:
        briefing, texts = briefings[writer.number], writer.kept["briefing"]
        assert (briefing.title, briefing.version) == (texts[-1], 1 + len(texts))


def test_the_record_of_changes_has_neither_gaps_nor_doubles(run: Run) -> None:
    with Store(run.home / STORE) as store:
        records = store.records()
    assert [record.number for record in reversed(records)] == list(range(1, len(records) + 1))
    made = Counter((record.who, record.what) for record in records)
    told = Counter(record.about.partition(": ")[2] for record in records)
    for writer in run.writers:
        name = f"Amal {writer.number}"
        assert made[name, Change.PROBLEM_CLOSED] == len(writer.kept["closed"])
        assert made[name, Change.QUESTION_CLOSED] == len(writer.kept["sent"])
    for text in (*run.kept("closed"), *run.kept("sent")):
        assert told[text] == 1, text


def test_every_rebuild_began_and_ended_in_the_record_while_they_wrote(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    spans = run.rebuilder.spans
    with Store(run.home / STORE) as store:
        made = Counter(record.what for record in store.records())
    assert made[Change.REBUILD_STARTED] == made[Change.REBUILD_ENDED] == len(spans)
    moments = [moment for writer in run.writers for moment in writer.at]
    meanwhile = sum(any(begun < at < end for begun, end in spans) for at in moments)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(moments)} writes by {WRITERS} in {max(moments) - min(moments):.1f} s,"
            f" {meanwhile} of them during {len(spans)} rebuilds; the longest took"
            f" {max(writer.longest for writer in run.writers):.2f} s\n"
        )
    assert meanwhile > len(moments) / 2
    assert any(min(moments) < end < max(moments) for _, end in spans)
