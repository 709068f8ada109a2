"""What came into the library, changed in it and was taken out of it, and when."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from itertools import chain
from typing import Any

from corpus.case_study import CaseStudy

MOST_REMOVALS = 500
REMOVALS_KEPT = timedelta(days=731)
_DIGITS = 24  # of a digest, hexadecimal: enough to tell two versions of one document apart
_UNTOLD = ("sections",)  # fields that are made from the text, by the program rather than by people
_NOTHING = (None, (), "")

Key = tuple[str, str]
"""Id and ISO 639-1 code of a document."""


class Kind(StrEnum):
    """What became of a document."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a document that is in the library.

    Attributes:
        since: Moment of the generation that had it first; ISO 8601, UTC, to the second.
        changed: Moment of the generation in which its words or its fields were others than in
            the one before, the last time; None where they never were.
        digest: Tells one version of it from another.
    """

    since: str
    changed: str | None
    digest: str

    @property
    def latest(self) -> str:
        """When it came or was changed last."""
        return self.changed or self.since


@dataclass(frozen=True, slots=True, order=True)
class Removal:
    """A document that was taken out and is not back.

    Attributes:
        moment: Of the first generation without it.
        id: Its id.
        language: Its language.
    """

    moment: str
    id: str
    language: str


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a document since some moment.

    Attributes:
        moment: When the last of it was.
        id: Its id.
        language: Its language.
        kind: What; a document that came and was changed since is added.
    """

    moment: str
    id: str
    language: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Changes:
    """A stretch of what became of documents.

    Attributes:
        changes: In the order of moment, id and language.
        more: Whether others come after them.
        complete: Whether nothing that was taken out since the moment has been forgotten.
    """

    changes: tuple[Change, ...]
    more: bool
    complete: bool


@dataclass(frozen=True)
class Chronicle:
    """What a generation tells of how its library came to be what it is.

    Moments are those of generations. Each is later than the one before it, even if the clock was
    put back meanwhile: who asks on from the last moment that was told misses nothing.

    Attributes:
        began: Moment of the first generation that it knows of. What was in that one was in the
            library from the start.
        moment: Of its own generation.
        documents: What is told of each document of the generation, in the generation's order.
        removals: What was taken out, the earliest first; only so many, and for so long.
        forgotten: Moment of the last removal that is not among them any more, if there was one.
    """

    began: str
    moment: str
    documents: Mapping[Key, Told]
    removals: tuple[Removal, ...] = ()
    forgotten: str | None = None

    @classmethod
    def begin(cls, cases: Iterable[CaseStudy], moment: str) -> "Chronicle":
        """Begin with documents of which nothing is known from before.

        Args:
            cases: The documents of a generation.
            moment: Of that generation; ISO 8601, UTC, to the second.
        """
        told = {_key(case): Told(moment, None, digest_of(case)) for case in cases}
        return cls(moment, moment, told)

    def go_on(self, cases: Iterable[CaseStudy], created: str) -> "Chronicle":
        """Tell on, with the documents of the next generation.

        Args:
            cases: Its documents.
            created: When it was made; ISO 8601, UTC, to the second.
        """
        moment = max(created, _moved(self.moment, timedelta(seconds=1)))
        told = {_key(case): self._told_now(case, moment) for case in cases}
        gone = [Removal(moment, *key) for key in self.documents if key not in told]
        away = (one for one in self.removals if (one.id, one.language) not in told)
        removals = sorted([*away, *gone])
        oldest = _moved(moment, -REMOVALS_KEPT)
        kept = [one for one in removals if one.moment >= oldest][-MOST_REMOVALS:]
        dropped = removals[: len(removals) - len(kept)]
        forgotten = dropped[-1].moment if dropped else self.forgotten
        return Chronicle(self.began, moment, told, tuple(kept), forgotten)

    def _told_now(self, case: CaseStudy, moment: str) -> Told:
        digest = digest_of(case)
        before = self.documents.get(_key(case))
        if before is None:
            return Told(moment, None, digest)
        return before if before.digest == digest else Told(before.since, moment, digest)

    def is_news(self, told: Told) -> bool:
        """Whether anything became of a document since the library began."""
        return told.changed is not None or told.since != self.began

    def changes_since(
        self,
        since: datetime,
        *,
        after: Change | None = None,
        most: int = 1_000,
        withheld: Collection[str] = (),
    ) -> Changes:
        """What became of documents, each of them once.

        Args:
            since: From this moment on, itself among them; of any time zone, but of one.
            after: The last change of the stretch before, to go on from.
            most: How many at most.
            withheld: Ids of documents of which nothing may be told but that they were taken out.
        """
        first = since.astimezone(UTC).isoformat(timespec="seconds")
        living = (
            Change(told.latest, *key, Kind.ADDED if told.since >= first else Kind.CHANGED)
            for key, told in self.documents.items()
            if told.latest >= first and key[0] not in withheld
        )
        gone = (
            Change(one.moment, one.id, one.language, Kind.REMOVED)
            for one in self.removals
            if one.moment >= first
        )
        found = sorted(chain(living, gone), key=_order)
        if after is not None:
            found = [change for change in found if _order(change) > _order(after)]
        complete = self.forgotten is None or self.forgotten < first
        return Changes(tuple(found[:most]), len(found) > most, complete)


