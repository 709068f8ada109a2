"""Languages by the script they are written in: which one a reader of another can be shown."""

from collections.abc import Collection, Iterable
from functools import cache

from babel.core import get_global

from corpus.case_study import CaseStudy

_WIDEST_READ = "en"


@cache
def script_of(language: str) -> str | None:
    """The script that a language is usually written in; None for a language that is not known.

    Args:
        language: ISO 639-1 code.

    Returns:
        ISO 15924 code. Source: likely subtags of the Unicode CLDR.
    """
    likely: str | None = get_global("likely_subtags").get(language)
    return likely.split("_")[1] if likely else None


def closest_language(wanted: str, available: Collection[str]) -> str:
    """The language to show a text in to a reader of another.

    Args:
        wanted: ISO 639-1 code of the reader's language.
        available: Codes of the languages that there are.

    Returns:
        The reader's own if it is there, else one in the same script, else any; among several
        English comes first, then the first by its code; the reader's own where there is none.
    """
    if wanted in available or not available:
        return wanted
    script = script_of(wanted)
    return min(available, key=lambda code: (script_of(code) != script, code != _WIDEST_READ, code))


def rendering_for(renderings: Iterable[CaseStudy], *wishes: str | None) -> CaseStudy | None:
    """The rendering of a document to show to a reader.

    Args:
        renderings: Of the document.
        wishes: Languages, the one that is wished for most first; the last is the reader's own.

    Returns:
        The first that is in a language wished for; else, of those that were written in their own
        language rather than translated, the one closest to the reader's; None where there is none.
    """
    by_language = {case.language: case for case in renderings}
    for wish in wishes:
        if wish in by_language:
            return by_language[wish]
    originals = {code: case for code, case in by_language.items() if case.translated_from is None}
    found = originals or by_language
    return found.get(closest_language(wishes[-1] or _WIDEST_READ, found)) if found else None
