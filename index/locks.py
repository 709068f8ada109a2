"""Locks between processes, kept by the system: whoever dies lets go of them."""

import fcntl
import getpass
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from weakref import finalize

from corpus.errors import DiwanError

_LOOKS, _MOMENT = 5, 0.01  # who only looks at a lock holds it for far less than a moment


class BusyError(DiwanError):
    """Another process is at it; says who, and since when."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Who holds a lock.

    Attributes:
        what: What is being done, as `A rebuild`.
        process: The number of the process.
        user: Whose process it is.
        host: The machine.
        since: ISO 8601 date and time, UTC.
    """

    what: str
    process: int
    user: str
    host: str
    since: str


class Lease:
    """Keeps a folder from being collected for as long as the lease lives.

    Args:
        folder: An existing folder.

    Raises:
        OSError: There is no such folder, or it cannot be opened.
    """

    def __init__(self, folder: Path) -> None:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        self.release = finalize(self, os.close, descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_SH)


@contextmanager
def alone_with(folder: Path) -> Iterator[bool]:
    """Tell whether nobody holds a lease on a folder; while this lasts nobody gets one."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield _taken(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def waiting(path: Path) -> Iterator[None]:
    """Wait for a lock that is held for moments only, and hold it."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def sole(path: Path, what: str) -> Iterator[None]:
    """Hold a lock for as long as something takes, and have others know who does.

    Args:
        path: The lock's file, in an existing folder.
        what: What is being done, as `A rebuild`.

    Raises:
        BusyError: Another process holds it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if not take_over(descriptor):
            raise BusyError(_sentence(_told(descriptor)))
        about = {
            "what": what,
            "process": os.getpid(),
            "user": _user(),
            "host": socket.gethostname(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(about).encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def take_over(descriptor: int) -> bool:
    """Lock an open file for this process, and for those that it hands the file on to.

    Returns:
        Whether nobody else holds it; those who only look do not count.
    """
    for _ in range(_LOOKS):
        if _taken(descriptor):
            return True
        sleep(_MOMENT)
    return False


def is_held(path: Path) -> bool:
    """Whether a process that lives holds a lock; a file that is not there is held by nobody."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _taken(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def held_by(path: Path) -> Holding | None:
    """Who holds a lock that `sole` gives; None where nobody does, or has only just begun."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        holding = _told(descriptor)
        # What somebody wrote who died before letting go stays in the file.
        return None if holding is None or _taken(descriptor, fcntl.LOCK_SH) else holding
    finally:
        os.close(descriptor)


def _taken(descriptor: int, how: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _told(descriptor: int) -> Holding | None:
    try:
        return Holding(**json.loads(os.pread(descriptor, 4096, 0)))
    except (ValueError, TypeError):  # it has begun this very moment
        return None


def _sentence(holding: Holding | None) -> str:
    if holding is None:
        return "A rebuild has just begun. Wait until it is done."
    return (
        f"{holding.what} is under way: {holding.user} began it on {holding.host} at"
        f" {holding.since} (process {holding.process}). Wait until it is done, or end that"
        " process; nothing will be lost."
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        return str(os.getuid())
