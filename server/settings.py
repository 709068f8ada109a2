"""Every setting of Diwan, read from environment variables with the prefix `DIWAN_`."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from corpus.glossary import BUNDLED_GLOSSARY, OWN_GLOSSARY
from corpus.library import BUNDLED


class Settings(BaseSettings):
    """The settings; the description of each is its documentation."""

    model_config = SettingsConfigDict(env_prefix="DIWAN_", frozen=True)

    home: Path = Field(
        default=Path("var"),
        description="Folder of the hub's own documents (library/) and terms (glossary.toml), of"
        " what was refused (refused/) and removed (removed/, removed.json), and of the index"
        " (generations/, vectors/).",
    )
    model: str = Field(
        default="",
        description="A sentence-transformers model name or folder; empty for the bundled"
        " multilingual model.",
    )
    bundled: bool = Field(
        default=True,
        description="Whether the bundled case studies are part of the library.",
    )

    @property
    def library_folders(self) -> list[Path]:
        """Folders that documents are read from; later ones win."""
        own = self.home / "library"
        return [BUNDLED, own] if self.bundled else [own]

    @property
    def glossary_files(self) -> list[Path]:
        """Files that the glossary is read from; later ones win."""
        return [BUNDLED_GLOSSARY, self.home / OWN_GLOSSARY]

    @property
    def generations_folder(self) -> Path:
        """Folder of the index generations."""
        return self.home / "generations"
