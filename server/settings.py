"""Every setting of Diwan, read from environment variables with the prefix `DIWAN_`."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from corpus.glossary import BUNDLED_GLOSSARY, OWN_GLOSSARY
from corpus.gold import BUNDLED_GOLD, OWN_GOLD
from corpus.library import BUNDLED
from corpus.reading_paths import BUNDLED_PATHS, OWN_PATHS
from corpus.starting_questions import BUNDLED_QUESTIONS, OWN_QUESTIONS

USUAL_RETENTION = 365  # days


class Settings(BaseSettings):
    """The settings; the description of each is its documentation."""

    model_config = SettingsConfigDict(env_prefix="DIWAN_", frozen=True)

    home: Path = Field(
        default=Path("var"),
        description="Folder of the hub's own documents (library/), terms (glossary.toml), gold"
        " questions (gold.toml), reading paths (reading_paths.toml) and questions to start from"
        " (starting_questions.toml), of earlier versions of case studies (history/), of what was"
        " refused (refused/) and removed (removed/, removed.json), of what people leave behind"
        " (diwan.sqlite), and of the index (generations/, vectors/).",
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

    kept_generations: int = Field(
        default=5,
        ge=1,
        description="How many generations of the index are kept, the one that serves among them;"
        " older ones are thrown away by a rebuild, but never one that is in use.",
    )
    gate_tolerance: float = Field(
        default=0.02,
        ge=0,
        le=1,
        description="By how much the share of gold questions that are answered right may fall, in"
        " any language, before a new generation is kept aside; 1 publishes whatever is built.",
    )

    retention_days: int = Field(
        default=USUAL_RETENTION,
        ge=1,
        le=36_500,
        description="For how many days conversations, briefings, questions and feedback are kept;"
        " `diwan forget` deletes what is older.",
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
    def gold_files(self) -> list[Path]:
        """Files that gold questions are read from; later ones win."""
        own = self.home / OWN_GOLD
        return [BUNDLED_GOLD, own] if self.bundled else [own]

    @property
    def path_files(self) -> list[Path]:
        """Files that reading paths are read from; later ones win."""
        return [BUNDLED_PATHS, self.home / OWN_PATHS]

    @property
    def starting_question_files(self) -> list[Path]:
        """Files that questions to start from are read from; those of later ones stand first."""
        own = self.home / OWN_QUESTIONS
        return [BUNDLED_QUESTIONS, own] if self.bundled else [own]

    @property
    def generations_folder(self) -> Path:
        """Folder of the index generations."""
        return self.home / "generations"
