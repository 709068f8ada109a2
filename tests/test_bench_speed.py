"""The benchmark of speed measures what it says, leaves nothing behind, and keeps its shape."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pytest
from conftest import ROOT, StandInEncoder, Typed
from speed_material import write_material

from index.bench_build import Built, Plan, measure_build
from index.bench_library import Material, make_library, read_material
from index.bench_recall import Recall, measure_recall, share_found
from index.bench_retrieval import BenchmarkError
from index.bench_search import Asked, Times, ask_all, choose_questions
from index.bench_vectors import PerturbingEncoder
from index.build import build_generation
from index.encoder import Encoder
from index.engine import Mask, Rows, Values
from index.generation import Generation
from index.manifest import Manifest
from index.passages import split_passages
from index.soundness import check_vectors
from index.vectors import Vectors
from server.bench_server import Served, memory_of
from server.bench_speed_command import _figures, _print

NAMES = {
    "passages", "encode_per_s", "rebuild_s", "update_s", "disk_mb", "rss_mb", "ready_s", "search",
    "recall@10",
}  # fmt: skip


def unheard(_step: str, _done: int, _total: int) -> None:
    """Nobody waits."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_material(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def material(data: Path) -> Material:
    return read_material(data)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return cast("Encoder", StandInEncoder())


@pytest.fixture(scope="module")
def generation(material: Material, encoder: Encoder) -> Generation:
    return build_generation(make_library(material, 100), encoder)


def test_no_question_is_asked_for_two_purposes(material: Material) -> None:
    questions = choose_questions(material)
    every = [*questions.warm_up, *questions.alone, *questions.at_once]
    assert len({(each.text, each.language) for each in every}) == len(every) == 200
    assert choose_questions(material) == questions


def test_too_few_questions_are_refused(material: Material) -> None:
    with pytest.raises(BenchmarkError, match="There are 29 questions"):
        choose_questions(replace(material, questions=material.questions[:29]))


def test_asking_is_timed_and_an_exact_engine_recalls_everything(
    material: Material, generation: Generation, encoder: Encoder
) -> None:
    questions = choose_questions(replace(material, questions=material.questions[:60]))
    asked = ask_all(generation, encoder, questions, unheard)
    for times in (asked.alone, asked.at_once):
        assert 0 < times.p50 <= times.p95 <= times.p99
    assert asked.per_s > 0
    assert asked.recall.questions == len(questions.alone)
    assert (asked.recall.passages, asked.recall.sentences) == (1, 1)
    assert asked.recall.hits > 0.98


def test_an_engine_that_leaves_passages_out_is_found_out(
    material: Material, generation: Generation, encoder: Encoder
) -> None:
    class Forgetful(Vectors):
        def nearest(
            self,
            vector: Values,
            limit: int,
            admitted: Mask | None = None,
            *,
            exact: bool = False,
        ) -> Rows:
            rows = super().nearest(vector, limit, admitted, exact=exact)
            return rows if exact else rows[rows % 2 == 0]

    engine = generation.engine
    less = {name: Forgetful(getattr(engine, name).index) for name in ("passages", "sentences")}
    forgetful = replace(generation, engine=replace(engine, **less))
    recall = measure_recall(forgetful, encoder, choose_questions(material).alone[:10], unheard)
    assert recall.hits < 1
    assert recall.passages < 0.9
    assert recall.sentences < 0.9


@pytest.mark.parametrize(
    ("given", "wanted", "share"),
    [
        ([0.9, 0.8], [0.9, 0.8], 1),
        ([0.9, 0.7], [0.9, 0.8], 0.5),
        ([0.8, 0.8, 0.8], [0.9, 0.8], 1),
        ([], [0.9, 0.8], 0),
        ([0.5], [], 1),
    ],
)
def test_what_is_as_good_as_the_last_counts_as_found(
    given: Sequence[float], wanted: Sequence[float], share: float
) -> None:
    assert share_found(np.float32(given), np.float32(wanted)) == share


class CountingEncoder(StandInEncoder):
    """Remembers what it encoded."""

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode_passages(self, texts: Sequence[str], **_: Any) -> npt.NDArray[np.float32]:  # noqa: ANN401
        self.encoded.extend(texts)
        return super().encode_passages(texts)


def test_vectors_are_made_up_near_those_that_they_stand_for(
    material: Material, tmp_path: Path
) -> None:
    counting = CountingEncoder()
    texts = [
        f"A title\n{passage.text}"
        for case in make_library(material, 100).cases
        for passage in split_passages(case)
    ]
    perturbing = PerturbingEncoder(counting, 5, tmp_path)
    vectors = perturbing.encode_passages(texts)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert len(set(counting.encoded) & set(texts)) == 100 - perturbing.perturbed < 20
    assert len(np.unique(vectors, axis=0)) == 100
    sentences = [material.sentences["en"][0]] * 60
    first, *again = perturbing.encode_passages(sentences)
    assert np.allclose(first, StandInEncoder().encode_passages(sentences)[0], atol=1e-5)
    assert min(vector @ first for vector in again) > 0.98
    assert len(np.unique(again, axis=0)) > 40
    assert list(tmp_path.iterdir()) == []


