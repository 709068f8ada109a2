"""A count is a promise: choosing the value finds so many cases, and what is unknown is no value."""

from dataclasses import replace

from conftest import make_case
from hypothesis import given
from hypothesis import strategies as st

from corpus.case_study import CaseStudy, Level, Period, Pillar
from index.facets import facets, find
from index.question import Filters

PERIODS = (None, Period("2019"), Period("2021-03", "2023"), Period("2014", "2021"))
CASE = make_case()
SOME = replace(CASE, country=None, level=None, period=None, pillars=())

documents = st.lists(
    st.builds(
        replace,
        st.just(CASE),
        id=st.sampled_from("abcde"),
        language=st.sampled_from(("en", "ar")),
        country=st.sampled_from((None, "KE", "FI")),
        level=st.sampled_from((None, Level.CITY, Level.NATIONAL)),
        period=st.sampled_from(PERIODS),
        pillars=st.lists(st.sampled_from(list(Pillar)[:3]), unique=True).map(tuple),
    ),
    max_size=8,
    unique_by=lambda case: (case.id, case.language),
)
choices = st.builds(
    Filters,
    passage_lang=st.sampled_from((None, "en", "ar")),
    country=st.sampled_from((None, "KE", "SE")),
    pillar=st.sampled_from((None, Pillar.TRUST)),
    level=st.sampled_from((None, Level.CITY)),
    year_from=st.sampled_from((None, 2020)),
    year_to=st.sampled_from((None, 2022)),
    withheld=st.sampled_from((frozenset(), frozenset("a"))),
)


def promised(cases: list[CaseStudy], filters: Filters) -> list[tuple[Filters, int]]:
    """What each value leads to, and how many cases it is said to find."""
    counts = facets(cases, filters)
    return [
        *((replace(filters, pillar=value), count) for value, count in counts.pillars.items()),
        *((replace(filters, country=value), count) for value, count in counts.countries.items()),
        *((replace(filters, level=value), count) for value, count in counts.levels.items()),
        *(
            (replace(filters, passage_lang=value), count)
            for value, count in counts.languages.items()
        ),
        *(
            (replace(filters, year_from=first, year_to=last), count)
            for (first, last), count in counts.years.items()
        ),
    ]


@given(documents, choices)
def test_a_value_finds_as_many_cases_as_it_says(cases: list[CaseStudy], filters: Filters) -> None:
    for chosen, count in promised(cases, filters):
        assert len(find(cases, chosen)) == count > 0


@given(documents, choices)
def test_no_value_that_would_find_something_is_left_out(
    cases: list[CaseStudy], filters: Filters
) -> None:
    counts = facets(cases, filters)
    for pillar in set(Pillar) - counts.pillars.keys():
        assert not find(cases, replace(filters, pillar=pillar))
    for country in {"KE", "FI", "SE"} - counts.countries.keys():
        assert not find(cases, replace(filters, country=country))
    for level in set(Level) - counts.levels.keys():
        assert not find(cases, replace(filters, level=level))
    for language in {"en", "ar", "fr"} - counts.languages.keys():
        assert not find(cases, replace(filters, passage_lang=language))
    for first in range(2000, 2040, 5):
        if (first, first + 4) not in counts.years:
            assert not find(cases, replace(filters, year_from=first, year_to=first + 4))


def test_what_a_document_does_not_say_is_counted_under_nothing() -> None:
    counts = facets([SOME], Filters())
    assert find([SOME], Filters()) == {SOME.id: [SOME]}
    for counted in (counts.pillars, counts.countries, counts.levels, counts.years):
        assert counted == {}
    assert counts.languages == {"en": 1}


def test_renderings_of_one_case_count_once() -> None:
    counts = facets([CASE, replace(CASE, language="ar")], Filters())
    assert counts.countries == {"KE": 1}
    assert counts.languages == {"en": 1, "ar": 1}


def test_a_period_counts_in_every_span_that_it_reaches_into() -> None:
    long = replace(CASE, period=Period("2014", "2021-05"))
    assert facets([long], Filters()).years == {(2010, 2014): 1, (2015, 2019): 1, (2020, 2024): 1}


def test_what_was_taken_away_is_neither_found_nor_counted() -> None:
    filters = Filters(withheld=frozenset({CASE.id}))
    assert find([CASE], filters) == {}
    assert promised([CASE], filters) == []


def test_a_choice_leaves_the_counts_of_its_own_facet() -> None:
    other = replace(CASE, id="other", country="FI", level=Level.NATIONAL)
    counts = facets([CASE, other], Filters(country="KE"))
    assert counts.countries == {"KE": 1, "FI": 1}
    assert counts.levels == {Level.CITY: 1}
