"""What stands in several documents is found once, with all its sources."""

from conftest import StandInEncoder, make_case

from corpus.library import Library
from index.analysis import words
from index.build import build_generation
from index.duplicates import near_duplicates
from index.passages import split_passages
from index.question import Filters, read_question
from index.search import search

LONG = (
    "The harbour city opened a night school for its porters in the winter, and forty of them came"
    " to every lesson until the spring, when they began to write their own petitions."
)
EDITED = LONG.replace("forty", "about forty")
OTHER = (
    "The hill town planted orchards together with the shepherds, and a shared well ended the"
    " quarrel over water that had gone on between the two sides for many years."
)


def groups(*texts: str, documents: str = "abcdef", language: str = "en") -> tuple[int, ...]:
    passages = [
        split_passages(make_case(text, case_id=name, language=language))[0]
        for name, text in zip(documents, texts, strict=False)
    ]
    return near_duplicates(passages, [words(text) for text in texts], documents[: len(texts)])


def test_nearly_the_same_text_in_two_documents_is_one() -> None:
    assert groups(LONG, OTHER, EDITED) == (0, 1, 0)


def test_the_same_document_may_repeat_itself() -> None:
    assert groups(LONG, LONG, documents="aa") == (0, 1)


def test_short_and_different_passages_stay_apart() -> None:
    assert groups("Too short.", "Too short.", LONG, OTHER) == (0, 1, 2, 3)


def test_three_copies_are_one_group() -> None:
    assert groups(LONG, EDITED, LONG) == (0, 0, 0)


def test_a_hit_lists_all_its_sources(stand_in: StandInEncoder) -> None:
    library = Library(
        tuple(
            make_case(text, case_id=name)
            for name, text in (("a", LONG), ("b", EDITED), ("c", OTHER))
        )
    )
    generation = build_generation(library, stand_in)
    question = read_question("night school for porters")
    hits = search(generation, stand_in, question).hits
    assert len(hits) == 2
    (other,) = hits[0].also_in
    assert {hits[0].shown.case.id, other.case.id} == {"a", "b"}
    assert hits[1].also_in == ()
    one_away = read_question("night school for porters", filters=Filters(withheld=frozenset("b")))
    hit = search(generation, stand_in, one_away).hits[0]
    assert (hit.shown.case.id, hit.also_in) == ("a", ())
