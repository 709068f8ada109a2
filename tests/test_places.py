"""Countries are recognised by noun and adjective, in both languages."""

import pytest

from index.places import countries_named, countries_stated, country_names, own_names


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("How did Norwegian cities coordinate?", {"NO"}),
        ("the Kenyan counties and Uganda", {"KE", "UG"}),
        ("in the United States of America", {"US"}),
        ("Nigerian mayors", {"NG"}),
        ("كيف شاركت المدن الأوغندية؟", {"UG"}),
        ("بالعراق وكندا", {"IQ", "CA"}),
        ("في الولايات المتحدة", {"US"}),
        ("التجربة الأردنية", {"JO"}),
        ("ما الدعم المالي المتاح؟", set()),
        ("how do local officials get trained", set()),
    ],
)
def test_countries_named(text: str, codes: set[str]) -> None:
    assert countries_named(text) == codes


def test_a_country_has_a_name_in_each_language() -> None:
    assert country_names("UG")["ar"] == "أوغندا"
    assert country_names("XK")["en"] == "Kosovo"
    assert country_names(None) == {}


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("Uganda: a role for cities", {"UG"}),
        ("مراجعة الاستراتيجية في أوغندا", {"UG"}),
        ("أوغندا: دور للمدن", {"UG"}),
        ("Latin American cities", set()),
        ("Michael Jordan in Atlanta, Georgia", set()),
        ("New Mexico and Northern Ireland", set()),
        ("تجربة مدينة عمّان", set()),
        ("A night school in Kenya", {"KE"}),
    ],
)
def test_a_title_states_a_country_only_beyond_doubt(title: str, code: set[str]) -> None:
    assert countries_stated(title) == code


def test_countries_have_their_names_as_they_are_written_in_both_languages() -> None:
    names = dict(own_names())
    for name in ("Kenya", "كينيا", "Côte d’Ivoire", "Ivory Coast", "Britain", "بريطانيا"):
        assert countries_named(name) == {names[name]}
    assert not {"XA", "XB"} & set(names.values()), "what CLDR calls a country for trying things out"
    assert all(name.replace(" ", "")[0].isalpha() for name in names)
