"""Opens what the settings name: the library, the generations, the gold questions."""

from corpus.gold import GoldQuestion, load_all_gold
from corpus.ingest import clear_leftovers
from corpus.library import Library, load_library
from corpus.removed import Removed
from index.publication import Publication
from server.settings import Settings


def open_library(settings: Settings) -> Library:
    """Read and check the library; see `corpus.library.load_library`."""
    clear_leftovers(settings.home)
    return load_library(settings.library_folders, settings.glossary_files, Removed(settings.home))


def open_publication(settings: Settings) -> Publication:
    """The folder of generations."""
    return Publication(settings.generations_folder)


def open_gold(settings: Settings) -> tuple[GoldQuestion, ...]:
    """Read the gold questions; see `corpus.gold.load_all_gold`."""
    return load_all_gold(settings.gold_files)
