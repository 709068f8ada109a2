"""What several tests stand on: a small library, a quick stand-in encoder, the real service."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import settings

from corpus.case_study import CaseStudy
from corpus.glossary import Term
from corpus.library import BUNDLED, Library, load_library
from corpus.markdown import parse_case_study
from index.analysis import grams, words
from index.build import build_generation
from index.encoder import Encoder, PassageEncoder, _load_bundled, load_encoder
from index.generation import Generation
from index.locks import waiting
from index.publication import Publication
from index.question import read_question
from index.search import search
from index.vector_cache import CachedEncoder
from server.cli import main
from server.service import Service

ROOT = Path(__file__).parent.parent
# How long an example takes is told by benchmarks, not by tests.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
# Tests ask far more often than a person, all from one address; those of limits set their own.
os.environ["DIWAN_RATE_LIMIT"] = "0"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def diwan(*arguments: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "server", *arguments],
        cwd=ROOT,
        env={**os.environ, "DIWAN_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def put_case(home: Path, name: str = "own.md", /, **changes: str) -> None:
    text = (ROOT / "corpus/case_studies/en/india-mumbai-mohalla-committees.md").read_text("utf-8")
    for old, new in changes.items():
        text = text.replace(old, new)
    folder = home / "library"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, "utf-8")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip browser tests where there is no Chromium, unless it is said to be required."""
    if CHROMIUM or os.environ.get("DIWAN_TEST_BROWSER") == "required":
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


