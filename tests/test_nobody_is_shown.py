"""What somebody leaves of themselves is shown to nobody but those for whom it was left.

Everything that can be left is planted under a mark of its own. Then every route of the application
is asked, by the public and at the desk, and whatever comes back or is logged is searched for marks.
A route that is added is asked as well; where that takes more than its path, the test fails until it
is said here with what it is asked.
"""

import io
import logging
import re
import sqlite3
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from conftest import StandInEncoder
from contributed import PRACTICE, begin, form_of, key_of, save, sent, turn_of
from desk import CHEAP, NOW, Desk, desk_of
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from httpx2 import Response

from corpus.library import load_library
from corpus.removed import Removed
from index.build import build_generation
from server.api.idempotency import NAME
from server.contributions.practice import TEXTS, Consents, Draft
from server.keys.store import Scope
from server.peers.introductions import LIMITS
from server.rebuilds import Rebuilds
from server.reference_export import ReferenceFormat
from server.service import Service
from server.settings import Settings
from server.store import STORE, Store
from server.store_records import TERMINAL, By
from server.store_staff import Role

_MARK = re.compile(r"zq[a-z]+?(?:-[a-z]+?)*?qz")
_PARAMETER = re.compile(r"\{[^}]+\}")
HTML = {"Accept": "text/html"}
STAFF = "Zqstaffqz"
CONTACTS = "/desk/introductions", "/desk/letters"
NOWHERE: tuple[str, ...] = ()
ANYWHERE = ("/",)
PUBLISHED = ("listed", "unlisted")
BY_KEY = "/api/v1/contributions"
PLAIN = ("place", "country", "level", "body", "language")
KEYED = ("keyed", "keyed-asked", "keyed-declined")


def mark(what: str) -> str:
    """What is left, in a form that is found again."""
    return f"zq{what}qz"


def address(what: str) -> str:
    return f"{mark(what)}@example.org"


@dataclass
class Planted:
    """What was planted.

    Attributes:
        desk: The desk where it can be worked on.
        seen: Where a mark or a key may stand: beginnings of paths.
        never: Where one may not stand all the same.
        mine: Secret addresses, and the key of another platform.
        own_ids: Ids of contributions at the desk, by what their marks begin with.
        cases: Ids of the case studies that came of contributions.
        values: With what a route is asked whose path has a parameter.
    """

    desk: Desk
    seen: dict[str, tuple[str, ...]] = field(default_factory=dict)
    never: dict[str, tuple[str, ...]] = field(default_factory=dict)
    mine: dict[str, str] = field(default_factory=dict)
    own_ids: dict[str, str] = field(default_factory=dict)
    cases: list[str] = field(default_factory=list)
    values: dict[str, list[str]] = field(default_factory=dict)

    def by_key(self, method: str, to: str, repeat: str = "", **sent: object) -> Response:
        """Ask as another platform does, with its key.

        Args:
            method: How.
            to: Where.
            repeat: What tells the hub that it comes again.
            sent: What else the client takes, as `json`.
        """
        if "platform" not in self.mine:
            by = By(TERMINAL, NOW)
            key = self.desk.store.create_key(mark("platform"), [Scope.CONTRIBUTE], 0, by)
            self.mine["platform"] = key
            self.may_be_seen("platform", "/desk")
        headers = {"X-API-Key": self.mine["platform"], NAME: repeat}
        return self.desk.client.request(method, to, headers=headers, **sent)  # type: ignore[arg-type]

    def may_be_seen(self, what: str, *where: str) -> None:
        """Say where a mark may stand."""
        self.seen[mark(what)] = where

    def astray(self, response: Response, path: str) -> list[str]:
        """What stands in a response and should not."""
        content = text_of(response)
        return sorted(
            each
            for each in {*_MARK.findall(content), *self.keys_in(content)}
            if not path.startswith(self.seen.get(each, NOWHERE))
            or path.startswith(self.never.get(each, NOWHERE))
        )

    def keys_in(self, text: str) -> set[str]:
        """Keys of secret addresses that stand in a text."""
        return {key for each in self.mine.values() if (key := key_of(each)) in text}


