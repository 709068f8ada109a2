"""Names of places that a question misspells, and the names that are meant."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from corpus.case_study import CaseStudy
from index.analysis import is_function_word, spelt_spans, words_of
from index.everyday import holds_everyday, is_everyday
from index.gazetteer import Gazetteer
from index.likeness import MOST_EDITS, slip
from index.names import SHORTEST, Name, Names, letters
from index.particles import ARTICLE, LIKE, LONGEST, TO_THE, is_arabic, readings
from index.question import Correction

_MOST_WORDS = 3  # as they are written, that may be one name
_JOINED = 5  # letters of a name whose words may be written as one, or one as several,
_JOINED_AMISS = 7  # and letters of one that may be misspelt besides
_ARTICLE_AMISS = 6  # letters of a misspelt name that may have an article too many or too few
_LIKE_IT = 5  # letters of a misspelt name that may have an Arabic like written to it
_SURE = 6  # letters of a name that are right, so that the rest may be an everyday word
_SMALL_SLIP, _SMALLEST_SLIP = 2, 1  # one edit; one that leaves the consonants
_BETWEEN = " -‐‑–.'’\u00a0\u0640"  # what may stand between the words of a name,
_APART = 2  # at most so many of it
_POSSESSIVES = ("'s", "’s")
_INDEFINITE = frozenset("\u064b\u064c\u064d")  # vowel signs that no Arabic name of a place ends in
# What makes another word of a name: Elbasani, Costa Ricans, الفيكتورية.
_ENGLISH_ENDINGS = ("n", "s", "ns", "an", "ans", "ian", "ians", "i", "is", "ese", "er", "ers")
_ARABIC_ENDINGS = ("ي", "يه", "يين", "يون", "يات")
_MISSPELT = 2  # unknown words in small letters that may all be misspelt,
_SHARE_UNKNOWN = 0.25  # and the share of all in a longer text


class _Word(NamedTuple):
    """A word as it is written.

    Attributes:
        start: Offset of its first character.
        end: Offset behind its last.
        form: Its normal form.
        capital: Whether it begins with a capital letter.
        held: Whether the library has it, or it can be no name.
        known: Whether that is so, or it is an everyday word.
    """

    start: int
    end: int
    form: str
    capital: bool
    held: bool
    known: bool


class _Guess(NamedTuple):
    """A name that words may mean.

    Attributes:
        slip: How large a slip it would be.
        particle: What is written to the name's front.
        name: The name.
        amiss: The words that differ from the name's.
    """

    slip: int
    particle: str
    name: Name
    amiss: Sequence[_Word]


@dataclass(frozen=True, slots=True)
class Spelling:
    """Tells misspelt names from other words.

    Attributes:
        names: The names that can be meant.
        gazetteer: Finds those that are spelt right.
        holds: Whether the library has a normalised word, in this form or another.
    """

    names: Names
    gazetteer: Gazetteer
    holds: Callable[[str], bool]

    @classmethod
    def of(
        cls, cases: Sequence[CaseStudy], gazetteer: Gazetteer, holds: Callable[[str], bool]
    ) -> "Spelling":
        """Make it for a library: its documents, their places, and whether it has a word."""
        return cls(Names.of(cases, gazetteer), gazetteer, holds)

    def prepare(self) -> None:
        """Do what would keep the first question waiting."""
        self.corrections("Qqqqqq")

    def corrections(self, text: str) -> tuple[Correction, ...]:
        """Find the names that a text misspells, in order.

        Words are held for a misspelt name if they are near to one and to no other as near, and if
        none of them that differs from the name's is a word that is known.
        """
        words = self._read(text)
        guesses = []
        for first, count in _stretches(text, words):
            guess = self._guess(words[first : first + count])
            if guess:
                guesses.append((guess.slip, count, first, guess))
        amiss = {word for *_, guess in guesses for word in guess.amiss}
        if not guesses or _is_foreign([word for word in words if word not in amiss]):
            return ()
        named = [(mention.start, mention.end) for mention in self.gazetteer.mentions(text)]
        found: list[Correction] = []
        for _, count, first, guess in sorted(guesses, key=lambda guessed: guessed[:3]):
            corrected = _correction(text, words[first : first + count], guess)
            taken = [(other.start, other.end) for other in found]
            spelt_right = guess.slip and _overlap(guess.amiss, named)
            if not spelt_right and not _overlap([corrected], taken):
                found.append(corrected)
        return tuple(sorted(found, key=lambda correction: correction.start))

    def _read(self, text: str) -> list[_Word]:
        found = []
        for start, end in spelt_spans(text):
            spelt = text[start:end]
            for ending in _POSSESSIVES:
                spelt = spelt.removesuffix(ending)
            form = "".join(words_of(spelt))
            held = not _INDEFINITE.isdisjoint(spelt) or self._holds(form)
            known = held or is_everyday(form)
            capital = spelt[:1].isupper()
            found.append(_Word(start, start + len(spelt), form, capital, held, known))
        return found

    def _holds(self, form: str) -> bool:
        return (
            len(form) == 1
            or not letters(form).isalpha()
            or is_function_word(form, "en")
            or is_function_word(form, "ar")
            or self.holds(form)
        )

    def _guess(self, stretch: Sequence[_Word]) -> _Guess | None:
        """The name that words are likeliest to mean; None where there is none, or more than one."""
        written = letters([word.form for word in stretch])
        longest = self.names.longest + MOST_EDITS + LONGEST
        if len(written) > longest or (len(stretch) == 1 and stretch[0].known):
            return None
        guesses = [
            guess
            for particle, rest in readings(written, SHORTEST)
            for guess in self._near(stretch, particle, rest)
        ]
        if not guesses:
            return None
        best = min(guesses, key=_likeliest_first)
        as_good = [
            guess.name
            for guess in guesses
            if (guess.slip, guess.name.likely) == (best.slip, best.name.likely)
        ]
        return best if len(set(map(self._meant, as_good))) == 1 else None

    def _meant(self, name: Name) -> frozenset[str] | str:
        """What a name stands for: two names of the same cases are no two places."""
        return self.gazetteer.cases.get(name.place) or name.place

    def _near(self, stretch: Sequence[_Word], particle: str, rest: str) -> Iterator[_Guess]:
        names: Iterable[Name] = self.names.of_letters(rest)
        if not names and self._may_be_misspelt(stretch):
            names = self.names.near(rest)
        capital = any(word.capital for word in stretch)
        for name in names:
            size = slip(rest, letters(name.words), capital=capital, likely=name.likely)
            if size is None or not _goes_with(particle, name):
                continue
            amiss = _amiss(stretch, particle, name)
            if amiss and _may_mean(stretch, amiss, name, size):
                yield _Guess(size + bool(particle), particle, name, amiss)

    def _may_be_misspelt(self, stretch: Sequence[_Word]) -> bool:
        """Whether a word is unknown, or an everyday one beside words of a name."""
        if not all(word.known for word in stretch):
            return True
        right = sum(len(word.form) for word in stretch if word.form in self.names.parts)
        return right >= _SURE and not all(word.held for word in stretch)


def _likeliest_first(guess: _Guess) -> tuple[int, bool, bool, bool, int, str]:
    name = guess.name
    unlikely, foreign = not name.likely, not name.of_library
    return guess.slip, unlikely, name.bare, foreign, len(guess.particle), name.spelling


def _is_foreign(words: Sequence[_Word]) -> bool:
    """Whether so many words are unknown that the language is neither Arabic nor English."""
    common = [word for word in words if not word.capital and not is_arabic(word.form)]
    unknown = sum(not word.known for word in common)
    return unknown > max(_MISSPELT, _SHARE_UNKNOWN * len(common))


def _stretches(text: str, words: Sequence[_Word]) -> Iterator[tuple[int, int]]:
    """First word and number of words of each stretch that may be one name."""
    for first in range(len(words)):
        yield first, 1
        for last in range(first + 1, min(first + _MOST_WORDS, len(words))):
            between = text[words[last - 1].end : words[last].start]
            if len(between) > _APART or between.strip(_BETWEEN):
                break
            yield first, last - first + 1


def _amiss(stretch: Sequence[_Word], particle: str, name: Name) -> Sequence[_Word]:
    """The words that are not the name's; all, where there are more or fewer of them."""
    if len(stretch) != len(name.words):
        return stretch
    front = (particle, *("" for _ in stretch[1:]))
    return [
        word
        for word, joined, own in zip(stretch, front, name.words, strict=True)
        if word.form != joined + own
    ]


