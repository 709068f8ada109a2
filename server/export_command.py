"""`diwan export`: the whole library as a file."""

from pathlib import Path
from typing import Annotated

import typer

from corpus.atomic import write_atomically
from corpus.removed import Removed
from server.open_library.lines import library_lines
from server.opening import open_publication
from server.settings import Settings
from server.terminal import errors


def export(file: Annotated[Path, typer.Argument(help="The file to write.")]) -> None:
    """Write the whole library into a file: JSON, a rendering on each line.

    It is what the address /export/library.jsonl gives. Links lead to DIWAN_ADDRESS, or to
    http://127.0.0.1:8000 where that is not set.
    """
    settings = Settings()
    opened = open_publication(settings).open()
    if opened.problem:
        errors.print(f"diwan: {opened.problem}", markup=False)
    generation = opened.generation
    withheld = Removed(settings.home).withheld(generation.manifest.returned)
    written = list(library_lines(generation, withheld, settings.site))
    write_atomically(file, "".join(written))
    print(f"{len(written) - 1} renderings of {generation.id} are in {file}.")
