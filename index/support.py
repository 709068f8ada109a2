"""Support: a passage counts for more where other passages of its document answer as well.

Source: passages ranked by their own evidence together with their document's: Callan, Passage-Level
Evidence in Document Retrieval (SIGIR 1994).
"""

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

BEST = 3  # passages of a document that speak for it
SHARE = 0.5  # the document's part in a passage's log odds
CHANCES = 0.15  # log odds that a document loses for each time that it is e times as long as usual


def supported(log_odds: Values, documents: Rows, sizes: Rows, usual: float) -> Values:
    """Weigh each candidate together with the best passages of its document.

    A document speaks through the mean of its three best passages, and lifts the best of them; any
    other counts as if its document were at most an average one, so that the list does not fill up
    with one document. One of the three that is no candidate is taken to be like the worst
    candidate. A document that has fewer is taken to fall off from its best passage as documents
    do on the average: being short is neither for nor against it. One that is longer than usual
    has more passages that come near a question by chance, and the best of them is nearer; that is
    taken off, as the logarithm of how many times as long it is.

    Args:
        log_odds: Shape (candidates,).
        documents: Shape (candidates,), the number of each one's document.
        sizes: Shape (candidates,), how many passages its document has.
        usual: How many passages a document of the library usually has.

    Returns:
        Shape (candidates,), log odds.
    """
    chances = np.log(np.maximum(sizes / usual, 1))
    log_odds = np.asarray(log_odds - CHANCES * chances, np.float32)
    order = np.lexsort((-log_odds, documents))
    ranked = log_odds[order]
    _, starts, members, counts = np.unique(
        documents[order], return_index=True, return_inverse=True, return_counts=True
    )
    best, small = ranked[starts], sizes[order][starts]
    means = np.zeros(len(starts), dtype=np.float32)
    for place in range(BEST):
        has = counts > place
        there = ranked[starts[has] + place]
        falls = float((best[has] - there).mean()) if has.any() else 0.0
        speaking = np.where(small <= place, best - falls, log_odds.min())
        speaking[has] = there
        means += speaking / BEST
    support = np.empty(len(log_odds), dtype=np.float32)
    support[order] = np.minimum(means, means.mean())[members]
    support[order[starts]] = means
    return np.asarray((1 - SHARE) * log_odds + SHARE * support, np.float32)
