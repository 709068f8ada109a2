"""A server that a browser asks, and pages that complain of what a visitor should never meet."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve an application on a free port of the loopback interface: its address."""
    listening = socket.create_server(("127.0.0.1", 0))  # holds what comes before it is served
    config = uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@contextmanager
def watched(browser: Browser, address: str, **options: Any) -> Iterator[Page]:  # noqa: ANN401
    """A page of its own; a fault, a missing file or a foreign address fails the test.

    Args:
        browser: The browser.
        address: Of the server that it may ask.
        options: Of the browser's context, as its locale.
    """
    context = browser.new_context(base_url=address, **options)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "response",
        lambda got: complaints.append(got.url) if got.status in (404, 500) else None,
    )
    page.on(
        "request",
        lambda asked: None if asked.url.startswith(address) else complaints.append(asked.url),
    )
    page.on(
        "console",
        lambda said: complaints.append(said.text) if "Content Security" in said.text else None,
    )
    yield page
    context.close()
    assert complaints == []