def text_of(response: Response) -> str:
    """All that a response says, unpacked, in small letters but for keys."""
    content = response.content
    if content.startswith(b"PK"):
        packed = zipfile.ZipFile(io.BytesIO(content))
        content = b"\n".join(packed.read(name) for name in packed.namelist())
    told = content.decode("utf-8", "replace") + "\n".join(response.headers.values())
    return f"{told}\n{told.lower()}"


def practice_of(what: str, consents: Consents) -> Draft:
    """A practice all of whose texts bear marks."""
    texts = {name: f"{mark(f'{what}-{name}')} of the harbour." for name in ("title", *TEXTS)}
    if what in PUBLISHED:  # its title is in addresses
        texts["title"] = f"A school that is {what}"
    body = mark(f"{what}-body")
    practice = replace(PRACTICE, **texts, body=body, bodies="")
    return Draft(practice, mark(f"{what}-name"), address(f"{what}-address"), consents)


def plant_practice(planted: Planted, what: str, consents: Consents) -> str:
    """Send a practice in; its page at the desk."""
    mine, review = sent(planted.desk, practice_of(what, consents))
    say_where(planted, what, mine, review)
    return review


def plant_by_key(planted: Planted, what: str, consents: Consents) -> str:
    """Send a practice in by the key of another platform; its page at the desk."""
    draft, reference = practice_of(what, consents), mark(f"{what}-reference")
    told = planted.by_key("POST", BY_KEY, json=body_of(draft, reference), repeat=what).json()
    review = f"/desk/contributions/{told['id']}"
    say_where(planted, what, told["sender_url"].partition("?")[0], review)
    planted.may_be_seen(f"{what}-reference", review)
    return review


def body_of(draft: Draft, reference: str) -> dict[str, object]:
    """What another platform sends for a practice."""
    practice, agreed = draft.practice, draft.consents
    texts = {name: getattr(practice, name) for name in ("title", *TEXTS)}
    plain = {name: getattr(practice, name) for name in PLAIN}
    return {
        "practice": {
            **texts,
            **plain,
            "period": {"start": practice.start, "end": practice.end},
            "pillars": list(practice.pillars),
        },
        "contact": {"name": draft.name, "address": draft.address},
        "consents": asdict(agreed),
        "reference": reference,
    }


def say_where(planted: Planted, what: str, mine: str, review: str = "") -> None:
    """Say where a practice may be seen while it is not decided."""
    planted.mine[what] = mine
    planted.seen[key_of(mine)] = (mine, "/desk/letters")
    desk = (review,) if review else ()
    planted.own_ids[what] = review.rpartition("/")[2]
    for part in ("title", *TEXTS, "body"):
        planted.may_be_seen(
            f"{what}-{part}", mine, *desk, *(["/desk/contributions"] if desk else [])
        )
    for part in ("name", "address"):
        planted.may_be_seen(f"{what}-{part}", mine, *desk)


def accept(planted: Planted, what: str) -> None:
    """Accept a practice; what is public from then on is said."""
    desk, review = planted.desk, f"/desk/contributions/{planted.own_ids[what]}"
    page = desk.client.get(f"{review}/case?ui=en")
    content = re.search(r"(?s)<textarea[^>]*>\n(.*?)</textarea>", page.text)
    assert content
    text = content[1].replace("&#34;", '"').replace("&amp;", "&").replace("&#39;", "'")
    form = {"content": text, "turn": turn_of(page), "action": "save"}
    accepted = desk.client.post(f"{review}/case", data=form)
    assert accepted.status_code == 303, accepted.text
    case = re.search(r"(?m)^id: (\S+)$", text)
    assert case
    planted.cases.append(case[1])
    del planted.seen[mark(f"{what}-title")]
    for part in (*TEXTS, "body"):
        planted.may_be_seen(f"{what}-{part}", *ANYWHERE)
    planted.may_be_seen(f"{what}-address", *planted.seen[mark(f"{what}-address")], "/desk/letters")


