"""Tells a program that what it holds is what there is, so that it need not be sent again."""

import hashlib

from fastapi import Request


def entity_tag(*known: object) -> str:
    """A weak entity tag; source: RFC 9110, 8.8.3.

    Args:
        known: Everything that a response depends on, with a `repr` that tells it apart.
    """
    return f'W/"{hashlib.sha256(repr(known).encode()).hexdigest()[:32]}"'


def is_held(request: Request, tag: str) -> bool:
    """Whether what a program holds is what there is; weak comparison, RFC 9110, 13.1.2."""
    header = request.headers.get("If-None-Match", "")
    held = {each.strip().removeprefix("W/") for each in header.split(",")}
    return "*" in held or tag.removeprefix("W/") in held
