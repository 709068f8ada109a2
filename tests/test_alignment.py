"""Words of a question find their like in other words and in another language."""

from pathlib import Path

import numpy as np
import pytest
from conftest import StandInEncoder, make_case

from corpus.glossary import Term
from index.alignment import AskedWord, Vocabulary, asked_words
from index.analysis import words
from index.concepts import Concepts
from index.passages import split_passages

BODIES = (
    "The harbour opened a night school in Nansana.",
    "The hill planted orchards in 1987.",
    "The hill and the harbour share the the a fountain.",
    "The city hall of the valley lent a room.",
)
TERMS = Concepts((Term("municipality", {"en": ("municipality", "city hall"), "ar": ("بلدية",)}),))


@pytest.fixture(scope="module")
def vocabulary(stand_in: StandInEncoder) -> Vocabulary:
    cases = [make_case(body, case_id=f"case-{number}") for number, body in enumerate(BODIES)]
    passages = [split_passages(case)[0] for case in cases]
    return Vocabulary.build(passages, [words(body) for body in BODIES], TERMS, stand_in)


def score(vocabulary: Vocabulary, encoder: StandInEncoder, *asked: AskedWord | str) -> np.ndarray:
    words = [word if isinstance(word, AskedWord) else AskedWord(word) for word in asked]
    known = vocabulary.recall(words)
    strange = [word.text for word in words if word.text not in known]
    known |= vocabulary.learn(strange, encoder.encode_passages(strange))
    return vocabulary.align(words, known, np.arange(len(vocabulary.starts) - 1))


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


def test_a_term_is_found_in_another_language_and_another_wording(
    vocabulary: Vocabulary, stand_in: StandInEncoder
) -> None:
    (asked,) = asked_words("البلدية", "ar", TERMS)
    assert score(vocabulary, stand_in, asked).argmax() == 3


def test_only_words_of_the_passages_need_no_encoding(vocabulary: Vocabulary) -> None:
    known = vocabulary.recall([AskedWord("school"), AskedWord("skool")])
    assert set(known) == {"school"}


def test_a_word_once_learnt_is_known(vocabulary: Vocabulary, stand_in: StandInEncoder) -> None:
    vocabulary.learn(["scholars"], stand_in.encode_passages(["scholars"]))
    assert set(vocabulary.recall([AskedWord("scholars")])) == {"scholars"}


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
    empty = Vocabulary.build(split_passages(bare), [words("5 7.")], TERMS, stand_in)
    assert not score(empty, stand_in, "school").any()


def test_it_is_the_same_after_saving_and_loading(
    vocabulary: Vocabulary, stand_in: StandInEncoder, tmp_path: Path
) -> None:
    vocabulary.save(tmp_path)
    loaded = Vocabulary.load(tmp_path)
    assert loaded.words == vocabulary.words
    asked = ("school", "hill")
    assert np.array_equal(score(loaded, stand_in, *asked), score(vocabulary, stand_in, *asked))


def test_content_words_of_a_question_are_kept_as_written() -> None:
    english = asked_words("How did Nansana's mayors join in?", "en", TERMS)
    assert [word.text for word in english] == ["Nansana's", "mayors", "join"]
    arabic = asked_words("كيف شاركت المدنُ؟", "ar", TERMS)
    assert [word.text for word in arabic] == ["شاركت", "المدنُ"]


def test_each_word_of_a_term_knows_what_they_name_together() -> None:
    asked = asked_words("Who pays at city hall?", "en", TERMS)
    assert {word.text: set(word.concepts) for word in asked} == {
        "pays": set(),
        "city": {"#municipality"},
        "hall": {"#municipality"},
    }


def test_neighbours_take_six_bytes_each(vocabulary: Vocabulary) -> None:
    (found,) = vocabulary.recall([AskedWord("school")]).values()
    assert found.numbers.nbytes + found.nearness.nbytes == 6 * len(found.numbers) > 0
