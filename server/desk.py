"""The hub's desk, put together: what its pages stand on, and their routes."""

from fastapi import FastAPI

from corpus.case_files import CaseFiles
from corpus.shelf import Shelf
from server import (
    desk_cases,
    desk_changes,
    desk_documents,
    desk_feedback,
    desk_generations,
    desk_group,
    desk_groups,
    desk_pages,
    desk_questions,
    desk_rebuild,
    desk_sign_in,
    desk_uploads,
)
from server.contributions import desk as desk_contributions
from server.desk_access import guarded_routes
from server.desk_group import HubFiles
from server.keys import desk as keys_desk
from server.library_comparison import LibraryComparison
from server.mail import desk as letters_at_desk
from server.passwords import Passwords
from server.peers import desk as peers_desk
from server.question_groups import QuestionVectors
from server.rebuilds import Rebuilds
from server.settings import Settings
from server.upload_reading import UploadReading
from server.upload_spool import Spool

_PAGES = (
    desk_sign_in,
    desk_pages,
    desk_questions,
    desk_groups,
    desk_group,
    desk_feedback,
    desk_contributions,
    desk_documents,
    desk_uploads,
    desk_cases,
    desk_rebuild,
    desk_generations,
    letters_at_desk,
    peers_desk,
    keys_desk,
    desk_changes,
)


def install(app: FastAPI, settings: Settings, passwords: Passwords, rebuilds: Rebuilds) -> None:
    """Add the desk to the application.

    Args:
        app: The application.
        settings: Where the hub's files are, and whether the bundled library is part of it.
        passwords: How passwords of the staff are hashed.
        rebuilds: Starts rebuilds of the index.

    Raises:
        UnguardedError: A route does not state whom it is for.
    """
    home, bundled = settings.home, settings.bundled
    app.state.shelf = Shelf(home, bundled=bundled)
    app.state.case_files = CaseFiles(home, bundled)
    app.state.spool = Spool(home)
    app.state.upload_reading = UploadReading(home)
    app.state.rebuilds = rebuilds
    app.state.comparison = LibraryComparison(rebuilds.settings)
    app.state.passwords = passwords
    app.state.hub_files = HubFiles(home, bundled)
    app.state.question_vectors = QuestionVectors()
    for desk in _PAGES:
        app.include_router(desk.router, include_in_schema=False)
    guarded_routes(app)
