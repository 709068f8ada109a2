"""Locks between processes, kept by the system: whoever dies lets go of them."""

import fcntl
import getpass
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from weakref import finalize


class BusyError(Exception):
    """Another process is at it; says who, and since when."""


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
        if not _taken(descriptor):
            raise BusyError(_who(os.pread(descriptor, 4096, 0)))
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


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _who(content: bytes) -> str:
    try:
        about = json.loads(content)
        return (
            f"{about['what']} is under way: {about['user']} began it on {about['host']} at"
            f" {about['since']} (process {about['process']}). Wait until it is done, or end that"
            " process; nothing will be lost."
        )
    except (ValueError, TypeError, KeyError):  # it has begun this very moment
        return "A rebuild has just begun. Wait until it is done."


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        return str(os.getuid())
