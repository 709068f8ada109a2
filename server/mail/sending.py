"""Letters are sent in the background, by one thread among all processes of a hub."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

from index.locks import BusyError, sole
from server.mail.delivery import MailServer, NotTakenError, UnsureError, handing
from server.mail.outbox import QueuedLetter, reason
from server.store import Store
from server.store_database import StoreError

LOCK = "letters.lock"
"""Name of the lock's file in DIWAN_HOME; whoever holds it sends."""

MOST_TRIES = 24  # four days, with the pauses below
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
_EVERY = 1.0  # seconds between looks at what waits
_GRACE = 8.0  # seconds for a letter that is on its way when the server ends
_log = logging.getLogger(__name__)


def pause_after(tries: int) -> timedelta:
    """How long a letter rests after it was not taken.

    Args:
        tries: How often it was tried in vain, this time included.
    """
    doublings = min(tries - 1, 30)
    return min(_FIRST_PAUSE * (1 << doublings), _LONGEST_PAUSE)


class Sender:
    """Sends what waits, from `start` to `stop`; of those of several processes one does.

    Args:
        server: Where letters are handed over.
        open_store: Opens the store.
        home: The hub's folder, where the lock is.
        every: Seconds between looks at what waits.
    """

    def __init__(
        self,
        server: MailServer,
        open_store: Callable[[], Store],
        home: Path,
        every: float = _EVERY,
    ) -> None:
        self._server = server
        self._open_store = open_store
        self._home = home
        self._every = every
        self._ends = Event()
        # A daemon: a mail server that says nothing does not hold up the end of this one. The
        # letter is unsure then, as it is when the process is killed.
        self._thread = Thread(target=self._run, name="letters", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """Send no other letter, and wait a moment for the one that is on its way."""
        self._ends.set()
        self._thread.join(_GRACE)

    def _run(self) -> None:
        while not self._ends.is_set():
            try:
                store = self._open_store()
                with sole(self._home / LOCK, "Sending letters"):
                    self._send_all(store)
            except BusyError:  # another process sends
                pass
            except (StoreError, OSError) as error:
                _log.warning("Letters cannot be sent: %s", error)
            except Exception as error:  # noqa: BLE001 - the thread has to go on
                # Neither its words nor where it was: both may hold an address.
                _log.error("Letters cannot be sent: %s", type(error).__name__)
            self._ends.wait(self._every)

    def _send_all(self, store: Store) -> None:
        """Send until it is over; whatever was being handed over before is unsure."""
        store.leave_unsure()
        has_traces = False
        while not self._ends.is_set():
            letter = store.next_letter(datetime.now(UTC))
            if letter:
                has_traces |= self._send(store, letter)
                continue
            if has_traces:
                store.wipe_traces()
                has_traces = False
            self._ends.wait(self._every)

    def _send(self, store: Store, letter: QueuedLetter) -> bool:
        """Try to send a letter; tell whether it has gone out, so that it is wiped."""
        try:
            with handing(letter, self._server) as handed:
                if not store.hand_over(letter.id):  # staff have settled it this very moment
                    return False
                handed.give()
                store.handed_over(letter.id)
        except UnsureError:
            store.leave_unsure()
            _log.warning("A letter may have gone out or not; the desk asks about it.")
        except NotTakenError as error:
            self._not_taken(store, letter, error)
        else:
            return True
        return False

    def _not_taken(self, store: Store, letter: QueuedLetter, error: NotTakenError) -> None:
        tries = letter.tries + 1
        said = reason(error.why, error.said)
        if error.for_good or tries >= MOST_TRIES:
            store.fail(letter.id, said)
            _log.warning("A letter was not taken (%s) and is given up.", error.why)
        else:
            store.put_off(letter.id, datetime.now(UTC) + pause_after(tries), said)
            _log.info("A letter was not taken (%s) and is tried again.", error.why)


def settle_abandoned(store: Store, home: Path) -> None:
    """Leave letters unsure whose sender has died, where nobody sends any more.

    Raises:
        StoreError: It cannot be kept.
        OSError: The lock cannot be written.
    """
    try:
        with sole(home / LOCK, "Looking at letters"):
            store.leave_unsure()
    except BusyError:
        return
