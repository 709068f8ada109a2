"""What can be kept of a practice as it came, and what it needs before it can be sent."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from urllib.parse import urlsplit

from babel import Locale

from corpus.case_study import Level, Pillar
from server.contributions.practice import (
    MOST_SOURCES,
    TEXTS,
    Draft,
    Practice,
    SourceTyped,
    too_long,
)
from server.mail.letter import is_address

_DATE = re.compile(r"[12][0-9]{3}(-(0[1-9]|1[0-2]))?")
_COUNTRY = re.compile(r"[A-Z]{2}")
_UNKEPT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_EASTERN = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "0123456789" * 2)


class Why(StrEnum):
    """Why a field keeps a practice from being sent."""

    EMPTY = "empty"
    LONG = "long"
    NO_DATE = "no_date"
    ENDS_EARLY = "ends_early"
    NO_URL = "no_url"
    NO_TITLE = "no_title"
    NO_ADDRESS = "no_address"
    NOT_AGREED = "not_agreed"


@dataclass(frozen=True, slots=True)
class Lack:
    """What keeps a practice from being sent.

    Attributes:
        field: Id of the field on the page.
        why: Why.
    """

    field: str
    why: Why


def cleaned(draft: Draft) -> Draft:
    """What is kept of a draft: no controls, no white space at its ends, dates in one form."""
    practice = draft.practice
    return replace(
        draft,
        practice=replace(
            practice,
            title=_line(practice.title),
            **{name: _text(getattr(practice, name)) for name in TEXTS},
            place=_line(practice.place),
            start=_date(practice.start),
            end=_date(practice.end),
            bodies=_text(practice.bodies),
            pillars=tuple(pillar for pillar in Pillar if pillar in practice.pillars),
            sources=tuple(SourceTyped(_line(s.title), _line(s.url)) for s in practice.sources),
            body=_line(practice.body),
        ),
        name=_line(draft.name),
        address=_line(draft.address),
        answer=_text(draft.answer),
    )


def lacking(draft: Draft) -> tuple[Lack, ...]:
    """What keeps a draft from being sent, in the order of the fields on the page."""
    return tuple(sorted(_lacks(draft), key=lambda lack: FIELDS.index(lack.field)))


def overlong(draft: Draft) -> tuple[Lack, ...]:
    """The fields that hold more than can be kept, in their order."""
    found = {name for name, _ in too_long(draft)}
    return tuple(Lack(name, Why.LONG) for name in FIELDS if name in found)


@cache
def countries() -> frozenset[str]:
    """ISO 3166-1 alpha-2 codes of countries, and `XK` for Kosovo."""
    codes = {str(code) for code in Locale("en").territories}
    return frozenset(code for code in codes - _NO_COUNTRIES if _COUNTRY.fullmatch(code))


@cache
def languages() -> frozenset[str]:
    """ISO 639-1 codes of languages."""
    return frozenset(code for code in map(str, Locale("en").languages) if len(code) == len("en"))


# Codes of Babel's that are of no country: groups of them, islands without people, tests.
_NO_COUNTRIES = frozenset("AC AQ BV CP CQ DG EA EU EZ HM IC QO TA TF UM UN XA XB ZZ".split())

SECTIONS: dict[str, tuple[str, ...]] = {
    "what": ("title", *TEXTS),
    "where": ("place", "country", "level", "start", "end"),
    "who": ("bodies", "pillars"),
    "sources": tuple(
        f"{kind}-{number + 1}" for number in range(MOST_SOURCES) for kind in ("source", "address")
    ),
    "sender": ("body", "language", "name", "address"),
    "consents": ("publication", "introductions", "listing"),
}
"""The sections of the form, and the fields in each, in their order."""

FIELDS = ("answer", *(field for fields in SECTIONS.values() for field in fields))


def _lacks(draft: Draft) -> Iterator[Lack]:
    practice = draft.practice
    yield from overlong(draft)
    needed = ("title", *TEXTS, "place", "country", "level", "start", "pillars", "body", "language")
    worldwide = practice.level == Level.INTERNATIONAL
    for name in needed:
        if not getattr(practice, name) and not (worldwide and name == "country"):
            yield Lack(name, Why.EMPTY)
    yield from _lacks_of_period(practice)
    for number, source in enumerate(practice.sources, start=1):
        if not source.title:
            yield Lack(f"source-{number}", Why.NO_TITLE)
        if source.url and not _is_url(source.url):
            yield Lack(f"address-{number}", Why.NO_URL)
    yield from _lacks_of_sender(draft)


def _lacks_of_sender(draft: Draft) -> Iterator[Lack]:
    if not draft.name:
        yield Lack("name", Why.EMPTY)
    if not is_address(draft.address):
        yield Lack("address", Why.NO_ADDRESS if draft.address else Why.EMPTY)
    if not draft.consents.publication:
        yield Lack("publication", Why.NOT_AGREED)


def _lacks_of_period(practice: Practice) -> Iterator[Lack]:
    start, end = practice.start, practice.end
    dated = {name: _DATE.fullmatch(getattr(practice, name)) for name in ("start", "end")}
    for name, found in dated.items():
        if getattr(practice, name) and not found:
            yield Lack(name, Why.NO_DATE)
    known = min(len(start), len(end))  # 2022 may well end a period begun in 2022-10
    if all(dated.values()) and end[:known] < start[:known]:
        yield Lack("end", Why.ENDS_EARLY)


def _is_url(text: str) -> bool:
    with suppress(ValueError):
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in text
    return False


def _date(text: str) -> str:
    """A year or month, in the digits that dates are written in here, whatever stands between."""
    digits = _line(text).translate(_EASTERN)
    return re.sub(r"\s*[-/.–]\s*", "-", digits)


def _line(text: str) -> str:
    return " ".join(_UNKEPT.sub(" ", text).split())


def _text(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNKEPT.sub("", lines).strip()
