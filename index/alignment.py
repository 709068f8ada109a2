"""Words across languages: how well a passage's words stand for each word of the question.

The encoder gives single words vectors too, near each other for words that mean the same in
different languages. For each word of the question the passage's nearest word counts, by how near
it is; rare words count more. Names count as near where their consonants agree, whatever the script.

Source: the sum over a question's words of their best match in the text, weighted by inverse
document frequency, is the text-to-text similarity of Mihalcea, Corley and Strapparava,
Corpus-based and Knowledge-based Measures of Text Semantic Similarity (AAAI 2006).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus.case_study import CaseStudy
from index.analysis import content_words, spelt_words, words
from index.encoder import Encoder
from index.passages import Passage
from index.transliteration import consonant_key

Values = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

MOST_WORDS = 50_000  # the most frequent ones; more cost time for every question
EVERYWHERE = 0.3  # a word in a larger share of the passages tells none from another
NEAR = 0.4  # cosine up to which two words have nothing to do with each other
SAME_NAME = 0.8  # the nearness of words whose consonants agree
_SHORTEST_KEY = 3  # consonants; shorter names agree by chance
_AS_NEAR = 0.7  # of the best match; what is at least as near shares in its frequency

_WORDS = "words.txt"
_VECTORS = "words.npy"
_FREQUENCIES = "word_frequencies.npy"
_STARTS = "word_starts.npy"
_NUMBERS = "word_numbers.npy"


@dataclass(frozen=True)
class Vocabulary:
    """The words of the passages, with their vectors.

    Attributes:
        words: Each word as it is most often spelt, under its normal form and language.
        vectors: Shape (words, dimension), of unit length.
        frequencies: Shape (words,): in how many passages each word stands.
        starts: Shape (passages + 1,): passage i holds `numbers[starts[i] : starts[i + 1]]`.
        numbers: Numbers of words, ascending within a passage.
    """

    words: tuple[str, ...]
    vectors: Values
    frequencies: Rows
    starts: Rows
    numbers: Rows

    @classmethod
    def build(
        cls, cases: Sequence[CaseStudy], passages: Sequence[Passage], encoder: Encoder
    ) -> "Vocabulary":
        """Collect the words of each passage of each case, and encode them."""
        spellings: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        held: list[set[tuple[str, str]]] = []
        for case, passage in zip(cases, passages, strict=True):
            spelt = [
                ((case.language, word), spelling)
                for spelling in spelt_words(passage.text)
                for word in words(spelling)
            ]
            for key, spelling in spelt:
                spellings[key][spelling] += 1
            held.append({key for key, _ in spelt})
        kept = _telling(Counter(key for keys in held for key in keys), len(passages))
        number = {key: place for place, key in enumerate(kept)}
        found = [sorted(number[key] for key in keys if key in number) for keys in held]
        forms = tuple(min(spellings[key], key=lambda form: (-spellings[key][form], form))
                      for key in kept)  # fmt: skip
        return cls(
            words=forms,
            vectors=encoder.encode_passages(forms),
            frequencies=np.asarray(list(kept.values()), dtype=np.int64),
            starts=np.cumsum([0, *map(len, found)], dtype=np.int64),
            numbers=np.asarray([place for places in found for place in places], dtype=np.int64),
        )

    def save(self, folder: Path) -> None:
        """Write the vocabulary's files into an existing folder."""
        (folder / _WORDS).write_text("".join(f"{word}\n" for word in self.words), "utf-8")
        for name, array in (
            (_VECTORS, self.vectors),
            (_FREQUENCIES, self.frequencies),
            (_STARTS, self.starts),
            (_NUMBERS, self.numbers),
        ):
            np.save(folder / name, array, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> "Vocabulary":
        """Open what `save` wrote."""
        arrays = (
            np.load(folder / name, allow_pickle=False)
            for name in (_VECTORS, _FREQUENCIES, _STARTS, _NUMBERS)
        )
        return cls(tuple((folder / _WORDS).read_text("utf-8").splitlines()), *arrays)

    def vectors_of(self, spelt: Iterable[str]) -> tuple[list[str], Values]:
        """The given words that are in the vocabulary, with their vectors."""
        known = [word for word in spelt if word in self._numbers]
        return known, self.vectors[[self._numbers[word] for word in known]]

    def align(self, asked: Sequence[str], vectors: Values, rows: Rows) -> Values:
        """Score passages by how well their words stand for the question's.

        Args:
            asked: The question's content words, as written.
            vectors: Shape (asked, dimension), of unit length.
            rows: Passages.

        Returns:
            Shape (rows,), each between 0 and 1: the share of the question, by the weight of its
            words, that is found in the passage.
        """
        if not len(asked) or not len(self.words) or not len(rows):
            return np.zeros(len(rows), dtype=np.float32)
        nearness = vectors @ self.vectors.T
        for place, word in enumerate(asked):
            namesakes = [] if word[:1].islower() else self._keys.get(consonant_key(word), [])
            nearness[place, namesakes] = np.maximum(nearness[place, namesakes], SAME_NAME)
        nearness -= NEAR
        nearness *= 1 / (1 - NEAR)
        np.clip(nearness, 0, 1, out=nearness)
        weights = np.array([self._idf(row) for row in nearness], dtype=np.float32)
        counts = (self.starts[1:] - self.starts[:-1])[rows]
        ends = np.cumsum(counts)
        places = np.arange(counts.sum()) + np.repeat(self.starts[rows] - (ends - counts), counts)
        full = counts > 0
        best = np.zeros((len(asked), len(rows)), dtype=np.float32)
        if full.any():
            held = nearness[:, self.numbers[places]]
            best[:, full] = np.maximum.reduceat(held, (ends - counts)[full], axis=1)
        total: Values = weights @ np.square(best) / max(float(weights.sum()), 1e-6)
        return total

    def _idf(self, nearness: Values) -> float:
        """Inverse document frequency of a word, taken from its nearest words together."""
        best = float(nearness.max())
        if best <= 0:
            return 0.0
        texts = len(self.starts) - 1
        frequency = min(texts, int(self.frequencies[nearness >= _AS_NEAR * best].sum()))
        return float(np.log1p((texts - frequency + 0.5) / (frequency + 0.5)))

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words)}

    @cached_property
    def _keys(self) -> dict[str, list[int]]:
        keys: dict[str, list[int]] = defaultdict(list)
        for number, word in enumerate(self.words):
            if len(key := consonant_key(word)) >= _SHORTEST_KEY:
                keys[key].append(number)
        return keys


def asked_words(text: str, language: str) -> list[str]:
    """The content words of a question, as written, each once."""
    content = set(content_words(words(text), language))
    spelt = (spelling for spelling in spelt_words(text) if content.intersection(words(spelling)))
    return list(dict.fromkeys(spelt))


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