def _goes_with(particle: str, name: Name) -> bool:
    """Whether a particle may be written to a name's front, or may be so by a slip."""
    if particle in TO_THE:
        return name.bare
    if particle in LIKE and name.letters < _LIKE_IT:
        return False
    amiss = name.bare or particle.endswith(ARTICLE)
    return not (name.bare and particle) and (not amiss or name.letters >= _ARTICLE_AMISS)


def _may_mean(stretch: Sequence[_Word], amiss: Sequence[_Word], name: Name, size: int) -> bool:
    """Whether it takes a slip to make of a name what is written, and nothing else does."""
    right = sum(len(word.form) for word in stretch if word not in amiss)
    if right >= _SURE and size <= _SMALL_SLIP:  # New South Whales are no whales
        unknown = [word for word in amiss if not word.held]
    else:
        unknown = [word for word in amiss if not (word.known or _holds_known(word, size))]
    if len(stretch) == len(name.words):
        near = len(stretch) == 1 or all(
            _is_near(word.form, own)
            for word, own in zip(stretch, name.words, strict=True)
            if word in amiss
        )
        return near and len(unknown) == len(amiss) and not _derived(stretch[-1].form, name)
    if size:
        return bool(unknown) and size <= _SMALL_SLIP and name.letters >= _JOINED_AMISS
    likely = len(stretch) == 1 or name.likely or stretch[0].capital
    return name.letters >= _JOINED and (likely or bool(unknown))


