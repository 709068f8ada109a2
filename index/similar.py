"""A case study -> the cases that did something alike elsewhere."""

import numpy as np

from corpus.case_study import CaseStudy
from index.analysis import normalise
from index.generation import Generation


def similar_cases(
    generation: Generation,
    case: CaseStudy,
    most: int = 3,
    *,
    withheld: frozenset[str] = frozenset(),
) -> tuple[CaseStudy, ...]:
    """Find the cases whose texts are nearest to a case's.

    The measure is the cosine of two documents' vectors, each the mean of the document's passage
    vectors. Of a case with several renderings only one is compared: the one in the language of
    the case asked about, where it has one, since renderings in one language lie nearer together.

    Args:
        generation: Where to look; it holds the case.
        case: The rendering to start from.
        most: At most so many.
        withheld: Ids of documents that are not to be found.

    Returns:
        One rendering of each, nearest first, ties in the order of the library; none at the same
        place, and none whose vector has nothing in common with the case's.
    """
    cases, vectors = generation.library_cases, generation.document_vectors
    compared: dict[str, int] = {}
    for number, other in enumerate(cases):
        if other.language == case.language or other.id not in compared:
            compared[other.id] = number
    here = compared.pop(case.id)
    rows = [
        row
        for row in compared.values()
        if cases[row].id not in withheld and not _same_place(cases[row], case)
    ]
    cosines = vectors[np.asarray(rows, dtype=np.int64)] @ vectors[here]
    nearest = np.argsort(-cosines, kind="stable")[:most]
    return tuple(cases[rows[number]] for number in nearest if cosines[number] > 0)


def _same_place(one: CaseStudy, other: CaseStudy) -> bool:
    if not one.place or not other.place or one.country != other.country:
        return False
    return normalise(one.place) == normalise(other.place)
