"""An answer is made of sentences that stand in the passages it cites, and of nothing else."""

from dataclasses import replace

import pytest
from conftest import StandInEncoder

from corpus.gold import BUNDLED_GOLD, load_gold
from index.gazetteer import Gazetteer
from index.generation import Generation
from index.hits import Result
from index.question import read_question
from index.search import ANSWERS, search
from server.answer import MOST_PEERS, compose
from server.service import Service


@pytest.fixture
def result(small_generation: Generation, stand_in: StandInEncoder) -> Result:
    found = search(small_generation, stand_in, read_question("night school for porters"))
    return replace(found, answered=True)


def with_scores(result: Result, *scores: float) -> Result:
    hits = zip(result.hits, scores, strict=False)
    return replace(result, hits=tuple(replace(hit, score=score) for hit, score in hits))


@pytest.mark.parametrize("every", [10, pytest.param(1, marks=pytest.mark.slow)])
def test_every_sentence_to_every_gold_question_stands_in_its_passage(
    bundled_service: Service, every: int
) -> None:
    answered = 0
    asked = load_gold(BUNDLED_GOLD)[::every]
    for gold in asked:
        result = bundled_service.search(read_question(gold.text))
        answer = compose(result, bundled_service.generation.gazetteer)
        assert (answer is not None) == result.answered
        if answer is None:
            continue
        answered += 1
        cited = {hit.rank: hit.shown for hit in result.hits}
        sentences = list(answer.sentences)
        assert sentences
        assert len(answer.peers) <= MOST_PEERS
        assert len({peer.hit.shown.case.id for peer in answer.peers}) == len(answer.peers)
        assert answer.peers[0].hit.rank == 1
        for peer in answer.peers:
            for sentence in peer.sentences:
                assert sentence.text in cited[sentence.rank].passage.text
                assert cited[sentence.rank].case.id == peer.hit.shown.case.id
    assert answered > 0.6 * len(asked)


def test_no_answer_has_no_sentences(result: Result) -> None:
    assert compose(replace(result, answered=False), Gazetteer()) is None
    assert compose(replace(result, answered=False, hits=()), Gazetteer()) is None


def test_different_peers_come_before_more_of_the_same(result: Result) -> None:
    answer = compose(with_scores(result, 0.9, 0.8, 0.7, 0.6), Gazetteer())
    assert answer
    assert len(answer.peers) == 3
    assert [len(peer.sentences) for peer in answer.peers[1:]] == [1, 1]


def test_a_peer_that_does_not_answer_by_itself_has_no_say(result: Result) -> None:
    answer = compose(with_scores(result, 0.9, ANSWERS - 0.01, 0.2, 0.1), Gazetteer())
    assert answer
    assert len(answer.peers) == 1


def test_peers_elsewhere_have_no_say_in_a_question_that_names_a_place(
    result: Result, small_generation: Generation
) -> None:
    named = replace(result, question=read_question("night school for porters in Harbour"))
    answer = compose(with_scores(named, 0.9, 0.8, 0.7, 0.6), small_generation.gazetteer)
    assert answer
    assert [peer.hit.shown.case.id for peer in answer.peers] == ["harbour-school"]


def test_what_stands_in_two_passages_is_said_once(result: Result) -> None:
    twice = replace(result, hits=(result.hits[0], replace(result.hits[0], rank=2, score=0.9)))
    answer = compose(twice, Gazetteer())
    assert answer
    texts = [sentence.text for sentence in answer.sentences]
    assert len(texts) == len(set(texts))
