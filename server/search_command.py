"""`diwan search`: the passages that answer a question."""

from typing import Annotated

import typer

from corpus.case_study import Level, Pillar
from index.question import Filters, read_question
from server.responses import SearchResponse, search_response
from server.service_opening import open_service
from server.settings import Settings
from server.terminal import AsJson, print_json


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
    service = open_service(Settings())
    response = search_response(service.search(asked, k))
    if as_json:
        print_json(response.model_dump(mode="json"))
    else:
        _print_results(response)


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
