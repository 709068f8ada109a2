"""Administrators make, list and revoke keys at the desk; the key is shown once."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import Desk, desk_of

from server.keys.store import Scope
from server.store_records import Change
from server.store_staff import Role, token_hash

FORM = {"name": "National <platform>", "scope": ["search", "contribute"], "limit": "30"}
_KEY = re.compile(r"diwan_[A-Za-z0-9_-]{43}")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_of(tmp_path) as desk:
        desk.hire(role=Role.ADMINISTRATOR)
        desk.sign_in()
        yield desk


def test_a_key_is_shown_once_and_kept_by_no_cache(desk: Desk) -> None:
    made = desk.client.post("/desk/keys?ui=en", data=FORM)
    assert made.status_code == 200
    assert made.headers["Cache-Control"] == "no-store"
    (key,) = _KEY.findall(made.text)
    found = desk.store.use_key(token_hash(key), desk.now.date())
    assert found
    assert (found.name, found.limit) == ("National <platform>", 30)
    assert found.scopes == {Scope.SEARCH, Scope.CONTRIBUTE}
    page = desk.client.get("/desk/keys?ui=en").text
    assert not _KEY.search(page)
    assert "National &lt;platform&gt;" in page
    assert "30 requests a minute" in page
    record = desk.store.records()[0]
    assert record.what == Change.KEY_CREATED
    assert record.about == "National <platform>, contribute search"


def test_a_key_that_is_revoked_is_gone(desk: Desk) -> None:
    desk.client.post("/desk/keys?ui=en", data=FORM)
    gone = desk.client.post("/desk/keys/revoke?ui=en", data={"name": FORM["name"]})
    assert gone.headers["Location"] == "/desk/keys?done=revoked&ui=en"
    assert "Revoked, and recorded" in desk.client.get(gone.headers["Location"]).text
    assert desk.store.keys() == ()
    assert desk.store.records()[0].what == Change.KEY_REVOKED
    again = desk.client.post("/desk/keys/revoke?ui=en", data={"name": FORM["name"]})
    assert "there is no such key" in desk.client.get(again.headers["Location"]).text


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": "NATIONAL <PLATFORM>"}, "already one of that name"),
        ({"name": " "}, "1 to 64 characters"),
        ({"scope": []}, "choose at least one thing"),
        ({"scope": ["everything"]}, "choose at least one thing"),
        ({"limit": "many"}, "a whole number, at most 100,000"),
        ({"limit": "100001"}, "a whole number, at most 100,000"),
        ({"limit": ""}, "a whole number, at most 100,000"),
    ],
)
def test_what_cannot_be_used_is_said_and_what_was_typed_is_kept(
    desk: Desk, changed: dict[str, object], sentence: str
) -> None:
    desk.client.post("/desk/keys?ui=en", data=FORM)
    typed = {**FORM, "name": "Another", **changed}
    refused = desk.client.post("/desk/keys?ui=en", data=typed)
    assert refused.status_code == 422
    assert sentence in refused.text
    assert not _KEY.search(refused.text)
    assert f'value="{typed["limit"]}"' in refused.text
    assert len(desk.store.keys()) == 1