def test_a_generation_of_made_up_vectors_passes_its_checks(
    material: Material, tmp_path: Path
) -> None:
    stand_in = StandInEncoder()
    perturbing = PerturbingEncoder(stand_in, 0, tmp_path)
    built = build_generation(make_library(material, 100), perturbing)
    check_vectors(built, stand_in)
    assert perturbing.perturbed > 88


@pytest.mark.parametrize("at_most", [None, 10])
def test_both_rebuilds_are_measured(
    at_most: int | None,
    material: Material,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for place in ("index.bench_build.load_encoder", "index.rebuild.load_encoder"):
        monkeypatch.setattr(place, lambda _model: StandInEncoder())
    monkeypatch.setattr("index.rebuild.up_to_date", lambda *_: False)
    built = measure_build(unheard, material, Plan(100, tmp_path, "", at_most))
    assert built.manifest.passages == 100
    assert built.manifest.number == 2
    assert built.changed == 1
    assert bool(built.perturbed) == (at_most is not None)
    assert min(built.rebuild_s, built.update_s, built.passages_per_s, built.sentences_per_s) > 0
    assert set(built.by_language) == {"en", "ar"}
    assert min(built.disk_mb, built.cache_mb, built.peak_mb) > 0
    kept = [path for path in (tmp_path / "generations").iterdir() if path.is_dir()]
    assert [path.name for path in kept] == [built.manifest.id]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system does not tell")
def test_memory_is_told_apart() -> None:
    memory = memory_of(os.getpid())
    assert memory
    assert memory.anonymous > 10
    assert memory.mapped > 1
    assert memory_of(2**30) is None


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [(["--data", "absent"], "no such folder"), (["--languages", "fr"], "cannot be read")],
)
def test_bad_input_is_refused_in_a_sentence(
    arguments: list[str], complaint: str, data: Path, typed: Typed, tmp_path: Path
) -> None:
    ran = typed("bench", "speed", "--data", str(data), *arguments, home=tmp_path)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert complaint in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.slow
def test_the_command_prints_the_documented_shape(data: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    ran = subprocess.run(
        [sys.executable, "-m", "server", "bench", "speed", "--data", str(data), "--json",
         "--passages", "200", "--folder", str(work)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    report = json.loads(ran.stdout)
    assert set(report) >= NAMES
    assert report["passages"] == 200
    assert set(report["search"]) == {"p50_ms", "p95_ms", "p99_ms"}
    assert 0.98 < report["recall@10"] <= 1
    assert report["rss_mb"] == pytest.approx(sum(report["rss"].values()), abs=0.2)
    assert list(work.iterdir()) == []


def test_the_table_says_what_was_made_up_and_what_the_system_does_not_tell(
    capsys: pytest.CaptureFixture[str],
) -> None:
    times = Times(1, 2, 3)
    manifest = cast("Manifest", SimpleNamespace(model="a model", passages=40, sentences=200))
    built = Built(manifest, {"en": 9}, 9, 5, 7, 2, 1, 600, 12, 3, perturbed=35)
    asked = Asked(times, times, 400, Recall(0.99, 0.98, 0.97, 10))
    figures = _figures(built, Served(4, None), asked)
    assert set(figures) >= NAMES
    assert figures["rss_mb"] is None
    _print(
        figures
        | {
            "languages": ["en"],
            "questions": {"warm_up": 1, "alone": 2, "at_once": 3, "compared": 10},
            "machine": {"cores": 2, "processor": "a processor", "load": 0.5},
        }
    )
    printed = capsys.readouterr().out
    assert "40 passages, 200 sentences (en); a model" in printed
    assert "35 vectors were made up, not encoded" in printed
    assert "the system does not tell" in printed
    assert "p50 1.0 ms, p95 2.0, p99 3.0; 400 questions/s" in printed


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_who_is_interrupted_leaves_nothing(how: signal.Signals, data: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    running = subprocess.Popen(
        [sys.executable, "-m", "server", "bench", "speed", "--data", str(data), "--folder",
         str(work)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
    while not children.read_text():
        assert running.poll() is None
    running.send_signal(how)
    _, said = running.communicate(timeout=60)  # until nobody holds its standard error any more
    assert running.returncode == 1
    assert "nothing was left running" in said
    assert list(work.iterdir()) == []
