"""What the commands share: how they print, show progress, and say that something cannot be done."""

import errno
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from corpus.errors import DiwanError

errors = Console(stderr=True, highlight=False, soft_wrap=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]

Report = Callable[[str, int, int], None]
"""Called with the name of a step, how much of it is done, and how much there is."""


_FULL = "the disk is full. Free some space and try again; what serves goes on serving."
_WAYS_OUT = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: "the system allows no file as large as this. Raise the limit (ulimit -f).",
    errno.EROFS: "this disk can only be read. Have it mounted for writing, or set DIWAN_HOME to a"
    " folder elsewhere.",
    errno.EACCES: "this user is not allowed in there. Give the user that runs Diwan the right to"
    " read and write the folder, or set DIWAN_HOME to another.",
    errno.ENOENT: "it is not there, or has vanished meanwhile. See whether DIWAN_HOME names the"
    " right folder, and try again.",
    errno.EMFILE: "too many files are open. Raise the limit (ulimit -n).",
}


class CannotError(DiwanError):
    """What was asked for could not be done, or not all of it; the message says what to do."""


def print_json(document: Any) -> None:  # noqa: ANN401 - whatever JSON holds
    """Print one JSON document on standard output."""
    json.dump(document, sys.stdout, ensure_ascii=False)
    print()


def explain(error: OSError) -> str:
    """Say what a disk or a folder refused, and what to do about it."""
    where = error.filename or "The system"
    if error.errno in _WAYS_OUT:
        return f"{where}: {_WAYS_OUT[error.errno]}"
    return f"{where}: {error.strerror or error}"


@contextmanager
def progress_bar() -> Iterator[Report]:
    """Show on standard error how far each step is, and the time left."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def report(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=total)
            bar.update(tasks[step], completed=done, total=total)

        yield report
