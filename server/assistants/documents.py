"""The documents that an assistant can be handed: listed in pages, read as Markdown."""

import base64
import binascii
import re
from bisect import bisect_right
from dataclasses import dataclass
from urllib.parse import quote, unquote

from corpus.case_study import CaseStudy
from server.assistants.tools import CallError, markdown, rendering
from server.service import Service
from server.whole_rendering import whole_rendering

ADDRESS = "diwan://cases/{id}/{lang}"
MEDIA_TYPE = "text/markdown"
ON_A_PAGE = 100
_ADDRESSED = re.compile(r"diwan://cases/([^/?#]+)/([a-z]{2,3})")

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Listed:
    """A document in the list.

    Attributes:
        case: The rendering.
        changed: When it came or was changed last; ISO 8601.
    """

    case: CaseStudy
    changed: str

    @property
    def address(self) -> str:
        """What it is asked for by."""
        return f"diwan://cases/{quote(self.case.id, safe='')}/{self.case.language}"


def documents(service: Service, cursor: str | None) -> tuple[list[Listed], str | None]:
    """A page of the list, by id and language.

    Args:
        service: What serves.
        cursor: What the page before gave; None for the first. It stays good when another
            generation serves meanwhile.

    Returns:
        The documents, and what to ask for the next page with; None where there is none.

    Raises:
        CallError: There is no such cursor.
        RemovedError: The list of what was taken away cannot be read.
    """
    withheld, generation = service.withheld(), service.generation
    every = [case for case in generation.library_cases if case.id not in withheld]
    start = bisect_right(every, _key_in(cursor), key=_key) if cursor else 0
    stretch = every[start : start + ON_A_PAGE]
    told = generation.chronicle.documents
    listed = [Listed(case, told[_key(case)].latest) for case in stretch]
    more = start + ON_A_PAGE < len(every)
    return listed, _cursor(_key(stretch[-1])) if more else None


def read_document(service: Service, site: str, address: str) -> str:
    """A document as Markdown.

    Args:
        service: What serves.
        site: Address of the site, without a slash at its end.
        address: As it is listed.

    Raises:
        CallError: There is no such document.
        RemovedError: The list of what was taken away cannot be read.
    """
    addressed = _ADDRESSED.fullmatch(address)
    if addressed is None:
        raise CallError(f"A document is asked for as {ADDRESS}.")
    name, language = addressed.groups()
    case = rendering(service, unquote(name), language)
    languages = (other.language for other in service.renderings(case.id))
    passages = service.generation.passages_of(case)
    whole = whole_rendering(case, passages, languages, site=site, cited_in=case.language)
    return markdown(whole)


def _key(case: CaseStudy) -> Key:
    return case.id, case.language


def _cursor(key: Key) -> str:
    return base64.urlsafe_b64encode("/".join(key).encode()).decode()


def _key_in(cursor: str) -> Key:
    try:
        name, _, language = base64.urlsafe_b64decode(cursor).decode().rpartition("/")
    except (binascii.Error, ValueError):
        name = language = ""
    if not (name and language):
        raise CallError("There is no such cursor; list the documents from the start.")
    return name, language
