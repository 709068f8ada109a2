"""The shelf: what stands on it is sound, and staff are told what is not."""

from pathlib import Path

import pytest
from conftest import FRONT

from corpus.library import LibraryError, load_library


def put(folder: Path, name: str, **fields: str) -> None:
    values = {"id": "a-case", "language": "en", "title": "A", "place": "B", "country": "KE"}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(FRONT.format(**{**values, **fields}) + "Text.\n", encoding="utf-8")


def test_a_hubs_own_document_replaces_the_bundled_one(tmp_path: Path) -> None:
    put(tmp_path / "bundled", "a.md", title="Old")
    put(tmp_path / "own", "b.md", title="New")
    library = load_library([tmp_path / "bundled", tmp_path / "own", tmp_path / "absent"])
    assert [case.title for case in library.cases] == ["New"]


def test_the_state_changes_with_any_document_and_with_nothing_else(tmp_path: Path) -> None:
    put(tmp_path / "one", "a.md")
    put(tmp_path / "two", "renamed.md")
    one, two = load_library([tmp_path / "one"]), load_library([tmp_path / "two"])
    assert one.state == two.state
    put(tmp_path / "two", "renamed.md", title="B")
    assert load_library([tmp_path / "two"]).state != one.state


def test_the_state_changes_with_the_glossary(tmp_path: Path) -> None:
    put(tmp_path / "one", "a.md")
    own = tmp_path / "glossary.toml"
    own.write_text('[[term]]\nid = "mayor"\nen = ["mayor"]\n', encoding="utf-8")
    plain = load_library([tmp_path / "one"], [])
    assert load_library([tmp_path / "one"], [own]).state != plain.state


def test_every_problem_of_every_file_is_told(tmp_path: Path) -> None:
    put(tmp_path, "a.md", country="Kenya")
    put(tmp_path, "b.md", id="other", language="klingon")
    (tmp_path / "c.md").write_bytes(b"---\nid: \xff\n---\n")
    with pytest.raises(LibraryError) as caught:
        load_library([tmp_path])
    sentences = str(caught.value).splitlines()
    assert len(sentences) == 3
    assert "a.md: line 6: field country" in sentences[0]
    assert "b.md: line 3: field language" in sentences[1]
    assert "c.md: line 2: the file is not saved as UTF-8" in sentences[2]


def test_two_files_for_one_rendering_are_refused(tmp_path: Path) -> None:
    put(tmp_path, "a.md")
    put(tmp_path, "b.md")
    with pytest.raises(LibraryError, match=r"b\.md: id a-case in language en is already given by"):
        load_library([tmp_path])


def test_renderings_that_disagree_are_refused(tmp_path: Path) -> None:
    put(tmp_path, "a.md")
    put(tmp_path, "b.md", language="ar", country="NO")
    with pytest.raises(LibraryError, match="a-case: country differs between its renderings"):
        load_library([tmp_path])
