"""The generations folder: which generation serves, publishing, falling back and going back."""

import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from corpus.atomic import clear_away, flush, write_atomically
from index.locks import Holding, Lease, held_by, sole, waiting
from index.manifest import ASIDE, GenerationError, Manifest, check_files, read_manifest

if TYPE_CHECKING:
    from index.chronicle import Chronicle
    from index.generation import Generation

POINTER = "published.json"
REFUSED = "refused"
LEAVING = ".collected-"  # begins the name of a folder that is being deleted
_BUILDING = ".build.lock"
_POINTING = ".publish.lock"
_NONE_YET = "There is no index yet; build it with `diwan rebuild`."

_NAME = r"[0-9A-Za-z][0-9A-Za-z._-]*"

Check = Callable[["Generation"], None]
"""Raises a `GenerationError` for a generation that must not serve."""


_Name = Annotated[str, StringConstraints(pattern=f"^{_NAME}$")]


class _Names(BaseModel):
    """The form of `published.json`."""

    model_config = ConfigDict(extra="forbid")

    generation: _Name
    earlier: tuple[_Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Pointer:
    """What `published.json` says.

    Attributes:
        generation: Name of the generation that is to serve; None before the first one.
        earlier: Names of those that were published before it, the latest first.
        problem: Why the file cannot be read, if so.
    """

    generation: str | None = None
    earlier: tuple[str, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A generation that serves.

    Attributes:
        generation: It.
        lease: Keeps it from being collected.
        problem: Why it is not the one that was published last; None where it is.
    """

    generation: "Generation"
    lease: Lease
    problem: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A generation that is kept.

    Attributes:
        id: Its name.
        path: Its folder.
        manifest: What it says of itself; None where that cannot be read.
        refused: Whether it was kept aside, unpublished.
        problem: Why it cannot serve; None where nothing is known against it.
    """

    id: str
    path: Path
    manifest: Manifest | None
    refused: bool
    problem: str | None


@dataclass(frozen=True, slots=True)
class Publication:
    """The generations below one folder.

    A generation is written aside under a hidden name, renamed into place, and then published by
    replacing one small file; a reader sees the one before or the one after, never a mixture. What
    stands in place has passed every check; one that a check refused is kept in a folder beside.

    Attributes:
        folder: The folder; it need not exist before something is published.
    """

    folder: Path

    @property
    def vectors(self) -> Path:
        """Folder of the vectors that were encoded before."""
        return self.folder.with_name("vectors")

    def token(self) -> str | None:
        """What changes whenever something is published; None before the first time. Cheap."""
        try:
            return (self.folder / POINTER).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None

    def pointer(self) -> Pointer:
        """What is to serve, and what served before."""
        path = self.folder / POINTER
        try:
            raw = _Names.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return Pointer()
        except (OSError, ValueError):
            return Pointer(
                problem=f"{path}, which names the generation that serves, cannot be read;"
                " `diwan rebuild` or `diwan rollback` writes it anew."
            )
        return Pointer(raw.generation, raw.earlier)

    def open(self, check: Check = lambda _generation: None) -> Opened:
        """Open the generation that serves.

        It is the one that was published last or, if that is not sound, the newest sound one that
        was published before.

        Args:
            check: What else it must pass.

        Raises:
            GenerationError: There is none.
        """
        while True:
            pointer = self.pointer()
            opened, problem = self._first_sound(pointer, check)
            if pointer == self.pointer():
                break  # else the one that was to be opened may have been collected meanwhile
        if opened is None:
            raise GenerationError(problem or _NONE_YET)
        return opened

    def candidates(self, pointer: Pointer) -> Iterator[str]:
        """Names of what may serve: the published one, those before it, then all others in place."""
        published = (pointer.generation,) if pointer.generation else ()
        others = (kept.id for kept in self.kept() if not kept.refused)
        return iter(dict.fromkeys((*published, *pointer.earlier, *others)))

    @contextmanager
    def pointing(self) -> Iterator[None]:
        """Have nobody else change what serves meanwhile; to be held for moments only."""
        with waiting(self.folder / _POINTING):
            yield

    def serving(self) -> Manifest | None:
        """Manifest of the generation that `open` would open; None where there is none.

        Its files are checked, not what they mean.
        """
        for name in self.candidates(self.pointer()):
            try:
                return check_files(self.folder / name)
            except GenerationError:
                continue
        return None

    def chronicle(self) -> "Chronicle | None":
        """What was told last of the library; None where no generation can tell.

        It is that of the generation that serves or, should that be lost, of one before.
        """
        from index.generation_files import read_chronicle  # noqa: PLC0415 - brings the engine

        for name in self.candidates(self.pointer()):
            try:
                return read_chronicle(self.folder / name)
            except GenerationError:
                continue
        return None

    def kept(self) -> list[Kept]:
        """Every generation that is kept, the newest first, those kept aside among them."""
        found = [
            _kept(path, refused)
            for refused, folder in ((False, self.folder), (True, self.folder / REFUSED))
            for path in _folders(folder)
        ]
        return sorted(found, key=_age, reverse=True)

    @contextmanager
    def building(self, what: str = "A rebuild") -> Iterator[None]:
        """Be the only one who builds, and clear away what somebody who died left behind.

        Raises:
            BusyError: Another process builds.
            OSError: The folder cannot be made or written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with sole(self.folder / _BUILDING, what):
            with self.pointing():
                clear_away(self.folder)
                self._clear_reports()
            for path in self.folder.iterdir():
                if path.name.startswith((ASIDE, LEAVING)):
                    shutil.rmtree(path)
            yield

    def builder(self) -> Holding | None:
        """Who builds; None where nobody does, or has only just begun."""
        return held_by(self.folder / _BUILDING)

    def write(
        self, generation: "Generation", check: Check = lambda _generation: None
    ) -> "Generation":
        """Write a generation aside and read it back.

        Args:
            generation: As it was built.
            check: What else the one that was read back must pass.

        Returns:
            The generation as it was read back, to be published or refused by its name.

        Raises:
            GenerationError: What was written cannot be read back as it was, or the check says so.
            OSError: The disk does not take it. What served before still does.
        """
        from index.generation_files import write_generation  # noqa: PLC0415 - brings the engine

        numbers = [kept.manifest.number for kept in self.kept() if kept.manifest]
        manifest = replace(generation.manifest, number=1 + max(numbers, default=0))
        aside = self.folder / f"{ASIDE}{generation.id}"
        try:
            write_generation(replace(generation, manifest=manifest), aside)
            written = _load(aside)
            check(written)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise
        return written

    def publish(self, name: str, over: Pointer | None = None) -> bool:
        """Let a generation serve that was written aside.

        Args:
            name: The generation's.
            over: What was to serve when its build began. If somebody has published another one
                meanwhile, or gone back to one, that goes on serving.

        Returns:
            Whether it is to serve; else it stands in place, and can be named in a rollback.
        """
        self._put(name, self.folder)
        return self._point_to(name, over)

    def refuse(self, name: str, report: str) -> Path:
        """Keep a generation aside, unpublished, that was written.

        Args:
            name: The generation's.
            report: Why, as JSON.

        Returns:
            The file of the report.
        """
        folder = self.folder / REFUSED
        folder.mkdir(exist_ok=True)
        path = self.report_of(name)
        write_atomically(path, report)
        self._put(name, folder)
        return path

    def report_of(self, name: str) -> Path:
        """The file that says why a generation was refused."""
        return self.folder / REFUSED / f"{name}.json"

    def discard(self, name: str) -> None:
        """Throw a generation away that was written aside."""
        shutil.rmtree(self.folder / f"{ASIDE}{name}", ignore_errors=True)

    def rollback(self, name: str | None = None) -> tuple[Manifest, list[str]]:
        """Let an earlier generation serve again, as atomically as one is published.

        Args:
            name: Which; None for the newest sound one that was published before the one that
                serves. One that was kept aside can be named, too.

        Returns:
            Its manifest, and what was found wrong with those that were passed over.

        Raises:
            GenerationError: There is none, or the one that was named is not sound.
            OSError: The disk does not take it.
        """
        if name is not None:
            return self._go_back_to(name), []
        pointer = self.pointer()
        problems: list[str] = []
        for earlier in self.candidates(pointer) if pointer.problem else pointer.earlier:
            try:
                return self._go_back_to(earlier), problems
            except GenerationError as error:
                problems.append(str(error))
        raise GenerationError(
            "\n".join([*problems, "There is no earlier generation to go back to."])
        )

    def _first_sound(self, pointer: Pointer, check: Check) -> tuple[Opened | None, str | None]:
        problem = pointer.problem
        for name in self.candidates(pointer):
            try:
                lease = Lease(self.folder / name)
                try:
                    generation = _load(self.folder / name)
                    check(generation)
                except BaseException:
                    lease.release()
                    raise
                return Opened(generation, lease, problem), problem
            except OSError as error:
                problem = problem or f"Generation {name} cannot be opened: {error.strerror}."
            except GenerationError as error:
                problem = problem or str(error)
        return None, problem

    def _go_back_to(self, name: str) -> Manifest:
        if not _is_name(name):
            raise GenerationError(f"“{name}” is no name of a generation; see `diwan generations`.")
        folder = self.folder / name
        if not folder.is_dir():
            folder = self.folder / REFUSED / name
        if not folder.is_dir():
            raise GenerationError(
                f"There is no generation {name}; `diwan generations` lists those that are kept."
            )
        lease = Lease(folder)
        try:
            manifest = _load(folder).manifest
            if folder.parent != self.folder:
                folder.rename(self.folder / name)
                flush(self.folder)
                self.report_of(name).unlink(missing_ok=True)
            self._point_to(name)
        finally:
            lease.release()
        return manifest

    def _put(self, name: str, folder: Path) -> None:
        (self.folder / f"{ASIDE}{name}").rename(folder / name)
        flush(folder)

    def _point_to(self, name: str, over: Pointer | None = None) -> bool:
        with self.pointing():
            now = self.pointer()
            if over is not None and now.generation != over.generation:
                return False
            earlier = [
                other
                for other in self._before(name, now)
                if other != name and (self.folder / other).is_dir()
            ]
            pointer = json.dumps({"generation": name, "earlier": earlier})
            write_atomically(self.folder / POINTER, pointer)
            return True

    def _clear_reports(self) -> None:
        """Delete reports whose generation is not there: somebody died between the two."""
        refused = self.folder / REFUSED
        clear_away(refused)
        for report in refused.glob("*.json"):
            if not (refused / report.stem).is_dir():
                report.unlink()

    def _before(self, name: str, pointer: Pointer) -> Iterable[str]:
        """What served before a generation that is to serve now, the latest first."""
        if name in pointer.earlier:  # going back: what was published since is not before it
            return pointer.earlier[pointer.earlier.index(name) + 1 :]
        if pointer.problem:
            return self.candidates(pointer)
        return filter(None, (pointer.generation, *pointer.earlier))


def _kept(path: Path, refused: bool) -> Kept:
    try:
        manifest, problem = read_manifest(path), None
    except GenerationError as error:
        manifest, problem = None, str(error)
    return Kept(path.name, path, manifest, refused, problem)


def _age(kept: Kept) -> tuple[int, str]:
    return kept.manifest.number if kept.manifest else 0, kept.id


def _folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return [
        path
        for path in folder.iterdir()
        if path.is_dir() and path.name != REFUSED and _is_name(path.name)
    ]


def _load(folder: Path) -> "Generation":
    from index.generation_files import load_generation  # noqa: PLC0415 - brings the engine

    return load_generation(folder)


def _is_name(name: str) -> bool:
    return re.fullmatch(_NAME, name) is not None
