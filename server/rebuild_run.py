"""What is known of the last rebuild, in a small file that every process reads."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from pydantic import TypeAdapter

from corpus.atomic import write_atomically
from corpus.errors import DiwanError
from index.rebuild import Rebuilt
from server.store import STORE, Store
from server.store_database import StoreError
from server.store_records import By, Change
from server.terminal import explain

FILE = "rebuild.json"
_OFTEN = 0.3  # seconds between two words on how far a step is
_LONGEST = 4_000  # characters of a sentence that is kept


class Outcome(StrEnum):
    """What came of a rebuild."""

    PUBLISHED = "published"
    UP_TO_DATE = "up-to-date"
    REFUSED = "refused"
    OVERTAKEN = "overtaken"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Run:
    """A rebuild, as far as it has told.

    Attributes:
        began: When, UTC.
        by: Who of the staff started it at the desk; None where a command did.
        process: The process that builds; None before it has begun to.
        step: What it does, by the name that `index.build.Progress` gives; empty at the beginning.
        done: How much of the step is done.
        total: How much there is; 0 where nobody knows.
        ended: When it ended, UTC; None where it has not, or was ended before it could say so.
        outcome: What came of it; None likewise.
        generation: The one that serves now that it has ended.
        refused: The one that was kept aside.
        overtaken: The one that was not published, because another one was meanwhile.
        questions: Number of gold questions that were asked.
        right_before: How many of them were answered right.
        right_now: How many of them are.
        error: Why it failed, in a sentence for staff.
    """

    began: datetime
    by: str | None = None
    process: int | None = None
    step: str = ""
    done: int = 0
    total: int = 0
    ended: datetime | None = None
    outcome: Outcome | None = None
    generation: str | None = None
    refused: str | None = None
    overtaken: str | None = None
    questions: int | None = None
    right_before: int | None = None
    right_now: int | None = None
    error: str | None = None


_RUN = TypeAdapter(Run)


def read_run(home: Path) -> Run | None:
    """The last rebuild of a hub; None where there was none, or nothing is known of it."""
    try:
        return _RUN.validate_json((home / FILE).read_bytes())
    except (OSError, ValueError):
        return None


def write_run(home: Path, run: Run) -> None:
    """Let every process know how far a rebuild is.

    Raises:
        OSError: The disk does not take it.
    """
    write_atomically(home / FILE, _RUN.dump_json(run).decode())


class Telling:
    """Tells how far a rebuild is; where the disk takes no word of it, the rebuild goes on.

    Args:
        home: The hub's folder.
        by: Who of the staff started it; None for a command.
    """

    def __init__(self, home: Path, by: str | None) -> None:
        started = read_run(home) if by is not None else None
        began = started.began if started and not started.ended else datetime.now(UTC)
        self._home = home
        self._told = by is not None  # the desk has told of it when it started it
        self._next = 0.0
        self.run = Run(began, by)

    def begin(self) -> None:
        """It is this process that builds, and no other."""
        self._told = True
        self._tell(replace(self.run, process=os.getpid()))

    def step(self, step: str, done: int, total: int) -> None:
        """So much is done; not every word is passed on."""
        another = step != self.run.step
        run = replace(self.run, step=step, done=done, total=total)
        if another or done == total or time.monotonic() >= self._next:
            self._tell(run)
            self._next = time.monotonic() + _OFTEN

    def done(self, rebuilt: Rebuilt) -> None:
        """It came to its end."""
        verdict, refused = rebuilt.verdict, rebuilt.refused
        self._end(
            replace(
                self.run,
                outcome=_outcome(rebuilt),
                generation=rebuilt.manifest.id,
                refused=refused.manifest.id if refused else None,
                overtaken=rebuilt.overtaken.id if rebuilt.overtaken else None,
                questions=verdict.questions if verdict else None,
                right_before=verdict.right_before if verdict else None,
                right_now=verdict.right_now if verdict else None,
            )
        )

    def failed(self, sentence: str) -> None:
        """It could not be brought to its end."""
        self._end(replace(self.run, outcome=Outcome.FAILED, error=sentence[:_LONGEST]))

    def _end(self, run: Run) -> None:
        now = datetime.now(UTC)
        if run.by is not None:  # recorded before anybody is told, who may look at the record
            _record(self._home, By(run.by, now), run)
        self._tell(replace(run, ended=now))

    def _tell(self, run: Run) -> None:
        self.run = run
        if self._told:
            with suppress(OSError):
                write_run(self._home, run)


def _outcome(rebuilt: Rebuilt) -> Outcome:
    if rebuilt.refused:
        return Outcome.REFUSED
    if rebuilt.overtaken:
        return Outcome.OVERTAKEN
    return Outcome.PUBLISHED if rebuilt.published else Outcome.UP_TO_DATE


@contextmanager
def telling(home: Path, by: str | None) -> Iterator[Telling]:
    """Tell of a rebuild, and why it fails if it does.

    Args:
        home: The hub's folder.
        by: Who of the staff started it at the desk; None for a command, which is told of only
            once it builds: until then it may be another's turn.
    """
    told = Telling(home, by)
    try:
        yield told
    except DiwanError as error:
        told.failed(str(error))
        raise
    except OSError as error:
        told.failed(explain(error))
        raise
    except BaseException as error:
        told.failed(f"It ended by a fault of its own ({type(error).__name__}).")
        raise


def _record(home: Path, by: By, run: Run) -> None:
    """Keep in the record of changes what came of it, if anything can be kept."""
    about = ": ".join(filter(None, (run.refused or run.overtaken or run.generation, run.outcome)))
    with suppress(StoreError), Store(home / STORE) as store:
        store.record(by, Change.REBUILD_ENDED, about)
