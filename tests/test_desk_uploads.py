"""A file is uploaded, looked at before it goes in, corrected and put in; or refused, with why."""

import os
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from desk import AMAL, Desk, desk_of
from hostile_files import good_files, hostile_files
from httpx2 import Response

from corpus.document_file import Filed, read_document
from corpus.ingest import LARGEST
from corpus.library import load_library
from server.backup_parts import belongs
from server.upload_spool import SPOOL, Spool

TEXT = (
    "# Night school\n\n## What was done\n\nThe harbour council opened a night school for porters,"
    " and forty of them came. In spring they wrote their own petitions to the council.\n"
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """With an editor who is signed in."""
    with desk_of(tmp_path / "hub") as desk:
        desk.hire()
        desk.sign_in()
        yield desk


def home(desk: Desk) -> Path:
    return desk.store.path.parent


def upload(desk: Desk, content: bytes | str = TEXT, name: str = "school.md") -> str:
    """Upload a file; the address of the page that shows what was read."""
    sent = content.encode() if isinstance(content, str) else content
    answer = desk.client.post("/desk/documents/new?ui=en", files={"file": (name, sent)})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def put(desk: Desk, address: str, **said: str) -> Response:
    return desk.client.post(address, data={**said, "action": "put"})


def filed(desk: Desk) -> list[Filed]:
    return [read_document(path) for path in (home(desk) / "library").rglob("*.json")]


def test_what_was_read_is_shown_before_anything_goes_in(desk: Desk) -> None:
    page = desk.client.get(upload(desk)).text
    assert 'value="Night school"' in page
    assert "Not known: Address of the original, Publisher, Date, Country" in page
    assert "The harbour council opened" in page
    assert "section “" in page  # as it will be cited
    assert '<a href="#read">1 passage, as it will be cited</a>' in page
    assert '<h2 id="read">1 passage, as it will be cited</h2>' in page
    assert filed(desk) == []


def test_what_is_corrected_goes_in_and_is_recorded(desk: Desk) -> None:
    address = upload(desk)
    said = {"title": "مدرسة", "language": "en", "publisher": "City", "published": "2024-11",
            "country": "KE", "place": "Harbour", "level": "city", "id": "harbour-night",
            "url": "https://example.org/a"}  # fmt: skip
    looked = desk.client.post(address, data={**said, "pillars": ["trust", "capacity"]})
    assert looked.status_code == 303
    assert filed(desk) == []
    page = desk.client.get(looked.headers["Location"]).text
    assert 'value="مدرسة"' in page
    assert page.count(" checked") == 2
    done = desk.client.post(
        address, data={**said, "pillars": ["trust", "capacity"], "action": "put"}
    )
    assert done.headers["Location"].startswith("/desk/document/harbour-night?done=in")
    (one,) = filed(desk)
    document = one.document
    assert (document.id, document.title, document.country) == ("harbour-night", "مدرسة", "KE")
    assert document.source
    assert (document.source.publisher, document.source.published) == ("City", "2024-11")
    assert document.pillars == ("trust", "capacity")
    assert one.origin.said.level == "city"
    after = desk.client.get(done.headers["Location"]).text
    assert "It is found after the next rebuild" in after
    assert "/desk/rebuild?ui=en" in after
    record = desk.store.records(1)[0]
    assert (record.who, record.what) == (AMAL, "document-put-in")
    assert record.about == "harbour-night (en)"
    assert list((home(desk) / SPOOL).iterdir()) == []
    assert desk.client.get(address).status_code == 404
    assert load_library([home(desk) / "library"], ()).cases == (document,)


def test_a_field_that_cannot_be_is_told_and_stays_in_the_form(desk: Desk) -> None:
    address = upload(desk)
    refused = put(desk, address, country="Kenya", title="Mine")
    assert refused.status_code == 422
    assert "field country: is not an ISO 3166-1 code" in refused.text
    assert 'value="Kenya"' in refused.text
    assert 'value="Mine"' in refused.text
    assert filed(desk) == []


def test_a_newer_version_takes_the_place_of_a_document_only_where_that_is_said(desk: Desk) -> None:
    put(desk, upload(desk), id="night-school", publisher="City")
    newer = upload(desk, TEXT.replace("forty", "fifty"))
    refused = put(desk, newer, id="night-school")
    assert refused.status_code == 422
    assert "another file has the id night-school in the same language" in refused.text
    said = {"id": "night-school", "replaces": "night-school.en"}
    desk.client.post(newer, data=said)
    assert "It takes the place of a document" in desk.client.get(newer).text
    put(desk, newer, **said)
    (one,) = filed(desk)
    assert "fifty" in one.document.text
    assert one.document.source
    assert one.document.source.publisher == "City"  # what was said once need not be said again

    put(desk, upload(desk, TEXT.replace("forty", "ninety")))
    assert len(filed(desk)) == 2


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    put(desk, upload(desk))
    records = desk.store.records()
    again = upload(desk, name="copy.md")
    assert "It is in the library already" in desk.client.get(again).text
    assert "done=same" in put(desk, again).headers["Location"]
    assert len(filed(desk)) == 1
    assert desk.store.records() == records


def test_thrown_away_it_is_gone(desk: Desk) -> None:
    address = upload(desk)
    done = desk.client.post(address, data={"action": "drop"})
    assert "The file was thrown away" in desk.client.get(done.headers["Location"]).text
    assert list((home(desk) / SPOOL).iterdir()) == []


def test_hostile_files_are_refused_in_the_words_of_the_command(desk: Desk, tmp_path: Path) -> None:
    wanted = {"empty.txt", "noise.txt", "nul.txt", "picture.txt"}
    tried = 0
    for made in hostile_files("http://127.0.0.1:9", tmp_path):
        if made.name.split("/")[-1] not in wanted or made.kept is not None:
            continue
        page = desk.client.get(upload(desk, made.content, made.name)).text
        assert re.search(made.reason, page), made.name
        assert "It cannot go into the library like this" in page
        tried += 1
    assert tried == len(wanted)
    assert filed(desk) == []


def test_good_files_of_every_kind_are_read(desk: Desk) -> None:
    for made in good_files():
        assert made.kept
        page = desk.client.get(upload(desk, made.content, made.name)).text
        assert "It cannot go into the library like this" not in page, made.name
        assert re.split(r"[.،,\n]", made.kept.split("\n\n")[-1])[0][:30] in page, made.name


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd.txt", "..\\..\\a.txt", ".hidden.txt", "\x1b"]
)
def test_no_name_leads_out_of_the_spool(desk: Desk, name: str) -> None:
    token = Spool(home(desk)).take(BytesIO(b"x"), name)
    waiting = Spool(home(desk)).find(token)
    assert waiting
    assert waiting.path.parent == home(desk) / SPOOL / token
    assert not belongs(waiting.path.relative_to(home(desk)).as_posix(), None)


