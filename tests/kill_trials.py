"""Kills whoever works in a hub's folder, at random moments, and examines what is left of it.

Run by test_kill.py in a process of its own, for the trials are forks and want a parent that is
warm and has one thread: `python tests/kill_trials.py TRIALS SEED FOLDER`. The same seed gives the
same trials, but for what the clock does to them. The findings are written as one JSON document.
"""

import json
import os
import select
import shutil
import signal
import sqlite3
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import RLock
from types import FrameType

import numpy as np
import numpy.typing as npt
from conftest import FRONT, StandInEncoder
from tqdm import tqdm

import index.parameters
import index.rebuild
from corpus.document_file import Filed, Origin, write_document
from corpus.gold import GoldQuestion
from corpus.ingest import clear_leftovers, remove
from corpus.library import Library, load_library
from corpus.markdown import parse_case_study
from corpus.removed import Removed
from index import collecting
from index.build import build_generation
from index.generation import Generation
from index.manifest import GenerationError, check_files
from index.publication import Pointer, Publication
from index.question import read_question
from index.rebuild import Rebuilder, Rebuilt, Standards
from index.search import search
from index.soundness import check_vectors
from index.vector_cache import CachedEncoder, check_cache

ENCODER = StandInEncoder()
WITH_GOLD = ("school", "orchard")
WITHOUT = ("fountain", "ferry", "bridge")
FILED = "report"  # taken in from a file; staff wrote the others
KEEP = 4  # generations
PATIENCE = 60.0  # seconds for what takes a tenth of one

