"""How soon a real server answers, and how much memory it takes."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlencode

from index.bench_build import MEGABYTE
from index.bench_retrieval import BenchmarkError
from index.build import Progress
from index.question import Question

_HERE = "127.0.0.1"
_OK = 200
_PATIENCE = 900.0  # seconds; a library of a million passages is long in opening
_GRACE = 30  # seconds in which a server has to end
_EVERY = 0.05  # seconds between two tries
_LOG = "server.log"
_KIBIBYTE = 1024


@dataclass(frozen=True, slots=True)
class Memory:
    """What a process has in memory, in millions of bytes.

    Attributes:
        anonymous: Its own.
        mapped: Of files, which the system can let go of and read again.
    """

    anonymous: float
    mapped: float


@dataclass(frozen=True, slots=True)
class Served:
    """What was seen of a server.

    Attributes:
        ready_s: Seconds from its start to its first answer.
        memory: After it has answered; None where the system does not tell.
    """

    ready_s: float
    memory: Memory | None


def measure_server(
    home: Path, model: str, questions: Sequence[Question], progress: Progress
) -> Served:
    """Start a server of one process, ask it, look at its memory, and end it.

    Args:
        home: A hub's folder with a published generation.
        model: As the setting names it.
        questions: What is asked, over HTTP; one or more.
        progress: Told how far it is.

    Raises:
        BenchmarkError: The server ended, or gave no answer.
    """
    progress("server", 0, len(questions))
    began = monotonic()
    with _serving(home, model) as (process, port):
        while not _answers(port, questions[0]):
            if process.poll() is not None or monotonic() - began > _PATIENCE:
                raise BenchmarkError(f"The server did not answer. {_last_words(home)}")
            sleep(_EVERY)
        ready_s = monotonic() - began
        for done, question in enumerate(questions, start=1):
            if not _answers(port, question):
                raise BenchmarkError(f"The server left a question out. {_last_words(home)}")
            progress("server", done, len(questions))
        return Served(ready_s, memory_of(process.pid))


def memory_of(process: int) -> Memory | None:
    """What a process has in memory; None where the system does not tell."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text("ascii").splitlines()[1:]
    except OSError:
        return None
    kibibytes = {name: int(size) for name, size, *_ in (line.split() for line in lines)}
    anonymous, all_of_it = kibibytes["Anonymous:"], kibibytes["Rss:"]
    return Memory(_KIBIBYTE * anonymous / MEGABYTE, _KIBIBYTE * (all_of_it - anonymous) / MEGABYTE)


@contextmanager
def _serving(home: Path, model: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`diwan serve` on a free port of this machine, with no settings but these."""
    with socket.create_server((_HERE, 0)) as free:
        port: int = free.getsockname()[1]
    settings = {"DIWAN_HOME": str(home), "DIWAN_MODEL": model, "DIWAN_RATE_LIMIT": "0"}
    others = {name: value for name, value in os.environ.items() if not name.startswith("DIWAN_")}
    with (home / _LOG).open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - ours
            [sys.executable, "-m", "server", "serve", "--host", _HERE, "--port", str(port)],
            env=others | settings,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield process, port
    finally:
        process.terminate()
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(port: int, question: Question) -> bool:
    connection = HTTPConnection(_HERE, port, timeout=_PATIENCE)
    asked = urlencode({"q": question.text, "lang": question.language})
    try:
        connection.request("GET", f"/api/v1/search?{asked}")
        response = connection.getresponse()
        response.read()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return response.status == _OK


def _last_words(home: Path) -> str:
    lines = (home / _LOG).read_text("utf-8", errors="replace").splitlines()
    return f"It said last: {lines[-1]}" if lines else "It said nothing."