def digest_of(case: CaseStudy) -> str:
    """Tell one version of a document from another, by its title, its fields and its words.

    A field that says nothing counts as absent, so that a program that knows a field more does
    not take every document for a changed one.
    """
    said = json.dumps(_said(case), ensure_ascii=True, sort_keys=True, default=_said)
    return hashlib.sha256(said.encode()).hexdigest()[:_DIGITS]


def written(chronicle: Chronicle) -> str:
    """A chronicle as JSON, each moment written out once."""
    every = {chronicle.began, chronicle.moment, *(one.moment for one in chronicle.removals)}
    for told in chronicle.documents.values():
        every.update((told.since, told.latest))
    if chronicle.forgotten:
        every.add(chronicle.forgotten)
    number = {moment: place for place, moment in enumerate(sorted(every))}
    raw = {
        "moments": list(number),
        "began": number[chronicle.began],
        "moment": number[chronicle.moment],
        "forgotten": number[chronicle.forgotten] if chronicle.forgotten else None,
        "documents": [
            [
                *key,
                told.digest,
                number[told.since],
                *([number[told.changed]] if told.changed else []),
            ]
            for key, told in chronicle.documents.items()
        ],
        "removals": [[one.id, one.language, number[one.moment]] for one in chronicle.removals],
    }
    return json.dumps(raw, ensure_ascii=False, separators=(",", ":"))


def read(text: str | bytes) -> Chronicle:
    """Read what `written` wrote.

    Raises:
        ValueError, LookupError, TypeError: It is something else.
    """
    raw = json.loads(text)
    moments: Sequence[str] = raw["moments"]
    return Chronicle(
        began=moments[raw["began"]],
        moment=moments[raw["moment"]],
        documents={
            (name, language): Told(moments[since], moments[changed[0]] if changed else None, digest)
            for name, language, digest, since, *changed in raw["documents"]
        },
        removals=tuple(
            Removal(moments[moment], name, language) for name, language, moment in raw["removals"]
        ),
        forgotten=None if raw["forgotten"] is None else moments[raw["forgotten"]],
    )


def _moved(moment: str, by: timedelta) -> str:
    return (datetime.fromisoformat(moment) + by).isoformat(timespec="seconds")


def _key(case: CaseStudy) -> Key:
    return case.id, case.language


def _order(change: Change) -> tuple[str, str, str]:
    return change.moment, change.id, change.language


def _said(record: Any) -> dict[str, Any]:  # noqa: ANN401
    """The fields of a record that say something."""
    kind: Any = type(record)
    said = ((name, getattr(record, name)) for name in _told_fields(kind))
    return {name: value for name, value in said if value not in _NOTHING}


@cache
def _told_fields(kind: Any) -> tuple[str, ...]:  # noqa: ANN401
    return tuple(field.name for field in fields(kind) if field.name not in _UNTOLD)
