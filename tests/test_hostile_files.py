"""Whatever files are given, each is taken in or refused with a reason, and none does any harm."""

import os
import re
import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType

import pytest
from hostile_files import (
    ENGLISH,
    SECRET,
    Made,
    good_files,
    hostile_files,
    page,
    pdf,
    refused,
    slow_files,
    text,
)

from corpus.document_file import Said
from corpus.ingest import _AT_MOST_ASIDE, LARGEST, Intake, Outcome, Status
from corpus.library import load_library
from corpus.readers.worker import Worker
from index.places import countries_named

MEMORY = 768 * 2**20  # bytes that the process may use that reads
GROWTH = 500 * 2**10  # KiB by which the process may grow that takes in
SECONDS = 30  # for one file
FEW = 2  # seconds, for files that are made to hang
TRACE = re.compile(r"Traceback|\.py\b|<class|\[Errno|codec|\b[A-Z]\w*(?:Error|Exception|Warning)\b")
TO_DO = re.compile(
    r"\b(?:save|split|open|put|name|say|take|look|get it|add|have|those that are|such as"
    r"|closed by|field \w+)\b"
)
UNSEEN = re.compile("[\0-\x1f\x7f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@contextmanager
def fetched() -> Iterator[tuple[str, list[str]]]:
    """An address, and what was fetched from it."""
    asked: list[str] = []

    class Noting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Noting) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


@contextmanager
def alarm(seconds: int) -> Iterator[None]:
    """Raise where something hangs, so that the other tests go on."""

    def raise_error(_number: int, _frame: FrameType | None) -> None:
        raise AssertionError("it hangs")

    before = signal.signal(signal.SIGALRM, raise_error)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def intake_of(home: Path, worker: Worker) -> Intake:
    return Intake(home, frozenset(), worker, countries_named)


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(os.fsencode(content) if isinstance(content, str) else content)
    return path


def seen(folder: Path, but: Path) -> dict[Path, tuple[int, int, int]]:
    """What every file below a folder looks like from outside, but for those below another."""
    return {
        path: (state.st_mode, state.st_size, state.st_mtime_ns)
        for path in folder.rglob("*")
        if not path.is_relative_to(but)
        for state in (path.lstat(),)
    }


def peak(worker: Worker) -> int:
    """The most address space, in bytes, that the reading process had so far."""
    if worker._process is None:
        return 0
    status = Path(f"/proc/{worker._process.pid}/status").read_text("utf-8")
    found = re.search(r"VmPeak:\s+(\d+) kB", status)
    return int(found.group(1)) * 1024 if found else 0  # it has just ended


def add_odd_entries(folder: Path, outside: Path) -> dict[str, Made]:
    """What is no file of its own, and what stands beside files."""
    os.mkfifo(folder / "pipe.md")
    (folder / "out.md").symlink_to(outside)
    (folder / "nowhere.md").symlink_to(folder / "nothing")
    (folder / "above").symlink_to(folder.parent)
    (folder / "same.md").symlink_to(folder / "good/notes.md")
    put(folder, "x.pdf/inside.md", text("Inside"))
    put(folder, "lost.pdf.toml", 'title = "Lost"')
    put(folder, "sided.md", text("Sided"))
    put(folder, "sided.md.toml", "title = ")
    put(folder, "unlikely.md", text("Unlikely"))
    put(folder, "unlikely.md.toml", 'path = "/etc/passwd"')
    with put(folder, "huge.txt", "").open("r+b") as file:
        file.truncate(LARGEST + 1)
    made = (
        refused("pipe.md", b"", "no ordinary file"),
        refused("out.md", b"", "leads out of its folder"),
        refused("nowhere.md", b"", "no such file|leads out"),
        refused("above", b"", "leads out of its folder"),
        Made("same.md", b"", text("A note")),
        Made("x.pdf/inside.md", b"", text("Inside")),
        refused("lost.pdf.toml", b'title = "Lost"', "are not read"),
        refused("sided.md", text("Sided").encode(), "sided.md.toml"),
        refused("unlikely.md", text("Unlikely").encode(), "unlikely.md.toml: field path"),
        refused("huge.txt", b"", "split it"),
    )
    return {each.name: each for each in made}


