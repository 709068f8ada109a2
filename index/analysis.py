"""Text -> lexical tokens: normal forms, stems and character grams, for Arabic and other scripts."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from itertools import chain

import Stemmer

# Lucene's ArabicNormalizer, in its order: tatweel and harakat go, alef, yeh and teh marbuta fold.
# The hamza carriers are folded beside it, as writers leave the hamza out as often as not.
_ARABIC = str.maketrans(
    {
        "آ": "ا", "أ": "ا", "إ": "ا", "ٱ": "ا",
        "ى": "ي", "ی": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ک": "ك",
        "ـ": None,
        **dict.fromkeys(map(chr, range(0x064B, 0x0660)), None),
        "\u0670": None,
    }
)  # fmt: skip
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
# As written: with the vowel signs and accents that stand in the middle of a word.
_SPELT = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f\u064b-\u065f\u0670]|['’](?=[^\W_]))*")
_ARABIC_PREFIXES = ("وال", "بال", "كال", "فال", "ال", "لل", "و")
_ARABIC_SUFFIXES = ("ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي")
_SNOWBALL = {
    "da": "danish", "de": "german", "en": "english", "es": "spanish",
    "fi": "finnish", "fr": "french", "it": "italian", "nl": "dutch", "no": "norwegian",
    "pt": "portuguese", "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip
# Words that a question is put with, not what it is about; normalised.
_FUNCTION_WORDS = {
    "en": frozenset(
        "a about an and any are as at be been by can could did do does for from had has have how i"
        " if in into is it its me my of on one or our she should so some tell than that the their"
        " them there they this those to us was we were what when where which while who whom whose"
        " why will with would you your".split()
    ),
    "fr": frozenset(
        "a à au aux avec ce ces cette ceux comme comment dans de des du elle elles en entre est et"
        " étaient était ete eu il ils je l la le les leur leurs lors mais ne nos notre nous on ont"
        " ou où par pas pour pourquoi qu quand que quel quelle quelles quels qui quoi s sa sans se"
        " ses si son sont sous sur t un une vers vos votre vous y d n c j".split()
    ),
    "ar": frozenset(
        "ما ماذا كيف من متي اين لماذا هل في علي الي عن مع ان انه انها او ام ثم قد لقد كان كانت يكون"
        " تكون هو هي هم هذا هذه ذلك تلك التي الذي الذين اللواتي اي ايه كم لم لن لا عند عندما بعد"
        " قبل بين حول كل بعض غير و لكي كي لدي لها له لهم بها به فيها فيه منها منه يمكن يتم تم جري"
        " ماهي ماهو".split()
    ),
}
_GRAM = 4
_WORDS_KEPT = 100_000  # words whose analysis is remembered, since texts repeat their words
_LONGEST_KEPT = 48  # characters; what is longer without a space is no word, and does not recur
_SCRIPTS = (
    ("ar", re.compile(r"[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("en", re.compile(r"[A-Za-z\u00c0-\u024f]")),
)
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


def normalise(text: str) -> str:
    """Fold what readers do not tell apart: case, width, diacritics, digits, Arabic spellings.

    Source: Unicode NFKC and NFD, and Lucene's ArabicNormalizer.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_ARABIC)
    if folded.isascii():
        return folded
    return unicodedata.normalize("NFD", folded).translate(_FOLD)


class _Folding(dict[int, int | str | None]):
    """What becomes of a character, found out when it is first met: a table for `str.translate`."""

    def __missing__(self, code: int) -> int | str | None:
        """Leave marks out, write digits as ASCII, keep the rest."""
        letter = chr(code)
        digit = unicodedata.digit(letter, None)
        if unicodedata.category(letter) == "Mn":
            self[code] = None
        else:
            self[code] = code if digit is None else str(digit)
        return self[code]


_FOLD = _Folding()


