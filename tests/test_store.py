"""What people leave behind is kept whole, says nothing about them, and is gone when deleted."""

import re
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import astuple, replace
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import pytest
from conftest import ROOT

from index.publication import Publication
from server import store_database
from server.backup import put_back, write_backup
from server.migrations import MIGRATIONS
from server.store import STORE, Store
from server.store_conversations import (
    MOST_TURNS,
    FullConversationError,
    StoredTurn,
    Turn,
    UnknownConversationError,
)
from server.store_database import RefusedError, StoreError
from server.store_inbox import NewProblem, Problem, ProblemKind, SentQuestion, UnknownReportError
from server.store_records import By
from server.store_reports import Feedback, FeedbackKind, LoggedQuestion, NewFeedback

OPEN_FILES = Path("/proc/self/fd")
DAY = date(2026, 3, 5)
NEXT = date(2026, 3, 6)
TURN = Turn(
    question="كيف شاركت المدن؟",
    language="ar",
    as_typed=False,
    context='{"place": "Mombasa"}',
    filters='{"pillar": "trust"}',
    answered=True,
    cases=("kenya-mombasa", "india-mumbai"),
    generation="20260305-abc",
    asked_on=DAY,
)
LOGGED = LoggedQuestion(DAY, "en", "who taught the porters", True, "harbour-school", None)
FEEDBACK = NewFeedback(
    FeedbackKind.PASSAGE, False, "Too long", "who taught", "p-1", "harbour-school", "g", DAY
)
BY = By("Amal", datetime(2026, 3, 6, 14, 25, 36, tzinfo=UTC))
PROBLEM = NewProblem("p-1", "harbour-school", ProblemKind.RISK, "It names a witness", "g", DAY)

PRELUDE = """
import sys
from dataclasses import replace
from datetime import date
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from server.store import Store
from server.store_conversations import Turn
turn = Turn("q" * 500, "en", True, "{}", "{}", True, ("a",), "g", date(2026, 3, 5))
path, *arguments = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / STORE


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store(path) as store:
        yield store


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    """A process that has everything imported and waits for a line before it goes on."""
    process = subprocess.Popen(
        [sys.executable, "-c", PRELUDE + script, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def run_at_once(count: int, script: str, *arguments: str) -> list[str]:
    """What several processes print that start at the same time; all must succeed."""
    processes = [start(script, *arguments) for _ in range(count)]
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    printed = []
    for process in processes:
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        printed.append(output)
    return printed


def on_disk(path: Path) -> bytes:
    """Everything in the database's file and those beside it."""
    return b"".join(file.read_bytes() for file in path.parent.iterdir() if file.is_file())


