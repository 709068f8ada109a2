"""`diwan bench speed`: how fast a library of some size is built and searched."""

import os
import platform
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from index.bench_build import Built, Plan, measure_build
from index.bench_library import read_material
from index.bench_process import in_a_process
from index.bench_search import Asked, Questions, Times, choose_questions, measure_search
from server.bench_server import Served, measure_server
from server.settings import Settings
from server.terminal import AsJson, CannotError, print_json, progress_bar

_LEAST, _MOST = 20, 10_000_000  # passages


def speed(  # noqa: PLR0913, PLR0917 - one argument for each option
    data: Annotated[Path, typer.Option(help="Folder of <lang>.json files in LAReQA's form.")],
    passages: Annotated[
        int, typer.Option(min=_LEAST, max=_MOST, help="How many passages the library has.")
    ] = 10_000,
    languages: Annotated[
        str, typer.Option(help="Languages, with commas between; all of the folder if not given.")
    ] = "",
    encode_at_most: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Encode so many whole passages, and make up the vectors of all others from those"
            " of their sentences: for libraries that would take hours to encode.",
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(help="Where to work; the system's folder for temporary files if not given."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Build a library of passages made of real sentences, serve it, ask it; say what it took.

    A megabyte is a million bytes. Questions are timed that were not asked before: a search
    remembers the words that it has met, and the same questions would measure that memory.
    """
    material = read_material(data, [code for code in languages.split(",") if code])
    questions = choose_questions(material)
    model = Settings().model
    with _stoppable(), _folder(folder) as home, progress_bar() as report:
        machine = _machine()
        plan = Plan(passages, home, model, encode_at_most)
        built = in_a_process(measure_build, material, plan, progress=report)
        served = measure_server(home, model, questions.warm_up, report)
        asked = in_a_process(measure_search, plan.publication, model, questions, progress=report)
    figures = _figures(built, served, asked) | {
        "languages": sorted(material.sentences),
        "questions": _counts(questions, asked),
        "machine": machine,
    }
    if as_json:
        print_json(figures)
    else:
        _print(figures)


@contextmanager
def _stoppable() -> Iterator[None]:
    """Whoever ends the command, from the keyboard or by its number, leaves nothing behind."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        raise CannotError("Interrupted; nothing was left running and nothing was kept.") from None
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _folder(chosen: Path | None) -> Iterator[Path]:
    """A folder to work in, which is removed at the end."""
    if chosen:
        chosen.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="diwan-bench-", dir=chosen, ignore_cleanup_errors=True) as made:
        yield Path(made)


def _figures(built: Built, served: Served, asked: Asked) -> dict[str, Any]:
    """The figures under the names that others rely on: more may be added, none renamed."""
    memory = served.memory
    return {
        "model": built.manifest.model,
        "passages": built.manifest.passages,
        "sentences": built.manifest.sentences,
        "encode_per_s": round(built.sentences_per_s, 1),
        "encode_passages_per_s": round(built.passages_per_s, 1),
        "encode_by_language": {
            language: round(rate, 1) for language, rate in built.by_language.items()
        },
        "perturbed": built.perturbed,
        "rebuild_s": round(built.rebuild_s, 2),
        "rebuild_peak_mb": round(built.peak_mb, 1),
        "update_s": round(built.update_s, 2),
        "changed": built.changed,
        "disk_mb": round(built.disk_mb, 2),
        "cache_mb": round(built.cache_mb, 2),
        "rss_mb": memory and round(memory.anonymous + memory.mapped, 1),
        "rss": memory
        and {
            "anonymous_mb": round(memory.anonymous, 1),
            "mapped_mb": round(memory.mapped, 1),
        },
        "ready_s": round(served.ready_s, 2),
        "search": _times(asked.alone),
        "search_8": {**_times(asked.at_once), "per_s": round(asked.per_s, 1)},
        "recall@10": round(asked.recall.hits, 4),
        "vector_recall@10": {
            "passages": round(asked.recall.passages, 4),
            "sentences": round(asked.recall.sentences, 4),
        },
    }


def _times(times: Times) -> dict[str, float]:
    return {
        "p50_ms": round(times.p50, 2),
        "p95_ms": round(times.p95, 2),
        "p99_ms": round(times.p99, 2),
    }


def _counts(questions: Questions, asked: Asked) -> dict[str, int]:
    return {
        "warm_up": len(questions.warm_up),
        "alone": len(questions.alone),
        "at_once": len(questions.at_once),
        "compared": asked.recall.questions,
    }


def _machine() -> dict[str, Any]:
    """What the figures depend on, and how busy it was before."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"cores": cores, "processor": _processor(), "load": round(os.getloadavg()[0], 2)}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()


def _print(figures: dict[str, Any]) -> None:
    machine, questions, rss = figures["machine"], figures["questions"], figures["rss"]
    print(
        f"{figures['passages']} passages, {figures['sentences']} sentences"
        f" ({', '.join(figures['languages'])}); {figures['model']}\n"
        f"{machine['cores']} cores of {machine['processor']}, load before {machine['load']}"
    )
    if figures["perturbed"]:
        print(f"{figures['perturbed']} vectors were made up, not encoded")
    memory = (
        f"{figures['rss_mb']:.0f} MB, {rss['anonymous_mb']:.0f} of it anonymous,"
        f" {rss['mapped_mb']:.0f} mapped"
        if rss
        else "the system does not tell"
    )
    recall = figures["vector_recall@10"]
    rows = {
        "encoding": f"{figures['encode_per_s']:.0f} sentences/s,"
        f" {figures['encode_passages_per_s']:.0f} passages/s",
        "rebuild from nothing": f"{figures['rebuild_s']:.1f} s,"
        f" at most {figures['rebuild_peak_mb']:.0f} MB",
        f"rebuild, {figures['changed']} changed": f"{figures['update_s']:.1f} s",
        "size on disk": f"{figures['disk_mb']:.0f} MB,"
        f" and {figures['cache_mb']:.0f} MB of kept vectors",
        "first answer after": f"{figures['ready_s']:.1f} s",
        "memory of a server": memory,
        f"search, {questions['alone']} questions": _in_words(figures["search"]),
        "search, 8 at once": f"{_in_words(figures['search_8'])};"
        f" {figures['search_8']['per_s']:.0f} questions/s",
        "recall@10": f"{figures['recall@10']:.4f} of an exact search"
        f" ({questions['compared']} questions)",
        "recall@10 of vectors": f"passages {recall['passages']:.4f},"
        f" sentences {recall['sentences']:.4f}",
    }
    width = max(map(len, rows))
    for name, value in rows.items():
        print(f"{name:{width}}  {value}")


def _in_words(times: dict[str, float]) -> str:
    return f"p50 {times['p50_ms']:.1f} ms, p95 {times['p95_ms']:.1f}, p99 {times['p99_ms']:.1f}"
