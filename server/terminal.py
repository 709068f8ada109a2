"""What the commands share: how they print, show progress, and say that something cannot be done."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

errors = Console(stderr=True, highlight=False, soft_wrap=True)

Report = Callable[[str, int, int], None]
"""Called with the name of a step, how much of it is done, and how much there is."""


class CannotError(Exception):
    """What was asked for could not be done, or not all of it; the message says what to do."""


def print_json(document: Any) -> None:  # noqa: ANN401 - whatever JSON holds
    """Print one JSON document on standard output."""
    json.dump(document, sys.stdout, ensure_ascii=False)
    print()


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
