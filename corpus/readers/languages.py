"""What language a text is in: by its script, and among those that share one by its words."""

import re
import unicodedata
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier


_WORD = re.compile(r"[^\W\d_]+")
_SURE = 0.9  # probability from which a language told by its words is believed
_ENOUGH = 4_000  # letters that tell a document's language
# Languages of a script, the most likely one first; what is not here is told as in Latin letters.
_OF_SCRIPT = {
    "ARABIC": ("ar", "fa", "ur", "ps", "ug"), "CYRILLIC": ("ru", "uk", "bg", "sr", "mk", "kk",
    "ky", "be"), "CJK": ("zh", "ja"), "HIRAGANA": ("ja",), "KATAKANA": ("ja",), "HANGUL": ("ko",),
    "GREEK": ("el",), "HEBREW": ("he",), "THAI": ("th",), "DEVANAGARI": ("hi", "mr", "ne"),
    "BENGALI": ("bn",), "TAMIL": ("ta",), "SINHALA": ("si",), "GEORGIAN": ("ka",),
    "ARMENIAN": ("hy",), "ETHIOPIC": ("am",), "KHMER": ("km",), "LAO": ("lo",),
}  # fmt: skip
_LATIN = (
    "en", "fr", "es", "de", "pt", "it", "nl", "tr", "id", "sv", "da", "no", "fi", "pl", "ro", "sq",
    "bs", "hr", "cs", "sk", "sl", "hu", "et", "lv", "lt", "sw", "vi", "ms", "tl", "ca", "az",
)  # fmt: skip


def language_of(text: str, declared: str | None = None) -> str | None:
    """Tell the language of a text.

    Args:
        text: The text; its beginning is enough.
        declared: ISO 639-1 code that is said to be its language; believed where the script allows
            it and the words do not plainly say otherwise.

    Returns:
        ISO 639-1 code, or None where it cannot be told.
    """
    beginning = _letters(text)
    scripts = Counter(
        unicodedata.name(letter, "?").split()[0] for letter in beginning if letter.isalpha()
    )
    if not scripts:
        return None
    possible = _OF_SCRIPT.get(scripts.most_common(1)[0][0], _LATIN)
    if len(possible) == 1:
        return possible[0]
    told, probability = _identifier(possible).classify(beginning)
    if probability >= _SURE:
        return str(told)
    return declared if declared in possible else None


def _letters(text: str) -> str:
    """The first words of a text, without its figures."""
    found: list[str] = []
    length = 0
    for word in _WORD.finditer(text):
        found.append(word.group())
        length += len(found[-1])
        if length > _ENOUGH:
            break
    return " ".join(found)


@cache
def _identifier(languages: tuple[str, ...]) -> "LanguageIdentifier":
    from py3langid.langid import (  # noqa: PLC0415 - brings numpy, and not every text needs it
        MODEL_FILE,
        LanguageIdentifier,
    )

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(set(languages))
    return identifier
