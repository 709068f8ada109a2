"""Measure what askers notice while the index is rebuilt, published and rolled back.

python benchmarks/rebuild_under_load.py [--home DIR] [--workers N] [--rate N] [--cycles N] [--json]

Starts the real server and asks it the gold questions at a steady rate, first while nothing happens,
then while generations are published: in each fifth cycle by a whole rebuild, in the others by a
rollback to one that is kept. A question is due at its time whether or not those before it have
been answered, and its latency counts from then: a stall shows in every question that it delays.

Without --home the library is the bundled one in an edition for each rebuild, whose passages differ
from those of any other; an answer that mixes two generations cannot pass for a sound one. With
--home it is that hub's, which is rebuilt as it stands.
"""

import argparse
import json
import multiprocessing
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import count
from math import ceil
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, Self, TextIO
from urllib.parse import urlencode

from corpus.gold import BUNDLED_GOLD, load_gold
from corpus.library import BUNDLED

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS = 64  # kept alive, as those of so many askers
PATIENCE = 60.0  # seconds for an answer, and for the workers to take up a generation
CALM = 1.0  # seconds between a generation that all have taken up and the next change
REBUILD_EVERY = 5  # cycles
_IDLE = 2.0  # seconds after which a connection is opened anew; the server closes it after five
_TAKEN_UP = "Answering from generation "
_OK = 200

Held = Mapping[str, frozenset[str]]
"""Ids of the passages that each generation holds, by the generation's."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is asked, and what happens meanwhile.

    Attributes:
        workers: Processes that answer.
        rate: Questions a second.
        cycles: Generations that are published under load.
        warm_up: Seconds of load that do not count: the first questions are slow.
        quiet: Seconds of load before the first change.
    """

    workers: int = 1
    rate: float = 100
    cycles: int = 20
    warm_up: float = 10
    quiet: float = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one question. Times are seconds of the system's monotonic clock.

    Attributes:
        due: When it was to be asked.
        sent: When it was asked.
        received: When the answer was there.
        status: Of the response; 0 where there was none.
        generation: The one that the answer says it is from.
        passages: Ids of all the passages that it cites.
    """

    due: float
    sent: float
    received: float
    status: int
    generation: str = ""
    passages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A generation that was published under load. Times as those of an answer.

    Attributes:
        generation: Its id.
        rebuilt: Whether it was built for that, and not rolled back to.
        began: When the command was given.
        published: When the pointer to it was written.
        taken_up: When the last worker said that it answers from it.
    """

    generation: str
    rebuilt: bool
    began: float
    published: float
    taken_up: float


@dataclass(frozen=True, slots=True)
class Run:
    """What was done and what came back.

    Attributes:
        answers: To the questions that count, in the order in which they were due.
        changes: In order.
        held: What the generations hold that were published.
    """

    answers: Sequence[Answer]
    changes: Sequence[Change]
    held: Held

    def failed(self) -> list[Answer]:
        """Questions that were not answered."""
        return [answer for answer in self.answers if answer.status != _OK]

    def mixed(self) -> list[Answer]:
        """Answers that cite a passage which their generation does not hold."""
        nothing: frozenset[str] = frozenset()
        return [
            answer
            for answer in self.answers
            if answer.status == _OK
            and not self.held.get(answer.generation, nothing).issuperset(answer.passages)
        ]

    def generations(self) -> set[str]:
        """Those that answered."""
        return {answer.generation for answer in self.answers if answer.status == _OK}

    def disagreed(self) -> list[float]:
        """For each change, seconds for which some questions were still answered by another.

        Counted from the publishing to when the last of them was asked; 0 where none was.
        """
        ends = [change.began for change in self.changes[1:]] + [float("inf")]
        return [
            max(
                (
                    answer.sent - change.published
                    for answer in self.answers
                    if change.published < answer.sent < end
                    and answer.status == _OK
                    and answer.generation != change.generation
                ),
                default=0.0,
            )
            for change, end in zip(self.changes, ends, strict=True)
        ]


