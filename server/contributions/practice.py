"""What a city writes about what it did: the text, who sends it, and what it agrees to."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Self

MOST_SOURCES = 5
LONGEST_TITLE = 160
LONGEST_TEXT = 6_000
LONGEST_LINE = 200
LONGEST_LIST = 2_000
LONGEST_ADDRESS = 500

TEXTS = ("context", "done", "outcome", "lessons")
"""The four texts, in the order in which they are read."""


@dataclass(frozen=True, slots=True)
class SourceTyped:
    """A source as it was typed.

    Attributes:
        title: What it is called.
        url: Where it can be read; may be empty.
    """

    title: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Practice:
    """What is to be public of a practice, as it was typed: a draft may lack anything.

    Attributes:
        title: What was done, in a line.
        context: Why.
        done: What was done.
        outcome: What came of it.
        lessons: What others can learn from it.
        place: In words.
        country: ISO 3166-1 alpha-2 code, or empty.
        level: A value of `Level`, or empty.
        start: Year or year and month.
        end: Year or year and month, or empty.
        bodies: Those who took part, one a line.
        pillars: Values of `Pillar`.
        sources: Up to five.
        body: The body that sends it; it is cited by this name.
        language: ISO 639-1 code of the texts.
    """

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
    pillars: tuple[str, ...] = ()
    sources: tuple[SourceTyped, ...] = ()
    body: str = ""
    language: str = ""

    @property
    def takers(self) -> tuple[str, ...]:
        """The bodies that took part, one by one."""
        return tuple(" ".join(line.split()) for line in self.bodies.splitlines() if line.strip())

    def written(self) -> str:
        """The practice as it is kept: JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def read(cls, kept: str) -> Self:
        """Read a practice that was kept by `written`.

        Raises:
            ValueError: It is damaged.
            TypeError: Likewise.
        """
        fields = json.loads(kept)
        sources = tuple(SourceTyped(**source) for source in fields.pop("sources"))
        return replace(cls(**fields), pillars=tuple(fields["pillars"]), sources=sources)


@dataclass(frozen=True, slots=True)
class Consents:
    """What the sender agrees to, each on its own.

    Attributes:
        publication: That the text and the body's name are published under the licence.
        introductions: That the hub asks them when a peer wants to be put in touch.
        listing: That the body is listed in the directory of peers.
    """

    publication: bool = False
    introductions: bool = False
    listing: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything that the form holds.

    Attributes:
        practice: What is to be public.
        name: Whom the hub writes to; never shown to the public.
        address: Their e-mail address; likewise.
        consents: What they agree to.
        answer: What they are about to answer to the hub's question.
    """

    practice: Practice = field(default_factory=Practice)
    name: str = ""
    address: str = ""
    consents: Consents = field(default_factory=Consents)
    answer: str = ""


def too_long(draft: Draft) -> Iterator[tuple[str, int]]:
    """Name each field that holds more than it may, and how much that is, in characters."""
    practice = draft.practice
    bounds = [
        ("title", practice.title, LONGEST_TITLE),
        *((name, getattr(practice, name), LONGEST_TEXT) for name in TEXTS),
        *((name, getattr(practice, name), LONGEST_LINE) for name in ("place", "start", "end")),
        ("bodies", practice.bodies, LONGEST_LIST),
    ]
    for number, source in enumerate(practice.sources, start=1):
        bounds.append((f"source-{number}", source.title, LONGEST_LINE))
        bounds.append((f"address-{number}", source.url, LONGEST_ADDRESS))
    bounds += [
        ("body", practice.body, LONGEST_LINE),
        ("name", draft.name, LONGEST_LINE),
        ("address", draft.address, LONGEST_LINE),
        ("answer", draft.answer, LONGEST_TEXT),
    ]
    for name, text, most in bounds:
        if len(text) > most:
            yield name, most
