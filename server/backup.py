"""`diwan backup` and `diwan restore`: everything that matters in one file, and back again."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated

import typer

from corpus.atomic import flush
from corpus.ingest import shown
from corpus.removed import Removed, RemovedError
from index.locks import Lease, alone_with
from index.manifest import GenerationError
from index.publication import Publication
from server.backup_archive import Contents, in_words, read_archive, write_archive
from server.backup_parts import FOLDERS, GENERATIONS, belongs, copy_parts
from server.backup_swap import Swap, check_unfinished, is_unfinished
from server.mail.outbox import hold_back
from server.opening import open_publication
from server.settings import Settings
from server.store import STORE
from server.terminal import CannotError, errors, explain

_ASIDE = ".diwan-aside-"


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it; what is there is replaced.")],
) -> None:
    """Write everything that matters of DIWAN_HOME into one file, while Diwan is running.

    Documents, what was refused and removed, terms, gold questions, databases, and the generation
    that serves. The file is read back and checked before it takes its name. Only its owner can
    read it.
    """
    settings = Settings()
    contents = write_backup(settings.home, open_publication(settings), file)
    print(
        f"Backed up {_told(contents)}: {in_words(file.stat().st_size)} in {shown(file)}, read"
        " back and checked."
    )


def restore(
    file: Annotated[Path, typer.Argument(help="What `diwan backup` wrote.")],
) -> None:
    """Put what a backup holds in place of what DIWAN_HOME holds now.

    The backup is checked first, as a whole. What was there before is not deleted but moved aside.
    Running servers take up the restored state by themselves.
    """
    settings = Settings()
    done = put_back(settings.home, open_publication(settings), file)
    print(f"Restored the backup of {done.contents.created}: {_told(done.contents)}.")
    if done.kept:
        print(f"What was here before is in {shown(done.kept)}; delete it when it is not needed.")
    if done.back_again:
        print(
            "Removed since that backup, and back if it holds them: "
            f"{', '.join(done.back_again)}. `diwan remove` takes them away again."
        )
    if done.problem:
        errors.print(f"diwan: {done.problem}", markup=False)


def write_backup(home: Path, publication: Publication, file: Path) -> Contents:
    """Write a backup of a hub's folder; see `backup`.

    Raises:
        CannotError: There is nothing to back up, the file cannot be written where it is to be, or
            what is to be backed up is damaged.
        OSError: Something cannot be read, or the disk does not take it.
    """
    target = _target(home, file)
    check_unfinished(home)
    _clear_aside(target.parent)
    with _aside(target.parent) as aside:
        spool = aside / "files"
        spool.mkdir()
        try:
            folder, lease = _serving(publication)
            sources = copy_parts(home, spool) | _files_of(folder)
            check_unfinished(home)
            if not sources:
                raise CannotError(
                    f"There is nothing to back up in {home}. Set DIWAN_HOME to the hub's folder."
                )
            generation = folder.name if folder else None
            contents = write_archive(aside / "archive", sources, generation)
        except OSError as error:
            error.filename = error.filename or str(file)  # a full disk is not told by itself
            raise
        if lease:
            lease.release()
        (aside / "archive").replace(target)
        flush(target.parent)
    return contents


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did.

    Attributes:
        contents: What the backup says of itself.
        kept: The folder of what was there before; None where there was nothing.
        back_again: Ids of documents that had been removed, and are no longer.
        problem: Why the index has to be built anew; None where it serves.
    """

    contents: Contents
    kept: Path | None
    back_again: tuple[str, ...]
    problem: str | None


