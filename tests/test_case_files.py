"""Whoever is ended in the middle of a save leaves the old case study or the new one, whole."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from desk import AMAL, NOW

from corpus.case_files import CaseFiles
from corpus.library import BUNDLED, load_library

KEY = "uganda-nansana-youth-desk", "en"
TEXT = (BUNDLED / "en" / f"{KEY[0]}.md").read_text("utf-8")
SAVE_ON_AND_ON = """
import sys
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from corpus.case_files import CaseFiles

files, key = CaseFiles(Path(sys.argv[1])), tuple(sys.argv[2:4])
text = files.current(key).content.split("Saved", 1)[0].rstrip()
for number in count():
    digest = files.current(key).digest
    files.save(key, f"{text} Saved {number}.\\n", digest, "Badr", datetime.now(UTC))
    print(number, flush=True)
"""


@pytest.mark.parametrize("lines", [1, 2, 7])
def test_ended_in_the_middle_of_a_save_a_whole_one_stands(tmp_path: Path, lines: int) -> None:
    arguments = [sys.executable, "-c", SAVE_ON_AND_ON, str(tmp_path), *KEY]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as saving:
        assert saving.stdout
        for _ in range(lines):
            saving.stdout.readline()
        saving.kill()
    files = CaseFiles(tmp_path)
    now = files.current(KEY)
    assert now
    stems = TEXT.rstrip(), " Saved "
    assert now.content.startswith("".join(stems))
    assert now.content.endswith(".\n")
    versions = files.versions(KEY)
    assert now.digest in {version.digest for version in versions[:2]}
    assert versions[-1].content == TEXT
    load_library([BUNDLED, tmp_path / "library"])

    # The next editor goes on from what stands, and all that was saved is there.
    files.save(KEY, TEXT, now.digest, AMAL, NOW)
    after = files.versions(KEY)
    assert {version.digest for version in versions} <= {version.digest for version in after}
    assert after[0].content == TEXT
