"""The recipes of docs/recipes.md, as they stand there."""

import re
import textwrap
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import Any

from conftest import ROOT

DOCUMENT = (ROOT / "docs" / "recipes.md").read_text("utf-8")
ADDRESS = "http://127.0.0.1:8000"
BEGIN = "An afternoon, from nothing to answers on your page"
FOLLOW = "Follow what changed"
PAGE = "Show answers on a page"
_FENCED = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Recipe:
    """A block of the document.

    Attributes:
        title: Of the section that it stands in.
        language: `sh`, `python`, `js` or `html`.
        text: As it stands there.
    """

    title: str
    language: str
    text: str

    def at(self, address: str) -> str:
        """The text, for a hub at another address."""
        return self.text.replace(ADDRESS, address)


def _recipes() -> Iterator[Recipe]:
    for section in DOCUMENT.split("\n## ")[1:]:
        title, _, rest = section.partition("\n")
        for indent, language, text in _FENCED.findall(rest):
            yield Recipe(title, language, textwrap.dedent(text) if indent else text)


RECIPES = tuple(_recipes())


def recipe(title: str, language: str) -> Recipe:
    (found,) = (each for each in RECIPES if (each.title, each.language) == (title, language))
    return found


def titles(language: str) -> list[str]:
    return [each.title for each in RECIPES if each.language == language]


def printed_by_python(title: str, address: str, *, begin: bool = True) -> str:
    """What a recipe in Python prints.

    Args:
        title: Of its section.
        address: Of the hub that it asks.
        begin: Whether it goes on from the first block, as most do.
    """
    names: dict[str, Any] = {}
    if begin:
        with redirect_stdout(StringIO()):
            exec(recipe(BEGIN, "python").at(address), names)  # noqa: S102 - it is ours
    try:
        with redirect_stdout(StringIO()) as printed:
            exec(recipe(title, "python").at(address), names)  # noqa: S102 - it is ours
    finally:
        if "hub" in names:
            names["hub"].close()
    return printed.getvalue()
