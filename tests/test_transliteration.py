"""A name is recognised in the other script by its consonants."""

import pytest

from index.analysis import spelt_words
from index.transliteration import consonant_key, name_keys


@pytest.mark.parametrize(
    ("latin", "arabic"),
    [
        ("Nansana", "نانسانا"),
        ("Makassar", "ماكاسار"),
        ("Mumbai", "مومباي"),
        ("Shimla", "شيملا"),
        ("Jacksonville", "جاكسونفيل"),
        ("Victoria", "فيكتوريا"),
        ("Montreal", "مونتريال"),
        ("Delhi", "دلهي"),
        ("Philadelphia", "فيلادلفيا"),
        ("Chicago", "شيكاغو"),
    ],
)
def test_both_spellings_have_one_key(latin: str, arabic: str) -> None:
    assert consonant_key(latin) == consonant_key(arabic) != ""


def test_only_what_may_be_a_name_is_keyed() -> None:
    assert name_keys(spelt_words("what did the mayor of")) == []
    assert name_keys(spelt_words("Nansana")) == name_keys(spelt_words("نانسانا"))
    assert name_keys(spelt_words("城市 42 🙂 Aa")) == []
