"""A small file is replaced as a whole, and can be read by whoever may read its neighbours."""

from pathlib import Path

import pytest

from corpus.atomic import write_atomically


def test_it_replaces_what_stood_there_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    write_atomically(path, "one")
    write_atomically(path, "two")
    assert path.read_text("utf-8") == "two"
    assert list(tmp_path.iterdir()) == [path]


def test_it_is_as_open_as_an_ordinary_file(tmp_path: Path) -> None:
    ordinary = tmp_path / "ordinary"
    ordinary.write_text("", "utf-8")
    write_atomically(tmp_path / "list.json", "")
    assert (tmp_path / "list.json").stat().st_mode == ordinary.stat().st_mode


def test_what_cannot_be_written_leaves_what_stood_there(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    write_atomically(path, "one")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "\ud800")
    assert path.read_text("utf-8") == "one"
    assert list(tmp_path.iterdir()) == [path]