@pytest.mark.slow
def test_a_folder_of_hostile_files_does_no_harm_and_loses_no_good_one(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder, home = tmp_path / "in", tmp_path / "home"
    outside = put(tmp_path, "outside/secret.md", f"{SECRET}\n\n{ENGLISH}\n")
    with fetched() as (server, asked), Worker(SECONDS, MEMORY) as worker:
        expected: dict[str, Made] = {}
        for made in hostile_files(server, outside):
            content = put(folder, made.name, made.content).read_bytes()
            small = 0 < len(content) <= _AT_MOST_ASIDE
            expected[made.name] = made._replace(content=content if small else b"")
        expected |= add_odd_entries(folder, outside)
        assert len(expected) >= 51
        before, grown = seen(tmp_path, home), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        intake, outcomes = intake_of(home, worker), []
        for outcome in intake.take_all([folder], Said()):
            outcomes.append(outcome)
            assert peak(worker) <= MEMORY
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - grown
    assert grown < GROWTH
    assert seen(tmp_path, home) == before
    assert not asked
    assert not any(Path(up, "evil.txt").exists() for up in (".", "..", "../..", "../../.."))
    said = capfd.readouterr()
    assert not TRACE.search(said.out + said.err)
    check_outcomes(outcomes, folder, expected)
    check_asides(outcomes, home / "refused", expected)
    check_library(outcomes, home)


def check_outcomes(outcomes: list[Outcome], folder: Path, expected: dict[str, Made]) -> None:
    """Each file has one outcome, and that which it shall have."""
    names = [str(outcome.path.relative_to(folder)) for outcome in outcomes]
    assert sorted(names) == sorted(expected)
    for name, outcome in zip(names, outcomes, strict=True):
        made = expected[name]
        if made.kept is None:
            assert outcome.status is Status.REFUSED, ascii(name)
            assert re.search(made.reason, outcome.reason or ""), (ascii(name), outcome.reason)
            assert not TRACE.search(outcome.reason or ""), outcome.reason
            assert TO_DO.search(outcome.reason or ""), outcome.reason
        else:
            assert outcome.document, (ascii(name), outcome.reason)
            assert made.kept in outcome.document.text, ascii(name)
            assert not UNSEEN.search(outcome.document.text.replace("\n", "")), ascii(name)
    shared = {outcome.path.name for outcome in outcomes if outcome.status is Status.UNCHANGED}
    assert len(shared) == 1
    assert shared <= {"notes.md", "same.md"}


def check_asides(outcomes: list[Outcome], folder: Path, expected: dict[str, Made]) -> None:
    """Each refused file is kept aside as it was, with its reason."""
    told = {
        path.read_text("utf-8"): path.with_name(path.name.removesuffix(".reason.txt"))
        for path in folder.glob("*.reason.txt")
    }
    reasons = {o.path.name: f"{o.path}\n{o.reason}\n" for o in outcomes if o.reason}
    kept = {made.name for made in expected.values() if made.kept is None and made.content}
    assert {reasons[name] for name in kept} == set(told)
    for name in kept:
        assert told[reasons[name]].read_bytes() == expected[name].content, ascii(name)


def check_library(outcomes: list[Outcome], home: Path) -> None:
    """The library on disk holds what was told, whole, and nothing from elsewhere."""
    cases = load_library([home / "library"], []).cases
    texts = {(case.id, case.language): case.text for case in cases}
    documents = [outcome.document for outcome in outcomes if outcome.document]
    assert texts == {(each.id, each.language): each.text for each in documents}
    for made in good_files():
        assert any(made.kept in text for text in texts.values() if made.kept), ascii(made.name)
    written = (path for path in home.rglob("*") if path.is_file())
    assert not any(SECRET.encode() in path.read_bytes() for path in written)
    assert not list(home.rglob("*.new"))


def test_a_file_that_is_made_to_hang_is_ended_and_stops_no_other(tmp_path: Path) -> None:
    expected = {made.name: made for made in slow_files()}
    for made in (*expected.values(), Made("zz.md", text("Last").encode())):
        put(tmp_path / "in", made.name, made.content)
    with Worker(FEW, MEMORY) as worker:
        *ended, last = intake_of(tmp_path / "home", worker).take_all([tmp_path / "in"], Said())
    assert [outcome.path.name for outcome in ended] == sorted(expected)
    for outcome in ended:
        assert re.search(expected[outcome.path.name].reason, outcome.reason or "")
    assert last.status is Status.ADDED


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_what_may_not_be_read_is_told(tmp_path: Path) -> None:
    put(tmp_path / "in", "closed.md", ENGLISH).chmod(0)
    put(tmp_path / "in", "z.md", ENGLISH)
    with Worker() as worker:
        closed, other = intake_of(tmp_path / "home", worker).take_all([tmp_path / "in"], Said())
    assert "cannot be opened" in (closed.reason or "")
    assert other.status is Status.ADDED


# Each with the smallest input that shows it.

Build = Callable[[Path], object]


@pytest.fixture(scope="module")
def reading() -> Iterator[Worker]:
    with Worker(SECONDS, MEMORY) as worker:
        yield worker


def taken(tmp_path: Path, worker: Worker, build: Build) -> list[Outcome]:
    """Build a folder with something in it and a good file, and take it in."""
    folder = tmp_path / "in"
    folder.mkdir()
    build(folder)
    put(folder, "zz.md", text("Last"))
    with alarm(FEW):
        outcomes = list(intake_of(tmp_path / "home", worker).take_all([folder], Said()))
    (last,) = (outcome for outcome in outcomes if outcome.path.name == "zz.md")
    assert last.status is Status.ADDED
    return [outcome for outcome in outcomes if outcome is not last]


def sided(sidecar: str) -> Build:
    return lambda folder: (put(folder, "a.md", ENGLISH), put(folder, "a.md.toml", sidecar))


def latin(name: bytes) -> Build:
    return lambda folder: put(folder, os.fsdecode(name), ENGLISH)


STUDY = next(made for made in good_files() if made.name == "good/study.md").content.decode()
LINKED = '<script type="application/ld+json">{"publisher": {"name": "a\\ud800"}}</script>'
LOOPS = pytest.mark.skipif(sys.version_info >= (3, 13), reason="a loop is no error there")


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(lambda to: (to / "a.md").symlink_to("a.md"), id="link-loop", marks=LOOPS),
        pytest.param(latin(b"caf\xe9.md"), id="name-not-utf8"),
        pytest.param(latin(b"caf\xe9.exe"), id="refused-name-not-utf8"),
        pytest.param(lambda folder: put(folder, "🎉" * 61 + ".exe", "x"), id="refused-long-name"),
        pytest.param(
            lambda folder: put(folder, "a.md", f'---\ntitle: "a\\ud800"\n---\n{ENGLISH}'),
            id="half-character-in-front-matter",
        ),
        pytest.param(
            lambda folder: put(folder, "a.html", page(f"{LINKED}<p>{ENGLISH}</p>")),
            id="half-character-in-json-ld",
        ),
        pytest.param(sided("title = " + "1" * 5_000), id="sidecar-long-number"),
        pytest.param(sided("title = " + "[" * 100_000), id="sidecar-nested"),
        pytest.param(
            lambda folder: (put(folder, "a.md", ENGLISH), os.mkfifo(folder / "a.md.toml")),
            id="sidecar-pipe-hangs",
        ),
        pytest.param(lambda folder: put(folder, ".toml", "title = 'x'"), id="dot-toml-no-outcome"),
    ],
)  # fmt: skip
def test_one_file_stops_no_other(tmp_path: Path, reading: Worker, build: Build) -> None:
    assert len(taken(tmp_path, reading, build)) == 1


