"""A letter that is to go out, and what can be an e-mail address."""

import re
from dataclasses import dataclass
from enum import StrEnum

LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1.3: 256 with the brackets around it
_LONGEST_LOCAL = 64  # RFC 5321, 4.5.3.1.1
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"  # RFC 5322, 3.2.3
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@(?P<domain>{_LABEL}(?:\.{_LABEL})+)")


class About(StrEnum):
    """What a letter is about: what the desk shows beside it, and what stays when it is sent."""

    REPLY = "reply"
    CONTRIBUTION = "contribution"
    INTRODUCTION = "introduction"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that is to go out.

    Attributes:
        to: One e-mail address; see `is_address`.
        subject: One line.
        text: Plain text.
        language: ISO 639-1 code of the language that it is written in.
        about: What it is about.
    """

    to: str
    subject: str
    text: str
    language: str
    about: About


def is_address(text: str) -> bool:
    """Whether a text can be one e-mail address, as people have them.

    What stands before the `@` is of ASCII letters, digits and the signs of RFC 5322; a domain in
    other letters is known by its ASCII form. Quoted names, comments and domains without a dot are
    none: they come of slips far more often than of people.
    """
    plain = in_ascii(text)
    found = _ADDRESS.fullmatch(plain) if plain and len(plain) <= LONGEST_ADDRESS else None
    return found is not None and len(found["local"]) <= _LONGEST_LOCAL


def in_ascii(address: str) -> str | None:
    """An address as mail servers write it, its domain in ASCII letters (IDNA).

    Returns:
        None where there is no such form.
    """
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}" if local.isascii() else None
    except UnicodeError:
        return None
