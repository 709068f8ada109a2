"""`diwan status`: what the library holds, and what serves."""

from index.parameters import up_to_date
from server.generations import manifest_as_json
from server.opening import open_library, open_publication
from server.settings import Settings
from server.terminal import AsJson, print_json


def status(as_json: AsJson = False) -> None:
    """Say what the library holds and whether the index is up to date with it."""
    settings = Settings()
    library = open_library(settings)
    publication = open_publication(settings)
    manifest = publication.serving()
    current = up_to_date(manifest, library, settings.model)
    facts = {
        "library": {
            "case_studies": library.case_studies(),
            "renderings": library.renderings(),
            "countries": library.countries(),
            "pillars": library.pillars(),
        },
        "generation": manifest_as_json(manifest) if manifest else None,
        "up_to_date": current,
    }
    if as_json:
        print_json(facts)
        return
    renderings = ", ".join(f"{count} in {lang}" for lang, count in library.renderings().items())
    print(
        f"Library: {library.case_studies()} case studies from {library.countries()} countries"
        f" ({renderings})."
    )
    print("Pillars: " + ", ".join(f"{name} {count}" for name, count in library.pillars().items()))
    if manifest is None:
        print("Index: none yet; build it with `diwan rebuild`.")
    else:
        print(f"Index: generation {manifest.id}, {manifest.passages} passages, {manifest.model}.")
        print("It is up to date." if current else "It is out of date; run `diwan rebuild`.")
