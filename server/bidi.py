"""Text of one direction of writing within text of the other."""

import unicodedata
from collections.abc import Iterator

from server.i18n import Interface

_ISOLATE = "\u2068"  # FIRST STRONG ISOLATE
_END_ISOLATE = "\u2069"  # POP DIRECTIONAL ISOLATE
_STRONG = {"L": "ltr", "R": "rtl", "AL": "rtl"}


def isolated(part: str, reader: Interface) -> str:
    """Keep a part that is written the other way from mixing with its neighbours.

    Two Latin names with an Arabic comma between them would otherwise be laid out as one run, in
    the wrong order. Source: Unicode Standard Annex 9, section 2.4.
    """
    if any(direction != reader.direction for direction in map(_direction, part) if direction):
        return f"{_ISOLATE}{part}{_END_ISOLATE}"
    return part


def isolated_url(url: str, reader: Interface) -> str:
    """Isolate an address, with a space at its end: what turns addresses into links stops there."""
    if reader.direction == "ltr":
        return url
    return f"{_ISOLATE}{url} {_END_ISOLATE}"


def directional_runs(text: str, base: str) -> Iterator[tuple[str, str]]:
    """Cut a text into runs of one direction, as word processors keep them.

    What has no direction of its own, such as spaces, digits and full stops, belongs to a run
    where it stands between letters of that run, and otherwise to the text as a whole. Source: the
    rules for neutrals, N1 and N2 of Unicode Standard Annex 9.

    Args:
        text: The text.
        base: Direction of the text as a whole, `ltr` or `rtl`.

    Yields:
        Runs that together are the text, each with `ltr` or `rtl`.
    """
    directions = [_direction(character) for character in text]
    before: list[str] = []
    last = base
    for direction in directions:
        last = direction or last
        before.append(last)
    after: list[str] = []
    last = base
    for direction in reversed(directions):
        last = direction or last
        after.append(last)
    start = 0
    resolved = [
        one if one == other else base for one, other in zip(before, reversed(after), strict=True)
    ]
    for end in range(1, len(text) + 1):
        if end == len(text) or resolved[end] != resolved[start]:
            yield text[start:end], resolved[start]
            start = end


def _direction(character: str) -> str | None:
    return _STRONG.get(unicodedata.bidirectional(character))
