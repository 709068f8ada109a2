"""A misspelt name is told from other words, in both scripts, and nothing else is touched."""

from time import process_time

import pytest
from conftest import make_case
from hypothesis import given, settings
from hypothesis import strategies as st

from index.everyday import holds_everyday, is_everyday, uses
from index.gazetteer import Gazetteer
from index.generation import Generation
from index.likeness import slip
from index.question import LONGEST, Question, read_question
from index.search import corrected, search
from index.spelling import Spelling

PLACES = {
    "en": ("Nansana", "Elbasan", "New South Wales", "Newcastle", "Salah al-Din", "N'Douci",
           "Marbel", "Marbet", "Mardan", "Zuwara", "Mombasa"),
    "ar": ("نانسانا", "إلباسان", "مجدل عنجر", "الزرقاء", "كادونا", "مردان", "زوارة", "مومباسا"),
}  # fmt: skip
CASES = [
    make_case(case_id=f"case-{number}", language=language, title=f"{place}: x", place=place)
    for language, places in PLACES.items()
    for number, place in enumerate(places)
]
SAID = frozenset(("nansanan", "youth", "البلديه"))
SPELLING = Spelling.of(CASES, Gazetteer.of(CASES), SAID.__contains__)


def found(text: str) -> list[tuple[str, str]]:
    """What is corrected in a text, as typed and as meant."""
    return [(correction.typed, correction.meant) for correction in SPELLING.corrections(text)]


@pytest.mark.parametrize(
    ("text", "typed", "meant"),
    [
        ("how does Nansanna work with young people?", "Nansanna", "Nansana"),
        ("how does nansena work?", "nansena", "Nansana"),
        ("and in Kenia?", "Kenia", "Kenya"),
        ("prevention in Argentena", "Argentena", "Argentina"),
        ("what did they do in elbaasn", "elbaasn", "Elbasan"),
        ("كيف تعمل نانسنا مع الشباب؟", "نانسنا", "نانسانا"),
        ("ماذا جرى في إلباصان؟", "إلباصان", "إلباسان"),
        ("من يموّل العمل في كادنا؟", "كادنا", "كادونا"),
        ("ما الخطة في الأرجنتن؟", "الأرجنتن", "الأرجنتين"),
        ("مدينة الزرقاا", "الزرقاا", "الزرقاء"),
    ],
)
def test_a_misspelt_name_is_recognised(text: str, typed: str, meant: str) -> None:
    assert found(text) == [(typed, meant)]


@pytest.mark.parametrize(
    ("text", "typed", "meant"),
    [
        ("what of Elba san?", "Elba san", "Elbasan"),
        ("the council of new castle", "new castle", "Newcastle"),
        ("a plan in New South Whales", "New South Whales", "New South Wales"),
        ("newsouth wales", "newsouth wales", "New South Wales"),
        ("in Salah aldin", "Salah aldin", "Salah al-Din"),
        ("Ndouci and its committee", "Ndouci", "N'Douci"),
        ("شبكة مجدلعنجر", "مجدلعنجر", "مجدل عنجر"),
        ("شبكة مجدل عنجار", "مجدل عنجار", "مجدل عنجر"),
    ],
)
def test_a_name_of_several_words_is_recognised_however_they_are_joined(
    text: str, typed: str, meant: str
) -> None:
    assert found(text) == [(typed, meant)]


@pytest.mark.parametrize(
    ("text", "corrected_text"),
    [
        ("Nansanna's mayor", "Nansana's mayor"),
        ("Nansanna’s mayor", "Nansana’s mayor"),
        ("وبنانسنا", "وبنانسانا"),
        ("وَبِنانسنا", "وَبِنانسانا"),
        ("لنانسنا مكتب", "لنانسانا مكتب"),
        ("في المومباسه", "في المومباسا"),
        ("مكتب للزرقاا", "مكتب للزرقاء"),
    ],
)
def test_what_is_written_to_a_name_stays_with_it(text: str, corrected_text: str) -> None:
    question = read_question(text).corrected(SPELLING.corrections(text))
    assert question.text == corrected_text


def test_several_names_are_corrected_at_their_places() -> None:
    text = "did Nansanna learn from نانسنا or from Elbasn?"
    found = SPELLING.corrections(text)
    assert [correction.meant for correction in found] == ["Nansana", "نانسانا", "Elbasan"]
    assert all(text[each.start : each.end] == each.typed for each in found)


