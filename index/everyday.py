"""Everyday words of English and Arabic, by the word lists of pyspellchecker.

The lists are counted from OpenSubtitles (Lison and Tiedemann, LREC 2016) and cleaned: some 160,000
words of English and 143,000 of Arabic.
"""

from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt
from spellchecker import SpellChecker

from index.analysis import light_stem, normalise
from index.pace import step_aside
from index.particles import is_arabic, readings

_USED = 100  # uses from which a form is held to be an Arabic word; many of fewer are slips
_FEWEST_LEFT = 3  # letters of a word without its particles and endings
_AT_ONCE = 1000  # words between two rests
_REMEMBERED = 50_000


def is_everyday(word: str) -> bool:
    """Whether a normalised word is an everyday word of English or Arabic in the form it has."""
    return uses(word) >= (_USED if is_arabic(word) else 1)


def holds_everyday(word: str) -> bool:
    """Whether a normalised word of Arabic is an everyday one, with particles or endings to it."""
    stem = light_stem(word)
    left = {rest for particle, rest in readings(word, _FEWEST_LEFT) if particle}
    if len(stem) <= len(word) - 2:
        left.add(stem)
    return any(len(rest) >= _FEWEST_LEFT and is_everyday(rest) for rest in left)


@lru_cache(_REMEMBERED)
def uses(word: str) -> int:
    """How often the subtitles hold a normalised word; 0 for what is not listed.

    No word that is listed counts less than 50.
    """
    hashes, counts = _listed()
    hashed = hash(word)
    place = int(np.searchsorted(hashes, hashed))
    found = place < len(hashes) and int(hashes[place]) == hashed
    return int(counts[place]) if found else 0


@cache
def _listed() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Hashes of the words, ascending, and how often each is used.

    They take 5 MB in place of the 60 that the words take.
    """
    counted: dict[int, int] = {}
    for language in ("en", "ar"):
        listed = SpellChecker(language=language).word_frequency.items()
        for number, (word, count) in enumerate(listed):
            hashed = hash(word if word.isascii() else normalise(word))
            counted[hashed] = counted.get(hashed, 0) + count
            if number % _AT_ONCE == 0:
                step_aside()
    hashes = np.fromiter(counted, np.int64, len(counted))
    counts = np.fromiter(counted.values(), np.int64, len(counted))
    order = np.argsort(hashes)
    return hashes[order], counts[order]
