"""How large a slip makes one spelling of another, and from where on it is none."""

from rapidfuzz.distance import OSA

from index.particles import ARTICLE, is_arabic
from index.transliteration import consonant_key

MOST_EDITS = 3

# Edits that a name is still known by, by the letters it is written with at least. An edit adds,
# drops or changes a letter or swaps two. Arabic writes few vowels: there, more names are near.
_LATIN = ((11, 3), (7, 2), (4, 1))
_ARABIC = ((11, 3), (8, 2), (4, 1))
_SHORT = 4  # letters of a name that has many others near to it
_SHORT_UNLIKELY = 5  # letters of such a one that is unlikely besides
_ONE_MORE = 6  # letters from which one edit more is let pass where the consonants agree,
_TWO_IN_ALL = 9  # and letters below which that makes no more than two
_TELLING = 3  # consonants that do not agree by chance
_FEWEST_TELLING = 2


def first_sound(word: str) -> tuple[bool, str]:
    """Script and sound of a word's first letter; what is no consonant stands for itself."""
    return is_arabic(word), consonant_key(word[:1]) or word[:1]


def reach(letters: int) -> int:
    """The most edits by which something of so many letters can be a slip."""
    if letters < _ONE_MORE:
        return 1
    return 2 if letters < _TWO_IN_ALL else MOST_EDITS


def slip(typed: str, name: str, *, capital: bool, likely: bool) -> int | None:
    """How large a slip it is to write a name in another way; None if it is too large to be one.

    Args:
        typed: What is written, normalised, without spaces.
        name: The name, likewise.
        capital: Whether it is written with a capital letter, as names are.
        likely: Whether it is a name that is likely to be meant.

    Returns:
        Twice the number of edits, less 1 where the consonants agree: a slip of vowels, of doubled
        letters or of letters that sound alike.
    """
    letters = min(len(typed), len(name))
    furthest = reach(letters)
    edits = OSA.distance(typed, name, score_cutoff=furthest)
    if not edits:
        return 0
    if edits > furthest:
        return None
    key = consonant_key(name)
    alike = len(key) >= _FEWEST_TELLING and consonant_key(typed) == key
    if typed.startswith(ARTICLE) and name.startswith(ARTICLE):  # it tells no name from another
        letters = max(letters - len(ARTICLE), _SHORT)
    allowed = _ARABIC if is_arabic(name) else _LATIN
    most = next((most for least, most in allowed if letters >= least), 0)
    if not alike:
        if letters <= (_SHORT if likely else _SHORT_UNLIKELY):
            swapped = sorted(typed) == sorted(name)
            most = most if swapped or (capital and likely) else 0
    elif len(key) >= _TELLING:
        most = min(most + 1, furthest)
    if letters <= _SHORT and not likely:
        most = 0
    if first_sound(typed) != first_sound(name):
        most = min(most, 1)
    return 2 * edits - alike if edits <= most else None
