"""The commands that make generations of the index, list them, check them and go back to one."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from corpus.library import Library
from index.encoder import Encoder, load_encoder, model_identity
from index.gate import Verdict, worse_as_json
from index.generation import GenerationError, Manifest
from index.generation_files import load_generation
from index.publication import Kept, Publication
from index.rebuild import Rebuilder, Rebuilt
from index.soundness import check_vectors
from index.vector_cache import check_cache
from server.opening import open_library, open_publication, open_standards
from server.rebuild_run import Telling, telling
from server.settings import Settings
from server.terminal import AsJson, CannotError, errors, print_json, progress_bar

_COURTESY = 10  # how far a rebuild steps back behind the server on the same machine
_SHOWN = 10  # questions that got worse; the report names them all


def rebuild(
    full: Annotated[bool, typer.Option(help="Build everything again and publish it.")] = False,
    force: Annotated[bool, typer.Option(help="Publish even if the answers are worse.")] = False,
    as_json: AsJson = False,
    by: Annotated[
        str | None, typer.Option(hidden=True, help="Who of the staff started it at the desk.")
    ] = None,
) -> None:
    """Bring the index up to date with the library, check it, and publish it.

    A build that answers the gold questions worse than the one that serves is kept aside; --force
    publishes it all the same. Whatever goes wrong, what serves goes on serving.
    """
    settings = Settings()
    with suppress(OSError):
        os.nice(_COURTESY)
    with telling(settings.home, by) as told:
        try:
            outcome = _rebuild(settings, told, full=full, force=force)
        except KeyboardInterrupt:
            raise CannotError(
                "Interrupted. What serves goes on serving; the next rebuild goes on from what has"
                " been encoded so far."
            ) from None
    if as_json:
        print_json(_rebuilt(outcome))
    else:
        _print_rebuilt(outcome)
    if outcome.refused:
        raise CannotError(
            f"Generation {outcome.refused.manifest.id} was not published, because it answers worse;"
            f" {outcome.manifest.id} goes on serving. The questions are in"
            f" {outcome.refused.report}. Put the documents right and rebuild, or publish it all the"
            " same with `diwan rebuild --force`."
        )
    if outcome.overtaken:
        raise CannotError(
            f"Generation {outcome.overtaken.id} was built but not published: while it was being"
            f" built, somebody published {outcome.manifest.id} or went back to it, and that goes on"
            f" serving. To have the new one serve: `diwan rollback {outcome.overtaken.id}`."
        )


def generations(as_json: AsJson = False) -> None:
    """List the generations that are kept, the newest first."""
    publication = open_publication(Settings())
    serving = publication.serving()
    listed = [_listed(kept, publication, serving) for kept in publication.kept()]
    if as_json:
        print_json(listed)
        return
    if not listed:
        print("There is no generation yet; build one with `diwan rebuild`.")
    for entry in listed:
        marks = [mark for mark in ("published", "refused") if entry[mark]]
        marks += [entry["problem"]] if entry["problem"] else []
        print(
            f"{entry['id']}  {entry['created'] or '?':25}  {entry['passages'] or '?'} passages"
            + (f"  ({'; '.join(marks)})" if marks else "")
        )


def rollback(
    generation: Annotated[
        str | None, typer.Argument(help="Which; the one published before this one if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Let an earlier generation serve again; running servers take it up at once.

    It serves until the next rebuild: put the documents right before that. `make run` rebuilds,
    too.
    """
    manifest, problems = open_publication(Settings()).rollback(generation)
    for problem in problems:
        errors.print(f"diwan: passed over: {problem}", markup=False)
    if as_json:
        print_json({"generation": manifest_as_json(manifest)})
        return
    print(
        f"Generation {manifest.id} of {manifest.created} serves now, until the next rebuild:"
        " put the documents right before you run one."
    )