def _holds_known(word: _Word, size: int) -> bool:
    """Whether a word is a known one with something written to it.

    The smallest slip is likelier than that: كادنا is Kaduna rather than “like ours”.
    """
    return size > _SMALLEST_SLIP and is_arabic(word.form) and holds_everyday(word.form)


def _is_near(form: str, own: str) -> bool:
    """Whether a word of several is near enough to the one of the name that it stands for."""
    return len(own) < SHORTEST or slip(form, own, capital=True, likely=True) is not None


def _derived(form: str, name: Name) -> bool:
    """Whether a word is made of a name's last by an ending, as Costa Rican is."""
    own = name.words[-1]
    if is_arabic(own):
        stem = own.rstrip("اهي")
        derived = {article + stem + end for article in ("", ARTICLE) for end in _ARABIC_ENDINGS}
        return form != own and form in derived
    ending = form.removeprefix(own)
    return form != ending and ending in _ENGLISH_ENDINGS and not own.endswith(ending[0])


def _correction(text: str, stretch: Sequence[_Word], guess: _Guess) -> Correction:
    start, end = stretch[0].start, stretch[-1].end
    meant = guess.name.spelling
    if guess.particle in TO_THE:
        meant = guess.particle + meant.removeprefix(ARTICLE)
    elif guess.particle:
        start += _written_length(text[start:end], guess.particle)
    return Correction(start, end, text[start:end], meant)


def _written_length(spelt: str, particle: str) -> int:
    """How many characters a particle takes at the front of a word, vowel signs included."""
    lengths = range(len(particle), len(spelt))
    return max(length for length in lengths if "".join(words_of(spelt[:length])) == particle)


def _overlap(stretches: Iterable[Correction | _Word], spans: Sequence[tuple[int, int]]) -> bool:
    return any(
        stretch.start < end and start < stretch.end for stretch in stretches for start, end in spans
    )
