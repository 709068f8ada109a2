"""At the desk a practice is asked about, declined, or made a case study that says who sent it."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from contributed import ADDRESS, DRAFT, NAME, PRACTICE, begin, key_of, save, send, sent, turn_of
from desk import Desk, desk_of
from httpx2 import Response

from corpus.case_study import CaseStudy
from corpus.library import load_library
from corpus.markdown import parse_case_study
from index.hits import Shown
from index.passages import split_passages
from server.bibliography import source_entry
from server.citation import cite
from server.contributions.case_text import case_text, id_of
from server.contributions.desk import A_PAGE
from server.contributions.practice import Consents, Practice
from server.contributions.store import State
from server.i18n import interface
from server.mail.letter import About
from server.reference_export import ReferenceFormat

ALL = Consents(publication=True, introductions=True, listing=True)
SITE = "https://diwan.example"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """With an editor who is signed in."""
    with desk_of(tmp_path) as desk:
        desk.client.app.state.address = SITE  # type: ignore[attr-defined]
        desk.hire()
        desk.sign_in()
        yield desk


def ask(desk: Desk, page: str, text: str = "When did it begin?") -> Response:
    turn = turn_of(desk.client.get(f"{page}?ui=en"))
    return desk.client.post(f"{page}/ask?ui=en", data={"text": text, "turn": turn})


def accept(desk: Desk, page: str, content: str | None = None) -> Response:
    opened = desk.client.get(f"{page}/case?ui=en")
    form = {"content": content or content_of(opened), "turn": turn_of(opened), "action": "save"}
    return desk.client.post(f"{page}/case?ui=en", data=form)


def content_of(page: Response) -> str:
    found = re.search(r'<textarea id="content"[^>]*>\n(.*?)</textarea>', page.text, re.DOTALL)
    assert found
    return unescape(found[1])


def shown(practice: Practice = PRACTICE, language: str = "en") -> Shown:
    text = case_text(replace(practice, language=language), "a-school", DRAFTED, SITE)
    case = parse_case_study(text, "a-school.md")
    return Shown(case, split_passages(case)[0])


DRAFTED = date(2026, 3, 5)


def test_staff_see_what_was_sent_and_no_draft(desk: Desk) -> None:
    draft = begin(desk)
    save(desk, draft, replace(DRAFT, practice=replace(PRACTICE, title="A draft of nobody's")))
    _, page = sent(desk, replace(DRAFT, consents=ALL), "who mends wells")
    home = desk.client.get("/desk?ui=en").text
    assert "1 practice sent in" in home
    counted = r'/desk/contributions\?ui=en">Practices sent in <span class="desk-count">1<'
    assert re.search(counted, home)
    every = desk.client.get("/desk/contributions?ui=en&state=all").text
    assert PRACTICE.title in every
    assert "A draft of nobody" not in every
    drafts = desk.client.get("/desk/contributions?ui=en&state=draft").text
    assert "A draft of nobody" not in drafts
    review = desk.client.get(f"{page}?ui=en").text
    for said in (PRACTICE.done, NAME, ADDRESS, "who mends wells", "Ministry of Education"):
        assert said in review
    assert key_of(draft) not in every + review
    assert desk.client.get("/desk/contributions/x").status_code == 404


def test_the_queue_stays_usable_with_a_thousand(desk: Desk) -> None:
    for number in range(1_000):
        key = desk.store.begin_contribution("en", "", desk.now.date())
        draft = replace(DRAFT, practice=replace(PRACTICE, title=f"Practice {number}"))
        desk.store.keep_contribution(key, 1, draft, desk.now.date(), send=True)
    first = desk.client.get("/desk/contributions?ui=en")
    assert first.text.count('<th role="rowheader"') == A_PAGE
    assert "Page 1 of 40" in first.text
    assert len(first.content) < 40_000
    last = desk.client.get("/desk/contributions?ui=en&page=40&state=sent").text
    assert last.count('<th role="rowheader"') == A_PAGE
    assert "Later ones" not in last
    assert "There is none." in desk.client.get("/desk/contributions?state=accepted&ui=en").text
    seen = set()
    for number in range(1, 41):
        text = desk.client.get(f"/desk/contributions?ui=en&page={number}").text
        seen |= set(re.findall(r">(Practice \d+)<", text))
    assert len(seen) == 1_000
    arabic = re.search(r'href="([^"]+lang=ar)"', last)
    assert arabic
    assert "state=sent" in unescape(arabic[1])
    assert "page=40" in unescape(arabic[1])


def test_the_hub_asks_and_the_sender_answers_on_their_page(desk: Desk) -> None:
    address, page = sent(desk)
    assert ask(desk, page, "  ").status_code == 422
    assert ask(desk, page, "When <b> did it begin?").status_code == 303
    (letter,) = desk.store.letters()
    assert (letter.to, letter.about, letter.language) == (ADDRESS, About.CONTRIBUTION, "en")
    assert "When <b> did it begin?" in letter.text
    assert f"{SITE}{address}?ui=en" in letter.text
    theirs = desk.client.get(f"{address}?ui=en").text
    assert "When &lt;b&gt; did it begin?" in theirs
    assert 'name="answer"' in theirs
    assert "Waits for the sender" in desk.client.get(f"{page}?ui=en").text
    version = re.search(r'name="version" value="(\d+)"', theirs)
    assert version
    better = replace(DRAFT, practice=replace(PRACTICE, title="Better"), answer="In 2021.")
    save(desk, address, better, int(version[1]))
    assert "Better" not in desk.client.get(f"{page}?ui=en").text  # not sent yet
    assert send(desk, address, better, int(version[1]) + 1).status_code == 303
    review = desk.client.get(f"{page}?ui=en").text
    assert "Better" in review
    assert "In 2021." in review
    assert desk.store.contribution_counts()[State.SENT] == 1


def test_a_practice_is_declined_with_a_reason_and_its_sender_forgotten(desk: Desk) -> None:
    address, page = sent(desk)
    turn = turn_of(desk.client.get(f"{page}?ui=en"))
    assert desk.client.post(f"{page}/decline?ui=en", data={"turn": turn}).status_code == 422
    form = {"reason": "It has no outcome yet.", "turn": turn}
    assert desk.client.post(f"{page}/decline?ui=en", data=form).status_code == 303
    (letter,) = desk.store.letters()
    assert "It has no outcome yet." in letter.text
    review = desk.client.get(f"{page}?ui=en").text
    assert NAME not in review
    assert ADDRESS not in review
    theirs = desk.client.get(f"{address}?ui=en").text
    assert "It has no outcome yet." in theirs
    assert "Delete it for good" in theirs
    assert desk.client.get(f"{page}/case").status_code == 404
    assert desk.client.post(f"{page}/ask?ui=en", data={"text": "x", "turn": "2"}).status_code == 409


def test_what_is_no_practice_is_declined_without_a_letter(desk: Desk) -> None:
    _, page = sent(desk)
    turn = turn_of(desk.client.get(f"{page}?ui=en"))
    form = {"reason": "No practice.", "turn": turn, "quietly": "true"}
    assert desk.client.post(f"{page}/decline?ui=en", data=form).status_code == 303
    assert desk.store.letters() == ()


def test_a_sender_who_takes_their_address_out_is_asked_on_their_page_alone(desk: Desk) -> None:
    address, page = sent(desk)
    ask(desk, page)
    version = desk.store.contribution(key_of(address), desk.now.date()).version
    save(desk, address, replace(DRAFT, address="nobody"), version)
    assert ask(desk, page, "And who paid?").status_code == 303
    assert len(desk.store.letters()) == 1
    assert "And who paid?" in desk.client.get(f"{address}?ui=en").text


def test_two_of_the_staff_do_not_decide_twice(desk: Desk) -> None:
    _, page = sent(desk)
    turn = turn_of(desk.client.get(f"{page}?ui=en"))
    opened = desk.client.get(f"{page}/case?ui=en")
    ask(desk, page)
    late = desk.client.post(f"{page}/decline?ui=en", data={"reason": "Mine.", "turn": turn})
    assert late.status_code == 409
    assert "Mine." in late.text
    form = {"content": content_of(opened), "turn": turn_of(opened), "action": "save"}
    refused = desk.client.post(f"{page}/case?ui=en", data=form)
    assert refused.status_code == 409
    assert content_of(refused) == form["content"]
    assert not (desk.store.path.parent / "library").exists()
    assert len(desk.store.letters()) == 1


def test_what_was_withdrawn_cannot_be_accepted(desk: Desk) -> None:
    address, page = sent(desk)
    opened = desk.client.get(f"{page}/case?ui=en")
    desk.client.post(f"{address}/withdraw?ui=en")
    form = {"content": content_of(opened), "turn": turn_of(opened), "action": "save"}
    assert desk.client.post(f"{page}/case?ui=en", data=form).status_code == 404
    assert not (desk.store.path.parent / "library").exists()


def test_a_practice_becomes_a_case_study_of_the_library(desk: Desk) -> None:
    address, page = sent(desk, replace(DRAFT, consents=ALL))
    opened = desk.client.get(f"{page}/case?ui=en")
    assert "As it will stand" in opened.text
    text = content_of(opened)
    looked = desk.client.post(f"{page}/case?ui=en", data={"content": text, "turn": "9"})
    assert looked.status_code == 200
    broken = desk.client.post(f"{page}/case?ui=en", data={"content": text.replace("KE", "Kenya")})
    assert broken.status_code == 422
    assert "field country" in broken.text
    edited = text.replace("Young men left", "Young people left")
    assert accept(desk, page, edited).status_code == 303

    case_id = "kenya-mombasa-a-night-school-porters-of-the-harbour"
    home = desk.store.path.parent
    assert (home / "library" / "en" / f"{case_id}.md").read_text("utf-8") == edited
    (case,) = load_library([home / "library"]).cases
    assert (case.id, case.title, case.country) == (case_id, PRACTICE.title, "KE")
    assert case.actors == (PRACTICE.body, "Porters’ union", "Ministry of Education")
    assert [section.heading for section in case.sections] == [
        ("Context",), ("What was done",), ("What came of it",), ("What others can learn",),
        ("Sources",),
    ]  # fmt: skip
    assert NAME not in edited
    assert ADDRESS not in edited

    (letter,) = desk.store.letters()
    assert f"{SITE}/cases/{case_id}?lang=en" in letter.text
    contact = desk.store.contact_of(case_id)
    assert contact
    assert (contact.name, contact.address, contact.body) == (NAME, ADDRESS, PRACTICE.body)
    assert desk.store.unlisted_cases() == frozenset()
    review = desk.client.get(f"{page}?done=accepted&ui=en").text
    assert f"/desk/cases/{case_id}/en" in review
    theirs = desk.client.get(f"{address}?ui=en").text
    assert "It is accepted" in theirs
    assert "as soon as the hub puts the library together anew" in theirs
    assert "Delete it for good" not in theirs
    assert desk.client.post(f"{address}/withdraw?ui=en").status_code == 409
    for back in ("listing", "introductions"):
        assert desk.client.post(f"{address}/consents?ui=en", data={"back": back}).status_code == 303
    assert desk.store.unlisted_cases() == {case_id}
    assert desk.store.contact_of(case_id) is None
    assert NAME not in desk.client.get(f"{address}?ui=en").text


def test_an_id_is_taken_once_and_stands_in_the_address_of_the_source(desk: Desk) -> None:
    _, page = sent(desk)
    accept(desk, page)
    _, again = sent(desk)
    text = content_of(desk.client.get(f"{again}/case?ui=en"))
    assert "id: kenya-mombasa-a-night-school-porters-of-the-harbour-2\n" in text
    same = text.replace("harbour-2", "harbour")
    assert accept(desk, again, same).status_code == 409  # word for word what came of the first
    taken = accept(desk, again, same.replace("Of 140", "Of 150"))
    assert taken.status_code == 422
    assert "already; write another id" in taken.text
    moved = accept(desk, again, text.replace("id: kenya-", "id: coast-kenya-"))
    assert moved.status_code == 422
    assert f"will stand at {SITE}/cases/coast-kenya-mombasa-a" in moved.text
    assert accept(desk, again, text).status_code == 303


def test_a_try_that_ended_between_file_and_store_is_made_again(desk: Desk) -> None:
    _, page = sent(desk)
    text = content_of(desk.client.get(f"{page}/case?ui=en"))
    folder = desk.store.path.parent / "library" / "en"
    folder.mkdir(parents=True)
    (folder / f"{id_of(PRACTICE)}.md").write_text(text, "utf-8")
    assert accept(desk, page, text).status_code == 303


def test_the_record_names_what_was_done_and_nothing_that_the_public_wrote(desk: Desk) -> None:
    _, page = sent(desk)
    ask(desk, page)
    accept(desk, page)
    _, other = sent(desk)
    turn = turn_of(desk.client.get(f"{other}?ui=en"))
    desk.client.post(f"{other}/decline?ui=en", data={"reason": "SECRET-reason", "turn": turn})
    records = [record for record in desk.store.records() if "contribution" in record.what]
    assert [record.what.removeprefix("contribution-") for record in records] == [
        "declined", "accepted", "asked",
    ]  # fmt: skip
    table = desk.client.get("/desk/changes.csv?ui=en").text
    assert "Practice accepted" in table
    assert "SECRET" not in table
    assert ADDRESS not in table


# --- How it is cited ----------------------------------------------------------------------------


def test_every_citation_names_the_body_and_that_the_hub_edited_it() -> None:
    found = shown(replace(PRACTICE, body="County of Mombasa"))
    url = f"{SITE}/cases/a-school?lang=en"
    assert cite(found, "en").text == (
        "“A night school: porters of the harbour”, section “Context”,"
        f" County of Mombasa, edited by the hub, 5 March 2026, {url}"
    )
    entry = "".join(piece.text for piece in source_entry([found.case], interface("en"), SITE))
    assert entry == (
        "County of Mombasa, edited by the hub. (2026, 5 March)."
        f" A night school: porters of the harbour. {url}"
    )


def test_references_name_the_body_the_day_and_the_page_of_the_case_study() -> None:
    publisher = "County of Mombasa, edited by the hub"
    found = shown(replace(PRACTICE, body="County of Mombasa"))

    def export(way: ReferenceFormat) -> str:
        return way.export([found], "en", site=SITE)

    (ris,) = rispy.loads(export(ReferenceFormat.RIS))
    assert (ris["publisher"], ris["year"], ris["title"]) == (publisher, "2026", PRACTICE.title)
    assert ris["urls"][0].startswith(f"{SITE}/cases/a-school?lang=en")
    (entry,) = parse_string(export(ReferenceFormat.BIBTEX)).entries
    assert entry["institution"] == publisher
    assert (entry["year"], entry["month"]) == ("2026", "mar")
    (csl,) = json.loads(export(ReferenceFormat.CSL))
    assert csl["publisher"] == publisher
    assert csl["issued"] == {"date-parts": [[2026, 3, 5]]}
    assert csl["URL"].startswith(f"{SITE}/cases/a-school?lang=en")
    assert "based on" not in export(ReferenceFormat.TEXT)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("# Not a heading", "Not a heading"),
        ("One\n---\nTwo", "One\n\nTwo"),
        ("    indented", "indented"),
        ("• one\n• two", "- one\n- two"),
        ("> quoted", "quoted"),
        ("```\ncode\n```", "code"),
        ("#hashtag stays", "#hashtag stays"),
    ],
)
def test_what_is_typed_is_taken_for_text(text: str, kept: str) -> None:
    case = parse_case_study(
        case_text(replace(PRACTICE, done=text), "a-school", DRAFTED, SITE), "a.md"
    )
    assert f"## What was done\n\n{kept}\n" in case.text
    assert [section.heading for section in case.sections][1] == ("What was done",)


@pytest.mark.parametrize("hostile", ["a: b", "- x", "NO", '"q"', "'", "---", "# c", "{x}", "[y]"])
def test_front_matter_holds_whatever_was_typed(hostile: str) -> None:
    practice = replace(PRACTICE, title=hostile, place=hostile, body=hostile, bodies=hostile)
    case: CaseStudy = parse_case_study(case_text(practice, "a-school", DRAFTED, SITE), "a.md")
    assert (case.title, case.place, case.actors) == (hostile, hostile, (hostile,))
    assert case.source
    assert case.source.publisher == f"{hostile}, edited by the hub"


def test_an_id_is_of_ascii_words_and_bounded() -> None:
    assert id_of(replace(PRACTICE, title="Mombasa: jobs!")) == "kenya-mombasa-jobs"
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id_of(replace(PRACTICE, title="مدرسة ليلية")))
    assert len(id_of(replace(PRACTICE, title="x" * 160))) <= 70
    assert id_of(replace(PRACTICE, place="…", title="؟", country="")) == "practice"
