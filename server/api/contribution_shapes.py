"""The shapes in which another platform is told what has become of what it sent in."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from server.contributions.sendings import WITHDRAWN
from server.contributions.store import State


class Standing(StrEnum):
    """How far a contribution is."""

    WAITING = "waiting"
    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"

    @classmethod
    def of(cls, kept: str) -> "Standing":
        """What a state is called here, as the store has it."""
        return cls.WAITING if kept == State.SENT else cls(kept)

    @property
    def kept(self) -> str:
        """What the store calls it."""
        return {Standing.WAITING: State.SENT, Standing.WITHDRAWN: WITHDRAWN}.get(self, self)


class _Told(BaseModel):
    """What is unknown is null; the sentence under a field is its description."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class ContributionCase(_Told):
    """The case study that came of it."""

    id: str
    language: str
    in_library: bool
    """Whether it can be found already: it can once the hub has put the library together anew."""
    url: str
    """Where its whole is given by this interface."""
    case_url: str
    """Its page."""


class ContributionState(_Told):
    """How far a practice is that was sent in."""

    id: str
    state: Standing
    """`waiting` for the hub, `asked` back, `accepted`, `declined`, `withdrawn` by its sender."""
    reference: str | None
    """What your platform calls it."""
    version: int | None
    """Grows with every change; an answer says which one it is to. Null once withdrawn."""
    sent_on: str
    """The day on which it came."""
    changed_on: str | None
    """The day of the last change."""
    question: str | None
    """What the hub asks, while it waits for an answer."""
    reason: str | None
    """Why it was declined."""
    case_study: ContributionCase | None
    url: str
    """Where this is told."""


class SentContribution(ContributionState):
    """A practice as it has come in."""

    sender_url: str | None
    """Whoever has this address can read, change and withdraw it: for its sender alone."""


class ContributionPage(_Told):
    """A page of what came by one key, in the order of the ids."""

    contributions: list[ContributionState]
    next: str | None
    """The address of the next page; null on the last."""
