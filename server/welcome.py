"""What the start page offers to somebody who has not asked yet."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from fastapi import Request

from corpus.case_study import CaseStudy, Pillar
from corpus.starting_questions import StartingQuestion
from index.scripts import rendering_for
from server.service import Service
from server.store import Store
from server.store_database import StoreError

_ENOUGH, _MOST = 3, 5  # voices that call a case helpful, cases


@dataclass(frozen=True, slots=True)
class Welcome:
    """What to begin with.

    Attributes:
        starts: Questions to start from, by pillar.
        helpful: Cases that several people called helpful.
    """

    starts: Mapping[Pillar, Sequence[str]]
    helpful: Sequence[CaseStudy]


def welcome(
    request: Request, service: Service, questions: Iterable[StartingQuestion], language: str
) -> Welcome:
    """Gather it in the reader's language; what cannot be told just now is left out.

    Args:
        request: The request.
        service: Holds the library.
        questions: Questions to start from.
        language: ISO 639-1 code.
    """
    starts: dict[Pillar, list[str]] = {}
    for question in questions:
        if language in question.texts:
            starts.setdefault(question.pillar, []).append(question.texts[language])
    return Welcome(starts, _found_helpful(request, service, language))


def _found_helpful(request: Request, service: Service, language: str) -> list[CaseStudy]:
    with suppress(StoreError, OSError):
        store: Store = request.app.state.open_store()
        found = store.found_helpful(_ENOUGH, _MOST)
        shown = (rendering_for(service.renderings(name), language) for name in found)
        return [case for case in shown if case]
    return []
