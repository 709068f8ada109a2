"""The shapes in which another platform sends in a practice, and what is refused of them."""

from collections.abc import Iterable
from typing import Annotated

from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool
from pydantic_core import PydanticCustomError

from corpus.case_study import Level, Pillar
from server.api.parameters import LANGUAGE
from server.contributions.practice import (
    LONGEST_ADDRESS,
    LONGEST_LINE,
    LONGEST_TEXT,
    LONGEST_TITLE,
    MOST_SOURCES,
    Consents,
    Draft,
    Practice,
    SourceTyped,
)
from server.contributions.rules import Lack, cleaned, countries, languages
from server.contributions.wording import whys
from server.i18n import INTERFACE_LANGUAGES, SOURCE_LANGUAGE, interface

_MONTH = "`YYYY` or `YYYY-MM`"
_FIELDS = {
    "start": "practice.period.start",
    "end": "practice.period.end",
    "name": "contact.name",
    "address": "contact.address",
    "publication": "consents.publication",
    "answer": "answer",
}
"""What fields of the form are called here, where that is not `practice.` and their id."""


def _country(code: str | None) -> str | None:
    if code is not None and code not in countries():
        raise PydanticCustomError("country", "This is no code of a country")
    return code


def _language(code: str) -> str:
    if code not in languages():
        raise PydanticCustomError("language", "This is no code of a language")
    return code


class _Sent(BaseModel):
    """What is sent; a field that nobody knows here is refused, so that none is lost unseen."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class SentPeriod(_Sent):
    """When it took place."""

    start: str = Field(min_length=1, max_length=LONGEST_LINE, description=_MONTH)
    end: str | None = Field(
        default=None,
        max_length=LONGEST_LINE,
        description=f"{_MONTH}; null while it goes on.",
    )


class SentSource(_Sent):
    """Where more can be read about it."""

    title: str = Field(min_length=1, max_length=LONGEST_LINE)
    url: str | None = Field(
        default=None, max_length=LONGEST_ADDRESS, description="With `https://` or `http://`."
    )


class SentPractice(_Sent):
    """What is to be public, as the form at `/contribute` asks for it."""

    title: str = Field(min_length=1, max_length=LONGEST_TITLE)
    """What was done, in a line."""
    context: str = Field(min_length=1, max_length=LONGEST_TEXT)
    """Why it was done."""
    done: str = Field(min_length=1, max_length=LONGEST_TEXT)
    """What was done."""
    outcome: str = Field(min_length=1, max_length=LONGEST_TEXT)
    """What came of it."""
    lessons: str = Field(min_length=1, max_length=LONGEST_TEXT)
    """What others can learn from it."""
    place: str = Field(min_length=1, max_length=LONGEST_LINE)
    """In words."""
    country: Annotated[str | None, AfterValidator(_country)] = Field(
        default=None, pattern=r"^[A-Z]{2}$"
    )
    """ISO 3166-1 alpha-2 code; `XK` for Kosovo. Null only where `level` is `international`."""
    level: Level
    """The level that it takes place at."""
    period: SentPeriod
    pillars: list[Pillar] = Field(min_length=1)
    """Of the six, those that it shows."""
    bodies: list[Annotated[str, Field(min_length=1, max_length=LONGEST_LINE)]] = Field(
        default_factory=list
    )
    """Who else took part; 2,000 characters in all."""
    sources: list[SentSource] = Field(default_factory=list, max_length=MOST_SOURCES)
    body: str = Field(min_length=1, max_length=LONGEST_LINE)
    """The body that sends it; it is cited by this name."""
    language: Annotated[str, AfterValidator(_language)] = Field(pattern=r"^[a-z]{2}$")
    """ISO 639-1 code of the language that the texts are written in."""

    def practice(self) -> Practice:
        """The practice, as the form has it."""
        return Practice(
            title=self.title,
            context=self.context,
            done=self.done,
            outcome=self.outcome,
            lessons=self.lessons,
            place=self.place,
            country=self.country or "",
            level=self.level,
            start=self.period.start,
            end=self.period.end or "",
            bodies="\n".join(" ".join(body.split()) for body in self.bodies),
            pillars=tuple(self.pillars),
            sources=tuple(SourceTyped(each.title, each.url or "") for each in self.sources),
            body=self.body,
            language=self.language,
        )


class SentContact(_Sent):
    """Whom the hub writes to; never shown to the public, and forgotten with the decision.

    Who agrees to introductions is written to later, too.
    """

    name: str = Field(min_length=1, max_length=LONGEST_LINE)
    address: str = Field(min_length=1, max_length=LONGEST_LINE)
    """An e-mail address."""
    language: str | None = Field(default=None, pattern=LANGUAGE)
    """Of the letters: one of the languages of the pages, else the one of the text or English."""


class SentConsents(_Sent):
    """What the person named in `contact` agreed to, each on its own."""

    publication: StrictBool
    """That the text and the name of the body are published under CC BY 4.0. Has to be true."""
    introductions: StrictBool = False
    """That the hub asks them when a peer wants to be put in touch."""
    listing: StrictBool = False
    """That the body is listed in the directory of peers."""


class NewContribution(_Sent):
    """A practice that is sent in."""

    practice: SentPractice
    contact: SentContact
    consents: SentConsents
    reference: str | None = Field(default=None, max_length=LONGEST_LINE)
    """What your platform calls its record of it; staff see it."""

    def draft(self) -> Draft:
        """What the form would hold."""
        agreed = self.consents
        draft = Draft(
            self.practice.practice(),
            self.contact.name,
            self.contact.address,
            Consents(agreed.publication, agreed.introductions, agreed.listing),
        )
        return cleaned(draft)

    @property
    def written_to_in(self) -> str:
        """ISO 639-1 code of the language of letters."""
        wished = (self.contact.language, self.practice.language)
        return next((each for each in wished if each in INTERFACE_LANGUAGES), SOURCE_LANGUAGE)

    def written(self) -> str:
        """What was sent, in one order whatever it was sent in."""
        return self.model_dump_json(exclude_unset=True)


class NewAnswer(_Sent):
    """An answer to what the hub asked."""

    version: int
    """Of the contribution, as you read it: so no answer goes to another question."""
    answer: str = Field(min_length=1, max_length=LONGEST_TEXT)
    practice: SentPractice | None = None
    """The practice as it is to be from now on; null leaves it as it is."""


def refuse(lacks: Iterable[Lack]) -> RequestValidationError:
    """The error that names what keeps a practice from being sent, as if its shape were wrong."""
    said = whys(interface(SOURCE_LANGUAGE))
    return RequestValidationError(
        [
            {"loc": ("body", _place(lack.field)), "msg": said[lack.why].removesuffix(".")}
            for lack in lacks
        ]
    )


def _place(field: str) -> str:
    """Where a field of the form is here."""
    kind, _, number = field.partition("-")
    if number:
        part = {"source": "title", "address": "url"}[kind]
        return f"practice.sources.{int(number) - 1}.{part}"
    return _FIELDS.get(field, f"practice.{field}")
