"""Small files that are replaced as a whole: a reader sees the one before or the one after."""

import os
import secrets
from pathlib import Path

_NEW = ".new"


def write_atomically(path: Path, text: str) -> None:
    """Write a file aside, flush it to disk and put it in place of what stood there.

    Raises:
        OSError: The disk does not take it; what stood there still does.
    """
    for last in (False, False, True):
        aside = path.with_name(f".{secrets.token_hex(8)}{_NEW}")
        try:
            with aside.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
            break
        except FileNotFoundError:  # `clear_away` came in between, or the folder is gone
            if last or not path.parent.is_dir():
                raise
        finally:
            aside.unlink(missing_ok=True)
    flush(path.parent)


def clear_away(folder: Path) -> None:
    """Delete what somebody left aside who was ended while writing; others may be writing."""
    for path in folder.glob(f".*{_NEW}"):
        path.unlink(missing_ok=True)


def flush(path: Path) -> None:
    """Have the disk keep a file, or the names in a folder, before going on.

    Raises:
        OSError: There is no such file, or the disk does not take it.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
