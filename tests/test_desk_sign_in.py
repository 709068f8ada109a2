"""Staff sign in to the desk and are signed out of it; nobody else gets in."""

import logging
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from desk import AMAL, NOW, PASSWORD, Desk, desk_of, nothing_to_load
from fastapi.testclient import TestClient

from server.app import assemble
from server.desk_frame import within_the_desk
from server.desk_sign_in import MOST_BY_ADDRESS, MOST_BY_NAME, SHUT_FOR
from server.holder import Holder
from server.passwords import Passwords
from server.store_records import TERMINAL, By
from server.store_staff import Role

HOUR = timedelta(hours=1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_of(tmp_path) as desk:
        yield desk


def test_whoever_is_invited_sets_a_password_once_and_is_signed_in(desk: Desk) -> None:
    address = f"/desk/invitation/{desk.invite()}"
    page = desk.client.get(address)
    assert page.status_code == 200
    assert AMAL in page.text
    assert 'autocomplete="new-password"' in page.text
    said = {"password": PASSWORD, "again": PASSWORD}
    done = desk.client.post(address, data=said)
    assert done.status_code == 303
    assert urlsplit(done.headers["Location"]).path == "/desk"
    home = desk.client.get("/desk")
    assert home.status_code == 200
    assert AMAL in home.text
    for again in (desk.client.get(address), desk.client.post(address, data=said)):
        assert again.status_code == 404
        assert "cannot be used" in again.text
    desk.sign_out()
    assert desk.sign_in().status_code == 303
    assert desk.is_signed_in()


@pytest.mark.parametrize(
    ("password", "again", "told"),
    [
        ("short", "short", "too short"),
        ("", "", "too short"),
        (AMAL * 2, AMAL * 2 + " ", "not the same"),
        ("aaaaaaaaaaaaa", "aaaaaaaaaaaaa", "tried first"),
        (AMAL.lower(), AMAL.lower(), "tried first"),
        ("x1" * 501, "x1" * 501, "too long"),
    ],
)
def test_a_password_that_is_not_taken_leaves_the_invitation(
    desk: Desk, password: str, again: str, told: str
) -> None:
    address = f"/desk/invitation/{desk.invite()}"
    refused = desk.client.post(address, data={"password": password, "again": again})
    assert refused.status_code == 422
    assert told in refused.text
    assert desk.client.get(address).status_code == 200
    assert not desk.is_signed_in()


def test_an_invitation_ends_after_seven_days(desk: Desk) -> None:
    address = f"/desk/invitation/{desk.invite()}"
    desk.now = NOW + timedelta(days=7) - timedelta(seconds=2)
    assert desk.client.get(address).status_code == 200
    desk.now = NOW + timedelta(days=7)
    assert desk.client.get(address).status_code == 404
    said = {"password": PASSWORD, "again": PASSWORD}
    assert desk.client.post(address, data=said).status_code == 404
    assert not desk.is_signed_in()


def reset(desk: Desk) -> None:
    desk.store.reset_staff(AMAL, By(TERMINAL, NOW))


def remove(desk: Desk) -> None:
    desk.store.remove_staff(AMAL, By(TERMINAL, NOW))


def promote(desk: Desk) -> None:
    desk.store.change_role(AMAL, Role.ADMINISTRATOR, By(TERMINAL, NOW))


def let_it_lie(desk: Desk) -> None:
    desk.now += 2 * HOUR


def work_all_day(desk: Desk) -> None:
    for _ in range(11):
        desk.now += HOUR
        assert desk.is_signed_in()
    desk.now += HOUR


@pytest.mark.parametrize("end", [Desk.sign_out, reset, remove, promote, let_it_lie, work_all_day])
def test_a_session_ends(desk: Desk, end: Callable[[Desk], object]) -> None:
    desk.hire()
    desk.sign_in()
    assert desk.is_signed_in()
    token = desk.client.cookies["diwan_desk"]
    end(desk)
    desk.client.cookies.set("diwan_desk", token)
    assert not desk.is_signed_in()


def test_whoever_was_reset_or_removed_cannot_sign_in(desk: Desk) -> None:
    desk.hire()
    reset(desk)
    assert desk.sign_in().status_code == 401
    remove(desk)
    assert desk.sign_in().status_code == 401


def test_the_cookie_is_for_this_site_and_for_no_script(desk: Desk) -> None:
    desk.hire()
    (cookie,) = desk.sign_in().headers.get_list("Set-Cookie")
    parts = {part.strip().lower() for part in cookie.split(";")}
    assert parts > {"httponly", "samesite=strict", "path=/"}
    assert re.fullmatch(r"diwan_desk=[\w-]{43}", cookie.split(";")[0])
    assert not {part for part in parts if part.startswith(("domain", "max-age", "expires"))}

    desk.client.cookies.clear()
    desk.client.base_url = "https://testserver"
    (cookie,) = desk.sign_in().headers.get_list("Set-Cookie")
    assert cookie.startswith("__Host-diwan_desk=")
    assert "; Secure" in cookie
    assert desk.is_signed_in()
    token = desk.client.cookies["__Host-diwan_desk"]
    desk.client.cookies.clear()
    desk.client.cookies.set("diwan_desk", token)  # another host of the domain may have set it
    assert not desk.is_signed_in()


def test_signing_in_again_ends_the_session_before(desk: Desk) -> None:
    desk.hire()
    desk.sign_in()
    first = desk.client.cookies["diwan_desk"]
    desk.sign_in()
    assert desk.is_signed_in()
    desk.client.cookies.clear()
    desk.client.cookies.set("diwan_desk", first)
    assert not desk.is_signed_in()


def test_the_way_leads_back_to_where_one_wanted_to_go(desk: Desk) -> None:
    desk.hire()
    asked = desk.client.get("/desk/changes?before=7&ui=ar")
    assert asked.status_code == 303
    form = desk.client.get(asked.headers["Location"])
    assert 'dir="rtl"' in form.text
    assert 'value="/desk/changes?before=7&amp;ui=ar"' in form.text
    english = re.search(r'<a href="([^"]+)" lang="en"', form.text)
    assert english
    in_english = desk.client.get(english[1].replace("&amp;", "&"))
    assert 'value="/desk/changes?before=7&amp;ui=ar"' in in_english.text
    done = desk.sign_in(wanted="/desk/changes?before=7&ui=ar")
    parts = urlsplit(done.headers["Location"])
    assert (parts.path, parse_qs(parts.query)) == ("/desk/changes", {"before": ["7"], "ui": ["en"]})
    again = desk.client.get(asked.headers["Location"])  # signed in already
    assert urlsplit(again.headers["Location"]).path == "/desk/changes"


@pytest.mark.parametrize(
    "wanted",
    [
        "https://elsewhere.example/desk",
        "//elsewhere.example/desk",
        "/\\elsewhere.example",
        "\\\\elsewhere.example",
        "/desk\\..\\..",
        "/desk/../cases",
        "/desk/%2e%2e/cases",
        "/desk/./../",
        "/deskelsewhere",
        "/",
        "",
        "desk",
        "javascript:alert(1)",
        "http:/desk",
        "/desk\r\nSet-Cookie: a=b",
        "/desk/\tx",
        "//[desk",
    ],
)
def test_no_way_leads_out_of_the_desk(desk: Desk, wanted: str) -> None:
    assert within_the_desk(wanted) == "/desk"
    desk.hire()
    done = desk.sign_in(wanted=wanted)
    assert urlsplit(done.headers["Location"])[:3] == ("", "", "/desk")


def test_a_name_that_is_there_is_told_in_no_way_from_one_that_is_not(desk: Desk) -> None:
    desk.hire()
    desk.client.post("/desk/sign-in", data={})
    for _ in range(MOST_BY_NAME + 1):
        pages = [
            desk.client.post("/desk/sign-in", data={"name": name, "password": "not the password"})
            for name in (AMAL, "Somebody else")
        ]
        known, unknown = pages
        assert known.status_code == unknown.status_code
        assert known.text.replace(AMAL, "…") == unknown.text.replace("Somebody else", "…")
        of_each = {"content-length": "", "x-request-id": ""}
        assert dict(known.headers) | of_each == dict(unknown.headers) | of_each
    assert known.status_code == 429
    assert "15 minutes" in known.text


def test_a_name_is_shut_after_five_failures_for_fifteen_minutes(desk: Desk) -> None:
    desk.hire()
    for _ in range(MOST_BY_NAME):
        assert desk.sign_in(typed="wrong").status_code == 401
    assert desk.sign_in().status_code == 429
    assert desk.sign_in(name=AMAL.upper()).status_code == 429
    desk.now += timedelta(seconds=SHUT_FOR - 1)
    assert desk.sign_in().headers["Retry-After"] == str(SHUT_FOR)
    desk.now += timedelta(seconds=1)
    assert desk.sign_in().status_code == 303


def test_an_address_is_shut_after_twenty_failures(desk: Desk) -> None:
    desk.hire()
    for number in range(MOST_BY_ADDRESS - 1):
        assert desk.sign_in(name=f"Nobody {number}").status_code == 401
    assert desk.sign_in().status_code == 303  # no failure, and not counted as one
    assert desk.sign_in(name="Nobody else").status_code == 401
    assert desk.sign_in().status_code == 429


def test_tries_at_once_are_counted_before_any_is_checked(desk: Desk) -> None:
    desk.hire()
    with ThreadPoolExecutor(4) as pool:
        statuses = list(
            pool.map(lambda _: desk.sign_in(typed="wrong").status_code, range(MOST_BY_NAME * 3))
        )
    assert statuses.count(401) <= MOST_BY_NAME
    assert set(statuses) <= {401, 429, 503}


def test_a_new_password_opens_what_was_shut(desk: Desk) -> None:
    desk.hire()
    for _ in range(MOST_BY_NAME):
        desk.sign_in(typed="wrong")
    token = desk.store.reset_staff(AMAL, By(TERMINAL, NOW)).token
    new = "an entirely other one"
    desk.client.post(f"/desk/invitation/{token}", data={"password": new, "again": new})
    desk.sign_out()
    assert desk.sign_in(typed=new).status_code == 303


def test_a_password_is_hashed_anew_when_the_parameters_change(desk: Desk, tmp_path: Path) -> None:
    desk.hire()
    _, before = desk.store.password_of(AMAL) or (None, "")
    with desk_of(tmp_path, Passwords(passes=2, memory=16)) as stronger:
        assert stronger.sign_in().status_code == 303
        _, after = stronger.store.password_of(AMAL) or (None, "")
        assert "m=8,t=1" in before
        assert "m=16,t=2" in after
        assert stronger.sign_in().status_code == 303


def test_nobody_waits_for_a_turn_to_check_a_password(tmp_path: Path) -> None:
    passwords = Passwords(passes=1, memory=8, at_once=1)
    with desk_of(tmp_path, passwords) as desk:
        desk.hire()
        with passwords.turn():
            assert desk.sign_in().status_code == 503
        assert desk.sign_in().status_code == 303


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}]
)
def test_another_site_cannot_sign_anybody_in_or_out(desk: Desk, headers: dict[str, str]) -> None:
    desk.hire()
    invitation = desk.store.add_staff("Badr", Role.EDITOR, By(TERMINAL, NOW)).token
    said = {"name": AMAL, "password": PASSWORD, "again": PASSWORD}
    for address in ("/desk/sign-in", f"/desk/invitation/{invitation}"):
        assert desk.client.post(address, data=said, headers=headers).status_code == 403
    assert not desk.is_signed_in()
    desk.sign_in()
    assert desk.client.post("/desk/sign-out", headers=headers).status_code == 403
    assert desk.is_signed_in()


def test_nothing_kept_or_logged_holds_a_password_or_a_token(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    invitation = desk.invite()
    said = {"password": PASSWORD, "again": PASSWORD}
    desk.client.post(f"/desk/invitation/{invitation}", data=said)
    desk.sign_in(typed="mistyped by a letter")
    desk.sign_in()
    session = desk.client.cookies["diwan_desk"]
    desk.client.get("/desk/changes")
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    logged = "".join(
        record.getMessage() for record in caplog.records if record.name.startswith("diwan")
    )
    for secret in (invitation, PASSWORD, "mistyped by a letter", session):
        assert secret.encode() not in kept
        assert secret not in logged


def test_public_pages_do_without_the_desk(tmp_path: Path) -> None:
    """They neither open the store for it nor lead to it."""
    holder = Holder(nothing_to_load, lambda: None)
    with TestClient(assemble(holder, tmp_path / "left")) as client:
        client.cookies.set("diwan_desk", "x" * 43)
        about = client.get("/about")
        assert about.status_code == 200
        assert "/desk" not in about.text
        assert not (tmp_path / "left").exists()
