"""Names of bodies: which spellings are of one body for certain."""

import re
from functools import lru_cache

from corpus.case_study import CaseStudy
from index.analysis import normalise
from index.everyday import holds_everyday, is_everyday
from index.places import country_names

_ABBREVIATION = re.compile(r"\s*\(([^\W\d_][\w.-]*)\)")
_CAPITALS = 2  # from so many on a word is an abbreviation rather than the beginning of a sentence
_ENGLISH_ARTICLE = re.compile(r"^(?:the|an?|les?|la)\s+|^l['’]", re.IGNORECASE)
_ARABIC_ARTICLE = re.compile(r"^ال(?=\w{3})")
_WORD = re.compile(r"[^\W_]+")
_REMEMBERED = 4096

_ACROSS_BORDERS = (
    "Global Community Engagement and Resilience Fund",
    "Global Counterterrorism Forum",
    "Government of Canada",
    "Peace in Our Cities",
    "Radicalisation Awareness Network",
    "Strong Cities Network",
    "Strong Cities Network East and Southern Africa Regional Hub",
    "Strong Cities Network Middle East and North Africa Regional Hub",
    "Strong Cities Network South Asia Regional Hub",
    "Strong Cities Network Western Balkans Regional Hub",
    "United Nations Development Programme",
    "United Nations Office on Drugs and Crime",
    "United Nations Population Fund",
    "شبكة المدن القوية",
    "برنامج الأمم المتحدة الإنمائي",
)


@lru_cache(_REMEMBERED)
def folded(name: str) -> str:
    """A name without what is written now one way and now another.

    That is case, diacritics, white space, an article in front (English, French, Arabic), and an
    abbreviation in brackets.
    """
    bare = _ABBREVIATION.sub(lambda found: "" if _is_short(found[1]) else found[0], name)
    plain = _ENGLISH_ARTICLE.sub("", normalise(" ".join(bare.split())))
    return _ARABIC_ARTICLE.sub("", plain)


@lru_cache(_REMEMBERED)
def abbreviation(name: str) -> str | None:
    """The abbreviation that a name has in brackets, normalised; None if it has none."""
    found = (short[1] for short in _ABBREVIATION.finditer(name) if _is_short(short[1]))
    return next((normalise(short) for short in found), None)


@lru_cache(_REMEMBERED)
def is_of_one_body(name: str, country: str | None) -> bool:
    """Whether a name can be of one body in its country alone, so that its place matters not.

    An abbreviation in brackets says so, the country's name, or a word that no dictionary has,
    as of a place. "Local police" or "Municipal council" are names of several.
    """
    words = _WORD.findall(_without_brackets(name))
    if abbreviation(name) or any(_is_short(word) for word in words):
        return True
    plain = normalise(name)
    if any(normalise(known) in plain for known in country_names(country).values()):
        return True
    return any(not _is_ordinary(normalise(word)) for word in words)


def is_across_borders(name: str) -> bool:
    """Whether a folded name is of a body known to be one and the same in every country."""
    return name in _known_across_borders()


def town(case: CaseStudy) -> str:
    """The first part of a case's place, normalised: Elbasan of "Elbasan, Albania"."""
    return normalise(re.split(r"[,،]", case.place or "")[0].strip())


@lru_cache(1)
def _known_across_borders() -> frozenset[str]:
    return frozenset(folded(name) for name in _ACROSS_BORDERS)


def _without_brackets(name: str) -> str:
    return re.sub(r"\([^)]*\)", " ", name)


def _is_short(word: str) -> bool:
    return sum(letter.isupper() for letter in word) >= _CAPITALS


def _is_ordinary(word: str) -> bool:
    return word.isdecimal() or is_everyday(word) or holds_everyday(word)
