"""The desk adds to what staff write by hand; their comments stay, and nothing is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.glossary import BUNDLED_GLOSSARY, GlossaryError, Term, load_glossary
from corpus.glossary_file import KnownVariantError, add_term, add_variant
from corpus.gold import BUNDLED_GOLD, GoldError, GoldQuestion, load_all_gold, load_gold
from corpus.gold_file import KnownQuestionError, add_gold
from corpus.own_file import toml_string
from corpus.toml_tables import parse_tables

WELLS = GoldQuestion('Who "mends" the wells \\ here?', "en", ("hill-orchards",))
HAND = """# Kept by Amal.

[[question]]  # the first
text = 'من يصلح الآبار؟'
language = "ar"
cases = []
# Ask again in spring"""
TERMS = """# Ours
[[term]]
id = "well"
en = [
  "well", "water well",  # not "source"
  # more to come
]

[[term]]  # short
id = 'roof'
en = ["roof"]
"""


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    return tmp_path / "hub" / "gold.toml"


@pytest.fixture
def glossary(tmp_path: Path) -> Path:
    return tmp_path / "glossary.toml"


def test_a_gold_question_is_added_to_a_new_file_and_to_one_of_comments(gold: Path) -> None:
    add_gold(gold, WELLS)
    assert load_gold(gold) == (WELLS,)
    gold.write_text("# nothing yet\n", "utf-8")
    add_gold(gold, WELLS)
    assert load_gold(gold) == (WELLS,)
    assert gold.read_text("utf-8").startswith("# nothing yet\n\n[[question]]\n")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_staff_wrote_stays_as_it_is(gold: Path, end: str) -> None:
    gold.parent.mkdir()
    written = HAND.replace("\n", end).encode()
    gold.write_bytes(written)
    add_gold(gold, WELLS)
    after = gold.read_bytes()
    assert after.startswith(written)
    assert (b"\r\n" in after) == (end == "\r\n")
    assert after.count(b"\n") == after.count(end.encode())
    assert [question.text for question in load_gold(gold)] == ["من يصلح الآبار؟", WELLS.text]


def test_a_question_that_is_there_with_its_cases_is_refused_however_it_is_written(
    gold: Path,
) -> None:
    add_gold(gold, WELLS)
    before = gold.read_bytes()
    again = GoldQuestion(" ".join(WELLS.text.upper().split()), "en", WELLS.cases)
    with pytest.raises(KnownQuestionError):
        add_gold(gold, again)
    with pytest.raises(KnownQuestionError):
        add_gold(gold, load_gold(BUNDLED_GOLD)[0], [BUNDLED_GOLD])
    assert gold.read_bytes() == before
    add_gold(gold, GoldQuestion(WELLS.text, "fr", ()))  # the same words in another language


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_question_that_is_there_is_given_a_second_case_and_the_comments_stay(
    gold: Path, end: str
) -> None:
    gold.parent.mkdir()
    gold.write_bytes(HAND.replace("\n", end).encode())
    add_gold(gold, WELLS)
    add_gold(gold, replace(WELLS, text=WELLS.text.upper(), cases=("market-fountain",)))
    first, second = load_gold(gold)
    assert second == replace(WELLS, cases=("hill-orchards", "market-fountain"))
    add_gold(gold, replace(first, cases=("deep-well",)))  # it had no answer so far
    assert load_gold(gold) == (replace(first, cases=("deep-well",)), second)
    after = gold.read_bytes()
    for comment in (b"# Kept by Amal.", b"# the first", b"# Ask again in spring"):
        assert comment in after
    assert after.count(b"\n") == after.count(end.encode())


def test_a_question_of_another_file_is_given_a_second_case_by_one_of_the_hub_s_own(
    gold: Path,
) -> None:
    known = next(each for each in load_gold(BUNDLED_GOLD) if each.cases and not each.follows)
    add_gold(gold, replace(known, text=known.text.upper(), cases=("own-case",)), [BUNDLED_GOLD])
    both = replace(known, cases=(*known.cases, "own-case"))
    assert load_gold(gold) == (both,)
    everything = load_all_gold([BUNDLED_GOLD, gold])
    assert both in everything
    assert known not in everything


def test_a_question_that_follows_another_is_not_given_a_case(gold: Path) -> None:
    gold.parent.mkdir()
    follows = f"{HAND}\n\n[[question]]\ntext = 'And now?'\nlanguage = 'en'\ncases = ['a']\n"
    gold.write_text(f"{follows}follows = 'من يصلح الآبار؟'\n", "utf-8")
    with pytest.raises(KnownQuestionError):
        add_gold(gold, GoldQuestion("And now?", "en", ("b",)))


