"""TOML files that staff keep: read, checked, and refused with the entry that breaks the form."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

Form = TypeVar("Form", bound=BaseModel)

_CODE = r"^[a-z]{2,3}$"
_SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
LanguageCode = Annotated[str, StringConstraints(pattern=_CODE)]
Slug = Annotated[str, StringConstraints(pattern=_SLUG)]

_KEY = "[key]"  # where pydantic means the name of a field and not what stands behind it
_PATTERNS = {
    _CODE: "there is no such field; the code of a language has two or three letters: en, ar, fr",
    _SLUG: "write small letters without accents, and digits, words joined by hyphens",
}
_SAID = {
    "missing": "is missing; write it",
    "extra_forbidden": "there is no such field; look how its name is spelt",
    "string_type": 'must be a text in quotation marks, such as "…"',
    "string_too_short": "is empty; write something, or take the line out",
    "int_type": "must be a whole number without quotation marks",
    "int_from_float": "must be a whole number",
    "list_type": 'must be a list, such as ["…", "…"], or tables that each begin with [[…]]',
    "dict_type": 'must be given by language, such as {{ en = "…", ar = "…" }}',
    "too_short": "holds nothing; it takes one at least",
    "greater_than_equal": "must be {ge} or more",
    "enum": "must be {expected}",
    "model_type": "must be a table",
}


def read_tables(path: Path, form: type[Form], refusal: type[Exception]) -> Form:
    """Read a file of `[[name]]` tables.

    Args:
        path: The file.
        form: What it must hold.
        refusal: Raised with a sentence for each mistake that names the file, the numbers of the
            table and of the table in it, the field, and the table's id where it has one.
    """
    return parse_tables(read_text(path, refusal), path, form, refusal)


def read_text(path: Path, refusal: type[Exception]) -> str:
    """Read such a file as it stands, with its own line ends.

    Args:
        path: The file.
        refusal: Raised with a sentence where it cannot be read.
    """
    try:
        # With or without the mark that some editors put before what they save as UTF-8.
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise refusal(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise refusal(f"{path}: is not saved as UTF-8; save it again as UTF-8") from None


def parse_tables(text: str, path: Path, form: type[Form], refusal: type[Exception]) -> Form:
    """Check what such a file holds, or is about to hold; see `read_tables`."""
    try:
        tables = tomllib.loads(text)
        return form.model_validate(tables)
    except tomllib.TOMLDecodeError as error:
        raise refusal(f"{path}: {error}") from None
    except ValidationError as error:
        raise refusal(
            "\n".join(
                f"{path}: {_place(detail['loc'], tables)}: {_mistake(detail, form)}"
                for detail in error.errors()
            )
        ) from None


def _place(where: tuple[int | str, ...], tables: dict[str, Any]) -> str:
    """Say where a mistake is: tables by their numbers, the field, the id of the outermost table."""
    rest = list(where)
    parts: list[str] = []
    while len(rest) > 1 and isinstance(rest[1], int) and (not parts or len(rest) > 2):  # noqa: PLR2004
        name, number, *rest = rest
        parts.append(f"{name} {int(number) + 1}")
    names = [name for name in rest if isinstance(name, str) and name != _KEY]
    if parts and names:
        parts.append(f"field {'.'.join(names)}")
    said = parts or names
    if parts and isinstance(entry := tables[str(where[0])][int(where[1])], dict):
        known = entry.get("id")
        said += [f"in “{known}”"] if isinstance(known, str) and names != ["id"] else []
    return ", ".join(said)


def _mistake(detail: ErrorDetails, form: type[BaseModel]) -> str:
    """Say what is wrong, in words for somebody who writes no programs."""
    if len(detail["loc"]) == 1:  # the name of the tables
        names = " or ".join(f"[[{name}]]" for name in form.model_fields)
        return f"there is none here; each entry begins with {names}, in two square brackets"
    values = {"msg": detail["msg"], **detail.get("ctx", {})}
    if values.get("pattern") in _PATTERNS:
        return _PATTERNS[values["pattern"]]
    return _SAID.get(detail["type"], "{msg}").format(**values)
