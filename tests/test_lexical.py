"""BM25 scores are shares of the question, whatever its length."""

from pathlib import Path

import numpy as np
import pytest

from index.lexical import LexicalIndex

DOCUMENTS = [["night", "school", "porters"], ["school", "orchard"], ["fountain"] * 5, []]


@pytest.fixture
def index() -> LexicalIndex:
    return LexicalIndex.build(DOCUMENTS)


def test_the_passage_with_most_of_the_question_comes_first(index: LexicalIndex) -> None:
    scores = index.scores(["night", "school"])
    assert scores.argmax() == 0
    assert scores[1] > 0
    assert scores[2] == scores[3] == 0


def test_it_knows_its_tokens(index: LexicalIndex) -> None:
    assert "orchard" in index
    assert "harbour" not in index


def test_scores_stay_within_one_and_repeats_in_the_question_count_once(index: LexicalIndex) -> None:
    assert index.scores(["fountain"]).max() < 1
    assert np.array_equal(index.scores(["school"] * 3), index.scores(["school"]))


def test_a_word_that_nobody_uses_lowers_the_share(index: LexicalIndex) -> None:
    assert 0 < index.scores(["night", "helsinki"])[0] < index.scores(["night"])[0]
    assert not index.scores(["helsinki"]).any()
    assert not index.scores([]).any()


def test_it_is_the_same_after_saving_and_loading(index: LexicalIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "lexical")
    loaded = LexicalIndex.load(tmp_path / "lexical")
    question = ["night", "school", "helsinki"]
    assert np.array_equal(index.scores(question), loaded.scores(question))


def test_passages_without_any_word_can_be_indexed() -> None:
    assert not LexicalIndex.build([[], []]).scores(["school"]).any()
