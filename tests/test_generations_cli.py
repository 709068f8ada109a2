"""What hub staff type to make, list, check and take back generations, and what they are told."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Typed, put_case

GOLD = """
[[question]]
text = "{0}"
language = "en"
cases = ["mumbai"]

[[question]]
text = "{1}"
language = "en"
cases = ["mumbai"]
"""


@pytest.fixture
def diwan(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Type a command of a hub that has its own documents only."""
    monkeypatch.setenv("DIWAN_BUNDLED", "false")
    return typed


@pytest.fixture
def hub(tmp_path: Path, diwan: Typed) -> Path:
    """A hub with a library of its own and two generations."""
    home = tmp_path / "hub"
    put_case(home, **{"id: india-mumbai-mohalla-committees": "id: mumbai"})
    put_case(home, "other.md", **{"id: india-mumbai-mohalla-committees": "id: lighthouse",
                                  "Mumbai": "Zanth", "Mohalla": "Beacon"})  # fmt: skip
    for _ in range(2):
        assert diwan("rebuild", "--full", home=home).returncode == 0
    return home


def told(diwan: Typed, *arguments: str, home: Path) -> Any:  # noqa: ANN401 - whatever JSON holds
    ran = diwan(*arguments, "--json", home=home)
    assert ran.returncode == 0, ran.stderr
    return ran.json


def test_generations_are_listed_and_one_can_go_back_and_forth(diwan: Typed, hub: Path) -> None:
    newest, oldest = told(diwan, "generations", home=hub)
    assert newest["published"]
    assert not oldest["published"]
    assert newest["passages"] == oldest["passages"] > 0
    assert Path(newest["path"]).is_dir()
    assert newest["created"] >= oldest["created"]

    back = diwan("rollback", home=hub)
    assert back.returncode == 0, back.stderr
    assert f"Generation {oldest['id']}" in back.stdout
    assert told(diwan, "status", home=hub)["generation"]["id"] == oldest["id"]
    further = diwan("rollback", home=hub)
    assert further.returncode == 1
    assert "no earlier generation" in further.stderr

    assert told(diwan, "rollback", newest["id"], home=hub)["generation"]["id"] == newest["id"]
    shown = diwan("generations", home=hub).stdout.splitlines()
    assert "published" in shown[0]
    assert newest["id"] in shown[0]
    assert diwan("rollback", "20000101-000000-abcdef", home=hub).returncode == 1


def test_damage_is_found_told_and_survived(diwan: Typed, hub: Path) -> None:
    sound = told(diwan, "verify", home=hub)
    assert sound["sound"]
    assert len(sound["generations"]) == 2
    assert [cache["vectors"] > 0 for cache in sound["vectors"]] == [True]

    newest, oldest = told(diwan, "generations", home=hub)
    path = Path(newest["path"]) / "passages.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    ran = diwan("verify", "--json", home=hub)
    assert ran.returncode == 1
    assert "1 of 3 are damaged" in ran.stderr
    found = {entry["id"]: entry["sound"] for entry in ran.json["generations"]}
    assert found == {newest["id"]: False, oldest["id"]: True}
    assert diwan("verify", oldest["id"], home=hub).returncode == 0
    assert diwan("verify", newest["id"], home=hub).returncode == 1
    assert diwan("verify", "nothing", home=hub).returncode == 1

    assert [entry["published"] for entry in told(diwan, "generations", home=hub)] == [False, True]
    answered = diwan("search", "committees in Mumbai", "--json", home=hub)
    assert answered.json["generation"] == oldest["id"]
    assert "passages.jsonl is not as it was written" in answered.stderr
    assert f"answering from {oldest['id']}" in answered.stderr


def test_a_worse_build_reaches_nobody_unless_it_is_forced(diwan: Typed, hub: Path) -> None:
    questions = ("How does Mumbai keep Hindus and Muslims on good terms?", "Mohalla committees")
    (hub / "gold.toml").write_text(GOLD.format(*questions), "utf-8")
    before = told(diwan, "generations", home=hub)
    (hub / "library/own.md").unlink()

    refused = diwan("rebuild", "--json", home=hub)
    assert refused.returncode == 1
    report = refused.json
    assert report["published"] is False
    assert report["generation"]["id"] == before[0]["id"]
    assert {worse["question"] for worse in report["gate"]["worse"]} == set(questions)
    assert "was not published, because it answers worse" in refused.stderr
    written = json.loads(Path(report["refused"]["report"]).read_text("utf-8"))
    assert written["worse"] == report["gate"]["worse"]
    assert [entry["refused"] for entry in told(diwan, "generations", home=hub)][:2] == [True, False]

    spoken = diwan("rebuild", home=hub)
    assert spoken.returncode == 1
    assert questions[0] in spoken.stdout

    forced = diwan("rebuild", "--force", home=hub)
    assert forced.returncode == 0, forced.stderr
    assert "Published" in forced.stdout
    assert told(diwan, "rollback", home=hub)["generation"]["id"] == before[0]["id"]


