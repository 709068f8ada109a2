"""Concepts: terms of the glossary found in texts, whatever the language and the wording.

All variants of a term stand for one concept; a question and a passage that share one share a
meaning. Countries need none: the encoder knows that their names in two languages are one. With
CLDR's names as concepts nDCG@10 across languages was .8275 and .8571 on the snippets of NTREX,
without .8271 and .8582.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from corpus.glossary import Term
from index.analysis import words
from index.pace import step_aside

_MARK = "#"  # begins no word, so that no word is taken for a concept
_ARTICLE = "ال"
_PARTICLES = ("و", "ب", "ل", "ك", "ف", "وب", "ول", "فب")


@dataclass(frozen=True, slots=True)
class Mention:
    """A concept in a text.

    Attributes:
        concept: Its name, which begins with `#`.
        start: Number of its first word.
        end: Number of the word behind its last.
    """

    concept: str
    start: int
    end: int


@dataclass(frozen=True)
class Concepts:
    """Finds concepts; the same terms must be used for questions and for passages."""

    terms: tuple[Term, ...] = ()

    def mentions(self, found: Sequence[str]) -> list[Mention]:
        """Find the concepts that a text speaks of.

        Args:
            found: The text's words, as `index.analysis.words` gives them.

        Returns:
            Where a term begins inside another, only the longer one.
        """
        mentions: list[Mention] = []
        lengths, forms, end = self._longest, self._forms, 0
        for start in [place for place, word in enumerate(found) if word in lengths]:
            if start < end:
                continue
            for length in range(min(lengths[found[start]], len(found) - start), 0, -1):
                term = forms.get(tuple(found[start : start + length]))
                if term:
                    end = start + length
                    mentions.append(Mention(f"{_MARK}{term}", start, end))
                    break
        return mentions

    @cached_property
    def _longest(self) -> dict[str, int]:
        """By the first word of a form, how many words the longest of them has."""
        longest: dict[str, int] = {}
        for form in self._forms:
            longest[form[0]] = max(longest.get(form[0], 0), len(form))
        return longest

    @cached_property
    def _forms(self) -> dict[tuple[str, ...], str]:
        """Every way of writing a term, as normalised words; as written before as derived."""
        forms: dict[tuple[str, ...], str] = {}
        derived: dict[tuple[str, ...], str] = {}
        for term in self.terms:
            step_aside()
            for variants in term.variants.values():
                for variant in variants:
                    if form := tuple(words(variant)):
                        forms.setdefault(form, term.id)
                        derived.update(dict.fromkeys(_with_particles(form), term.id))
        return {**derived, **forms}


def is_concept(word: str) -> bool:
    """Whether an entry of a vocabulary is a concept, and no word."""
    return word.startswith(_MARK)


def _with_particles(form: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    """An Arabic form with and without the article, and with the particles written to it."""
    first, rest = form[0], form[1:]
    if not "\u0600" <= first[0] <= "\u06ff":
        return
    bare = first.removeprefix(_ARTICLE)
    for start in (bare, _ARTICLE + bare):
        yield (start, *rest)
        for particle in _PARTICLES:
            yield (particle + start, *rest)
    yield ("لل" + bare, *rest)
    yield ("ولل" + bare, *rest)
