"""A follow-up means what it means after the question before it; nothing else is carried over."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from corpus.case_study import Level, Pillar
from index.gazetteer import Gazetteer
from index.question import Filters, Question, read_question
from server.conversation import Before, Kind, Understood, understand
from server.dialogue import Reply, reply
from server.service import Service

TOLD = tomllib.loads((Path(__file__).parent / "conversations.toml").read_text("utf-8"))
PLACES = Gazetteer(
    frozenset([("nansana",), ("saida",), ("صيدا",), ("مجدل", "عنجر")]),
    {"nansana": frozenset(["youth-desk"]), "LB": frozenset(["network"])},
)
ASKED = "How does Nansana work with young people?"


def after(typed: str, question: str = ASKED, filters: Filters | None = None) -> Understood:
    asked = read_question(question)
    before = Before(
        asked.text,
        asked.language,
        asked.show_in,
        filters or Filters(),
        "youth-desk",
        "Nansana: a youth desk",
    )
    return understand(read_question(typed), before, PLACES)


@dataclass(frozen=True)
class Outcome:
    """What came of a turn after the first."""

    kind: str
    typed: str
    understood: Kind
    right: bool


def held(service: Service, kind: str) -> Iterator[Outcome]:
    """Hold every conversation of a kind; give what came of the later turns."""
    for conversation in TOLD["conversation"]:
        if conversation["kind"] == kind:
            before: Before | None = None
            for number, turn in enumerate(conversation["turn"]):
                given = ask(service, turn["text"], before, conversation["language"])
                before = given.before
                if number:
                    yield Outcome(kind, turn["text"], given.understood.kind, is_right(given, turn))


def ask(service: Service, text: str, before: Before | None, language: str) -> Reply:
    question = read_question(text, fallback_language=language)
    return reply(service, understand(question, before, service.generation.gazetteer), before)


def is_right(given: Reply, turn: dict[str, Any]) -> bool:
    hits = given.result.hits
    shown_in = given.understood.question.show_in
    found = bool(hits) and hits[0].shown.case.id in turn["cases"]
    return found and turn.get("show_in", shown_in) == shown_in


def test_there_are_as_many_conversations_as_it_takes() -> None:
    counts = {
        (kind, language): sum(
            conversation["kind"] == kind and conversation["language"] == language
            for conversation in TOLD["conversation"]
        )
        for kind in ("follow", "change")
        for language in ("en", "ar")
    }
    assert counts == {("follow", "en"): 20, ("follow", "ar"): 20,
                      ("change", "en"): 10, ("change", "ar"): 10}  # fmt: skip


def test_nine_in_ten_later_turns_find_the_right_case_first(bundled_service: Service) -> None:
    outcomes = list(held(bundled_service, "follow"))
    missed = [outcome for outcome in outcomes if not outcome.right]
    assert len(outcomes) == 64
    assert len(missed) <= 0.1 * len(outcomes), missed


def test_nothing_is_carried_over_to_another_subject(bundled_service: Service) -> None:
    outcomes = list(held(bundled_service, "change"))
    carried = [outcome for outcome in outcomes if outcome.understood is not Kind.NEW]
    assert len(outcomes) == 20
    assert len(carried) <= 0.05 * len(outcomes), carried


def test_a_first_question_is_as_it_was_typed() -> None:
    understood = understand(read_question("and in Malawi?"), None, PLACES)
    assert (understood.kind, understood.question.text) == (Kind.NEW, "and in Malawi?")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("and in Malawi?", "How does Malawi work with young people?"),
        ("what about Saida", "How does Saida work with young people?"),
        ("Same for Lebanon please", "How does Lebanon work with young people?"),
        (
            "and the mayor of Saida?",
            "How does Saida work with young people? – and the mayor of Saida?",
        ),
    ],
)
def test_another_place_takes_the_place_of_the_one_before(typed: str, text: str) -> None:
    understood = after(typed)
    assert (understood.kind, understood.question.text) == (Kind.PLACE, text)


def test_in_arabic_a_particle_stays_with_the_name_that_takes_its_place() -> None:
    understood = after("وماذا عن مجدل عنجر؟", "كيف تعمل الشبكة بصيدا؟")
    assert understood.question.text == "كيف تعمل الشبكة بمجدل عنجر؟"


def test_a_place_is_looked_for_among_the_cases_about_it() -> None:
    assert after("and in Lebanon?").question.filters == Filters(cases=frozenset(["network"]))
    assert after("and in Malawi?").question.filters == Filters()


@pytest.mark.parametrize(
    "typed",
    ["who paid for it?", "did it work?", "and the women?", "who else was involved?", "من موّل ذلك؟",
     "وما النتيجة؟", "وما دور الدكاكين الصغيرة فيه؟"],
)  # fmt: skip
def test_a_detail_is_asked_of_the_case_that_was_found(typed: str) -> None:
    understood = after(typed)
    assert understood.kind is Kind.DETAIL
    assert understood.question.filters == Filters(cases=frozenset(["youth-desk"]))
    assert understood.about == "Nansana: a youth desk"
    assert understood.text == ASKED, "what comes next goes on from the question"


@pytest.mark.parametrize(
    ("typed", "filters"),
    [
        ("only cities", Filters(level=Level.CITY)),
        ("only at city level", Filters(level=Level.CITY)),
        ("and just the US", Filters(country="US")),
        ("Kosovo only", Filters(country="XK")),
        ("since 2020", Filters(year_from=2020)),
        ("before 2015 please", Filters(year_to=2014)),
        ("only the sustainability pillar", Filters(pillar=Pillar.SUSTAINABILITY)),
        ("المدن فقط", Filters(level=Level.CITY)),
        ("فقط في الفلبين", Filters(country="PH")),
        ("منذ عام 2023", Filters(year_from=2023)),
        ("ضمن ركيزة الثقة فقط", Filters(pillar=Pillar.TRUST)),
    ],
)
def test_a_narrowing_asks_the_same_of_fewer(typed: str, filters: Filters) -> None:
    understood = after(typed)
    assert understood.kind is Kind.NARROWED
    assert understood.question.text == ASKED
    assert understood.question.filters == filters


def test_narrowings_add_up() -> None:
    understood = after("and just the US", filters=Filters(level=Level.CITY))
    assert understood.question.filters == Filters(level=Level.CITY, country="US")


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        ("in Arabic please", "ar"),
        ("can i read this in arabic", "ar"),
        ("arabic version?", "ar"),
        ("بالعربية من فضلك", "ar"),
        ("sorry, in english please", "en"),
        ("هات النص الإنجليزي", "en"),
    ],
)
def test_a_language_can_be_wished_for(typed: str, language: str) -> None:
    understood = after(typed)
    assert understood.kind is Kind.LANGUAGE
    assert understood.question == Question(ASKED, "en", language)


def test_a_language_wished_for_within_a_question_is_heard() -> None:
    understood = understand(read_question("How is it done in Saida, in Arabic?"), None, PLACES)
    assert understood.question.show_in == "ar"


@pytest.mark.parametrize(
    "typed",
    [
        "What does a mayor's office for religious affairs do in Malawi?",
        "How are officials trained to share information with police forces?",
        "And how do cities measure whether their residents have become more resilient?",
        "ولماذا لا يخبر ضحايا العنصرية السلطات بما يحدث لهم؟",
    ],
)
def test_a_question_with_a_subject_of_its_own_stands_alone(typed: str) -> None:
    understood = after(typed)
    assert (understood.kind, understood.question.text) == (Kind.NEW, typed)
    assert understood.question.filters == Filters()