def put_back(home: Path, publication: Publication, file: Path) -> Restored:
    """Restore a backup into a hub's folder; see `restore`.

    Raises:
        CannotError: The file is no backup, or is damaged, and nothing has changed; or something
            is in the way, and says what to do.
        BusyError: Somebody builds; nothing has changed.
        OSError: The file cannot be read, or the disk does not take what it holds; nothing has
            changed.
    """
    if not file.is_file():
        raise CannotError(f"There is no file {file}; name one that `diwan backup` wrote.")
    home.mkdir(parents=True, exist_ok=True)
    if not is_unfinished(home):  # else what lies aside is the half that is not in place
        _clear_aside(home)
    with _aside(home) as restored:
        contents = read_archive(file, restored)
        if (restored / STORE).is_file():
            hold_back(restored / STORE)
        with publication.building("A restore"):
            removed = _removed(home)
            swap = Swap.into(home, restored)
            try:
                swap.put_in_place()
                problem = _serve(swap, publication, contents.generation)
                swap.finish()
            except (CannotError, OSError) as error:
                sentence = explain(error) if isinstance(error, OSError) else str(error)
                kept = swap.remains()
                raise CannotError(
                    f"{sentence} The restore is not finished: put that right and run it again."
                    + (f" What has been replaced so far is in {kept}." if kept else "")
                ) from error
    _clear_aside(home)
    back_again = tuple(sorted(removed - _removed(home)))
    return Restored(contents, swap.remains(), back_again, problem)


def _removed(home: Path) -> frozenset[str]:
    try:
        return Removed(home).ids()
    except RemovedError:  # the list is damaged: nothing is known of what it held
        return frozenset()


def _serve(swap: Swap, publication: Publication, generation: str | None) -> str | None:
    """Let the restored generation serve; say why it cannot, if so."""
    if generation is None:
        return "The backup holds no index; run `diwan rebuild`."
    try:
        swap.generation(publication, generation)
    except GenerationError as error:
        return f"Everything but the index is restored. {error}"
    return None


def _target(home: Path, file: Path) -> Path:
    """The file to be written, once it is sure that it may be."""
    path = Path(os.path.realpath(file))
    if not home.is_dir():
        raise CannotError(f"There is no folder {home}. Set DIWAN_HOME to the hub's folder.")
    if path.is_dir():
        raise CannotError(f"{file} is a folder; name a file in it, as {file / 'diwan.tar.gz'}.")
    if path.exists() and not path.is_file():
        raise CannotError(f"{file} is no ordinary file; name another.")
    if not path.parent.is_dir():
        raise CannotError(f"There is no folder {file.parent}; make it, or name a file elsewhere.")
    backed_up = [(home / name).resolve() for name in (*FOLDERS, GENERATIONS)]
    inside = any(path.is_relative_to(folder) for folder in backed_up)
    if inside or (path.parent == home.resolve() and belongs(path.name, None)):
        raise CannotError(f"{file} lies in what is backed up; name a file elsewhere.")
    return path


@contextmanager
def _aside(folder: Path) -> Iterator[Path]:
    """A hidden folder, on the same disk, for what is not whole yet."""
    try:
        path = Path(mkdtemp(prefix=_ASIDE, dir=folder))
    except OSError as error:
        raise CannotError(
            f"Nothing can be written in {folder} ({error.strerror}). Give the user that runs Diwan"
            " the right to, or choose another folder."
        ) from error
    lease = Lease(path)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        lease.release()


def _clear_aside(folder: Path) -> None:
    """Delete what somebody left in a folder who was ended in the middle."""
    for path in folder.glob(f"{_ASIDE}*"):
        with suppress(OSError), alone_with(path) as alone:
            if alone:
                shutil.rmtree(path)


def _serving(publication: Publication) -> tuple[Path, Lease] | tuple[None, None]:
    """The folder of the generation that serves, and what keeps it from being collected."""
    while (manifest := publication.serving()) is not None:
        folder = publication.folder / manifest.id
        with suppress(FileNotFoundError):
            lease = Lease(folder)
            if folder.is_dir():
                return folder, lease
        # It was collected this very moment.
    return None, None


def _files_of(generation: Path | None) -> dict[str, Path]:
    if generation is None:
        return {}
    return {
        f"{GENERATIONS}/{generation.name}/{path.relative_to(generation).as_posix()}": path
        for path in sorted(generation.rglob("*"))
        if path.is_file()
    }


def _told(contents: Contents) -> str:
    generation = f"generation {contents.generation}" if contents.generation else "no index"
    return f"{contents.documents} documents of the hub's own and {generation}"