def query(path: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(statement).fetchall()


def is_sound(path: Path) -> bool:
    return query(path, "PRAGMA integrity_check") == [("ok",)] and not query(
        path, "PRAGMA foreign_key_check"
    )


def test_turns_come_back_as_they_were_asked(store: Store) -> None:
    conversation = store.new_conversation()
    assert store.turns(conversation) == ()
    second = replace(TURN, question="and in Oslo?", as_typed=True, answered=False, cases=())
    assert store.add_turn(conversation, TURN) == 1
    assert store.add_turn(conversation, second) == 2
    assert store.turns(conversation) == (
        StoredTurn(*astuple(TURN), number=1),
        StoredTurn(*astuple(second), number=2),
    )


def test_one_conversation_does_not_show_another(store: Store) -> None:
    mine, yours = store.new_conversation(), store.new_conversation()
    store.add_turn(mine, TURN)
    assert store.turns(yours) == ()
    assert store.add_turn(yours, TURN) == 1


def test_what_was_kept_is_there_after_a_restart(path: Path) -> None:
    with Store(path) as store:
        conversation = store.new_conversation()
        store.add_turn(conversation, TURN)
    with Store(path) as store:
        assert [turn.question for turn in store.turns(conversation)] == [TURN.question]


def test_an_unknown_conversation_is_told(store: Store) -> None:
    for attempt in (
        lambda: store.turns("nobody"),
        lambda: store.add_turn("nobody", TURN),
        lambda: store.delete_conversation("nobody"),
        lambda: store.send_to_hub("why", "en", DAY, "nobody"),
    ):
        with pytest.raises(UnknownConversationError, match="Start a new one"):
            attempt()


def test_a_conversation_ends_at_its_bound(store: Store) -> None:
    conversation = store.new_conversation()
    for _ in range(MOST_TURNS):
        store.add_turn(conversation, TURN)
    with pytest.raises(FullConversationError, match=r"has 200 questions.*Start a new one"):
        store.add_turn(conversation, TURN)
    assert len(store.turns(conversation)) == 200


def test_ids_cannot_be_guessed(store: Store) -> None:
    ids = [store.new_conversation() for _ in range(300)]
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", one) for one in ids)
    assert len(set(ids)) == 300
    for place in range(21):  # the last letter holds two bits
        assert len({one[place] for one in ids}) > 48


def test_only_the_owner_can_read_the_file(store: Store, path: Path) -> None:
    store.add_turn(store.new_conversation(), TURN)
    files = list(path.parent.iterdir())
    assert len(files) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_nobody_else_can_read_the_file_from_the_first_moment_on(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes = []

    def connect(*arguments: object, **named: object) -> sqlite3.Connection:
        modes.append(stat.S_IMODE(path.stat().st_mode))
        return genuine(*arguments, **named)

    genuine: Callable[..., sqlite3.Connection] = sqlite3.connect
    monkeypatch.setattr(store_database.sqlite3, "connect", connect)
    with Store(path) as store:
        store.new_conversation()
    assert set(modes) == {0o600}


def test_a_deleted_conversation_leaves_no_trace_in_the_files(store: Store, path: Path) -> None:
    """With many others being asked in between, which SQLite moves about as the file grows."""
    chance = Random(5)  # noqa: S311 - a spread, no secret
    conversations = [store.new_conversation() for _ in range(30)]
    with store._writing() as connection:  # one transaction, for the sake of speed
        for number in range(900):
            which = chance.randrange(30)
            row = f"SECRET-{which:02d}-{'x' * chance.randrange(900)}"
            connection.execute(
                "INSERT INTO turns VALUES (?, ?, ?, 'en', 1, '{}', '{}', 1, '[]', 'g', ?)",
                (conversations[which], number, row, DAY.isoformat()),
            )
    store.turns(conversations[0])
    for which in range(6):
        assert f"SECRET-{which:02d}".encode() in on_disk(path)
        store.delete_conversation(conversations[which])
        assert f"SECRET-{which:02d}".encode() not in on_disk(path)
        assert conversations[which].encode() not in on_disk(path)
        with pytest.raises(UnknownConversationError):
            store.turns(conversations[which])
    assert len(store.turns(conversations[6])) > 10
    assert is_sound(path)


def test_a_trace_that_cannot_be_wiped_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_database, "_PATIENCE", 0.05)
    with Store(path) as store, closing(sqlite3.connect(path)) as reader:
        conversation = store.new_conversation()
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM conversations").fetchall()
        with pytest.raises(StoreError, match=r"traces of it are still .* Run `diwan forget`"):
            store.delete_conversation(conversation)
        with pytest.raises(UnknownConversationError):
            store.turns(conversation)


def test_questions_are_logged_without_order_or_time(store: Store, path: Path) -> None:
    asked = [replace(LOGGED, text=f"question {number}") for number in range(100)]
    for question in asked:
        store.log_question(question)
    store.log_question(replace(LOGGED, day=NEXT, text="later", answered=False, top_case=None))
    logged = store.questions(DAY)
    assert logged[-1] == LoggedQuestion(NEXT, "en", "later", False, None, None)
    assert set(logged[:-1]) == set(asked)
    assert list(logged[:-1]) != asked
    assert store.questions(NEXT) == logged[-1:]
    columns = [name for _, name, *_ in query(path, "PRAGMA table_info(questions)")]
    assert columns == ["day", "id", "language", "text", "answered", "top_case", "pillar"]


def test_no_table_keeps_the_order_in_which_rows_came(store: Store, path: Path) -> None:
    """But `records`, of what staff did, whose numbers say it."""
    store.new_conversation()
    tables = query(path, "SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'secret'")
    assert len(tables) == 19
    for (table,) in tables:
        with pytest.raises(sqlite3.OperationalError, match="no such column: rowid"):
            query(path, f"SELECT rowid FROM {table}")  # noqa: S608 - a name from the database


def test_no_time_of_day_is_kept(store: Store, path: Path) -> None:
    now = datetime(2026, 3, 5, 14, 25, 36, tzinfo=UTC)
    conversation = store.new_conversation(now)
    store.add_turn(conversation, replace(TURN, asked_on=now))
    store.log_question(replace(LOGGED, day=now))
    store.add_feedback(replace(FEEDBACK, day=now))
    store.add_problem(replace(PROBLEM, day=now))
    store.send_to_hub("why", "en", now, conversation)
    store.new_briefing("en", day=now)
    assert b"14:25" not in on_disk(path)
    assert b"2026-03-05" in on_disk(path)
    with closing(sqlite3.connect(path)) as database, pytest.raises(sqlite3.IntegrityError):
        database.execute("UPDATE questions SET day = ?", (now.isoformat(),))


def test_feedback_comes_back(store: Store) -> None:
    first = store.add_feedback(FEEDBACK)
    other = NewFeedback(FeedbackKind.ANSWER, True, None, "who", None, None, "g", NEXT)
    second = store.add_feedback(other)
    assert store.feedback() == (
        Feedback(*astuple(other), id=second),
        Feedback(*astuple(FEEDBACK), id=first),
    )


def test_problems_wait_until_they_are_closed(store: Store) -> None:
    first, second = store.add_problem(PROBLEM), store.add_problem(replace(PROBLEM, day=NEXT))
    assert [problem.id for problem in store.problems()] == [second, first]
    store.close_problem(first, "", BY)
    store.close_problem(second, "The passage is taken out", BY)
    assert store.problems() == ()
    assert store.problems(open_only=False)[1] == Problem(*astuple(PROBLEM), first, "")
    assert store.problems(open_only=False)[0].closed_with == "The passage is taken out"
    with pytest.raises(UnknownReportError, match="Load the page again"):
        store.close_problem("nobody", "", BY)


def test_questions_wait_for_the_hub_until_they_are_closed(store: Store) -> None:
    conversation = store.new_conversation()
    sent = store.send_to_hub("who mends wells", "en", DAY, conversation)
    alone = store.send_to_hub("من يصلح الآبار", "ar", NEXT, None)
    assert store.inbox() == (
        SentQuestion(alone, "من يصلح الآبار", "ar", NEXT, None, None),
        SentQuestion(sent, "who mends wells", "en", DAY, conversation, None),
    )
    store.delete_conversation(conversation)
    assert store.inbox()[1].conversation_id is None
    store.close_sent(sent, "Case study added", BY)
    assert [question.id for question in store.inbox()] == [alone]
    assert store.inbox(open_only=False)[1].closed_with == "Case study added"
    with pytest.raises(UnknownReportError):
        store.close_sent("nobody", "", BY)


def test_a_text_that_cannot_be_kept_is_refused(store: Store) -> None:
    conversation = store.new_conversation()
    for attempt in (
        lambda text: store.add_turn(conversation, replace(TURN, question=text)),
        lambda text: store.log_question(replace(LOGGED, text=text)),
        lambda text: store.add_feedback(replace(FEEDBACK, reason=text)),
        lambda text: store.add_feedback(replace(FEEDBACK, question=text)),
        lambda text: store.add_problem(replace(PROBLEM, note=text)),
        lambda text: store.send_to_hub(text, "en", DAY, None),
        lambda text: store.close_problem("any", text, BY),
        lambda text: store.close_sent("any", text, BY),
    ):
        with pytest.raises(RefusedError, match=r"has 2001 characters; write at most \d000"):
            attempt("x" * 2001)
        with pytest.raises(RefusedError, match="half of a character"):
            attempt("\ud83d")
    store.add_feedback(replace(FEEDBACK, reason="x" * 1000))
    store.add_problem(replace(PROBLEM, note="😀" * 2000))
    assert store.turns(conversation) == ()


def test_what_is_old_is_forgotten_and_what_waits_is_not(store: Store, path: Path) -> None:
    old, used, new = (store.new_conversation(day) for day in (DAY, DAY, NEXT))
    store.add_turn(old, replace(TURN, question="FORGET-turn"))
    store.add_turn(used, replace(TURN, asked_on=NEXT))
    for day, word in ((DAY, "FORGET"), (NEXT, "KEEP")):
        store.log_question(replace(LOGGED, day=day, text=f"{word}-question"))
        store.add_feedback(replace(FEEDBACK, day=day, reason=f"{word}-reason"))
        by = By(word, datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC))
        problem = store.add_problem(replace(PROBLEM, day=day, note=f"{word}-note"))
        store.close_problem(problem, f"{word}-closed", by)
        store.close_sent(store.send_to_hub(f"{word}-sent", "en", day, None), "", by)
        briefing = store.new_briefing("en", title=f"{word}-briefing", day=day)
    store.add_problem(replace(PROBLEM, note="KEEP-open"))
    store.send_to_hub("KEEP-waiting", "en", DAY, old)
    assert b"FORGET" in on_disk(path)

    assert astuple(store.forget(NEXT)) == (1, 1, 1, 1, 1, 1, 2, 0, 0, 0)

    assert b"FORGET" not in on_disk(path)
    assert len(store.turns(used)) == 1
    assert store.turns(new) == ()
    with pytest.raises(UnknownConversationError):
        store.turns(old)
    assert [question.text for question in store.questions(DAY)] == ["KEEP-question"]
    assert [feedback.reason for feedback in store.feedback()] == ["KEEP-reason"]
    assert {problem.note for problem in store.problems(open_only=False)} == {
        "KEEP-note",
        "KEEP-open",
    }
    assert [sent.question for sent in store.inbox()] == ["KEEP-waiting"]
    assert store.briefing(briefing).title == "KEEP-briefing"
    assert {record.who for record in store.records()} == {"KEEP"}
    assert astuple(store.forget(NEXT)) == (0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def test_a_limit_holds_in_any_stretch_of_time(store: Store) -> None:
    def times(*moments: float, key: str = "ask 203.0.113.7") -> list[bool]:
        return [store.allow(key, 2, 60, moment) for moment in moments]

    assert times(1000, 1030, 1059.9) == [True, True, False]
    assert times(1059.9, key="ask 203.0.113.8") == [True]
    assert times(1060, 1061, 1089.9, 1090) == [True, False, False, True]
    assert store.allow("ask 203.0.113.7", 2, 3600, 1090)
    assert not store.allow("ask \ud800", 0, 60, 1090)


def test_a_limit_keeps_no_address_and_forgets_who_was_counted(store: Store, path: Path) -> None:
    store.allow("ask 203.0.113.7", 5, 60, 1000)
    store.allow("ask 203.0.113.8", 5, 60, 1001)
    assert len(query(path, "SELECT * FROM visits")) == 2
    assert b"203.0.113" not in on_disk(path)
    store.allow("ask 203.0.113.9", 5, 60, 1061)
    assert len(query(path, "SELECT * FROM visits")) == 1


def test_two_hubs_hash_an_address_differently(tmp_path: Path) -> None:
    hashes = set()
    for name in ("one", "two"):
        with Store(tmp_path / name / STORE) as store:
            store.allow("ask 203.0.113.7", 1, 60, 1000)
        hashes |= set(query(tmp_path / name / STORE, "SELECT key FROM visits"))
    assert len(hashes) == 2


def test_a_limit_holds_over_several_processes(path: Path) -> None:
    script = """
with Store(Path(path)) as store:
    print(sum(store.allow("ask 203.0.113.7", 30, 60, 1000.0 + n) for n in range(20)))
"""
    assert sum(map(int, run_at_once(3, script, str(path)))) == 30


def test_several_processes_may_start_in_an_empty_folder_at_once(tmp_path: Path) -> None:
    script = """
for each in (path, *arguments):
    with Store(Path(each)) as store:
        print(store.new_conversation())
"""
    paths = [tmp_path / str(number) / STORE for number in range(30)]
    printed = run_at_once(5, script, *map(str, paths))
    for path, *conversations in zip(paths, *map(str.split, printed), strict=True):
        assert query(path, "PRAGMA user_version") == [(len(MIGRATIONS),)]
        assert query(path, "PRAGMA journal_mode") == [("wal",)]
        assert query(path, "SELECT count(*) FROM secret") == [(1,)]
        with Store(path) as store:
            assert all(store.turns(one) == () for one in conversations)


def test_a_start_waits_for_another_that_is_at_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr(store_database.time, "sleep", lambda _: other.rollback())
        with Store(path) as store:
            assert store.inbox() == ()
    assert query(path, "PRAGMA journal_mode") == [("wal",)]


def test_threads_and_processes_that_write_at_once_lose_nothing(store: Store, path: Path) -> None:
    script = """
with Store(Path(path)) as store, ThreadPoolExecutor(3) as pool:
    list(pool.map(lambda n: store.add_turn(arguments[0], turn), range(30)))
"""
    conversation = store.new_conversation()
    processes = [start(script, str(path), conversation) for _ in range(2)]
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    with ThreadPoolExecutor(4) as pool:
        mine = list(pool.map(lambda _: store.add_turn(conversation, TURN), range(40)))
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    turns = store.turns(conversation)
    assert [turn.number for turn in turns] == list(range(1, 101))
    assert sum(turn.language == "ar" for turn in turns) == len(set(mine)) == 40


def test_a_process_that_is_killed_loses_nothing_it_was_told_is_kept(path: Path) -> None:
    script = """
with Store(Path(path)) as store:
    while True:
        conversation = store.new_conversation()
        for _ in range(20):
            print(conversation, store.add_turn(conversation, turn), flush=True)
"""
    for lines in (1, 40, 170):
        process = start(script, str(path))
        assert process.stdin
        assert process.stdout
        process.stdin.write("go\n")
        process.stdin.flush()
        told = [process.stdout.readline() for _ in range(lines)]
        process.send_signal(signal.SIGKILL)
        told += process.communicate()[0].splitlines()
        with Store(path) as store:
            for line in told:
                conversation, number = line.split()
                assert int(number) <= len(store.turns(conversation))
        assert is_sound(path)


def test_a_newer_database_is_refused_and_left_alone(path: Path) -> None:
    Store(path).close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 1000")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"newer version of Diwan wrote .*Upgrade Diwan"):
        Store(path)
    assert path.read_bytes() == before


def test_an_older_database_is_brought_up_to_date(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(path) as store:
        conversation = store.new_conversation()
        store.add_turn(conversation, TURN)
        steps = (*MIGRATIONS, ("CREATE TABLE people (name TEXT)", "INSERT INTO people VALUES (1)"))
        monkeypatch.setattr(store_database, "MIGRATIONS", steps)
        assert len(store.turns(conversation)) == 1  # a server in which a restore put it back
        assert query(path, "SELECT * FROM people") == [("1",)]
        assert query(path, "PRAGMA user_version") == [(len(steps),)]


def test_a_step_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store(path).close()
    steps = (*MIGRATIONS, ("CREATE TABLE people (name TEXT)", "INSERT INTO nowhere VALUES (1)"))
    monkeypatch.setattr(store_database, "MIGRATIONS", steps)
    with pytest.raises(StoreError):
        Store(path)
    assert query(path, "PRAGMA user_version") == [(len(MIGRATIONS),)]
    assert not query(path, "SELECT * FROM sqlite_master WHERE name = 'people'")


@pytest.mark.parametrize("first", [0, 4096], ids=["no database", "damaged within"])
def test_a_damaged_file_is_told_with_what_to_do(path: Path, first: int) -> None:
    with Store(path) as store:
        conversation = store.new_conversation()
        store.add_turn(conversation, TURN)
    content = path.read_bytes()
    path.write_bytes(content[:first] + b"\xa5" * (len(content) - first))
    with pytest.raises(StoreError, match=r"is damaged, .*diwan restore FILE"):  # noqa: SIM117
        with Store(path) as store:
            store.turns(conversation)


def test_somebody_who_does_not_let_go_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_database, "_FOR_A_TURN", 0.05)
    with Store(path) as store, closing(sqlite3.connect(path)) as holder:
        conversation = store.new_conversation()
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"Another program holds .*try again"):
            store.add_turn(conversation, TURN)
        assert store.turns(conversation) == ()  # reading goes on
        holder.rollback()
        assert store.add_turn(conversation, TURN) == 1


