"""What hub staff type, and what they are told."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from conftest import ROOT, Typed, diwan, put_case
from fastapi.testclient import TestClient
from test_api import FRAGE, QUESTION, holder_of
from typer.core import TyperGroup
from typer.main import get_command

from server.app import assemble
from server.cli import COMMANDS, app_for
from server.service import Service
from server.store import STORE, Store


@pytest.mark.slow
def test_the_whole_way_from_nothing_to_a_cited_passage(tmp_path: Path) -> None:
    put_case(tmp_path)
    own = {"DIWAN_BUNDLED": "false"}

    nothing = diwan("search", "committees in Mumbai", home=tmp_path, **own)
    assert nothing.returncode == 1
    assert "build it with `diwan rebuild`" in nothing.stderr

    built = diwan("rebuild", "--json", home=tmp_path, **own)
    assert built.returncode == 0, built.stderr
    assert json.loads(built.stdout)["published"] is True

    again = diwan("rebuild", "--json", home=tmp_path, **own)
    assert json.loads(again.stdout)["published"] is False

    status = json.loads(diwan("status", "--json", home=tmp_path, **own).stdout)
    assert status["library"]["case_studies"] == 1
    assert status["library"]["renderings"] == {"en": 1}
    assert status["generation"]["id"] == json.loads(built.stdout)["generation"]["id"]
    assert status["up_to_date"] is True

    found = diwan("search", "committees in Mumbai", home=tmp_path, **own)
    assert found.returncode == 0, found.stderr
    assert "Mumbai" in found.stdout
    assert "strongcitiesnetwork.org" in found.stdout
    assert " ms" in found.stdout

    put_case(tmp_path, **{"country: IN": "country: India"})
    broken = diwan("rebuild", home=tmp_path, **own)
    assert broken.returncode == 1
    assert "own.md: line 6: field country" in broken.stderr
    assert diwan("search", "committees in Mumbai", home=tmp_path, **own).returncode == 0


@pytest.mark.parametrize("question", [QUESTION, FRAGE])
def test_the_terminal_and_the_interface_give_the_same(
    typed: Typed, bundled_home: Path, bundled_service: Service, question: str
) -> None:
    ran = typed("search", question, "-k", "10", "--json", home=bundled_home)
    assert ran.returncode == 0, ran.stderr
    printed = json.loads(ran.stdout)
    holder = holder_of(bundled_service)
    holder._refresh()
    with TestClient(assemble(holder, bundled_home)) as client:
        answered = client.get("/api/v1/search", params={"q": question, "k": 10}).json()
    assert {**printed, "took_ms": 0} == {**answered, "took_ms": 0}


def test_eval_tells_how_often_the_right_case_is_found(
    typed: Typed, bundled_home: Path, tmp_path: Path
) -> None:
    gold = tmp_path / "gold.toml"
    gold.write_text(
        f'[[question]]\ntext = "{QUESTION}"\nlanguage = "en"\n'
        'cases = ["uganda-national-strategy-review"]\n'
        '[[question]]\ntext = "Who?"\nlanguage = "en"\ncases = ["not-there"]\n'
    )
    ran = typed("eval", "--gold", str(gold), "--json", home=bundled_home)
    assert ran.returncode == 0, ran.stderr
    body = json.loads(ran.stdout)
    assert body["skipped"] == 1
    assert body["languages"]["en"]["first"] == 1.0


@pytest.mark.parametrize(
    ("arguments", "status", "complaint"),
    [
        (("search", ""), 2, "question is empty"),
        (("search", "x" * 2_001), 2, "at most 2000"),
        (("search", "a", "--pillar", "kindness"), 2, "kindness"),
        (("nonsense",), 2, "nonsense"),
        (("eval", "--gold", "no-such-file.toml"), 1, "cannot be read"),
    ],
)
def test_wrong_usage_is_told_apart_from_what_cannot_be_done(
    tmp_path: Path, arguments: tuple[str, ...], status: int, complaint: str
) -> None:
    ran = diwan(*arguments, home=tmp_path)
    assert ran.returncode == status
    assert complaint in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.slow
def test_an_empty_library_and_an_unknown_model_are_told_plainly(tmp_path: Path) -> None:
    empty = diwan("rebuild", home=tmp_path, DIWAN_BUNDLED="false")
    assert empty.returncode == 1
    assert "library is empty" in empty.stderr
    model = diwan("rebuild", home=tmp_path, DIWAN_MODEL=str(tmp_path / "no-model"))
    assert model.returncode == 1
    assert "no-model" in model.stderr
    assert "Traceback" not in model.stderr


def test_every_command_explains_itself(typed: Typed, tmp_path: Path) -> None:
    listing = typed("--help", home=tmp_path).stdout
    commands = (
        "serve", "ingest", "remove", "rebuild", "status", "generations", "rollback", "verify",
        "search", "eval", "bench", "backup", "restore", "forget", "staff",
    )  # fmt: skip
    for command in commands:
        assert command in listing
        helped = typed(command, "--help", home=tmp_path)
        assert helped.returncode == 0
        assert "--help" in helped.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_each_says_of_itself(name: str) -> None:
    listed = get_command(app_for([]))
    itself = get_command(app_for([name]))
    assert isinstance(listed, TyperGroup)
    assert isinstance(itself, TyperGroup)
    own = itself.commands[name].help or ""
    assert listed.commands[name].help == " ".join(own.split("\n\n")[0].split())


def test_commands_that_encode_nothing_import_little(tmp_path: Path) -> None:
    """All in one process: not one of them brings what takes long to import."""
    note = tmp_path / "note.txt"
    note.write_text("What the council did in the winter.\n")
    code = (
        "import sys\nfrom server.cli import main\n"
        "for arguments in sys.argv[1:]:\n"
        "    sys.argv = ['diwan', *arguments.split(',')]\n"
        "    try: main()\n"
        "    except SystemExit as end: assert not end.code, arguments\n"
        "print(','.join(name.split('.')[0] for name in sys.modules))\n"
    )
    commands = (
        "--help", "status", "generations", "forget", "backup,{home}/backup",
        "staff,list", "staff,add,Amal", "ingest,{note}", "remove,uganda-national-strategy-review",
    )  # fmt: skip
    given = [command.format(home=tmp_path, note=note) for command in commands]
    ran = subprocess.run(
        [sys.executable, "-c", code, *given],
        cwd=ROOT,
        env={**os.environ, "DIWAN_HOME": str(tmp_path / "hub")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    imported = set(ran.stdout.splitlines()[-1].split(","))
    assert not imported & {
        "argon2", "docx", "faiss", "fastapi", "jinja2", "mapcraft", "mcp", "scipy",
        "sentence_transformers", "spellchecker", "starlette", "torch", "trafilatura", "uvicorn",
    }  # fmt: skip


def test_a_broken_glossary_is_refused_with_its_place(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "glossary.toml").write_text('[[term]]\nid = "Mayor!"\n', "utf-8")
    outcome = typed("rebuild", home=tmp_path)
    assert outcome.returncode == 1
    assert "glossary.toml: term 1, field id" in outcome.stderr
    assert not (tmp_path / "generations/published.json").exists()


def test_a_mistyped_setting_is_named(tmp_path: Path) -> None:
    ran = diwan("generations", home=tmp_path, DIWAN_GATE_TOLERANCE="1%")
    assert ran.returncode == 1
    assert "DIWAN_GATE_TOLERANCE" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_forgetting_says_what_is_gone(typed: Typed, tmp_path: Path) -> None:
    with Store(tmp_path / STORE) as store:
        store.new_conversation(date(2020, 1, 1))
        kept = store.new_conversation()
    ran = typed("forget", "--json", home=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["conversations"] == 1
    with Store(tmp_path / STORE) as store:
        assert store.turns(kept) == ()
    (tmp_path / STORE).write_bytes(b"no database" * 1000)
    damaged = typed("forget", home=tmp_path)
    assert damaged.returncode == 1
    assert "Traceback" not in damaged.stderr
