"""A reader is shown the language that is nearest to theirs."""

from dataclasses import replace

import pytest
from conftest import make_case

from index.scripts import closest_language, rendering_for, script_of


@pytest.mark.parametrize(
    ("wanted", "available", "shown"),
    [
        ("ar", {"ar", "en"}, "ar"),
        ("fr", {"ar", "en"}, "en"),
        ("fa", {"ar", "en"}, "ar"),
        ("ru", {"ar", "en"}, "en"),
        ("fr", {"ar", "tr", "es"}, "es"),
        ("xx", {"ar"}, "ar"),
        ("fr", set(), "fr"),
    ],
)
def test_the_closest_language(wanted: str, available: set[str], shown: str) -> None:
    assert closest_language(wanted, available) == shown


def test_scripts_are_those_that_languages_are_usually_written_in() -> None:
    assert [script_of(code) for code in ("ar", "en", "fr", "ru", "xx")] == [
        "Arab", "Latn", "Latn", "Cyrl", None,
    ]  # fmt: skip


def test_the_rendering_wished_for_else_the_closest_original() -> None:
    english = make_case()
    arabic = replace(english, language="ar")
    french = replace(english, language="fr", translated_from="ar")
    assert rendering_for([arabic, english], "fr") == english
    assert rendering_for([arabic, english], None, "ar") == arabic
    assert rendering_for([arabic, french], "en") == arabic
    assert rendering_for([arabic, french], "fr", "en") == french
    assert rendering_for([french], "en") == french
    assert rendering_for([], "en") is None
