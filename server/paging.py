"""A long list -> the page of it that an address asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Depends

Entry = TypeVar("Entry")

_LONGEST = 4  # digits


@dataclass(frozen=True, slots=True)
class Sheet(Generic[Entry]):
    """A page of a list.

    Attributes:
        entries: What stands on it.
        number: The first one is 1.
        pages: How many there are; one at least.
    """

    entries: Sequence[Entry]
    number: int
    pages: int


def get_page_number(page: str = "1") -> int:
    """The page that the address asks for; the first where that cannot be read."""
    return int(page) if page.isascii() and page.isdigit() and len(page) <= _LONGEST else 1


PageNumber = Annotated[int, Depends(get_page_number)]


def sheet_of(entries: Sequence[Entry], number: int, most: int) -> Sheet[Entry]:
    """A page of a list, the last where there are not so many.

    Args:
        entries: All of the list.
        number: The page that is wanted.
        most: So many entries stand on a page.
    """
    pages = max(1, -(-len(entries) // most))
    shown = min(max(number, 1), pages)
    return Sheet(entries[(shown - 1) * most : shown * most], shown, pages)
