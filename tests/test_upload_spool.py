"""A file that waits is there as a whole, with all that was said of it, or not at all."""

import time
from io import BytesIO
from pathlib import Path

import pytest

from server import upload_spool
from server.upload_spool import SPOOL, Spool

LATER = 2 * 24 * 3600  # seconds


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path)


def waiting_in(spool: Spool) -> list[str]:
    """Names of the files that any token leads to."""
    found = [spool.find(folder.name) for folder in (spool.home / SPOOL).glob("*")]
    return [each.path.name for each in found if each]


def test_a_file_that_is_still_coming_is_not_found(spool: Spool) -> None:
    seen = []

    class Coming(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            seen.append(waiting_in(spool))
            return super().read(size)

    token = spool.take(Coming(b"content"), "report.pdf")
    assert seen
    assert not any(seen)
    found = spool.find(token)
    assert found
    assert found.path.read_bytes() == b"content"
    assert waiting_in(spool) == ["report.pdf"]


def test_one_that_cannot_be_taken_leaves_nothing(spool: Spool) -> None:
    class Broken(BytesIO):
        def read(self, size: int | None = -1) -> bytes:  # noqa: ARG002
            raise OSError("the line is cut")

    with pytest.raises(OSError, match="cut"):
        spool.take(Broken(), "report.pdf")
    assert not list((spool.home / SPOOL).iterdir())


@pytest.mark.parametrize("is_old", [False, True])
def test_one_that_is_half_deleted_is_not_found_and_is_collected(
    spool: Spool, monkeypatch: pytest.MonkeyPatch, is_old: bool
) -> None:
    found = spool.find(spool.take(BytesIO(b"content"), "report.pdf"))
    assert found
    spool.say(found, {"title": "A report"})
    with monkeypatch.context() as dying:
        dying.setattr(upload_spool.shutil, "rmtree", lambda *_, **__: None)
        if is_old:
            spool.collect(time.time() + LATER)
        else:
            spool.drop(found)
    assert not waiting_in(spool)
    assert list((spool.home / SPOOL).iterdir())
    spool.collect(time.time() + LATER)
    assert not list((spool.home / SPOOL).iterdir())