def test_only_staff_upload_and_more_than_a_form_of_the_public_holds(desk: Desk) -> None:
    content = TEXT + "Porters wrote many petitions in that winter. " * 20_000
    assert len(content) > 2 * 256 * 2**10
    assert desk.client.get(upload(desk, content)).status_code == 200
    for elsewhere in ("/desk/cases/new", "/desk/inbox/x", "/feedback"):
        answer = desk.client.post(elsewhere, data={"content": content})
        assert answer.status_code == 413, elsewhere
    address = upload(desk)
    desk.sign_out()
    spooled = len(list((home(desk) / SPOOL).iterdir()))
    answer = desk.client.post("/desk/documents/new", files={"file": ("a.md", TEXT.encode())})
    assert answer.status_code == 401
    assert desk.client.get(address).status_code == 303
    assert len(list((home(desk) / SPOOL).iterdir())) == spooled


def test_too_large_a_file_is_refused_with_a_sentence(desk: Desk) -> None:
    answer = desk.client.post(
        "/desk/documents/new?ui=en",
        content=iter([b"x" * 1000]),
        headers={
            "Content-Length": str(LARGEST + 2**20),
            "Content-Type": "multipart/form-data; boundary=b",
        },
    )
    assert answer.status_code == 413
    assert "one may have 100 MB" in answer.text
    assert not (home(desk) / SPOOL).exists()


@pytest.mark.parametrize(
    "form", [{}, {"data": {"file": "no file"}}, {"content": b"x", "headers": {"Content-Type": "a"}}]
)
def test_a_form_without_a_file_is_told(desk: Desk, form: dict[str, object]) -> None:
    answer = desk.client.post("/desk/documents/new?ui=en", **form)  # type: ignore[arg-type]
    assert answer.status_code in (411, 422)
    assert "No file came" in answer.text


def test_what_nobody_decides_on_is_thrown_away_after_a_day(desk: Desk) -> None:
    address = upload(desk)
    spool = Spool(home(desk))
    (folder,) = (home(desk) / SPOOL).iterdir()
    at = folder.stat().st_mtime
    spool.collect(at + 23 * 3600)
    assert desk.client.get(address).status_code == 200
    os.utime(folder, (at - 25 * 3600, at - 25 * 3600))
    upload(desk, name="another.md")
    assert not folder.exists()
    assert desk.client.get(address).status_code == 404
