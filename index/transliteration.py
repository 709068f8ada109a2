"""Names across scripts: what Nansana and نانسانا share are their consonants."""

from collections.abc import Iterable
from functools import lru_cache
from itertools import chain

from index.analysis import grams

_SHORTEST = 2  # consonants; a name with fewer is like too many others

# Both scripts are mapped to one alphabet. Sounds that Arabic spelling does not tell apart, or that
# are written now one way and now another, are one letter in it: p and b, v and f, g and j.
_ARABIC = {
    "ب": "b", "پ": "b", "ت": "t", "ط": "t", "ث": "t", "ج": "g", "چ": "x", "خ": "k", "د": "d",
    "ض": "d", "ذ": "d", "ر": "r", "ز": "z", "ظ": "z", "س": "s", "ص": "s", "ش": "x", "غ": "g",
    "ف": "f", "ڤ": "f", "ق": "k", "ك": "k", "گ": "g", "ل": "l", "م": "m", "ن": "n",
}  # fmt: skip
_DIGRAPHS = {"sh": "x", "ch": "x", "th": "t", "ph": "f", "kh": "k", "gh": "g", "ck": "k", "dh": "d"}
_LATIN = {
    "b": "b", "p": "b", "t": "t", "j": "g", "g": "g", "k": "k", "q": "k", "d": "d", "r": "r",
    "z": "z", "s": "s", "f": "f", "v": "f", "l": "l", "m": "m", "n": "n",
}  # fmt: skip
_SOFT = frozenset("eiy")  # c before these sounds as s


def name_keys(words: Iterable[str]) -> list[str]:
    """Consonant keys of words that may be names, cut into grams.

    Args:
        words: As written, without the punctuation around them. Latin words count if they begin
            with a capital letter or are all capitals; Arabic has none, so every word counts.

    Returns:
        Character 4-grams of the padded keys, in an alphabet that both scripts share.
    """
    return list(chain.from_iterable(map(_name_grams, words)))


@lru_cache(maxsize=65_536)
def _name_grams(word: str) -> tuple[str, ...]:
    key = "" if word[:1].islower() else consonant_key(word)
    return tuple(grams([key])) if len(key) >= _SHORTEST else ()


@lru_cache(maxsize=65_536)
def consonant_key(word: str) -> str:
    """The consonants of a word, doubled ones once; empty for what is in neither script."""
    lower = word.casefold()
    letters = _arabic_letters(lower) if _is_arabic(lower) else _latin_letters(lower)
    key: list[str] = []
    for letter in letters:
        if not key or key[-1] != letter:
            key.append(letter)
    return "".join(key)


def _is_arabic(word: str) -> bool:
    return any("\u0600" <= letter <= "\u06ff" for letter in word)


def _arabic_letters(word: str) -> Iterable[str]:
    bare = word.removeprefix("ال")
    return (_ARABIC[letter] for letter in bare if letter in _ARABIC)


def _latin_letters(word: str) -> Iterable[str]:
    place = 0
    while place < len(word):
        pair = word[place : place + 2]
        if pair in _DIGRAPHS:
            yield _DIGRAPHS[pair]
            place += 2
            continue
        letter = word[place]
        if letter == "c":
            yield "s" if pair[1:] in _SOFT else "k"
        elif letter == "x":
            yield from "ks"
        elif letter in _LATIN:
            yield _LATIN[letter]
        place += 1