def test_a_document_that_was_removed_does_not_count_as_lost(diwan: Typed, hub: Path) -> None:
    (hub / "gold.toml").write_text(GOLD.format("Mumbai?", "Mohalla?"), "utf-8")
    assert diwan("remove", "mumbai", home=hub).returncode == 0
    rebuilt = diwan("rebuild", home=hub)
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert "Published" in rebuilt.stdout


def spoil_gold(home: Path) -> None:
    (home / "gold.toml").write_text("[[question]]\ntext = 3\n", "utf-8")


def spoil_library(home: Path) -> None:
    for path in (home / "library").glob("*.md"):
        path.write_text("no front matter", "utf-8")


def empty_library(home: Path) -> None:
    for path in (home / "library").glob("*.md"):
        path.unlink()


def spoil_glossary(home: Path) -> None:
    (home / "glossary.toml").write_text("[[term]]\n", "utf-8")


def test_what_cannot_be_built_changes_nothing(diwan: Typed, hub: Path, tmp_path: Path) -> None:
    before = told(diwan, "generations", home=hub)
    for spoil, complaint in (
        (spoil_gold, "gold.toml: question 1, field text"),
        (spoil_glossary, "glossary.toml: term 1"),
        (spoil_library, "front matter"),
        (empty_library, "library is empty"),
    ):
        spoilt = tmp_path / spoil.__name__
        shutil.copytree(hub / "library", spoilt / "library")
        (spoilt / "generations").symlink_to(hub / "generations")
        spoil(spoilt)
        ran = diwan("rebuild", "--full", home=spoilt)
        assert ran.returncode == 1
        assert complaint in ran.stderr
        assert "Traceback" not in ran.stderr
        after = told(diwan, "generations", home=hub)
        assert after == before
    assert diwan("search", "committees in Mumbai", home=hub).returncode == 0


@pytest.fixture
def another_builds(hub: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that builds, for as long as it is let."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom index.publication import Publication\n"
        f"with Publication(Path({str(hub / 'generations')!r})).building():\n"
        "    print('building', flush=True)\n    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "building\n"
        yield process
        process.kill()


def test_a_second_rebuild_is_told_who_runs_the_first_and_a_dead_one_blocks_nobody(
    diwan: Typed, hub: Path, another_builds: subprocess.Popen[str]
) -> None:
    refused = diwan("rebuild", home=hub)
    assert refused.returncode == 1
    assert f"(process {another_builds.pid})" in refused.stderr
    assert "Wait until it is done" in refused.stderr
    assert diwan("rollback", home=hub).returncode == 0, "going back does not wait"
    another_builds.send_signal(signal.SIGKILL)
    another_builds.wait()
    assert diwan("rebuild", "--full", home=hub).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a user without rights")
def test_a_folder_that_may_only_be_read_is_told_plainly_and_still_serves(
    diwan: Typed, hub: Path
) -> None:
    """A process of its own, for the user is the whole process's; it encodes nothing."""
    for path in (hub, *hub.rglob("*"), *hub.parents[:4]):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom server.cli import main\n"
        "import server.generations, server.rebuild_command\n"  # while it may read them
        "os.setegid(65534)\nos.seteuid(65534)\n"
        f"print(Path({str(hub)!r}).is_dir())\nmain()\n"
    )
    for command, status, complaint in (
        (["rebuild", "--full"], 1, "not allowed in there"),
        (["rollback"], 1, "not allowed in there"),
        (["generations"], 0, ""),
    ):
        ran = subprocess.run(
            [sys.executable, "-c", code, *command],
            cwd=ROOT,
            env={**os.environ, "DIWAN_HOME": str(hub)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.stdout.startswith("True"), ran.stderr
        assert ran.returncode == status, ran.stderr
        assert complaint in ran.stderr
        assert "Traceback" not in ran.stderr
    assert diwan("verify", home=hub).returncode == 0


def test_folders_that_vanish_are_told_plainly(diwan: Typed, hub: Path) -> None:
    shutil.rmtree(hub / "generations")
    assert diwan("status", home=hub).returncode == 0
    nothing = diwan("search", "committees", home=hub)
    assert nothing.returncode == 1
    assert "build it with `diwan rebuild`" in nothing.stderr
    assert diwan("rebuild", home=hub).returncode == 0
    (hub / "generations").rename(hub / "aside")
    (hub / "generations").write_text("in the way")
    blocked = diwan("rebuild", home=hub)
    assert blocked.returncode == 1
    assert "generations" in blocked.stderr
    assert "Traceback" not in blocked.stderr
