"""What a build depends on, and whether any of it has changed since."""

from collections.abc import Mapping
from importlib import metadata

from corpus.library import Library
from index.manifest import Manifest
from index.model_files import model_identity
from index.passages import LONGEST, SHORTEST

# Lucene's default for b, and a k1 within the usual 1.2 to 2. Both are written into the manifest.
K1 = 1.5
B = 0.75

PARAMETERS: Mapping[str, float | str] = {
    "diwan": metadata.version("diwan"),  # the analysis of a question must be that of the passages
    "bm25.k1": K1,
    "bm25.b": B,
    "passage.longest": LONGEST,
    "passage.shortest": SHORTEST,
}
"""What a build depends on, next to the library and the encoder."""


def up_to_date(manifest: Manifest | None, library: Library, model: str) -> bool:
    """Whether a generation was built from this library by this model and by this program.

    Args:
        manifest: Of the generation, or None where there is none.
        library: As it is now.
        model: As the setting names it.
    """
    return (
        manifest is not None
        and manifest.library == library.state
        and manifest.parameters == PARAMETERS
        and (manifest.model, manifest.revision) == model_identity(model)
    )
