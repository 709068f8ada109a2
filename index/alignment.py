"""Words in place of words: how well a passage's words stand for each word of the question.

The encoder gives single words vectors too, near each other for words that mean the same, in one
language or in two. For each word of the question the passage's nearest word counts, by how near
it is; rare words count more. Names count as near where their consonants agree, whatever the
script, and words that name a concept where the passage names it too.

Source: the sum over a question's words of their best match in the text, weighted by inverse
document frequency, is the text-to-text similarity of Mihalcea, Corley and Strapparava,
Corpus-based and Knowledge-based Measures of Text Semantic Similarity (AAAI 2006). Words that are
near to everything count as less near, as in cross-domain similarity local scaling: Conneau et al.,
Word Translation without Parallel Data (ICLR 2018).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.analysis import content_words, spelt_words, words, words_of
from index.concepts import Concepts, Mention, is_concept
from index.encoder import PassageEncoder
from index.pace import step_aside
from index.passages import Passage
from index.recent import Recent
from index.sampling import spread_out
from index.transliteration import consonant_key
from index.vectors import Vectors

Values = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Places = npt.NDArray[np.uint16]  # in the vocabulary; half of what is kept of it are such numbers

MOST_WORDS = 50_000  # the most frequent ones; more cost time for every question
EVERYWHERE = 0.3  # a word in a larger share of the passages tells none from another
NEAR = 0.4  # cosine up to which two words have nothing to do with each other
SAME_NAME = 0.8  # the nearness of words whose consonants agree
CROWDING = 0.25  # how much of a word's crowding is taken off its nearness to any other
_SHARPNESS = 1.5  # exponent of nearness: one good match is worth more than several weak ones
_SHORTEST_KEY = 3  # consonants; shorter names agree by chance
_AS_NEAR = 0.7  # of the best match; what is at least as near shares in its frequency
_CROWD = 10  # nearest words that a word's crowding is the mean of,
_CROWD_SAMPLE = 2000  # among so many of the vocabulary's
_FEW_WORDS = 2_000  # up to which each is compared with a new one: no index is asked as often
_MOST_NEAR = 250  # nearest words that count; those beyond change no nDCG@10 by more than .0007
_REMEMBERED = 96 * 2**20  # bytes for the neighbours of words asked lately; one's take at most 2 KB
_OVERHEAD = 400  # bytes that a remembered word takes beside its neighbours' arrays

_WORDS = "words.txt"
_VECTORS = "words"
_CROWDING = "word_crowding.npy"
_FREQUENCIES = "word_frequencies.npy"
_STARTS = "word_starts.npy"
_NUMBERS = "word_numbers.npy"


@dataclass(frozen=True, slots=True)
class AskedWord:
    """A content word of a question.

    Attributes:
        text: As written.
        concepts: What it names, alone or with its neighbours.
    """

    text: str
    concepts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The words of a vocabulary that are near to one word.

    Attributes:
        numbers: Of the words, ascending.
        nearness: Between 0 and 1.
    """

    numbers: Places
    nearness: Values

    @property
    def size(self) -> int:
        """Bytes that they take."""
        return self.numbers.nbytes + self.nearness.nbytes + _OVERHEAD


