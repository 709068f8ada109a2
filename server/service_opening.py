"""Opens what answers questions: the generation that serves, with its model."""

from corpus.removed import Removed
from index.encoder import Encoder
from server.holder import Holder
from server.opening import open_publication
from server.service import Service
from server.settings import Settings
from server.terminal import errors


def open_service(settings: Settings) -> Service:
    """Open the generation that serves; say on standard error why it is not the latest, if so.

    Raises:
        GenerationError: There is no sound generation, or another model built it.
        EncoderError: The model cannot be loaded.
    """
    removed = Removed(settings.home)
    service = Service.load(open_publication(settings), settings.model, removed=removed)
    if service.problem:
        errors.print(f"diwan: {service.problem}", markup=False)
        errors.print(f"diwan: answering from {service.generation.id} instead.", markup=False)
    return service


def holder_for(settings: Settings) -> Holder:
    """Make a holder that follows the generations folder of the settings."""
    publication = open_publication(settings)
    encoder: Encoder | None = None

    def load() -> Service:
        nonlocal encoder
        service = Service.load(publication, settings.model, encoder, Removed(settings.home))
        encoder = service.encoder
        return service

    return Holder(load, publication.token)
