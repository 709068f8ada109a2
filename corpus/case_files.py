"""The case studies that staff write: read for editing, saved as a whole, every version kept."""

import fcntl
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from corpus.atomic import write_atomically
from corpus.case_study import CaseStudy
from corpus.document_file import SUFFIX
from corpus.library import BUNDLED
from corpus.markdown import DocumentError, parse_case_study

HISTORY = "history"
"""Name of the folder of earlier versions in a hub's folder."""

Key = tuple[str, str]
"""Id and language of a case study."""

_LOCK = ".cases.lock"
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class CaseText:
    """A case study as it stands in its file.

    Attributes:
        content: The whole file.
        digest: SHA-256 (hexadecimal) of it.
        own: Whether it is the hub's own rather than bundled.
    """

    content: str
    digest: str
    own: bool


@dataclass(frozen=True, slots=True)
class Version:
    """A case study as it once was saved.

    Attributes:
        number: From 1; later ones have higher numbers.
        at: When it was saved, UTC, or first seen where it was not saved here.
        who: Who saved it; None for what was there before, bundled or written on the machine.
        content: The whole file.
    """

    number: int
    at: datetime
    who: str | None
    content: str

    @property
    def digest(self) -> str:
        """SHA-256 (hexadecimal) of the file."""
        return digest_of(self.content)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A version as it stands in the history."""

    at: datetime
    who: str | None
    content: str


class ChangedError(Exception):
    """Somebody has changed the case study since it was opened; nothing was saved.

    Args:
        now: As it stands now; None where it is gone.
    """

    def __init__(self, now: CaseText | None) -> None:
        super().__init__(now)
        self.now = now


def digest_of(content: str) -> str:
    """SHA-256 (hexadecimal) of a file's content; of nothing where there is none."""
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class CaseFiles:
    """The case studies of a hub as files to be edited.

    Attributes:
        home: The hub's folder.
        bundled: Whether the bundled case studies are part of the library.
    """

    home: Path
    bundled: bool = True

    def current(self, key: Key) -> CaseText | None:
        """A case study as it stands now; None where there is none in this language.

        Raises:
            OSError: It cannot be read.
        """
        path = self._path(key)
        if path is None:
            return None
        content = path.read_bytes().decode("utf-8", "replace")
        return CaseText(content, digest_of(content), own=not path.is_relative_to(BUNDLED))

    def save(self, key: Key, content: str, opened: str, who: str, at: datetime) -> CaseStudy:
        """Put a case study into the hub's own library, and keep what stood there.

        Whoever reads meanwhile, or whenever this is ended, there is what was before or what is
        saved.

        Args:
            key: Its id and language.
            content: The whole file.
            opened: Digest of what was opened; empty for a new one.
            who: Who saves it.
            at: When.

        Raises:
            DocumentError: It breaks the schema, or is another case study; nothing was saved.
            ChangedError: It is no longer as it was opened; nothing was saved.
            OSError: The disk does not take it.
        """
        case = self.checked(content, key)
        with self._locked():
            now = self.current(key)
            if (now.digest if now else "") != opened:
                raise ChangedError(now)
            known = self.versions(key)
            if now and (not known or known[0].digest != now.digest):
                self._keep(key, _Kept(at, None, now.content))
            if now is None or now.content != content or not now.own:
                self._keep(key, _Kept(at, who, content))
                path = self._own_path(key)
                path.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(path, content)
        return case

    def checked(self, content: str, key: Key) -> CaseStudy:
        """Read a case study as it is being written.

        Raises:
            DocumentError: It breaks the schema, or is another case study.
        """
        case_id, language = key
        case = parse_case_study(content, f"{case_id}.md")
        wanted = {"id": (case.id, case_id), "language": (case.language, language)}
        problems = [
            f"line {_line_of(content, field)}: field {field}: is {found}, and this is {due};"
            " write it as it was, or begin a new case study"
            for field, (found, due) in wanted.items()
            if found != due
        ]
        if (self.home / "library" / "documents" / f"{case_id}.{language}{SUFFIX}").exists():
            problems.append(
                f"line {_line_of(content, 'id')}: field id: a document that was read from a file"
                " has this id in this language; write another id"
            )
        if problems:
            raise DocumentError(f"{case_id}.md", problems)
        return case

    def versions(self, key: Key) -> tuple[Version, ...]:
        """Every version that is kept of a case study, the last one first; none that is damaged."""
        found = []
        for path in sorted(self._history(key).glob("[0-9]*.json"), reverse=True):
            with suppress(ValidationError, OSError, ValueError):
                kept = TypeAdapter(_Kept).validate_json(path.read_bytes())
                found.append(Version(int(path.stem), kept.at, kept.who, kept.content))
        return tuple(found)

    def _keep(self, key: Key, kept: _Kept) -> None:
        folder = self._history(key)
        folder.mkdir(parents=True, exist_ok=True)
        number = max((int(path.stem) for path in folder.glob("[0-9]*.json")), default=0) + 1
        at = kept.at.astimezone(UTC).isoformat(timespec="seconds")
        told = {"at": at, "who": kept.who, "content": kept.content}
        write_atomically(
            folder / f"{number:06}.json", json.dumps(told, ensure_ascii=False, indent=1)
        )

    def _path(self, key: Key) -> Path | None:
        case_id, language = key
        if not _ID.fullmatch(case_id) or not _LANGUAGE.fullmatch(language):
            return None
        own = self._own_path(key)
        bundled = BUNDLED / language / f"{case_id}.md"
        if own.is_file():
            return own
        return bundled if self.bundled and bundled.is_file() else None

    def _own_path(self, key: Key) -> Path:
        """Where it stands, or would: staff may have given its file any name."""
        case_id, language = key
        folder = self.home / "library"
        usual = folder / language / f"{case_id}.md"
        if usual.is_file():
            return usual
        for path in sorted(folder.rglob("*.md")):
            with suppress(DocumentError, OSError, UnicodeDecodeError):
                case = parse_case_study(path.read_text(encoding="utf-8"), path.name)
                if (case.id, case.language) == key:
                    return path
        return usual

    def _history(self, key: Key) -> Path:
        return self.home / HISTORY / ".".join(key)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _line_of(content: str, field: str) -> int:
    lines = content.splitlines()
    return next((n for n, line in enumerate(lines, 1) if line.startswith(f"{field}:")), 1)
