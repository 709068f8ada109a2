"""Where a list goes on: an opaque text that holds a key, so that it outlives a generation."""

import base64
import binascii
import json
from collections.abc import Sequence

from server.problems import ParameterError

LONGEST_CURSOR = 1_000


def write_cursor(of: str, key: Sequence[str]) -> str:
    """Make a cursor.

    Args:
        of: Which list it is of.
        key: Of the last entry that was given.
    """
    packed = json.dumps([of, *key], ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read_cursor(of: str, length: int, cursor: str) -> list[str]:
    """Read what `write_cursor` made.

    Args:
        of: Which list it is to be of.
        length: How many parts the list's keys have.
        cursor: As it came.

    Raises:
        ParameterError: It is something else.
    """
    key = _unpacked(cursor) if len(cursor) <= LONGEST_CURSOR else None
    if not isinstance(key, list) or not all(isinstance(part, str) for part in key):
        key = []
    if len(key) != length + 1 or key[0] != of or write_cursor(of, key[1:]) != cursor:
        raise ParameterError(
            "cursor", "This is no cursor of this list; leave it out to begin at the start."
        )
    return key[1:]


def _unpacked(cursor: str) -> object:
    try:
        packed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        found: object = json.loads(packed)
    except (binascii.Error, ValueError, RecursionError):
        return None
    return found
