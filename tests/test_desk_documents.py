"""At the desk staff see every document, and take one out of every answer at once, and back."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import StandInEncoder, put_case
from desk import AMAL, Desk, desk_of

from corpus.document_file import Filed, Origin, write_document
from corpus.library import load_library
from corpus.removed import Removed
from corpus.shelf import Shelf
from index.generation import Generation
from server.service import Service

CASE = "hill-orchards"
OTHER = "uganda-nansana-youth-desk"


@pytest.fixture
def desk(tmp_path: Path, small_generation: Generation, stand_in: StandInEncoder) -> Iterator[Desk]:
    """With an editor who is signed in, and documents that were read from files."""
    for case in small_generation.library_cases:
        put_document(tmp_path, case.id, small_generation, case.language)
    service = Service(small_generation, stand_in, Removed(tmp_path))
    with desk_of(tmp_path, service=service) as desk:
        desk.hire()
        desk.sign_in()
        yield desk


def put_document(home: Path, case_id: str, generation: Generation, language: str = "en") -> None:
    case = generation.case(case_id, language)
    assert case
    origin = Origin(f"/in/{case_id}.pdf", "0" * 64, "2026-03-05T00:00:00+00:00")
    write_document(Filed(case, origin), home / "library" / "documents")


def row(desk: Desk, case_id: str, language: str = "en") -> str:
    page = desk.client.get("/desk/documents?ui=en").text
    rows = [row for row in page.split("<tr ") if f"/desk/document/{case_id}?" in row]
    names = {"en": "English", "ar": "Arabic"}
    (found,) = (row for row in rows if f">{names[language]}<" in row)
    return re.sub(r"<[^>]+>", "|", found)


def test_every_document_is_listed_with_its_kind_and_what_it_lacks(desk: Desk) -> None:
    page = desk.client.get("/desk/documents?ui=en").text
    assert page.count("<tr ") - 1 == len(Shelf(desk.store.path.parent).look().documents)
    assert "Case study" in row(desk, OTHER)
    assert "the hub’s own" not in row(desk, OTHER)
    assert "the hub’s own" in row(desk, CASE)
    assert "|Serves|" in row(desk, CASE)
    assert "Found after the next rebuild" in row(desk, OTHER)
    assert "Arabic" in row(desk, "harbour-school", "ar")


def test_it_is_told_what_is_not_known_and_what_changed_since(
    desk: Desk, small_generation: Generation
) -> None:
    case = small_generation.case(CASE, "en")
    assert case
    assert case.source
    bare = replace(case, country=None, source=replace(case.source, publisher=None))
    origin = Origin("/in/hill.pdf", "0" * 64, "2026-03-05T00:00:00+00:00")
    write_document(Filed(bare, origin), desk.store.path.parent / "library" / "documents")
    found = row(desk, CASE)
    assert "Publisher, Country" in found
    assert "Serves as it was before" in found


def test_documents_are_found_by_words_of_their_title(desk: Desk) -> None:
    page = desk.client.get("/desk/documents?title=ORCHARDS hill&ui=en").text
    assert "1 document found" in page
    assert f"/desk/document/{CASE}?" in page
    assert "title=ORCHARDS" in page  # stays when the language changes
    assert "0 documents found" in desk.client.get("/desk/documents?title=<b>&ui=en").text


def test_a_file_that_cannot_be_used_hides_no_other(desk: Desk) -> None:
    put_case(desk.store.path.parent, country="nation", level="<i>")
    page = desk.client.get("/desk/documents?ui=en").text
    assert "own.md: line" in page
    assert "<i>" not in page
    assert "|Serves|" in row(desk, CASE)


def test_taken_out_it_is_out_of_every_answer_at_once_and_comes_back(desk: Desk) -> None:
    home = desk.store.path.parent
    assert desk.client.get(f"/cases/{CASE}").status_code == 200
    page = desk.client.get(f"/desk/document/{CASE}?ui=en").text
    assert "<details" in page  # a second press is needed
    done = desk.client.post(f"/desk/document/{CASE}/take-out?ui=en")
    assert done.status_code == 303
    assert desk.client.get(f"/cases/{CASE}").status_code == 404
    after = desk.client.get(done.headers["Location"]).text
    assert "It is out of every answer" in after
    assert "Taken out" in row(desk, CASE)
    assert CASE not in {
        case.id for case in load_library([home / "library"], (), Removed(home)).cases
    }

    back = desk.client.post(f"/desk/document/{CASE}/take-back?ui=en")
    assert "It is in the library again" in desk.client.get(back.headers["Location"]).text
    assert CASE in {case.id for case in load_library([home / "library"], (), Removed(home)).cases}
    assert "Found after the next rebuild" in row(desk, CASE)
    assert desk.client.get(f"/cases/{CASE}").status_code == 404  # the old one is not shown again
    told = [(record.who, record.what, record.about) for record in desk.store.records(2)]
    assert told == [
        (AMAL, "document-taken-back", CASE),
        (AMAL, "document-taken-out", CASE),
    ]


def test_a_bundled_case_study_is_taken_out_and_back(desk: Desk) -> None:
    desk.client.post(f"/desk/document/{OTHER}/take-out")
    assert "Taken out" in row(desk, OTHER)
    assert Removed(desk.store.path.parent).ids() == {OTHER}
    desk.client.post(f"/desk/document/{OTHER}/take-back")
    assert Removed(desk.store.path.parent).ids() == frozenset()


def test_what_is_not_there_is_not_taken_out(desk: Desk) -> None:
    records = desk.store.records()
    for path in ("nothing/take-out", f"{CASE}/take-back"):
        assert desk.client.post(f"/desk/document/{path}").status_code == 404
    assert desk.client.get("/desk/document/nothing").status_code == 404
    assert desk.store.records() == records
