"""A table opens in a spreadsheet as it was written, and nothing in it is run."""

import csv
import io

import pytest

from server.spreadsheet import write_csv


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_table_comes_back_as_it_was_written() -> None:
    rows = [
        ["أمل", 'a "quoted" word, and a comma'],
        ["", "two\nlines"],
        ["é", "2026-03-05 14:25:36"],
    ]
    content = write_csv(["Who", "What"], rows)
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in content
    assert read(content) == [["Who", "What"], *rows]


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "\tx",
    ],
)
def test_no_cell_is_taken_for_a_formula(cell: str) -> None:
    assert read(write_csv(["a"], [[cell]]))[1] == [f"'{cell}"]
