"""Whoever is killed while writing leaves each write whole, or nothing of it."""

import json
import os
import secrets
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from write_kills import KINDS

pytestmark = [pytest.mark.slow, pytest.mark.alone]

TRIALS = int(os.environ.get("DIWAN_KILL_TRIALS", "30"))  # of each kind
SEED = os.environ.get("DIWAN_KILL_SEED") or secrets.token_hex(4)
SCRIPT = Path(__file__).with_name("write_kills.py")
AT_ONCE = 2  # processes that share the trials


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_told_of_is_there_and_no_half_of_the_rest_whenever_somebody_dies(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    share = -(-TRIALS // AT_ONCE)
    parts = [start(kind, share, f"{SEED}-{part}", tmp_path) for part in range(AT_ONCE)]
    findings = [findings_of(part) for part in parts]
    counts = sum(
        (
            Counter({name: part[name] for name in ("killed", "told", "found", "not_found")})
            for part in findings
        ),
        Counter[str](),
    )
    inconsistent = [sentence for part in findings for sentence in part["inconsistent"]]
    with capsys.disabled():
        sys.stdout.write(
            f"\n{kind}: {counts['killed']} kills, {counts['told']} writes told of, of those under"
            f" way {counts['found']} found and {counts['not_found']} not, {len(inconsistent)}"
            f" inconsistent; {max(part['seconds'] for part in findings):.0f} s,"
            f" DIWAN_KILL_SEED={SEED}\n"
        )
    assert not inconsistent, "\n".join(inconsistent)
    assert counts["killed"] == share * AT_ONCE
    assert counts["found"] + counts["not_found"] == counts["killed"]


def start(kind: str, trials: int, seed: str, folder: Path) -> "subprocess.Popen[str]":
    home = folder / seed
    home.mkdir()
    return subprocess.Popen(
        [sys.executable, "-W", "error", str(SCRIPT), kind, str(trials), seed, str(home)],
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )


def findings_of(process: "subprocess.Popen[str]") -> dict[str, Any]:
    told, _ = process.communicate()
    assert process.returncode == 0
    found: dict[str, Any] = json.loads(told)
    return found