@pytest.fixture
def planted(tmp_path: Path, stand_in: StandInEncoder) -> Iterator[Planted]:
    """A hub at which everybody has left something."""
    home = tmp_path / "hub"
    with desk_of(home) as desk:
        planted = Planted(desk)
        desk.hire(STAFF, Role.ADMINISTRATOR)
        desk.sign_in(name=STAFF)
        planted.may_be_seen("staff", "/desk")
        plant_practices(planted)
    library = load_library([home / "library"])
    service = Service(build_generation(library, stand_in), stand_in, Removed(home))  # type: ignore[arg-type]
    ending = Rebuilds(Settings(home=home, bundled=False), (sys.executable, "-c", "pass"))
    with desk_of(home, CHEAP, service, rebuilds=ending) as desk:
        planted.desk = desk
        desk.sign_in(name=STAFF)
        plant_the_rest(planted)
        yield planted


def plant_practices(planted: Planted) -> None:
    """Plant a practice in every state."""
    desk = planted.desk
    mine = begin(desk)
    every = Consents(publication=True, introductions=True, listing=True)
    save(desk, mine, practice_of("draft", every))
    say_where(planted, "draft", mine)
    plant_practice(planted, "sent", every)
    asked = plant_practice(planted, "asked", every)
    turn = turn_of(desk.client.get(asked))
    desk.client.post(f"{asked}/ask", data={"text": "When?", "turn": turn})
    planted.may_be_seen("asked-address", *planted.seen[mark("asked-address")], "/desk/letters")
    declined = plant_practice(planted, "declined", every)
    turn = turn_of(desk.client.get(declined))
    desk.client.post(f"{declined}/decline", data={"reason": "Too short.", "turn": turn})
    planted.may_be_seen("declined-name", *NOWHERE)
    planted.may_be_seen("declined-address", "/desk/letters")
    plant_practices_by_key(planted, every)
    plant_practice(planted, "listed", every)
    accept(planted, "listed")
    for part in ("name", "address"):
        where = planted.seen[mark(f"listed-{part}")]
        planted.may_be_seen(f"listed-{part}", *where, *CONTACTS)
    plant_by_key(planted, "unlisted", Consents(publication=True))
    accept(planted, "unlisted")
    planted.never[mark("unlisted-body")] = ("/peers", "/introductions")
    planted.may_be_seen("unlisted-name", *NOWHERE)
    planted.may_be_seen("unlisted-address", "/desk/letters")


def plant_practices_by_key(planted: Planted, every: Consents) -> None:
    """Plant practices of another platform."""
    client = planted.desk.client
    plant_by_key(planted, "keyed", every)
    asked = plant_by_key(planted, "keyed-asked", every)
    client.post(f"{asked}/ask", data={"text": "When?", "turn": turn_of(client.get(asked))})
    declined = plant_by_key(planted, "keyed-declined", every)
    turn = turn_of(client.get(declined))
    client.post(f"{declined}/decline", data={"reason": "Too short.", "turn": turn})
    where = planted.seen[mark("keyed-asked-address")]
    planted.may_be_seen("keyed-asked-address", *where, "/desk/letters")
    planted.may_be_seen("keyed-declined-name", *NOWHERE)
    planted.may_be_seen("keyed-declined-address", "/desk/letters")
    withdrawn = plant_by_key(planted, "keyed-withdrawn", every)
    gone = planted.by_key("DELETE", withdrawn.replace("/desk/contributions", BY_KEY))
    assert gone.status_code == 204
    for each in [each for each in planted.seen if each.startswith("zqkeyed-withdrawn")]:
        planted.seen[each] = NOWHERE


