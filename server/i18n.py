"""The languages of the interface: texts, direction, dates, numbers and names in each of them."""

import io
import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from gettext import NullTranslations
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import Translations

from corpus.case_study import Level, Period, Pillar
from corpus.readers.languages import language_of
from index.analysis import guess_language
from index.scripts import script_of

LOCALES = Path(__file__).parent.parent / "web" / "locales"
SOURCE_LANGUAGE = "en"
_CATALOGUE = "LC_MESSAGES/diwan.po"
# Formats of English as it is written outside the United States: 27 November 2024.
_FORMATS = {"en": "en_001"}
_ACCEPTED = re.compile(
    r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9]{1,8})*\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?"
)


def _interface_languages(folder: Path) -> tuple[str, ...]:
    translated = (path.parent.parent.name for path in folder.glob(f"*/{_CATALOGUE}"))
    return (SOURCE_LANGUAGE, *sorted(set(translated) - {SOURCE_LANGUAGE}))


INTERFACE_LANGUAGES = _interface_languages(LOCALES)


def text_direction(language: str) -> str:
    """Tell how a language is written, as a value of HTML's `dir`.

    Args:
        language: ISO 639-1 code.

    Returns:
        `ltr` or `rtl`; `auto` for a language that is not known.
    """
    try:
        return Locale.parse(language).text_direction
    except (UnknownLocaleError, ValueError):
        return "auto"


@dataclass(frozen=True)
class Interface:
    """Everything that the interface says in one language.

    Attributes:
        language: ISO 639-1 code.
        locale: Where formats and names come from.
        translations: Its catalogue; empty for English, the language of the source.
    """

    language: str
    locale: Locale
    translations: NullTranslations

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return self.locale.text_direction

    def gettext(self, message: str, **values: str) -> str:
        """Translate a message and fill in its `%(name)s` placeholders."""
        return self.translations.gettext(message) % values

    def number(self, number: int) -> str:
        """Write a whole number, in Western digits as in dates."""
        return format_decimal(number, locale=self.locale)

    def date(self, iso: str) -> str:
        """Write a date out.

        Args:
            iso: ISO 8601: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.

        Returns:
            The long form, such as 27 November 2024; a day that no calendar has as it came.
        """
        try:
            if len(iso) == len("YYYY"):
                return iso
            if len(iso) == len("YYYY-MM"):
                month = date.fromisoformat(f"{iso}-01")
                return format_skeleton("yMMMM", month, locale=self.locale)
            return format_date(date.fromisoformat(iso), format="long", locale=self.locale)
        except ValueError:
            return iso

    def moment(self, moment: datetime) -> str:
        """Write a date with its time of day, to the second, as it is."""
        return format_datetime(moment, "medium", locale=self.locale)

    def period(self, period: Period) -> str:
        """Write out when something took place."""
        if period.end in (None, period.start):
            return self.date(period.start)
        return self.gettext(
            "%(start)s to %(end)s", start=self.date(period.start), end=self.date(period.end or "")
        )

    def years(self, period: Period) -> str:
        """The years of a period, as short as can be."""
        if period.last_year == period.first_year:
            return str(period.first_year)
        return f"{period.first_year}–{period.last_year}"

    def country(self, code: str) -> str:
        """Name a country by its ISO 3166-1 alpha-2 code; an unknown code stays as it is."""
        return str(self.locale.territories.get(code, code))

    def language_name(self, code: str) -> str:
        """Name a language by its ISO 639-1 code; an unknown code stays as it is."""
        return str(self.locale.languages.get(code, code))

    def own_name(self, code: str) -> str:
        """Name a language in that language itself."""
        try:
            return Locale.parse(code).get_display_name(code) or code
        except (UnknownLocaleError, ValueError):
            return code

    def pillar(self, pillar: Pillar) -> str:
        """Name a pillar."""
        names = {
            Pillar.TRUST: self.gettext("Trust"),
            Pillar.INCLUSIVITY: self.gettext("Inclusivity"),
            Pillar.COORDINATION: self.gettext("Coordination"),
            Pillar.COMMUNICATION: self.gettext("Communication"),
            Pillar.CAPACITY: self.gettext("Capacity"),
            Pillar.SUSTAINABILITY: self.gettext("Sustainability"),
        }
        return names[pillar]

    def level(self, level: Level) -> str:
        """Name a level of government or society."""
        names = {
            Level.COMMUNITY: self.gettext("Community"),
            Level.CITY: self.gettext("City"),
            Level.REGIONAL: self.gettext("Regional"),
            Level.NATIONAL: self.gettext("National"),
            Level.INTERNATIONAL: self.gettext("International"),
        }
        return names[level]


@cache
def interface(language: str) -> Interface:
    """Return the interface in a language, in English where it has not been translated."""
    known = language if language in INTERFACE_LANGUAGES else SOURCE_LANGUAGE
    return Interface(known, Locale.parse(_FORMATS.get(known, known)), _translations(known))


def choose_language(
    *,
    lang: str | None,
    question_language: str | None,
    ui: str | None,
    accept_language: str,
) -> str:
    """Choose the language of the interface.

    Args:
        lang: Asked for in so many words; wins.
        question_language: The language of the question typed, as far as its script tells it.
        ui: The language that the interface had so far.
        accept_language: The browser's header of that name; may be empty.

    Returns:
        The first of these, in this order, that is an interface language; English if none is. What
        the interface had and what the browser accepts come before the question where it may be in
        that language just as well.
    """
    others = (ui, *accepted_languages(accept_language))
    script = script_of(question_language) if question_language else None
    alike = [wish for wish in others if script and wish and script_of(wish) == script]
    wishes = (lang, *alike, question_language, *others)
    return next((wish for wish in wishes if wish in INTERFACE_LANGUAGES), SOURCE_LANGUAGE)


def known_language(language: str) -> str:
    """A language of the interface: the one named, if it is one, else English."""
    return choose_language(lang=language, question_language=None, ui=None, accept_language="")


def language_asked_in(question: str, language: str) -> str | None:
    """The language of a question, where its script does not tell it from the interface's.

    Letters tell Arabic from English; French is told from English by its words.

    Args:
        question: As typed.
        language: The language of the interface.

    Returns:
        ISO 639-1 code; None where the script tells it.
    """
    told = guess_language(question)
    if told is None or told == language or script_of(told) != script_of(language):
        return None
    found = language_of(question, language)
    return found if found in INTERFACE_LANGUAGES else language


def accepted_languages(header: str) -> list[str]:
    """Primary language codes of an Accept-Language header, best first; source: RFC 9110, 12.5.4."""
    weighted = [
        (float(match.group(2) or 1), match.group(1).lower())
        for part in header.split(",")
        if (match := _ACCEPTED.fullmatch(part))
    ]
    weighted.sort(key=lambda pair: -pair[0])
    return [language for weight, language in weighted if weight > 0]


def _translations(language: str) -> NullTranslations:
    """Read a catalogue straight from its text file, so that there is nothing to compile."""
    path = LOCALES / language / _CATALOGUE
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language, abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
