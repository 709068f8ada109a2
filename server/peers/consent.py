"""Who agreed to what: bodies that are not to be listed, and contacts that a hub may write to."""

from collections.abc import Callable
from typing import Annotated, cast

from fastapi import Depends, Request

from server.contributions.store import Contact
from server.dependencies import CurrentStore
from server.store import Store

ContactOf = Callable[[str], Contact | None]
"""Gives the contact of a case, by its id, where there is one."""


UnlistedCases = Callable[[], frozenset[str]]
"""Gives the ids of the cases whose senders do not want their bodies listed.

Raises StoreError where that cannot be told.
"""


def get_unlisted(request: Request) -> UnlistedCases:
    """Where it is looked up whose bodies are not to be listed."""
    return lambda: cast("Store", request.app.state.open_store()).unlisted_cases()


def get_contacts(store: CurrentStore) -> ContactOf:
    """Where the contacts of cases are looked up."""
    return store.contact_of


Unlisted = Annotated[UnlistedCases, Depends(get_unlisted)]
Contacts = Annotated[ContactOf, Depends(get_contacts)]
