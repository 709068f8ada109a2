"""Counts requests over all workers of a hub, and forgets them after a minute."""

import fcntl
import logging
import os
import secrets
import time
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from threading import Lock

COUNTS = "limits"
"""Name of the folder in DIWAN_HOME where requests are counted while Diwan is running."""

WINDOW = 60
"""Seconds that a request counts for."""

_WINDOW = WINDOW * 10**9  # nanoseconds: whole numbers, so that a moment is exactly over
_SECRET, _BYTES = "secret", 32
_STAMP = 8  # bytes of one moment
_TRIES, _MOMENT = 40, 0.00025  # seconds; a count is held for a tenth of that
_LOG = logging.getLogger("diwan")


@dataclass(frozen=True, slots=True)
class Share:
    """What somebody has of their limit, once a request has been counted.

    Attributes:
        allowed: Whether the request is within the limit; only then it counts.
        left: How many more are allowed right now.
        wait: Whole seconds until one more than that is allowed.
    """

    allowed: bool
    left: int
    wait: int


class Counter:
    """Counts who asks how often: at most so many in any 60 seconds, exactly.

    Each has a file that holds the moments of their last requests, and a lock of its own, so that
    one who asks too often is in nobody's way. Whoever counts takes the lock, reads, and adds eight
    bytes; nothing waits for a disk. The name of a file is a hash with a secret that is made anew
    whenever the first worker starts, and thrown away with all files when the last one ends. Who
    has not asked for a minute is forgotten at the next sweep.

    Moments are those of the system's monotonic clock, which is one for all processes.

    Args:
        folder: Where the files are; it is made if need be, and holds nothing else.
        clock: Nanoseconds, never going back, the same for all workers.
    """

    def __init__(self, folder: Path, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = Lock()
        self._held: int | None = None
        self._secret = b""
        self._failed = False

    def start(self) -> None:
        """Begin to count; where nobody else does, nothing is left of what was counted before.

        Where the folder cannot be used that is logged, and nothing is counted.
        """
        with suppress(OSError), self._telling():
            self._begin()

    def stop(self) -> None:
        """Count no more; the last one to stop leaves nothing behind."""
        with self._lock:
            if self._held is None:
                return
            with suppress(OSError):
                fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._forget_everything()
                os.ftruncate(self._held, 0)
            os.close(self._held)
            self._held = None

    def take(self, who: str, most: int) -> Share | None:
        """Count a request, if it is within the limit.

        Args:
            who: Whose it is; kept as a hash, for a minute.
            most: How many are allowed in any 60 seconds; 1 or more.

        Returns:
            None where it could not be counted, which is logged: better somebody asks too often
            than nobody at all.
        """
        try:
            with self._telling():
                self._begin()
                name = blake2b(
                    who.encode(errors="surrogatepass"), key=self._secret, digest_size=20
                ).hexdigest()
                with self._alone(name) as descriptor:
                    return _count(descriptor, most, self._clock())
        except OSError:
            return None

    def sweep(self) -> None:
        """Forget everybody who has not asked for a minute."""
        if self._held is None:
            return
        with suppress(OSError):
            for name in self._names():
                with suppress(OSError), self._alone(name) as descriptor:
                    size = os.fstat(descriptor).st_size
                    last = _moments(os.pread(descriptor, _STAMP, max(0, size - _STAMP)))
                    if not last or last[0] <= self._clock() - _WINDOW:
                        (self._folder / name).unlink()

    def _begin(self) -> None:
        if self._held is not None:
            return
        with self._lock:
            while self._held is None:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                held = os.open(self._folder / _SECRET, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                try:
                    self._secret = self._share_secret(held)
                except BaseException:
                    os.close(held)
                    raise
                if len(self._secret) == _BYTES:
                    self._held = held
                else:  # the last one to stop has just thrown it away
                    os.close(held)

    def _share_secret(self, held: int) -> bytes:
        """Make a secret, where nobody has one; the lock is held until `stop`."""
        with suppress(BlockingIOError):
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._forget_everything()
            os.pwrite(held, secrets.token_bytes(_BYTES), 0)
        # Another may come first between the two locks: what stands in the file holds for all.
        fcntl.flock(held, fcntl.LOCK_SH)
        return os.pread(held, _BYTES, 0)

    def _names(self) -> Iterator[str]:
        with os.scandir(self._folder) as entries:
            yield from (entry.name for entry in entries if entry.name != _SECRET)

    def _forget_everything(self) -> None:
        for name in list(self._names()):
            (self._folder / name).unlink(missing_ok=True)

    @contextmanager
    def _alone(self, name: str) -> Iterator[int]:
        """Have somebody's file for oneself.

        Raises:
            OSError: It cannot be opened, or a process that has it stands still.
        """
        path = f"{self._folder}/{name}"
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                _insist(descriptor)
                if os.fstat(descriptor).st_nlink:  # else a sweep was faster
                    yield descriptor
                    return
            finally:
                os.close(descriptor)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Log that nothing can be counted, once, until it works again."""
        try:
            yield
        except OSError as error:
            if not self._failed:
                _LOG.warning("Requests are not counted, so none is refused: %s", error)
            self._failed = True
            raise
        else:
            self._failed = False


def _count(descriptor: int, most: int, now: int) -> Share:
    size = os.fstat(descriptor).st_size
    moments = _moments(os.pread(descriptor, size, 0))
    over = bisect_right(moments, now - _WINDOW)
    alive = len(moments) - over
    if alive >= most:
        # Where the limit was higher a moment ago more than one has to be over.
        return Share(False, 0, _seconds_until(moments[len(moments) - most], now))
    if over > alive:
        kept = moments[over:]
        kept.append(now)
        os.pwrite(descriptor, kept.tobytes(), 0)
        os.ftruncate(descriptor, len(kept) * _STAMP)
    else:
        os.pwrite(descriptor, array("q", [now]).tobytes(), len(moments) * _STAMP)
    oldest = moments[over] if alive else now
    return Share(True, most - alive - 1, _seconds_until(oldest, now))


def _moments(stored: bytes) -> "array[int]":
    moments = array("q")
    moments.frombytes(stored[: len(stored) // _STAMP * _STAMP])
    return moments


def _seconds_until(moment: int, now: int) -> int:
    """Whole seconds until a request of that moment counts no more."""
    return max(1, -((now - moment - _WINDOW) // 10**9))


def _insist(descriptor: int) -> None:
    """Take a lock that is held for moments only; a process that stands still is not waited for."""
    for _ in range(_TRIES):
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(_MOMENT)
    raise BlockingIOError("another process does not let go of a count")
