"""`diwan rebuild`: bring the index up to date with the library."""

import os
from contextlib import suppress
from typing import Annotated, Any

import typer

from corpus.library import BUNDLED, Library, load_library
from corpus.removed import Removed
from index.gate import Verdict, worse_as_json
from index.rebuild import Rebuilder, Rebuilt, Standards
from server.generations import manifest_as_json
from server.opening import open_gold, open_library, open_publication
from server.rebuild_run import Telling, telling
from server.settings import Settings
from server.terminal import AsJson, CannotError, print_json, progress_bar

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


def _standards(settings: Settings) -> Standards:
    """What a new generation must come up to."""
    bundled = () if settings.bundled else load_library([BUNDLED], ()).cases
    return Standards(
        gold=open_gold(settings),
        allowed=settings.gate_tolerance,
        left_out=Removed(settings.home).ids() | {case.id for case in bundled},
        keep=settings.kept_generations,
    )


def _rebuild(settings: Settings, told: Telling, *, full: bool, force: bool) -> Rebuilt:
    standards = _standards(settings)
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
