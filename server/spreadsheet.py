"""Rows -> a CSV file that a spreadsheet opens as it is meant, and runs nothing of."""

import csv
import io
from collections.abc import Iterable, Sequence

from fastapi import Response

# Source: OWASP, CSV Injection. White space before such a character is no protection.
_BEGINS_A_FORMULA = "=+-@＝＋－＠"
_CONTROLS = "\t\r\n"


def write_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Write a table down, in UTF-8 with the mark by which Excel knows it (RFC 4180).

    Args:
        header: Name of each column.
        rows: The cells of each row; one that a spreadsheet would take for a formula gets an
            apostrophe in front, so that it stays text.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig", errors="replace")


def csv_file(name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """Answer with a table, as a file to keep; see `write_csv`.

    Args:
        name: Of the file, without its ending.
        header: Name of each column.
        rows: The cells of each row.
    """
    return Response(
        write_csv(header, rows),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _harmless(cell: str) -> str:
    begins = cell.lstrip()[:1]
    risky = (begins and begins in _BEGINS_A_FORMULA) or (cell[:1] and cell[0] in _CONTROLS)
    return f"'{cell}" if risky else cell
