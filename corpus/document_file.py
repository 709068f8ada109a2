"""A document that was read from a file of another kind, as it stands in the library: JSON."""

import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from corpus.atomic import write_atomically
from corpus.case_study import CaseStudy, Level, Pillar
from corpus.markdown import DocumentError

SUFFIX = ".json"


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a document beside it: by options, or in a sidecar file; None is not said."""

    id: str | None = None
    language: str | None = None
    title: str | None = None
    url: str | None = None
    publisher: str | None = None
    published: str | None = None
    country: str | None = None
    place: str | None = None
    level: Level | None = None
    pillars: tuple[Pillar, ...] = ()
    translated_from: str | None = None

    def over(self, other: "Said") -> "Said":
        """This, and what only the other says."""
        return replace(
            other,
            **{
                field.name: value
                for field in fields(Said)
                if (value := getattr(self, field.name)) not in (None, ())
            },
        )


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document came from.

    Attributes:
        path: The file that it was read from, in full.
        digest: SHA-256 (hexadecimal) of that file's content.
        read: ISO 8601 date and time, UTC.
        said: What was said of it beside the file.
    """

    path: str
    digest: str
    read: str
    said: Said = Said()


@dataclass(frozen=True, slots=True)
class Filed:
    """A document with its origin."""

    document: CaseStudy
    origin: Origin


def file_name(document: CaseStudy) -> str:
    """Name of the file that a document is kept in."""
    return f"{document.id}.{document.language}{SUFFIX}"


def write_document(filed: Filed, folder: Path) -> Path:
    """Write a document into a folder, in place of what stood there under its id and language.

    Raises:
        OSError: The disk does not take it; what stood there still does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file_name(filed.document)
    write_atomically(path, json.dumps(asdict(filed), ensure_ascii=False, indent=1))
    return path


def read_document(path: Path) -> Filed:
    """Read what `write_document` wrote.

    Raises:
        DocumentError: The file cannot be read, or is of another form.
    """
    try:
        filed = TypeAdapter(Filed).validate_json(path.read_bytes())
    except OSError as error:
        raise DocumentError(str(path), [f"cannot be read: {error.strerror}"]) from None
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise DocumentError(
            str(path),
            [f"is damaged ({field}: {first['msg']}); add the document again, or remove this file"],
        ) from None
    ends = [block.end for section in filed.document.sections for block in section.blocks]
    if not ends or max(ends) > len(filed.document.text):
        raise DocumentError(
            str(path), ["is damaged (its text is cut); add the document again, or remove this file"]
        )
    return filed