def test_somebody_waits_for_another_thread_but_not_for_ever(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_database, "_FOR_A_TURN", 0.05)
    with ThreadPoolExecutor(1) as other:
        with store._writing():
            waiting = other.submit(store.new_conversation)
            assert isinstance(waiting.exception(), StoreError)
        assert other.submit(store.new_conversation).result()


def test_a_full_disk_is_told_and_what_was_kept_stays(path: Path) -> None:
    script = """
import resource, signal
from server.store_database import StoreError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
with Store(Path(path)) as store:
    conversation = store.new_conversation()
    try:
        while True:
            number = store.add_turn(conversation, turn)
    except StoreError as error:
        print(conversation, number, error)
"""
    (printed,) = run_at_once(1, script, str(path))
    conversation, number, sentence = printed.split(maxsplit=2)
    assert "See whether the disk is full" in sentence
    assert is_sound(path)
    with Store(path) as store:
        assert len(store.turns(conversation)) == int(number)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / STORE).mkdir()
    with pytest.raises(StoreError, match=r"cannot be opened .*set DIWAN_HOME to another"):
        Store(tmp_path / STORE)


def test_a_closed_store_holds_no_file_open(path: Path) -> None:
    before = len(list(OPEN_FILES.iterdir()))
    with Store(path) as store, ThreadPoolExecutor(4) as pool:
        conversation = store.new_conversation()
        list(pool.map(lambda _: store.add_turn(conversation, TURN), range(20)))
    assert len(list(OPEN_FILES.iterdir())) == before
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 1000")
    with pytest.raises(StoreError):
        Store(path)
    assert len(list(OPEN_FILES.iterdir())) == before


def test_a_backup_holds_the_store_and_a_server_takes_up_what_is_restored(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "backup.tar.gz"
    publication = Publication(home / "generations")
    with Store(home / STORE) as store:
        conversation = store.new_conversation()
        store.add_turn(conversation, TURN)
        write_backup(home, publication, file)
        store.add_turn(conversation, TURN)

        put_back(home, publication, file)
        assert len(store.turns(conversation)) == 1

        (home / STORE).unlink()  # what is restored is another file, not this one overwritten
        put_back(home, publication, file)
        assert len(store.turns(conversation)) == 1
        assert store.add_turn(conversation, TURN) == 2
    with Store(home / STORE) as store:
        assert len(store.turns(conversation)) == 2
    assert is_sound(home / STORE)
