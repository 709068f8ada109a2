"""Who agreed to what: bodies that are not to be listed, and contacts that a hub may write to."""

from collections.abc import Callable
from typing import Annotated, Protocol

from fastapi import Depends


class Contact(Protocol):
    """Somebody whom the hub may write to about a case study; never shown to the public."""

    @property
    def name(self) -> str:
        """Of the person."""

    @property
    def body(self) -> str:
        """That they work for."""

    @property
    def address(self) -> str:
        """E-mail address."""


ContactOf = Callable[[str], Contact | None]
"""Gives the contact of a case, by its id, where there is one."""


def get_unlisted() -> frozenset[str]:
    """Ids of cases whose bodies did not agree to be listed."""
    return frozenset()


def get_contacts() -> ContactOf:
    """Where the contacts of cases are looked up; nobody has left one so far."""
    return lambda _case_id: None


Unlisted = Annotated[frozenset[str], Depends(get_unlisted)]
Contacts = Annotated[ContactOf, Depends(get_contacts)]
