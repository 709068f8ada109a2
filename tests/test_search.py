"""The main path: ranked, word for word, in the asker's language, honest about not knowing."""

import numpy as np
import pytest
from conftest import StandInEncoder

from corpus.case_study import Level, Pillar
from index.background import Background
from index.fusion import measure, standing_out
from index.generation import Generation
from index.hits import Result
from index.question import Filters, read_question
from index.search import search


def ask(
    generation: Generation,
    encoder: StandInEncoder,
    text: str,
    show_in: str | None = None,
    filters: Filters | None = None,
    k: int = 10,
) -> Result:
    return search(generation, encoder, read_question(text, show_in=show_in, filters=filters), k)


def test_the_passage_that_holds_the_words_comes_first(
    small_generation: Generation, stand_in: StandInEncoder
) -> None:
    result = ask(small_generation, stand_in, "who opened a night school for porters")
    first = result.hits[0]
    assert first.shown.case.id == "harbour-school"
    assert first.shown.case.language == "en"
    assert first.shown.passage.text in first.shown.case.text
    assert [hit.rank for hit in result.hits] == list(range(1, len(result.hits) + 1))
    scores = [hit.score for hit in result.hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score < 1 for score in scores)
    assert result.generation == small_generation.id


def test_renderings_of_one_case_fall_together_in_the_askers_language(
    small_generation: Generation, stand_in: StandInEncoder
) -> None:
    for text, language, other in (
        ("night school for porters", "en", "ar"),
        ("مدرسة ليلية للحمالين", "ar", "en"),
    ):
        result = ask(small_generation, stand_in, text)
        harbour = [hit for hit in result.hits if hit.shown.case.id == "harbour-school"]
        assert {hit.shown.case.language for hit in harbour} == {language}
        assert len({hit.shown.passage.id for hit in harbour}) == len(harbour)
        (rendering,) = harbour[0].renderings
        assert rendering.case.language == other


def test_results_are_shown_in_another_language_on_request(
    small_generation: Generation, stand_in: StandInEncoder
) -> None:
    result = ask(small_generation, stand_in, "night school for porters", show_in="ar")
    assert result.hits[0].shown.case.language == "ar"
    assert "مدرسة ليلية" in result.hits[0].shown.passage.text
    assert any(hit.shown.case.language == "en" for hit in result.hits), "where there is no Arabic"


@pytest.mark.parametrize(
    ("filters", "cases"),
    [
        (Filters(country="NO"), {"hill-orchards"}),
        (Filters(passage_lang="ar"), {"harbour-school"}),
        (Filters(pillar=Pillar.SUSTAINABILITY), set()),
        (Filters(level=Level.CITY, country="FI"), {"market-fountain"}),
        (Filters(year_from=2030), set()),
    ],
)
def test_filters_hold_for_every_hit(
    small_generation: Generation, stand_in: StandInEncoder, filters: Filters, cases: set[str]
) -> None:
    result = ask(small_generation, stand_in, "school orchard fountain مدرسة", filters=filters)
    assert {hit.shown.case.id for hit in result.hits} == cases
    if filters.passage_lang:
        assert {hit.shown.case.language for hit in result.hits} == {filters.passage_lang}
    if not cases:
        assert not result.answered


def test_no_more_hits_than_asked_for(
    small_generation: Generation, stand_in: StandInEncoder
) -> None:
    assert len(ask(small_generation, stand_in, "the city", k=2).hits) == 2


def test_the_matching_sentence_is_marked_by_offsets_into_the_passage(
    small_generation: Generation, stand_in: StandInEncoder
) -> None:
    hit = ask(small_generation, stand_in, "a shared well ended the quarrel over water").hits[0]
    marked = [hit.shown.passage.text[start:end] for start, end in hit.highlights]
    assert marked == ["A shared well ended the quarrel over water."]


@pytest.mark.parametrize(
    "text", ["🙂🙂🙂", "<script>alert(1)</script>", "' OR 1=1 --", "…", "2024"]
)
def test_odd_questions_get_a_result(
    small_generation: Generation, stand_in: StandInEncoder, text: str
) -> None:
    result = ask(small_generation, stand_in, text)
    assert all(np.isfinite(hit.score) for hit in result.hits)


def test_practice_in_one_country_does_not_answer_for_another(
    small_generation: Generation, stand_in: StandInEncoder
) -> None:
    question = "A shared well ended the quarrel over water"
    assert ask(small_generation, stand_in, question).answered
    assert ask(small_generation, stand_in, question + " in Norway").answered
    assert not ask(small_generation, stand_in, question + " in Chile").answered


def test_a_signal_counts_by_how_far_it_stands_out() -> None:
    background = measure(np.array([0.1, 0.3], dtype=np.float32))
    assert background.mean == pytest.approx(0.2)
    assert standing_out(np.array([0.5], dtype=np.float32), background) == pytest.approx(3)
    flat = Background(0.2, 0.0)
    assert np.isfinite(standing_out(np.array([0.5], dtype=np.float32), flat)).all()


def test_a_reader_of_a_language_that_is_not_there_is_shown_each_passage_once(
    small_generation: Generation, stand_in: StandInEncoder
) -> None:
    question = read_question("who taught the porters", show_in="fr")
    hits = search(small_generation, stand_in, question).hits
    assert {hit.shown.case.language for hit in hits} == {"en"}
    assert len({hit.shown.passage.id for hit in hits}) == len(hits)