@pytest.mark.parametrize("text", ["prevention in Marbek", "what does marbelt do"])
def test_a_word_as_near_to_two_names_is_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "how long does sourdough bread rise with chocolate on a bicycle",
        "a chili and a toga and tunes and sudden turns",  # near to Chile, Togo, Tunis, Sudan
        "دراجة وشوكولاتة وكعكة",
        "زيارة إلى ميدان واسع",  # near to Zuwara and Mardan
        "بالزيارات وللميدان",
        "green land and ice land",
    ],
)
def test_everyday_words_are_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "the Nansanan youth",  # the library says it
        "Elbasani families, Costa Rican towns",  # made of names by endings
        "الكادونيون",
        "Kenya, Nansana and New South Wales",
        "إلباسان ومجدل عنجر والزرقاء",
        "كادنًا",  # no name of a place is indefinite
        "Elbb",  # too short to tell
        "",
    ],
)
def test_words_that_are_known_and_names_that_are_right_are_left_alone(text: str) -> None:
    assert found(text) == []


def test_a_question_in_another_language_is_left_alone() -> None:
    spanish = "quién dirigió el ataque de la colonia francesa en esa orilla"
    assert found("colonia") == [("colonia", "Colombia")]
    assert found(spanish) == []


def test_a_name_of_the_library_is_meant_rather_than_another() -> None:
    assert slip("nkuru", "nakuru", capital=True, likely=True) is not None
    assert found("in Mardn") == [("Mardn", "Mardan")]


def test_a_slip_that_leaves_the_consonants_is_smaller() -> None:
    sound, other = (
        slip("nansena", name, capital=True, likely=True) for name in ("nansana", "nansenka")
    )
    assert sound is not None
    assert other is not None
    assert sound < other
    assert slip("helsinki", "nansana", capital=True, likely=True) is None


def test_a_first_letter_that_sounds_the_same_is_no_other_letter() -> None:
    assert slip("kristchurch", "christchurch", capital=True, likely=True) is not None
    assert slip("dristchurch", "christchurch", capital=True, likely=True) is None


def test_the_library_s_own_spelling_is_meant() -> None:
    cases = [make_case(language="ar", title="مدينة: x", place="مدينة، الدنمارك", country="DK")]
    spelling = Spelling.of(cases, Gazetteer.of(cases), SAID.__contains__)
    (correction,) = spelling.corrections("في الدنامرك")
    assert correction.meant == "الدنمارك", "CLDR writes الدانمرك"


def test_everyday_words_are_known_by_their_normal_form() -> None:
    assert is_everyday("chocolate")
    assert is_everyday("دراجه")
    assert not is_everyday("nansanna")
    assert holds_everyday("وبالدراجه")
    assert uses("the") > uses("chocolate") > uses("nansanna") == 0


# From the question to the answer


def test_a_question_is_searched_as_it_was_meant(small_generation: Generation, stand_in) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    asked = read_question("Who taught the porters of Harbuor?")
    result = search(small_generation, stand_in, asked)
    assert result.question.text == "Who taught the porters of Harbour?"
    assert result.question.typed == asked.text
    right = search(small_generation, stand_in, read_question(result.question.text))
    assert [hit.score for hit in result.hits] == [hit.score for hit in right.hits]


def test_a_question_is_searched_as_typed_where_that_is_wished_for(
    small_generation: Generation,
    stand_in,  # type: ignore[no-untyped-def]  # noqa: ANN001
) -> None:
    asked = read_question("Who taught the porters of Harbuor?", as_typed=True)
    assert search(small_generation, stand_in, asked).question == asked


def test_a_corrected_question_is_left_as_it_is(small_generation: Generation) -> None:
    once = corrected(read_question("Harbuor"), small_generation)
    assert once.corrections
    assert corrected(once, small_generation) is once


# Whatever is typed

_LETTERS = "Nansa elbĺḷ'’-‑. نانسالبإوبالك\u064b\u0640🙂城7\u200f"
_ODD = st.text(st.sampled_from(_LETTERS), max_size=200)


@settings(deadline=None)  # the word lists are read when they are first needed
@given(st.one_of(st.text(max_size=LONGEST), _ODD))
def test_nothing_that_is_typed_is_lost(text: str) -> None:
    corrections = SPELLING.corrections(text)
    ends = [0, *(correction.end for correction in corrections)]
    for before, correction in zip(ends, corrections, strict=False):
        assert before <= correction.start < correction.end
        assert text[correction.start : correction.end] == correction.typed
    question = Question(text, "en", "en").corrected(corrections)
    assert question.typed == text
    assert all(correction.meant in question.text for correction in corrections)


@pytest.mark.parametrize(
    "piece",
    ["a ", "🙂", "ن", "Nansanna ", "نانسنا ", "وبالالال ", "ايواو ", "qwrt zxpl ", "Nansنا", "' "],
)
def test_long_questions_take_no_time(piece: str) -> None:
    text = (piece * LONGEST)[:LONGEST]
    SPELLING.prepare()
    started = process_time()
    SPELLING.corrections(text)
    assert process_time() - started < 1
