"""What a text names is found in either language and in any wording."""

import pytest

from corpus.glossary import BUNDLED_GLOSSARY, Term, load_glossary
from index.analysis import words
from index.concepts import Concepts

CONCEPTS = Concepts(
    (
        Term("mayor", {"en": ("mayor", "mayors"), "ar": ("رئيس البلدية",)}),
        Term("deputy-mayor", {"en": ("deputy mayor",)}),
        Term("social-cohesion", {"ar": ("التماسك الاجتماعي",)}),
    )
)


def named(text: str) -> set[str]:
    return {mention.concept for mention in CONCEPTS.mentions(words(text))}


def test_a_term_is_found_in_either_language() -> None:
    assert named("the Mayors met") == {"#mayor"}
    assert named("قال رئيس البلدية") == {"#mayor"}


def test_the_longest_term_is_meant() -> None:
    assert named("her deputy mayor") == {"#deputy-mayor"}
    assert named("her deputy, the mayor of Gulu") == {"#mayor"}


@pytest.mark.parametrize(
    "written",
    [
        "التماسك الاجتماعي",
        "تماسك الاجتماعي",
        "للتماسك الاجتماعي",
        "وبالتماسك الاجتماعي",
        "التماسُك الإجتماعي",
    ],
)
def test_an_arabic_term_is_found_with_article_and_particles(written: str) -> None:
    assert named(f"من أجل {written} في المدينة") == {"#social-cohesion"}


def test_a_mention_says_where_it_stands() -> None:
    (mention,) = CONCEPTS.mentions(words("we asked the deputy mayor twice"))
    assert (mention.start, mention.end) == (3, 5)


def test_a_text_may_name_nothing() -> None:
    assert named("") == named("nothing at all") == set()


def test_no_form_of_a_bundled_term_is_another_terms() -> None:
    terms = load_glossary([BUNDLED_GLOSSARY])
    concepts = Concepts(terms)
    for term in terms:
        for variants in term.variants.values():
            for variant in variants:
                found = {mention.concept for mention in concepts.mentions(words(variant))}
                assert f"#{term.id}" in found, variant
