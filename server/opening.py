"""Opens what the settings name: the library, the generations, the service, the gold questions."""

from corpus.gold import GoldQuestion, load_all_gold
from corpus.ingest import clear_leftovers
from corpus.library import BUNDLED, Library, load_library
from corpus.removed import Removed
from index.publication import Publication
from index.rebuild import Standards
from server.service import Service
from server.settings import Settings


def open_library(settings: Settings) -> Library:
    """Read and check the library; see `corpus.library.load_library`."""
    clear_leftovers(settings.home)
    return load_library(settings.library_folders, settings.glossary_files, Removed(settings.home))


def open_publication(settings: Settings) -> Publication:
    """The folder of generations."""
    return Publication(settings.generations_folder)


def open_service(settings: Settings) -> Service:
    """Open the generation that serves, with its model; see `Service.load`."""
    removed = Removed(settings.home)
    return Service.load(open_publication(settings), settings.model, removed=removed)


def open_gold(settings: Settings) -> tuple[GoldQuestion, ...]:
    """Read the gold questions; see `corpus.gold.load_all_gold`."""
    return load_all_gold(settings.gold_files)


def open_standards(settings: Settings) -> Standards:
    """What a new generation must come up to."""
    bundled = () if settings.bundled else load_library([BUNDLED], ()).cases
    return Standards(
        gold=open_gold(settings),
        allowed=settings.gate_tolerance,
        left_out=Removed(settings.home).ids() | {case.id for case in bundled},
        keep=settings.kept_generations,
    )
