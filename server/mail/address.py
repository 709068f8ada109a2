"""Where the pages are, for links in letters."""

import re

from fastapi import Request

_HOST = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def site_address(request: Request) -> str | None:
    """The address of the start page, without a slash at its end.

    It is what `DIWAN_ADDRESS` says. Where that is not set it is what the request came to, which
    whoever sends a request can make up: a letter that a stranger has sent to somebody else should
    not depend on it, and a hub that sends letters should set `DIWAN_ADDRESS`.

    Returns:
        None where the request does not say it either.
    """
    said: str = request.app.state.address
    if said:
        return said
    if not _HOST.fullmatch(request.headers.get("Host", "")):
        return None
    return str(request.base_url).rstrip("/")