def verify(
    generation: Annotated[
        str | None, typer.Argument(help="Which; every kept one and the vectors if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check that generations and kept vectors are as they were written."""
    settings = Settings()
    publication = open_publication(settings)
    kept = [each for each in publication.kept() if generation in (None, each.id)]
    if generation is not None and not kept:
        raise CannotError(
            f"There is no generation {generation}; `diwan generations` lists those that are kept."
        )
    found = [_verified(each.path, settings.model) for each in kept]
    caches = [] if generation else list(_verified_caches(publication))
    damaged = [entry for entry in (*found, *caches) if not entry["sound"]]
    pointer = publication.pointer().problem
    if as_json:
        document = {"generations": found, "vectors": caches, "pointer": pointer}
        print_json({"sound": not (damaged or pointer), **document})
    else:
        for entry in (*found, *caches):
            print(f"{entry['id']}: {'sound' if entry['sound'] else entry['problem']}")
    if damaged or pointer:
        raise CannotError(
            f"{len(damaged)} of {len(found) + len(caches)} are damaged."
            + (f" {pointer}" if pointer else "")
            + " What is sound goes on serving; `diwan rebuild --full` makes everything anew."
        )


def check_generation(folder: Path, encoder_for: Callable[[Manifest], Encoder | None]) -> str | None:
    """Say what is wrong with a generation; None where it is as it was written.

    Args:
        folder: The generation's.
        encoder_for: Gives the encoder that built it; None where that is not at hand, so that no
            sample of its vectors can be encoded again.
    """
    try:
        loaded = load_generation(folder)
        if encoder := encoder_for(loaded.manifest):
            check_vectors(loaded, encoder)
    except GenerationError as error:
        return str(error)
    return None


def manifest_as_json(manifest: Manifest) -> dict[str, Any]:
    """What people want to know of a generation."""
    return {
        "id": manifest.id,
        "passages": manifest.passages,
        "sentences": manifest.sentences,
        "documents": manifest.cases,
        "model": manifest.model,
        "revision": manifest.revision,
        "created": manifest.created,
    }


def _rebuild(settings: Settings, told: Telling, *, full: bool, force: bool) -> Rebuilt:
    standards = open_standards(settings)
    with progress_bar() as bar:

        def read_library() -> Library:
            told.begin()
            return open_library(settings)

        def report(step: str, done: int, total: int) -> None:
            bar(step, done, total)
            told.step(step, done, total)

        rebuilder = Rebuilder(open_publication(settings), settings.model, standards, report)
        outcome = rebuilder.rebuild(read_library, full=full, force=force)
    told.done(outcome)
    return outcome


def _rebuilt(outcome: Rebuilt) -> dict[str, Any]:
    verdict, refused = outcome.verdict, outcome.refused
    return {
        "published": outcome.published,
        "generation": manifest_as_json(outcome.manifest),
        "gate": verdict
        and {
            "questions": verdict.questions,
            "right_before": verdict.right_before,
            "right_now": verdict.right_now,
            "reasons": verdict.reasons,
            "worse": [worse_as_json(worse) for worse in verdict.worse],
        },
        "refused": refused
        and {
            "id": refused.manifest.id,
            "report": str(refused.report),
        },
        "overtaken": outcome.overtaken and outcome.overtaken.id,
    }


def _print_rebuilt(outcome: Rebuilt) -> None:
    verdict, manifest = outcome.verdict, outcome.manifest
    if verdict:
        print(
            f"Of {verdict.questions} gold questions {verdict.right_now} are answered right;"
            f" it was {verdict.right_before}."
        )
        _print_worse(verdict)
    if outcome.refused or outcome.overtaken:
        return
    done = "Published" if outcome.published else "Up to date:"
    print(
        f"{done} generation {manifest.id}: {manifest.cases} documents, {manifest.passages}"
        f" passages, {manifest.sentences} sentences; model {manifest.model}."
    )


def _print_worse(verdict: Verdict) -> None:
    for reason in verdict.reasons:
        print(reason)
    for worse in verdict.worse[:_SHOWN]:
        wanted = " or ".join(worse.gold.cases) or "no answer"
        now = (worse.now.found or "nothing") if worse.now else "nothing: it is gone"
        print(f"  {worse.gold.text}\n    wanted {wanted}; finds {now}")
    if len(verdict.worse) > _SHOWN:
        print(f"  and {len(verdict.worse) - _SHOWN} more")


def _listed(kept: Kept, publication: Publication, serving: Manifest | None) -> dict[str, Any]:
    manifest = kept.manifest
    report = publication.report_of(kept.id)
    return {
        "id": kept.id,
        "path": str(kept.path),
        "created": manifest and manifest.created,
        "published": serving is not None and kept.id == serving.id and not kept.refused,
        "passages": manifest and manifest.passages,
        "refused": kept.refused,
        "report": str(report) if kept.refused and report.exists() else None,
        "problem": kept.problem,
    }


def _verified(folder: Path, model: str) -> dict[str, Any]:
    def encoder_for(manifest: Manifest) -> Encoder | None:
        built_by = manifest.model, manifest.revision
        return load_encoder(model) if built_by == model_identity(model) else None

    problem = check_generation(folder, encoder_for)
    return {"id": folder.name, "sound": problem is None, "problem": problem}


def _verified_caches(publication: Publication) -> Iterator[dict[str, Any]]:
    for path in sorted(publication.vectors.glob("*.sqlite")):
        count, problem = check_cache(path)
        yield {
            "id": f"vectors/{path.name}",
            "sound": problem is None,
            "vectors": count,
            "problem": problem,
        }
