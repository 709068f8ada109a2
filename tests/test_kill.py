"""Whoever is killed while working on the index or the library leaves a hub that goes on."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

import pytest
from conftest import ROOT, diwan, put_case

from index.generation import Generation
from index.publication import Publication

pytestmark = [pytest.mark.slow, pytest.mark.alone]

TRIALS = int(os.environ.get("DIWAN_KILL_TRIALS", "150"))
SEED = os.environ.get("DIWAN_KILL_SEED") or secrets.token_hex(4)
SCRIPT = Path(__file__).with_name("kill_trials.py")
AT_ONCE = 2  # processes that share the trials
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # what forks is to have one
OWN = {"DIWAN_BUNDLED": "false"}
SIGNALS = [signal.SIGKILL, signal.SIGTERM, signal.SIGINT]


def test_nothing_is_lost_and_what_serves_is_sound_whenever_somebody_dies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = time.monotonic()
    share = -(-TRIALS // AT_ONCE)
    parts = [start(share, f"{SEED}-{part}", tmp_path) for part in range(AT_ONCE)]
    findings = [findings_of(part) for part in parts]
    killed, finished = (together(part[key] for part in findings) for key in ("killed", "finished"))
    inconsistent, lost, hindered = (
        list(chain.from_iterable(part[key] for part in findings))
        for key in ("inconsistent", "lost", "hindered")
    )
    trials = killed + finished
    with capsys.disabled():
        sys.stdout.write(
            f"\n{trials.total()} trials ({', '.join(f'{n} {name}' for name, n in trials.items())}):"
            f" {killed.total()} killed before finishing, {len(inconsistent)} inconsistent opens,"
            f" {len(lost)} lost documents, {len(hindered)} hindered afterwards;"
            f" {time.monotonic() - begun:.0f} s, DIWAN_KILL_SEED={SEED}\n"
        )
    assert not inconsistent, "\n".join(inconsistent)
    assert not lost, "\n".join(lost)
    assert not hindered, "\n".join(hindered)
    assert killed.total() > trials.total() / 2, "too few died in the middle"
    assert trials.total() == share * AT_ONCE


def start(count: int, seed: str, folder: Path) -> "subprocess.Popen[str]":
    home = folder / seed
    home.mkdir()
    return subprocess.Popen(
        [sys.executable, "-W", "error", str(SCRIPT), str(count), seed, str(home)],
        env={**os.environ, **ONE_THREAD},
        stdout=subprocess.PIPE,
        text=True,
    )


def findings_of(process: "subprocess.Popen[str]") -> Mapping[str, Any]:
    told, _ = process.communicate()
    assert process.returncode == 0
    return json.loads(told)


def together(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    return sum(map(Counter, counts), Counter())


def test_the_command_can_be_killed_and_run_again(tmp_path: Path) -> None:
    random = Random(SEED)  # noqa: S311 - no secret hangs on it
    put_case(tmp_path)
    put_case(tmp_path, "changing.md", **as_changed(0))
    begun = time.monotonic()
    rebuild(tmp_path)
    usual = time.monotonic() - begun
    for trial in range(1, 7):
        before = serving(tmp_path)
        put_case(tmp_path, "changing.md", **as_changed(trial))
        about = f"trial {trial}, DIWAN_KILL_SEED={SEED}"
        kill_rebuild(tmp_path, random.uniform(0, usual), SIGNALS[trial % len(SIGNALS)])
        found = diwan("search", "committees in Mumbai", "--json", home=tmp_path, **OWN)
        assert found.returncode == 0, f"{about}: {found.stderr}"
        assert not found.stderr, about
        assert json.loads(found.stdout)["generation"] == serving(tmp_path).id, about
        assert holds(serving(tmp_path), trial) or serving(tmp_path).id == before.id, about
        rebuild(tmp_path)
        assert holds(serving(tmp_path), trial), about


def as_changed(version: int) -> dict[str, str]:
    """What makes the document that changes out of the other."""
    return {"id: india-mumbai-mohalla-committees": "id: changing", "Mumbai": f"Zanth{version}"}


def holds(generation: Generation, version: int) -> bool:
    """Whether a generation holds this version of the document that changes."""
    return any(f"Zanth{version} " in case.text for case in generation.library_cases)


def serving(home: Path) -> Generation:
    opened = Publication(home / "generations").open()
    assert opened.problem is None
    return opened.generation


def rebuild(home: Path) -> None:
    done = diwan("rebuild", home=home, **OWN)
    assert done.returncode == 0, done.stderr


def kill_rebuild(home: Path, seconds: float, how: signal.Signals) -> None:
    """Begin to rebuild, and end it after some time, should it last so long."""
    begun = subprocess.Popen(
        [sys.executable, "-m", "server", "rebuild"],
        cwd=ROOT,
        env={**os.environ, "DIWAN_HOME": str(home), **OWN},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        begun.wait(seconds)
    except subprocess.TimeoutExpired:
        begun.send_signal(how)
        begun.wait()
