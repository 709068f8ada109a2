"""A document that answers in several places stands behind its best passage."""

import numpy as np

from index.support import supported


def arrays(
    odds: list[float], documents: list[int], sizes: list[int], usual: float = 3
) -> np.ndarray:
    return supported(np.array(odds, np.float32), np.array(documents), np.array(sizes), usual)


def test_of_two_equal_passages_the_one_with_company_wins() -> None:
    scores = arrays([2, 1.5, 1.5, 2, -3, -3], [0, 0, 0, 1, 1, 1], [3] * 6)
    assert scores.argmax() == 0
    assert scores[0] > scores[3]


def test_only_the_best_passage_of_a_document_is_lifted() -> None:
    scores = arrays([3, 2.9, 2.8, 2, -3, -3], [0, 0, 0, 1, 1, 1], [3] * 6)
    plain = arrays([3, 2.9, 2.8, 2.9, 2.8, 3], [0, 0, 0, 1, 1, 1], [3] * 6)
    assert scores[1] - scores[0] < plain[1] - plain[0] + 1e-6
    assert scores[1] < scores[0]


def test_a_short_document_is_neither_helped_nor_hindered() -> None:
    # Document 1 has one passage, document 3 two; the others have three and are like each other.
    odds, documents = [2, 1, 0, 2, 1, 0, 2, 2, 1], [0, 0, 0, 2, 2, 2, 1, 3, 3]
    scores = arrays(odds, documents, [3] * 6 + [1, 2, 2])
    assert np.allclose(scores[[0, 3, 6]], scores[7])


def test_passages_that_nobody_put_forward_count_as_the_worst_candidate() -> None:
    in_company, alone = arrays([2, 1.8, 1.8, 2, 0], [0, 0, 0, 1, 2], [3] * 5)[[0, 3]]
    assert alone < in_company


def test_where_every_document_is_one_passage_the_order_stays() -> None:
    odds = [0.3, -2.0, 1.5]
    scores = arrays(odds, [0, 1, 2], [1, 1, 1])
    assert np.argsort(scores).tolist() == np.argsort(odds).tolist()
    assert np.allclose(scores, odds)


def test_one_candidate_alone_keeps_its_odds() -> None:
    assert np.allclose(arrays([0.7], [4], [1]), [0.7])


def test_within_a_document_the_order_stays() -> None:
    odds = [3, 2.5, 2, -2, -2.1, -2.2]
    scores = arrays(odds, [0, 0, 0, 1, 1, 1], [3] * 6)
    assert scores[:3].argmax() == 0
    assert scores[3:].argmax() == 0


def test_a_long_document_comes_near_by_chance_and_must_be_nearer_to_win() -> None:
    odds, documents = [2, 1, 0, 2.1, 1.1, 0.1], [0, 0, 0, 1, 1, 1]
    assert arrays(odds, documents, [3] * 6).argmax() == 3
    assert arrays(odds, documents, [3, 3, 3, 300, 300, 300]).argmax() == 0
    clearly = [2, 1, 0, 4, 3, 2]
    assert arrays(clearly, documents, [3, 3, 3, 300, 300, 300]).argmax() == 3


def test_where_all_documents_are_long_nothing_is_taken_off() -> None:
    odds, documents = [2, 1, 0, 1, 0, 0], [0, 0, 0, 1, 1, 1]
    assert np.allclose(arrays(odds, documents, [300] * 6, 300), arrays(odds, documents, [3] * 6))
