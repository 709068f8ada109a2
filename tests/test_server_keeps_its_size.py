"""A server that takes up one generation after another takes no more memory, nor open files.

The server's part runs in a process of its own, where nothing but it allocates:
`python tests/test_server_keeps_its_size.py TIMES`, with DIWAN_HOME set.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

import pytest
from conftest import publish

from corpus.gold import BUNDLED_GOLD, load_gold
from corpus.library import BUNDLED, Library, load_library
from index.collecting import collect
from index.encoder import load_encoder
from index.generation_files import load_generation
from index.publication import Publication
from index.question import read_question
from index.vector_cache import CachedEncoder
from server.service_opening import holder_for
from server.settings import Settings

PROCESS = Path("/proc/self")
TIMES = int(os.environ.get("DIWAN_GENERATIONS", "100"))
SETTLED = 10  # generations after which the process has the size that it keeps
MORE = 1.1
NEW_EVERY = 10  # one is new, the others are rolled back to
KEPT = 4

pytestmark = [
    pytest.mark.slow,
    pytest.mark.alone,
    pytest.mark.skipif(
        not (PROCESS / "status").exists(), reason="this system does not tell a process's size"
    ),
]


@pytest.fixture(scope="module")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, int]]:
    """The server's memory and open files after each generation that it took up."""
    home = tmp_path_factory.mktemp("hub")
    publication = Publication(home / "generations")
    encoder = CachedEncoder(load_encoder(), publication.vectors)
    library = load_library([BUNDLED])
    for part in (1, 2, 3):  # the whole library, a half and a third
        publish(publication, Library(library.cases[::part], library.terms), encoder)
    ran = subprocess.run(
        [sys.executable, __file__, str(TIMES)],
        env={**os.environ, "DIWAN_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert ran.returncode == 0, ran.stderr
    found: list[dict[str, int]] = json.loads(ran.stdout)
    assert len(found) == TIMES
    return found


def test_memory_does_not_grow(sizes: list[dict[str, int]]) -> None:
    settled, last = sizes[SETTLED - 1]["resident_kb"], sizes[-1]["resident_kb"]
    assert last <= MORE * settled


def test_no_file_is_left_open(sizes: list[dict[str, int]]) -> None:
    assert sizes[-1]["open_files"] == sizes[SETTLED - 1]["open_files"]


def take_up(times: int) -> Iterator[dict[str, int]]:
    """Publish a generation, take it up and search it, so many times over."""
    settings = Settings()
    publication = Publication(settings.generations_folder)
    holder = holder_for(settings)
    holder._refresh()
    questions = [read_question(gold.text) for gold in load_gold(BUNDLED_GOLD)]
    for question in questions:  # the first ones are slow, and take memory that is kept
        holder.current().search(question)
    for number, question in islice(enumerate(cycle(questions), start=1), times):
        published = publish_next(publication, new=number % NEW_EVERY == 0)
        holder._refresh()
        result = holder.current().search(question)
        assert result.generation == published
        assert result.hits
        yield {
            "resident_kb": resident_kb(),
            "open_files": len(list((PROCESS / "fd").iterdir())),
        }


def publish_next(publication: Publication, *, new: bool) -> str:
    """Publish the generation that has not served for longest, itself or as a new one."""
    *_, longest = publication.candidates(publication.pointer())
    if not new:
        return publication.rollback(longest)[0].id
    old = load_generation(publication.folder / longest)
    manifest = replace(old.manifest, id=f"again-{old.manifest.number}-{perf_counter():.6f}")
    with publication.building():
        name = publication.write(replace(old, manifest=manifest)).id
        publication.publish(name)
        collect(publication, KEPT)
    return name


def resident_kb() -> int:
    """The process's resident memory."""
    lines = (PROCESS / "status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


if __name__ == "__main__":
    json.dump(list(take_up(int(sys.argv[1]))), sys.stdout)
