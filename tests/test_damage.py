"""Files that the disk spoils in any way: it is noticed, said, and never answered from."""

import os
import secrets
import shutil
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt
import pytest
from conftest import StandInEncoder, publish, same_hits

from corpus.library import Library
from index.generation import Generation
from index.generation_files import load_generation
from index.manifest import MANIFEST, GenerationError
from index.publication import POINTER, Publication
from index.vector_cache import CachedEncoder, check_cache
from server.holder import Holder
from server.service import Service

pytestmark = pytest.mark.slow

TRIALS = 1000
SEED = os.environ.get("DIWAN_DAMAGE_SEED") or secrets.token_hex(4)
OFTEN = 4  # how much more often the files are hit that say what the others are

Harm = Callable[[Path, Random], object]


def stretch(whole: bytes, random: Random) -> tuple[int, int]:
    """Some part of a file, mostly short."""
    start = random.randrange(max(1, len(whole)))
    length = random.choice((1, 8, 100, 4096))
    return start, min(start + length, len(whole))


def cut(path: Path, random: Random) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: stretch(whole, random)[0]])


def flip_a_bit(path: Path, random: Random) -> None:
    spoilt = bytearray(path.read_bytes())
    spoilt[random.randrange(len(spoilt))] ^= 1 << random.randrange(8)
    path.write_bytes(spoilt)


def zero_a_stretch(path: Path, random: Random) -> None:
    whole = path.read_bytes()
    start, end = stretch(whole, random)
    path.write_bytes(whole[:start] + bytes(end - start) + whole[end:])


def scramble_a_stretch(path: Path, random: Random) -> None:
    whole = path.read_bytes()
    start, end = stretch(whole, random)
    path.write_bytes(whole[:start] + random.randbytes(end - start) + whole[end:])


def append(path: Path, random: Random) -> None:
    path.write_bytes(path.read_bytes() + random.randbytes(random.randrange(1, 5000)))


def empty(path: Path, _random: Random) -> None:
    path.write_bytes(b"")


def delete(path: Path, _random: Random) -> None:
    path.unlink()


def put_a_folder_there(path: Path, _random: Random) -> None:
    path.unlink()
    path.mkdir()


def put_a_stranger_beside(path: Path, random: Random) -> None:
    stranger(path).write_bytes(random.randbytes(random.randrange(100)))


def stranger(path: Path) -> Path:
    return path.with_name(f"{path.stem}-copy{path.suffix}")


CONTENT_HARMS = (cut, flip_a_bit, zero_a_stretch, scramble_a_stretch, append, empty)
HARMS = (*CONTENT_HARMS, delete, put_a_folder_there, put_a_stranger_beside)


@contextmanager
def harmed(path: Path, harm: Harm, random: Random) -> Iterator[None]:
    """Harm a file, and put it right again."""
    whole = path.read_bytes()
    try:
        harm(path, random)
        yield
    finally:
        if path.is_dir():
            path.rmdir()
        path.write_bytes(whole)
        stranger(path).unlink(missing_ok=True)


@pytest.fixture
def publication(small_library: Library, stand_in: StandInEncoder, tmp_path: Path) -> Publication:
    """Two generations, of which the later one serves and holds a document more."""
    publication = Publication(tmp_path / "generations")
    publish(publication, Library(small_library.cases[:-1], small_library.terms), stand_in)
    publish(publication, small_library, stand_in)
    return publication


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_spoilt_file_makes_the_earlier_generation_serve(publication: Publication) -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        trials = pool.submit(spoil_generations, publication.folder, TRIALS, SEED)
        problems, passed_over = trials.result()  # were the process to crash, this would raise
    assert not problems, "\n".join(problems)
    assert passed_over > 0.8 * TRIALS


def spoil_generations(folder: Path, count: int, seed: str) -> tuple[list[str], int]:
    """Harm files of the generation that serves, one at a time, and open what is there.

    Returns:
        What went wrong, and how often the earlier generation was opened instead.
    """
    publication = Publication(folder)
    pointer = publication.pointer()
    serving, earlier = (
        load_generation(folder / str(name)) for name in (pointer.generation, *pointer.earlier)
    )
    files = files_of(folder / serving.id)
    files += OFTEN * [folder / serving.id / MANIFEST, folder / POINTER]
    problems: list[str] = []
    passed_over = 0
    for number in range(count):
        random = Random(f"{seed}/{number}")  # noqa: S311 - no secret hangs on it
        path, harm = random.choice(files), random.choice(HARMS)
        with harmed(path, harm, random), warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                found = list(wrongs(publication, serving, earlier, path))
            except Exception as error:  # noqa: BLE001 - whatever else is raised is wrong
                found = [f"{type(error).__name__}: {error}"]
            passed_over += publication.open().generation.id == earlier.id
        found += [str(warning.message) for warning in warned]
        about = f"trial {number} of seed {seed}, {harm.__name__}, {path.relative_to(folder)}"
        problems += [f"{about}: {wrong}" for wrong in found]
    return problems, passed_over


