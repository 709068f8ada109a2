"""`diwan paths`: the reading paths, and the steps of them that lead nowhere."""

from typing import Any

import typer

from corpus.reading_paths import BUNDLED_PATHS, ReadingPath, load_reading_paths
from corpus.removed import Removed
from index.generation import Generation
from server.opening import open_publication
from server.reading_paths import lost_steps
from server.settings import Settings
from server.terminal import AsJson, CannotError, errors, print_json


def paths(as_json: AsJson = False) -> None:
    """List the reading paths, with every step that leads nowhere, and why.

    Ends with status 1 if one of the hub's own does, or if the hub's file cannot be used.
    """
    settings = Settings()
    found = load_reading_paths(settings.path_files)
    opened = open_publication(settings).open()
    if opened.problem:
        errors.print(f"diwan: {opened.problem}", markup=False)
    withheld = Removed(settings.home).withheld(opened.generation.manifest.returned)
    listed = [_listed(path, opened.generation, withheld) for path in found]
    if as_json:
        print_json(listed)
    else:
        for entry in listed:
            _print(entry)
    lost = sum(len(entry["lost"]) for entry in listed if entry["own"])
    if lost:
        raise CannotError(
            f"{lost} of the steps in {settings.path_files[-1]} lead nowhere and are not shown."
            " Put them right, or take them out; the page follows at once."
        )


def _listed(path: ReadingPath, generation: Generation, withheld: frozenset[str]) -> dict[str, Any]:
    lost = lost_steps(path, generation, withheld)
    return {
        "id": path.id,
        "pillar": path.pillar,
        "own": path.file != BUNDLED_PATHS,
        "steps": len(path.steps),
        "lost": [
            {"step": number, "case": path.steps[number - 1].case, "why": why}
            for number, why in lost.items()
        ],
    }


def _print(entry: dict[str, Any]) -> None:
    steps = f"{entry['steps']} step{'' if entry['steps'] == 1 else 's'}"
    about = ", ".join((entry["pillar"] or "no pillar", "own" if entry["own"] else "bundled", steps))
    typer.echo(f"{entry['id']}  ({about})")
    if not entry["own"] and len(entry["lost"]) == entry["steps"]:
        typer.echo("  not shown: the library holds none of its passages")
        return
    for lost in entry["lost"]:
        typer.echo(f"  step {lost['step']} leads nowhere: {lost['why']}")
