"""Passages that say the same in several documents: found when the index is built.

Source: the resemblance of two texts is that of their sets of shingles, and a sketch of the
smallest hashes finds candidates: Broder, On the Resemblance and Containment of Documents (1997).
"""

from array import array
from collections import defaultdict
from collections.abc import Sequence
from itertools import accumulate, combinations, groupby
from operator import itemgetter
from zlib import crc32

from index.passages import Passage

ALIKE = 0.7  # share of their shingles that two passages have in common
_SHINGLE = 4  # words
_SKETCH = 8  # smallest hashes that stand for a passage
_SHORTEST = 8  # words; shorter passages are alike by chance
_CROWD = 50  # passages that share a hash; more are boilerplate, and too many to compare


def near_duplicates(
    passages: Sequence[Passage], spoken: Sequence[Sequence[str]], documents: Sequence[str]
) -> tuple[int, ...]:
    """Group passages of different documents that say nearly the same in the same language.

    Args:
        passages: All passages.
        spoken: The words of each, as `index.analysis.words` gives them.
        documents: Id of the document of each.

    Returns:
        For each passage the number of the first passage of its group, its own if it is alone.
    """
    shingles = [_shingles(found) for found in spoken]  # ascending, four bytes each
    by_hash: dict[tuple[str, int], list[int]] = defaultdict(list)
    for number, (passage, found) in enumerate(zip(passages, shingles, strict=True)):
        for value in found[:_SKETCH]:
            by_hash[passage.language, value].append(number)
    pairs = {
        pair
        for numbers in by_hash.values()
        if len(numbers) <= _CROWD
        for pair in combinations(numbers, 2)
        if documents[pair[0]] != documents[pair[1]]
    }
    group = list(range(len(passages)))
    for one, others in groupby(sorted(pairs), key=itemgetter(0)):
        mine = frozenset(shingles[one])
        for _, other in others:
            common = len(mine.intersection(shingles[other]))
            if common >= ALIKE * (len(mine) + len(shingles[other]) - common):
                first, second = _root(group, one), _root(group, other)
                group[max(first, second)] = min(first, second)
    return tuple(_root(group, number) for number in range(len(passages)))


def _shingles(found: Sequence[str]) -> "array[int]":
    if len(found) < _SHORTEST:
        return array("I")
    encoded = [word.encode("utf-8", "surrogatepass") for word in found]
    text = b" ".join(encoded)
    ends = list(accumulate(len(word) + 1 for word in encoded))  # with the space behind
    return array(
        "I",
        sorted(
            {
                crc32(text[start : end - 1])
                for start, end in zip((0, *ends), ends[_SHINGLE - 1 :], strict=False)
            }
        ),
    )


def _root(group: Sequence[int], number: int) -> int:
    while group[number] != number:
        number = group[number]
    return number
