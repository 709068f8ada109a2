"""The header by which a request that is sent again is known.

Source: draft-ietf-httpapi-idempotency-key-header-07.
"""

import re
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from pydantic.config import JsonDict

NAME = "Idempotency-Key"
_LONGEST = 255
_QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')  # RFC 9651, 3.3.3
_BARE = re.compile(r"[!#-+\--~]+")

PARAMETER: JsonDict = {
    "name": NAME,
    "in": "header",
    "required": True,
    "description": "What you make up for this request, say a UUID, and send again with it: a"
    " string in quotation marks, or without them.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": _LONGEST,
        "pattern": r"^[!#-+\--~]+$",
    },
    "example": "8e03978e-40d5-43e8-bc93-6894a57f9324",
}
"""The header, for the description."""


def get_idempotency_key(request: Request) -> str:
    """The idempotency key of a request, without its quotation marks.

    Raises:
        HTTPException: Status 400; there is none, or it cannot be one.
    """
    shown = request.headers.getlist(NAME)
    if not shown:
        raise HTTPException(
            HTTPStatus.BAD_REQUEST,
            f"This needs the header {NAME}: make up a value for each practice, say a UUID, and send"
            " the same one whenever you send the same practice again. So it comes in once, even if"
            " an answer was lost.",
        )
    quoted = _QUOTED.fullmatch(shown[0])
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else shown[0]
    well_formed = quoted or _BARE.fullmatch(key)
    if len(shown) > 1 or not well_formed or not 1 <= len(key) <= _LONGEST:
        raise HTTPException(
            HTTPStatus.BAD_REQUEST,
            f"The header {NAME} holds one string of 1 to {_LONGEST} characters of ASCII.",
        )
    return key


IdempotencyKey = Annotated[str, Depends(get_idempotency_key)]
