"""What the pages of contributions say of fields, of what lacks, and of how far one is."""

from corpus.case_study import Level, Pillar
from server.contributions.practice import MOST_SOURCES, TEXTS, Draft
from server.contributions.rules import FIELDS, Why
from server.contributions.store import State
from server.i18n import Interface


def field_names(reader: Interface) -> dict[str, str]:
    """What each field of the form is called, by its id."""
    names = {
        "answer": reader.gettext("Your answer"),
        "title": reader.gettext("A title"),
        "context": reader.gettext("Context"),
        "done": reader.gettext("What was done"),
        "outcome": reader.gettext("What came of it"),
        "lessons": reader.gettext("What others can learn"),
        "place": reader.gettext("Place"),
        "country": reader.gettext("Country"),
        "level": reader.gettext("Level"),
        "start": reader.gettext("Since when"),
        "end": reader.gettext("Until when"),
        "bodies": reader.gettext("Who else took part"),
        "pillars": reader.gettext("Pillars"),
        "body": reader.gettext("Name of your body"),
        "language": reader.gettext("Language of your text"),
        "name": reader.gettext("Your name"),
        "address": reader.gettext("Your e-mail address"),
        "publication": reader.gettext("Publication"),
        "introductions": reader.gettext("Being asked by peers"),
        "listing": reader.gettext("Being listed"),
    }
    for number in range(1, MOST_SOURCES + 1):
        written = reader.number(number)
        names[f"source-{number}"] = reader.gettext("Source %(number)s: title", number=written)
        names[f"address-{number}"] = reader.gettext("Source %(number)s: address", number=written)
    return {field: names[field] for field in FIELDS}


def whys(reader: Interface) -> dict[Why, str]:
    """Why a field keeps a practice from being sent."""
    return {
        Why.EMPTY: reader.gettext("This is still empty."),
        Why.LONG: reader.gettext("This is too long; shorten it."),
        Why.NO_DATE: reader.gettext("Write a year, or a year and a month, as 2021 or 2021-03."),
        Why.ENDS_EARLY: reader.gettext("It ends before it begins."),
        Why.NO_URL: reader.gettext("Write a whole address, as https://example.org/report."),
        Why.NO_TITLE: reader.gettext("Say what this source is called."),
        Why.NO_ADDRESS: reader.gettext("Write an e-mail address, as name@example.org."),
        Why.NOT_AGREED: reader.gettext("Without this the hub cannot take it in."),
    }


def meanings(reader: Interface) -> dict[Pillar, str]:
    """What each pillar means, in a line."""
    return {
        Pillar.TRUST: reader.gettext(
            "People and institutions at every level rely on one another and keep their word."
        ),
        Pillar.INCLUSIVITY: reader.gettext(
            "Those whom a policy concerns have a part in making it."
        ),
        Pillar.COORDINATION: reader.gettext(
            "Who does what is agreed, between levels of government and across departments."
        ),
        Pillar.COMMUNICATION: reader.gettext(
            "Information reaches those who need it, in both directions."
        ),
        Pillar.CAPACITY: reader.gettext(
            "Those who are to act have the knowledge, the staff and the means."
        ),
        Pillar.SUSTAINABILITY: reader.gettext(
            "The work outlasts a project, a budget and a term of office."
        ),
    }


def state_names(reader: Interface) -> dict[State, str]:
    """How far a contribution is, for staff."""
    return {
        State.DRAFT: reader.gettext("Draft"),
        State.SENT: reader.gettext("Waits for the hub"),
        State.ASKED: reader.gettext("Waits for the sender"),
        State.ACCEPTED: reader.gettext("Accepted"),
        State.DECLINED: reader.gettext("Declined"),
    }


def differences(kept: Draft, typed: Draft, reader: Interface) -> dict[str, str]:
    """What is kept of each field in which something else was typed, by the field's id."""
    one, other = _as_text(kept, reader), _as_text(typed, reader)
    return {field: one[field] for field in FIELDS if one[field] != other[field]}


def _as_text(draft: Draft, reader: Interface) -> dict[str, str]:
    practice = draft.practice
    pillars = [reader.pillar(Pillar(pillar)) for pillar in practice.pillars]
    yes, no = reader.gettext("yes"), reader.gettext("no")
    told = {
        name: str(getattr(practice, name))
        for name in ("title", *TEXTS, "place", "start", "end", "bodies", "body")
    }
    told["level"] = reader.level(Level(practice.level)) if practice.level else ""
    told["country"] = reader.country(practice.country) if practice.country else ""
    told["language"] = reader.language_name(practice.language) if practice.language else ""
    told["pillars"] = reader.gettext(", ").join(pillars)
    told["name"], told["address"], told["answer"] = draft.name, draft.address, draft.answer
    for consent in ("publication", "introductions", "listing"):
        told[consent] = yes if getattr(draft.consents, consent) else no
    for number in range(MOST_SOURCES):
        source = practice.sources[number] if number < len(practice.sources) else None
        told[f"source-{number + 1}"] = source.title if source else ""
        told[f"address-{number + 1}"] = source.url if source else ""
    return told
