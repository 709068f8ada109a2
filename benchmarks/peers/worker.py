"""One peer in a process of its own: load, build, warm up, ask, and say what it took.

    python -m benchmarks.peers.worker TASK.json RESULT.json

`TASK.json` is a `Task` as written by `benchmarks.peers`, which also sets the environment.
"""

import importlib
import json
import os
import sys
import tempfile
import traceback
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.peers.peer import THREADS, Maker, Passage

_HERE = {"127.0.0.1", "::1", "localhost", "", None}


@dataclass(frozen=True, slots=True)
class Task:
    """What a process is to do.

    Attributes:
        module: Of `benchmarks.peers`, with a `make`.
        encoder: For `make`.
        package: Whose version is wanted; None for what is not installed as one.
        passages: Of one language.
        questions: In the order in which they are asked.
        warm_up: Questions asked before those, which are not counted.
        k: Passages that each is to name.
    """

    module: str
    encoder: str
    package: str | None
    passages: tuple[Passage, ...]
    questions: tuple[str, ...]
    warm_up: tuple[str, ...]
    k: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a process did.

    Attributes:
        found: Ids of passages, best first, by question.
        times_ms: How long each question took, in milliseconds.
        start_s: Seconds to import the libraries and load the encoder.
        build_s: Seconds from the passages to all of them being found.
        anonymous_mb: Resident memory that is the process's own, at the end, in MB of 10⁶ bytes.
        mapped_mb: Resident memory that is of files, and shared with others that read them.
        version: Of the package.
    """

    found: list[list[str]]
    times_ms: list[float]
    start_s: float
    build_s: float
    anonymous_mb: float
    mapped_mb: float
    version: str


def carry_out(task: Task, scratch: Path) -> Outcome:
    """Do what a task says."""
    began = perf_counter()
    make: Maker = importlib.import_module(f"benchmarks.peers.{task.module}").make
    peer = make(task.encoder, scratch)
    made = perf_counter()
    peer.build(task.passages)
    built = perf_counter()
    for question in task.warm_up:
        peer.ask(question, task.k)
    found, times = list[list[str]](), list[float]()
    for question in task.questions:
        asked = perf_counter()
        answer = peer.ask(question, task.k)
        times.append((perf_counter() - asked) * 1000)
        found.append(answer)
    anonymous, mapped = resident_mb()
    return Outcome(
        found=found,
        times_ms=times,
        start_s=made - began,
        build_s=built - made,
        anonymous_mb=anonymous,
        mapped_mb=mapped,
        version=version(task.package) if task.package else "",
    )


def resident_mb() -> tuple[float, float]:
    """Tell how much memory of this process is resident: its own, and of files.

    Raises:
        OSError: The system does not say; only Linux does.
    """
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    anonymous = kilobytes["Anonymous"]
    return anonymous * 1024 / 1e6, (kilobytes["Rss"] - anonymous) * 1024 / 1e6


def read_task(text: str) -> Task:
    """Read a task as `dataclasses.asdict` and JSON wrote it."""
    given: dict[str, Any] = json.loads(text)
    passages = tuple(Passage(**passage) for passage in given.pop("passages"))
    questions, warm_up = tuple(given.pop("questions")), tuple(given.pop("warm_up"))
    return Task(passages=passages, questions=questions, warm_up=warm_up, **given)


def refuse_the_network(event: str, arguments: tuple[Any, ...]) -> None:
    """Raise where Python is about to reach another machine: an audit hook.

    Raises:
        OSError: It is.
    """
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if (host.decode() if isinstance(host, bytes) else host) not in _HERE:
        raise OSError(f"wants to reach {host}, and this run uses no network")


def main() -> None:
    """Read the task, carry it out, and write its outcome, or why there is none."""
    sys.addaudithook(refuse_the_network)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])
    task = read_task(Path(sys.argv[1]).read_text(encoding="utf-8"))
    result: dict[str, Any]
    try:
        with tempfile.TemporaryDirectory() as scratch:
            result = asdict(carry_out(task, Path(scratch)))
    except Exception as error:  # noqa: BLE001 - a peer may fail in any way, and its row says how
        traceback.print_exc()
        reason = str(error).strip().split("\n", 1)[0]
        result = {"error": f"{type(error).__name__}: {reason}"}
    Path(sys.argv[2]).write_text(json.dumps(result), encoding="utf-8")
    # Peers leave threads behind that would keep the process, and nothing of it is wanted any more.
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
