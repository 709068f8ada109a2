"""`diwan serve`: the pages and the HTTP interface."""

import re
from typing import Annotated

import typer
import uvicorn

from server.settings import Settings
from server.terminal import errors

_SILENT = 120  # seconds until a worker is replaced; while it loads a model it says nothing
_ROOT_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+/?")
_GRACE = 10  # seconds; an answer takes a fraction of one


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that answer; each takes some 600 MB.")
    ] = 1,
    root_path: Annotated[
        str,
        typer.Option(
            help="Path below which a proxy publishes the site and which it strips, such as /diwan."
        ),
    ] = "",
) -> None:
    """Serve the pages and the HTTP interface."""
    if root_path and not _ROOT_PATH.fullmatch(root_path):
        raise typer.BadParameter(
            "it begins with / and has letters, digits, - . _ ~ and / behind it, as /diwan",
            param_hint="--root-path",
        )
    Settings()  # what cannot be used is said here, in a sentence
    errors.print(f"Diwan answers on http://{host}:{port}", markup=False)
    uvicorn.run(
        "server.app:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        root_path=root_path.rstrip("/"),
        access_log=False,  # it would keep what people ask
        log_config=None,
        proxy_headers=False,  # the application believes those of DIWAN_PROXIES, and no others
        timeout_worker_healthcheck=_SILENT,
        timeout_graceful_shutdown=_GRACE,  # a page that watches a rebuild would hold it up
    )
