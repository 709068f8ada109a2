"""Files become documents; nothing is lost, nothing is taken in twice, nothing is silently left."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from corpus.case_study import Level
from corpus.document_file import Said, read_document
from corpus.ingest import Intake, Outcome, Status, remove
from corpus.library import load_library
from corpus.readers.draft import Draft, Part, RefusedError
from corpus.readers.worker import Worker
from corpus.removed import Removed, RemovedError
from index.places import countries_named

ENGLISH = (
    "The harbour council opened a night school for porters, and forty of them came. In spring they"
    " wrote their own petitions, and the council answered every one of them."
)
ARABIC = "افتتح مجلس الميناء مدرسة ليلية للحمالين، وحضر الدروس أربعون منهم في الشتاء الأول."
NOTE = f"# A night school in Kenya\n\n## What was done\n\n{ENGLISH}\n\n{ARABIC}\n"
CASE = Path(__file__).parent.parent / "corpus/case_studies/en/uganda-national-strategy-review.md"


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as reading:
        yield reading


@pytest.fixture
def intake(tmp_path: Path, worker: Worker) -> Intake:
    return again(tmp_path, worker)


def again(tmp_path: Path, worker: Worker, *, dry: bool = False) -> Intake:
    return Intake(tmp_path / "home", frozenset({"known-case"}), worker, countries_named, dry)


def put(folder: Path, name: str, content: str | bytes = NOTE) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def taken(intake: Intake, *paths: Path, said: Said | None = None) -> list[Outcome]:
    return list(intake.take_all(paths, said or Said()))


def library(intake: Intake) -> dict[tuple[str, str], str]:
    removed = Removed(intake.home)
    cases = load_library([intake.home / "library"], [], removed).cases
    return {(case.id, case.language): case.text for case in cases}


def test_a_file_becomes_a_document_with_what_it_says_of_itself(
    intake: Intake, tmp_path: Path
) -> None:
    (outcome,) = taken(intake, put(tmp_path, "Night School.md"))
    assert outcome.status is Status.ADDED
    document = outcome.document
    assert document
    assert (document.id, document.language) == ("night-school", "en")
    assert document.title == "A night school in Kenya"
    assert document.country == "KE"
    assert document.sections[0].heading[-1] == "What was done"
    assert {"url", "publisher", "published", "place"} <= set(outcome.missing)
    assert "title" not in outcome.missing
    assert ENGLISH in library(intake)["night-school", "en"]


def test_each_part_says_its_language_where_it_is_another(intake: Intake, tmp_path: Path) -> None:
    (outcome,) = taken(intake, put(tmp_path, "a.md", NOTE + f"\n{ENGLISH} {ENGLISH}\n"))
    assert outcome.document
    blocks = [block for section in outcome.document.sections for block in section.blocks]
    assert [block.language for block in blocks] == [None, "ar", None]


def test_what_is_said_beside_a_file_counts_for_more(intake: Intake, tmp_path: Path) -> None:
    path = put(tmp_path, "a.md")
    put(tmp_path, "a.md.toml", 'title = "School"\ncountry = "UG"\nurl = "https://example.org/a"\n')
    outcomes = taken(intake, path, said=Said(title="By option", publisher="Hub"))
    (outcome,) = outcomes
    assert outcome.document
    assert (outcome.document.title, outcome.document.country) == ("By option", "UG")
    assert outcome.document.source
    assert outcome.document.source.publisher == "Hub"
    assert outcome.document.source.url == "https://example.org/a"


def test_a_sidecar_is_no_document_and_a_broken_one_is_named(intake: Intake, tmp_path: Path) -> None:
    put(tmp_path / "in", "a.md")
    put(tmp_path / "in", "a.md.toml", 'country = "Uganda"\n')
    (outcome,) = taken(intake, tmp_path / "in")
    assert outcome.status is Status.REFUSED
    assert "a.md.toml: field country" in (outcome.reason or "")


def test_the_same_file_again_changes_nothing_under_any_name(
    intake: Intake, tmp_path: Path, worker: Worker
) -> None:
    path = put(tmp_path, "a.md")
    taken(intake, path)
    before = library(intake)
    copy = put(tmp_path, "copy of a.md")
    for fresh in (intake, again(tmp_path, worker)):
        assert [o.status for o in taken(fresh, path, copy)] == [Status.UNCHANGED] * 2
    assert library(intake) == before


def test_an_edited_file_replaces_its_document(
    intake: Intake, tmp_path: Path, worker: Worker
) -> None:
    path = put(tmp_path, "a.md")
    taken(intake, path)
    put(tmp_path, "a.md", NOTE.replace("forty", "fifty"))
    (outcome,) = taken(again(tmp_path, worker), path)
    assert outcome.status is Status.CHANGED
    ((key, text),) = library(intake).items()
    assert key == ("a", "en")
    assert "fifty" in text


def test_an_edit_that_changes_the_language_leaves_no_stale_rendering(
    intake: Intake, tmp_path: Path, worker: Worker
) -> None:
    path = put(tmp_path, "a.txt", ENGLISH)
    taken(intake, path)
    put(tmp_path, "a.txt", ARABIC)
    taken(again(tmp_path, worker), path)
    assert set(library(intake)) == {("a", "ar")}


def test_two_files_of_one_name_are_two_documents(intake: Intake, tmp_path: Path) -> None:
    one = put(tmp_path / "one", "report.md")
    two = put(tmp_path / "two", "report.md", NOTE.replace("forty", "sixty"))
    bundled = put(tmp_path, "known-case.md", NOTE.replace("forty", "ten"))
    ids = [o.document.id for o in taken(intake, one, two, bundled) if o.document]
    assert ids[0] == "report"
    assert len(set(ids)) == 3
    assert ids[2].startswith("known-case-")


def test_one_name_in_folders_named_by_their_language_is_one_document(
    intake: Intake, tmp_path: Path
) -> None:
    put(tmp_path / "guides/ar", "start.md", f"---\nlang: ar\n---\n# البداية\n\n{ARABIC}\n")
    put(tmp_path / "guides/en", "start.md", f"---\nlang: en\n---\n# Start\n\n{ENGLISH}\n")
    taken(intake, tmp_path / "guides")
    assert set(library(intake)) == {("start", "ar"), ("start", "en")}


def test_a_case_study_is_taken_as_it_is_and_held_to_its_schema(
    intake: Intake, tmp_path: Path
) -> None:
    good = put(tmp_path, "good.md", CASE.read_text("utf-8"))
    bad = put(tmp_path, "bad.md", CASE.read_text("utf-8").replace("country: UG", "country: Uganda"))
    first, second = taken(intake, good, bad)
    assert first.document
    assert first.document.id == "uganda-national-strategy-review"
    assert first.document.is_case_study
    assert "field country" in (second.reason or "")


def test_the_file_name_stands_in_for_a_title_and_an_id_in_any_script(
    intake: Intake, tmp_path: Path
) -> None:
    (outcome,) = taken(intake, put(tmp_path, "دليل المدن.txt", ARABIC))
    assert outcome.document
    assert outcome.document.id.isascii()
    assert outcome.document.title


def test_a_refused_file_is_told_kept_aside_and_stops_no_other(
    intake: Intake, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    put(folder, "a.exe", b"MZ\x90")
    put(folder, "b.md")
    put(folder, "c.txt", b"")
    put(folder, "d.txt", "12 34 56")
    outcomes = taken(intake, folder)
    assert [o.status.value for o in outcomes] == ["refused", "added", "refused", "refused"]
    assert "files ending in .exe are not read" in (outcomes[0].reason or "")
    assert "empty" in (outcomes[2].reason or "")
    assert "language" in (outcomes[3].reason or "")
    (aside,) = (intake.home / "refused").glob("*a.exe")
    assert aside.read_bytes() == b"MZ\x90"
    assert "not read" in aside.with_name(aside.name + ".reason.txt").read_text("utf-8")


def test_a_language_can_be_said_where_it_cannot_be_told(intake: Intake, tmp_path: Path) -> None:
    (outcome,) = taken(intake, put(tmp_path, "d.txt", "12 34 56"), said=Said(language="ar"))
    assert outcome.document
    assert outcome.document.language == "ar"


def test_a_link_out_of_its_folder_is_refused(intake: Intake, tmp_path: Path) -> None:
    put(tmp_path, "secret.md")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/link.md").symlink_to(tmp_path / "secret.md")
    (tmp_path / "in/folder").symlink_to(tmp_path)
    outcomes = taken(intake, tmp_path / "in")
    assert [o.status for o in outcomes] == [Status.REFUSED] * 2
    assert all("link" in (o.reason or "") for o in outcomes)
    assert not library(intake)


def test_a_dry_run_changes_nothing(tmp_path: Path, worker: Worker) -> None:
    intake = again(tmp_path, worker, dry=True)
    outcomes = taken(intake, put(tmp_path, "a.md"), put(tmp_path, "b.exe", b"MZ"))
    assert [o.status for o in outcomes] == [Status.ADDED, Status.REFUSED]
    assert not intake.home.exists()


def test_progress_counts_the_files(intake: Intake, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    files = [put(tmp_path, "a.md"), put(tmp_path, "b.exe", b"MZ")]
    list(intake.take_all(files, Said(), lambda *step: seen.append(step)))
    assert seen == [("files", 1, 2), ("files", 2, 2)]


def test_a_removed_document_is_out_of_the_library_until_it_is_taken_in_again(
    intake: Intake, tmp_path: Path, worker: Worker
) -> None:
    path = put(tmp_path, "a.md")
    taken(intake, path)
    remove(intake.home, ["a"])
    assert not library(intake)
    assert (intake.home / "removed/a.en.json").exists()
    (outcome,) = taken(again(tmp_path, worker), path)
    assert outcome.status is Status.ADDED
    assert set(library(intake)) == {("a", "en")}


def test_what_staff_keep_in_the_hub_s_folder_is_not_taken_in(
    intake: Intake, tmp_path: Path
) -> None:
    intake.home.mkdir()
    for name in ("glossary.toml", "gold.toml", "reading_paths.toml", "starting_questions.toml"):
        (intake.home / name).write_text("# ours\n", "utf-8")
    assert taken(intake, tmp_path) == []


def test_a_damaged_list_of_removed_documents_is_an_error_not_an_empty_list(tmp_path: Path) -> None:
    (tmp_path / "removed.json").write_text("[", "utf-8")
    with pytest.raises(RemovedError, match="list of removed"):
        Removed(tmp_path).ids()


def test_a_damaged_document_is_named_with_the_way_out(intake: Intake, tmp_path: Path) -> None:
    taken(intake, put(tmp_path, "a.md"))
    path = intake.home / "library/documents/a.en.json"
    record = json.loads(path.read_text("utf-8"))
    record["document"]["text"] = "short"
    path.write_text(json.dumps(record), "utf-8")
    with pytest.raises(Exception, match="add the document again"):
        read_document(path)


def test_a_reader_that_hangs_crashes_or_eats_memory_is_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    with Worker(seconds=1, memory=1 << 30) as reading:
        for kind, reason in (("hang", "longer"), ("die", "broke down"), ("eat", "memory"),
                             ("deep", "nested"), ("fail", "ZeroDivisionError")):  # fmt: skip
            reading.reader = f"bad_reader:{kind}"
            with pytest.raises(RefusedError, match=reason):
                reading.read(b"x", "x.md")
        reading.reader = "corpus.readers.reading:read"
        draft = reading.read(NOTE.encode(), "a.md")
    assert isinstance(draft, Draft)
    assert Part(ENGLISH) in draft.parts


def test_no_file_handle_is_left_behind() -> None:
    handles = Path("/proc/self/fd")
    before = len(list(handles.iterdir()))
    for _ in range(3):
        with Worker() as reading, pytest.raises(RefusedError):
            reading.read(b"", "a.md")
    assert len(list(handles.iterdir())) <= before


def test_what_was_said_once_need_not_be_said_again(
    intake: Intake, tmp_path: Path, worker: Worker
) -> None:
    path = put(tmp_path, "a.md")
    taken(intake, path, said=Said(publisher="Hub", country="UG"))
    (same,) = taken(again(tmp_path, worker), path)
    assert same.status is Status.UNCHANGED
    put(tmp_path, "a.md", NOTE.replace("forty", "fifty"))
    (edited,) = taken(again(tmp_path, worker), path, said=Said(place="Harbour"))
    assert edited.document
    assert edited.document.source
    assert (edited.document.country, edited.document.place) == ("UG", "Harbour")
    assert edited.document.source.publisher == "Hub"


def test_two_files_cannot_have_one_id_in_one_language(intake: Intake, tmp_path: Path) -> None:
    one, two = put(tmp_path, "a.md"), put(tmp_path, "b.md", NOTE.replace("forty", "ten"))
    first, second = taken(intake, one, two, said=Said(id="foo", level=Level.CITY))
    assert first.status is Status.ADDED
    assert "another file has the id foo" in (second.reason or "")
    assert "forty" in library(intake)["foo", "en"]


def test_a_damaged_document_is_replaced_by_taking_its_file_in_again(
    intake: Intake, tmp_path: Path, worker: Worker
) -> None:
    path = put(tmp_path, "a.md")
    taken(intake, path)
    (intake.home / "library/documents/a.en.json").write_text("{", "utf-8")
    taken(again(tmp_path, worker), path)
    assert set(library(intake)) == {("a", "en")}


def test_one_rendering_may_know_what_the_other_does_not(intake: Intake, tmp_path: Path) -> None:
    put(tmp_path / "guides/ar", "start.md", f"---\nlang: ar\n---\n# البداية\n\n{ARABIC}\n")
    put(tmp_path / "guides/en", "start.md", f"---\nlang: en\n---\n# Kenya\n\n{ENGLISH}\n")
    taken(intake, tmp_path / "guides")
    assert len(library(intake)) == 2


def test_a_document_taken_in_again_is_not_shown_as_it_was(tmp_path: Path) -> None:
    removed = Removed(tmp_path)
    removed.add(["a", "b"])
    removed.restore(["a", "c"])
    assert removed.ids() == {"b"}
    assert removed.withheld({}) == {"a", "b"}
    assert removed.withheld(removed.returned()) == {"b"}


def test_removals_at_one_time_are_all_kept(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: Removed(tmp_path).add([name]), map(str, range(40))))
    assert len(Removed(tmp_path).ids()) == 40