class Load:
    """The gold questions, over and over at a steady rate, sent by a process of its own.

    Args:
        port: Of the server.
        rate: Questions a second.
    """

    def __init__(self, port: int, rate: float) -> None:
        context = multiprocessing.get_context("spawn")
        self._answers, results = context.Pipe(duplex=False)
        self._stop = context.Event()
        self._process = context.Process(
            target=_send, args=(port, rate, self._stop, results), daemon=True
        )
        self._process.start()
        results.close()

    def __enter__(self) -> Self:
        """Nothing more to do: it has begun."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process, whatever it is doing."""
        self._process.terminate()
        self._process.join()

    def finish(self) -> list[Answer]:
        """Send no more, wait for what is outstanding, and return all answers as they were due."""
        self._stop.set()
        answers: list[Answer] = self._answers.recv()
        return sorted(answers, key=lambda answer: answer.due)


class Server:
    """`diwan serve` on a free port of this machine; its log is passed on.

    Args:
        home: The hub's folder.
        workers: How many processes answer.
        log: Where the log goes.
    """

    def __init__(self, home: Path, workers: int, log: TextIO) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.workers = workers
        arguments = ["serve", "--port", str(self.port), "--workers", str(workers)]
        self._process = subprocess.Popen(  # noqa: S603 - ours
            [sys.executable, "-m", "server", *arguments],
            cwd=ROOT,
            env=_environment(home),
            stderr=subprocess.PIPE,
            text=True,
        )
        self._taken_up: SimpleQueue[tuple[str, float] | None] = SimpleQueue()
        self._reader = Thread(target=self._read, args=(log,))
        self._reader.start()

    def __enter__(self) -> Self:
        """Nothing more to do: it has been started."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it and its workers."""
        self._process.terminate()
        self._process.wait(PATIENCE)
        self._reader.join()

    def wait_for(self, generation: str, patience: float = PATIENCE) -> float:
        """Wait until every worker has said that it answers from a generation.

        Args:
            generation: Its id.
            patience: Seconds to wait for each.

        Returns:
            When the last one said so.

        Raises:
            RuntimeError: The server ended.
            queue.Empty: It took too long.
        """
        said = 0
        at = time.monotonic()
        while said < self.workers:
            line = self._taken_up.get(timeout=patience)
            if line is None:
                raise RuntimeError("the server has ended")
            taken_up, at = line
            said += taken_up == generation
        return at

    def _read(self, log: TextIO) -> None:
        assert self._process.stderr is not None  # noqa: S101 - it is a pipe
        with self._process.stderr as lines:
            for line in lines:
                if _TAKEN_UP in line:
                    self._taken_up.put((line.rpartition(" ")[2].strip(), time.monotonic()))
                log.write(line)
        self._taken_up.put(None)


