"""Words that the end of a line breaks -> whole words, judged by the rest of the document."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_ADDRESS = re.compile(r"\S*[\w/][@./:]+\w\S*")  # of a page or a mailbox: spelled without hyphens
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]+")
_END = re.compile(r"([^\W\d_]+)-$")
_START = re.compile(r"[^\W\d_]+")
_SHORT = 2  # letters: too short to be the first word of a compound


class Hyphens:
    """Knows a document's words, and whether it breaks words at the ends of lines at all."""

    def __init__(self, paragraphs: Iterable[Sequence[str]]) -> None:
        """Learn from the lines of all paragraphs; halves of broken words are not learned."""
        self._words: set[str] = set()
        breaks: list[tuple[str, str]] = []
        for lines in paragraphs:
            self._learn(lines)
            breaks.extend(pair for above, below in pairwise(lines) if (pair := _pair(above, below)))
        joined = sum(first + second in self._words for first, second in breaks)
        kept = sum(f"{first}-{second}" in self._words for first, second in breaks)
        self._breaks_words = joined > kept

    def join(self, lines: Sequence[str]) -> str:
        """Write the lines of a paragraph on one, with broken words made whole."""
        text = lines[0]
        for above, line in pairwise(lines):
            pair = _pair(above, line)
            if _breaks_address(text):
                text += line
            elif pair is None:
                text += " " + line
            else:
                text = (text[:-1] if self._is_broken(*pair) else text) + line
        return text

    def _learn(self, lines: Sequence[str]) -> None:
        broken = False
        for line in lines:
            plain = _ADDRESS.sub(" ", line)
            found = [match.group().casefold() for match in _WORD.finditer(plain)]
            ends_broken = _END.search(line) is not None
            for word in found[broken : len(found) - ends_broken]:
                self._words.add(word)
                self._words.update(word.split("-"))
            broken = ends_broken

    def _is_broken(self, first: str, second: str) -> bool:
        if not (_LATIN.fullmatch(first) and _LATIN.fullmatch(second) and second.islower()):
            return False
        whole = first + second in self._words
        if f"{first}-{second}" in self._words:
            return whole and self._breaks_words
        if whole:
            return True
        if first not in self._words or len(first) <= _SHORT:
            return True
        return self._breaks_words and second not in self._words


def _pair(above: str, below: str) -> tuple[str, str] | None:
    """Return the halves of a word that may be broken, the first one in small letters."""
    end, start = _END.search(above), _START.match(below)
    if end is None or start is None:
        return None
    return end.group(1).casefold(), start.group()


def _breaks_address(text: str) -> bool:
    last = text.rsplit(" ", 1)[-1]
    return last.endswith(("-", "/")) and ("://" in last or last.startswith("www."))
