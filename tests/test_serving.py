"""The real server, as a process of its own, through a rebuild and through nonsense."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx
import pytest
from conftest import ROOT, diwan, put_case
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_api import QUESTION, holder_of

from server.app import assemble
from server.service import Service

pytestmark = [pytest.mark.slow, pytest.mark.alone]


@contextmanager
def served(home: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run `diwan serve` on a free port; its log can be read line by line."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "server", "serve", "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, "DIWAN_HOME": str(home)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.wait(30)
        assert process.stderr is not None
        process.stderr.close()


def wait_for(process: subprocess.Popen[str], words: str) -> str:
    """Read the log up to a line; a server that ends instead fails the test."""
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return line
    raise AssertionError(f"the server ended before it said: {words}")


def test_a_server_that_is_running_takes_up_a_rebuild(bundled_hub: Path) -> None:
    with served(bundled_hub) as (address, process):
        wait_for(process, "Answering from generation")
        before = httpx.get(f"{address}/api/v1/search", params={"q": QUESTION}).json()
        assert before["answered"]
        put_case(
            bundled_hub,
            **{"id: india-mumbai-mohalla-committees": "id: lighthouse-keepers", "Mumbai": "Zanth"},
        )
        assert diwan("rebuild", home=bundled_hub).returncode == 0
        assert before["generation"] not in wait_for(process, "Answering from generation")
        after = httpx.get(f"{address}/api/v1/search", params={"q": "committees in Zanth"}).json()
        assert after["results"][0]["case_study"]["id"] == "lighthouse-keepers"
        assert after["generation"] != before["generation"]


def test_a_server_without_an_index_says_so_and_takes_up_the_first_one(bundled_hub: Path) -> None:
    shutil.rmtree(bundled_hub / "generations")
    with served(bundled_hub) as (address, process):
        wait_for(process, "diwan rebuild")
        refused = httpx.get(f"{address}/readyz")
        assert refused.status_code == 503
        assert diwan("rebuild", home=bundled_hub).returncode == 0
        wait_for(process, "Answering from generation")
        assert httpx.get(f"{address}/readyz").status_code == 200


def test_the_log_does_not_keep_what_is_asked(bundled_hub: Path) -> None:
    with served(bundled_hub) as (address, process):
        wait_for(process, "Answering from generation")
        httpx.get(f"{address}/", params={"q": "a very private question"})
        process.terminate()
        assert process.stderr is not None
        assert "private" not in process.stderr.read()


@pytest.fixture
def whole_site(bundled_service: Service, bundled_home: Path) -> TestClient:
    holder = holder_of(bundled_service)
    holder._refresh()
    return TestClient(assemble(holder, bundled_home))


@settings(
    max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(question=st.text(max_size=2_100), language=st.sampled_from(["", "en", "ar", "xx"]))
def test_no_question_whatever_makes_the_server_fail(
    whole_site: TestClient, question: str, language: str
) -> None:
    asked = {"q": question.encode("utf-8", "replace").decode(), "lang": language}
    page = whole_site.get("/", params=asked)
    assert page.status_code in (200, 422)
    answered = whole_site.get("/api/v1/search", params={key: v for key, v in asked.items() if v})
    assert answered.status_code in (200, 422)