@pytest.mark.parametrize("broken", ["[[question]]\ntext = 1\n", "question = []\n", "[[", "\xff"])
def test_a_file_that_cannot_be_added_to_is_left_alone(gold: Path, broken: str) -> None:
    gold.parent.mkdir()
    gold.write_bytes(broken.encode("latin-1"))
    with pytest.raises(GoldError, match=r"gold\.toml"):
        add_gold(gold, WELLS)
    assert gold.read_bytes() == broken.encode("latin-1")


def test_many_at_once_lose_nothing(gold: Path, glossary: Path) -> None:
    glossary.write_text(TERMS, "utf-8")
    texts = [f"question {number}" for number in range(40)]

    def add(text: str) -> None:
        add_gold(gold, GoldQuestion(text, "en", ()))
        add_variant(glossary, "well", "en", text)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, texts))
    assert sorted(question.text for question in load_gold(gold)) == sorted(texts)
    well = next(term for term in load_glossary([glossary]) if term.id == "well")
    assert set(well.variants["en"]) == {"well", "water well", *texts}


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_every_text_is_read_as_it_was_written(text: str) -> None:
    from pydantic import BaseModel  # noqa: PLC0415

    class Form(BaseModel):
        text: str

    content = f"text = {toml_string(text)}\n"
    assert parse_tables(content, Path("x"), Form, ValueError).text == text


def test_a_variant_is_put_into_its_list_and_the_comments_stay(glossary: Path) -> None:
    glossary.write_text(TERMS, "utf-8")
    add_variant(glossary, "well", "en", 'bore"hole')
    add_variant(glossary, "roof", "en", "roofs")
    add_variant(glossary, "well", "ar", "بئر")
    after = glossary.read_text("utf-8")
    for kept in ("# Ours", '# not "source"', "# more to come", "[[term]]  # short", "id = 'roof'"):
        assert kept in after
    assert load_glossary([glossary]) == (
        Term("roof", {"en": ("roof", "roofs")}),
        Term("well", {"en": ("well", "water well", 'bore"hole'), "ar": ("بئر",)}),
    )


def test_a_variant_of_a_bundled_term_takes_the_term_over(glossary: Path) -> None:
    bundled = load_glossary([BUNDLED_GLOSSARY])[0]
    glossary.write_text("# Ours\n", "utf-8")
    add_variant(glossary, bundled.id, "fr", "coopération des villes", [BUNDLED_GLOSSARY])
    (own,) = load_glossary([glossary])
    assert own.variants == {**bundled.variants, "fr": ("coopération des villes",)}
    assert glossary.read_text("utf-8").startswith("# Ours\n\n[[term]]\n")


def test_a_new_term_is_added_once(glossary: Path) -> None:
    tower = Term("water-tower", {"en": ("water tower",), "ar": ("برج مياه",)})
    add_term(glossary, tower, [BUNDLED_GLOSSARY])
    assert load_glossary([glossary]) == (tower,)
    with pytest.raises(KnownVariantError):
        add_term(glossary, tower, [BUNDLED_GLOSSARY])


def refused(change: Callable[[], None], glossary: Path, sentence: str) -> None:
    before = glossary.read_bytes()
    with pytest.raises(GlossaryError, match=sentence):
        change()
    assert glossary.read_bytes() == before


def test_what_would_make_equals_of_two_terms_is_refused(glossary: Path) -> None:
    glossary.write_text(TERMS, "utf-8")
    bundled = load_glossary([BUNDLED_GLOSSARY])[0]
    taken = bundled.variants["en"][0]
    others = [BUNDLED_GLOSSARY]
    for change, sentence in (
        (lambda: add_variant(glossary, "well", "en", "Roof"), "under well and under roof"),
        (lambda: add_variant(glossary, "well", "en", taken, others), "take it out of one of them"),
        (lambda: add_term(glossary, Term("x", {"en": ("roof",)})), "under roof and under x"),
        (lambda: add_variant(glossary, "nothing", "en", "x"), "no term nothing"),
        (lambda: add_variant(glossary, "well", "en", "WELL"), "already"),
        (lambda: add_variant(glossary, "well", "english", "x"), "code of a language"),
        (lambda: add_term(glossary, Term("Not an id", {"en": ("x",)})), "small letters"),
    ):
        refused(change, glossary, sentence)
