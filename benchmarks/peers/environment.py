"""The interpreter that has the peers: one that is given, or an environment made for them."""

import hashlib
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
_CONSTRAINTS = Path(__file__).resolve().parents[2] / "constraints.txt"
_STAMP = "installed.sha256"


class EnvironmentFailedError(RuntimeError):
    """The environment of the peers cannot be made; the message says why."""


def peers_interpreter(folder: Path) -> Path:
    """Make the environment unless it is there as the requirements want it.

    Args:
        folder: Where it stands, or is to stand.

    Returns:
        Its interpreter.

    Raises:
        EnvironmentFailedError: It cannot be made.
    """
    python = folder / "bin" / "python"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + _CONSTRAINTS.read_bytes()).hexdigest()
    stamp = folder / _STAMP
    if stamp.is_file() and stamp.read_text(encoding="ascii") == wanted and python.exists():
        return python
    _do(sys.executable, "-m", "venv", "--clear", str(folder))
    _do(str(python), "-m", "pip", "install", "--quiet", "--requirement", str(REQUIREMENTS))
    stamp.write_text(wanted, encoding="ascii")
    return python


def _do(*command: str) -> None:
    """Run a command, or raise with the last thing that it said."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = done.stderr.strip().rsplit("\n", 1)[-1]
        raise EnvironmentFailedError(f"the peers' environment cannot be made: {said}")
