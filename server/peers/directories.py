"""The directory of bodies as it is now: gathered once for what serves, and kept while it serves."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from corpus.case_study import CaseStudy
from server.dependencies import CurrentService
from server.peers.consent import Unlisted, UnlistedCases
from server.peers.directory import Directory, directory_of
from server.service import Service


@dataclass(frozen=True, slots=True)
class _Kept:
    """The directories of documents without the cases that are withheld, by language."""

    cases: tuple[CaseStudy, ...]
    withheld: frozenset[str]
    directories: dict[str, Directory]


@dataclass(slots=True)
class Directories:
    """Keeps the directory in each language, for the library as it was asked for last."""

    _kept: _Kept | None = field(default=None, init=False)

    def of(self, service: Service, language: str, unlisted: frozenset[str]) -> Directory:
        """The bodies behind what serves; a case that was removed has none from that moment on.

        Args:
            service: What serves.
            language: ISO 639-1 code of the interface's language.
            unlisted: Ids of cases whose bodies did not agree to be listed.

        Raises:
            RemovedError: It cannot be told what was removed.
        """
        cases, withheld = service.generation.library_cases, service.withheld() | unlisted
        kept = self._kept
        if kept is None or kept.cases is not cases or kept.withheld != withheld:
            kept = self._kept = _Kept(cases, withheld, {})
        if language not in kept.directories:
            kept.directories[language] = directory_of(cases, language, withheld)
        return kept.directories[language]


@dataclass(frozen=True, slots=True)
class Bodies:
    """The directory for one request."""

    _directories: Directories
    _service: Service
    _unlisted: UnlistedCases

    def named_in(self, language: str) -> Directory:
        """The directory, each body named in a language where it has a name in it.

        Raises:
            RemovedError: It cannot be told what was removed.
            StoreError: It cannot be told who did not agree to be listed.
        """
        return self._directories.of(self._service, language, self._unlisted())


def get_bodies(request: Request, service: CurrentService, unlisted: Unlisted) -> Bodies:
    """The directory of what serves this request."""
    return Bodies(request.app.state.directories, service, unlisted)


CurrentBodies = Annotated[Bodies, Depends(get_bodies)]
