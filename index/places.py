"""Countries by name: what CLDR calls them, and which of them a text speaks of."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from string import capwords

from babel import Locale

from index.analysis import words

LANGUAGES = ("ar", "en", "es", "fr", "de", "ru", "tr", "zh")

# How people call countries besides CLDR's names.
_OTHER_NAMES = {
    "US": ("usa", "america", "u s a", "أمريكا", "امريكا", "الأمريكية"),
    "GB": ("uk", "britain", "england", "scotland", "wales", "بريطانيا", "إنجلترا", "اسكتلندا"),
    "AE": ("uae", "emirates", "الإمارات"),
    "NG": ("nigerian",),
    "NE": ("nigerien",),
    "ML": ("في مالي", "دولة مالي"),
    "NL": ("holland", "dutch", "هولندا"),
    "TR": ("turkey",),
    "CZ": ("czech republic",),
    "CI": ("ivory coast",),
    "CD": ("drc", "democratic republic of the congo"),
    "PS": ("palestine", "فلسطين"),
    "SA": ("saudi",),
    "XK": ("kosovo", "كوسوفو"),
    "MK": ("macedonia", "مقدونيا"),
    "CH": ("swiss",),
    "FR": ("french",),
    "DE": ("german",),
    "GR": ("greek",),
    "DK": ("danish", "danes"),
    "NO": ("norwegian",),
    "SE": ("swedish", "swedes"),
    "FI": ("finnish", "finns"),
    "ES": ("spanish", "spaniards"),
    "PL": ("polish", "poles"),
    "PT": ("portuguese",),
    "JP": ("japanese",),
    "CN": ("chinese",),
    "PH": ("filipino", "philippine"),
    "IE": ("irish",),
    "IQ": ("iraqi",),
    "LB": ("lebanese", "اللبنانية"),
    "TH": ("thai",),
}
_NOT_COUNTRIES = ("EU", "EZ", "UN", "XA", "XB", "ZZ")
# Forms that are everyday words too: Mali is spelt like the Arabic for financial.
_ALSO_WORDS = frozenset(
    (form,) for form in ("مالي", "المالي", "الماليه", "ماليه", "والمالي", "والماليه", "بالمالي",
                         "لمالي", "للمالي", "بالماليه", "للماليه", "كمالي", "فمالي", "ماليين",
                         "الماليين", "ماليون", "ماليات", "الماليات")
)  # fmt: skip
_PLAIN = re.compile(r"[^\W\d_]+(?:[ .'’-]{1,2}[^\W\d_]+)*")
# Names that are also a city's, a person's or a state's, and words that make another place of one.
_OTHER_THINGS = frozenset(
    tuple(words(name)) for name in ("Georgia", "Jordan", "Chad", "Oman", "عُمان", "Congo", "Guinea",
                                    "Niger", "Mali", "مالي", "Dominica", "Ireland", "Sudan")
)  # fmt: skip
_OTHER_PLACES = frozenset(("new", "north", "northern", "south", "southern", "latin", "el"))
PROCLITICS = ("", "و", "ب", "ل", "ك", "ف", "وب", "ول", "فب")


@cache
def country_names(code: str | None) -> dict[str, str]:
    """The country's name in each of the languages.

    Args:
        code: ISO 3166-1 alpha-2, `XK` for Kosovo, or None.

    Returns:
        Name by ISO 639-1 code of its language, from CLDR; empty where the code is unknown.
    """
    if code is None:
        return {}
    names = ((language, Locale(language).territories.get(code)) for language in LANGUAGES)
    return {language: name for language, name in names if name}


def countries_named(text: str) -> set[str]:
    """Find the countries that a text names, by noun or adjective, in English or Arabic.

    Returns:
        ISO 3166-1 alpha-2 codes.
    """
    return countries_among(words(text))


def countries_stated(title: str) -> set[str]:
    """Find the countries that a title names beyond doubt: by their own names, that mean no other.

    Returns:
        ISO 3166-1 alpha-2 codes.
    """
    found = words(title)
    stated: set[str] = set()
    for code in countries_among(found):
        for name in map(tuple, map(words, country_names(code).values())):
            starts = (
                start
                for start in range(len(found) - len(name) + 1)
                if tuple(found[start : start + len(name)]) == name
            )
            if (
                name
                and name not in _OTHER_THINGS
                and any(start == 0 or found[start - 1] not in _OTHER_PLACES for start in starts)
            ):
                stated.add(code)
    return stated


def countries_among(found: Sequence[str]) -> set[str]:
    """Find the countries that words name; see `countries_named`.

    Args:
        found: As `index.analysis.words` gives them, in order.
    """
    forms, longest = _forms(), _longest()
    return {
        code
        for start in [place for place, word in enumerate(found) if word in longest]
        for length in range(1, longest[found[start]] + 1)
        if (code := forms.get(tuple(found[start : start + length]))) is not None
    }


def country_at(found: Sequence[str], start: int) -> tuple[str | None, int]:
    """The country that is named from one word on, and by how many words; (None, 0) if none is.

    Args:
        found: As `index.analysis.words` gives them, in order.
        start: Number of the first word.
    """
    forms, longest = _forms(), _longest()
    for length in range(min(longest.get(found[start], 0), len(found) - start), 0, -1):
        code = forms.get(tuple(found[start : start + length]))
        if code is not None:
            return code, length
    return None, 0


def own_names() -> Iterator[tuple[str, str]]:
    """The names that countries have in English and Arabic, as they are written.

    Yields:
        Name, and ISO 3166-1 alpha-2 code. Names that hold more than letters, as “Congo -
        Kinshasa”, are left out.
    """
    for code in _codes():
        for language in ("en", "ar"):
            name = country_names(code).get(language, "")
            if _PLAIN.fullmatch(name):
                yield name, code
        for name in _OTHER_NAMES.get(code, ()):
            if name.isascii():
                yield capwords(name), code
            elif " " not in name:
                yield name, code


@cache
def _codes() -> tuple[str, ...]:
    return tuple(
        code
        for code in map(str, Locale("en").territories)
        if len(code) == 2 and code not in _NOT_COUNTRIES  # noqa: PLR2004
    )


@cache
def _longest() -> dict[str, int]:
    """By the first word of a name, how many words the longest of them has."""
    longest: dict[str, int] = {}
    for form in _forms():
        longest[form[0]] = max(longest.get(form[0], 0), len(form))
    return longest


@cache
def _forms() -> dict[tuple[str, ...], str]:
    """Every way of naming a country, as normalised words; what it is called before what is derived.

    Names come first for all countries, so that no adjective made by rule (Niger-ian) takes
    another country's own name.
    """
    names = {
        code: [
            words(name)
            for name in (
                *(country_names(code).get(language, "") for language in ("en", "ar")),
                *_OTHER_NAMES.get(code, ()),
            )
            if words(name)
        ]
        for code in _codes()
    }
    forms: dict[tuple[str, ...], str] = {}
    for code, named in names.items():
        for name in named:
            if tuple(name) not in _ALSO_WORDS:
                forms.setdefault(tuple(name), code)
    for code, named in names.items():
        for name in named:
            derived = _english_forms(name) if name[0].isascii() else _arabic_forms(name)
            for form in derived:
                if form not in _ALSO_WORDS:
                    forms.setdefault(form, code)
    return forms


def _english_forms(name: list[str]) -> list[tuple[str, ...]]:
    """The adjectives that are made of a name by rule: Ugandan, Canadian, Iraqi."""
    if len(name) > 1:
        return []
    stem = name[0].rstrip("aeio")
    adjectives = {name[0] + "n", name[0] + "an", name[0] + "i", name[0] + "ese",
                  stem + "an", stem + "ian", stem + "ese"}  # fmt: skip
    return [(adjective + plural,) for adjective in sorted(adjectives) for plural in ("", "s")]


def _arabic_forms(name: list[str]) -> list[tuple[str, ...]]:
    """A name with the particles written to it, and the adjectives made of it: أوغندي، الأوغندية."""
    first, rest = name[0], tuple(name[1:])
    forms = [(particle + first, *rest) for particle in PROCLITICS]
    if first.startswith("ال"):
        forms += [("لل" + first[2:], *rest), ("ولل" + first[2:], *rest)]
    if not rest:
        stem = first.removeprefix("ال").rstrip("اهي")
        forms += [
            (article + stem + ending,)
            for ending in ("ي", "يه", "يين", "يون", "يات")
            for article in ("", "ال", "وال", "بال", "لل")
        ]
    return forms
