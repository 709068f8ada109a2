"""`diwan eval`: how often the right case is found."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from corpus.gold import load_gold
from index.evaluate import Evaluation, Score, evaluate
from server.opening import open_gold
from server.service_opening import open_service
from server.settings import Settings
from server.terminal import AsJson, print_json


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
    service = open_service(settings)
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
