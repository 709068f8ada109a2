"""The real server with two workers: one count, and a revoked key opens nothing in either."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx
import pytest
from conftest import ROOT, diwan

from server.keys.counter import COUNTS

pytestmark = [pytest.mark.slow, pytest.mark.alone]

SEARCH = "/api/v1/search?q=who"
LET_IN = 503  # there is no index
LIMIT = 400
READY_WITHIN = 90  # seconds


@contextmanager
def served_by_two(home: Path, **environment: str) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "server", "serve", "--port", str(port), "--workers", "2"],
        cwd=ROOT,
        env={**os.environ, "DIWAN_HOME": str(home), **environment},
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        # Each worker holds the secret once it answers.
        until = time.monotonic() + READY_WITHIN
        while workers_that_count(home, process.pid) < 2:
            assert time.monotonic() < until
            time.sleep(0.1)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def workers_that_count(home: Path, parent: int) -> int:
    """How many processes have the folder of counts open."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    secret = str((home / COUNTS / "secret").resolve())
    found = 0
    for child in children:
        for link in Path(f"/proc/{child}/fd").iterdir():
            try:
                found += str(link.readlink()) == secret
            except FileNotFoundError:
                continue
    return found


def ask(address: str, key: str = "") -> int:
    """Ask by a connection of its own, so that either worker may answer."""
    headers = {"X-API-Key": key} if key else {}
    return httpx.get(f"{address}{SEARCH}", headers=headers).status_code


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at processes by /proc")
def test_two_workers_share_the_count_and_both_refuse_a_revoked_key(tmp_path: Path) -> None:
    with served_by_two(tmp_path, DIWAN_RATE_LIMIT=str(LIMIT)) as address:
        made = diwan("key", "create", "Alpha", "--limit", "0", home=tmp_path)
        key = made.stdout.splitlines()[-1]
        assert {ask(address, key) for _ in range(20)} == {LET_IN}
        assert diwan("key", "revoke", "Alpha", home=tmp_path).returncode == 0
        until, answers = time.monotonic() + 1, list[int]()
        while time.monotonic() < until:
            answers.append(ask(address, key))
        after = [ask(address, key) for _ in range(20)]
        assert set(after) == {401}

        counted = (answers + after).count(401)  # for the address: the key is none any more
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda _: ask(address), range(LIMIT)))
        assert answers.count(LET_IN) == LIMIT - counted
        assert answers.count(429) == counted
    assert [path.name for path in (tmp_path / COUNTS).iterdir()] == ["secret"]
    assert not (tmp_path / COUNTS / "secret").read_bytes()
