"""The command line of hub staff and integrators: parse, call, print."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from corpus.case_study import Level, Pillar
from corpus.glossary import GlossaryError
from corpus.gold import GoldError, load_gold
from corpus.library import LibraryError
from corpus.markdown import DocumentError
from corpus.reading_paths import ReadingPathsError
from corpus.removed import RemovedError
from index.bench_retrieval import BenchmarkError
from index.build import EmptyLibraryError
from index.encoder import EncoderError
from index.evaluate import Evaluation, Score, evaluate
from index.generation import GenerationError
from index.locks import BusyError
from index.question import Filters, QuestionError, read_question
from index.rebuild import up_to_date
from server import bench, staff_command
from server.backup import backup, restore
from server.generations import generations, manifest_as_json, rebuild, rollback, verify
from server.ingest import ingest, remove_documents
from server.keeping import forget
from server.opening import open_gold, open_library, open_publication, open_service
from server.paths_command import paths
from server.responses import SearchResponse, search_response
from server.service import Service
from server.settings import Settings
from server.store_database import StoreError
from server.terminal import AsJson, CannotError, errors, explain, print_json

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__
)
app.add_typer(bench.app, name="bench")
app.add_typer(staff_command.app, name="staff")
app.command()(ingest)
app.command(name="remove")(remove_documents)
for command in (rebuild, generations, rollback, verify, backup, restore, forget, paths):
    app.command()(command)
_USAGE = 2
_GRACE = 10  # seconds; an answer takes a fraction of one
_CANNOT = (
    CannotError,
    DocumentError,
    RemovedError,
    LibraryError,
    GlossaryError,
    GoldError,
    ReadingPathsError,
    BenchmarkError,
    EmptyLibraryError,
    GenerationError,
    BusyError,
    EncoderError,
    StoreError,
)


def main() -> None:
    """Run a command; what cannot be done is said in a line on standard error, exit status 1."""
    try:
        app()
    except QuestionError as error:
        _fail(str(error), _USAGE)
    except _CANNOT as error:
        _fail(str(error), 1)
    except OSError as error:
        _fail(explain(error), 1)
    except ValidationError as error:  # of the settings: everything else is checked where it is read
        first = error.errors(include_input=False)[0]
        message = first["msg"].removeprefix("Value error, ")
        name = "_".join(("DIWAN", *map(str, first["loc"]))).upper()
        of_several = not first["loc"]
        _fail(f"{message}." if of_several else f"The setting {name} cannot be used: {message}.", 1)


def _fail(sentence: str, status: int) -> None:
    errors.print(f"diwan: {sentence}", markup=False)
    sys.exit(status)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that answer; each takes some 600 MB.")
    ] = 1,
) -> None:
    """Serve the pages and the HTTP interface."""
    import uvicorn  # noqa: PLC0415 - only this command serves

    Settings()  # what cannot be used is said here, in a sentence
    errors.print(f"Diwan answers on http://{host}:{port}", markup=False)
    uvicorn.run(
        "server.app:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        access_log=False,  # it would keep what people ask
        log_config=None,
        timeout_graceful_shutdown=_GRACE,  # a page that watches a rebuild would hold it up
    )


@app.command()
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


@app.command()
def search(
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    k: Annotated[int, typer.Option("-k", min=1, max=50, help="How many passages.")] = 5,
    lang: Annotated[str | None, typer.Option(help="Language to show passages in.")] = None,
    passage_lang: Annotated[str | None, typer.Option(help="Only passages written in it.")] = None,
    country: Annotated[str | None, typer.Option(help="Only this country (UG, IQ, …).")] = None,
    pillar: Annotated[Pillar | None, typer.Option(help="Only this pillar.")] = None,
    level: Annotated[Level | None, typer.Option(help="Only this level.")] = None,
    year_from: Annotated[
        int | None, typer.Option(help="Only practice of this year or later.")
    ] = None,
    year_to: Annotated[
        int | None, typer.Option(help="Only practice of this year or earlier.")
    ] = None,
    as_typed: Annotated[
        bool, typer.Option("--as-typed", help="Search misspelt names as they are.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Ask a question; print the passages that answer it, with their citations."""
    filters = Filters(passage_lang, country, pillar, level, year_from, year_to)
    asked = read_question(question, show_in=lang, filters=filters, as_typed=as_typed)
    settings = Settings()
    service = _service(settings)
    response = search_response(service.search(asked, k))
    if as_json:
        print_json(response.model_dump(mode="json"))
    else:
        _print_results(response)


