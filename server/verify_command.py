"""`diwan verify`: whether what is kept is as it was written."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from index.encoder import Encoder, load_encoder, model_identity
from index.generation_files import load_generation
from index.manifest import GenerationError, Manifest
from index.publication import Publication
from index.soundness import check_vectors
from index.vector_cache import check_cache
from server.opening import open_publication
from server.settings import Settings
from server.terminal import AsJson, CannotError, print_json


def verify(
    generation: Annotated[
        str | None, typer.Argument(help="Which; every kept one and the vectors if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check that generations and kept vectors are as they were written."""
    settings = Settings()
    publication = open_publication(settings)
    kept = [each for each in publication.kept() if generation in (None, each.id)]
    if generation is not None and not kept:
        raise CannotError(
            f"There is no generation {generation}; `diwan generations` lists those that are kept."
        )
    found = [_verified(each.path, settings.model) for each in kept]
    caches = [] if generation else list(_verified_caches(publication))
    damaged = [entry for entry in (*found, *caches) if not entry["sound"]]
    pointer = publication.pointer().problem
    if as_json:
        document = {"generations": found, "vectors": caches, "pointer": pointer}
        print_json({"sound": not (damaged or pointer), **document})
    else:
        for entry in (*found, *caches):
            print(f"{entry['id']}: {'sound' if entry['sound'] else entry['problem']}")
    if damaged or pointer:
        raise CannotError(
            f"{len(damaged)} of {len(found) + len(caches)} are damaged."
            + (f" {pointer}" if pointer else "")
            + " What is sound goes on serving; `diwan rebuild --full` makes everything anew."
        )


def check_generation(folder: Path, encoder_for: Callable[[Manifest], Encoder | None]) -> str | None:
    """Say what is wrong with a generation; None where it is as it was written.

    Args:
        folder: The generation's.
        encoder_for: Gives the encoder that built it; None where that is not at hand, so that no
            sample of its vectors can be encoded again.
    """
    try:
        loaded = load_generation(folder)
        if encoder := encoder_for(loaded.manifest):
            check_vectors(loaded, encoder)
    except GenerationError as error:
        return str(error)
    return None


def _verified(folder: Path, model: str) -> dict[str, Any]:
    def encoder_for(manifest: Manifest) -> Encoder | None:
        built_by = manifest.model, manifest.revision
        return load_encoder(model) if built_by == model_identity(model) else None

    problem = check_generation(folder, encoder_for)
    return {"id": folder.name, "sound": problem is None, "problem": problem}


def _verified_caches(publication: Publication) -> Iterator[dict[str, Any]]:
    for path in sorted(publication.vectors.glob("*.sqlite")):
        count, problem = check_cache(path)
        yield {
            "id": f"vectors/{path.name}",
            "sound": problem is None,
            "vectors": count,
            "problem": problem,
        }
