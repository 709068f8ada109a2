"""Run one task in a fresh process, with the same environment for every peer."""

import json
import os
import subprocess
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks.peers.figures import Failure
from benchmarks.peers.peer import THREADS
from benchmarks.peers.worker import Outcome, Task

_ROOT = Path(__file__).resolve().parents[2]
_OF_THREADS = (
    "LANCE_CPU_THREADS",
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "TOKIO_WORKER_THREADS",
)
_OF_SILENCE = {
    "ANONYMIZED_TELEMETRY": "False",
    "DO_NOT_TRACK": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "LANCE_LOG": "error",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
}


def run(task: Task, python: Path, log: Path, timeout_s: float) -> Outcome | Failure:
    """Run a task.

    Args:
        task: What to do.
        python: The interpreter that has the peer.
        log: File that gets what the process says.
        timeout_s: Seconds after which it is ended.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        given, result = folder / "task.json", folder / "result.json"
        given.write_text(json.dumps(asdict(task)), encoding="utf-8")
        command = [str(python), "-m", "benchmarks.peers.worker", str(given), str(result)]
        with log.open("wb") as said:
            try:
                code = subprocess.run(  # noqa: S603 - made here
                    command,
                    cwd=_ROOT,
                    env=_environment(folder),
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=said,
                    timeout=timeout_s,
                    check=False,
                ).returncode
            except subprocess.TimeoutExpired:
                return Failure(f"not done after {timeout_s:.0f} s")
            except OSError as error:
                return Failure(f"{python} cannot be started: {error.strerror}")
        if not result.is_file():
            return Failure(f"its process ended with {code} and said why in {log.name}")
        outcome = json.loads(result.read_bytes())
    return Failure(outcome["error"]) if "error" in outcome else Outcome(**outcome)


def _environment(folder: Path) -> dict[str, str]:
    """The variables of every process: two threads, no network, no model store but an empty one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DIWAN_")}
    threads = dict.fromkeys(_OF_THREADS, str(THREADS))
    return {**kept, **threads, **_OF_SILENCE, "HF_HOME": str(folder / "models")}
