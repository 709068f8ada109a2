"""Requests are counted exactly, over all processes, and forgotten after a minute."""

import fcntl
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.keys.address import whose
from server.keys.counter import WINDOW, Counter, Share

SECOND = 10**9  # nanoseconds


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000_250_000_000

    def __call__(self) -> int:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += round(seconds * SECOND)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def counter(tmp_path: Path, clock: Clock) -> Iterator[Counter]:
    counter = Counter(tmp_path / "limits", clock)
    counter.start()
    yield counter
    counter.stop()


def taken(counter: Counter, who: str = "a", most: int = 3) -> Share:
    share = counter.take(who, most)
    assert share is not None
    return share


def test_at_most_so_many_in_any_minute_and_one_more_when_the_oldest_is_over(
    counter: Counter, clock: Clock
) -> None:
    assert taken(counter) == Share(True, 2, WINDOW)
    clock.move(10)
    assert taken(counter) == Share(True, 1, 50)
    clock.move(10)
    assert taken(counter) == Share(True, 0, 40)
    assert taken(counter) == Share(False, 0, 40)
    clock.move(39.999)
    assert taken(counter) == Share(False, 0, 1)
    clock.move(0.001)
    assert taken(counter) == Share(True, 0, 10)
    assert not taken(counter).allowed


def test_whoever_waits_as_long_as_is_said_is_let_in(counter: Counter, clock: Clock) -> None:
    for step in (0.0, 10.3, 10.4):
        clock.move(step)
        assert taken(counter).allowed
    for _ in range(5):
        refused = taken(counter)
        assert not refused.allowed
        clock.move(refused.wait - 1)
        assert not taken(counter).allowed
        clock.move(1)
        assert taken(counter).allowed


def test_a_refusal_does_not_count(counter: Counter, clock: Clock) -> None:
    for _ in range(50):
        taken(counter)
    clock.move(WINDOW)
    assert [taken(counter).allowed for _ in range(4)] == [True, True, True, False]


def test_one_who_asks_too_often_is_in_nobody_s_way(counter: Counter) -> None:
    for _ in range(50):
        taken(counter)
    assert taken(counter, "b") == Share(True, 2, WINDOW)


def test_a_limit_that_is_lowered_holds_at_once(counter: Counter, clock: Clock) -> None:
    for _ in range(3):
        taken(counter)
        clock.move(1)
    assert taken(counter, most=2) == Share(False, 0, 58)
    clock.move(58)
    assert taken(counter, most=2) == Share(True, 0, 1)


@given(steps=st.lists(st.floats(0, 40), max_size=60), most=st.integers(1, 6))
def test_it_agrees_with_whoever_remembers_every_request(
    tmp_path_factory: pytest.TempPathFactory, steps: list[float], most: int
) -> None:
    clock = Clock()
    counter, allowed = Counter(tmp_path_factory.mktemp("counts"), clock), list[int]()
    for step in steps:
        clock.move(step)
        recent = [moment for moment in allowed if moment > clock.now - WINDOW * SECOND]
        share = taken(counter, most=most)
        assert share.allowed == (len(recent) < most)
        if share.allowed:
            allowed.append(clock.now)
            assert share.left == most - len(recent) - 1
    counter.stop()


def test_workers_share_the_count_and_the_secret(
    counter: Counter, tmp_path: Path, clock: Clock
) -> None:
    other = Counter(tmp_path / "limits", clock)
    assert taken(counter).left == 2
    assert taken(other).left == 1
    assert taken(counter).left == 0
    assert not taken(other).allowed
    other.stop()
    assert not taken(counter).allowed


def ask_often(folder: Path) -> int:
    counter = Counter(folder)
    with ThreadPoolExecutor(4) as threads:
        shares = list(threads.map(lambda _: taken(counter, most=100), range(150)))
    return sum(share.allowed for share in shares)


def test_not_one_too_many_is_let_in_by_several_processes_at_once(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        allowed = list(processes.map(ask_often, [tmp_path, tmp_path]))
    assert sum(allowed) == 100


def test_addresses_are_not_in_the_files_and_go_after_a_minute(
    counter: Counter, tmp_path: Path, clock: Clock
) -> None:
    taken(counter, "address 203.0.113.7")
    taken(counter, "address 203.0.113.8")
    clock.move(30)
    taken(counter, "address 203.0.113.8")
    folder = tmp_path / "limits"
    names = {path.name for path in folder.iterdir()} - {"secret"}
    assert len(names) == 2
    assert b"203.0" not in b"".join(path.read_bytes() for path in folder.iterdir())
    assert all("203" not in name or len(name) == 40 for name in names)
    clock.move(30)
    counter.sweep()
    assert len(list(folder.iterdir())) == 2
    clock.move(30)
    counter.sweep()
    assert [path.name for path in folder.iterdir()] == ["secret"]
    assert taken(counter, "address 203.0.113.8").left == 2


def test_the_secret_is_another_each_time_and_nothing_outlasts_the_last_worker(
    tmp_path: Path,
) -> None:
    def names_once() -> set[str]:
        first, second = Counter(tmp_path), Counter(tmp_path)
        taken(first)
        taken(second)
        first.stop()
        names = {path.name for path in tmp_path.iterdir()} - {"secret"}
        second.stop()
        assert (tmp_path / "secret").read_bytes() == b""
        assert len(list(tmp_path.iterdir())) == 1
        return names

    assert len(names_once() | names_once()) == 2


def test_what_a_worker_that_was_killed_leaves_is_gone_at_the_next_start(tmp_path: Path) -> None:
    (tmp_path / ("f" * 40)).write_bytes(b"\0" * 16)
    counter = Counter(tmp_path)
    counter.start()
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
    counter.stop()


def test_where_it_cannot_count_nobody_is_refused_and_that_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "limits").write_text("no folder")
    counter = Counter(tmp_path / "limits")
    counter.start()
    assert [counter.take("a", 1) for _ in range(3)] == [None] * 3
    assert caplog.text.count("Requests are not counted") == 1
    (tmp_path / "limits").unlink()
    assert taken(counter).allowed
    counter.stop()


def test_a_worker_that_stands_still_does_not_stop_the_others(
    counter: Counter, tmp_path: Path
) -> None:
    taken(counter)
    (path,) = [path for path in (tmp_path / "limits").iterdir() if path.name != "secret"]
    held = os.open(path, os.O_RDWR)
    fcntl.flock(held, fcntl.LOCK_EX)
    assert counter.take("a", 3) is None
    assert taken(counter, "b").allowed
    os.close(held)
    assert taken(counter).left == 1


def test_a_file_that_was_cut_short_is_counted_as_far_as_it_can_be_read(
    counter: Counter, tmp_path: Path
) -> None:
    taken(counter)
    taken(counter)
    (path,) = [path for path in (tmp_path / "limits").iterdir() if path.name != "secret"]
    os.truncate(path, 13)
    assert taken(counter).left == 1


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_an_address_of_ipv6_stands_for_its_network(host: str, network: str) -> None:
    assert whose(host) == network
