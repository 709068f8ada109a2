"""BM25 scores are shares of the question, whatever its length."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt
import pytest

import index.lexical
from index.lexical import LexicalIndex

DOCUMENTS = [["night", "school", "porters"], ["school", "orchard"], ["fountain"] * 5, []]


@pytest.fixture
def small() -> LexicalIndex:
    return LexicalIndex.build(DOCUMENTS)


def scores(found: LexicalIndex, tokens: Sequence[str]) -> npt.NDArray[np.float32]:
    return found.ask(tokens).of(np.arange(len(found)))


def test_scores_are_those_of_the_formula(small: LexicalIndex) -> None:
    usual = 10 / 4
    idf = {count: np.log1p((4 - count + 0.5) / (count + 0.5)) for count in (1, 2)}
    factor = 1 / (1 + 1.5 * (0.25 + 0.75 * 3 / usual))
    expected = (idf[1] * factor + idf[2] * factor) / (idf[1] + idf[2])
    assert scores(small, ["night", "school"])[0] == pytest.approx(expected)


def test_the_passage_with_most_of_the_question_comes_first(small: LexicalIndex) -> None:
    found = scores(small, ["night", "school"])
    assert found.argmax() == 0
    assert found[1] > 0
    assert found[2] == found[3] == 0
    assert small.ask(["night", "school"]).best(1).tolist() == [0]
    assert sorted(small.ask(["night", "school"]).best(9).tolist()) == [0, 1]


def test_it_knows_its_tokens(small: LexicalIndex) -> None:
    assert "orchard" in small
    assert "harbour" not in small


def test_scores_stay_within_one_and_repeats_in_the_question_count_once(small: LexicalIndex) -> None:
    assert scores(small, ["fountain"]).max() < 1
    assert np.array_equal(scores(small, ["school"] * 3), scores(small, ["school"]))


def test_a_word_that_nobody_uses_lowers_the_share(small: LexicalIndex) -> None:
    assert 0 < scores(small, ["night", "helsinki"])[0] < scores(small, ["night"])[0]
    assert not scores(small, ["helsinki"]).any()
    assert not scores(small, []).any()
    assert not len(small.ask(["helsinki"]).best(3))


def test_only_admitted_texts_are_found(small: LexicalIndex) -> None:
    admitted = np.array([False, True, True, True])
    assert small.ask(["night", "school"]).best(3, admitted).tolist() == [1]


def test_it_is_the_same_after_saving_and_loading(small: LexicalIndex, tmp_path: Path) -> None:
    small.save(tmp_path / "lexical")
    loaded = LexicalIndex.load(tmp_path / "lexical")
    assert len(loaded) == len(DOCUMENTS)  # the last has no token
    question = ["night", "school", "helsinki"]
    assert np.array_equal(scores(small, question), scores(loaded, question))


def test_files_of_another_index_are_refused(small: LexicalIndex, tmp_path: Path) -> None:
    small.save(tmp_path / "one")
    LexicalIndex.build([["night"]]).save(tmp_path / "other")
    (tmp_path / "other/rows.npy").replace(tmp_path / "one/rows.npy")
    with pytest.raises(ValueError, match="do not belong together"):
        LexicalIndex.load(tmp_path / "one")


def test_passages_without_any_word_can_be_indexed() -> None:
    assert not scores(LexicalIndex.build([[], []]), ["school"]).any()


@pytest.fixture
def made() -> list[list[str]]:
    """Texts of words that are used the more rarely the higher their number."""
    draw = Random(7)  # noqa: S311 - nothing is kept secret by it
    return [
        [f"w{int(draw.paretovariate(0.6))}" for _ in range(draw.randrange(5, 60))]
        for _ in range(3000)
    ]


def test_texts_that_are_counted_in_parts_are_indexed_alike(
    made: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = LexicalIndex.build(made)
    monkeypatch.setattr(index.lexical, "_AT_ONCE", 77)
    parts = LexicalIndex.build(iter(made))
    assert list(whole.tokens) == list(parts.tokens)
    for name in ("starts", "rows", "impacts", "tops"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name)), name


@pytest.mark.parametrize("only", [False, True])
def test_nothing_is_lost_where_texts_are_passed_over(
    made: list[list[str]], monkeypatch: pytest.MonkeyPatch, *, only: bool
) -> None:
    found, draw = LexicalIndex.build(made), Random(8)  # noqa: S311
    admitted = np.array([draw.random() < 0.3 for _ in made]) if only else None
    for _ in range(60):
        asked = [*draw.choice(made)[:6], *draw.choice(made)[:6], "w1", "w2", "unheard"]
        every = scores(found, asked)
        best = np.sort(np.where(admitted, every, 0) if only else every)[::-1][:10]
        with monkeypatch.context() as large:
            large.setattr(index.lexical, "PRUNED", 0)
            large.setattr(index.lexical, "_LONG", 8)
            rows = found.ask(asked).best(10, admitted)
            assert np.allclose(found.ask(asked).of(np.arange(3000)), every, atol=1e-6)
        assert np.allclose(np.sort(every[rows])[::-1], best[best > 0], atol=1e-6)
        assert admitted is None or admitted[rows].all()
