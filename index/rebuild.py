"""Build and publish, if anything has changed since the last time."""

from dataclasses import dataclass

from corpus.library import Library
from index.build import Progress, build_generation
from index.encoder import load_encoder, model_identity
from index.generation import GenerationError, Manifest
from index.publication import Publication
from index.vector_cache import CachedEncoder


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did.

    Attributes:
        manifest: Of the generation that serves now.
        published: Whether it is a new one; False where the one that served was up to date.
    """

    manifest: Manifest
    published: bool


def up_to_date(manifest: Manifest | None, library: Library, model: str) -> bool:
    """Whether a generation was built from this library by this model.

    Args:
        manifest: Of the generation, or None where there is none.
        library: As it is now.
        model: As the setting names it.
    """
    return (
        manifest is not None
        and manifest.library == library.state
        and (manifest.model, manifest.revision) == model_identity(model)
    )


def rebuild(
    library: Library,
    publication: Publication,
    model: str,
    *,
    full: bool = False,
    progress: Progress | None = None,
) -> Rebuilt:
    """Bring the published generation up to date with the library.

    Args:
        library: What to index.
        publication: Where generations live.
        model: As the setting names it; loaded only if something has to be encoded.
        full: Build everything again, kept vectors included, even if nothing has changed.
        progress: Told how far it is.

    Raises:
        EmptyLibraryError: There is nothing to index; what served before still does.
        EncoderError: The model cannot be loaded.
        OSError: The disk does not take the generation.
    """
    published = sound_manifest(publication)
    if published and not full and up_to_date(published, library, model):
        return Rebuilt(published, published=False)
    encoder = CachedEncoder(load_encoder(model), publication.folder.with_name("vectors"))
    if full:
        encoder.path.unlink(missing_ok=True)
    generation = build_generation(library, encoder, progress)
    return Rebuilt(publication.publish(generation), published=True)


def sound_manifest(publication: Publication) -> Manifest | None:
    """Manifest of the published generation if it can be opened, None otherwise."""
    try:
        return publication.load().manifest
    except GenerationError:
        return None
