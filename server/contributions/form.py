"""The form in which a practice is written: what a browser sends."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from pydantic import BaseModel, Field

from corpus.case_study import Level
from server.contributions.practice import MOST_SOURCES, Consents, Draft, Practice, SourceTyped
from server.contributions.rules import SECTIONS, Lack, cleaned, countries, languages


class ContributionForm(BaseModel):
    """What the form sends; whatever is not there is empty.

    Attributes:
        version: Of what the form was filled from.
        do: The button that was pressed: `send`, or `save` and the section that it stands in.
        website: What no person fills in: the field is out of sight.
        name: Of the person that the hub writes to.
        address: Their e-mail address.
        answer: To what the hub asked.
        agreed: What is agreed to.
    """

    version: int = 0
    do: str = "save"
    website: str = ""
    title: str = ""
    context: str = ""
    done: str = ""
    outcome: str = ""
    lessons: str = ""
    place: str = ""
    country: str = ""
    level: str = ""
    start: str = ""
    end: str = ""
    bodies: str = ""
    pillars: list[str] = Field(default_factory=list)
    source_title: list[str] = Field(default_factory=list)
    source_url: list[str] = Field(default_factory=list)
    body: str = ""
    language: str = ""
    name: str = ""
    address: str = ""
    answer: str = ""
    agreed: list[str] = Field(default_factory=list)

    def draft(self) -> Draft:
        """What was typed, without controls and without white space at its ends."""
        pairs = zip_longest(self.source_title, self.source_url, fillvalue="")
        country, level, language = self.country, self.level, self.language
        draft = cleaned(
            Draft(
                practice=Practice(
                    title=self.title,
                    context=self.context,
                    done=self.done,
                    outcome=self.outcome,
                    lessons=self.lessons,
                    place=self.place,
                    country=country if country in countries() else "",
                    level=level if level in set(Level) else "",
                    start=self.start,
                    end=self.end,
                    bodies=self.bodies,
                    pillars=tuple(self.pillars),
                    sources=tuple(SourceTyped(*pair) for pair in pairs),
                    body=self.body,
                    language=language if language in languages() else "",
                ),
                name=self.name,
                address=self.address,
                consents=Consents(
                    publication="publication" in self.agreed,
                    introductions="introductions" in self.agreed,
                    listing="listing" in self.agreed,
                ),
                answer=self.answer,
            )
        )
        filled = [each for each in draft.practice.sources if each.title or each.url]
        practice = replace(draft.practice, sources=tuple(filled[:MOST_SOURCES]))
        return replace(draft, practice=practice)


def sections_of(lacks: Sequence[Lack]) -> dict[str, int]:
    """How many fields of each section of the form keep the draft from being sent."""
    return {
        section: sum(lack.field in fields for lack in lacks) for section, fields in SECTIONS.items()
    }
