"""At the desk a rebuild is started, watched from every worker, and told apart from a dead one."""

import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import ROOT, StandInEncoder, publish, put_case
from desk import AMAL, Desk, desk_of

from corpus.library import Library
from index.generation import Generation
from index.publication import Publication
from server.opening import open_library
from server.rebuild_run import Outcome, Run, read_run, write_run
from server.rebuilds import LOG, Rebuilds
from server.service import Service
from server.settings import Settings
from server.store_records import Change
from server.store_staff import Role

# Stands in for the command: does what a line at a time of its standard orders says.
CHILD = """
import json, os, sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from server.rebuild_run import telling
home = Path(os.environ["DIWAN_HOME"])
(home / "asked.json").write_text(json.dumps({{"arguments": sys.argv[1:], "pid": os.getpid(),
    "environment": {{name: value for name, value in os.environ.items() if "DIWAN_" in name}}}}))
by = next(each[5:] for each in sys.argv if each.startswith("--by="))
with telling(home, by) as told:
    told.begin()
    for done in range(3):
        told.step("encode", done, 40)
    (home / "building").touch()
    while not (home / "go").exists():
        time.sleep(0.01)
    raise OSError(28, os.strerror(28), str(home))
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "hub"


@pytest.fixture
def rebuilds(home: Path, tmp_path: Path) -> Rebuilds:
    """Rebuilds by a program that says how far it is and waits to be told to go on."""
    program = tmp_path / "child.py"
    program.write_text(CHILD.format(root=str(ROOT)))
    settings = Settings(home=home, bundled=False)
    return Rebuilds(settings, (sys.executable, str(program)))


@pytest.fixture
def desk(home: Path, rebuilds: Rebuilds) -> Iterator[Desk]:
    """With an editor who is signed in, and a process that is ended when the test is."""
    with desk_of(home, rebuilds=rebuilds) as desk:
        desk.hire()
        desk.sign_in()
        yield desk
        (home / "go").touch()
        until(lambda: not rebuilds.look().is_running)


def until(seen: Callable[[], object], seconds: float = 60) -> None:
    """Wait for what another process does."""
    end = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def begin(desk: Desk, home: Path, **form: str) -> None:
    assert desk.client.post("/desk/rebuild?ui=en", data=form).status_code == 303
    until((home / "building").exists)


@pytest.mark.parametrize(
    "mail",
    [
        {},
        {
            "DIWAN_SMTP_HOST": "mail.example.org",
            "DIWAN_SMTP_PORT": "2525",
            "DIWAN_SMTP_USER": "diwan",
            "DIWAN_SMTP_PASSWORD": "only for letters",
            "DIWAN_MAIL_FROM": "diwan@example.org",
        },
    ],
    ids=["no letters", "letters"],
)
def test_its_process_reads_the_settings_that_were_made_here_but_not_those_of_letters(
    home: Path, rebuilds: Rebuilds, monkeypatch: pytest.MonkeyPatch, mail: dict[str, str]
) -> None:
    for name, value in mail.items():
        monkeypatch.setenv(name, value)
    set_here = {"home": home, "bundled": False, "kept_generations": 7, "model": "none"}
    replace(rebuilds, settings=Settings(**set_here)).start(AMAL)
    until((home / "building").exists)
    (home / "go").touch()
    until(lambda: not rebuilds.look().is_running)
    handed_on = json.loads((home / "asked.json").read_text())["environment"]
    assert not [name for name in handed_on if "SMTP" in name or "MAIL" in name]
    for name in mail:
        monkeypatch.delenv(name)
    expected = Settings(**set_here)
    for name, value in handed_on.items():
        monkeypatch.setenv(name, value)
    assert Settings() == expected


def test_it_is_started_with_the_settings_and_goes_on_without_the_request(
    desk: Desk, home: Path, rebuilds: Rebuilds
) -> None:
    begin(desk, home, full="true")
    asked = json.loads((home / "asked.json").read_text())
    assert asked["arguments"] == ["rebuild", "--json", f"--by={AMAL}", "--full"]
    assert asked["environment"]["DIWAN_HOME"] == str(home)
    assert asked["environment"]["DIWAN_BUNDLED"] == "False"
    assert os.getsid(asked["pid"]) == asked["pid"], "what ends the server does not end it"
    page = desk.client.get("/desk/rebuild?ui=en").text
    assert "A rebuild is under way" in page
    assert f"<bdi>{AMAL}</bdi> started it here" in page
    assert '<progress aria-labelledby="now" max="40" value="0">' in page
    assert "0 of 40" in page
    assert '<noscript><meta http-equiv="refresh" content="5;url=/desk/rebuild?ui=en">' in page
    assert 'action="/desk/rebuild?ui=en"' not in page, "no second one is offered"
    record = desk.store.records(1)[0]
    assert (record.who, record.what, record.about) == (AMAL, Change.REBUILD_STARTED, "full")

    (home / "go").touch()
    until(lambda: not rebuilds.look().is_running)
    after = desk.client.get("/desk/rebuild?ui=en").text
    assert "It failed" in after
    assert "the disk is full" in after
    assert 'http-equiv="refresh"' not in after
    record = desk.store.records(1)[0]
    assert (record.who, record.what, record.about) == (AMAL, Change.REBUILD_ENDED, "failed")


def test_a_second_one_is_refused_wherever_it_is_started(
    desk: Desk, home: Path, rebuilds: Rebuilds
) -> None:
    begin(desk, home)
    before = desk.store.records()
    refused = desk.client.post("/desk/rebuild?ui=en")
    assert refused.status_code == 409
    assert "One is under way already" in refused.text
    assert f"<bdi>{AMAL}</bdi> started it here" in refused.text
    assert desk.store.records() == before
    with desk_of(home, rebuilds=rebuilds) as other:  # another worker, with connections of its own
        other.sign_in()
        assert "A rebuild is under way" in other.client.get("/desk/rebuild?ui=en").text
        assert other.client.post("/desk/rebuild").status_code == 409
    (home / "building").unlink()
    (home / "go").touch()
    until(lambda: not rebuilds.look().is_running)
    begin(desk, home)  # as soon as it has said its last, though its process may not have ended yet


def test_one_that_a_command_started_is_shown_and_not_started_beside(
    desk: Desk, home: Path, rebuilds: Rebuilds
) -> None:
    with Publication(home / "generations").building():
        page = desk.client.get("/desk/rebuild?ui=en").text
        assert "started it by a command on the machine" in page
        assert "how far it is cannot be told" in page
        assert desk.client.post("/desk/rebuild").status_code == 409
        write_run(home, Run(datetime.now(UTC), process=os.getpid(), step="ask", done=3, total=9))
        page = desk.client.get("/desk/rebuild?ui=en").text
        assert "Asking the gold questions" in page
        assert "3 of 9" in page
    assert not (home / "asked.json").exists()
    assert not rebuilds.look().is_running


def test_one_that_was_killed_is_told_as_ended_and_the_next_can_be_started(
    desk: Desk, home: Path
) -> None:
    begin(desk, home)
    os.kill(json.loads((home / "asked.json").read_text())["pid"], signal.SIGKILL)
    events = desk.client.get("/desk/rebuild/events").text
    assert events.endswith("event: end\ndata: \n\n")
    page = desk.client.get("/desk/rebuild?ui=en").text
    assert "The last rebuild was ended from outside" in page
    assert LOG in page
    (home / "building").unlink()
    begin(desk, home)
    assert "A rebuild is under way" in desk.client.get("/desk/rebuild?ui=en").text


def test_events_tell_each_step_in_the_reader_s_language_and_end(
    desk: Desk, home: Path, rebuilds: Rebuilds
) -> None:
    assert desk.client.get("/desk/rebuild/events").text.count("event: end") == 1
    begin(desk, home)
    with desk.client.stream("GET", "/desk/rebuild/events?ui=en") as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert "Content-Encoding" not in answer.headers, "it would be kept back to be packed"
        assert answer.headers["Cache-Control"] == "no-store"
        (home / "go").touch()
        told = "".join(answer.iter_text())
    assert told.startswith("retry: ")
    data = re.search(r"^data: (\{.+\})$", told, re.MULTILINE)
    if data:  # else it had ended before the first look
        assert json.loads(data[1])["said"] == "Encoding passages and sentences"
    assert told.endswith("event: end\ndata: \n\n")
    assert not rebuilds.look().is_running


@pytest.mark.parametrize("outcome", Outcome)
def test_what_came_of_one_is_said_for_each_outcome(
    desk: Desk, home: Path, outcome: Outcome
) -> None:
    ended = Run(
        datetime.now(UTC),
        ended=datetime.now(UTC),
        outcome=outcome,
        generation="the-one",
        refused="the-other" if outcome is Outcome.REFUSED else None,
        overtaken="the-other" if outcome is Outcome.OVERTAKEN else None,
        error="The <disk> is full." if outcome is Outcome.FAILED else None,
        questions=1200,
        right_before=1100,
        right_now=1000,
    )
    write_run(home, ended)
    words, named = {
        Outcome.PUBLISHED: ("Running servers take it up within a second", "the-one"),
        Outcome.UP_TO_DATE: ("There was nothing to do", "up to date"),
        Outcome.REFUSED: ("Kept aside: it answers worse", "the-other"),
        Outcome.OVERTAKEN: ("somebody published another one or went back to it", "the-other"),
        Outcome.FAILED: ("It failed", "The &lt;disk&gt; is full."),
    }[outcome]
    page = desk.client.get("/desk/rebuild?ui=en").text
    assert words in page
    assert named in page
    assert "started by a command" in page
    assert "1,000 of 1,200; it was 1,100" in page


def test_a_page_waits_until_readers_find_what_was_published(
    desk: Desk, home: Path, small_library: Library, stand_in: StandInEncoder
) -> None:
    made = publish(Publication(home / "generations"), small_library, stand_in)
    service = Service(made, stand_in)
    ended = Run(
        datetime.now(UTC), ended=datetime.now(UTC), outcome=Outcome.PUBLISHED, generation=made.id
    )
    write_run(home, ended)
    page = desk.client.get("/desk/rebuild?ui=en").text
    assert "Published; the server is taking it up" in page
    assert "data-events=" in page
    assert 'http-equiv="refresh"' in page
    assert '<h2 id="outcome">' not in page

    desk.client.app.state.holder._service = service  # type: ignore[attr-defined]
    events = desk.client.get("/desk/rebuild/events").text
    assert events.endswith("event: end\ndata: \n\n")
    assert '<h2 id="outcome">Published</h2>' in desk.client.get("/desk/rebuild?ui=en").text

    desk.client.app.state.holder._service = None  # type: ignore[attr-defined]
    write_run(home, replace(ended, ended=datetime.now(UTC) - timedelta(minutes=1)))
    page = desk.client.get("/desk/rebuild?ui=en").text
    assert '<h2 id="outcome">Published</h2>' in page, "it does not wait for ever"


def test_few_documents_that_differ_are_named_at_once_and_many_on_demand(
    home: Path, small_generation: Generation, stand_in: StandInEncoder
) -> None:
    rebuilds = Rebuilds(Settings(home=home, bundled=False))
    with desk_of(home, service=Service(small_generation, stand_in), rebuilds=rebuilds) as desk:
        desk.hire()
        desk.sign_in()
        for many, opened in ((5, "<details open>"), (6, "<details>")):
            for number in range(many):
                name = f"case-{number}"
                put_case(
                    home, f"{name}.md", **{"id: india-mumbai-mohalla-committees": f"id: {name}"}
                )
            page = desk.client.get("/desk/rebuild?ui=en").text
            assert f"{opened}\n<summary>{many} new documents" in page


def test_only_an_administrator_may_have_a_worse_one_published(desk: Desk, home: Path) -> None:
    assert 'name="force"' not in desk.client.get("/desk/rebuild").text
    refused = desk.client.post("/desk/rebuild?ui=en", data={"force": "true"})
    assert refused.status_code == 403
    assert not (home / "asked.json").exists()
    desk.hire("Badr", Role.ADMINISTRATOR)
    desk.sign_in(name="Badr")
    assert 'name="force"' in desk.client.get("/desk/rebuild").text
    begin(desk, home, force="true")
    assert json.loads((home / "asked.json").read_text())["arguments"][-1] == "--force"


def test_a_program_that_cannot_be_started_is_told(home: Path) -> None:
    with desk_of(home, rebuilds=Rebuilds(Settings(home=home), (str(home / "nowhere"),))) as desk:
        desk.hire()
        desk.sign_in()
        failed = desk.client.post("/desk/rebuild?ui=en")
        assert failed.status_code == 500
        assert "It could not be started" in failed.text
        assert "nowhere" in failed.text
        run = read_run(home)
        assert run is not None
        assert run.outcome is Outcome.FAILED
        assert "It failed" in desk.client.get("/desk/rebuild?ui=en").text


@pytest.mark.parametrize("spoilt", ["", "{}", "[]", '{"began": 3}', "\0" * 9])
def test_a_spoilt_word_of_the_last_one_is_as_good_as_none(
    desk: Desk, home: Path, spoilt: str
) -> None:
    (home / "rebuild.json").write_text(spoilt)
    page = desk.client.get("/desk/rebuild?ui=en")
    assert page.status_code == 200
    assert "Start a rebuild" in page.text


def test_the_page_says_how_the_library_differs_from_what_serves(
    home: Path, rebuilds: Rebuilds, stand_in: StandInEncoder
) -> None:
    put_case(home, "same.md", **{"id: india-mumbai-mohalla-committees": "id: same"})
    put_case(home, "edited.md", **{"id: india-mumbai-mohalla-committees": "id: edited"})
    put_case(home, "gone.md", **{"id: india-mumbai-mohalla-committees": "id: gone"})
    publication = Publication(home / "generations")
    publish(publication, open_library(rebuilds.settings), stand_in)
    service = Service(publication.open().generation, stand_in)
    with desk_of(home, service=service, rebuilds=rebuilds) as desk:
        desk.hire()
        desk.sign_in()

        def said() -> str:
            return desk.client.get("/desk/rebuild?ui=en").text

        # Another model built it than the setting names.
        assert "the program, the model or what was removed is another" in said()
        put_case(
            home,
            "edited.md",
            **{"id: india-mumbai-mohalla-committees": "id: edited", "Mumbai": "Zanth"},
        )
        put_case(home, "new.md", **{"id: india-mumbai-mohalla-committees": "id: added"})
        (home / "library" / "gone.md").unlink()
        page = said()
        for words, name in (
            ("1 new document", "added"),
            ("1 changed document", "edited"),
            ("1 document is gone", "gone"),
        ):
            assert words in page
            assert f"<bdi>{name}</bdi>" in page
        assert "<bdi>same</bdi>" not in page
        (home / "glossary.toml").write_text('[[term]]\nid = "well"\nen = ["well"]\nar = ["بئر"]\n')
        assert "The glossary has changed." in said()
        (home / "library" / "new.md").write_text("no front matter")
        assert "a rebuild would fail" in said()
        assert "new.md" in said()
