"""Case studies are edited in the browser; what stood before is never lost, nor written over."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from desk import AMAL, NOW, Desk, desk_of
from httpx2 import Response

from corpus.case_files import CaseFiles, ChangedError
from corpus.library import BUNDLED, load_library
from server.backup_parts import belongs

CASE = "uganda-nansana-youth-desk"
ADDRESS = f"/desk/cases/{CASE}/en?ui=en"
BUNDLED_TEXT = (BUNDLED / "en" / f"{CASE}.md").read_text("utf-8")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """With an editor who is signed in."""
    with desk_of(tmp_path) as desk:
        desk.hire()
        desk.sign_in()
        yield desk


def home(desk: Desk) -> Path:
    return desk.store.path.parent


def opened(page: Response) -> tuple[str, str]:
    """What the form of a page holds: the text, and the digest of what it was made from."""
    text = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page.text, re.DOTALL)
    digest = re.search(r'name="opened" value="([0-9a-f]*)"', page.text)
    assert text
    return unescape(text[1]), digest[1] if digest else ""


def send(
    desk: Desk, text: str, digest: str, action: str = "save", address: str = ADDRESS
) -> Response:
    typed = text.replace("\n", "\r\n")  # as browsers send it
    form = {"content": typed, "opened": digest, "action": action}
    return desk.client.post(address, data=form)


def own(desk: Desk) -> str:
    return (home(desk) / "library" / "en" / f"{CASE}.md").read_text("utf-8")


def edited(text: str, by: str = "Edited.") -> str:
    return f"{text.rstrip()} {by}\n"


def test_a_bundled_case_study_is_opened_looked_at_and_saved_as_the_hub_s_own(desk: Desk) -> None:
    page = desk.client.get(ADDRESS)
    text, digest = opened(page)
    assert text == BUNDLED_TEXT
    assert "As it will stand" in page.text
    assert 'lang="ar"' in page.text  # the other rendering stands beside
    looked = send(desk, edited(text), digest, "look")
    assert looked.status_code == 200
    assert "Edited." in looked.text.split("As it will stand")[1]
    assert opened(looked) == (edited(text), digest)
    assert not (home(desk) / "library").exists()

    saved = send(desk, edited(text), digest)
    assert saved.status_code == 303
    assert own(desk) == edited(text)
    after = desk.client.get(saved.headers["Location"])
    assert "Saved. What readers find changes with the next rebuild." in after.text
    assert opened(after)[0] == edited(text)
    record = desk.store.records(1)[0]
    assert (record.who, record.what, record.about) == (AMAL, "case-saved", f"{CASE} en")
    library = load_library([BUNDLED, home(desk) / "library"])
    (case,) = (case for case in library.cases if (case.id, case.language) == (CASE, "en"))
    assert case.text.endswith("Edited.\n")


def test_what_breaks_the_form_is_refused_with_field_and_line_and_not_lost(desk: Desk) -> None:
    text, digest = opened(desk.client.get(ADDRESS))
    broken = text.replace("country: UG", "country: Uganda").replace(f"id: {CASE}", "id: other")
    for action in ("look", "save"):
        refused = send(desk, broken, digest, action)
        assert refused.status_code == 422
        assert re.search(r"line \d+: field country: is not an ISO", refused.text)
        assert opened(refused) == (broken, digest)
    elsewhere = send(desk, text.replace(f"id: {CASE}", "id: other"), digest)
    assert "line 2: field id: is other" in elsewhere.text
    assert not (home(desk) / "library").exists()


def test_the_second_editor_sees_what_the_first_did_and_overwrites_nothing(desk: Desk) -> None:
    text, digest = opened(desk.client.get(ADDRESS))
    assert send(desk, edited(text, "By the first."), digest).status_code == 303
    mine = edited(text, "By the second <b>.")
    refused = send(desk, mine, digest)
    assert refused.status_code == 409
    assert "Somebody else has saved it meanwhile" in refused.text
    theirs = refused.text.split("What they changed")[1].split("What your text would change")[0]
    assert "By the first." in theirs
    assert "By the second" not in theirs
    assert "<b>." not in refused.text
    assert own(desk) == edited(text, "By the first.")
    kept, now = opened(refused)
    assert kept == mine
    assert now != digest

    third = send(desk, edited(text, "By a third."), now)
    assert third.status_code == 303
    again = send(desk, mine, now)  # it changed once more
    assert again.status_code == 409
    assert "By a third." in again.text
    assert send(desk, mine, opened(again)[1]).status_code == 303
    versions = CaseFiles(home(desk)).versions((CASE, "en"))
    assert [version.content for version in versions] == [
        mine,
        edited(text, "By a third."),
        edited(text, "By the first."),
        text,
    ]


def test_every_version_is_listed_looked_at_and_put_back(desk: Desk) -> None:
    text, digest = opened(desk.client.get(ADDRESS))
    send(desk, edited(text), digest)
    versions = f"/desk/cases/{CASE}/en/versions"
    page = desk.client.get(f"{versions}?ui=en").text
    assert page.count("<tr ") == 3
    assert AMAL in page
    assert "As it was before the desk" in page
    assert "Stands now" in page
    first = desk.client.get(f"{versions}/1?ui=en")
    assert "Edited." in first.text.split("<del>")[1]
    assert opened_by(first) != digest
    stale = desk.client.post(f"{versions}/1?ui=en", data={"opened": digest})
    assert stale.status_code == 409
    done = desk.client.post(f"{versions}/1?ui=en", data={"opened": opened_by(first)})
    assert done.status_code == 303
    assert own(desk) == text
    assert desk.store.records(1)[0].what == "case-put-back"
    assert len(CaseFiles(home(desk)).versions((CASE, "en"))) == 3
    for address in (f"{versions}/9", f"{versions}/x", "/desk/cases/nothing/en/versions"):
        assert desk.client.get(address).status_code == 404


def opened_by(page: Response) -> str:
    found = re.search(r'name="opened" value="([0-9a-f]*)"', page.text)
    assert found
    return found[1]


def test_what_was_changed_on_the_machine_is_kept_as_well(desk: Desk) -> None:
    text, digest = opened(desk.client.get(ADDRESS))
    send(desk, edited(text), digest)
    path = home(desk) / "library" / "en" / f"{CASE}.md"
    by_hand = edited(text, "By hand.")
    path.write_text(by_hand, "utf-8")
    refused = send(desk, edited(text, "Mine."), opened(desk.client.get(ADDRESS))[1])
    assert refused.status_code == 303
    kept = CaseFiles(home(desk)).versions((CASE, "en"))
    assert [(version.who, version.content) for version in kept[:2]] == [
        (AMAL, edited(text, "Mine.")),
        (None, by_hand),
    ]


def test_a_new_case_study_begins_with_a_template_and_needs_an_id_of_its_own(desk: Desk) -> None:
    for language, heading in (("en", "## What was done"), ("ar", "## ما الذي جرى")):
        page = desk.client.get(f"/desk/cases/new?language={language}&ui=en")
        assert heading in opened(page)[0]
    template = opened(desk.client.get("/desk/cases/new?ui=en"))[0]
    refused = desk.client.post("/desk/cases/new?ui=en", data={"content": template})
    assert refused.status_code == 422
    assert "field title" in refused.text
    assert opened(refused)[0] == template
    taken = desk.client.post("/desk/cases/new?ui=en", data={"content": BUNDLED_TEXT})
    assert taken.status_code == 422
    assert "already" in taken.text
    assert f"/desk/cases/{CASE}/en" in taken.text
    fresh = BUNDLED_TEXT.replace(f"id: {CASE}", "id: uganda-new")
    done = desk.client.post("/desk/cases/new?ui=en", data={"content": fresh})
    assert done.headers["Location"].startswith("/desk/cases/uganda-new/en?done=saved")
    assert (home(desk) / "library/en/uganda-new.md").read_text("utf-8") == fresh


def test_another_rendering_begins_with_what_all_of_them_share(desk: Desk) -> None:
    page = desk.client.get(f"/desk/cases/{CASE}/fr?ui=en")
    text, digest = opened(page)
    assert digest == ""
    assert "There is none in this language yet" in page.text
    assert f"id: {CASE}\nlanguage: fr" in text
    for line in BUNDLED_TEXT.splitlines():
        if line.startswith(("country:", "level:", "pillars:", "themes:")):
            assert line in text
    assert "country:\n" not in text
    french = BUNDLED_TEXT.replace("language: en", "language: fr", 1)
    done = send(desk, french, "", address=f"/desk/cases/{CASE}/fr?ui=en")
    assert done.status_code == 303
    for address in ("nothing/en", f"{CASE}/xx", "nothing/../en"):
        assert desk.client.get(f"/desk/cases/{address}").status_code == 404
        assert desk.client.post(f"/desk/cases/{address}").status_code in (404, 405)


def test_renderings_that_disagree_are_told(desk: Desk) -> None:
    text, digest = opened(desk.client.get(ADDRESS))
    other = text.replace("country: UG", "country: KE")
    assert "country differs between its renderings" in send(desk, other, digest, "look").text


def test_history_belongs_to_a_backup_and_a_whole_file_always_stands(desk: Desk) -> None:
    files, key = CaseFiles(home(desk)), (CASE, "en")
    text, digest = opened(desk.client.get(ADDRESS))
    files.save(key, edited(text), digest, AMAL, NOW)
    names = [path.relative_to(home(desk)).as_posix() for path in home(desk).rglob("history/*/*")]
    assert len(names) == 2
    assert all(belongs(name, None) for name in names)
    with pytest.raises(ChangedError):
        files.save(key, text, "", AMAL, NOW)
    assert own(desk) == edited(text)


def test_an_own_case_study_under_any_file_name_is_the_one_that_is_edited(desk: Desk) -> None:
    path = home(desk) / "library" / "mine.md"
    path.parent.mkdir()
    path.write_text(edited(BUNDLED_TEXT), "utf-8")
    text, digest = opened(desk.client.get(ADDRESS))
    assert text == edited(BUNDLED_TEXT)
    assert send(desk, BUNDLED_TEXT, digest).status_code == 303
    assert path.read_text("utf-8") == BUNDLED_TEXT
    load_library([BUNDLED, home(desk) / "library"])
