"""What a generation says of itself, and whether its files are as they were written."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from corpus.errors import DiwanError
from index.background import Background, Signal
from index.pace import step_aside

SCHEMA = 6  # raised whenever a generation of the older kind can no longer be read
MANIFEST = "manifest.json"
ASIDE = ".building-"  # begins the name of a folder that is being written
_SEAL = "sha256"  # of the rest of the manifest, in the manifest


class GenerationError(DiwanError):
    """A generation that is absent, damaged or of another schema; says what to do about it."""


class DamagedError(GenerationError):
    """A generation that is not as it was written."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation was built from and what it holds.

    Attributes:
        schema: Version of the folder's layout.
        id: Name of the generation and of its folder.
        number: Counts the generations of a hub: a later one has a higher number, whatever the
            clock said.
        created: ISO 8601 date and time, UTC.
        library: SHA-256 of the library's state.
        returned: For each document that had been removed and was taken in again, which time it
            was; see `corpus.removed.Removed`.
        parameters: What else the build depended on, by name.
        model: Name of the encoder.
        revision: Fingerprint of the encoder's weights.
        dimension: Length of its vectors.
        cases: Number of documents, each rendering counted.
        passages: Number of passages.
        sentences: Number of sentences.
        background: Mean and spread of each signal on unrelated pairs, in one language and across.
        files: SHA-256 of every other file, by its path within the folder.
    """

    schema: int
    id: str
    number: int
    created: str
    library: str
    returned: Mapping[str, str]
    parameters: Mapping[str, float | str]
    model: str
    revision: str
    dimension: int
    cases: int
    passages: int
    sentences: int
    background: Mapping[str, Mapping[Signal, Background]]
    files: Mapping[str, str]


_MANIFEST = TypeAdapter(Manifest)


def sealed(manifest: Manifest) -> str:
    """A manifest as it is written, with its own sum."""
    fields = asdict(manifest)
    return json.dumps({**fields, _SEAL: _seal(fields)}, ensure_ascii=False, indent=1)


def read_manifest(folder: Path) -> Manifest:
    """Read what a generation says of itself.

    Raises:
        GenerationError: There is none, it cannot be read, or it is of another schema.
    """
    try:
        raw = json.loads((folder / MANIFEST).read_bytes())
        if raw.get("schema") != SCHEMA:
            raise GenerationError(
                f"Generation {folder.name} was built by another version of Diwan;"
                " build a new one with `diwan rebuild`."
            )
        manifest = _MANIFEST.validate_python(unsealed(raw, folder))
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise damaged(folder, reason(error, folder)) from error
    if manifest.id != folder.name.removeprefix(ASIDE):
        raise damaged(folder, f"it is generation {manifest.id} under another name")
    return manifest


def unsealed(raw: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The fields of a manifest of any schema, once they are seen to be as they were written.

    Raises:
        DamagedError: They are not.
    """
    fields = {name: value for name, value in raw.items() if name != _SEAL}
    if raw.get(_SEAL) != _seal(fields):
        raise damaged(folder, f"{MANIFEST} is not as it was written")
    return fields


def check_files(folder: Path) -> Manifest:
    """Check every file of a generation against its sum.

    Returns:
        Its manifest.

    Raises:
        GenerationError: It is absent, damaged or of another schema.
    """
    manifest = read_manifest(folder)
    try:
        found = sums(folder)
    except OSError as error:
        raise damaged(folder, reason(error, folder)) from error
    for name in sorted(manifest.files.keys() | found.keys()):
        if name not in found:
            raise damaged(folder, f"{name} is missing")
        if found[name] != manifest.files.get(name):
            raise damaged(folder, f"{name} is not as it was written")
    return manifest


def sums(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a generation but the manifest, by its path in the folder."""
    return {
        path.relative_to(folder).as_posix(): sum_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }


def damaged(folder: Path, why: str) -> DamagedError:
    """The error that says why a generation is not as it was written."""
    return DamagedError(
        f"Generation {folder.name.removeprefix(ASIDE)} is damaged or incomplete: {why}."
        " Build a new one with `diwan rebuild`, or go back with `diwan rollback`."
    )


def reason(error: Exception, folder: Path) -> str:
    """Why something in a generation's folder cannot be read, in a line."""
    if isinstance(error, OSError) and error.filename:
        name = Path(error.filename)
        shown = name.relative_to(folder) if name.is_relative_to(folder) else name
        return f"{shown}: {error.strerror}"
    return str(error).strip().split("\n", 1)[0] or type(error).__name__


def _seal(fields: Mapping[str, Any]) -> str:
    """SHA-256 of a manifest's fields, whatever their order and the white space between them."""
    written = json.dumps(fields, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def sum_of(path: Path) -> str:
    """SHA-256 (hexadecimal) of a file."""
    step_aside()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
