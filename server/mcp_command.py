"""`diwan mcp`: the protocol for assistants over standard input and output."""

import logging
from collections.abc import Callable
from functools import partial

import anyio
from mcp.server.stdio import stdio_server

from index.manifest import GenerationError
from server.assistants.protocol import assistants_server
from server.opening import open_publication
from server.service import Service
from server.service_opening import holder_for
from server.settings import Settings

_PATIENCE = 120.0  # seconds that a call waits for the index and its model


def mcp() -> None:
    """Answer an assistant over standard input and output (Model Context Protocol).

    An assistant starts this itself; docs/assistants.md says how to tell it. Links lead to
    DIWAN_ADDRESS, or to http://127.0.0.1:8000 where that is not set. A rebuild is taken up while
    it runs.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    settings = Settings()
    if open_publication(settings).token() is None:
        raise GenerationError("There is no index yet; build it with `diwan rebuild`.")
    holder = holder_for(settings)
    holder.start()
    try:
        anyio.run(_serve, partial(holder.wait, _PATIENCE), settings.site)
    finally:
        holder.stop()


async def _serve(current: Callable[[], Service], site: str) -> None:
    server = assistants_server(current, lambda _request: site)
    # What else prints goes to standard error as long as this lasts.
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())
