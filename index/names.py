"""The names of places that can be meant, found by what is written for them."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from corpus.case_study import CaseStudy
from index.analysis import spelt_spans, words_of
from index.gazetteer import Gazetteer
from index.likeness import first_sound, reach
from index.pace import step_aside
from index.particles import ARTICLE
from index.places import own_names

SHORTEST = 4  # letters of a name
_TAIL = 5  # letters of a word whose first may be amiss


@dataclass(frozen=True, slots=True)
class Name:
    """A name that can be meant.

    Attributes:
        spelling: As it is written.
        place: Which place it is: a country's code or, of another place, a name's words.
        words: Its words, normalised.
        likely: Whether a case study is about the place.
        of_library: Whether a case study writes it so.
        bare: Whether the words are those of an Arabic name without its article.
    """

    spelling: str
    place: str
    words: tuple[str, ...]
    likely: bool
    of_library: bool
    bare: bool = False

    @property
    def letters(self) -> int:
        """How many letters it has."""
        return sum(map(len, self.words))


@dataclass(frozen=True)
class Names:
    """Every name that can be meant, those with an Arabic article also without it."""

    names: tuple[Name, ...]

    @classmethod
    def of(cls, cases: Sequence[CaseStudy], gazetteer: Gazetteer) -> "Names":
        """Collect the names of the places that cases are about, and of all countries.

        Args:
            cases: The documents of a library.
            gazetteer: Their places.
        """
        spellings: dict[str, Counter[str]] = defaultdict(Counter)
        for case in cases:
            step_aside()
            text = f"{case.title}\n{case.place or ''}"
            for found in gazetteer.mentions(text):
                if found.country is None:
                    spelling = text[found.start : found.end].removeprefix(found.particle)
                    spellings[found.place][spelling] += 1
        names = [
            Name(_most_frequent(counted), place, tuple(place.split()), likely=True, of_library=True)
            for place, counted in spellings.items()
        ]
        names += [
            Name(spelling, code, _words(spelling), code in gazetteer.cases, of_library=False)
            for spelling, code in own_names()
        ]
        return cls((*names, *filter(None, map(_bare, names))))

    def of_letters(self, written: str) -> Sequence[Name]:
        """The names with exactly these letters."""
        return self._by_letters.get(written, ())

    def near(self, written: str) -> Iterator[Name]:
        """Names that may be near to something else that is written, and few others.

        They begin with the same sound, or differ in the first letter alone.
        """
        sound = first_sound(written)
        furthest = reach(len(written))
        for length in range(len(written) - furthest, len(written) + furthest + 1):
            yield from self._by_sound.get((*sound, length), ())
        if len(written) >= _TAIL:
            others = {*self._by_tail.get(written[1:], ()), *self._by_tail.get(written, ()),
                      *self.of_letters(written[1:]),
                      *self.of_letters(written[1] + written[0] + written[2:])}  # fmt: skip
            yield from (name for name in others if first_sound(name.words[0]) != sound)

    @cached_property
    def longest(self) -> int:
        """Letters of the longest name."""
        return max(map(len, self._by_letters), default=0)

    @cached_property
    def parts(self) -> frozenset[str]:
        """The words of names that have several."""
        return frozenset(word for name in self.names if len(name.words) > 1 for word in name.words)

    @cached_property
    def _by_letters(self) -> Mapping[str, Sequence[Name]]:
        found: dict[str, list[Name]] = defaultdict(list)
        for name in self.names:
            step_aside()
            if len(key := letters(name.words)) >= SHORTEST:
                found[key].append(name)
        return dict(found)

    @cached_property
    def _by_sound(self) -> Mapping[tuple[bool, str, int], Sequence[Name]]:
        """Names by their script, the sound that they begin with, and their length."""
        found: dict[tuple[bool, str, int], list[Name]] = defaultdict(list)
        for key, names in self._by_letters.items():
            found[(*first_sound(key), len(key))] += names
        return dict(found)

    @cached_property
    def _by_tail(self) -> Mapping[str, Sequence[Name]]:
        """Names by their letters but the first."""
        found: dict[str, list[Name]] = defaultdict(list)
        for key, names in self._by_letters.items():
            found[key[1:]] += names
        return dict(found)


def letters(words: Sequence[str]) -> str:
    """The letters of words alone, as they are compared: without spaces and apostrophes."""
    return "".join(words).replace("'", "").replace("’", "")


def _bare(name: Name) -> Name | None:
    """A name without its Arabic article; None where it has none."""
    first, *others = name.words
    if not first.startswith(ARTICLE):
        return None
    return replace(name, words=(first.removeprefix(ARTICLE), *others), bare=True)


def _most_frequent(counted: Counter[str]) -> str:
    return min(counted, key=lambda spelling: (-counted[spelling], spelling))


def _words(spelling: str) -> tuple[str, ...]:
    return tuple(
        word for start, end in spelt_spans(spelling) for word in words_of(spelling[start:end])
    )
