"""Opens what answers a command's questions: the generation that serves, with its model."""

from corpus.removed import Removed
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
