"""Questions that ask the same stand together, whatever their language, and others do not."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random

import numpy as np
import pytest
from asked_alike import ALIKE
from conftest import StandInEncoder

from corpus.gold import BUNDLED_GOLD, load_gold
from index.encoder import Encoder, Vectors
from server.question_groups import ALIKE as SAME
from server.question_groups import (
    MOST,
    Group,
    QuestionVectors,
    Wording,
    grouped,
    key_of,
    wordings_of,
)
from server.service import Service
from server.store_inbox import SentQuestion
from server.store_reports import LoggedQuestion

DAY = date(2026, 3, 4)


def asked(
    text: str, language: str = "en", day: date = DAY, *, answered: bool = False
) -> LoggedQuestion:
    return LoggedQuestion(day, language, text, answered, None, None)


def sent(text: str, language: str = "en", day: date = DAY) -> SentQuestion:
    return SentQuestion(f"id of {text}", text, language, day, None, None)


def together(groups: list[Group]) -> set[frozenset[str]]:
    return {frozenset(each.text for each in group.wordings) for group in groups}


def put_together(wordings: list[Wording], encoder: Encoder | StandInEncoder) -> list[Group]:
    return grouped(wordings, QuestionVectors().of(encoder, [each.text for each in wordings]))


def test_wordings_in_three_languages_are_one_question(bundled_service: Service) -> None:
    log = [asked(text, language) for group in ALIKE for language, text in group]
    groups = put_together(wordings_of(log, ()), bundled_service.encoder)
    meant = {text: number for number, group in enumerate(ALIKE) for _, text in group}
    for group in groups:
        assert len({meant[each.text] for each in group.wordings}) == 1, group.wordings
    assert len(groups) <= len(ALIKE) + 3  # a wording or two may stand alone
    assert sum(group.languages != ("en",) and len(group.languages) == 3 for group in groups) >= 8


def test_gold_questions_that_would_stand_together_are_mostly_about_one_case(
    bundled_service: Service,
) -> None:
    gold = [
        question
        for question in load_gold(BUNDLED_GOLD)
        if question.follows is None and len(question.cases) == 1
    ]
    vectors = bundled_service.encoder.encode_passages([question.text for question in gold])
    cases = np.array([question.cases[0] for question in gold])
    pairs = np.triu_indices(len(gold), 1)
    together = (vectors @ vectors.T)[pairs] >= SAME
    same = (cases[:, None] == cases[None, :])[pairs]
    assert 30 < together.sum() < 80  # of 166,176
    assert same[together].mean() > 0.65


def test_the_stand_in_puts_nearly_the_same_words_together(stand_in: StandInEncoder) -> None:
    log = [
        asked("who mends the wells of the village"),
        asked("who mends the wells of the villages"),
        asked("which songs are sung at harvest"),
    ]
    groups = put_together(wordings_of(log, ()), stand_in)
    assert [group.times for group in groups] == [2, 1]


def test_the_groups_do_not_depend_on_the_order_in_which_they_came(stand_in: StandInEncoder) -> None:
    log = [asked(text, language) for group in ALIKE for language, text in group]
    first = put_together(wordings_of(log, ()), stand_in)
    for seed in range(3):
        Random(seed).shuffle(log)  # noqa: S311 - an order for a test
        assert put_together(wordings_of(log, ()), stand_in) == first


def test_a_wording_counts_what_was_asked_and_keeps_what_was_sent() -> None:
    later = DAY + timedelta(days=3)
    log = [
        asked("Who mends wells?", day=later),
        asked("who  mends WELLS?"),
        asked("who mends wells?", answered=True),
    ]
    (wording, other) = wordings_of(log, [sent("who mends wells?", day=later), sent("من؟", "ar")])
    assert wording.days == (DAY, later)
    assert [each.question for each in wording.sent] == ["who mends wells?"]
    assert other.days == (DAY,)
    assert wording.key == key_of("WHO mends wells?", "en") != key_of("who mends wells?", "fr")
    group = Group((wording, other))
    assert (group.times, group.first, group.last) == (3, DAY, later)
    assert group.languages == ("en", "ar")
    assert len(group.sent) == 2


def test_the_largest_group_comes_first_and_nothing_is_lost() -> None:
    log = [asked("rare"), *[asked("often", day=DAY + timedelta(days=n)) for n in range(3)]]
    groups = grouped(wordings_of(log, ()), None)
    assert [group.wordings[0].text for group in groups] == ["often", "rare"]
    assert len(wordings_of([asked(f"question {n}") for n in range(MOST + 5)], ())) == MOST
    assert grouped([], None) == []


def test_a_vector_is_made_once_and_forgotten_with_its_question(stand_in: StandInEncoder) -> None:
    made: list[str] = []

    class Counting(StandInEncoder):
        def encode_passages(
            self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
        ) -> Vectors:
            made.extend(texts)
            return super().encode_passages(texts, progress=progress)

    vectors, encoder = QuestionVectors(), Counting()
    vectors.of(encoder, ["one", "two"])
    again = vectors.of(encoder, ["two", "three", "two"])
    assert made == ["one", "two", "three"]
    assert np.array_equal(again, stand_in.encode_passages(["two", "three", "two"]))
    vectors.of(encoder, ["one"])
    assert made == ["one", "two", "three", "one"]
    assert vectors.of(encoder, []).shape == (0, encoder.dimension)
    assert "one" not in repr(vectors._kept)


@pytest.mark.parametrize("alike", [0.0, 1.1])
def test_the_threshold_decides(stand_in: StandInEncoder, alike: float) -> None:
    wordings = wordings_of([asked("aa bb"), asked("aa bb cc"), asked("aa bb dd")], ())
    vectors = QuestionVectors().of(stand_in, [each.text for each in wordings])
    assert len(grouped(wordings, vectors, alike)) == (1 if alike == 0 else 3)
