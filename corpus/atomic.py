"""Small files that are replaced as a whole: a reader sees the one before or the one after."""

import os
import secrets
from pathlib import Path


def write_atomically(path: Path, text: str) -> None:
    """Write a file aside, flush it to disk and put it in place of what stood there.

    Raises:
        OSError: The disk does not take it; what stood there still does.
    """
    aside = path.with_name(f".{secrets.token_hex(8)}.new")
    try:
        with aside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
