"""The interface says everything in each of its languages, and says it right."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from corpus.case_study import Level, Period, Pillar
from server.i18n import (
    INTERFACE_LANGUAGES,
    LOCALES,
    SOURCE_LANGUAGE,
    choose_language,
    interface,
    language_asked_in,
    text_direction,
)

ROOT = LOCALES.parent.parent
TRANSLATED = [language for language in INTERFACE_LANGUAGES if language != SOURCE_LANGUAGE]
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def catalogue(path: Path, language: str | None = None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def translation(language: str) -> Catalog:
    return catalogue(LOCALES / language / "LC_MESSAGES" / "diwan.po", language)


def messages(found: Catalog) -> list[Message]:
    return [message for message in found if message.id]


def extracted() -> set[str | tuple[str, ...]]:
    """Every message that the templates and the code hold now."""

    def ours(folder: str | Path) -> bool:
        return Path(folder).relative_to(ROOT).parts[0] in ("server", "web")

    with (LOCALES / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file, "babel.cfg")
    return {
        message
        for _, _, message, _, _ in extract_from_dir(ROOT, methods, options, directory_filter=ours)
    }


def test_arabic_is_an_interface_language() -> None:
    assert "ar" in INTERFACE_LANGUAGES
    assert INTERFACE_LANGUAGES[0] == "en"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated_and_sure(language: str) -> None:
    for message in messages(translation(language)):
        forms = message.string if message.pluralizable else (message.string,)
        assert all(forms), message.id
        assert not message.fuzzy, message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_placeholders_are_the_same_in_each_language(language: str) -> None:
    for message in messages(translation(language)):
        if not message.pluralizable:
            found = sorted(PLACEHOLDER.findall(str(message.string)))
            assert found == sorted(PLACEHOLDER.findall(str(message.id))), message.id


def test_arabic_names_the_number_wherever_the_word_alone_does_not_say_it() -> None:
    for message in messages(translation("ar")):
        if message.pluralizable:
            numbered = [{*PLACEHOLDER.findall(form)} for form in message.string]
            others = {*PLACEHOLDER.findall(message.id[1])} - {"num"}
            assert numbered == [others] * 3 + [{"num"} | others] * 3, message.id


@pytest.mark.parametrize("language", [None, *TRANSLATED])
def test_a_catalogue_holds_what_the_pages_say_and_nothing_else(language: str | None) -> None:
    held = translation(language) if language else catalogue(LOCALES / "diwan.pot")
    assert {message.id for message in messages(held)} == extracted()


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "مقطع واحد، كلمة بكلمة"),
        (2, "مقطعان، الأرجح أولًا"),
        (3, "3 مقاطع، الأرجح أولًا"),
        (10, "10 مقاطع، الأرجح أولًا"),
        (11, "11 مقطعًا، الأرجح أولًا"),
        (99, "99 مقطعًا، الأرجح أولًا"),
        (100, "100 مقطع، الأرجح أولًا"),
        (103, "103 مقاطع، الأرجح أولًا"),
    ],
)
def test_arabic_counts_in_its_six_ways(number: int, said: str) -> None:
    form = interface("ar").translations.ngettext(
        "%(num)s passage, word for word", "%(num)s passages, the likeliest answer first", number
    )
    assert form % {"num": number} == said


@pytest.mark.parametrize(
    ("lang", "question", "ui", "accept", "chosen"),
    [
        ("ar", "en", "en", "en", "ar"),
        (None, "ar", "en", "en", "ar"),
        (None, None, "ar", "en", "ar"),
        (None, None, None, "ar", "ar"),
        (None, None, None, "", "en"),
        ("de", "ar", "en", "en", "ar"),
        ("xx", "zh", "ru", "fi, sv", "en"),
        # Latin letters may be French or English: what the reader had so far decides.
        (None, "en", "fr", "en", "fr"),
        (None, "en", "en", "fr", "en"),
        (None, "en", None, "fr-CA", "fr"),
        (None, "en", "ar", "ar", "en"),
        (None, "ar", "fr", "fr", "ar"),
    ],
)
def test_the_language_is_the_first_wish_that_can_be_met(
    lang: str | None, question: str | None, ui: str | None, accept: str, chosen: str
) -> None:
    assert (
        choose_language(lang=lang, question_language=question, ui=ui, accept_language=accept)
        == chosen
    )


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("ar-EG,ar;q=0.9,en;q=0.8", "ar"),
        ("de-DE, AR ;q=0.5, en;q=0.4", "ar"),
        ("en;q=0.4, ar;q=0.7", "ar"),
        ("ar;q=0, en;q=0.1", "en"),
        ("ar;q=0", "en"),
        ("*", "en"),
        (";;;q=,,ar;q=high,,", "en"),
        ("a" * 9000, "en"),
    ],
)
def test_the_browser_is_understood(header: str, chosen: str) -> None:
    assert (
        choose_language(lang=None, question_language=None, ui=None, accept_language=header)
        == chosen
    )


def test_directions_are_those_of_the_scripts() -> None:
    assert [text_direction(code) for code in ("ar", "ur", "en", "fi")] == ["rtl"] * 2 + ["ltr"] * 2
    assert text_direction("qqq") == "auto"
    assert text_direction("not a language") == "auto"
    assert interface("ar").direction == "rtl"


@pytest.mark.parametrize(
    ("language", "iso", "written"),
    [
        ("en", "2024-11-27", "27 November 2024"),
        ("en", "2024-11", "November 2024"),
        ("en", "2024", "2024"),
        ("ar", "2024-11-27", "27 نوفمبر 2024"),
        ("ar", "2024-11", "نوفمبر 2024"),
        ("en", "2023-02-30", "2023-02-30"),
    ],
)
def test_dates_are_written_out(language: str, iso: str, written: str) -> None:
    assert interface(language).date(iso) == written


def test_periods_are_as_long_as_they_were() -> None:
    english, arabic = interface("en"), interface("ar")
    assert english.period(Period("2022-10", "2024")) == "October 2022 to 2024"
    assert arabic.period(Period("2022-10", "2024")) == "من أكتوبر 2022 إلى 2024"
    assert english.period(Period("2022", "2022")) == english.period(Period("2022")) == "2022"
    assert english.years(Period("2022-10", "2024-01")) == "2022–2024"
    assert english.years(Period("2022-10", "2022-12")) == "2022"


def test_names_are_in_the_reader_s_language() -> None:
    english, arabic = interface("en"), interface("ar")
    assert (english.country("XK"), arabic.country("XK")) == ("Kosovo", "كوسوفو")
    assert (english.language_name("ar"), arabic.language_name("ar")) == ("Arabic", "العربية")
    assert english.own_name("ar") == "العربية"
    assert english.country("ZZZ") == "ZZZ"
    assert english.own_name("qqq") == "qqq"


def test_every_pillar_and_level_has_a_name_of_its_own() -> None:
    for language in INTERFACE_LANGUAGES:
        reader = interface(language)
        names = [reader.pillar(pillar) for pillar in Pillar]
        names += [reader.level(level) for level in Level]
        assert len(set(names)) == len(Pillar) + len(Level)


def test_a_language_without_a_catalogue_falls_back_to_english() -> None:
    assert interface("de").language == "en"
    assert interface("../../etc").language == "en"


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Comment les villes participent-elles à la stratégie nationale ?", "fr"),
        ("How did the cities take part in the national strategy?", "en"),
        ("Nansana", "fr"),
        ("كيف شاركت المدن؟", None),
    ],
)
def test_french_is_told_from_english_by_its_words(question: str, told: str | None) -> None:
    assert language_asked_in(question, "fr") == told
    assert language_asked_in(question, "en") is None
    assert language_asked_in(question, "ar") is None


def test_digits_are_of_one_kind_everywhere() -> None:
    assert interface("ar").number(2000) == interface("en").number(2000) == "2,000"
