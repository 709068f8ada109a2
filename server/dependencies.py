"""What a route may ask for."""

from typing import Annotated

from fastapi import Depends, Request

from corpus.case_files import CaseFiles
from corpus.reading_paths import ReadingPath
from corpus.shelf import Shelf
from corpus.starting_questions import StartingQuestion
from server.holder import Holder
from server.kept_file import KeptFile
from server.library_comparison import LibraryComparison
from server.rebuilds import Rebuilds
from server.service import Service
from server.store import Store
from server.upload_reading import UploadReading
from server.upload_spool import Spool


async def get_holder(request: Request) -> Holder:
    """The holder of the application."""
    holder: Holder = request.app.state.holder
    return holder


async def get_service(holder: Annotated[Holder, Depends(get_holder)]) -> Service:
    """The service that answers this request from its start to its end.

    Raises:
        NotReadyError: None has been loaded so far.
    """
    return holder.current()


def get_store(request: Request) -> Store:
    """What people leave behind; opened when it is first asked for, so that search needs it not.

    Raises:
        StoreError: It cannot be opened.
    """
    store: Store = request.app.state.open_store()
    return store


async def get_paths(request: Request) -> KeptFile[ReadingPath]:
    """The reading paths, as staff have them now."""
    paths: KeptFile[ReadingPath] = request.app.state.reading_paths
    return paths


async def get_starting_questions(request: Request) -> KeptFile[StartingQuestion]:
    """The questions to start from, as staff have them now."""
    questions: KeptFile[StartingQuestion] = request.app.state.starting_questions
    return questions


async def get_shelf(request: Request) -> Shelf:
    """The documents of the hub, as staff look at them."""
    shelf: Shelf = request.app.state.shelf
    return shelf


async def get_case_files(request: Request) -> CaseFiles:
    """The case studies as files that staff edit."""
    files: CaseFiles = request.app.state.case_files
    return files


async def get_spool(request: Request) -> Spool:
    """The files that staff have uploaded and not put into the library yet."""
    spool: Spool = request.app.state.spool
    return spool


async def get_upload_reading(request: Request) -> UploadReading:
    """What reads uploaded files."""
    reading: UploadReading = request.app.state.upload_reading
    return reading


CurrentShelf = Annotated[Shelf, Depends(get_shelf)]
CurrentCaseFiles = Annotated[CaseFiles, Depends(get_case_files)]
CurrentSpool = Annotated[Spool, Depends(get_spool)]
CurrentUploadReading = Annotated[UploadReading, Depends(get_upload_reading)]


async def get_rebuilds(request: Request) -> Rebuilds:
    """What starts rebuilds, and sees how far they are."""
    rebuilds: Rebuilds = request.app.state.rebuilds
    return rebuilds


async def get_comparison(request: Request) -> LibraryComparison:
    """What compares the library with what serves."""
    comparison: LibraryComparison = request.app.state.comparison
    return comparison


CurrentComparison = Annotated[LibraryComparison, Depends(get_comparison)]
CurrentHolder = Annotated[Holder, Depends(get_holder)]
CurrentStore = Annotated[Store, Depends(get_store)]
CurrentPaths = Annotated[KeptFile[ReadingPath], Depends(get_paths)]
CurrentStart = Annotated[KeptFile[StartingQuestion], Depends(get_starting_questions)]
CurrentRebuilds = Annotated[Rebuilds, Depends(get_rebuilds)]
CurrentService = Annotated[Service, Depends(get_service)]