@dataclass
class Hub:
    """A hub's folder and what its commands do to it.

    Attributes:
        home: The folder.
        editions: Whether each rebuild finds other documents than the one before.
        held: What the generations hold that were published so far.
    """

    home: Path
    editions: bool
    held: dict[str, frozenset[str]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def rebuild(self) -> str:
        """Build everything again, publish it, and return its id."""
        if self.editions:
            write_edition(self.home / "library", next(self._numbers))
        return self._published_by("rebuild", "--full")

    def roll_back(self) -> str:
        """Publish the kept generation that has not served for longest, and return its id."""
        folder = self.home / "generations"
        kept = (generation for generation in self.held if (folder / generation).is_dir())
        return self._published_by("rollback", next(kept))

    def published_at(self) -> float:
        """When the pointer was written, by the monotonic clock."""
        written = (self.home / "generations" / "published.json").stat().st_mtime
        return time.monotonic() - (time.time() - written)

    def _published_by(self, *arguments: str) -> str:
        ran = subprocess.run(  # noqa: S603 - ours
            [sys.executable, "-m", "server", *arguments],
            cwd=ROOT,
            env=_environment(self.home),
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode != 0:
            raise RuntimeError(ran.stderr)
        generation = self._serving()
        self.held.pop(generation, None)  # the one that was published last comes last
        self.held[generation] = _passages(self.home / "generations" / generation)
        return generation

    def _serving(self) -> str:
        text = (self.home / "generations" / "published.json").read_text("utf-8")
        generation: str = json.loads(text)["generation"]
        return generation


def measure(hub: Hub, plan: Plan, log: TextIO) -> Run:
    """Ask a hub under changes.

    Args:
        hub: The hub; it is rebuilt first.
        plan: How much.
        log: Where the server's log goes.

    Raises:
        RuntimeError: A command failed, or the server ended.
    """
    first = hub.rebuild()
    with Server(hub.home, plan.workers, log) as server:
        server.wait_for(first)
        with Load(server.port, plan.rate) as load:
            time.sleep(plan.warm_up)
            counted = time.monotonic()
            time.sleep(plan.quiet)
            changes = [_change(hub, server, cycle) for cycle in range(plan.cycles)]
            answers = load.finish()
    return Run([answer for answer in answers if answer.due >= counted], changes, hub.held)


def _change(hub: Hub, server: Server, cycle: int) -> Change:
    rebuilt = cycle % REBUILD_EVERY == 0
    began = time.monotonic()
    generation = hub.rebuild() if rebuilt else hub.roll_back()
    published = hub.published_at()
    change = Change(generation, rebuilt, began, published, server.wait_for(generation))
    time.sleep(CALM)
    return change


def write_edition(folder: Path, number: int) -> None:
    """Write the bundled case studies with a number at the end of each paragraph."""
    for path in BUNDLED.rglob("*.md"):
        front, body = re.split(r"(?<=\n---\n)", path.read_text("utf-8"), maxsplit=1)
        target = folder / path.relative_to(BUNDLED)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(
            front + re.sub(r"\.$", f" ({number}).", body, flags=re.MULTILINE), "utf-8"
        )


def _passages(generation: Path) -> frozenset[str]:
    with (generation / "passages.jsonl").open(encoding="utf-8") as lines:
        return frozenset(json.loads(line)["id"] for line in lines)


def _environment(home: Path) -> dict[str, str]:
    return {**os.environ, "DIWAN_HOME": str(home), "DIWAN_RATE_LIMIT": "0"}


def _send(port: int, rate: float, stop: Event, results: Connection) -> None:
    """Ask at the rate until told to stop; runs in a process of its own."""
    paths = [
        f"/api/v1/search?{urlencode({'q': gold.text})}"
        for gold in load_gold(BUNDLED_GOLD)
        if gold.follows is None
    ]
    due_next: SimpleQueue[tuple[float, str] | None] = SimpleQueue()
    answers: list[Answer] = []
    askers = [Thread(target=_ask, args=(port, due_next, answers)) for _ in range(CONNECTIONS)]
    for asker in askers:
        asker.start()
    began = time.monotonic()
    for number in count():
        due = began + number / rate
        time.sleep(max(0.0, due - time.monotonic()))
        if stop.is_set():
            break
        due_next.put((due, paths[number % len(paths)]))
    for _ in askers:
        due_next.put(None)
    for asker in askers:
        asker.join()
    results.send(answers)


def _ask(port: int, due_next: SimpleQueue[tuple[float, str] | None], answers: list[Answer]) -> None:
    """Ask what is due, over one connection."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    used = time.monotonic()
    while asked := due_next.get():
        due, path = asked
        sent = time.monotonic()
        if sent - used > _IDLE:
            connection.close()
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            body = response.read()
        except (OSError, HTTPException):
            connection.close()
            answers.append(Answer(due, sent, time.monotonic(), 0))
            continue
        used = time.monotonic()
        cited = _cited(json.loads(body)) if response.status == _OK else ("", ())
        answers.append(Answer(due, sent, used, response.status, *cited))
    connection.close()


def _cited(answer: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The generation of an answer, and every passage that it cites."""
    results = answer["results"]
    others = [other for result in results for other in result["renderings"] + result["also_in"]]
    return answer["generation"], tuple(cited["passage_id"] for cited in results + others)


def report(run: Run) -> dict[str, Any]:
    """Put what was found into figures; latencies are in milliseconds."""
    began = run.changes[0].began
    quiet = [answer for answer in run.answers if answer.due < began]
    during = [answer for answer in run.answers if answer.due >= began]
    building = [
        answer
        for answer in during
        if any(change.rebuilt and change.began <= answer.due < change.published
               for change in run.changes)
    ]  # fmt: skip
    taking_up = [
        answer
        for answer in during
        if any(change.published <= answer.due < change.taken_up for change in run.changes)
    ]
    return {
        "quiet": _latencies(quiet),
        "during": _latencies(during),
        "of_that": {"building": _latencies(building), "taking_up": _latencies(taking_up)},
        "sent_late_p99": _percentile([1000 * (each.sent - each.due) for each in quiet], 99),
        "p99_ratio": _latencies(during)["p99"] / _latencies(quiet)["p99"],
        "published": len(run.changes),
        "rebuilt": sum(change.rebuilt for change in run.changes),
        "generations_seen": len(run.generations()),
        "failed": len(run.failed()),
        "mixed": len(run.mixed()),
        "agreed_after_s": max(run.disagreed()),
    }


def _latencies(answers: Sequence[Answer]) -> dict[str, float]:
    taken = [1000 * (answer.received - answer.due) for answer in answers]
    return {
        "questions": len(answers),
        **{f"p{share}": _percentile(taken, share) for share in (50, 95, 99)},
        "most": max(taken, default=float("nan")),
    }


def _percentile(values: Sequence[float], share: int) -> float:
    """The smallest value that so many in a hundred do not exceed."""
    return sorted(values)[ceil(share * len(values) / 100) - 1] if values else float("nan")


def _print_report(figures: Mapping[str, Any]) -> None:
    print(f"{'latency, ms':24}{'questions':>10}{'p50':>8}{'p95':>8}{'p99':>8}{'most':>8}")
    rows = {"quiet": figures["quiet"], "during": figures["during"], **figures["of_that"]}
    for name, row in rows.items():
        print(
            f"{name.replace('_', ' '):24}{row['questions']:10}"
            + "".join(f"{row[key]:8.1f}" for key in ("p50", "p95", "p99", "most"))
        )
    print(f"\n{'p99, during to quiet':24}{figures['p99_ratio']:10.2f}")
    print(f"{'sent late, p99, ms':24}{figures['sent_late_p99']:10.2f}")
    print(f"{'published':24}{figures['published']:10}, {figures['rebuilt']} of them rebuilt")
    print(f"{'generations seen':24}{figures['generations_seen']:10}")
    print(f"{'failed':24}{figures['failed']:10}")
    print(f"{'mixed':24}{figures['mixed']:10}")
    print(f"{'all agreed after, s':24}{figures['agreed_after_s']:10.2f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--home", type=Path, help="folder of a hub; a temporary one if not given")
    usual = Plan()
    for option, kind, explained in (
        ("workers", int, "processes that answer"),
        ("rate", float, "questions a second"),
        ("cycles", int, "generations to publish"),
    ):
        value = getattr(usual, option)
        parser.add_argument(f"--{option}", type=kind, default=value, help=f"{explained}; {value}")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    given = parser.parse_args()
    with nullcontext(given.home) if given.home else TemporaryDirectory() as home:
        hub = Hub(Path(home), editions=given.home is None)
        run = measure(hub, Plan(given.workers, given.rate, given.cycles), sys.stderr)
    settings = {"workers": given.workers, "rate": given.rate, "cores": os.cpu_count()}
    figures = settings | report(run)
    if given.json:
        print(json.dumps(figures, indent=1))
    else:
        _print_report(figures)


if __name__ == "__main__":
    main()
