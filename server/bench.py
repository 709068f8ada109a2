"""`diwan bench`: how good and how fast the search is, on data that anyone can get."""

import json
from dataclasses import asdict
from itertools import combinations, product
from pathlib import Path
from typing import Annotated, Any

import typer

from index.bench_retrieval import (
    Direction,
    Mixed,
    ask_direction,
    ask_mixed,
    build_pool,
    each_signal,
    read_pool,
)
from index.encoder import load_encoder
from server.bench_speed_command import speed
from server.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    help="Say how good and how fast the search is, on data that anyone can get.",
)


@app.callback()
def bench() -> None:
    """Measure the search on public data."""


@app.command()
def retrieval(
    data: Annotated[Path, typer.Option(help="Folder of <lang>.json files in LAReQA's form.")],
    languages: Annotated[str, typer.Option(help="Languages, with commas between.")] = "en,ar",
    signals: Annotated[
        bool, typer.Option("--signals", help="Also each signal alone, and all without it.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document and nothing else.")
    ] = False,
) -> None:
    """Ask every question of every language about the paragraphs of every language."""
    pools = {code: read_pool(data, code) for code in dict.fromkeys(languages.split(","))}
    encoder = load_encoder(Settings().model, threads=1)
    generations = {code: build_pool([pool], encoder) for code, pool in pools.items()}
    report: dict[str, Any] = {
        "model": encoder.name,
        "directions": {
            f"{asked}-{about}": _direction(
                ask_direction(generations[about], encoder, pools[asked], pools[about])
            )
            for asked, about in product(pools, pools)
        },
        "mixed": {
            f"{one}+{other}": _mixed(
                ask_mixed(build_pool([pools[one], pools[other]], encoder), encoder,
                          [pools[one], pools[other]])
            )
            for one, other in combinations(pools, 2)
        },
    }  # fmt: skip
    if signals:
        report["signals"] = each_signal(generations, encoder, pools)
    if as_json:
        print(json.dumps(report))
    else:
        _print(report)


app.command()(speed)


def _direction(figures: Direction) -> dict[str, float]:
    return {
        "ndcg@10": round(figures.ndcg, 4),
        "recall@10": round(figures.recall, 4),
        "mrr@10": round(figures.mrr, 4),
        "questions": figures.questions,
        "p50_ms": round(figures.p50_ms, 2),
        "p95_ms": round(figures.p95_ms, 2),
    }


def _mixed(figures: Mixed) -> dict[str, float]:
    return {name: round(value, 4) for name, value in asdict(figures).items()}


def _print(report: dict[str, Any]) -> None:
    print("question-passages  nDCG@10  recall@10  MRR@10  questions  p50 ms  p95 ms")
    for name, row in report["directions"].items():
        print(
            f"{name:17}  {row['ndcg@10']:7.4f}  {row['recall@10']:9.4f}  {row['mrr@10']:6.4f}"
            f"  {row['questions']:9}  {row['p50_ms']:6.2f}  {row['p95_ms']:6.2f}"
        )
    for name, row in report["mixed"].items():
        print(
            f"{name} in one pool: mAP {row['map']:.4f}; first hit in the asker's language"
            f" {row['own_language_first']:.3f}"
        )
    for signal, kinds in report.get("signals", {}).items():
        for kind, row in kinds.items():
            figures = "  ".join(f"{name} {value:.3f}" for name, value in row.items())
            print(f"{signal:9} {kind:8} {figures}")