@dataclass(frozen=True)
class Vocabulary:
    """The words of the passages, with their vectors, and the concepts that the passages name.

    Attributes:
        words: Each word as it is most often spelt, under its normal form and language, and the
            name of each concept.
        vectors: Of the words; zero for a concept.
        crowding: Shape (words,): how near each word's surroundings are, less the mean of all.
        frequencies: Shape (words,): in how many passages each word stands.
        starts: Shape (passages + 1,): passage i holds `numbers[starts[i] : starts[i + 1]]`.
        numbers: Numbers of words, ascending within a passage.
    """

    words: tuple[str, ...]
    vectors: Vectors
    crowding: Values
    frequencies: Rows
    starts: Rows
    numbers: Places
    _remembered: Recent[Neighbours] = field(
        default_factory=lambda: Recent(_REMEMBERED, lambda neighbours: neighbours.size),
        repr=False,
        compare=False,
    )

    @classmethod
    def build(
        cls,
        passages: Sequence[Passage],
        spoken: Sequence[Sequence[str]],
        concepts: Concepts,
        encoder: PassageEncoder,
    ) -> "Vocabulary":
        """Collect the words and concepts of each passage, and encode the words.

        Args:
            passages: The passages.
            spoken: The words of each, as `index.analysis.words` gives them.
            concepts: Finds what they name.
            encoder: Encodes the words.
        """
        found = _Found()
        held = [
            found.held(passage.language, spelt_words(passage.text), concepts.mentions(said))
            for passage, said in zip(passages, spoken, strict=True)
        ]
        owners = np.repeat(np.arange(len(held)), [len(row) for row in held])
        entries = np.concatenate([*held, np.zeros(0, dtype=np.int32)])
        frequencies = np.bincount(entries, minlength=len(found.numbers))
        kept = _telling(dict(zip(found.numbers, frequencies.tolist(), strict=True)), len(passages))
        places = np.full(len(frequencies), -1, dtype=np.int64)
        places[[found.numbers[key] for key in kept]] = np.arange(len(kept))
        numbers = places[entries]
        owners, numbers = owners[numbers >= 0], numbers[numbers >= 0]
        forms = found.commonest(kept)
        encoded = [place for place, form in enumerate(forms) if not is_concept(form)]
        vectors = np.zeros((len(forms), encoder.dimension), dtype=np.float32)
        vectors[encoded] = encoder.encode_passages([forms[place] for place in encoded])
        return cls(
            words=forms,
            vectors=Vectors.build(vectors, _FEW_WORDS),
            crowding=_crowding(vectors),
            frequencies=np.asarray(list(kept.values()), dtype=np.int64),
            starts=np.cumsum([0, *np.bincount(owners, minlength=len(held))], dtype=np.int64),
            numbers=numbers[np.lexsort((numbers, owners))].astype(np.uint16),
        )

    def save(self, folder: Path) -> None:
        """Write the vocabulary's files into an existing folder."""
        (folder / _WORDS).write_text("".join(f"{word}\n" for word in self.words), "utf-8")
        self.vectors.save(folder / _VECTORS)
        for name, array in (
            (_CROWDING, self.crowding),
            (_FREQUENCIES, self.frequencies),
            (_STARTS, self.starts),
            (_NUMBERS, self.numbers),
        ):
            np.save(folder / name, array, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> "Vocabulary":
        """Open what `save` wrote."""
        step_aside()
        crowding, frequencies, starts, numbers = (
            np.load(folder / name, allow_pickle=False)
            for name in (_CROWDING, _FREQUENCIES, _STARTS, _NUMBERS)
        )
        words = tuple((folder / _WORDS).read_text("utf-8").splitlines())
        vectors = Vectors.load(folder / _VECTORS)
        return cls(words, vectors, crowding, frequencies, starts, numbers)

    def recall(self, asked: Iterable[AskedWord]) -> dict[str, Neighbours]:
        """The neighbours of those words that need no encoding; the others have to be learnt."""
        texts = {word.text for word in asked}
        known = self._remembered.among(texts)
        held = sorted(text for text in texts - known.keys() if text in self._numbers)
        numbers = np.asarray([self._numbers[text] for text in held], np.int64)
        return known | self.learn(held, self.vectors.take(numbers))

    def learn(self, texts: Sequence[str], vectors: Values) -> dict[str, Neighbours]:
        """Find the neighbours of words, and remember them.

        Args:
            texts: The words.
            vectors: Shape (texts, dimension), of unit length.
        """
        learnt = {text: self._near(vector) for text, vector in zip(texts, vectors, strict=True)}
        self._remembered.add(learnt)
        return learnt

    def _near(self, vector: Values) -> Neighbours:
        """The words that are near to one with this vector, those nearest first considered."""
        numbers = np.sort(self.vectors.nearest(vector, _MOST_NEAR))
        nearness = self.vectors.take(numbers) @ vector - CROWDING * self.crowding[numbers] - NEAR
        near = nearness > 0
        return Neighbours(
            numbers[near].astype(np.uint16), np.minimum(nearness[near] / (1 - NEAR), 1)
        )

    def align(
        self, asked: Sequence[AskedWord], known: Mapping[str, Neighbours], rows: Rows
    ) -> Values:
        """Score passages by how well their words stand for the question's.

        Args:
            asked: The question's words.
            known: Their neighbours, from `recall` and `learn`. A word that is not among them
                counts by what it names, if anything.
            rows: Passages.

        Returns:
            Shape (rows,), each between 0 and 1: the share of the question, by the weight of its
            words, that is found in the passage.
        """
        if not len(asked) or not len(self.words) or not len(rows):
            return np.zeros(len(rows), dtype=np.float32)
        nearness = np.zeros((len(asked), len(self.words)), dtype=np.float32)
        for row, word in zip(nearness, asked, strict=True):
            self._fill(row, word, known.get(word.text))
        weights = np.array([self._idf(row) for row in nearness], dtype=np.float32)
        counts = (self.starts[1:] - self.starts[:-1])[rows]
        ends = np.cumsum(counts)
        places = np.arange(counts.sum()) + np.repeat(self.starts[rows] - (ends - counts), counts)
        full = counts > 0
        best = np.zeros((len(asked), len(rows)), dtype=np.float32)
        if full.any():
            held = np.take(nearness, self.numbers[places], axis=1)
            best[:, full] = np.maximum.reduceat(held, (ends - counts)[full], axis=1)
        total = weights @ best**_SHARPNESS
        return np.asarray(total / max(float(weights.sum()), 1e-6), np.float32)

    def _fill(self, row: Values, word: AskedWord, neighbours: Neighbours | None) -> None:
        """Set how near each word of the vocabulary is to a word."""
        if neighbours:
            row[neighbours.numbers] = neighbours.nearness
        if not word.text[:1].islower():
            namesakes = self._keys.get(consonant_key(word.text), [])
            row[namesakes] = np.maximum(row[namesakes], (SAME_NAME - NEAR) / (1 - NEAR))
        row[[self._numbers[concept] for concept in word.concepts if concept in self._numbers]] = 1

    def _idf(self, nearness: Values) -> float:
        """Inverse document frequency of a word, taken from its nearest words together."""
        best = float(nearness.max())
        if best <= 0:
            return 0.0
        texts = len(self.starts) - 1
        nearest = np.flatnonzero(nearness >= _AS_NEAR * best)
        frequency = min(texts, int(self.frequencies[nearest].sum()))
        return float(np.log1p((texts - frequency + 0.5) / (frequency + 0.5)))

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words)}

    @cached_property
    def _keys(self) -> dict[str, list[int]]:
        keys: dict[str, list[int]] = defaultdict(list)
        for number, word in enumerate(self.words):
            step_aside()
            if not is_concept(word) and len(key := consonant_key(word)) >= _SHORTEST_KEY:
                keys[key].append(number)
        return keys


