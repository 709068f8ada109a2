"""How fast a library of some size is encoded, built, and built again after a change."""

import resource
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import perf_counter

from corpus.library import Library
from index.bench_library import Material, change_library, make_library
from index.bench_vectors import PerturbingEncoder
from index.build import Progress, build_generation
from index.collecting import collect
from index.encoder import Encoder, load_encoder
from index.manifest import Manifest
from index.passages import split_passages
from index.publication import Publication
from index.rebuild import Rebuilder, Standards
from index.signals import encoded_text
from index.soundness import check_vectors
from index.vector_cache import CachedEncoder

CHANGED = 0.01  # of the passages, between the two rebuilds
MEGABYTE = 1_000_000

_TIMED = 512  # sentences of each language, and passages, that are encoded for the rate
_KILOBYTE = 1 if sys.platform == "darwin" else 1024  # bytes that the system counts memory in


@dataclass(frozen=True, slots=True)
class Plan:
    """What is built, and where.

    Attributes:
        passages: How many the library has.
        folder: An empty folder, which becomes a hub's.
        model: As the setting names it.
        encode_at_most: How many whole passages are encoded; the vectors of all others are made
            up, as `PerturbingEncoder` says. None for every one.
    """

    passages: int
    folder: Path
    model: str = ""
    encode_at_most: int | None = None

    @property
    def publication(self) -> Publication:
        """Where the generations are."""
        return Publication(self.folder / "generations")


@dataclass(frozen=True, slots=True)
class Built:
    """What the rebuilds took.

    Attributes:
        manifest: Of the generation that serves now.
        by_language: Sentences that were encoded in a second, by language.
        sentences_per_s: The same, of all of them together.
        passages_per_s: Whole passages that were encoded in a second.
        rebuild_s: Seconds of the rebuild from nothing, the model's loading included.
        update_s: Seconds of the rebuild after a hundredth had changed, likewise.
        changed: Passages that had changed.
        peak_mb: The most memory that the process had resident.
        disk_mb: Size of the generation on disk.
        cache_mb: Size of the vectors' cache.
        perturbed: Vectors of the rebuild from nothing that were made up.
    """

    manifest: Manifest
    by_language: dict[str, float]
    sentences_per_s: float
    passages_per_s: float
    rebuild_s: float
    update_s: float
    changed: int
    peak_mb: float
    disk_mb: float
    cache_mb: float
    perturbed: int


def measure_build(progress: Progress, material: Material, plan: Plan) -> Built:
    """Encode, build from nothing, change a hundredth of the passages, and build again.

    The library is made in memory: no file of a document is read. There are no gold questions about
    it; nothing else of a rebuild is left out.

    Raises:
        EncoderError: The model cannot be loaded.
        GenerationError: What was written cannot be read back as it was.
        OSError: The disk does not take it.
    """
    progress("library", 0, 1)
    library = make_library(material, plan.passages)
    progress("library", 1, 1)
    by_language, together, whole = _rates(load_encoder(plan.model), material, library, progress)
    changed = max(1, round(CHANGED * plan.passages))
    rebuild, perturbed = _by_the_command(plan) if plan.encode_at_most is None else _made_up(plan)
    began = perf_counter()
    rebuild(library, _named("rebuild", progress))
    rebuild_s, made_up = perf_counter() - began, perturbed()
    library = change_library(library, material, changed)
    began = perf_counter()
    manifest = rebuild(library, _named("update", progress))
    update_s = perf_counter() - began
    return Built(
        manifest=manifest,
        by_language=by_language,
        sentences_per_s=together,
        passages_per_s=whole,
        rebuild_s=rebuild_s,
        update_s=update_s,
        changed=changed,
        peak_mb=_KILOBYTE * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE,
        disk_mb=megabytes(plan.publication.folder / manifest.id),
        cache_mb=megabytes(plan.publication.vectors),
        perturbed=made_up,
    )


def megabytes(folder: Path) -> float:
    """Size of all files below a folder, in millions of bytes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / MEGABYTE


_Rebuild = Callable[[Library, Progress], Manifest]


def _by_the_command(plan: Plan) -> tuple[_Rebuild, Callable[[], int]]:
    """A rebuild as `diwan rebuild` does it, and how many vectors were made up: none."""

    def rebuild(library: Library, progress: Progress) -> Manifest:
        rebuilder = Rebuilder(plan.publication, plan.model, Standards(keep=1), progress)
        return rebuilder.rebuild(lambda: library).manifest

    return rebuild, lambda: 0


def _made_up(plan: Plan) -> tuple[_Rebuild, Callable[[], int]]:
    """A rebuild with vectors that are made up, and how many they were so far."""
    perturbed = 0

    def rebuild(library: Library, progress: Progress) -> Manifest:
        nonlocal perturbed
        publication, encoder = plan.publication, load_encoder(plan.model)
        cached = CachedEncoder(encoder, publication.vectors)
        made_up = PerturbingEncoder(cached, plan.encode_at_most or 0, plan.folder)
        with publication.building():
            built = build_generation(library, made_up, progress, publication.chronicle())
            written = publication.write(built, lambda found: check_vectors(found, encoder))
            publication.publish(written.id)
            collect(publication, keep=1)
        perturbed += made_up.perturbed
        return written.manifest

    return rebuild, lambda: perturbed


def _rates(
    encoder: Encoder, material: Material, library: Library, progress: Progress
) -> tuple[dict[str, float], float, float]:
    """Texts that are encoded in a second: sentences by language and together, and passages."""
    by_language: dict[str, float] = {}
    count = taken = 0.0
    languages = len(material.sentences)
    for done, (language, sentences) in enumerate(material.sentences.items(), start=1):
        some = sentences[:_TIMED]
        seconds = _seconds(encoder, some)
        by_language[language] = len(some) / seconds
        count, taken = count + len(some), taken + seconds
        progress("encoding rate", done, languages + 1)
    passages = (
        encoded_text(case, passage) for case in library.cases for passage in split_passages(case)
    )
    texts = list(islice(passages, _TIMED))
    whole = len(texts) / _seconds(encoder, texts)
    progress("encoding rate", languages + 1, languages + 1)
    return by_language, count / taken, whole


def _seconds(encoder: Encoder, texts: Sequence[str]) -> float:
    began = perf_counter()
    encoder.encode_passages(texts)
    return perf_counter() - began


def _named(name: str, progress: Progress) -> Progress:
    """Tell which of the two rebuilds a step belongs to."""
    return lambda step, done, total: progress(f"{name}: {step}", done, total)
