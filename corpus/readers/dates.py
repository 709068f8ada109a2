"""A few words with a date in them, in Arabic or English -> the date as ISO 8601 writes it."""

import re
from datetime import date
from functools import cache

from babel import Locale

_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_MONTHS = 12
# Arabic has three sets of month names: the Gulf's and Egypt's, the Levant's, and the Maghreb's two.
_LOCALES = "en fr es de pt it tr ar ar_LB ar_DZ ar_MA".split()
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_ALEFS = str.maketrans("أإآ", "ااا")  # often written without their marks
_LONGEST = 2_000  # characters: a date is looked for in a line, not in a book


def find_date(text: str) -> str | None:
    """Find the first date of a short text.

    Args:
        text: A line, or the value of a field: `Published 27 November 2024`, `٢٧/١١/٢٠٢٤`.

    Returns:
        `YYYY-MM-DD`, `YYYY-MM` or `YYYY`, as much as the text says without doubt: of 03/04/2024
        only the year, as it is March to some and April to others. None where it says no date, an
        impossible one or one outside 1900 to 2100. A year alone counts where nothing else stands.
    """
    plain = text[:_LONGEST].translate(_DIGITS).translate(_ALEFS).casefold()
    plain = re.sub(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", plain)
    for match in _date_pattern().finditer(plain):
        found = _read(match)
        if found is not None:
            return found
    alone = re.fullmatch(r"\D{0,3}(\d{4})\D{0,3}", plain.strip())
    return _iso(int(alone.group(1))) if alone else None


def _read(match: re.Match[str]) -> str | None:
    parts = {name: value for name, value in match.groupdict().items() if value is not None}
    year = int(next(value for name, value in parts.items() if name.startswith("year")))
    if "first" in parts:
        return _read_numbers(int(parts["first"]), int(parts["second"]), year)
    written = next((value for name, value in parts.items() if name.startswith("name")), None)
    month = int(parts["month"]) if written is None else _months()[written]
    day = next((value for name, value in parts.items() if name.startswith("day")), None)
    return _iso(year, month, int(day) if day else None)


def _read_numbers(first: int, second: int, year: int) -> str | None:
    """Read 27/11/2024, where either number may be the day if it is no month."""
    if first == second or first > _MONTHS:
        return _iso(year, second, first)
    if second > _MONTHS:
        return _iso(year, first, second)
    return _iso(year)


def _iso(year: int, month: int | None = None, day: int | None = None) -> str | None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        written = date(year, month or 1, day if day is not None else 1).isoformat()
    except ValueError:
        return None
    if day is not None:
        return written
    return written[:7] if month is not None else written[:4]


@cache
def _months() -> dict[str, int]:
    """Return the number of every month name in small letters."""
    months: dict[str, int] = {}
    for locale in map(Locale.parse, _LOCALES):
        for number, name in locale.months["format"]["wide"].items():
            months.setdefault(name.casefold().translate(_ALEFS), number)
    for number, name in Locale.parse("en").months["format"]["abbreviated"].items():
        months.setdefault(name.casefold(), number)
    return months | {"sept": 9, "اغسطس": 8, "غشت": 8, "اوت": 8, "جويلية": 7}


@cache
def _date_pattern() -> re.Pattern[str]:
    names = sorted(map(re.escape, _months()), key=len, reverse=True)
    # “مايو/أيار 2024” and “أكتوبر (تشرين الأول) 2024” name one month twice.
    month = f"(?P<name>{'|'.join(names)})\\b\\.?(?:\\s?[/(]\\s?(?:{'|'.join(names)})\\b\\)?)?"
    year = r"(?P<year>\d{4})(?!\d)"
    day = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|\.|º)?"
    between = r"[\s,،\-]{1,3}(?:de\s|من\s|of\s)?"
    forms = (
        rf"{year}\s?[-/.]\s?(?P<month>\d{{1,2}})(?:\s?[-/.]\s?(?P<day>\d{{1,2}}))?(?!\d)",
        rf"(?P<first>\d{{1,2}})\s?[-/.]\s?(?P<second>\d{{1,2}})\s?[-/.]\s?{year}",
        rf"{day}{between}{month}{between}{year}",
        rf"\b{month}{between}{day}{between}{year}",
        rf"\b{month}{between}{year}",
    )
    numbered = (
        re.sub(r"\?P<(year|day|name)>", rf"?P<\g<1>{number}>", form)
        for number, form in enumerate(forms)
    )
    return re.compile(
        r"(?<![\d/.\-])(?:" + "|".join(f"(?:{form})" for form in numbered) + r")(?![./\-]?\d)"
    )
