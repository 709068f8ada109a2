"""Spellings that readers do not tell apart become one token."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis import (
    content_words,
    grams,
    guess_language,
    normalise,
    stems,
    words,
    words_of,
)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("الاستراتيجيّةُ", "الاستراتيجيه"),
        ("إدارة", "ادارة"),
        ("مدرسـة", "مدرسة"),
        ("على", "علي"),
        ("مسؤول", "مسوول"),
        ("٢٠٢٤", "2024"),
        ("۲۰۲۴", "2024"),
        ("Mısır ÉCOLE", "mısır ecole"),
        ("ﻻ", "لا"),
        ("National", "national"),
    ],
)
def test_two_spellings_of_one_word_are_one(written: str, read: str) -> None:
    assert normalise(written) == normalise(read)


def test_words_leave_punctuation_behind() -> None:
    assert words("I-KHUB, «نانسانا»؛ 3.5") == ["i", "khub", "نانسانا", "3", "5"]
    assert words("🙂 — …") == []
    assert words("城市 policy") == ["城", "市", "policy"]


@given(
    st.text() | st.text("aB9é\u0301\u0308¨½㎡ﷺ中文_'’. \n\t\xa0\u2003\x1cأةـ\u064b٣가\u1100\u1161")
)
def test_a_text_cut_at_white_space_has_the_words_of_the_whole(text: str) -> None:
    assert words(text) == list(words_of(text))


def test_arabic_inflections_share_a_stem() -> None:
    (plain,), (article,) = stems(words("مدينة"), "ar"), stems(words("المدينة"), "ar")
    assert plain == article


def test_english_words_in_an_arabic_text_are_stemmed_as_english() -> None:
    assert stems(["cities"], "ar") == stems(["cities"], "en")
    assert stems(["walking"], "zz") == ["walking"]


def test_grams_know_where_a_word_begins_and_ends() -> None:
    assert grams(["city"]) == [" cit", "city", "ity "]
    assert grams(["an"]) == [" an "]


def test_function_words_are_left_out_unless_nothing_else_is_asked() -> None:
    assert content_words(words("how did the cities join"), "en") == ["cities", "join"]
    assert content_words(words("كيف شاركت المدن في المراجعة"), "ar") == words(
        "شاركت المدن المراجعه"
    )
    assert content_words(words("how did they"), "en") == ["how", "did", "they"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("how did cities join", "en"),
        ("كيف شاركت المدن", "ar"),
        ("ما هي منصة I-KHUB في إندونيسيا؟", "ar"),
        ("what is منصة for", "en"),
        ("как города", "ru"),
        ("城市", "zh"),
        ("2024 🙂", None),
    ],
)
def test_the_language_of_a_question_is_told_by_its_letters(text: str, language: str | None) -> None:
    assert guess_language(text) == language
