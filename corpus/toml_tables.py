"""TOML files that staff keep: read, checked, and refused with the entry that breaks the form."""

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

Form = TypeVar("Form", bound=BaseModel)


def read_tables(path: Path, form: type[Form], refusal: type[Exception]) -> Form:
    """Read a file of `[[name]]` tables.

    Args:
        path: The file.
        form: What it must hold.
        refusal: Raised with a sentence for each mistake that names the file, the number of the
            table and the field.
    """
    try:
        return form.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise refusal(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise refusal(f"{path}: is not saved as UTF-8; save it again as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise refusal(f"{path}: {error}") from None
    except ValidationError as error:
        raise refusal("\n".join(_sentences(path, error))) from None


def _sentences(path: Path, error: ValidationError) -> list[str]:
    found = []
    for detail in error.errors():
        table, *where = detail["loc"]
        number = f" {int(where[0]) + 1}" if where and isinstance(where[0], int) else ""
        field = f", field {where[1]}" if len(where) > 1 else ""
        found.append(f"{path}: {table}{number}{field}: {detail['msg']}")
    return found
