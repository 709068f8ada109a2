"""A conversation: what a question means after the one before it."""

from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from corpus.case_study import Level, Pillar
from index.gazetteer import Gazetteer
from index.question import LONGEST, Correction, Filters, Question
from server import phrases
from server.reading import Reading

_FEW = 3  # words about something: with no more a question may need the one before it
_SHORT = 10  # words; a longer question is put by somebody who begins anew
_YEARS = range(1900, 2100)


class Kind(StrEnum):
    """How a question goes on from the one before it."""

    NEW = "new"
    """It stands alone."""
    LANGUAGE = "language"
    """The same again, shown in another language."""
    NARROWED = "narrowed"
    """The same again, about fewer case studies."""
    PLACE = "place"
    """The same about another place."""
    DETAIL = "detail"
    """More about the case study that was found."""


@dataclass(frozen=True, slots=True)
class Before:
    """The turn before, as far as the next one may need it.

    Attributes:
        text: The question as it was understood, which stands alone.
        language: ISO 639-1 code of its language.
        show_in: ISO 639-1 code of the language that passages were shown in.
        filters: What passages were considered.
        case: Id of the case study that was found first; None where nothing was.
        title: Its title, in the question's language where there is such a rendering.
        as_typed: Whether the question is to be searched as it is, misspelt names and all.
    """

    text: str
    language: str
    show_in: str
    filters: Filters
    case: str | None
    title: str | None
    as_typed: bool = False


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it was understood.

    Attributes:
        question: What is searched.
        kind: How it goes on from the one before.
        text: The question that the next turn goes on from; it stands alone.
        typed: As it was typed.
        about: Title of the case study that a detail is asked of; else None.
        corrections: Names that were misspelt, by their places in what was typed.
    """

    question: Question
    kind: Kind
    text: str
    typed: str
    about: str | None = None
    corrections: tuple[Correction, ...] = ()


def understand(asked: Question, before: Before | None, gazetteer: Gazetteer) -> Understood:
    """Tell what a question means after the one before it.

    Nothing is carried over that the question does not ask for: a question with a subject of its
    own stands alone.

    Args:
        asked: The question, its misspelt names corrected; its filters and its language to show
            passages in are those that were chosen outside of it.
        before: The turn before; None for the first.
        gazetteer: The places that can be named.
    """
    understood = _understood(asked, before, gazetteer)
    return replace(understood, typed=asked.typed, corrections=asked.corrections)


def _understood(asked: Question, before: Before | None, gazetteer: Gazetteer) -> Understood:
    reading = Reading.of(asked.text, asked.language, gazetteer)
    wish = _wished_language(reading)
    if wish:
        asked = replace(asked, show_in=wish)
    if before is None:
        return Understood(asked, Kind.NEW, asked.text, asked.text)
    show_in = wish or (asked.show_in if asked.language != before.language else before.show_in)
    again = Question(before.text, before.language, show_in, before.filters, before.as_typed)
    subject = reading.subject()
    if wish and len(subject) <= 1 and not reading.places:
        return Understood(again, Kind.LANGUAGE, before.text, asked.text)
    narrower = _narrowed(reading, before.filters)
    if narrower is not None:
        return Understood(replace(again, filters=narrower), Kind.NARROWED, before.text, asked.text)
    if len(reading.words) <= _SHORT:
        if reading.places and len(subject) <= _FEW - (not reading.opens()):
            return _elsewhere(again, reading, said=bool(subject))
        if before.case and not reading.places and len(subject) <= _FEW + reading.points():
            return _detail(asked, before, show_in)
    return Understood(asked, Kind.NEW, asked.text, asked.text)


def _detail(asked: Question, before: Before, show_in: str) -> Understood:
    """The question, asked of the case study that was found."""
    question = Question(
        f"{asked.text} {before.title or before.text}"[:LONGEST],
        asked.language,
        show_in,
        Filters(cases=frozenset([before.case]) if before.case else None),
    )
    return Understood(question, Kind.DETAIL, before.text, asked.text, before.title)


def _elsewhere(again: Question, reading: Reading, *, said: bool) -> Understood:
    """The question before, about the places that this one names.

    Args:
        again: The question before.
        reading: Of this one.
        said: Whether this one says more than where.
    """
    there = ", ".join(
        reading.text[place.start : place.end].removeprefix(place.particle)
        for place in reading.places
    )
    text, at, placed = "", 0, False
    for place in reading.gazetteer.mentions(again.text):
        text += again.text[at : place.start]
        if not placed:
            text += place.particle + there
        placed, at = True, place.end
    text = text + again.text[at:] if placed else f"{again.text} – {there}"
    if said:
        text = f"{text} – {reading.text}"
    filters = replace(
        again.filters, country=None, cases=reading.gazetteer.about(reading.places) or None
    )
    question = replace(again, text=text[:LONGEST], filters=filters)
    return Understood(question, Kind.PLACE, question.text, reading.text)


def _wished_language(reading: Reading) -> str | None:
    """The language that passages are to be shown in, if the question says so."""
    alone = len(reading.words) <= _FEW
    for before, word in pairwise((None, *reading.words)):
        if word is None:
            continue
        form = word.bare
        named = phrases.LANGUAGES.get(form)
        with_particle = phrases.LANGUAGES.get(form.removeprefix("ب")) if form[:1] == "ب" else None
        said_in = before is not None and before.bare in phrases.IN_A_LANGUAGE
        if with_particle or (named and (said_in or alone)):
            return with_particle or named
    return None


def _narrowed(reading: Reading, filters: Filters) -> Filters | None:
    """The filters that a question asks to add, if it says no more than that."""
    found, years = filters, False
    rest = set(reading.subject()) - phrases.SORTS
    for before, word in pairwise((None, *reading.words)):
        if word is None:
            continue
        form, earlier = word.bare, before.bare if before else ""
        if level := phrases.LEVELS.get(form):
            found = replace(found, level=Level(level))
        elif pillar := phrases.PILLARS.get(form):
            found = replace(found, pillar=Pillar(pillar))
        elif form.isdigit() and int(form) in _YEARS:
            found, years = _with_year(found, int(form), earlier), True
        else:
            continue
        rest.discard(form)
    countries = {place.country for place in reading.places}
    if rest or None in countries or len(countries) > 1:
        return None
    if countries:
        found = replace(found, country=countries.pop())
    only = any(word.bare in phrases.ONLY for word in reading.words)
    return found if found != filters and (only or years) else None


def _with_year(filters: Filters, year: int, earlier: str) -> Filters:
    if earlier in phrases.UNTIL:
        return replace(filters, year_to=year - (earlier in phrases.BEFORE))
    if earlier in phrases.SINCE:
        return replace(filters, year_from=year + (earlier in phrases.AFTER))
    return replace(filters, year_from=year, year_to=year)
