"""Text as a file holds it -> text as the library keeps it: one spelling for what reads the same."""

import re
import unicodedata

# Letters in the shape that they take at one place in a word, kept by fonts and by old files.
_PRESENTATION_FORMS = re.compile(r"[\ufb50-\ufdff\ufe70-\ufefe]+")
# Soft hyphen, zero-width space and joiner of words, bidirectional controls, byte order mark and
# control characters other than white space. U+200C stays: Persian spells words with it.
_UNSEEN = re.compile(
    r"[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
    r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]+"
)


def tidy(text: str) -> str:
    """Bring a part's text into the form that the library keeps.

    Returns:
        The text in NFC on one line, with single spaces and no space at either end, Arabic
        presentation forms folded to the letters that they stand for, and without characters that
        cannot be seen. Empty where nothing is left.
    """
    folded = _PRESENTATION_FORMS.sub(_fold, _UNSEEN.sub("", text))
    return " ".join(unicodedata.normalize("NFC", folded).split())


def _fold(match: re.Match[str]) -> str:
    """Fold each form by itself: an isolated mark stands on a space of its own, not the text's."""
    return "".join(unicodedata.normalize("NFKC", form).lstrip() for form in match.group())
