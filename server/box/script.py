"""The script that other sites load: the box, with its texts and its styles put in."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from index.question import LONGEST
from server.box.texts import texts
from server.entity_tag import entity_tag
from server.i18n import INTERFACE_LANGUAGES, interface

_SOURCES = Path(__file__).parent.parent.parent / "web" / "box"


@dataclass(frozen=True, slots=True)
class Script:
    """What is served.

    Attributes:
        content: JavaScript in UTF-8.
        tag: Its entity tag.
    """

    content: bytes
    tag: str


@cache
def box_script() -> Script:
    """Put the script together; the same for everybody, for as long as the server runs."""
    said = [texts(interface(language)) for language in INTERFACE_LANGUAGES]
    given = (
        INTERFACE_LANGUAGES,
        {name: [each[name] for each in said] for name in said[0]},
        " ".join((_SOURCES / "box.css").read_text("utf-8").split()),
        LONGEST,
    )
    values = ", ".join(
        json.dumps(value, ensure_ascii=False, separators=(",", ":")) for value in given
    )
    # A function, so that nothing of it is a name in the page.
    source = (_SOURCES / "box.js").read_text("utf-8")
    content = f"((LANGUAGES, TEXTS, STYLE, LONGEST) => {{\n{source}}})({values});\n".encode()
    return Script(content, entity_tag(content))
