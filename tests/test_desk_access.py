"""Every route of the desk states whom it is for, and nobody else gets anything from it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import AMAL, Desk, desk_of, nothing_to_load
from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import PlainTextResponse

from server.app import assemble
from server.desk_access import (
    ANYBODY,
    Administrator,
    ByAdministrator,
    DeskRoute,
    Editor,
    Rule,
    UnguardedError,
    desk_router,
    editor,
    guarded_routes,
    rule_of,
)
from server.holder import Holder
from server.store_staff import Role

OPEN = {"/desk/sign-in", "/desk/invitation/{token}"}
FOR_ADMINISTRATORS = {
    "/desk/generations/{name}/publish-refused",
    "/desk/keys",
    "/desk/keys/revoke",
    "/desk/test-letter",
}
PROBE = "/desk/for-administrators"
_PARAMETER = re.compile(r"\{[^}]+\}")


def probe() -> APIRouter:
    """Routes that are for administrators alone."""
    router = desk_router()

    @router.get(PROBE.removeprefix("/desk"))
    def read(person: Administrator) -> PlainTextResponse:
        return PlainTextResponse(f"SECRET of {person.name}")

    @router.post(PROBE.removeprefix("/desk"))
    def change(by: ByAdministrator) -> PlainTextResponse:
        return PlainTextResponse(f"SECRET of {by.who}")

    return router


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_of(tmp_path, more=probe()) as desk:
        yield desk


def routes(desk: Desk) -> list[DeskRoute]:
    app = desk.client.app
    assert isinstance(app, FastAPI)
    return guarded_routes(app)


def test_every_route_states_its_rule(desk: Desk) -> None:
    found = {route.path: rule_of(route) for route in routes(desk)}
    assert len(found) > 8
    assert {path for path, rule in found.items() if rule is Rule.ANYBODY} == OPEN
    administrators = {path for path, rule in found.items() if rule is Rule.ADMINISTRATOR}
    assert administrators == {PROBE, *FOR_ADMINISTRATORS}


def test_the_rules_are_kept_signed_out_and_in_the_wrong_role(desk: Desk) -> None:
    asked = 0
    for route in routes(desk):
        rule, address = rule_of(route), _PARAMETER.sub("x", route.path)
        if rule is Rule.ANYBODY:
            continue
        for method in ("GET", "POST"):
            answer = desk.client.request(method, address)
            if method not in (route.methods or ()):
                # Another route may be at the same path, which is asked in its turn.
                assert answer.status_code in (303, 401, 405), route.path
            elif method == "GET":
                assert answer.status_code == 303, route.path
                assert answer.headers["Location"].startswith("/desk/sign-in?next=%2Fdesk")
            else:
                assert answer.status_code == 401, route.path
                assert "You are signed out" in answer.text
            assert "SECRET" not in answer.text
            asked += 1
    assert asked >= 14

    desk.hire()
    desk.sign_in()
    for route in routes(desk):
        if rule_of(route) is Rule.ADMINISTRATOR:
            for method in ("GET", "POST"):
                answer = desk.client.request(method, _PARAMETER.sub("x", route.path))
                assert answer.status_code in (403, 405), route.path
                assert "SECRET" not in answer.text
    refused = desk.client.get(PROBE)
    assert refused.status_code == 403
    assert "This is for administrators" in refused.text
    assert desk.client.post(PROBE).status_code == 403


def test_an_administrator_may_do_what_an_editor_may_and_more(desk: Desk) -> None:
    desk.hire(role=Role.ADMINISTRATOR)
    desk.sign_in()
    for address in ("/desk", "/desk/problems", "/desk/inbox", "/desk/changes"):
        assert desk.client.get(address).status_code == 200
    assert desk.client.get(PROBE).text == desk.client.post(PROBE).text == f"SECRET of {AMAL}"


def test_a_token_of_nobody_is_nobody_s(desk: Desk) -> None:
    for token in ("", "x" * 43, "x" * 9000):
        desk.client.cookies.clear()
        desk.client.cookies.set("diwan_desk", token)
        assert desk.client.get("/desk").status_code == 303


def test_no_form_of_another_site_is_taken(desk: Desk) -> None:
    desk.hire(role=Role.ADMINISTRATOR)
    desk.sign_in()
    posted = [route for route in routes(desk) if "POST" in (route.methods or ())]
    assert len(posted) >= 5
    for route in posted:
        for headers in ({"Sec-Fetch-Site": "same-site"}, {"Origin": "https://elsewhere.example"}):
            address = _PARAMETER.sub("x", route.path)
            assert desk.client.post(address, headers=headers).status_code == 403, route.path
    # A link in a letter leads here all the same.
    assert desk.client.get("/desk", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_no_cache_keeps_a_page_and_no_search_engine_lists_it(desk: Desk) -> None:
    desk.hire()
    answers = [desk.client.get("/desk"), desk.client.get("/desk/nowhere"), desk.sign_in()]
    for route in routes(desk):
        address = _PARAMETER.sub("x", route.path)
        answers += [desk.client.get(address), desk.client.post(address)]
    answers.append(desk.client.post("/desk/sign-in", headers={"Origin": "https://else.example"}))
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store", answer.url
        assert answer.headers["X-Robots-Tag"] == "noindex", answer.url
    for public in ("/about", "/static/desk.css"):
        assert "X-Robots-Tag" not in desk.client.get(public).headers


def test_a_route_without_a_rule_is_not_made() -> None:
    router = desk_router()

    def forgetful() -> None:
        pass

    for add in (router.get, router.post):
        with pytest.raises(UnguardedError, match="/desk/forgotten"):
            add("/forgotten")(forgetful)
    router.get("/open", dependencies=[ANYBODY])(forgetful)
    router.get("/by-dependency", dependencies=[Depends(editor)])(forgetful)


def test_an_application_with_a_route_beside_the_rules_is_refused(tmp_path: Path) -> None:
    def unguarded(_person: Editor) -> None:
        pass

    for path in ("/desk", "/desk/beside", "/desk/{anything}"):
        app = assemble(Holder(nothing_to_load, lambda: None), tmp_path)
        app.get(path)(unguarded)
        with pytest.raises(UnguardedError, match="not made by `desk_router`"):
            guarded_routes(app)


def test_a_faulty_store_is_told_and_lets_nobody_in(desk: Desk) -> None:
    desk.hire()
    desk.sign_in()
    for file in desk.store.path.parent.glob(f"{desk.store.path.name}*"):
        file.unlink()
    desk.store.path.write_bytes(b"no database" * 1000)
    answer = desk.client.get("/desk", headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert AMAL not in answer.text
