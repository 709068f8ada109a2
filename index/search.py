"""The main path: a question in, ranked passages out."""

from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter
from typing import NamedTuple

import numpy as np

from index.alignment import asked_words
from index.background import Signal
from index.encoder import Encoder
from index.engine import Rows, Values
from index.fusion import RANKING, Ranking, score
from index.generation import Generation
from index.hits import Hit, Result, Shown
from index.places import countries_named
from index.question import Filters, Question
from index.scripts import closest_language
from index.signals import Probe, question_tokens
from index.support import supported

CANDIDATES = 64  # passages that each signal puts forward
ANSWERS = 0.5  # the score from which a passage is held to answer the question
_AS_GOOD = 0.06  # cosine below the best sentence within which another is marked too
_MOST_MARKED = 2


def search(
    generation: Generation,
    encoder: Encoder,
    question: Question,
    k: int = 10,
    ranking: Ranking = RANKING,
) -> Result:
    """Find the passages that answer a question.

    Names that it misspells are searched as the library spells them, unless that is not wished for.
    Every passage is a candidate, whatever its language. Where its case has a rendering in the
    question's language, that one is scored in its place; the renderings of one case fall
    together into one hit, shown in the language asked for.

    Args:
        generation: Where to look; every hit comes from it.
        encoder: The encoder that the generation was built with.
        question: What is asked.
        k: At most so many hits.
        ranking: How the signals are weighed; another than the usual to study them.

    Returns:
        The hits, best first, and whether they answer the question.
    """
    started = perf_counter()
    question = corrected(question, generation)
    probe = _probe(generation, encoder, question)
    ranked = _ranked(generation, probe, question, ranking)
    shown = _shown(generation, _readable(generation, question), ranked, k)
    return Result(
        question=question,
        generation=generation.id,
        answered=bool(shown) and _answers(generation, shown[0], probe.countries),
        took_ms=(perf_counter() - started) * 1000,
        hits=tuple(
            _hit(generation, question.filters, probe, row, (rank, value))
            for rank, (row, value) in enumerate(shown, start=1)
        ),
    )


def corrected(question: Question, generation: Generation) -> Question:
    """The question with the names that it misspells as the library spells them.

    One that has been corrected, or is to be searched as it was typed, is left as it is.
    """
    if question.as_typed or question.corrections:
        return question
    corrections = generation.spelling.corrections(question.text)
    return question.corrected(corrections) if corrections else question


def _probe(generation: Generation, encoder: Encoder, question: Question) -> Probe:
    """Analyse and encode the question, together with those of its words that are new."""
    concepts, vocabulary = generation.concepts, generation.engine.vocabulary
    asked = asked_words(question.text, question.language, concepts)
    known = vocabulary.recall(asked)
    strange = [word.text for word in asked if word.text not in known]
    vector, vectors = encoder.encode_question_and_words(question.text, strange)
    return Probe(
        vector,
        question_tokens(question.text, question.language, concepts),
        asked,
        {**known, **vocabulary.learn(strange, vectors)},
        frozenset(countries_named(question.text)),
    )


class _Ranked(NamedTuple):
    """Passages, best first.

    Attributes:
        rows: Their numbers; ties in the order of the library.
        log_odds: Of each.
        lead: How far the best one is ahead of the best one of another case.
    """

    rows: Rows
    log_odds: Values
    lead: float


def _ranked(
    generation: Generation,
    probe: Probe,
    question: Question,
    ranking: Ranking,
) -> _Ranked:
    columns, engine = generation.columns, generation.engine
    admitted = columns.admitted(question.filters)
    if admitted is not None and not admitted.any():
        return _Ranked(np.zeros(0, np.int64), np.zeros(0, np.float32), 0.0)
    readings = engine.read(probe)
    rows = engine.candidates(probe, readings, CANDIDATES, admitted, exact=ranking.exact)
    # In the question's own language every signal works; across languages the lexical ones hardly.
    rows = np.unique(_rendered(generation, rows, question, question.language))
    same = columns.languages[rows] == question.language
    values = engine.values(probe, readings, rows)
    elsewhere = np.zeros(len(rows), bool)
    if probe.countries:
        named = [probe.countries.isdisjoint(generation.countries[row]) for row in rows.tolist()]
        elsewhere[:] = named
    background, words = generation.manifest.background, len(probe.tokens[Signal.STEMS])
    log_odds = np.where(
        same,
        ranking.same.fuse(values, background["same"], elsewhere, words),
        ranking.other.fuse(values, background["other"], elsewhere, words),
    )
    log_odds = supported(
        log_odds, engine.documents[rows], generation.sizes[rows], generation.usual_size
    )
    order = np.argsort(-log_odds, kind="stable")
    rows, log_odds = rows[order], log_odds[order]
    cases = columns.cases(rows)
    others = log_odds[cases != cases[0]]
    return _Ranked(rows, log_odds, float(log_odds[0] - others[0]) if len(others) else 0.0)


def _shown(
    generation: Generation, question: Question, ranked: _Ranked, k: int
) -> list[tuple[int, float]]:
    """The best passages and their scores, each once, in the language asked for.

    The best of a passage's likes gives its score.
    """
    places = _rendered(generation, ranked.rows, question, question.show_in)
    _, first = np.unique(generation.columns.twins[places], return_index=True)
    return [
        (
            int(places[rank]),
            score(float(ranked.log_odds[rank]), ranked.lead if rank == 0 else 0.0),
        )
        for rank in np.sort(first)[:k].tolist()
    ]


def _rendered(generation: Generation, rows: Rows, question: Question, language: str) -> Rows:
    """Passages that say the same in a language, where there are any and they may be found."""
    if question.filters.passage_lang:
        return rows
    return np.asarray(generation.columns.rendered(language)[rows], np.int64)


def _readable(generation: Generation, question: Question) -> Question:
    """The question, shown in a language that the library has."""
    return replace(question, show_in=closest_language(question.show_in, generation.spoken))


def _hit(
    generation: Generation, filters: Filters, probe: Probe, row: int, ranked: tuple[int, float]
) -> Hit:
    rank, value = ranked

    def shown(other: int) -> Shown:
        return Shown(generation.case_of(other), generation.passages[other])

    return Hit(
        rank=rank,
        score=value,
        shown=shown(row),
        highlights=_highlights(
            generation.passages[row].sentences, generation.engine.sentence_cosines(probe, row)
        ),
        renderings=tuple(shown(other) for _, other in sorted(generation.counterparts[row].items())),
        also_in=tuple(
            shown(other)
            for other in generation.same_elsewhere(row)
            if generation.case_of(other).id not in filters.withheld
        ),
    )


def _highlights(
    sentences: Sequence[tuple[int, int]], cosines: Values
) -> tuple[tuple[int, int], ...]:
    """The sentence nearest to the question, and one more that is as good."""
    nearest = np.argsort(-cosines, kind="stable")[:_MOST_MARKED]
    marked = [number for number in nearest if cosines[number] >= cosines[nearest[0]] - _AS_GOOD]
    return tuple(sentences[number] for number in sorted(int(number) for number in marked))


def _answers(generation: Generation, best: tuple[int, float], named: frozenset[str]) -> bool:
    """Whether the best hit answers the question.

    Practice in one country does not answer a question about another, however alike they are: the
    best hit must be about, or speak of, a country that the question names.
    """
    row, value = best
    return value >= ANSWERS and (not named or not named.isdisjoint(generation.countries[row]))
