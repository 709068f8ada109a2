"""Words of a question find their like in another language."""

from pathlib import Path

import numpy as np
import pytest
from conftest import StandInEncoder, make_case

from index.alignment import Vocabulary, asked_words
from index.passages import split_passages

BODIES = (
    "The harbour opened a night school in Nansana.",
    "The hill planted orchards in 1987.",
    "The hill and the harbour share the the a fountain.",
)


@pytest.fixture(scope="module")
def vocabulary(stand_in: StandInEncoder) -> Vocabulary:
    cases = [make_case(body, case_id=f"case-{number}") for number, body in enumerate(BODIES)]
    return Vocabulary.build(cases, [split_passages(case)[0] for case in cases], stand_in)


def score(vocabulary: Vocabulary, encoder: StandInEncoder, *words: str) -> np.ndarray:
    return vocabulary.align(words, encoder.encode_passages(words), np.arange(len(BODIES)))


def test_the_passage_that_holds_the_words_comes_first(
    vocabulary: Vocabulary, stand_in: StandInEncoder
) -> None:
    scores = score(vocabulary, stand_in, "school", "night")
    assert scores.argmax() == 0
    assert 0 <= scores.min() <= scores.max() <= 1


def test_a_name_is_found_in_the_other_script(
    vocabulary: Vocabulary, stand_in: StandInEncoder
) -> None:
    assert score(vocabulary, stand_in, "نانسانا").argmax() == 0


def test_words_that_stand_everywhere_and_numbers_are_left_out(vocabulary: Vocabulary) -> None:
    assert "The" not in vocabulary.words
    assert "the" not in vocabulary.words
    assert "1987" not in vocabulary.words
    assert "orchards" in vocabulary.words


def test_nothing_asked_and_nothing_held_score_nothing(
    vocabulary: Vocabulary, stand_in: StandInEncoder
) -> None:
    assert not score(vocabulary, stand_in).any()
    bare = make_case("5 7.", case_id="bare")
    empty = Vocabulary.build([bare], split_passages(bare), stand_in)
    assert not empty.align(["school"], stand_in.encode_passages(["school"]), np.arange(1)).any()


def test_it_is_the_same_after_saving_and_loading(
    vocabulary: Vocabulary, stand_in: StandInEncoder, tmp_path: Path
) -> None:
    vocabulary.save(tmp_path)
    loaded = Vocabulary.load(tmp_path)
    assert loaded.words == vocabulary.words
    asked = ("school", "hill")
    assert np.array_equal(score(loaded, stand_in, *asked), score(vocabulary, stand_in, *asked))


def test_content_words_of_a_question_are_kept_as_written() -> None:
    assert asked_words("How did Nansana's mayors join in?", "en") == ["Nansana's", "mayors", "join"]
    assert asked_words("كيف شاركت المدنُ؟", "ar") == ["شاركت", "المدنُ"]
