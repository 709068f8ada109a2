"""Rebuilds that are started at the desk: each in a process of its own, one at a time."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from index.locks import BusyError, Holding, is_held, take_over
from server.opening import open_publication
from server.rebuild_run import Outcome, Run, read_run, write_run
from server.settings import Settings
from server.terminal import explain

LOG = "rebuild.log"
_LOCK = ".rebuild.lock"
_LEAVING, _EVERY = 20.0, 0.05  # seconds that a process may take to end once it has said its last
_OF_LETTERS = ("smtp_", "mail_")  # settings that a rebuild has no use for; one is a password


@dataclass(frozen=True, slots=True)
class Look:
    """What can be seen of rebuilds at a moment.

    Attributes:
        is_running: Whether one is under way.
        run: The last one that has told of itself; None where there was none, or where another one
            is under way that has told nothing.
        holding: Who builds, where the system knows it.
        was_killed: Whether the last one ended without a word.
    """

    is_running: bool
    run: Run | None
    holding: Holding | None
    was_killed: bool


@dataclass(frozen=True, slots=True)
class Rebuilds:
    """Starts rebuilds and sees how far they are, over all workers.

    A process that was started here holds a lock from before it is made to its end, whatever ends
    it; one that a command started holds the lock of whoever builds.

    Attributes:
        settings: What is handed on to the process.
        command: The program that knows the command `rebuild`.
    """

    settings: Settings
    command: tuple[str, ...] = (sys.executable, "-m", "server")

    def look(self) -> Look:
        """What can be seen now."""
        look = self._look()
        # It may have begun, or come to its end, between two of the glances.
        return self._look() if look.was_killed else look

    def start(self, by: str, *, full: bool = False, force: bool = False) -> None:
        """Start a rebuild; it goes on when whoever started it is gone.

        Args:
            by: Who of the staff starts it.
            full: Build everything again.
            force: Publish it even if it answers worse.

        Raises:
            BusyError: One is under way.
            OSError: The disk does not take a word of it, or no process can be made.
        """
        home = self.settings.home
        home.mkdir(parents=True, exist_ok=True)
        with self._alone() as lock:
            run = Run(datetime.now(UTC), by)
            write_run(home, run)
            options = [f"--by={by}", *(["--full"] if full else []), *(["--force"] if force else [])]
            try:
                process = self._spawn([*self.command, "rebuild", "--json", *options], lock)
            except OSError as error:
                failed = replace(run, outcome=Outcome.FAILED, error=explain(error))
                write_run(home, replace(failed, ended=datetime.now(UTC)))
                raise
        # Nobody waits for it, but the system keeps what nobody has seen end.
        threading.Thread(target=process.wait, name="rebuild", daemon=True).start()

    @contextmanager
    def _alone(self) -> Iterator[int]:
        """Hold the lock that the process is to inherit."""
        if (look := self.look()).is_running:
            raise BusyError(_who(look))
        lock = os.open(self.settings.home / _LOCK, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            until = time.monotonic() + _LEAVING
            while not take_over(lock):
                if (look := self.look()).is_running or time.monotonic() > until:
                    raise BusyError(_who(look))
                time.sleep(_EVERY)
            yield lock
        finally:
            os.close(lock)

    def _spawn(self, command: list[str], lock: int) -> subprocess.Popen[bytes]:
        with (self.settings.home / LOG).open("wb") as log:
            return subprocess.Popen(  # noqa: S603 - our own command; a name is one argument of it
                command,
                env=_environment(self.settings),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                pass_fds=(lock,),
                start_new_session=True,  # what ends the server does not end it
            )

    def _look(self) -> Look:
        ours = is_held(self.settings.home / _LOCK)
        holding = open_publication(self.settings).builder()
        run = read_run(self.settings.home)
        open_end = run is not None and run.ended is None
        if ours:
            return Look(open_end, run, holding, was_killed=False)
        if holding is None:
            return Look(is_running=False, run=run, holding=None, was_killed=open_end)
        told = run if open_end and run and run.process == holding.process else None
        return Look(is_running=True, run=told, holding=holding, was_killed=False)


def _environment(settings: Settings) -> dict[str, str]:
    """What the process finds: this one's surroundings, with the settings as they are here."""
    prefix = "DIWAN_"
    known = {f"{prefix}{name}".upper() for name in Settings.model_fields}
    values = settings.model_dump(exclude_none=True)
    values["home"] = Path(settings.home).absolute()
    return {
        **{name: value for name, value in os.environ.items() if name.upper() not in known},
        **{
            f"{prefix}{name}".upper(): str(value)
            for name, value in values.items()
            if not name.startswith(_OF_LETTERS)
        },
    }


def _who(look: Look) -> str:
    who = look.run.by if look.run and look.run.by else look.holding.user if look.holding else None
    return f"A rebuild is under way: {who} began it." if who else "A rebuild is under way."
