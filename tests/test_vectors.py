"""The nearest vectors are found, whether all are compared or only the likely ones."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import index.vectors
from index.vectors import Vectors

Values = npt.NDArray[np.float32]
DIMENSION = 32


def unit(count: int, seed: int) -> Values:
    """Vectors in crowds, as those of texts are."""
    draw = np.random.default_rng(seed)
    crowds = draw.standard_normal((40, DIMENSION))
    vectors = crowds[draw.integers(40, size=count)] + draw.normal(0, 0.4, (count, DIMENSION))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


@pytest.fixture(params=["exact", "codes", "lists"])
def vectors(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Vectors:
    if request.param != "exact":
        monkeypatch.setattr(index.vectors, "EXACT", 500)
    if request.param == "lists":
        monkeypatch.setattr(index.vectors, "LISTED", 1000)
        monkeypatch.setattr(index.vectors, "_LIST", 200)
        monkeypatch.setattr(index.vectors, "_LOOKED_AT", 3)
    found = Vectors.build(unit(3000, 1))
    assert found.is_exact == (request.param == "exact")
    return found


def recall(found: Vectors, admitted: npt.NDArray[np.bool_] | None = None) -> float:
    """Share of the ten nearest of every vector that is found."""
    every = unit(3000, 1)
    shares = []
    for question in unit(100, 2):
        products = every @ question
        if admitted is not None:
            products[~admitted] = -1
        wanted = np.argsort(-products)[:10]
        shares.append(np.isin(wanted, found.nearest(question, 10, admitted)).mean())
    return float(np.mean(shares))


def test_the_nearest_are_found(vectors: Vectors) -> None:
    assert recall(vectors) >= 0.8
    assert vectors.index.metric_type == 0  # inner product
    if vectors.is_exact:
        assert recall(vectors) == 1


def test_only_admitted_ones_are_found(vectors: Vectors) -> None:
    admitted = np.random.default_rng(3).random(3000) < 0.1
    for question in unit(20, 4):
        found = vectors.nearest(question, 10, admitted)
        assert len(found) == 10
        assert admitted[found].all()
    assert recall(vectors, admitted) >= 0.75
    assert not len(vectors.nearest(unit(1, 5)[0], 10, np.zeros(3000, bool)))


def test_every_one_is_compared_on_demand(vectors: Vectors) -> None:
    every = vectors.take(np.arange(3000))
    for question in unit(20, 6):
        found = vectors.nearest(question, 10, exact=True)
        best = np.sort(every @ question)[::-1][:10]
        assert np.allclose(every[found] @ question, best, atol=1e-5)


def test_the_nearest_comes_first(vectors: Vectors) -> None:
    for question in unit(20, 7):
        products = vectors.take(vectors.nearest(question, 10)) @ question
        assert (np.diff(products) <= 1e-6).all()


def test_vectors_are_given_as_they_were(vectors: Vectors) -> None:
    rows = np.array([2999, 0, 17])
    cosines = np.einsum("ij,ij->i", vectors.take(rows), unit(3000, 1)[rows])
    assert (cosines > 0.9999).all()
    assert vectors.take(rows[:0]).shape == (0, DIMENSION)


def test_it_is_the_same_after_saving_and_loading(vectors: Vectors, tmp_path: Path) -> None:
    vectors.save(tmp_path / "made")
    loaded = Vectors.load(tmp_path / "made")
    assert (len(loaded), loaded.dimension) == (3000, DIMENSION)
    assert loaded.is_exact == vectors.is_exact
    question = unit(1, 8)[0]
    assert np.array_equal(loaded.nearest(question, 10), vectors.nearest(question, 10))


def test_files_that_do_not_belong_together_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.vectors, "EXACT", 500)
    Vectors.build(unit(1000, 1)).save(tmp_path / "one")
    Vectors.build(unit(999, 1)).save(tmp_path / "other")
    (tmp_path / "other.npy").replace(tmp_path / "one.npy")
    with pytest.raises(ValueError, match="does not belong"):
        Vectors.load(tmp_path / "one")
