"""Case studies -> the bodies behind them, each once where that is certain."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from corpus.case_study import CaseStudy
from index.analysis import normalise
from index.scripts import rendering_for
from server.peers.names import abbreviation, folded, is_across_borders, is_of_one_body, town

_NAMED_IN = "en"  # a body is told by its name in this language where there is one
_KEY = 8  # bytes


@dataclass(frozen=True)
class Body:
    """A body behind case studies.

    Attributes:
        key: Tells it from others, in every language of the interface; 16 letters and digits.
        name: As the reader is shown it.
        language: ISO 639-1 code of the name.
        names: Every spelling of it, in all renderings.
        cases: What it stands behind, in the renderings shown to the reader, by title.
    """

    key: str
    name: str
    language: str
    names: frozenset[str]
    cases: tuple[CaseStudy, ...]

    @property
    def countries(self) -> tuple[str, ...]:
        """Codes of the countries of its cases."""
        return tuple(sorted({case.country for case in self.cases if case.country}))

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Places of its cases, each once, and the language that names it."""
        return tuple(
            dict.fromkeys((case.place, case.language) for case in self.cases if case.place)
        )

    def is_called(self, words: Iterable[str]) -> bool:
        """Whether each normalised word begins a word of one of its names."""
        wanted = tuple(words)
        return any(
            all(f" {word}" in f" {text}" or f" ال{word}" in f" {text}" for word in wanted)
            for text in map(searched, self.names)
        )


class _Named(NamedTuple):
    """A body as one case names it."""

    case: CaseStudy  # the rendering that tells which body it is
    number: int  # in its list
    name: str


@dataclass(frozen=True)
class Directory:
    """The bodies behind case studies.

    Attributes:
        bodies: By name.
        behind: Keys of the bodies behind a case, in the order in which it names them.
    """

    bodies: tuple[Body, ...]
    behind: Mapping[str, tuple[str, ...]]

    @cached_property
    def by_key(self) -> dict[str, Body]:
        """The bodies by their keys."""
        return {body.key: body for body in self.bodies}

    def of_case(self, case_id: str) -> tuple[Body, ...]:
        """The bodies behind a case, in its order; none where it may not be listed."""
        return tuple(self.by_key[key] for key in self.behind.get(case_id, ()))

    def as_cases(self) -> Iterator[tuple[Body, CaseStudy]]:
        """Each body with each case behind which it stands, under the body's key.

        What counts cases by their ids then counts bodies.
        """
        for body in self.bodies:
            for case in body.cases:
                yield body, replace(case, id=body.key)


def directory_of(
    cases: Iterable[CaseStudy], language: str, withheld: frozenset[str] = frozenset()
) -> Directory:
    """Gather the bodies behind cases.

    Renderings of a case name the same bodies in the same order where they name as many; where
    they do not, the name in the rendering that tells which body it is stays.

    Args:
        cases: Documents, each rendering one of them.
        language: ISO 639-1 code of the reader's language.
        withheld: Ids of cases whose bodies are not to be listed.
    """
    renderings: dict[str, list[CaseStudy]] = defaultdict(list)
    for case in cases:
        if case.id not in withheld:
            renderings[case.id].append(case)
    named = [each for known in renderings.values() for each in _named_in(known)]
    keys = _keys(named)

    behind: dict[str, list[str]] = defaultdict(list)
    found: dict[str, list[_Named]] = defaultdict(list)
    for each in named:
        key = keys[each.case.id, each.number]
        if key not in behind[each.case.id]:
            behind[each.case.id].append(key)
        found[key].append(each)
    bodies = (_body(key, each, renderings, language) for key, each in found.items())
    return Directory(
        tuple(sorted(bodies, key=lambda body: (normalise(body.name), body.key))),
        {case_id: tuple(keys) for case_id, keys in behind.items()},
    )


def searched(name: str) -> str:
    """A name as it is searched: normalised, without marks between words."""
    return " ".join("".join(c if c.isalnum() else " " for c in normalise(name)).split())


def _named_in(renderings: list[CaseStudy]) -> Iterator[_Named]:
    telling = rendering_for(renderings, _NAMED_IN)
    for number, name in enumerate(telling.actors if telling else ()):
        if telling and folded(name):
            yield _Named(telling, number, name)


def _keys(named: Iterable[_Named]) -> dict[tuple[str, int], str]:
    """The key of each body that a case names."""
    alike: dict[tuple[str, str | None], list[_Named]] = defaultdict(list)
    for each in named:
        name = folded(each.name)
        alike[name, None if is_across_borders(name) else each.case.country].append(each)
    keys = {}
    for (name, country), together in alike.items():
        of_one = country is None and is_across_borders(name)
        of_one = of_one or any(is_of_one_body(each.name, country) for each in together)
        short = {abbreviation(each.name) for each in together} - {None}
        for each in together:
            apart = [name, country or ""]
            if not of_one:  # a name that many may have: of one body within a town
                apart.append(town(each.case))
            if len(short) > 1:  # two bodies that differ in their abbreviation alone
                apart.append(abbreviation(each.name) or "")
            said = "\n".join(apart).encode(errors="replace")
            keys[each.case.id, each.number] = hashlib.blake2b(said, digest_size=_KEY).hexdigest()
    return keys


def _body(
    key: str, named: list[_Named], renderings: Mapping[str, list[CaseStudy]], language: str
) -> Body:
    cases: dict[str, CaseStudy] = {}
    shown: list[tuple[str, str]] = []
    names: set[str] = set()
    for telling, number, name in named:
        same = [it for it in renderings[telling.id] if len(it.actors) == len(telling.actors)]
        names.update(it.actors[number] for it in same)
        case = rendering_for(renderings[telling.id], language) or telling
        cases[telling.id] = case
        shown.append(
            (case.actors[number], case.language) if case in same else (name, telling.language)
        )
    # The longest says the most, as with the abbreviation; the reader's own language comes first.
    name, spoken = min(shown, key=lambda it: (it[1] != language, -len(it[0]), it[0]))
    by_title = sorted(cases.values(), key=lambda case: (normalise(case.title), case.id))
    return Body(key, name, spoken, frozenset(names), tuple(by_title))