def asked_words(text: str, language: str, concepts: Concepts) -> list[AskedWord]:
    """The content words of a question, each once, with what they name.

    A word that only helps to name something, as “of” in “ministry of the interior”, is left out.
    """
    found = words(text)
    content = set(content_words(found, language))
    named: dict[str, set[str]] = defaultdict(set)
    for mention in concepts.mentions(found):
        for word in found[mention.start : mention.end]:
            named[word].add(mention.concept)
    asked: dict[str, set[str]] = {}
    for spelling in spelt_words(text):
        if content.intersection(normal := words(spelling)):
            asked.setdefault(spelling, set()).update(*(named[word] for word in normal))
    return [AskedWord(spelling, frozenset(meant)) for spelling, meant in asked.items()]


class _Found:
    """The words and concepts of passages, each by a number, and how often each is spelt how.

    Attributes:
        numbers: By language and normalised word, in the order of the numbers; concepts have no
            language.
    """

    def __init__(self) -> None:
        self.numbers: dict[tuple[str, str], int] = {}
        self._spelt: dict[str, Counter[str]] = defaultdict(Counter)
        self._known: dict[str, dict[str, tuple[int, ...]]] = defaultdict(dict)

    def held(
        self, language: str, spelt: Sequence[str], mentions: Iterable[Mention]
    ) -> npt.NDArray[np.int32]:
        """Number the words and concepts of a passage, each once."""
        self._spelt[language].update(spelt)
        known = self._known[language]
        distinct = set(spelt)
        for spelling in distinct.difference(known):
            known[spelling] = tuple(self._number(language, word) for word in words_of(spelling))
        keys = set(chain.from_iterable(map(known.__getitem__, distinct)))
        keys.update(self._number("", mention.concept) for mention in mentions)
        return np.fromiter(keys, dtype=np.int32, count=len(keys))

    def commonest(self, keys: Iterable[tuple[str, str]]) -> tuple[str, ...]:
        """How each word is most often spelt; a concept is spelt as it is called."""
        spellings: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
        for language, counts in self._spelt.items():
            for spelling, count in counts.items():
                for word in dict.fromkeys(words_of(spelling)):
                    times = words_of(spelling).count(word)
                    spellings[language, word].append((-count * times, spelling))
        return tuple(min(spellings[key])[1] if key[0] else key[1] for key in keys)

    def _number(self, language: str, word: str) -> int:
        return self.numbers.setdefault((language, word), len(self.numbers))


def _telling(
    frequencies: Mapping[tuple[str, str], int], passages: int
) -> dict[tuple[str, str], int]:
    """The words that tell passages apart, sorted, with the number of passages that hold each."""
    most = EVERYWHERE * passages + 1
    telling = [
        (-count, key)
        for key, count in frequencies.items()
        if count <= most and len(key[1]) > 1 and not key[1].isdigit()
    ]
    return {key: -count for count, key in sorted(sorted(telling)[:MOST_WORDS], key=lambda p: p[1])}


def _crowding(vectors: Values) -> Values:
    """Mean cosine of each word and its nearest ones in a sample, less the mean of all words."""
    spoken = np.flatnonzero(vectors.any(axis=1))
    crowding = np.zeros(len(vectors), dtype=np.float32)
    if len(spoken) <= _CROWD:
        return crowding
    sampled = spoken[spread_out(len(spoken), _CROWD_SAMPLE)]
    sample = vectors[sampled]
    for start in range(0, len(spoken), _CROWD_SAMPLE):
        some = spoken[start : start + _CROWD_SAMPLE]
        cosines = vectors[some] @ sample.T
        # A word of the sample is nearest to itself, which says nothing of its surroundings.
        own = np.isin(some, sampled)
        cosines[own, np.searchsorted(sampled, some[own])] = -1
        cosines.partition(cosines.shape[1] - _CROWD, axis=1)
        crowding[some] = cosines[:, -_CROWD:].mean(axis=1)
    crowding[spoken] -= crowding[spoken].mean()
    return crowding