def plant_the_rest(planted: Planted) -> None:
    """Plant what can be left once a library serves."""
    desk = planted.desk
    for what in ("open", "written", "closed"):
        form = {name: mark(f"{what}-{name}") for name in LIMITS} | {"case": planted.cases[0]}
        form |= {"address": address(f"{what}-address"), "agree": "yes"}
        answer = desk.client.post("/introductions?ui=en", data=form)
        mine = urlsplit(answer.headers["Location"]).path
        planted.mine[f"introduction-{what}"] = mine
        planted.seen[key_of(mine)] = (mine, "/desk/letters")
        for name in LIMITS:
            planted.may_be_seen(f"{what}-{name}", "/desk/introductions")
        own_id = desk.store.introduction_of(key_of(mine)).id
        if what != "open":
            step = {"state": "written", "note": "They were asked.", "tell": "yes"}
            step["do"] = "close" if what == "closed" else "keep"
            assert desk.client.post(f"/desk/introductions/{own_id}", data=step).is_redirect
            planted.may_be_seen(f"{what}-address", *CONTACTS)
    for name in LIMITS:
        planted.may_be_seen(f"closed-{name}", *(["/desk/letters"] if name == "address" else []))

    for what, question in (("asking", "Who mends wells?"), ("replied", "Who mends roofs?")):
        form = {"question": question, "reply_to": address(f"{what}-address")}
        assert desk.client.post("/hub", data=form).status_code == 200
        planted.may_be_seen(f"{what}-address", *NOWHERE)
    closing = next(each for each in desk.store.inbox() if "roofs" in each.question)
    desk.client.post(f"/desk/inbox/{closing.id}", data={"note": "Nobody does."})
    planted.may_be_seen("replied-address", "/desk/letters")

    passage = re.search(r'name="passage" value="([^"]+)"', case_page(desk, planted.cases[0]).text)
    assert passage
    note = {"question": "Who?", "passage": passage[1], "said": "risk", "note": mark("note")}
    assert desk.client.post("/feedback", data=note).status_code == 200
    planted.may_be_seen("note", "/desk/problems", "/desk/feedback")
    planted.values |= at_addresses(planted, passage[1])


def case_page(desk: Desk, case_id: str) -> Response:
    page = desk.client.get(f"/cases/{case_id}")
    assert page.status_code == 200
    return page


