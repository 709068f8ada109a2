"""Text that came out of a file wrong: letters that mean nothing, and Arabic back to front.

Each check is made on a page at a time, and says yes only where it is plain.
"""

import re

_FEWEST = 20  # letters, or characters: no judgement on fewer
_MOST = 0.1  # of the characters of a page that may be nonsense
_MOST_ACCENTED = 0.4  # of the letters: no language that is written in Latin letters has so many
_FEWEST_SIGNS = 3  # of reversed words
_NONSENSE = re.compile(r"[\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff\x00-\x08\x0e-\x1f\x7f-\x9f]")
_SYMBOL_BULLET = re.compile(r"(?<!\S)[\uf000-\uf0ff](?!\S)")
# UTF-8 read as Latin-1 or Windows-1252: Arabic (Ø§Ù„), accented Latin (Ã©), punctuation (â€™).
_MOJIBAKE = re.compile(
    r"[ØÙÚÛ][\u0080-\u00bfŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]|Ã[\u0080-\u00bf]|â€[\u0080-\u00bf™œ\x9d“”]"
)
_LETTER = re.compile(r"[^\W\d_]")
_ACCENTED = re.compile(r"[À-ÖØ-öø-ÿ]")
_ARABIC_WORD = re.compile(r"[\u0621-\u064a]{2,}")
_MARKS = re.compile(r"[\u064b-\u065f\u0670\u0640]")
_COMMON = frozenset(
    "في من على إلى عن أن إن التي الذي هذا هذه ذلك مع كان كانت قد بين كل بعد قبل أو ثم حتى عند"
    " كما لم لن ما هو هي غير أي خلال حيث".split()
)
# What reads as a common word from either end says nothing.
_FORWARDS = frozenset(word for word in _COMMON if word[::-1] not in _COMMON)
_BACKWARDS = frozenset(word[::-1] for word in _FORWARDS)


def is_garbled(text: str, unmapped: int) -> bool:
    """Say whether the letters of a page are not the ones that its reader sees.

    Args:
        text: Of the page.
        unmapped: How many of its characters the file gives no letter for.
    """
    text = _SYMBOL_BULLET.sub("", text)
    characters = sum(not character.isspace() for character in text)
    if characters < _FEWEST:
        return False
    nonsense = max(len(_NONSENSE.findall(text)), unmapped)
    mojibake = sum(len(found) for found in _MOJIBAKE.findall(text))
    if max(nonsense, mojibake) > _MOST * characters:
        return True
    # Arabic in an old font shows as Latin letters with accents: ÇáãÏíäÉ.
    letters = len(_LETTER.findall(text))
    return letters >= _FEWEST and len(_ACCENTED.findall(text)) > _MOST_ACCENTED * letters


def is_reversed(text: str) -> bool:
    """Say whether the Arabic of a page stands back to front.

    Signs are common words, the article at one end of a word and the letter ta marbuta, which ends
    words and never begins one, at the other.
    """
    forwards = backwards = 0
    for word in _ARABIC_WORD.findall(_MARKS.sub("", text)):
        forwards += (word in _FORWARDS) + (word[0:2] == "ال") + (word[-1] in "ةى")
        backwards += (word in _BACKWARDS) + (word[-2:] == "لا") + (word[0] in "ةى")
    return backwards >= _FEWEST_SIGNS and backwards > 2 * forwards