def wrongs(
    publication: Publication, serving: Generation, earlier: Generation, path: Path
) -> Iterator[str]:
    """What opening generations does other than it should, now that a file is spoilt."""
    sound = True
    try:
        loaded = load_generation(publication.folder / serving.id)
    except GenerationError:
        sound = False
    else:
        if not same(loaded, serving):
            yield "it was read as something else"
    opened = publication.open()
    spoilt_pointer = path.name == POINTER
    if opened.generation.id == serving.id:
        if not sound or (opened.problem and not spoilt_pointer):
            yield f"it was opened, with the problem {opened.problem}"
    elif not opened.problem or (sound and not spoilt_pointer):
        yield f"another one was opened, with the problem {opened.problem}"
    if not same(opened.generation, serving if opened.generation.id == serving.id else earlier):
        yield "what was opened is not as it was"


def same(one: Generation, two: Generation) -> bool:
    return one.manifest == two.manifest and same_hits(one, two, StandInEncoder())


def test_what_is_served_does_not_depend_on_its_files_any_more(
    publication: Publication, stand_in: StandInEncoder
) -> None:
    random = Random(SEED)  # noqa: S311
    holder = Holder(lambda: Service.load(publication, "", stand_in), publication.token)
    holder._refresh()
    service = holder.current()
    whole = load_generation(publication.folder / service.generation.id)
    for path in files_of(publication.folder / service.generation.id):
        with harmed(path, random.choice(HARMS), random):
            holder._refresh()
            assert holder.current() is service
            assert same_hits(service.generation, whole, stand_in), f"{path.name}, seed {SEED}"
    shutil.rmtree(publication.folder / service.generation.id)
    assert same_hits(holder.current().generation, whole, stand_in)


TEXTS = [f"Town {number} opened its night school in {1900 + number}." for number in range(60)]


class Remembering(StandInEncoder):
    """Encodes from memory, and counts what it is asked for."""

    def __init__(self) -> None:
        vectors = StandInEncoder().encode_passages(TEXTS)
        self._vectors = dict(zip(TEXTS, vectors, strict=True))
        self.count = 0

    def encode_passages(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        self.count += len(texts)
        if progress:
            progress(len(texts))
        return np.array([self._vectors[text] for text in texts], dtype=np.float32)


def flip_a_bit_of_the_first_page(path: Path, random: Random) -> None:
    """Spoil what the database says of itself."""
    spoilt = bytearray(path.read_bytes())
    used = [place for place in range(4096) if spoilt[place]]
    spoilt[random.choice(used)] ^= 1 << random.randrange(8)
    path.write_bytes(spoilt)


@pytest.mark.parametrize("harm", [*CONTENT_HARMS, delete, flip_a_bit_of_the_first_page])
def test_spoilt_vectors_are_never_taken_for_right_ones(harm: Harm, tmp_path: Path) -> None:
    remembering = Remembering()
    cached = CachedEncoder(remembering, tmp_path)
    right = cached.encode_passages(TEXTS)
    whole = cached.path.read_bytes()
    for number in range(250):
        about = f"trial {number}, DIWAN_DAMAGE_SEED={SEED}"
        harm(cached.path, Random(f"{SEED}/{number}"))  # noqa: S311
        if cached.path.exists():
            check_that_damage_is_told(cached.path, right, about)
        assert np.array_equal(cached.encode_passages(TEXTS), right), about
        for _ in range(3):
            remembering.count = 0
            assert np.array_equal(cached.encode_passages(TEXTS), right), about
        assert not remembering.count, f"{about}: it is not mended"
        cached.path.write_bytes(whole)


def check_that_damage_is_told(path: Path, right: npt.NDArray[np.float32], about: str) -> None:
    _, problem = check_cache(path)
    content = path.read_bytes() + bytes(4096)  # what is cut off the last page is read as zeros
    if not all(vector.tobytes() in content for vector in right):
        assert problem, f"{about}: nothing is said of it"


def test_an_index_of_vectors_that_leads_astray_is_not_followed(tmp_path: Path) -> None:
    cached = CachedEncoder(StandInEncoder(), tmp_path)
    right = cached.encode_passages(TEXTS)
    whole = cached.path.read_bytes()
    for text, vector in zip(TEXTS[::10], right[::10], strict=True):
        for place in behind(sha256(text.encode()).digest(), whole):
            for bit in range(8):
                spoilt = bytearray(whole)
                spoilt[place] ^= 1 << bit  # leads to the row of another text, if there is one
                cached.path.write_bytes(spoilt)
                assert np.array_equal(cached.encode_passages([text])[0], vector), text


def behind(key: bytes, content: bytes) -> Iterator[int]:
    """The places right behind each occurrence of a key."""
    place = content.find(key)
    while place >= 0:
        yield place + len(key)
        place = content.find(key, place + 1)