_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "fcntl.flock", "sqlite3.connect"}
_WRITES = {"write", "writelines", "tofile", "executemany"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def marker(name: str, version: int) -> str:
    """A word that stands in one version of one document, and nowhere else."""
    digest = sha256(f"{name} {version}".encode()).digest()
    return "".join(chr(ord("a") + byte % 26) for byte in digest[:10])


def text_of(name: str, version: int) -> str:
    """A document as a Markdown file."""
    front = FRONT.format(
        id=name, language="en", title=f"A town and its {name}", place="Town", country="KE"
    )
    return (
        f"{front}## What was done\n\nThe people of {marker(name, version)} cared for the {name}."
        f" Forty of them came in the first winter.\n\n## What came of it\n\nEverybody now speaks of"
        f" the {name} and of {version} petitions to the council.\n"
    )


GOLD = tuple(
    GoldQuestion(f"{asked} {marker(name, 1)}?", "en", (name,))
    for name in WITH_GOLD
    for asked in ("Who are the people of", "What was done in")
)


@dataclass(frozen=True)
class Hub:
    """A hub's folder."""

    home: Path

    @property
    def publication(self) -> Publication:
        return Publication(self.home / "generations")

    @property
    def vectors(self) -> Path:
        return self.publication.vectors / f"{ENCODER.revision}.sqlite"

    def library(self) -> Library:
        clear_leftovers(self.home)
        return load_library([self.home / "library"], (), Removed(self.home))

    def write(self, name: str, version: int) -> None:
        """Have staff write a document."""
        folder = self.home / "library"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.md").write_text(text_of(name, version), "utf-8")

    def delete(self, name: str) -> None:
        """Have staff delete a document that they wrote."""
        (self.home / "library" / f"{name}.md").unlink()

    def rebuild(self, *, full: bool = False, force: bool = False) -> Rebuilt:
        rebuilder = Rebuilder(self.publication, "", Standards(GOLD, keep=KEEP))
        return rebuilder.rebuild(self.library, full=full, force=force)

    def documents(self) -> dict[str, bytes]:
        """Every document by the name of its file, in the library or put away from it."""
        found: dict[str, bytes] = {}
        for folder in (self.home / "library", self.home / "removed"):
            for path in folder.rglob("[!.]*.*"):
                assert path.name not in found, f"{path.name} lies in two places"
                found[path.name] = path.read_bytes()
        return found


def file_report(folder: Path, version: int) -> Path:
    """Write a document as one that was taken in from a file."""
    document = parse_case_study(text_of(FILED, version), FILED)
    origin = Origin("/desk/report.html", "0" * 64, "2025-01-01T00:00:00+00:00")
    return write_document(Filed(document, origin), folder)


@dataclass(frozen=True)
class Attempt:
    """What a process is about to do, and what may come of it next to what was before.

    Attributes:
        act: Does it.
        publishes: Whether a new generation of the library as it is may serve.
        goes_back_to: Id of an earlier generation that may serve.
        documents: What may stand in files of the library.
        removed: Ids that may be on the list of removed documents.
        forgets: Whether vectors may be gone.
        refused: Whether the gate is to refuse what the library has become.
    """

    act: Callable[[], object]
    publishes: bool = False
    goes_back_to: str | None = None
    documents: Mapping[str, bytes] = field(default_factory=dict)
    removed: frozenset[str] | None = None
    forgets: bool = False
    refused: bool = False


Operation = Callable[[Hub, Random], Attempt]


def new_version(random: Random) -> int:
    return random.randrange(2, 10**6)


def published(rebuilt: Rebuilt) -> None:
    assert rebuilt.published, "a rebuild was to publish"


def rebuild_added(hub: Hub, random: Random) -> Attempt:
    hub.write("harbour", new_version(random))
    return Attempt(lambda: published(hub.rebuild()), publishes=True)


def rebuild_changed(hub: Hub, random: Random) -> Attempt:
    hub.write(random.choice(WITHOUT), new_version(random))
    return Attempt(lambda: published(hub.rebuild()), publishes=True)


def rebuild_removed(hub: Hub, random: Random) -> Attempt:
    hub.delete(random.choice(WITHOUT))
    return Attempt(lambda: published(hub.rebuild()), publishes=True)


def rebuild_full(hub: Hub, random: Random) -> Attempt:
    hub.write(random.choice(WITHOUT), new_version(random))
    return Attempt(lambda: published(hub.rebuild(full=True)), publishes=True, forgets=True)


def rebuild_first(hub: Hub, _random: Random) -> Attempt:
    shutil.rmtree(hub.publication.folder)
    shutil.rmtree(hub.publication.vectors)
    return Attempt(lambda: published(hub.rebuild()), publishes=True)


def rebuild_refused(hub: Hub, random: Random) -> Attempt:
    hub.delete(random.choice(WITH_GOLD))

    def act() -> None:
        assert hub.rebuild().refused, "the gate was to refuse"

    return Attempt(act, refused=True)


def publish(hub: Hub, random: Random) -> Attempt:
    hub.write(random.choice(WITHOUT), new_version(random))
    generation = build_generation(hub.library(), ENCODER)

    def act() -> None:
        with hub.publication.building():
            hub.publication.publish(hub.publication.write(generation).id)

    return Attempt(act, publishes=True)


def roll_back(hub: Hub, _random: Random) -> Attempt:
    earlier = hub.publication.pointer().earlier[0]
    return Attempt(hub.publication.rollback, goes_back_to=earlier)


def roll_back_to(hub: Hub, random: Random) -> Attempt:
    serving = hub.publication.pointer().generation
    others = sorted(kept.id for kept in hub.publication.kept() if kept.id != serving)
    chosen = random.choice(others)
    return Attempt(lambda: hub.publication.rollback(chosen), goes_back_to=chosen)


def collect(hub: Hub, random: Random) -> Attempt:
    keep = random.choice((1, 2))
    return Attempt(lambda: collecting.collect(hub.publication, keep))


def take_in(hub: Hub, random: Random) -> Attempt:
    """Take a changed document in again that had been removed."""
    Removed(hub.home).add([FILED])
    version = new_version(random)
    with TemporaryDirectory() as desk:
        path = file_report(Path(desk), version)
        documents = {path.name: path.read_bytes()}

    def act() -> None:
        file_report(hub.home / "library" / "documents", version)
        Removed(hub.home).restore([FILED])

    return Attempt(act, documents=documents, removed=frozenset())


def take_away(hub: Hub, _random: Random) -> Attempt:
    return Attempt(lambda: remove(hub.home, [FILED]), removed=frozenset({FILED}))


OPERATIONS: Mapping[str, Operation] = {
    operation.__name__: operation
    for operation in (
        rebuild_added, rebuild_changed, rebuild_removed, rebuild_full, rebuild_first,
        rebuild_refused, publish, roll_back, roll_back_to, collect, take_in, take_away,
    )
}  # fmt: skip


@dataclass(frozen=True)
class Kill:
    """When a process is to die.

    Attributes:
        after: Seconds from its beginning; None for no such moment.
        step: Kind and number of the step that it dies before: something it does to files.
        later: Seconds by which it outlives that step.
    """

    after: float | None = None
    step: tuple[str, int] | None = None
    later: float = 0.0


@dataclass(frozen=True)
class Course:
    """How something went: killed, or so many seconds and steps of each kind, or failed."""

    killed: bool
    seconds: float = 0.0
    steps: Mapping[str, int] = field(default_factory=dict)
    failed: bool = False


class Steps:
    """Counts what this process does to files, and lets it die of a step."""

    def __init__(self, kill: Kill) -> None:
        self._kill = kill
        self._flush = os.fsync
        self.counts = Counter[str]()

    def watch(self) -> None:
        sys.addaudithook(self._heard)
        sys.setprofile(self._called)
        os.fsync = self._flushed

    def _heard(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in _CHANGES or (event == "open" and arguments[2] & _WRITING):
            self._take(event)

    def _called(self, _frame: FrameType, event: str, function: object) -> None:
        name = getattr(function, "__name__", "") if event == "c_call" else ""
        if name in _WRITES:
            self._take(name)

    def _flushed(self, descriptor: int) -> None:
        self._take("fsync")
        self._flush(descriptor)

    def _take(self, kind: str) -> None:
        self.counts[kind] += 1
        if (kind, self.counts[kind]) != self._kill.step:
            return
        if self._kill.later:
            signal.setitimer(signal.ITIMER_REAL, self._kill.later)  # its signal ends the process
        else:
            os.kill(os.getpid(), signal.SIGKILL)


def carry_out(act: Callable[[], object], kill: Kill) -> Course:
    """Do something in a child, which may be killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _be_the_child(act, kill, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        told.read(1)
        limit = PATIENCE if kill.after is None else kill.after
        ended, _, _ = select.select([told], [], [], limit)
        if not ended:
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            return Course(killed=True, failed=limit == PATIENCE and not ended)
        if status:
            return Course(killed=False, failed=True)
        return Course(killed=False, **json.loads(told.read()))


def _be_the_child(act: Callable[[], object], kill: Kill, writing: int) -> None:
    try:
        steps = Steps(kill)
        os.write(writing, b"!")
        steps.watch()
        begun = time.perf_counter()
        act()
        seconds = time.perf_counter() - begun
        os.write(writing, json.dumps({"seconds": seconds, "steps": steps.counts}).encode())
    except BaseException:  # noqa: BLE001 - nothing may return into the parent's code
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


class Watched:
    """The stand-in encoder below the kept vectors: it remembers what they did not hold."""

    encoded: list[str]

    def __init__(self) -> None:
        self.encoded = []

    def cached(self, encoder: StandInEncoder, folder: Path) -> CachedEncoder:
        """Take the place of `CachedEncoder` in a rebuild."""
        watched = self

        class Remembering(type(encoder)):
            def encode_passages(
                self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
            ) -> npt.NDArray[np.float32]:
                watched.encoded += texts
                return super().encode_passages(texts, progress=progress)

        return CachedEncoder(Remembering(), folder)


WATCHED = Watched()


def use_the_stand_in() -> None:
    """Have rebuilds use the stand-in encoder."""
    index.rebuild.load_encoder = lambda _model=None: ENCODER
    for module in (index.rebuild, index.parameters):
        module.model_identity = lambda _model: (ENCODER.name, ENCODER.revision)
    index.rebuild.CachedEncoder = WATCHED.cached


def kept_vectors(hub: Hub) -> frozenset[bytes]:
    """Keys of the vectors that are kept; looked up in a copy, for reading mends a cut file."""
    if not hub.vectors.exists():
        return frozenset()
    with TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(hub.publication.vectors, folder, dirs_exist_ok=True))
        with closing(sqlite3.connect(copy / hub.vectors.name)) as database:
            if not database.execute("SELECT * FROM sqlite_master").fetchone():
                return frozenset()  # cut off before the first
            return frozenset(key for (key,) in database.execute("SELECT key FROM vectors"))


@dataclass(frozen=True)
class Before:
    """What a hub held when an attempt began."""

    pointer: Pointer
    documents: Mapping[str, bytes]
    removed: frozenset[str]
    vectors: frozenset[bytes]

    @classmethod
    def of(cls, hub: Hub) -> "Before":
        return cls(
            hub.publication.pointer(),
            hub.documents(),
            Removed(hub.home).ids(),
            kept_vectors(hub),
        )


@dataclass(frozen=True)
class Remains:
    """What a process left behind that was killed, with what it was to be.

    Attributes:
        hub: Where.
        attempt: What it had been about to do.
        before: What there was before.
        libraries: What earlier generations were built from, by their ids.
    """

    hub: Hub
    attempt: Attempt
    before: Before
    libraries: Mapping[str, Library]

    def inconsistencies(self, random: Random) -> Iterator[str]:
        """Open what serves, as a server does that starts now."""
        pointer = self.hub.publication.pointer()
        if pointer.problem:
            yield pointer.problem
        if pointer != self.before.pointer and pointer.generation in (None, self._serving):
            yield "what is published has been forgotten"
        for kept in self.hub.publication.kept():
            try:
                check_files(kept.path)
            except GenerationError as error:
                yield f"among the kept ones: {error}"
        try:
            opened = self.hub.publication.open(lambda found: check_vectors(found, ENCODER))
        except GenerationError as error:
            if self._serving or pointer.generation:
                yield f"nothing opens: {error}"
            return
        try:
            generation = opened.generation
            if opened.problem:
                yield f"{generation.id} was opened: {opened.problem}"
            if library := self._library_of(generation.id):
                yield from _differences(generation, library, random)
            else:
                yield f"{generation.id} was opened, which must not serve"
        finally:
            opened.lease.release()

    def losses(self) -> Iterator[str]:
        """Look for documents that are neither as they were nor as they were to be."""
        now = self.hub.documents()
        for name, content in self.before.documents.items():
            if now.get(name) not in (content, self.attempt.documents.get(name)):
                yield f"{name} is {'damaged' if name in now else 'gone'}"
        if strange := now.keys() - self.before.documents.keys():
            yield f"{', '.join(sorted(strange))} came from nowhere"
        removed = Removed(self.hub.home).ids()
        if removed not in (self.before.removed, self.attempt.removed):
            yield f"the list of removed documents is {sorted(removed)}"

    def hindrances(self) -> Iterator[str]:
        """Rebuild, as if nothing had happened."""
        kept = kept_vectors(self.hub)
        if kept and (problem := check_cache(self.hub.vectors)[1]):
            yield f"of the kept vectors it is said that {problem}"
        if not self.attempt.forgets and not self.before.vectors <= kept:
            yield "vectors that were kept are gone"
        WATCHED.encoded.clear()
        rebuilt = self.hub.rebuild(force=self.attempt.refused)
        again = [text for text in WATCHED.encoded if sha256(text.encode()).digest() in kept]
        if again:
            yield f"encoded again: {again[0]!r} and {len(again) - 1} more"
        if rebuilt.manifest.library != self.hub.library().state:
            yield "the next rebuild does not serve the library"
        if self.hub.publication.pointer().generation != rebuilt.manifest.id:
            yield "the next rebuild publishes nothing"
        yield from (f"{path} is left" for path in _left_lying(self.hub))

    @property
    def _serving(self) -> str | None:
        return self.before.pointer.generation

    def _library_of(self, name: str) -> Library | None:
        """What a generation that may serve was built from; None for any other."""
        if name in self.libraries:
            may_serve = name in (self._serving, self.attempt.goes_back_to)
            return self.libraries[name] if may_serve else None
        return self.hub.library() if self.attempt.publishes else None


def _differences(generation: Generation, library: Library, random: Random) -> Iterator[str]:
    """What a generation holds, and what is found in it, other than what its library says."""
    if generation.manifest.library != library.state or generation.library_cases != library.cases:
        yield f"{generation.id} is of another library"
    wanted = random.choice(library.cases)
    word = next(part for part in wanted.text.split() if len(part) == len(marker("", 0)))
    hits = search(generation, ENCODER, read_question(f"Who cared in {word}?")).hits
    if word not in hits[0].shown.passage.text:
        yield f"{generation.id} does not find {wanted.id}"
    for hit in hits:
        case, passage = hit.shown.case, hit.shown.passage
        if case not in library.cases or case.text[passage.start : passage.end] != passage.text:
            yield f"{generation.id} finds {passage.id}, which its library does not hold"


def _left_lying(hub: Hub) -> Iterator[Path]:
    """What an interrupted process left, and nobody has use for."""
    for path in hub.home.rglob(".*"):
        if path.name.startswith((".building-", ".collected-")) or path.suffix == ".new":
            yield path.relative_to(hub.home)
    for path in hub.publication.folder.glob("refused/*.json"):
        if not path.with_suffix("").is_dir():
            yield path.relative_to(hub.home)


def make_template(home: Path) -> tuple[Hub, dict[str, Library]]:
    """A hub with three published generations and one that was refused; and their libraries."""
    hub = Hub(home)
    libraries: dict[str, Library] = {}

    def rebuild() -> Rebuilt:
        library, rebuilt = hub.library(), hub.rebuild()
        built = rebuilt.refused.manifest if rebuilt.refused else rebuilt.manifest
        libraries[built.id] = library
        return rebuilt

    for name in (*WITH_GOLD, *WITHOUT):
        hub.write(name, 1)
    assert rebuild().published
    file_report(hub.home / "library" / "documents", 1)
    assert rebuild().published
    hub.delete(WITH_GOLD[0])
    assert rebuild().refused
    hub.write(WITH_GOLD[0], 1)
    hub.write(WITHOUT[0], 0)
    assert rebuild().published
    return hub, libraries


@dataclass
class Trials:
    """All trials, and what they have shown so far.

    Attributes:
        folder: Where hubs are made; those of failed trials stay.
        seed: What chance depends on.
    """

    folder: Path
    seed: str
    killed: Counter[str] = field(default_factory=Counter)
    finished: Counter[str] = field(default_factory=Counter)
    inconsistent: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    hindered: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make what each trial begins with, and rehearse each operation without killing it."""
        self._template, self._libraries = make_template(self.folder / "template")
        self._rehearsed = {name: self._rehearse(name) for name in OPERATIONS}

    def run(self, number: int) -> None:
        """One trial."""
        random = Random(f"{self.seed}/{number}")  # noqa: S311 - no secret hangs on it
        name = random.choice(list(OPERATIONS))
        hub = self._hub()
        attempt = OPERATIONS[name](hub, random)
        before = Before.of(hub)
        kill = self._moment(name, random)
        course = carry_out(attempt.act, kill)
        (self.killed if course.killed else self.finished)[name] += 1
        remains = Remains(hub, attempt, before, self._libraries)
        about = f"trial {number} of seed {self.seed} ({name}, {kill})"
        problems = [
            *_gathered(remains.inconsistencies(random), about, self.inconsistent),
            *_gathered(remains.losses(), about, self.lost),
            *_gathered(remains.hindrances(), about, self.hindered),
        ]
        if course.failed:
            self.hindered.append(f"{about}: failed or hung by itself")
        if problems:
            hub.home.rename(self.folder / f"trial-{number}")

    def _hub(self) -> Hub:
        home = self.folder / "hub"
        shutil.rmtree(home, ignore_errors=True)
        return Hub(Path(shutil.copytree(self._template.home, home)))

    def _rehearse(self, name: str) -> Course:
        """How an operation goes that is not killed: the quickest of three times."""
        courses = []
        for time_ in range(3):
            hub = self._hub()
            attempt = OPERATIONS[name](hub, Random(time_))  # noqa: S311
            courses.append(carry_out(attempt.act, Kill()))
            assert not courses[-1].failed, f"{name} fails without being killed"
        return min(courses, key=lambda course: course.seconds)

    def _moment(self, name: str, random: Random) -> Kill:
        """Some moment of an operation: by the clock, at a step, or shortly after a step."""
        usual = self._rehearsed[name]
        if random.random() < 0.5:
            return Kill(after=random.uniform(0, 1.1 * usual.seconds))
        later = random.choice((0.0, 10 ** random.uniform(-5, -1.3) * usual.seconds))
        kind, count = random.choice(sorted(usual.steps.items()))  # some are many, some matter
        return Kill(step=(kind, random.randint(1, count)), later=later)


def _gathered(found: Iterator[str], about: str, among: list[str]) -> list[str]:
    try:
        new = [f"{about}: {sentence}" for sentence in found]
    except Exception:  # noqa: BLE001 - whatever it is, it is a finding
        new = [f"{about}: {traceback.format_exc()}"]
    among += new
    return new


def main() -> None:
    """Run the trials and write down what they showed."""
    count, seed, folder = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    tqdm.monitor_interval = 0  # else it starts a thread, and forks want none,
    tqdm.set_lock(RLock())  # and shares a lock with all forks, which who is killed keeps
    use_the_stand_in()
    begun = time.perf_counter()
    trials = Trials(folder, seed)
    for number in range(count):
        trials.run(number)
    findings = {
        "seed": seed,
        "seconds": time.perf_counter() - begun,
        "killed": trials.killed,
        "finished": trials.finished,
        "inconsistent": trials.inconsistent,
        "lost": trials.lost,
        "hindered": trials.hindered,
    }
    json.dump(findings, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
