"""The application: routes, static files, headers and errors put together."""

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import js_lib_htmx
from fastapi import Depends, FastAPI, Response
from fastapi.staticfiles import StaticFiles
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from corpus.reading_paths import BUNDLED_PATHS, OWN_PATHS, ReadingPathsError, load_reading_paths
from corpus.starting_questions import (
    BUNDLED_QUESTIONS,
    OWN_QUESTIONS,
    StartingQuestionsError,
    load_starting_questions,
)
from server import (
    briefing_pages,
    briefing_reading,
    conversation_pages,
    desk,
    feedback_pages,
    kept_page,
    library_pages,
    pages,
    path_pages,
    places_page,
    problems,
    references,
)
from server.api import contributions as api_contributions
from server.api import page as api_page
from server.api.routes import router as api_router
from server.application import Application
from server.assistants.endpoint import Endpoint
from server.box import pages as box_pages
from server.contributions import pages as contribution_pages
from server.holder import Holder
from server.kept_file import KeptFile
from server.keys.access import may_search
from server.keys.admission import counting, limit_requests
from server.keys.counter import COUNTS, Counter
from server.mail.delivery import mail_server
from server.mail.sending import Sender
from server.news import pages as news_pages
from server.open_library import pages as open_library
from server.passwords import Passwords
from server.peers import introductions
from server.peers import pages as peers_pages
from server.peers.directories import Directories
from server.rebuilds import Rebuilds
from server.service_opening import holder_for
from server.settings import Settings
from server.store import STORE, Store

_LARGEST_BODY = 256 * 2**10  # bytes; a full briefing with all its notes has half of that
WEB = Path(__file__).parent.parent / "web"
_HTMX = Path(js_lib_htmx.__file__).parent / "static" / "htmx"

_PAGES = (
    pages,
    library_pages,
    places_page,
    news_pages,
    path_pages,
    conversation_pages,
    feedback_pages,
    briefing_reading,
    briefing_pages,
    kept_page,
    contribution_pages,
    peers_pages,
    introductions,
    box_pages,
)


class _Revalidated(StaticFiles):
    """Static files that a browser keeps but asks about, so that an upgrade is seen at once."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401
        """Add the caching rule."""
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response


def create_app() -> FastAPI:
    """Make the application by the settings; it loads the index in the background once it runs."""
    # Here, for each worker is a process of its own that begins with this.
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("mcp").setLevel(logging.WARNING)  # it tells of every call
    settings = Settings()
    return assemble(holder_for(settings), settings.home, settings=settings)


def assemble(
    holder: Holder,
    home: Path,
    passwords: Passwords | None = None,
    *,
    settings: Settings | None = None,
    rebuilds: Rebuilds | None = None,
) -> FastAPI:
    """Make the application.

    Args:
        holder: Holds what answers.
        home: Folder of what people leave behind, and of what staff keep for the pages.
        passwords: How passwords of the staff are hashed, if otherwise than they should be.
        settings: What else is set; by default as the environment has it, for this folder.
        rebuilds: Starts rebuilds of the index, if otherwise than it should be.

    Raises:
        UnguardedError: A route of the desk does not state whom it is for.
    """
    settings = settings or Settings(home=home)
    open_store = cache(lambda: Store(home / STORE))

    server = mail_server(settings)
    assistants = Endpoint(holder.current, settings.address)
    counter = Counter(home / COUNTS)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        holder.start()
        app.state.spool.collect(time.time())
        sender = Sender(server, open_store, home) if server else None
        if sender:
            sender.start()
        at_once = settings.rate_limit > 0
        async with assistants.running(), counting(counter, at_once=at_once):
            yield
        if sender:
            sender.stop()
        holder.stop()
        if open_store.cache_info().currsize:
            open_store().close()

    app = Application(
        settings.origins,
        title="Diwan",
        version=metadata.version("diwan"),
        summary="Passages of case studies that answer a question, ranked and cited.",
        lifespan=lifespan,
        routes=[assistants.route],
        max_body_size=_LARGEST_BODY,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.holder = holder
    app.state.open_store = open_store
    app.state.directories = Directories()
    app.state.reading_paths = KeptFile(
        [BUNDLED_PATHS, home / OWN_PATHS], load_reading_paths, ReadingPathsError
    )
    # The bundled questions are answered by the bundled case studies.
    app.state.starting_questions = KeptFile(
        [*([BUNDLED_QUESTIONS] if settings.bundled else []), home / OWN_QUESTIONS],
        load_starting_questions,
        StartingQuestionsError,
    )
    limit_requests(app, counter, settings.rate_limit, open_store)
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.proxy_list)
    problems.install(app, pages.explain)
    app.include_router(api_router, dependencies=[Depends(may_search)])
    app.include_router(api_contributions.router)
    app.include_router(api_page.router, include_in_schema=False)
    app.include_router(references.router)
    app.include_router(open_library.router)
    for each in _PAGES:
        app.include_router(each.router, include_in_schema=False)
    app.state.retention_days = settings.retention_days
    app.state.address = settings.address
    app.state.mail_server = server
    desk.install(app, settings, passwords or Passwords(), rebuilds or Rebuilds(settings))
    app.mount("/static/vendor", _Revalidated(directory=_HTMX), name="vendor")
    app.mount("/static", _Revalidated(directory=WEB / "static"), name="static")
    return app