def test_a_sidecar_that_leads_out_of_its_folder_is_not_read(
    tmp_path: Path, reading: Worker
) -> None:
    put(tmp_path, "outside.toml", f'title = "{SECRET}"')
    link = (tmp_path / "in/a.md.toml").symlink_to
    (outcome,) = taken(
        tmp_path, reading, lambda folder: (put(folder, "a.md", ENGLISH), link("../outside.toml"))
    )
    assert outcome.document is None or outcome.document.title != SECRET


def test_a_file_with_the_longest_name_is_taken_in(tmp_path: Path, reading: Worker) -> None:
    (outcome,) = taken(tmp_path, reading, lambda folder: put(folder, "n" * 252 + ".md", ENGLISH))
    assert outcome.document, outcome.reason


def test_a_huge_sidecar_is_not_read(
    tmp_path: Path, reading: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The size that was read tells it, for the most memory that was used never falls."""
    sizes = []
    read = Path.read_text

    def noting(path: Path, encoding: str | None = None) -> str:
        sizes.append(path.stat().st_size)
        return read(path, encoding)

    monkeypatch.setattr(Path, "read_text", noting)
    taken(tmp_path, reading, sided("#" * (LARGEST // 4)))
    assert all(size <= 2**20 for size in sizes)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a\nb\u202ec.md", ENGLISH),
        ("a.md", None),
        ("b.md", f"# {'Long ' * 100_000}\n\n{ENGLISH}"),
    ],
    ids=["of-the-name", "of-the-sidecar", "of-the-text"],
)
def test_a_title_is_one_line_that_can_be_shown(
    tmp_path: Path, reading: Worker, name: str, content: str | None
) -> None:
    beside = sided('title = "a\\u0000\\nb\\u202Ec"')
    build = beside if content is None else lambda folder: put(folder, name, content)
    (outcome,) = taken(tmp_path, reading, build)
    if outcome.document:
        assert not UNSEEN.search(outcome.document.title)
        assert len(outcome.document.title) <= 300


def test_a_text_about_pdf_is_a_text(tmp_path: Path, reading: Worker) -> None:
    note = f"# On files\n\nA PDF file begins with %PDF- and a number.\n\n{ENGLISH}\n"
    (outcome,) = taken(tmp_path, reading, lambda folder: put(folder, "about.md", note))
    assert outcome.document, outcome.reason


def test_a_text_that_begins_with_figures_tells_its_language(
    tmp_path: Path, reading: Worker
) -> None:
    figures = "12 34 56 " * 500 + f"\n\n{ENGLISH}" * 20
    (outcome,) = taken(tmp_path, reading, lambda folder: put(folder, "a.txt", figures))
    assert outcome.document, outcome.reason


@pytest.mark.xfail(reason="trafilatura takes the menu for the text where there is no other")
def test_a_page_with_only_a_menu_is_refused(tmp_path: Path, reading: Worker) -> None:
    words = "Housing Transport Libraries Schools Waste Water Parks Health Permits Taxes".split()
    items = "".join(f'<li><a href="/{n}">{n} and {n} services</a></li>' for n in words)
    menu = page(f"<nav><ul>{items}</ul></nav>")
    (outcome,) = taken(tmp_path, reading, lambda folder: put(folder, "a.html", menu))
    assert "open the page" in (outcome.reason or "")


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(lambda folder: put(folder, "a.txt", ""), id="empty"),
        pytest.param(lambda folder: os.mkfifo(folder / "a.txt"), id="pipe"),
        pytest.param(lambda folder: (folder / "a.txt").symlink_to("b"), id="dangling-link"),
        pytest.param(lambda folder: put(folder, "a.pdf", pdf("")), id="pdf-without-text"),
        pytest.param(lambda folder: put(folder, "a.pdf", ENGLISH), id="text-named-pdf"),
        pytest.param(
            lambda folder: (put(folder, "a.md", ENGLISH), (folder / "a.md.toml").mkdir()),
            id="sidecar-folder",
        ),
        pytest.param(sided("title = 'caf\udce9'"), id="sidecar-not-utf8"),
        pytest.param(sided("title = "), id="sidecar-broken"),
    ],
)
def test_a_reason_says_what_to_do(tmp_path: Path, reading: Worker, build: Build) -> None:
    (outcome,) = taken(tmp_path, reading, build)
    assert outcome.reason
    assert TO_DO.search(outcome.reason)
    assert not TRACE.search(outcome.reason)
    assert "files ending in .pdf are not read" not in outcome.reason


def test_a_file_too_large_for_the_reader_leaves_no_traceback(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = put(tmp_path, "a.txt", "Long " * (LARGEST // 6))
    with Worker(SECONDS, 200 * 2**20) as worker:
        (outcome,) = intake_of(tmp_path / "home", worker).take_all([path], Said())
    assert outcome.reason
    assert not TRACE.search(capfd.readouterr().err)


def test_the_hubs_own_folder_is_not_taken_in(tmp_path: Path, reading: Worker) -> None:
    put(tmp_path, "a.exe", ENGLISH)
    intake = intake_of(tmp_path / "home", reading)
    list(intake.take_all([tmp_path], Said()))
    again = list(intake.take_all([tmp_path], Said()))
    assert [outcome.path.name for outcome in again] == ["a.exe"]


def test_files_whose_names_differ_only_in_such_bytes_are_two(
    tmp_path: Path, reading: Worker
) -> None:
    def build(folder: Path) -> None:
        put(folder, os.fsdecode(b"caf\xe8.md"), text("One"))
        put(folder, os.fsdecode(b"caf\xe9.md"), text("Other"))

    assert [outcome.status for outcome in taken(tmp_path, reading, build)] == [Status.ADDED] * 2


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(sided('place = "a\\u0000\\nb\\u202Ec"'), id="place-in-sidecar"),
        pytest.param(
            lambda folder: put(
                folder, "a.md", re.sub(r"(?m)^(title|place):.*", r'\1: "a\\u202e\\nb"', STUDY)
            ),
            id="case-study",
        ),
    ],
)
def test_what_is_said_of_a_document_can_be_shown(
    tmp_path: Path, reading: Worker, build: Build
) -> None:
    (outcome,) = taken(tmp_path, reading, build)
    if outcome.document:
        assert not UNSEEN.search(f"{outcome.document.title}{outcome.document.place}")


def test_empty_lines_below_a_rule_are_soon_read(tmp_path: Path) -> None:
    path = put(tmp_path, "a.md", "---" + "\n" * 100_000 + ENGLISH)
    with Worker(FEW, MEMORY) as worker:
        (outcome,) = intake_of(tmp_path / "home", worker).take_all([path], Said())
    assert outcome.document, outcome.reason


def test_a_file_called_as_one_of_the_hubs_own_has_an_outcome(
    tmp_path: Path, reading: Worker
) -> None:
    assert taken(tmp_path, reading, lambda folder: put(folder, "removed.json", "{}"))


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_folder_that_may_not_be_read_is_told(tmp_path: Path, reading: Worker) -> None:
    (tmp_path / "in/closed").mkdir(parents=True)
    put(tmp_path / "in", "closed/a.md", ENGLISH)
    (tmp_path / "in/closed").chmod(0)
    try:
        outcomes = list(intake_of(tmp_path / "home", reading).take_all([tmp_path / "in"], Said()))
    finally:
        (tmp_path / "in/closed").chmod(0o700)
    assert outcomes
