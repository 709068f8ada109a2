"""A backup is whole or absent; a restore brings all of it back or changes nothing."""

import fcntl
import gzip
import io
import json
import os
import resource
import shutil
import signal
import sqlite3
import stat
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, BinaryIO

import pytest
from conftest import StandInEncoder, Typed, diwan, make_case, publish, put_case, same_hits

from corpus.document_file import Filed, Origin, read_document, write_document
from corpus.ingest import remove
from corpus.library import Library
from corpus.removed import Removed
from index.collecting import collect
from index.generation_files import load_generation
from index.locks import BusyError
from index.publication import Publication
from server import backup_parts
from server.backup import put_back, write_backup
from server.backup_archive import CONTENTS, read_archive
from server.backup_swap import UNFINISHED, Swap
from server.holder import Holder
from server.service import Service
from server.terminal import CannotError

KEPT = ("glossary.toml", "gold.toml", "reading_paths.toml", "starting_questions.toml")
PARTS = ("library", "removed", "refused", "removed.json", *KEPT)
CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "fcntl.flock", "sqlite3.connect"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def file_document(home: Path, name: str, text: str = "Forty porters came to every lesson.") -> Path:
    """Put a document into a library as one that was read from a file."""
    document = make_case(f"## What was done\n\n{text}\n", case_id=name)
    origin = Origin(f"/desk/{name}.html", "0" * 64, "2025-01-01T00:00:00+00:00")
    return write_document(Filed(document, origin), home / "library" / "documents")


def write_rows(path: Path, rows: range, *, wal: bool = True, page: int = 4096) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA page_size = {page}")
        database.execute(f"PRAGMA journal_mode = {'wal' if wal else 'delete'}")
        database.execute("CREATE TABLE IF NOT EXISTS visits (number INTEGER)")
        database.executemany("INSERT INTO visits VALUES (?)", [(row,) for row in rows])
        database.commit()


