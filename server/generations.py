"""The commands that list the generations of the index, and go back to one."""

from typing import Annotated, Any

import typer

from index.manifest import Manifest
from index.publication import Kept, Publication
from server.opening import open_publication
from server.settings import Settings
from server.terminal import AsJson, errors, print_json


def generations(as_json: AsJson = False) -> None:
    """List the generations that are kept, the newest first."""
    publication = open_publication(Settings())
    serving = publication.serving()
    listed = [_listed(kept, publication, serving) for kept in publication.kept()]
    if as_json:
        print_json(listed)
        return
    if not listed:
        print("There is no generation yet; build one with `diwan rebuild`.")
    for entry in listed:
        marks = [mark for mark in ("published", "refused") if entry[mark]]
        marks += [entry["problem"]] if entry["problem"] else []
        print(
            f"{entry['id']}  {entry['created'] or '?':25}  {entry['passages'] or '?'} passages"
            + (f"  ({'; '.join(marks)})" if marks else "")
        )


def rollback(
    generation: Annotated[
        str | None, typer.Argument(help="Which; the one published before this one if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Let an earlier generation serve again; running servers take it up at once.

    It serves until the next rebuild: put the documents right before that. `make run` rebuilds,
    too.
    """
    manifest, problems = open_publication(Settings()).rollback(generation)
    for problem in problems:
        errors.print(f"diwan: passed over: {problem}", markup=False)
    if as_json:
        print_json({"generation": manifest_as_json(manifest)})
        return
    print(
        f"Generation {manifest.id} of {manifest.created} serves now, until the next rebuild:"
        " put the documents right before you run one."
    )


def manifest_as_json(manifest: Manifest) -> dict[str, Any]:
    """What people want to know of a generation."""
    return {
        "id": manifest.id,
        "passages": manifest.passages,
        "sentences": manifest.sentences,
        "documents": manifest.cases,
        "model": manifest.model,
        "revision": manifest.revision,
        "created": manifest.created,
    }


def _listed(kept: Kept, publication: Publication, serving: Manifest | None) -> dict[str, Any]:
    manifest = kept.manifest
    report = publication.report_of(kept.id)
    return {
        "id": kept.id,
        "path": str(kept.path),
        "created": manifest and manifest.created,
        "published": serving is not None and kept.id == serving.id and not kept.refused,
        "passages": manifest and manifest.passages,
        "refused": kept.refused,
        "report": str(report) if kept.refused and report.exists() else None,
        "problem": kept.problem,
    }
