"""Sentence boundaries hold for Arabic and English."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.sentences import split_sentences


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["Mayors met in Entebbe.", "Who paid?", "Nobody!"],
        ["Dr. J. Smith spoke to 3.5 million people, e.g. in Kampala.", "He left in 2024."],
        ["The U.S. Department of Justice acted on Oct. 3 at 5 p.m. in Miami."],
        ["It cost $1.5m, approx. half of it public."],
        ["They came from Delhi, Mumbai, etc.", "Then they left."],
        ['He said "yes."', "She agreed (at last).", "Good."],
        ["One thing; another thing.", "Wait...", "What?!", "Yes."],
        ["See www.example.org/a.b for more.", "Or v2.0 of it."],
        ["عُقد الاجتماع في أكتوبر 2024.", "من شارك فيه؟", "رؤساء البلديات!"],
        ["أطلقت المدينة الخطة؛", "ثم درّبت الموظفين.", "بلغ عددهم 3.5 آلاف."],
        ["التقى د. أحمد بالمسؤولين في القاهرة.", "ثم غادر."],
        ["قال: «نعم.»", "ووافقت رئيسة البلدية."],
        ["بلغت النسبة ٣.٥ في المئة عام ٢٠٢٤.", "وانتهى المشروع."],
        ["城市参加了审查。", "谁付钱？"],
    ],
)
def test_sentences_are_told_apart(expected: list[str]) -> None:
    joiner = "" if expected[0][0] > "\u4e00" else " "
    assert sentences(joiner.join(expected)) == expected


def test_an_empty_line_ends_a_sentence_and_a_line_break_does_not() -> None:
    assert sentences("A heading\n\nThe text\ngoes on.") == ["A heading", "The text\ngoes on."]


def test_white_space_alone_holds_no_sentence() -> None:
    assert sentences(" \n\t ") == []


@given(st.text(alphabet=st.sampled_from('ab A.؟؛!?\n«»")1 ٣'), max_size=300))
def test_nothing_but_white_space_is_lost_between_sentences(text: str) -> None:
    spans = split_sentences(text)
    position = 0
    for start, end in spans:
        assert position <= start < end
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()


def test_a_text_without_any_stop_is_cut_at_white_space() -> None:
    text = "word " * 1_000
    assert all(len(sentence) <= 1_000 for sentence in sentences(text))
    assert " ".join(sentences(text)).split() == text.split()
    assert "".join(sentences("x" * 50_000)) == "x" * 50_000