class StandInEncoder:
    """Vectors from hashed character grams: quick, deterministic, and near for similar texts."""

    name = "stand-in"
    revision = "1"
    dimension = 64

    def encode_question(self, text: str) -> npt.NDArray[np.float32]:
        return self.encode_passages([text])[0]

    def encode_question_and_words(
        self, text: str, words: Sequence[str]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        return self.encode_question(text), self.encode_passages(words)

    def encode_passages(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for gram in grams(words(text)):
                digest = hashlib.sha256(gram.encode()).digest()
                vectors[row, digest[0] % self.dimension] += 1 if digest[1] % 2 else -1
            if progress:
                progress(row + 1)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.maximum(norms, 1e-6)


FRONT = """---
id: {id}
language: {language}
title: "{title}"
place: {place}
country: {country}
level: city
period:
  start: 2021-03
  end: 2023
pillars: [trust, coordination]
actors: [City council]
themes: [dialogue]
source:
  title: "A report: how cities talk"
  publisher: Example Institute
  url: https://example.org/report
  published: 2024-05-02
  language: en
---
"""


def make_case(
    body: str = "## Context\n\nThe harbour city opened a night school for porters.\n",
    case_id: str = "harbour-school",
    language: str = "en",
    title: str = "Harbour: a night school",
    place: str = "Harbour",
    country: str = "KE",
) -> CaseStudy:
    front = FRONT.format(id=case_id, language=language, title=title, place=place, country=country)
    return parse_case_study(front + body, f"{case_id}.md")


def publish(publication: Publication, library: Library, encoder: PassageEncoder) -> Generation:
    """Build, write and publish a generation, past the gate."""
    with publication.building():
        written = publication.write(build_generation(library, encoder))
        publication.publish(written.id)
    return written


def same_hits(one: Generation, two: Generation, encoder: StandInEncoder) -> bool:
    """Whether both find the same; scores may differ in what rounding makes of them."""
    questions = ("who taught the porters", "من علّم الحمّالين؟", "water")
    return all(
        first == replace(second, score=first.score) and abs(first.score - second.score) < 1e-4
        for text in questions
        for first, second in zip(
            search(one, encoder, read_question(text)).hits,
            search(two, encoder, read_question(text)).hits,
            strict=True,
        )
    )


@pytest.fixture(scope="session")
def stand_in() -> StandInEncoder:
    return StandInEncoder()


@pytest.fixture(scope="session")
def small_library() -> Library:
    """Three cases, one of them in two languages, and a term."""
    return Library(
        (
            make_case(
                "## ما الذي جرى\n\nافتتحت مدينة الميناء مدرسة ليلية للحمّالين."
                " حضر الدروس أربعون حمّالًا في الشتاء الأول."
                "\n\n## ما الذي تحقق\n\nصار الحمّالون يكتبون عرائضهم إلى المجلس بأنفسهم.\n",
                language="ar",
                title="الميناء: مدرسة ليلية",
                place="الميناء",
            ),
            make_case(
                "## What was done\n\nThe harbour city opened a night school for porters."
                " Forty porters came in the first winter."
                "\n\n## What came of it\n\nPorters now write their own petitions to the council.\n"
            ),
            make_case(
                "## What was done\n\nThe hill town planted orchards with the shepherds."
                " A shared well ended the quarrel over water.\n",
                case_id="hill-orchards",
                title="Hill: orchards",
                place="Hill",
                country="NO",
            ),
            make_case(
                "## What was done\n\nPlumbers repaired the fountain of the market square.\n",
                case_id="market-fountain",
                title="Market: fountain",
                place="Market",
                country="FI",
            ),
        ),
        (Term("council", {"en": ("council", "assembly"), "ar": ("المجلس",)}),),
    )


@pytest.fixture(scope="session")
def small_generation(small_library: Library, stand_in: StandInEncoder) -> Generation:
    return build_generation(small_library, stand_in)


@cache
def _bundled() -> Encoder:
    return _load_bundled(threads=2)


def load_once(_threads: int) -> Encoder:
    """The bundled encoder; the same one for everything in this process."""
    return _bundled()


@pytest.fixture(scope="session")
def bundled_encoder() -> Encoder:
    """The real encoder, loaded once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.encoder._load_bundled", load_once)
        return load_encoder()


@pytest.fixture(scope="session")
def bundled_home(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A DIWAN_HOME with the bundled library, built and published by the real encoder.

    Where several processes run the tests, the first that needs it builds it, and each has a copy.
    """
    base = tmp_path_factory.getbasetemp()
    built = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "bundled"
    built.mkdir(exist_ok=True)
    publication = Publication(built / "generations")
    with waiting(built / "lock"):
        if publication.token() is None:
            encoder = request.getfixturevalue("bundled_encoder")
            vectors = CachedEncoder(encoder, publication.vectors)
            publish(publication, load_library([BUNDLED]), vectors)
    home = tmp_path_factory.mktemp("home")
    for part in ("generations", "vectors"):
        shutil.copytree(built / part, home / part)
    return home


@pytest.fixture(scope="session")
def bundled_service(bundled_home: Path, bundled_encoder: Encoder) -> Service:
    return Service.load(Publication(bundled_home / "generations"), "", bundled_encoder)


@pytest.fixture
def bundled_hub(bundled_home: Path, tmp_path: Path) -> Path:
    """A hub's folder of its own, with the index of the bundled library and its vectors."""
    home = tmp_path / "hub"
    for part in ("generations", "vectors"):
        shutil.copytree(bundled_home / part, home / part)
    return home


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed, and its exit status."""

    stdout: str
    stderr: str
    returncode: int

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever JSON holds
        return json.loads(self.stdout)


Typed = Callable[..., Ran]
"""Called like `diwan`, with what is typed, `home` and settings."""


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Type a command in this process, where everything is imported and the model loaded once.

    `diwan` runs the same in a process of its own, which takes seconds.
    """

    def run(*arguments: str, home: Path, **environment: str) -> Ran:
        capsys.readouterr()
        with monkeypatch.context() as patch:
            patch.setattr("os.nice", lambda _step: 0)
            patch.setattr("index.encoder._load_bundled", load_once)
            for name, value in {"DIWAN_HOME": str(home), **environment}.items():
                patch.setenv(name, value)
            patch.setattr("sys.argv", ["diwan", *arguments])
            with pytest.raises(SystemExit) as ended:
                main()
        printed = capsys.readouterr()
        return Ran(printed.out, printed.err, int(ended.value.code or 0))

    return run
