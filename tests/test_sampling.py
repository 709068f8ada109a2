"""Samples speak for every document alike, and come out the same every time."""

import numpy as np

from index.sampling import spread_out, spread_over


def test_numbers_are_evenly_spaced_from_the_first_to_the_last() -> None:
    assert spread_out(11, 3).tolist() == [0, 5, 10]
    assert spread_out(2, 5).tolist() == [0, 1]


def test_a_long_document_counts_for_no_more_than_its_neighbours() -> None:
    documents = np.array([0] * 1000 + [1] * 5 + [2] * 5)
    chosen = documents[spread_over(documents, 9)]
    assert np.bincount(chosen).tolist() == [3, 3, 3]


def test_what_short_documents_lack_longer_ones_give() -> None:
    documents = np.array([0] * 100 + [1])
    assert np.bincount(documents[spread_over(documents, 11)]).tolist() == [10, 1]


def test_a_sample_of_everything_is_everything() -> None:
    documents = np.array([1, 0, 1, 2, 0])
    assert spread_over(documents, 50).tolist() == [0, 1, 2, 3, 4]


def test_one_of_each_is_not_always_the_beginning() -> None:
    documents = np.repeat(np.arange(50), 10)
    places = spread_over(documents, 50) % 10
    assert np.bincount(places, minlength=10).max() < 10