def guess_language(text: str) -> str | None:
    """Tell the language of a short text by its script.

    Returns:
        `ar`, `zh`, `ru` or, for Latin letters, `en`, whichever has most letters; None where the
        text holds no letter of theirs (digits or emoji alone).
    """
    counts = [(len(letters.findall(text)), language) for language, letters in _SCRIPTS]
    most, language = max(counts, key=lambda pair: pair[0])
    return language if most else None


def words_of(spelling: str) -> tuple[str, ...]:
    """The normal form of what is written without a space; ideographs and parts are several."""
    return _remembered(spelling) if len(spelling) <= _LONGEST_KEPT else _words(spelling)


def words(text: str) -> list[str]:
    """The words of a text in their normal form, in order; ideographs one by one."""
    # No word, and nothing that normalisation composes, reaches across white space.
    parts = text.split()
    short = max(map(len, parts), default=0) <= _LONGEST_KEPT
    return list(chain.from_iterable(map(_remembered if short else words_of, parts)))


def _words(spelling: str) -> tuple[str, ...]:
    found = _WORD.findall(normalise(spelling))
    return tuple(chain.from_iterable(_IDEOGRAPH.findall(word) or (word,) for word in found))


_remembered = lru_cache(maxsize=_WORDS_KEPT)(_words)


def spelt_spans(text: str) -> list[tuple[int, int]]:
    """Start and end of each word as it is written, in order, without punctuation."""
    return [match.span() for match in _SPELT.finditer(text)]


def spelt_words(text: str) -> list[str]:
    """The words of a text as they are written, in order, without punctuation."""
    return _SPELT.findall(text)


def content_words(tokens: Iterable[str], language: str) -> list[str]:
    """Leave out the function words of a language, unless nothing else would be left."""
    found = list(tokens)
    stop = _FUNCTION_WORDS.get(language, frozenset())
    return [token for token in found if token not in stop] or found


def is_function_word(token: str, language: str) -> bool:
    """Whether a normalised word is one that questions are put with, not what they are about."""
    return token in _FUNCTION_WORDS.get(language, frozenset())


def stems(tokens: Iterable[str], language: str) -> list[str]:
    """Stem normalised words.

    Words in Arabic script go through a light stemmer, whatever the text's language; all others
    through Snowball's for the language, or for English in an Arabic text.

    Args:
        tokens: As `words` returns them.
        language: ISO 639-1; words of a language without a stemmer are returned as they are.
    """
    return list(map(_stemmer("en" if language == "ar" else language), tokens))


def light_stem(word: str) -> str:
    """Take the article, particles and common endings off a normalised Arabic word.

    Source: Larkey, Ballesteros and Connell, Improving Stemming for Arabic Information Retrieval
    (2002), stemmer light10. Snowball's Arabic stemmer expects a teh marbuta that normalisation
    has folded, and finds less: nDCG@10 .836 against .843 on the questions of ARCD.
    """
    for prefix in _ARABIC_PREFIXES:
        least = 3 if prefix == "و" else 2
        if word.startswith(prefix) and len(word) >= len(prefix) + least:
            word = word[len(prefix) :]
            break
    for suffix in _ARABIC_SUFFIXES:
        if word.endswith(suffix) and len(word) >= len(suffix) + 2:
            word = word[: -len(suffix)]
    return word


@cache
def _stemmer(language: str) -> Callable[[str], str]:
    algorithm = _SNOWBALL.get(language)
    other: Callable[[str], str] = Stemmer.Stemmer(algorithm).stemWord if algorithm else str

    def stem(token: str) -> str:
        return light_stem(token) if "\u0600" <= token[0] <= "\u06ff" else other(token)

    return lru_cache(_WORDS_KEPT)(stem)


def grams(tokens: Iterable[str]) -> list[str]:
    """Character 4-grams inside padded words; a word shorter than that is one gram."""
    return list(chain.from_iterable(map(_grams_of, tokens)))


@lru_cache(maxsize=_WORDS_KEPT)
def _grams_of(token: str) -> tuple[str, ...]:
    padded = f" {token} "
    if len(padded) <= _GRAM:
        return (padded,)
    return tuple(padded[at : at + _GRAM] for at in range(len(padded) - _GRAM + 1))
