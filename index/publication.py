"""The generations folder: which generations there are, which one serves, publishing and undo."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from corpus.atomic import write_atomically
from index.generation import (
    Generation,
    GenerationError,
    Manifest,
    load_generation,
    read_manifest,
    write_generation,
)

_POINTER = "published.json"
_ASIDE = ".building-"


@dataclass(frozen=True, slots=True)
class Publication:
    """The generations below one folder.

    A generation is written aside under a hidden name, renamed into place, and then published by
    replacing one small file; a reader sees the one before or the one after, never a mixture.
    """

    folder: Path

    def published_id(self) -> str | None:
        """Name of the generation that serves, or None before the first one."""
        folder = self.published()
        return None if folder is None else folder.name

    def published(self) -> Path | None:
        """Folder of the generation that serves, or None before the first one."""
        try:
            pointer = json.loads((self.folder / _POINTER).read_bytes())
            return self.folder / str(pointer["generation"])
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError) as error:
            raise GenerationError(
                f"{self.folder / _POINTER} cannot be read; `diwan rebuild` writes it anew."
            ) from error

    def manifest(self) -> Manifest | None:
        """Manifest of the generation that serves, or None before the first one.

        Raises:
            GenerationError: It is damaged.
        """
        folder = self.published()
        return None if folder is None else read_manifest(folder)

    def load(self) -> Generation:
        """Open the generation that serves.

        Raises:
            GenerationError: There is none, or it is damaged.
        """
        folder = self.published()
        if folder is None:
            raise GenerationError("There is no index yet; build it with `diwan rebuild`.")
        return load_generation(folder)

    def publish(self, generation: Generation) -> Manifest:
        """Write a generation, check it by reading it back, and let it serve.

        Returns:
            Its manifest.

        Raises:
            GenerationError: What was written could not be read back.
            OSError: The disk does not take it. What served before still does.
        """
        aside = self.folder / f"{_ASIDE}{generation.id}"
        try:
            write_generation(generation, aside)
            manifest = load_generation(aside).manifest
            aside.rename(self.folder / generation.id)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise
        self._point_to(generation.id)
        return manifest

    def _point_to(self, generation_id: str) -> None:
        pointer = json.dumps({"generation": generation_id})
        write_atomically(self.folder / _POINTER, pointer)