def at_addresses(planted: Planted, passage: str) -> dict[str, list[str]]:
    """With what each route is asked whose path does not say it all."""
    desk, cases = planted.desk, planted.cases
    begun = desk.client.post("/conversations", data={"question": "And then?", "after": "harbour"})
    conversation = urlsplit(begun.headers["Location"]).path
    chosen = desk.client.post("/briefings/passages", data={"passage": passage})
    assert chosen.is_redirect, chosen.text
    briefing = urlsplit(desk.client.get("/briefing").headers["Location"]).path
    shared = re.search(r"/briefings/shared/[\w-]+", desk.client.get(briefing).text)
    assert shared
    bodies = re.findall(r"/peers/\w{16}", desk.client.get("/peers").text)
    groups = re.findall(
        r"/desk/questions/groups/[\w-]+", desk.client.get("/desk/questions/groups").text
    )
    assert bodies
    assert groups
    letters = [letter.id for letter in desk.store.letters()]
    assert len(letters) >= 6
    contributions = [own_id for own_id in planted.own_ids.values() if own_id]
    mine = list(planted.mine.values())
    token = desk.invite("Somebody else")
    return {
        "/": ["/", "/?q=harbour", "/?q=chocolate"],
        "/api/v1/search": ["/api/v1/search?q=harbour", "/api/v1/search?q=harbour&k=x"],
        "/api/v1/cases/{case_id}": [f"/api/v1/cases/{each}" for each in (*cases, "nothing")],
        "/api/v1/cases/{case_id}/similar": [f"/api/v1/cases/{each}/similar" for each in cases],
        "/api/v1/contributions/{contribution_id}": [
            f"/api/v1/contributions/{each}" for each in (*contributions, "x")
        ],
        "/api/v1/contributions/{contribution_id}/answer": [
            f"/api/v1/contributions/{each}/answer" for each in (*contributions, "x")
        ],
        "/api/v1/passages/{passage_id}": [f"/api/v1/passages/{quote(passage)}"],
        "/sitemap-{number}.xml": ["/sitemap-1.xml"],
        "/references/{form}": [
            f"/references/{form}?passage={quote(passage)}" for form in ReferenceFormat
        ],
        "/cases/{case_id}": [f"/cases/{each}" for each in (*cases, "nothing")],
        "/library": ["/library", "/library?country=KE"],
        "/peers": ["/peers", "/peers?find=zq", "/peers?country=KE"],
        "/peers/{key}": [*bodies, "/peers/x"],
        "/introductions/new": [f"/introductions/new?case={each}" for each in cases],
        "/introductions/{key}": [each for each in mine if each.startswith("/intro")],
        "/introductions/{key}/withdraw": ["/introductions/x/withdraw"],
        "/contributions/{key}": [each for each in mine if each.startswith("/contr")],
        "/contributions/{key}/link": ["/contributions/x/link"],
        "/contributions/{key}/consents": ["/contributions/x/consents"],
        "/contributions/{key}/withdraw": ["/contributions/x/withdraw"],
        "/conversations/{conversation_id}": [conversation, "/conversations/x"],
        "/conversations/{conversation_id}/delete": ["/conversations/x/delete"],
        "/paths/{path_id}": ["/paths/x"],
        "/paths/{path_id}/briefing": ["/paths/x/briefing"],
        "/briefings/{briefing_id}": [briefing],
        "/briefings/{briefing_id}/sheet": [f"{briefing}/sheet"],
        "/briefings/{briefing_id}/briefing.{suffix}": [
            f"{briefing}/briefing.{suffix}" for suffix in ("docx", "md")
        ],
        "/briefings/{briefing_id}/copy": [f"{briefing}/copy"],
        "/briefings/{briefing_id}/current": [f"{briefing}/current"],
        "/briefings/{briefing_id}/delete": ["/briefings/x/delete"],
        "/briefings/shared/{reading_id}": [shared[0]],
        "/briefings/shared/{reading_id}/copy": [f"{shared[0]}/copy"],
        "/briefings/shared/{reading_id}/briefing.{suffix}": [
            f"{shared[0]}/briefing.{suffix}" for suffix in ("docx", "md")
        ],
        "/desk/invitation/{token}": [f"/desk/invitation/{token}"],
        "/desk/problems/{problem_id}": ["/desk/problems/x"],
        "/desk/inbox/{sent_id}": ["/desk/inbox/x"],
        "/desk/questions/groups/{key}": groups,
        "/desk/questions/groups/{key}/gold": [f"{each}/gold" for each in groups],
        "/desk/questions/groups/{key}/term": [f"{each}/term" for each in groups],
        "/desk/contributions": [f"/desk/contributions?state={each}" for each in ("all", "sent")],
        "/desk/contributions/{own_id}": [f"/desk/contributions/{each}" for each in contributions],
        "/desk/contributions/{own_id}/case": [
            f"/desk/contributions/{each}/case" for each in contributions
        ],
        "/desk/contributions/{own_id}/ask": [
            f"/desk/contributions/{each}/ask" for each in contributions
        ],
        "/desk/contributions/{own_id}/decline": [
            f"/desk/contributions/{each}/decline" for each in contributions
        ],
        "/desk/document/{case_id}": [f"/desk/document/{each}" for each in cases],
        "/desk/document/{case_id}/take-out": ["/desk/document/x/take-out"],
        "/desk/document/{case_id}/take-back": ["/desk/document/x/take-back"],
        "/desk/documents/new/{token}": ["/desk/documents/new/x"],
        "/desk/cases/{case_id}/{language}": [f"/desk/cases/{each}/en" for each in cases],
        "/desk/cases/{case_id}/{language}/versions": [
            f"/desk/cases/{each}/en/versions" for each in cases
        ],
        "/desk/cases/{case_id}/{language}/versions/{number}": [
            f"/desk/cases/{each}/en/versions/1" for each in cases
        ],
        "/desk/generations/{name}/publish": ["/desk/generations/x/publish"],
        "/desk/generations/{name}/publish-refused": ["/desk/generations/x/publish-refused"],
        "/desk/generations/{name}/verify": ["/desk/generations/x/verify"],
        "/desk/letters/{letter_id}/again": ["/desk/letters/x/again"],
        "/desk/letters/{letter_id}/sent": ["/desk/letters/x/sent"],
        "/desk/letters/{letter_id}/throw-away": ["/desk/letters/x/throw-away"],
        "/desk/introductions/{introduction_id}": [
            f"/desk/introductions/{each.id}" for each in desk.store.introductions()
        ],
    }


def asked_of(planted: Planted) -> Iterator[tuple[str, str]]:
    """Every way to ask the application something: method, and address."""
    app = planted.desk.client.app
    assert isinstance(app, FastAPI)
    for route in iter_route_contexts(app.routes):
        path = route.path or ""
        if path.startswith("/static"):
            continue
        known = planted.values.get(path)
        assert known or not _PARAMETER.search(path), f"say in at_addresses how {path} is asked"
        for method in getattr(route.original_route, "methods", None) or ():
            yield from ((method, each) for each in known or [path])


