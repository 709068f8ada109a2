"""Twenty write at once, to two workers, while the index is rebuilt: nothing of it is lost."""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
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
from index.publication import Publication
from server.rebuild_run import FILE, Outcome, read_run
from server.rebuilds import LOG, Rebuilds
from server.settings import Settings
from server.store import STORE, Store
from server.store_briefings import UnknownBriefingError
from server.store_inbox import NewProblem, ProblemKind
from server.store_records import TERMINAL, By, Change
from server.store_staff import Role

pytestmark = [pytest.mark.slow, pytest.mark.alone]

WRITERS, WRITES, WORKERS = 20, 50, 2
DELETING, NEAR_THE_END, AFTER_IT = 10, 30, 45  # of their writes
PATIENCE = 240.0  # seconds for what takes a few where nothing else goes on
EVERY = 0.005  # seconds between two looks at the rebuild
PACE = 0.3  # seconds between two writes of one writer while a rebuild comes to its end
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
        spans: When they asked and when they were told, by the clock.
        refused: What they were told else, with the status.
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
    spans: list[tuple[float, float]] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
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
            if number == DELETING:
                self._begin_and_delete()
            elif number == NEAR_THE_END:
                self._wait_for(rebuild, Stage.NEAR_ITS_END)
            elif number == AFTER_IT:
                self._wait_for(rebuild, Stage.ENDED)
            elif number > NEAR_THE_END:
                rebuild.reached[Stage.PUBLISHED].wait(PACE)
            self._write_one(number)

    def _write_one(self, number: int) -> None:
        kind = KINDS[number % 5] if number % 10 != 9 else "sent"
        text = f"{kind} {number} of {self.number}"
        begun = time.time()
        status, told = self._post(*self._form(kind, text))
        if status in (200, 303):
            self.kept[kind].append(text)
            self.spans.append((begun, time.time()))
        else:
            self.refused.append((status, told))

    def _wait_for(self, rebuild: "Stages", stage: "Stage") -> None:
        self.connection.close()  # the server does not keep one that is idle for so long
        rebuild.wait_for(stage)

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


class Stage(Enum):
    """How far a rebuild is."""

    NEAR_ITS_END = "near its end: it has read the library and loaded the model"
    PUBLISHED = "published: all that is left is to say so"
    ENDED = "ended, and in the record"


@dataclass
class Stages:
    """Which stages a rebuild has reached.

    Attributes:
        reached: Each of them.
        failed: Whether it reaches no more of them.
    """

    reached: dict[Stage, Event] = field(default_factory=lambda: {each: Event() for each in Stage})
    failed: bool = False

    def wait_for(self, stage: Stage) -> None:
        """Wait until the rebuild is so far."""
        assert self.reached[stage].wait(PATIENCE), f"after {PATIENCE} s it is not {stage.value}"
        assert not self.failed, f"the rebuild has failed; it was never {stage.value}"

    def reach(self, *stages: Stage) -> None:
        """Let everybody know."""
        for stage in stages:
            self.reached[stage].set()

    def fail(self) -> None:
        """Let nobody wait for what does not come."""
        self.failed = True
        self.reach(*Stage)


@dataclass
class Rebuilder:
    """One of the staff who has the index rebuilt.

    Attributes:
        writer: By whose session.
        hub: The hub's folder, and how its rebuilds are seen.
        stages: How far the rebuild is.
        began: When it had begun, by the clock.
        recorded: From when to when it was recorded that it has ended.
    """

    writer: Writer
    hub: Rebuilds
    stages: Stages = field(default_factory=Stages)
    began: float = 0.0
    recorded: tuple[float, float] = (0.0, 0.0)

    def rebuild(self) -> None:
        """Have the index rebuilt, and tell how far that is."""
        try:
            self._rebuild()
        except BaseException:
            self.stages.fail()
            raise

    def _rebuild(self) -> None:
        home = self.hub.settings.home
        before = pointer(home)
        status, told = self.writer._post("/desk/rebuild", {"full": "true"})
        assert status == 303, f"the rebuild is not begun: {status} {told}"
        self.writer.connection.close()  # the server does not keep one that is idle for so long
        self.began = time.time()
        while not (ended := self._ended()):
            assert time.time() < self.began + PATIENCE, f"it does not end: {read_run(home)}"
            run = read_run(home)
            if run and run.step:
                self.stages.reach(Stage.NEAR_ITS_END)
            if pointer(home) != before:
                self.stages.reach(Stage.NEAR_ITS_END, Stage.PUBLISHED)
            time.sleep(EVERY)
        self.recorded = ended, (home / FILE).stat().st_mtime
        self.stages.reach(*Stage)

    def _ended(self) -> float | None:
        """When the rebuild ended, just before it was recorded; None while it goes on."""
        run = read_run(self.hub.settings.home)
        if run and run.ended:
            assert run.outcome is Outcome.PUBLISHED, f"nothing is published: {run}"
            return run.ended.timestamp()
        log = self.hub.settings.home / LOG
        assert not self.hub.look().was_killed, f"it died without a word: {log.read_text()}"
        return None


def pointer(home: Path) -> str:
    """What says which generation serves."""
    return (home / "generations" / "published.json").read_text("utf-8")


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
        rebuilds = Rebuilds(Settings(home=home))
        with Server(home, WORKERS, sys.stderr) as server, ExitStack() as connections:
            server.wait_for(generation.id, PATIENCE)
            passage = generation.passages[0].id
            with Store(home / STORE) as store:
                writers = [hired(store, each, server.port, passage) for each in range(WRITERS + 1)]
            for writer in writers:
                connections.callback(writer.connection.close)
            rebuilder = Rebuilder(writers.pop(), rebuilds)
            write(writers, rebuilder)
            yield Run(home, writers, rebuilder)


def write(writers: list[Writer], rebuilder: Rebuilder) -> None:
    """Have all of them write while one has the index rebuilt.

    Raises:
        Exception: Whatever happened to the rebuild, or else to the first of the writers to fail.
    """
    with ThreadPoolExecutor(WRITERS + 1) as pool:
        rebuilding = pool.submit(rebuilder.rebuild)
        writing = [pool.submit(writer.write, rebuilder.stages) for writer in writers]
    rebuilding.result()
    for each in writing:
        each.result()


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


def test_the_rebuild_began_and_ended_in_the_record_while_they_wrote(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    began, (ended, kept) = run.rebuilder.began, run.rebuilder.recorded
    with Store(run.home / STORE) as store:
        made = Counter(record.what for record in store.records())
    assert made[Change.REBUILD_STARTED] == made[Change.REBUILD_ENDED] == 1
    writes = [span for writer in run.writers for span in writer.spans]
    first, last = min(asked for asked, _ in writes), max(told for _, told in writes)
    meanwhile = sum(began < told < kept for _, told in writes)
    at_the_end = sum(asked < kept and ended < told for asked, told in writes)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(writes)} writes by {WRITERS} in {last - first:.1f} s, {meanwhile} of them"
            f" during a rebuild of {kept - began:.1f} s, {at_the_end} while its end was"
            f" recorded; the longest took {max(told - asked for asked, told in writes):.2f} s\n"
        )
    assert meanwhile > len(writes) / 2
    assert first < ended < kept < last
    assert at_the_end, "nobody wrote while the end of the rebuild was recorded"
