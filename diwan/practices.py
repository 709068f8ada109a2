"""What is sent in to a hub, named as in the interface (docs/api.md); None is left out."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticePeriod:
    """When it took place."""

    start: str
    """`YYYY` or `YYYY-MM`."""
    end: str | None = None
    """None while it goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeSource:
    """Where more can be read about it."""

    title: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """What is to be public."""

    title: str
    """What was done, in a line."""
    context: str
    """Why it was done."""
    done: str
    """What was done."""
    outcome: str
    """What came of it."""
    lessons: str
    """What others can learn from it."""
    place: str
    """In words."""
    country: str | None = None
    """ISO 3166-1 alpha-2 code, `XK` for Kosovo; None only at the level `international`."""
    level: str
    """As `city`."""
    period: PracticePeriod
    pillars: tuple[str, ...]
    """As `trust`."""
    bodies: tuple[str, ...] = ()
    """Who else took part."""
    sources: tuple[PracticeSource, ...] = ()
    body: str
    """The body that sends it; it is cited by this name."""
    language: str
    """ISO 639-1 code of the language of the texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom the hub writes to; never shown to the public."""

    name: str
    address: str
    """An e-mail address."""
    language: str | None = None
    """Of the letters; None is that of the texts, or English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consents:
    """What the contact agreed to, each on its own."""

    publication: bool
    """That the text and the name of the body are published under CC BY 4.0. Has to be true."""
    introductions: bool = False
    """That the hub asks them when a peer wants to be put in touch."""
    listing: bool = False
    """That the body is listed in the directory of peers."""


def written(part: Practice | Contact | Consents) -> dict[str, Any]:
    """What is sent, as JSON has it."""
    return asdict(part, dict_factory=_known)


def _known(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in fields if value is not None}