def see(planted: Planted, client: TestClient, *, public: bool) -> set[str]:
    """Ask everything, and see that what comes back holds nothing that is not for whoever asks.

    Returns:
        The marks that were seen.
    """
    seen: set[str] = set()
    out = ("POST", "/desk/sign-out")
    ways = sorted(asked_of(planted))
    for method, where in [each for each in ways if each != out]:
        path = urlsplit(where).path
        for language, accepts in (("en", "text/html"), ("ar", "*/*")):
            to = f"{where}{'&' if '?' in where else '?'}ui={language}"
            answer = client.request(method, to, headers={"Accept": accepts})
            found = planted.astray(answer, path)
            assert found == [], (method, to, answer.status_code)
            is_closed = public and path.startswith("/desk")
            assert not (is_closed and _MARK.search(text_of(answer))), (method, to)
            seen |= set(_MARK.findall(text_of(answer)))
    return seen


def test_a_platform_is_told_of_nobody(planted: Planted, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    references = {mark(f"{what}-reference") for what in (*KEYED, "unlisted")}
    told = planted.by_key("GET", f"{BY_KEY}?limit=100")
    assert set(_MARK.findall(text_of(told))) == references
    ways = [("GET", f"{BY_KEY}?state={each}") for each in ("asked", "declined", "withdrawn", "x")]
    ways += [
        (method, f"{BY_KEY}/{each}{more}")
        for each in (*filter(None, planted.own_ids.values()), "x")
        for method, more in (("GET", ""), ("POST", "/answer"))
    ]
    late = {"version": 0, "answer": mark("answer")}
    for method, to in ways:
        answer = planted.by_key(method, to, json=late if method == "POST" else None)
        assert set(_MARK.findall(text_of(answer))) <= references, to
        assert planted.keys_in(text_of(answer)) == set(), to
    other = body_of(practice_of("other", Consents(publication=True)), mark("other-reference"))
    odd = {**other, "consents": {"publication": mark("agreed")}, "contact": mark("contact")}
    for body, repeat in ((other, "keyed"), (odd, "odd"), (other, ""), (mark("body"), "body")):
        answer = planted.by_key("POST", BY_KEY, json=body, repeat=repeat)
        assert answer.status_code in (400, 422)
        assert _MARK.findall(text_of(answer)) == []
    see_nothing_logged(planted, caplog)


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """All that was logged, tracebacks and all; the test's own client is not the application."""
    form = logging.Formatter()
    own = (each for each in caplog.records if not each.name.startswith(("httpx", "httpcore")))
    return "\n".join(form.format(each) for each in own)


def see_nothing_logged(planted: Planted, caplog: pytest.LogCaptureFixture) -> None:
    told = logged(caplog)
    assert _MARK.findall(told.lower()) == []
    assert planted.keys_in(told) == set()


def test_no_route_shows_anybody_to_whom_they_did_not_agree(
    planted: Planted, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    public = TestClient(planted.desk.client.app, follow_redirects=False)
    public._transport.raise_app_exceptions = False  # type: ignore[attr-defined]
    at_large = see(planted, public, public=True)
    assert at_large >= {mark(f"{what}-{part}") for what in PUBLISHED for part in (*TEXTS, "body")}
    seen = see(planted, planted.desk.client, public=False) | at_large
    assert seen >= {each for each, where in planted.seen.items() if where and _MARK.match(each)}
    for where, method in (("/nowhere", "GET"), ("/about", "DELETE"), ("/desk/nowhere", "GET")):
        for headers in (HTML, {}):
            answer = planted.desk.client.request(method, where, headers=headers)
            assert planted.astray(answer, where) == []
    see_nothing_logged(planted, caplog)


def test_a_fault_tells_nobody_what_was_typed(
    planted: Planted, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    client = planted.desk.client
    every = Consents(publication=True)
    mine = planted.mine["draft"]
    typed = form_of(practice_of("typed", every))
    not_a_number = client.post(mine, data={**typed, "version": mark("version")}, headers=HTML)
    assert not_a_number.status_code == 422
    assert "zqtyped" not in not_a_number.text
    review = f"/desk/contributions/{planted.own_ids['sent']}"
    refused = client.post(f"{review}/ask", data={"text": "When?", "turn": mark("turn")})
    assert (refused.status_code, "zqturn" in refused.text) == (422, False)

    def fail(*_given: object, **_named: object) -> None:
        raise RuntimeError

    asker = {name: mark(f"typed-{name}") for name in LIMITS} | {"case": planted.cases[0]}
    asker |= {"address": address("typed-address"), "agree": "yes"}
    question = {"question": "Who mends it?", "reply_to": address("typed-reply")}
    forms = ((mine, typed), ("/introductions", asker), ("/hub", question))
    with closing(sqlite3.connect(planted.desk.store.path)) as connection:
        for table in ("contributions", "introductions", "inbox"):
            connection.execute(f"ALTER TABLE {table} RENAME TO {table}_away")
    for accepts in ("text/html", "*/*"):
        for where, form in forms:
            answer = client.post(where, data=form, headers={"Accept": accepts})
            assert answer.status_code == 503, where
            assert _MARK.findall(text_of(answer)) == [], where
    by_key = body_of(practice_of("typed", every), mark("typed-reference"))
    answer = planted.by_key("POST", BY_KEY, json=by_key, repeat="typed")
    assert answer.status_code == 503
    assert _MARK.findall(text_of(answer)) == []
    for method in ("contribution", "ask_for_introduction", "send_to_hub"):
        monkeypatch.setattr(Store, method, fail)
    for where, form in forms:
        answer = client.post(where, data=form)
        assert answer.status_code == 500, where
        assert _MARK.findall(text_of(answer)) == [], where
    monkeypatch.setattr(Store, "send_by_key", fail)
    answer = planted.by_key("POST", BY_KEY, json=by_key, repeat="typed")
    assert answer.status_code == 500
    assert _MARK.findall(text_of(answer)) == []
    assert "A request failed" in logged(caplog)
    see_nothing_logged(planted, caplog)


def left_in(home: Path) -> set[str]:
    """The marks that stand in any file of the hub."""
    files = (path for path in home.rglob("*") if path.is_file())
    return {
        mark.decode() for path in files for mark in re.findall(_MARK.pattern.encode(), lower(path))
    }


def lower(path: Path) -> bytes:
    return path.read_bytes().lower()


def test_what_is_over_leaves_nothing_in_any_file(planted: Planted) -> None:
    desk, mine = planted.desk, planted.mine
    home = desk.store.path.parent
    for what in ("draft", "sent", "asked", "declined", *KEYED):
        assert desk.client.post(f"{mine[what]}/withdraw").status_code == 200
    for what in ("open", "written", "closed"):
        assert desk.client.post(f"{mine[f'introduction-{what}']}/withdraw").is_redirect
    back = {"back": ["introductions", "listing"]}
    assert desk.client.post(f"{mine['listed']}/consents", data=back).is_redirect
    left = left_in(home)
    assert not [each for each in left if each.endswith(("nameqz", "wishqz", "placeqz"))]
    # A letter of a decision and a reply wait to be sent by hand; nothing is said of the first.
    waiting = {mark("unlisted-address"), mark("replied-address"), mark("asking-address")}
    assert {each for each in left if each.endswith("addressqz")} == waiting

    (question,) = desk.store.inbox()
    assert desk.client.post(f"/desk/inbox/{question.id}", data={"note": ""}).is_redirect
    assert mark("asking-address") not in left_in(home)
    for letter in desk.store.letters():
        assert desk.client.post(f"/desk/letters/{letter.id}/sent").is_redirect
    (problem,) = desk.store.problems()
    assert desk.client.post(f"/desk/problems/{problem.id}", data={"note": "Mended."}).is_redirect
    desk.store.forget((NOW + timedelta(days=9_999)).date())
    public = {mark(f"{what}-{part}") for what in PUBLISHED for part in (*TEXTS, "body")}
    kept = {mark("staff"), mark("platform"), mark("unlisted-reference")}
    assert left_in(home) - kept <= public
    assert planted.keys_in(
        " ".join(map(str, (p.read_bytes() for p in home.glob(f"{STORE}*"))))
    ) <= {key_of(mine[what]) for what in PUBLISHED}