def read_rows(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return [row for (row,) in database.execute("SELECT number FROM visits ORDER BY number")]


def fill(home: Path, word: str) -> None:
    """Make a hub's folder with something in each part, and something that no backup holds."""
    for name in ("school", "well", word):
        file_document(home, name, f"The {word} opened a night school for its porters.")
    (home / "library" / "below").mkdir()
    for name in ("own", f"below/{word}"):
        put_case(home, f"{name}.md")
    (home / "library" / os.fsdecode(b"caf\xe9.md")).write_bytes(b"a name that is no text")
    (home / "library" / ".school.new").write_text("half a docu", "utf-8")
    remove(home, ["well"])
    (home / "refused").mkdir()
    (home / "refused" / "0123abcd-x.pdf").write_bytes(word.encode() * 1000)
    for name in KEPT:
        (home / name).write_text(f"# {word}\n", "utf-8")
    write_rows(home / "store.sqlite", range(len(word)))
    (home / "store.sqlite").chmod(0o600)
    write_rows(home / "old.db", range(3), wal=False)
    (home / "vectors").mkdir()
    (home / "vectors" / "cache.sqlite").write_bytes(b"no part of a backup")


@pytest.fixture
def home(tmp_path: Path, small_library: Library, stand_in: StandInEncoder) -> Path:
    """A hub's folder with everything in it."""
    folder = tmp_path / "home"
    fill(folder, "harbour")
    publish(hub(folder), small_library, stand_in)
    return folder


@pytest.fixture
def archive(home: Path, tmp_path: Path) -> Path:
    """A backup of it."""
    path = tmp_path / "backup.tar.gz"
    write_backup(home, hub(home), path)
    return path


def hub(home: Path) -> Publication:
    return Publication(home / "generations")


def restore(home: Path, file: Path) -> Path | None:
    return put_back(home, hub(home), file).kept


def tree(folder: Path) -> dict[str, bytes | None]:
    """Everything in a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def state(home: Path) -> dict[str, Any]:
    """What a backup is to bring back."""
    found: dict[str, Any] = {
        str(path.relative_to(home)): path.read_bytes()
        for part in PARTS
        for path in (home / part, *(home / part).rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }
    for path in (*home.glob("*.sqlite"), *home.glob("*.db")):
        found[path.name] = read_rows(path)
    serving = hub(home).serving()
    found["generation"] = serving and serving.id
    return found


def hidden(home: Path) -> set[str]:
    """What lies hidden in a folder, but for the lock of the list of removed documents."""
    return {path.name for path in home.glob(".*")} - {".removed.lock"}


# Everything, there and back


def test_an_empty_folder_becomes_what_was_backed_up(
    home: Path, archive: Path, tmp_path: Path, stand_in: StandInEncoder
) -> None:
    new = tmp_path / "new" / "home"
    done = put_back(new, hub(new), archive)
    assert done.contents.documents == 5
    assert (done.kept, done.back_again, done.problem) == (None, (), None)
    assert state(new) == state(home)
    assert len(state(new)) == 15
    assert not (new / "vectors").exists()
    assert hidden(new) == set()
    assert stat.S_IMODE((new / "store.sqlite").stat().st_mode) == 0o600
    assert same_hits(hub(new).open().generation, hub(home).open().generation, stand_in)


def test_a_backup_of_a_restored_hub_holds_the_same(
    home: Path, archive: Path, tmp_path: Path
) -> None:
    restore(tmp_path / "new", archive)
    again = tmp_path / "again"
    write_backup(tmp_path / "new", hub(tmp_path / "new"), again)
    first, second = read_archive(archive).files, read_archive(again).files
    databases = {"store.sqlite", "old.db"}
    assert first.keys() == second.keys()
    assert all(first[name] == second[name] for name in first.keys() - databases)
    assert state(home) == state(tmp_path / "new")


def test_it_says_first_what_it_holds_and_can_be_unpacked_by_hand(
    home: Path, archive: Path, tmp_path: Path
) -> None:
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path / "by-hand", filter="data")
        first, *others = tar.getnames()
    assert first == CONTENTS
    said = json.loads((tmp_path / "by-hand" / CONTENTS).read_bytes())
    assert said["format"] == 1
    assert said["generation"] == state(home)["generation"]
    assert sorted(said["files"]) == sorted(others)
    for name, entry in said["files"].items():
        content = (tmp_path / "by-hand" / name).read_bytes()
        assert entry == {"sha256": sha256(content).hexdigest(), "size": len(content)}
    assert state(tmp_path / "by-hand") == state(home)


def test_only_its_owner_can_read_it(archive: Path) -> None:
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600


def test_a_hub_that_has_changed_since_becomes_what_it_was(
    home: Path, archive: Path, small_library: Library, stand_in: StandInEncoder
) -> None:
    before = state(home)
    shutil.rmtree(home / "refused")
    (home / "gold.toml").unlink()
    (home / "library" / "own.md").write_text("changed", "utf-8")
    file_document(home, "orchard")
    remove(home, ["school"])
    write_rows(home / "store.sqlite", range(100, 200))
    (home / "old.db").unlink()
    write_rows(home / "new.db", range(7))
    later = publish(hub(home), small_library, stand_in)
    changed = state(home)

    done = put_back(home, hub(home), archive)
    kept = done.kept
    assert state(home) == before
    assert done.back_again == ("school",)
    assert kept is not None
    assert kept.parent == home
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    assert {**state(kept), "generation": later.id} == changed
    assert hub(home).pointer().earlier == ()
    assert hub(home).rollback(later.id)[0].id == later.id
    assert hidden(home) == set()


def test_what_the_backup_does_not_hold_is_moved_away(tmp_path: Path, home: Path) -> None:
    small = tmp_path / "small"
    put_case(small)
    write_backup(small, hub(small), tmp_path / "small.tar.gz")
    serving, changed = state(home)["generation"], state(home)
    done = put_back(home, hub(home), tmp_path / "small.tar.gz")
    assert done.contents.generation is None
    assert "diwan rebuild" in str(done.problem)
    assert state(home) == {**state(small), "generation": serving}
    assert done.kept is not None
    assert {**state(done.kept), "generation": serving} == changed
    assert done.back_again == ("well",)


def test_two_restores_in_one_second_keep_what_was_there_apart(home: Path, archive: Path) -> None:
    kept = [restore(home, archive) for _ in range(3)]
    assert len(set(kept)) == 3
    assert all(path is not None and state(path)["removed.json"] for path in kept)


def test_a_running_server_takes_it_up_and_shows_nothing_that_is_removed(
    home: Path, tmp_path: Path, small_library: Library, stand_in: StandInEncoder
) -> None:
    Removed(home).add(["hill-orchards"])
    old = hub(home).pointer().generation
    write_backup(home, hub(home), tmp_path / "b")
    Removed(home).restore(["hill-orchards"])
    publish(hub(home), small_library, stand_in)
    publication = hub(home)
    holder = Holder(
        lambda: Service.load(publication, "", stand_in, Removed(home)), publication.token
    )
    holder._refresh()
    assert holder.current().generation.id != old
    restore(home, tmp_path / "b")
    assert "hill-orchards" in holder.current().withheld()
    holder._refresh()
    assert holder.current().generation.id == old
    assert "hill-orchards" in holder.current().withheld()


def test_an_index_that_this_version_cannot_read_is_left_out_and_said(
    archive: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(home)
    monkeypatch.setattr("index.manifest.SCHEMA", 99)
    done = put_back(tmp_path / "new", hub(tmp_path / "new"), archive)
    assert "diwan rebuild" in str(done.problem)
    assert "another version" in str(done.problem)
    assert state(tmp_path / "new") == {**before, "generation": None}
    assert hub(tmp_path / "new").kept() == []
    assert done.contents.generation == before["generation"]


def test_a_generation_that_was_damaged_meanwhile_is_replaced(home: Path, archive: Path) -> None:
    before = state(home)
    folder = home / "generations" / before["generation"]
    (folder / "cases.jsonl").write_bytes(b"")
    assert state(home)["generation"] is None
    kept = restore(home, archive)
    assert state(home) == before
    assert kept is not None
    assert (kept / "generations" / folder.name / "cases.jsonl").read_bytes() == b""
    load_generation(folder)


# Databases


def test_a_database_that_is_open_is_restored_for_those_who_have_it_open(
    home: Path, archive: Path
) -> None:
    before = read_rows(home / "store.sqlite")
    with closing(sqlite3.connect(home / "store.sqlite")) as open_one:
        open_one.execute("INSERT INTO visits VALUES (1000)")
        open_one.commit()
        kept = restore(home, archive)
        rows = open_one.execute("SELECT number FROM visits ORDER BY number").fetchall()
        assert [row for (row,) in rows] == before
        open_one.execute("INSERT INTO visits VALUES (2000)")
        open_one.commit()
    assert kept is not None
    assert read_rows(kept / "store.sqlite") == [*before, 1000]
    assert read_rows(home / "store.sqlite") == [*before, 2000]


@pytest.mark.parametrize("damage", ["other pages", "no database", "a folder", "a log alone"])
def test_what_stands_in_a_databases_place_does_it_no_harm(
    home: Path, archive: Path, damage: str
) -> None:
    before, path = state(home), home / "store.sqlite"
    with closing(sqlite3.connect(path)) as left_open:
        left_open.executemany("INSERT INTO visits VALUES (?)", [(row,) for row in range(5000)])
        left_open.commit()
        log = (home / "store.sqlite-wal").read_bytes()
    path.unlink()
    if damage == "other pages":
        write_rows(path, range(9), page=8192)
    elif damage == "no database":
        path.write_bytes(b"x" * 5000)
    elif damage == "a folder":
        path.mkdir()
    else:
        (home / "store.sqlite-wal").write_bytes(log)
    there = {name: content for name, content in tree(home).items() if name.startswith("store")}
    kept = restore(home, archive)
    assert state(home) == before
    assert kept is not None
    if damage != "other pages":
        assert there.items() <= tree(kept).items()
    else:
        assert read_rows(kept / "store.sqlite") == list(range(9))


def test_a_database_that_somebody_holds_is_waited_for_and_then_told(
    home: Path, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_parts, "_PATIENCE", 0.0)
    write_rows(home / "store.sqlite", range(50, 60))
    before = state(home)
    with closing(sqlite3.connect(home / "old.db")) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(CannotError, match=r"old\.db and does not let go"):
            restore(home, archive)
        with pytest.raises(CannotError, match=r"old\.db and does not let go"):
            write_backup(home, hub(home), tmp_path / "other")
    assert state(home) == before
    assert not (tmp_path / "other").exists()
    restore(home, archive)


def test_a_damaged_database_is_never_backed_up_in_place_of_a_good_one(
    home: Path, archive: Path
) -> None:
    good = archive.read_bytes()
    content = bytearray((home / "store.sqlite").read_bytes())
    for damaged in (b"no database at all" * 100, bytes(content[:4096]) + b"\xff" * 4096):
        (home / "store.sqlite").write_bytes(damaged)
        with pytest.raises(CannotError, match=r"store\.sqlite cannot be copied"):
            write_backup(home, hub(home), archive)
    assert archive.read_bytes() == good


# While others are at it


@contextmanager
def busily(*tasks: Callable[[int], object]) -> Iterator[None]:
    """Do things again and again in threads; what they raise fails the test."""
    stop, raised = threading.Event(), []

    def again_and_again(task: Callable[[int], object]) -> None:
        number = 1
        try:
            while not stop.is_set():
                task(number)
                number += 1
        except BaseException as error:  # noqa: BLE001 - told below
            raised.append(error)

    threads = [threading.Thread(target=again_and_again, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not raised, raised


def test_it_is_whole_while_everybody_goes_on_working(
    home: Path, tmp_path: Path, small_library: Library, stand_in: StandInEncoder
) -> None:
    database = home / "store.sqlite"
    with closing(sqlite3.connect(database)) as emptied:
        emptied.execute("DELETE FROM visits")
        emptied.commit()
    for number in range(20):
        file_document(home, f"document-{number}")

    def rewrite(number: int) -> None:
        file_document(home, f"document-{number % 20}", f"Version {number} of this. " * 50)

    def move(number: int) -> None:
        file_document(home, "mover", f"Version {number}.")
        Removed(home).restore(["mover"])
        remove(home, ["mover"])

    def edit(number: int) -> None:
        path = home / "library" / f"edited-{number}.md"
        path.write_text("text " * 1000, "utf-8")
        path.unlink()

    def visit(number: int) -> None:
        with closing(sqlite3.connect(database)) as writing:
            writing.execute("INSERT INTO visits VALUES (?)", (2 * number - 1,))
            writing.execute("INSERT INTO visits VALUES (?)", (2 * number,))
            writing.commit()

    def rebuild(_number: int) -> None:
        publish(hub(home), small_library, stand_in)
        collect(hub(home), 1)

    file_document(home, "mover")
    with busily(rewrite, move, edit, visit, rebuild):
        for number in range(4):
            write_backup(home, hub(home), tmp_path / f"{number}.tar.gz")
    for number in range(4):
        new = tmp_path / f"new-{number}"
        done = put_back(new, hub(new), tmp_path / f"{number}.tar.gz")
        assert done.problem is None
        assert done.contents.generation == state(new)["generation"]
        there = {path.name for path in (new / "library" / "documents").iterdir()}
        assert there >= {f"document-{number}.en.json" for number in range(20)}
        assert "mover.en.json" in there | {path.name for path in (new / "removed").iterdir()}
        for path in (*(new / "library" / "documents").iterdir(), *(new / "removed").iterdir()):
            read_document(path)
        rows = read_rows(new / "store.sqlite")
        assert rows == list(range(1, len(rows) + 1))
        assert len(rows) % 2 == 0


def test_a_document_that_moves_while_it_is_copied_is_in_the_backup_once(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, moves = shutil.copyfileobj, iter([lambda: remove(home, ["school"])])

    def meanwhile(source: BinaryIO, target: BinaryIO) -> None:
        copy(source, target)
        for move in moves:
            move()

    monkeypatch.setattr("server.backup_parts.shutil.copyfileobj", meanwhile)
    write_backup(home, hub(home), tmp_path / "b")
    files = read_archive(tmp_path / "b").files
    assert [name for name in files if "school" in name] == ["removed/school.en.json"]
    restore(tmp_path / "new", tmp_path / "b")
    assert state(tmp_path / "new") == state(home)


# What cannot be written


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("home/library/b.tar.gz", "lies in what is backed up"),
        ("home/library/below/b.tar.gz", "lies in what is backed up"),
        ("home/generations/b", "lies in what is backed up"),
        ("home/refused/../removed/b", "lies in what is backed up"),
        ("home/removed.json", "lies in what is backed up"),
        ("home/store.sqlite", "lies in what is backed up"),
        ("link/b", "lies in what is backed up"),
        ("absent/b", "There is no folder"),
        ("home", "is a folder"),
        ("pipe", "no ordinary file"),
        ("circle/b", "There is no folder"),
        ("plain/b", "There is no folder"),
    ],
)
def test_a_file_that_must_not_be_written_is_refused(
    home: Path, tmp_path: Path, name: str, complaint: str
) -> None:
    (tmp_path / "link").symlink_to(home / "library")
    (tmp_path / "plain").write_text("", "utf-8")
    (tmp_path / "circle").symlink_to("circle")
    os.mkfifo(tmp_path / "pipe")
    before = tree(home)
    with pytest.raises(CannotError, match=complaint):
        write_backup(home, hub(home), tmp_path / name)
    assert tree(home) == before


def test_a_folder_that_cannot_be_written_is_told(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("server.backup.mkdtemp", refuse)
    with pytest.raises(CannotError, match=r"Nothing can be written in .*Permission denied"):
        write_backup(home, hub(home), tmp_path / "b")


def test_there_must_be_something_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(CannotError, match="There is no folder"):
        write_backup(tmp_path / "absent", hub(tmp_path / "absent"), tmp_path / "b")
    (tmp_path / "empty").mkdir()
    with pytest.raises(CannotError, match="nothing to back up"):
        write_backup(tmp_path / "empty", hub(tmp_path / "empty"), tmp_path / "b")
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def test_a_link_is_followed_and_stays(home: Path, tmp_path: Path) -> None:
    (tmp_path / "latest").symlink_to("real")
    write_backup(home, hub(home), tmp_path / "latest")
    assert (tmp_path / "latest").is_symlink()
    read_archive(tmp_path / "real")


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Have the system take no file that is larger."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("size", [10, 3_000, 9_000, 15_000])
def test_a_full_disk_leaves_the_backup_that_was_there(
    home: Path, archive: Path, tmp_path: Path, size: int
) -> None:
    good, before = archive.read_bytes(), state(home)
    assert len(good) > 15_000
    with largest_file(size), pytest.raises((OSError, CannotError)) as raised:
        write_backup(home, hub(home), archive)
    assert isinstance(raised.value, CannotError) or raised.value.filename
    assert archive.read_bytes() == good
    assert state(home) == before
    assert {path.name for path in tmp_path.iterdir()} == {"home", archive.name}


@pytest.mark.parametrize("size", [10, 3_000, 10_000])
def test_a_disk_that_is_full_when_restoring_changes_nothing(
    home: Path, archive: Path, size: int
) -> None:
    (home / "library" / "own.md").write_text("changed", "utf-8")
    before = tree(home)
    with largest_file(size), pytest.raises(OSError, match="File too large"):
        restore(home, archive)
    assert tree(home) == before


def test_a_backup_that_the_disk_does_not_keep_is_no_backup(
    home: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = archive.read_bytes()
    flush = os.fsync

    def spoil(descriptor: int) -> None:
        os.ftruncate(descriptor, os.fstat(descriptor).st_size - 1)
        flush(descriptor)

    monkeypatch.setattr("server.backup_archive.os.fsync", spoil)
    with pytest.raises(CannotError, match="cannot be read back"):
        write_backup(home, hub(home), archive)
    assert archive.read_bytes() == good


def test_what_a_killed_backup_left_is_cleared_away_but_nothing_that_is_in_use(
    home: Path, tmp_path: Path
) -> None:
    dead = tmp_path / ".diwan-aside-dead"
    (dead / "files").mkdir(parents=True)
    alive = Path(shutil.copytree(dead, tmp_path / ".diwan-aside-alive"))
    descriptor = os.open(alive, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        write_backup(home, hub(home), tmp_path / "b")
    finally:
        os.close(descriptor)
    assert not dead.exists()
    assert alive.exists()


# What must not be restored


def refused(home: Path, file: Path, complaint: str = ".") -> None:
    before = tree(home)
    with pytest.raises(CannotError, match=complaint) as raised:
        restore(home, file)
    sentence = str(raised.value)
    assert "\n" not in sentence
    assert tree(home) == before


@pytest.mark.slow
def test_a_damaged_backup_is_refused_or_gives_the_same(
    home: Path, archive: Path, tmp_path: Path
) -> None:
    whole, before = archive.read_bytes(), state(home)
    random = Random(20250101)  # noqa: S311 - no secret hangs on it
    places = [random.randrange(len(whole)) for _ in range(100)]
    damaged = [whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :] for at in places]
    damaged += [whole[:at] for at in (0, 1, 9, 20, *places[:20], len(whole) - 1)]
    damaged += [whole + b"x", whole + whole, whole + gzip.compress(b"x", mtime=0)]
    accepted = 0
    (home / "library" / "own.md").write_text("changed", "utf-8")
    for content in damaged:
        (tmp_path / "damaged").write_bytes(content)
        try:
            read_archive(tmp_path / "damaged")
        except CannotError:
            refused(home, tmp_path / "damaged")
        else:  # some bits of the first ten bytes say nothing
            accepted += 1
            restore(tmp_path / f"new-{accepted}", tmp_path / "damaged")
            assert state(tmp_path / f"new-{accepted}") == before
    assert accepted <= 2


NAME = "library/a.md"
GOOD = {NAME: b"text"}


def said(files: Mapping[str, bytes], /, **changes: object) -> dict[str, Any]:
    return {
        "format": 1,
        "created": "2025-01-01T00:00:00+00:00",
        "version": "0.1.0",
        "generation": None,
        "files": {
            name: {"sha256": sha256(content).hexdigest(), "size": len(content)}
            for name, content in files.items()
        },
        **changes,
    }


def member(name: str, content: bytes = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    found = tarfile.TarInfo(name)
    found.size = len(content)
    for field, value in fields.items():
        setattr(found, field, value)
    return found, content


def forge(
    path: Path, first: object, *members: tuple[tarfile.TarInfo, bytes], after: bytes = b""
) -> Path:
    """Write an archive, whatever it is to hold."""
    content = first if isinstance(first, bytes) else json.dumps(first).encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for info, data in (member(CONTENTS, content), *members):
            out.write(info.tobuf(tarfile.PAX_FORMAT))
            out.write(data + b"\0" * (-len(data) % 512))
        tar.offset = out.tell()
    path.write_bytes(gzip.compress(out.getvalue() + after, 1))
    return path


def test_what_is_forged_here_is_restored_where_nothing_is_wrong(tmp_path: Path) -> None:
    good = forge(tmp_path / "good", said(GOOD), member(NAME, b"text", mode=0o7777))
    restore(tmp_path / "home", good)
    path = tmp_path / "home" / NAME
    assert path.read_bytes() == b"text"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


@pytest.mark.parametrize(
    "name",
    [
        "../outside", "/outside", "library/../../outside", "library/./a", "library//a", "library/",
        "library", "", ".", "..", "library/.hidden", ".diwan/x", "vectors/x", "settings.toml",
        "removed.json/x", "generations/published.json", "generations/g/x", "library/a\0b",
        "generations/../x", "store.sqlite/x", ".store.sqlite", "library/\ud800",
    ],
)  # fmt: skip
def test_names_that_no_backup_holds_are_refused(home: Path, tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    files = {**GOOD, name: b"evil"}
    with suppress(UnicodeEncodeError):
        forge(tmp_path / "f", said(files), member(NAME, b"text"), member(name, b"evil"))
        refused(home, tmp_path / "f")
    forge(tmp_path / "f", said(files), member(NAME, b"text"), member("library/b", b"evil"))
    refused(home, tmp_path / "f")
    forge(tmp_path / "f", said(GOOD), member(NAME, b"text"), member("library/b", b"evil"))
    refused(home, tmp_path / "f")
    assert not outside.exists()


@pytest.mark.parametrize("name", ["refused", "published.json", "..", ".", ".build.lock", "a/b", ""])
def test_a_generation_by_a_name_that_none_has_is_refused(
    home: Path, tmp_path: Path, name: str
) -> None:
    path = f"generations/{name}/manifest.json"
    forge(tmp_path / "f", said({path: b"x"}, generation=name), member(path, b"x"))
    refused(home, tmp_path / "f", "no backup of Diwan")


def hostile() -> dict[str, Callable[[Path], Path]]:
    """Archives that are not what `diwan backup` writes."""
    plain = member(NAME, b"text")
    kinds = {
        "symlink": tarfile.SYMTYPE, "link": tarfile.LNKTYPE, "device": tarfile.CHRTYPE,
        "block": tarfile.BLKTYPE, "pipe": tarfile.FIFOTYPE, "folder": tarfile.DIRTYPE,
        "sparse": tarfile.GNUTYPE_SPARSE, "unknown": b"Z",
    }  # fmt: skip
    empty = {NAME: b""}

    def of_kind(kind: bytes) -> Callable[[Path], Path]:
        odd = member(NAME, type=kind, linkname="/etc/passwd")
        return lambda path: forge(path, said(empty), odd)

    huge = {NAME: {"sha256": "0" * 64, "size": 2**60}}
    pax = {"GNU.sparse.map": "5,1,0,1", "GNU.sparse.size": "9", "GNU.sparse.name": NAME}
    first_a_link = member(CONTENTS, type=tarfile.SYMTYPE, linkname="/etc/passwd")[0].tobuf()
    two = {"library/a": b"x", "library/a/b": b"x"}
    made: dict[str, Callable[[Path], Path]] = {
        **{kind: of_kind(value) for kind, value in kinds.items()},
        "extra": lambda path: forge(path, said(GOOD), plain, member("library/b", b"text")),
        "missing": lambda path: forge(path, said({**GOOD, "library/b": b""}), plain),
        "twice": lambda path: forge(path, said(GOOD), plain, plain),
        "other content": lambda path: forge(path, said(GOOD), member(NAME, b"tent")),
        "longer": lambda path: forge(path, said(GOOD), member(NAME, b"text!")),
        "shorter": lambda path: forge(path, said(GOOD), member(NAME, b"tex")),
        "huge as said": lambda path: forge(path, said({}, files=huge), plain),
        "huge in the header": lambda path: forge(path, said(GOOD), member(NAME, size=2**60)),
        "less than nothing": lambda path: forge(path, said(GOOD), member(NAME, size=-512)),
        "less, as said": lambda path: forge(
            path, said({}, files={NAME: {"sha256": "", "size": -1}}), plain
        ),
        "a long header": lambda path: forge(
            path, said(GOOD), member(NAME, b"text", pax_headers={"comment": "x" * 2**22})
        ),
        "holes": lambda path: forge(
            path, said({NAME: b"text"}), member(NAME, b"text", pax_headers=pax)
        ),
        "what follows": lambda path: forge(path, said(GOOD), plain, after=b"x" * 512),
        "what follows the end": lambda path: forge(
            path, said(GOOD), plain, after=b"\0" * 1024 + b"x"
        ),
        "one below the other": lambda path: forge(
            path, said(two), *(member(name, b"x") for name in two)
        ),
        "first a link": lambda path: _packed(path, first_a_link),
        "first another": lambda path: _packed(path, plain[0].tobuf() + b"text"),
        "an empty tar": lambda path: _packed(path, b"\0" * 10240),
        "nothing packed": lambda path: _packed(path, b""),
    }
    odd: dict[str, object] = {
        "no JSON": b"{",
        "deep": b"[" * 100_000,
        "a list": [],
        "a number": 1,
        "no format": {"files": {}},
        "no date": said(GOOD, created="\x1b[2J"),
        "a name that steers the terminal": said(GOOD, generation="\x1b[2J"),
        "no files": {**said(GOOD), "files": []},
        "a name that is none": {**said(GOOD), "generation": 7},
        "sizes that are none": {**said(GOOD), "files": {NAME: {"sha256": "", "size": "x"}}},
        "sums that are none": {**said(GOOD), "files": {NAME: 4}},
        "an older format": said(GOOD, format=0),
        "a format that is none": said(GOOD, format="1"),
        "no number": b'{"format": NaN, "files": {}}',
    }
    for name, first in odd.items():
        made[name] = lambda path, first=first: forge(path, first, plain)
    return made


def _packed(path: Path, content: bytes) -> Path:
    path.write_bytes(gzip.compress(content, mtime=0))
    return path


@pytest.mark.parametrize("kind", hostile())
def test_a_hostile_archive_is_refused(home: Path, tmp_path: Path, kind: str) -> None:
    before = time.monotonic()
    refused(home, hostile()[kind](tmp_path / "hostile"))
    assert time.monotonic() - before < 10
    assert {path.name for path in tmp_path.iterdir()} == {"home", "hostile"}


def test_a_bomb_is_refused_before_it_fills_the_disk(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {NAME: b"\0" * 2**20}
    forge(tmp_path / "f", said(files), member(NAME, files[NAME]))
    monkeypatch.setattr("server.backup_archive.shutil.disk_usage", lambda _: _Free(2**20))
    refused(home, tmp_path / "f", r"1\.0 MB, and 1\.0 MB are free")


class _Free:
    def __init__(self, free: int) -> None:
        self.free = free


@pytest.mark.parametrize(
    "content", [b"", b"report", b"PK\3\4", b"\x1f\x8b", gzip.compress(b"x", mtime=0)]
)
def test_another_file_is_told_to_be_no_backup(home: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "report.pdf").write_bytes(content)
    refused(home, tmp_path / "report.pdf", "report.pdf is no backup of Diwan")


def test_a_file_that_is_not_there_is_told(home: Path, tmp_path: Path) -> None:
    refused(home, tmp_path / "absent", "There is no file")
    refused(home, tmp_path, "There is no file")


def test_a_newer_backup_is_told_apart_from_a_damaged_one(home: Path, tmp_path: Path) -> None:
    newer = {"format": 2, "version": "9.9", "parts": ["in another form"]}
    forge(tmp_path / "newer", newer, member(NAME, b"text"))
    refused(home, tmp_path / "newer", r"newer Diwan \(9\.9\)")


def test_a_newer_backup_does_not_steer_the_terminal(home: Path, tmp_path: Path) -> None:
    forge(tmp_path / "newer", {"format": 2, "version": "\x1b[2J"}, member(NAME, b"text"))
    refused(home, tmp_path / "newer", "newer Diwan, and this is")


def test_a_part_that_cannot_be_moved_is_told_before_anything_is(
    home: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.path.ismount", lambda path: path == home / "library")
    with pytest.raises(CannotError, match="library is a disk of its own"):
        restore(home, archive)
    assert not list(home.glob("replaced-*"))
    assert hidden(home) == set()


def test_nothing_is_restored_while_somebody_builds(home: Path, archive: Path) -> None:
    with hub(home).building():
        before = tree(home)
        with pytest.raises(BusyError, match="A rebuild is under way"):
            restore(home, archive)
        assert tree(home) == before


# A restore that ends half-way


def test_a_restore_that_fails_half_way_says_so_and_can_be_done_again(
    home: Path, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(home)
    (home / "library" / "own.md").write_text("changed", "utf-8")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device", "/disk")

    with monkeypatch.context() as patched:
        patched.setattr(Swap, "_file", fail)
        with pytest.raises(CannotError, match=r"disk is full.* not finished.* in .*replaced-"):
            restore(home, archive)
    with pytest.raises(CannotError, match="not finished"):
        write_backup(home, hub(home), tmp_path / "b")
    restore(home, archive)
    assert state(home) == before
    assert any(b"changed" in path.read_bytes() for path in home.glob("replaced-*/library/own.md"))
    write_backup(home, hub(home), tmp_path / "b")


def test_a_document_that_is_taken_in_meanwhile_is_kept(
    home: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, rename, times = state(home), Path.rename, iter([1])

    def meanwhile(path: Path, target: Path) -> Path:
        if target == home / "library":
            for _ in times:
                file_document(home, "meanwhile")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", meanwhile)
    kept = restore(home, archive)
    assert state(home) == before
    assert kept is not None
    assert list(kept.glob("library-2/documents/meanwhile.en.json"))


def carried_out(act: Callable[[], object], folder: Path, kill_at: int | None = None) -> list[bool]:
    """Do something in a child, and kill it at a step if one is given.

    Returns:
        For each step that it took, whether anything had been replaced by then.
    """
    told = folder / "told.json"
    child = os.fork()
    if not child:
        steps: list[bool] = []

        def step(event: str, arguments: tuple[Any, ...]) -> None:
            if event in CHANGES or (event == "open" and arguments[2] & WRITING):
                steps.append("replaced-" in str(arguments) or any(steps[-1:]))
                if len(steps) == kill_at:
                    os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(step)
            act()
            told.write_text(json.dumps(steps), "utf-8")
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    if kill_at is None:
        return list(json.loads(told.read_bytes()))
    assert os.WIFSIGNALED(status)
    return []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_restore_that_is_killed_loses_nothing_and_can_be_done_again(
    home: Path, archive: Path, tmp_path: Path, small_library: Library, stand_in: StandInEncoder
) -> None:
    before = state(home)
    shutil.rmtree(home)
    fill(home, "changed")
    publish(hub(home), small_library, stand_in)
    changed, trial = state(home), tmp_path / "trial"
    shutil.copytree(home, trial)
    steps = list(enumerate(carried_out(lambda: restore(trial, archive), tmp_path), start=1))
    random = Random(7)  # noqa: S311 - no secret hangs on it
    moments = random.sample([at for at, replaced in steps if not replaced], 6)
    moments += random.sample([at for at, replaced in steps if replaced], 20)
    half_way = 0
    for at in moments:
        shutil.rmtree(trial)
        shutil.copytree(home, trial)
        carried_out(lambda: restore(trial, archive), tmp_path, kill_at=at)
        _nothing_is_lost(trial, changed, at)
        assert hub(trial).open().generation.id in (before["generation"], changed["generation"])
        if (trial / UNFINISHED).exists():
            half_way += 1
            with pytest.raises(CannotError, match="not finished"):
                write_backup(trial, hub(trial), tmp_path / "b")
            (aside,) = trial.glob(".diwan-aside-*")
            refused(trial, aside.parent / "gold.toml")  # and the other half is still there
        restore(trial, archive)
        assert state(trial) == before, at
        assert hidden(trial) == set(), at
        _nothing_is_lost(trial, changed, at)
    assert half_way > 5


def _nothing_is_lost(home: Path, wanted: Mapping[str, Any], at: int) -> None:
    """Everything is in place, or in a folder of what was replaced."""
    states = [state(folder) for folder in (home, *home.glob("replaced-*"))]
    for name, content in wanted.items():
        if name != "generation":
            assert any(found.get(name) == content for found in states), (at, name)
    assert (home / "generations" / wanted["generation"]).is_dir()


# As it is typed


@pytest.mark.slow
def test_a_hub_moves_to_another_machine_by_two_commands(tmp_path: Path) -> None:
    own, old, new = {"DIWAN_BUNDLED": "false"}, tmp_path / "old", tmp_path / "new"
    put_case(old)
    built = json.loads(diwan("rebuild", "--json", home=old, **own).stdout)["generation"]
    file = tmp_path / "hub.tar.gz"
    written = diwan("backup", str(file), home=old, **own)
    assert written.returncode == 0, written.stderr
    assert written.stdout.startswith(
        f"Backed up 1 documents of the hub's own and generation {built['id']}: "
    )
    assert str(file) in written.stdout
    assert written.stdout.count("\n") == 1

    put_case(new, "another.md")
    restored = diwan("restore", str(file), home=new, **own)
    assert restored.returncode == 0, restored.stderr
    assert f"1 documents of the hub's own and generation {built['id']}" in restored.stdout
    assert f"What was here before is in {new}/replaced-" in restored.stdout
    status = json.loads(diwan("status", "--json", home=new, **own).stdout)
    assert status["generation"] == built
    assert status["up_to_date"] is True
    found = json.loads(diwan("search", "committees in Mumbai", "--json", home=new, **own).stdout)
    assert found["answered"]


def test_what_cannot_be_done_is_said_in_a_line(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("notes", "utf-8")
    for arguments, complaint in (
        (("backup", str(tmp_path / "b")), "There is no folder"),
        (("restore", str(tmp_path / "b")), "There is no file"),
        (("restore", str(tmp_path / "notes.txt")), "no backup of Diwan"),
    ):
        ran = typed(*arguments, home=tmp_path / "home")
        assert ran.returncode == 1
        assert complaint in ran.stderr
        assert ran.stderr.startswith("diwan: ")
        assert ran.stderr.count("\n") == 1
        assert ran.stdout == ""
