"""From files to cited answers and out again, as hub staff do it."""

import json
from pathlib import Path

import pytest
from conftest import Typed, diwan
from fastapi.testclient import TestClient
from test_api import holder_of

from corpus.removed import Removed
from index.publication import Publication
from server.app import assemble
from server.service import Service

PORTERS = """<!doctype html><html lang="en"><head><title>Night school</title>
<link rel="canonical" href="https://example.org/night-school"></head><body><nav>menu</nav><main>
<h1>A night school for porters in Kenya</h1><h2 id="what">What was done</h2>
<p>The harbour council opened a night school for its porters, and forty of them came to every
lesson until the spring. They learned to write their own petitions to the council.</p>
</main></body></html>"""
ORCHARDS = """# Orchards on the hill

The hill town planted orchards together with the shepherds, and a shared well ended the quarrel
over water that had gone on between the two sides for many years.
"""


def put(folder: Path) -> Path:
    folder.mkdir()
    (folder / "school.html").write_text(PORTERS, encoding="utf-8")
    (folder / "orchards.md").write_text(ORCHARDS, encoding="utf-8")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return folder


@pytest.mark.slow
def test_documents_are_taken_in_found_cited_and_taken_away(typed: Typed, tmp_path: Path) -> None:
    home, own = tmp_path / "home", {"DIWAN_BUNDLED": "false"}
    folder = put(tmp_path / "in")

    outcome = diwan("ingest", str(folder), "--json", home=home, **own)
    assert outcome.returncode == 1
    assert "1 of 3 files were refused" in outcome.stderr
    report = json.loads(outcome.stdout)
    assert (report["added"], report["refused"]) == (2, 1)
    records = {Path(record["path"]).name: record for record in report["files"]}
    assert records["school.html"]["title"] == "A night school for porters in Kenya"
    assert "publisher" in records["school.html"]["missing"]
    assert "PNG" not in (records["picture.png"]["reason"] or "")

    assert "2 documents" in diwan("rebuild", home=home, **own).stdout
    question = "who taught the porters to write petitions"
    found = json.loads(diwan("search", question, "--json", home=home, **own).stdout)
    (first, *_) = found["results"]
    assert first["case_study"]["id"] == "school"
    assert first["case_study"]["country"] == "KE"
    assert first["case_study"]["pillars"] == []
    assert first["citation"]["url"].startswith("https://example.org/night-school#")
    assert "Diwan case study" not in first["citation"]["text"]

    again = json.loads(typed("ingest", str(folder), "--json", home=home, **own).stdout)
    assert (again["added"], again["unchanged"]) == (0, 2)
    assert "Up to date" in typed("rebuild", home=home, **own).stdout

    service = Service.load(Publication(home / "generations"), "", removed=Removed(home))
    with TestClient(assemble(holder_of(service), home)) as client:
        ids = lambda: {  # noqa: E731
            result["case_study"]["id"]
            for result in client.get("/api/v1/search", params={"q": question}).json()["results"]
        }
        assert "school" in ids()
        assert client.get("/cases/school").status_code == 200
        removed = diwan("remove", "school", home=home, **own)
        assert removed.returncode == 0, removed.stderr
        assert ids() == {"orchards"}
        assert client.get("/cases/school").status_code == 404
        (home / "removed.json").write_text("{", encoding="utf-8")
        response = client.get("/api/v1/search", params={"q": question})
        assert response.status_code == 503
        assert "which documents were removed" in response.json()["detail"]
        (home / "removed.json").write_text('{"removed": ["school"]}', encoding="utf-8")

    assert "1 documents" in typed("rebuild", home=home, **own).stdout


def test_a_dry_run_shows_the_passages_and_changes_nothing(typed: Typed, tmp_path: Path) -> None:
    folder = put(tmp_path / "in")
    outcome = typed("ingest", "--dry-run", str(folder / "school.html"), home=tmp_path / "home")
    assert outcome.returncode == 0
    assert "published: not known; source: https://example.org/night-school" in outcome.stdout
    assert "The harbour council opened" in outcome.stdout
    assert "menu" not in outcome.stdout
    assert not (tmp_path / "home").exists()


def test_what_cannot_be_done_is_said(typed: Typed, tmp_path: Path) -> None:
    outcome = typed("remove", "no-such-document", home=tmp_path)
    assert outcome.returncode == 1
    assert "no document with the id no-such-document" in outcome.stderr
    outcome = typed("ingest", "--country", "Kenya", str(tmp_path), home=tmp_path)
    assert outcome.returncode == 2
    assert "country" in outcome.stderr
    outcome = typed("ingest", str(tmp_path / "absent.pdf"), home=tmp_path)
    assert outcome.returncode == 1
    assert "there is no such file" in outcome.stdout
