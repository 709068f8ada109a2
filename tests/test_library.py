"""The shelf: what stands on it is sound, and staff are told what is not."""

from pathlib import Path

import pytest
from conftest import FRONT

from corpus.library import BUNDLED, LibraryError, load_library


def put(folder: Path, name: str, **fields: str) -> None:
    values = {"id": "a-case", "language": "en", "title": "A", "place": "B", "country": "KE"}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(FRONT.format(**{**values, **fields}) + "Text.\n", encoding="utf-8")


def test_the_bundled_library_holds_each_case_in_both_languages() -> None:
    library = load_library([BUNDLED])
    assert library.case_studies() == 15
    assert library.renderings() == {"ar": 15, "en": 15}
    assert library.countries() == 10
    assert all(count >= 2 for count in library.pillars().values())


def test_the_bundled_cases_have_every_field_but_the_frameworks_country() -> None:
    library = load_library([BUNDLED])
    for case in library.cases:
        assert case.source
        assert case.source.url
        assert case.source.published == "2024-11-27"
        assert case.source.language == case.language
        assert case.actors
        assert case.themes
        assert case.level
        assert (case.country is None) == (case.id == "national-local-cooperation-framework")


def test_the_bundled_renderings_agree_in_their_numbers_and_in_their_structure() -> None:
    by_id: dict[str, dict[str, tuple[list[str], list[int]]]] = {}
    for case in load_library([BUNDLED]).cases:
        digits = sorted("".join(c if c.isdigit() else " " for c in case.text).split())
        shape = [len(section.blocks) for section in case.sections]
        by_id.setdefault(case.id, {})[case.language] = (digits, shape)
    for case_id, renderings in by_id.items():
        assert renderings["en"] == renderings["ar"], case_id


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
