"""Files that staff write by hand and the desk adds to: nothing that they wrote is lost."""

import fcntl
import json
from collections.abc import Callable
from pathlib import Path

from corpus.atomic import write_atomically
from corpus.toml_tables import read_text


def change_file(path: Path, changed: Callable[[str], str], refusal: type[Exception]) -> None:
    """Put what is made of a file in its place, while nobody else changes it so.

    Args:
        path: The file; one that does not exist is empty.
        changed: Makes the new text of the old; what it raises leaves the file as it is.
        refusal: Raised with a sentence where the file cannot be read.

    Raises:
        OSError: The disk does not take it; the file is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with (path.parent / f".{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = read_text(path, refusal) if path.exists() else ""
        write_atomically(path, changed(before))


def appended(text: str, lines: list[str]) -> str:
    """A text with lines after it, parted from what stands there by an empty one."""
    end = "\r\n" if "\r\n" in text else "\n"
    before = text and text.rstrip("\r\n") + end * 2
    return before + "".join(f"{line}{end}" for line in lines)


def says_something(text: str) -> bool:
    """Whether there is anything in a TOML text but comments."""
    return any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines())


def toml_string(text: str) -> str:
    """Write a text down as a basic string of TOML, which escapes as JSON does, and delete, too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
