"""Places by name: countries, and the places that the case studies of a library are about."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from corpus.case_study import CaseStudy
from index.analysis import spelt_spans, words_of
from index.pace import step_aside
from index.places import PROCLITICS, country_at

_PARTS = re.compile(r"[,،;:()]|\band\b|\bto\b|\bin\b|\bof\b|(?<=\s)في(?=\s)|(?<=\s)و(?=\w)")
_CAPITALISED = re.compile(r"[A-ZÀ-ÖØ-Þ][\w'’-]*(?:[ ](?:al-|el-)?[A-ZÀ-ÖØ-Þ][\w'’-]*)*")
# What sort of place it is, not which.
_SORTS = frozenset(
    "county counties district districts province provinces state states region regions division"
    " city cities town towns municipality municipalities prefecture ward wards area metropolitan"
    " metro coast western eastern northern southern upper lower capital national"
    " مقاطعه مقاطعات ولايه ولايات محافظه محافظات منطقه مدينه مدن مديريه مديريات دائره دائرتا"
    " بلديه بلديات اقليم غرب شرق شمال جنوب الساحل العاصمه اماكن اخري".split()
)
# Names that are everyday words as well.
_ALSO_WORDS = frozenset(
    (name,) for name in "male cape east nine local cher ماليه الجبال السند شير تسع الوطنيه".split()
)
_ABBREVIATIONS = {"US": "US", "UK": "GB"}  # in capitals; in small letters one is a pronoun
_LONGEST = 4  # words of a name


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a text.

    Attributes:
        start: Offset of its first character.
        end: Offset behind its last.
        place: Which it is: a country's code or a name's words.
        country: ISO 3166-1 alpha-2 code; None for what is no country.
        particle: What is written to its front in Arabic, as in «وفي» or «بصيدا»; mostly empty.
    """

    start: int
    end: int
    place: str
    country: str | None
    particle: str = ""


@dataclass(frozen=True)
class Gazetteer:
    """The places that can be named.

    Attributes:
        names: Words of each name of a place that is no country.
        cases: Ids of the cases that are about each place, by their place or their title.
    """

    names: frozenset[tuple[str, ...]] = frozenset()
    cases: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, cases: Sequence[CaseStudy]) -> "Gazetteer":
        """Collect the places that cases are about."""
        named = cls(
            frozenset(
                name
                for case in cases
                for name in _names(case.place or "", case.language)
                if country_at(name, 0)[1] < len(name)
            )
        )
        about: dict[str, set[str]] = defaultdict(set)
        for case in cases:
            step_aside()
            if case.country:
                about[case.country].add(case.id)
            for mention in named.mentions(f"{case.title}\n{case.place or ''}"):
                about[mention.place].add(case.id)
        return cls(named.names, {place: frozenset(ids) for place, ids in about.items()})

    def about(self, mentions: Iterable[Mention]) -> frozenset[str]:
        """Ids of the cases that are about any of the places; empty where none is."""
        return frozenset().union(*(self.cases.get(found.place, ()) for found in mentions))

    def mentions(self, text: str) -> list[Mention]:
        """Find the places that a text names, in order; the longest name where several begin."""
        spans = spelt_spans(text)
        spelt = [words_of(text[start:end]) for start, end in spans]
        found: list[Mention] = []
        at = 0
        while at < len(spans):
            length, place, country, particle = self._at(spelt, at)
            abbreviated = _ABBREVIATIONS.get(text[slice(*spans[at])])
            if abbreviated and not length:
                length, place, country = 1, abbreviated, abbreviated
            if length:
                start, end = spans[at][0], spans[at + length - 1][1]
                found.append(Mention(start, end, place, country, particle))
            at += length or 1
        return found

    def _at(self, spelt: list[tuple[str, ...]], at: int) -> tuple[int, str, str | None, str]:
        """How many written words name a place, from one on, and which."""
        for length in range(min(_LONGEST, len(spelt) - at), 0, -1):
            name = tuple(word for part in spelt[at : at + length] for word in part)
            if not name:
                continue
            code, many = country_at(name, 0)
            if code and many == len(name):
                return length, code, code, ""
            for particle in PROCLITICS:
                bare = (name[0][len(particle) :], *name[1:])
                if name[0].startswith(particle) and bare in self.names:
                    return length, " ".join(bare), None, particle
        return 0, "", None, ""


def _names(text: str, language: str) -> Iterator[tuple[str, ...]]:
    step_aside()
    for part in _PARTS.split(text):
        pieces = _CAPITALISED.findall(part) if language != "ar" else [part]
        for piece in pieces:
            found = [word for word in _plain(piece) if word not in _SORTS]
            if 0 < len(found) < _LONGEST and tuple(found) not in _ALSO_WORDS:
                yield tuple(found)


def _plain(piece: str) -> Iterator[str]:
    for start, end in spelt_spans(piece):
        yield from words_of(piece[start:end])
