"""Diwan beside other ways to find passages: the same questions, one run, one machine.

    python -m benchmarks.peers --data ../shared/evaldata/xquad-r --out DIR

Written into DIR are `table.md`, `picture.svg`, `results.json` and what each process said. See
README.md beside this file for what is measured and how each peer is set.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from benchmarks.peers.environment import EnvironmentFailedError, peers_interpreter
from benchmarks.peers.figures import Asked, Failure, Figures, figures_of
from benchmarks.peers.peer import THREADS, Passage
from benchmarks.peers.picture import picture
from benchmarks.peers.processes import run
from benchmarks.peers.report import Results, document, table
from benchmarks.peers.rows import ROWS, Row
from benchmarks.peers.worker import Outcome, Task
from index.bench_retrieval import DEPTH, Pool, read_pool

_LANGUAGES = ("en", "ar")
_WARM_UP = 20  # questions of each language


def main() -> None:
    """Measure, and write."""
    began = perf_counter()
    wanted = _arguments().parse_args()
    out: Path = wanted.out
    out.mkdir(parents=True, exist_ok=True)
    pools = {language: read_pool(wanted.data, language) for language in _LANGUAGES}
    asked = _questions(pools, wanted.questions)
    facts = _facts(pools, asked)
    python: Path | Failure
    try:
        python = wanted.python or peers_interpreter(wanted.environment or out / "environment")
    except EnvironmentFailedError as error:
        python = Failure(str(error))
    results: list[tuple[Row, Figures | Failure]] = []
    chosen = [row for row in ROWS if not wanted.only or row.module in wanted.only]
    for row in chosen:
        print(f"{row.name}, {row.encoder} …", file=sys.stderr, flush=True)
        interpreter = Path(sys.executable) if row.package is None else python
        result = (
            interpreter
            if isinstance(interpreter, Failure)
            else _measure(row, interpreter, pools, asked, out, wanted.timeout)
        )
        results.append((row, result))
        print(f"  {_summary(result)}", file=sys.stderr, flush=True)
        # After every row, so that a run that is broken off has not been for nothing.
        _write(out, results, {**facts, "took": f"{(perf_counter() - began) / 60:.0f} min"})
    print((out / "table.md").read_text(encoding="utf-8"))


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.peers", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with XQuAD-R's <lang>.json"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for what is written")
    parser.add_argument("--python", type=Path, help="an interpreter that has the peers")
    parser.add_argument("--environment", type=Path,
                        help="where the peers' environment is made, unless it is there already;"
                        " by default in OUT")  # fmt: skip
    parser.add_argument("--only", action="append", choices=sorted({row.module for row in ROWS}),
                        help="only this peer; may be given again")  # fmt: skip
    parser.add_argument("--questions", type=int, default=0,
                        help="only so many of each language, for a first look")  # fmt: skip
    parser.add_argument("--timeout", type=float, default=3600,
                        help="seconds that a process may take")  # fmt: skip
    return parser


def _questions(pools: Mapping[str, Pool], most: int) -> Asked:
    """Take the questions that every language has, in the order of their ids."""
    shared = sorted(set.intersection(*(set(pool.questions) for pool in pools.values())))
    if most:
        # Evenly, as those of one paragraph stand together.
        shared = shared[:: max(1, len(shared) // most)][:most]
    return {language: [pool.questions[one] for one in shared] for language, pool in pools.items()}


def _measure(  # noqa: PLR0913, PLR0917 - one for each thing that a process depends on
    row: Row,
    python: Path,
    pools: Mapping[str, Pool],
    asked: Asked,
    out: Path,
    timeout_s: float,
) -> Figures | Failure:
    """Run a row's processes, one for each language of the passages."""
    outcomes: dict[str, Outcome] = {}
    for language, pool in pools.items():
        task = Task(
            module=row.module,
            encoder=row.encoder,
            package=row.package,
            passages=tuple(Passage(one, language, text) for one, text in pool.documents.items()),
            questions=tuple(text for questions in asked.values() for text, _ in questions),
            warm_up=tuple(text for questions in asked.values() for text, _ in questions[:_WARM_UP]),
            k=DEPTH,
        )
        log = out / f"{row.module}-{row.encoder}-{language}.log"
        outcome = run(task, python, log, timeout_s)
        if isinstance(outcome, Failure):
            return outcome
        outcomes[language] = outcome
    return figures_of(asked, outcomes)


def _summary(result: Figures | Failure) -> str:
    if isinstance(result, Failure):
        return f"failed: {result.reason}"
    quality = ", ".join(f"{one} → {other} {value:.3f}"
                        for (one, other), value in result.ndcg.items())  # fmt: skip
    return f"{quality}; {result.p50_ms:.1f} ms"


def _facts(pools: Mapping[str, Pool], asked: Asked) -> dict[str, str]:
    """Tell what the figures depend on."""
    sizes = ", ".join(f"{len(pool.documents)} {language}" for language, pool in pools.items())
    count = ", ".join(f"{len(questions)} {language}" for language, questions in asked.items())
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return {
        "when": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": f"{_processor()}, {os.cpu_count()} cores; load at the start {load}",
        "python": platform.python_version(),
        "threads": f"{THREADS} for each",
        "passages": f"{sizes}, each a document of its own",
        "questions": f"{count}, in the same order for each, after {_WARM_UP} of each to warm up",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _write(out: Path, results: Results, facts: Mapping[str, str]) -> None:
    whole = json.dumps(document(results, _LANGUAGES, facts), indent=1, ensure_ascii=False)
    (out / "results.json").write_text(whole + "\n", encoding="utf-8")
    (out / "table.md").write_text(table(results, _LANGUAGES, facts), encoding="utf-8")
    (out / "picture.svg").write_text(picture(results, _LANGUAGES), encoding="utf-8")


if __name__ == "__main__":
    main()