@app.command(name="eval")
def evaluate_gold(
    gold: Annotated[
        Path | None,
        typer.Option(
            help="TOML file of gold questions; the bundled ones and the hub's if not given."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask the gold questions of the published index; say how often the right case is found."""
    settings = Settings()
    questions = load_gold(gold) if gold else open_gold(settings)
    service = _service(settings)
    known = frozenset(case.id for case in service.generation.library_cases)
    evaluation = evaluate(questions, known, service.search)
    directions = {
        (asked, about): evaluate(
            [question for question in questions if question.language == asked],
            known,
            service.search,
            about,
        ).score(asked)
        for asked in evaluation.languages
        for about in sorted(set(service.generation.languages))
    }
    if as_json:
        print_json(_evaluation(evaluation, directions, service.generation.id))
        return
    for language in evaluation.languages:
        print(f"{language}: " + ", ".join(_measures(evaluation.score(language))))
    print("With passages in one language only, question-passages:")
    for (asked, about), score in directions.items():
        print(f"{asked}-{about}: " + ", ".join(_measures(score)))
    for outcome in evaluation.asked:
        if not outcome.right:
            gold_case = " or ".join(outcome.gold.cases) or "no answer"
            found = f"found {outcome.found}, rank {outcome.rank}"
            print(f"  {outcome.gold.text}\n    wanted {gold_case}; {found}")
    if evaluation.skipped:
        print(
            f"Skipped {len(evaluation.skipped)} questions about cases that are not in the library."
        )


def _service(settings: Settings) -> Service:
    service = open_service(settings)
    if service.problem:
        errors.print(f"diwan: {service.problem}", markup=False)
        errors.print(f"diwan: answering from {service.generation.id} instead.", markup=False)
    return service


def _measures(score: Score) -> Iterator[str]:
    for name, value in asdict(score).items():
        if value is not None:
            yield f"{name} {value:.3f}" if isinstance(value, float) else f"{name} {value}"


def _evaluation(
    evaluation: Evaluation, directions: Mapping[tuple[str, str], Score], generation: str
) -> dict[str, Any]:
    return {
        "generation": generation,
        "questions": len(evaluation.asked),
        "skipped": len(evaluation.skipped),
        "follow_ups": len(evaluation.follow_ups),
        "languages": {
            language: asdict(evaluation.score(language)) for language in evaluation.languages
        },
        "directions": {
            f"{asked}-{about}": asdict(score) for (asked, about), score in directions.items()
        },
        "wrong": [
            {
                "question": asked.gold.text,
                "language": asked.gold.language,
                "cases": asked.gold.cases,
                "found": asked.found,
                "rank": asked.rank,
                "answered": asked.answered,
            }
            for asked in evaluation.asked
            if not asked.right
        ],
    }


def _print_results(response: SearchResponse) -> None:
    for correction in response.corrections:
        print(f"Searched for {correction.meant} instead of “{correction.typed}”.")
    if response.corrections:
        print("Search exactly as typed with --as-typed.\n")
    if not response.answered:
        print("The library has no answer to this question. What is nearest:\n")
    for result in response.results:
        print(f"{result.rank}. {result.case_study.title}  ({result.score:.2f})")
        if result.heading:
            print("   " + " › ".join(result.heading))
        print("   " + " ".join(result.text.split()))
        print(f"   [{result.citation.text}]\n")
    print(f"{len(response.results)} passages in {response.took_ms:.1f} ms, {response.generation}.")
