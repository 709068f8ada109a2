"""Passages are word for word, a bearable length, and keep their ids."""

from dataclasses import replace

from conftest import make_case
from hypothesis import given
from hypothesis import strategies as st

from corpus.case_study import Block, Section
from corpus.library import BUNDLED, load_library
from index.passages import LONGEST, split_passages

SENTENCE = "The council of the harbour city met the porters in the old customs house again. "


def test_a_passage_is_its_stretch_of_the_source_text() -> None:
    for case in load_library([BUNDLED]).cases:
        passages = split_passages(case)
        for passage in passages:
            assert case.text[passage.start : passage.end] == passage.text
            assert len(passage.text) <= LONGEST
            assert passage.sentences[0][0] == 0
            assert passage.sentences[-1][1] == len(passage.text)
        assert len({passage.id for passage in passages}) == len(passages)


def test_no_passage_crosses_a_heading_and_each_knows_its_own() -> None:
    case = make_case("## One\n\nShort.\n\n## Two\n\nShort too.\n")
    found = [(passage.heading, passage.text) for passage in split_passages(case)]
    assert found == [(("One",), "Short."), (("Two",), "Short too.")]


def test_short_paragraphs_join_and_long_ones_part() -> None:
    short = make_case("## One\n\nA. B.\n\nC.\n")
    assert [passage.text for passage in split_passages(short)] == ["A. B.\n\nC."]
    long = split_passages(make_case("## One\n\n" + SENTENCE * 20))
    assert len(long) > 1
    lengths = [len(passage.text) for passage in long]
    assert max(lengths) - min(lengths) <= 2 * len(SENTENCE)


def test_an_edit_leaves_the_ids_of_the_other_passages_alone() -> None:
    body = "## One\n\n{}\n\n## Two\n\n" + SENTENCE.upper() * 3 + "\n"
    before = split_passages(make_case(body.format(SENTENCE * 3)))
    after = split_passages(make_case(body.format("Another beginning. " + SENTENCE * 3)))
    assert before[0].id != after[0].id
    assert before[1].id == after[1].id
    assert before[1].start != after[1].start


def test_the_same_words_twice_are_two_passages() -> None:
    body = "## One\n\n" + SENTENCE * 3 + "\n\n## Two\n\n" + SENTENCE * 3 + "\n"
    first, second = split_passages(make_case(body))
    assert first.text == second.text
    assert first.id != second.id


@given(st.lists(st.text(alphabet="ab. \n؟", min_size=1, max_size=400), min_size=1, max_size=8))
def test_every_word_of_the_text_is_in_exactly_one_passage(paragraphs: list[str]) -> None:
    case = make_case("Start.\n\n" + "\n\n".join(paragraphs) + "\n")
    passages = split_passages(case)
    held = " ".join(passage.text for passage in passages).split()
    blocks = [case.text[b.start : b.end] for section in case.sections for b in section.blocks]
    assert held == " ".join(blocks).split()


def test_a_passage_begins_on_the_page_of_its_first_block_and_keeps_its_language() -> None:
    one, two, three = "Ninety words. " * 20, "More words. " * 20, "كلمات أخرى. " * 30
    text = f"{one}\n{two}\n{three}"
    starts = [0, len(one) + 1, len(one) + len(two) + 2]
    blocks = (
        Block(starts[0], starts[0] + len(one), page=3, anchor="a"),
        Block(starts[1], starts[1] + len(two), page=4),
        Block(starts[2], starts[2] + len(three), page=5, language="ar"),
    )
    case = replace(make_case(), text=text, sections=(Section((), blocks),))
    passages = split_passages(case)
    assert [passage.page for passage in passages] == [3, 4, 5]
    assert [passage.language for passage in passages] == ["en", "en", "ar"]
    assert passages[0].source_anchor == "a"


def test_short_blocks_in_two_languages_are_not_joined() -> None:
    text = "A short line.\nسطر قصير."
    blocks = (Block(0, 13), Block(14, len(text), language="ar"))
    case = replace(make_case(), text=text, sections=(Section((), blocks),))
    assert [passage.language for passage in split_passages(case)] == ["en", "ar"]
