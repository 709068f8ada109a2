"""What was encoded once is not encoded again, and a damaged store costs time, never an answer."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from conftest import StandInEncoder

from index.vector_cache import CachedEncoder, check_cache

TEXTS = ["the night school", "مدرسة ليلية", "the night school", ""]


class Counting(StandInEncoder):
    """Remembers what it was asked to encode."""

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode_passages(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        self.encoded += texts
        return super().encode_passages(texts, progress=progress)


def test_only_new_texts_are_encoded_and_each_once(tmp_path: Path, stand_in: StandInEncoder) -> None:
    counting = Counting()
    first = CachedEncoder(counting, tmp_path).encode_passages(TEXTS)
    assert np.array_equal(first, stand_in.encode_passages(TEXTS))
    assert len(counting.encoded) == 3
    again = CachedEncoder(counting, tmp_path).encode_passages([*TEXTS, "new"])
    assert counting.encoded[3:] == ["new"]
    assert np.array_equal(again[:4], first)


def test_progress_counts_what_is_known_as_done(tmp_path: Path) -> None:
    cached = CachedEncoder(Counting(), tmp_path)
    cached.encode_passages(TEXTS)
    seen: list[int] = []
    cached.encode_passages([*TEXTS, "one", "two"], progress=seen.append)
    assert seen == [5, 6]


def test_another_model_has_vectors_of_its_own(tmp_path: Path) -> None:
    CachedEncoder(Counting(), tmp_path).encode_passages(TEXTS)
    other = Counting()
    other.revision = "2"
    CachedEncoder(other, tmp_path).encode_passages(TEXTS)
    assert len(other.encoded) == 3


def test_a_damaged_vector_is_encoded_again(tmp_path: Path, stand_in: StandInEncoder) -> None:
    cached = CachedEncoder(Counting(), tmp_path)
    cached.encode_passages(TEXTS)
    with sqlite3.connect(cached.path) as database:
        database.execute("UPDATE vectors SET vector = zeroblob(length(vector))")
    database.close()
    vectors = cached.encode_passages(TEXTS)
    assert np.array_equal(vectors, stand_in.encode_passages(TEXTS))


def test_a_store_that_is_no_store_counts_as_absent(
    tmp_path: Path, stand_in: StandInEncoder
) -> None:
    cached = CachedEncoder(Counting(), tmp_path)
    cached.path.write_bytes(b"this is no database" * 500)
    vectors = cached.encode_passages(TEXTS)
    assert np.array_equal(vectors, stand_in.encode_passages(TEXTS))
    assert np.array_equal(cached.encode_passages(TEXTS), vectors)


def test_what_was_encoded_before_an_interruption_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.vector_cache._STRETCH", 2)
    interrupted = Counting()

    class Interrupted(Counting):
        def encode_passages(
            self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
        ) -> npt.NDArray[np.float32]:
            if interrupted.encoded:
                raise KeyboardInterrupt
            interrupted.encoded += texts
            return super().encode_passages(texts, progress=progress)

    with pytest.raises(KeyboardInterrupt):
        CachedEncoder(Interrupted(), tmp_path).encode_passages(["a", "b", "c", "d"])
    after = Counting()
    CachedEncoder(after, tmp_path).encode_passages(["a", "b", "c", "d"])
    assert after.encoded == ["c", "d"]


def test_a_store_is_looked_through(tmp_path: Path) -> None:
    cached = CachedEncoder(Counting(), tmp_path)
    cached.encode_passages(TEXTS)
    assert check_cache(cached.path) == (3, None)
    with closing(sqlite3.connect(cached.path)) as database, database:
        database.execute("UPDATE vectors SET sum = sum + 1 WHERE rowid = 1")
    assert check_cache(cached.path) == (3, "1 of 3 vectors are damaged")
    cached.path.write_bytes(b"this is no database" * 500)
    assert check_cache(cached.path)[1] == "the file cannot be read: file is not a database"
    cached.forget()
    assert not cached.path.exists()


def test_nothing_to_encode_is_no_work(tmp_path: Path) -> None:
    vectors = CachedEncoder(Counting(), tmp_path).encode_passages([])
    assert vectors.shape == (0, 64)
    assert not list(tmp_path.iterdir())
