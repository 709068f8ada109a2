"""At the desk staff see what waits and what serves, close it, and see who changed what."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from desk import AMAL, NOW, Desk, desk_of

from server.desk_changes import A_PAGE, name_of
from server.i18n import INTERFACE_LANGUAGES, interface
from server.service import Service
from server.store_inbox import LONGEST_NOTE, NewProblem, ProblemKind
from server.store_records import By, Change, Record
from server.store_reports import FeedbackKind, LoggedQuestion, NewFeedback
from server.store_staff import Role

DAY = date(2026, 3, 4)
CASE = "uganda-nansana-youth-desk"


@pytest.fixture
def desk(bundled_service: Service, tmp_path: Path) -> Iterator[Desk]:
    """With an editor who is signed in."""
    with desk_of(tmp_path, service=bundled_service) as desk:
        desk.hire()
        desk.sign_in()
        yield desk


def report(desk: Desk, passage: str, note: str = "<b>It names a person</b>") -> str:
    return desk.store.add_problem(NewProblem(passage, CASE, ProblemKind.RISK, note, "g", DAY))


def test_home_says_what_waits_and_what_serves(desk: Desk, bundled_service: Service) -> None:
    page = desk.client.get("/desk").text
    assert "0 open problems" in page
    report(desk, "gone")
    for question in ("who mends wells", "who mends roofs"):
        desk.store.send_to_hub(question, "en", DAY, None)
    page = desk.client.get("/desk").text
    assert "1 open problem<" in page
    assert "2 questions for the hub" in page
    assert bundled_service.generation.id in page
    assert "Serves since (UTC)" in page
    assert AMAL in page
    for path in ("/desk/problems", "/desk/inbox", "/desk/changes"):
        assert f'href="{path}?ui=en"' in page
    assert 'aria-current="page"' in page


def test_home_counts_what_found_no_answer_and_what_did_not_help_of_late(desk: Desk) -> None:
    page = desk.client.get("/desk?ui=en").text
    assert "0 questions without an answer" in page
    assert "0 answers did not help" in page
    long_ago = DAY - timedelta(days=40)
    for day, text in ((DAY, "who mends wells"), (DAY, "who mends wells"), (long_ago, "old")):
        desk.store.log_question(LoggedQuestion(day, "en", text, False, None, None))
    desk.store.send_to_hub("who mends roofs", "en", long_ago, None)
    for day, helpful in ((DAY, False), (DAY, True), (long_ago, False)):
        said = NewFeedback(FeedbackKind.ANSWER, helpful, None, "who", None, None, "g", day)
        desk.store.add_feedback(said)
    page = desk.client.get("/desk?ui=en").text
    assert '<a href="/desk/questions/groups?ui=en">2 questions without an answer</a>' in page
    assert '<a href="/desk/feedback?ui=en">1 answer did not help</a>' in page
    assert page.count("last 30 days") == 2


def test_the_desk_is_there_while_nothing_serves(tmp_path: Path) -> None:
    with desk_of(tmp_path) as desk:
        desk.hire()
        desk.sign_in()
        home = desk.client.get("/desk")
        assert home.status_code == 200
        assert "Nothing answers yet" in home.text
        report(desk, "any")
        problems = desk.client.get("/desk/problems")
        assert problems.status_code == 200
        assert CASE in problems.text


def test_a_problem_is_shown_with_its_passage_and_closed(
    desk: Desk, bundled_service: Service
) -> None:
    case = bundled_service.renderings(CASE)[0]
    passage = bundled_service.generation.passages_of(case)[0]
    own_id = report(desk, passage.id)
    page = desk.client.get("/desk/problems").text
    assert "It may put somebody at risk" in page
    assert "&lt;b&gt;It names a person&lt;/b&gt;" in page
    assert f"/cases/{CASE}?lang={case.language}#{passage.anchor}" in page
    assert passage.text.split("\n")[0][:40] in page
    done = desk.client.post(f"/desk/problems/{own_id}?ui=ar", data={"note": "Taken\r\nout "})
    assert done.status_code == 303
    assert "ui=ar" in done.headers["Location"]
    after = desk.client.get("/desk/problems?done=closed").text
    assert "Closed, and recorded." in after
    assert "No problem waits." in after
    (kept,) = desk.store.problems(open_only=False)
    assert kept.closed_with == "Taken\nout"
    record = desk.store.records(1)[0]
    assert (record.who, record.what, record.at) == (AMAL, "problem-closed", NOW)
    assert record.about == f"{CASE}: Taken out"


def test_a_problem_with_a_passage_that_is_gone_leads_to_its_case(desk: Desk) -> None:
    report(desk, "gone.en.0123456789")
    page = desk.client.get("/desk/problems").text
    assert "This passage is no longer in the library." in page
    assert f"/cases/{CASE}?lang=en" in page


def test_a_question_is_shown_asked_again_and_closed(desk: Desk) -> None:
    own_id = desk.store.send_to_hub('من يصلح الآبار؟ "&', "ar", DAY, None)
    page = desk.client.get("/desk/inbox").text
    assert "من يصلح الآبار؟ &#34;&amp;" in page
    again = re.search(r'href="(/\?q=[^"]+)"', page)
    assert again
    asked = desk.client.get(again[1].replace("&amp;", "&"))
    assert asked.status_code == 200
    assert desk.client.post(f"/desk/inbox/{own_id}", data={"note": ""}).status_code == 303
    assert "No question waits." in desk.client.get("/desk/inbox").text
    assert desk.store.inbox() == ()
    record = desk.store.records(1)[0]
    assert (record.who, record.what) == (AMAL, "question-closed")
    assert "الآبار" not in record.about


@pytest.mark.parametrize("path", ["/desk/problems", "/desk/inbox"])
def test_what_cannot_be_closed_is_told(desk: Desk, path: str) -> None:
    before = desk.store.records()
    for accept in ("text/html", "*/*"):
        headers = {"Accept": accept}
        assert desk.client.post(f"{path}/nothing", headers=headers).status_code == 404
    too_long = {"note": "x" * (LONGEST_NOTE + 1)}
    assert desk.client.post(f"{path}/nothing", data=too_long).status_code == 422
    assert desk.store.records() == before


def test_changes_come_in_pages_with_who_when_and_what(desk: Desk) -> None:
    for number in range(A_PAGE * 2):
        at = NOW + timedelta(seconds=number + 1)
        desk.store.record(By("<Badr>", at), Change.RESET, f"change {number:03}")
    address, seen = "/desk/changes", []
    for last in (False, False, True):
        page = desk.client.get(address).text
        seen += re.findall(r"change \d{3}", page)
        older = re.search(r'href="(/desk/changes\?before=\d+&amp;ui=en)"', page)
        assert (older is None) == last
        address = older[1].replace("&amp;", "&") if older else ""
    assert seen == [f"change {number:03}" for number in reversed(range(A_PAGE * 2))]
    assert "On the machine itself" in page
    assert "Signed in" in page
    first = desk.client.get("/desk/changes").text
    assert "&lt;Badr&gt;" in first
    assert 'datetime="2026-03-05T14:27:16+00:00"' in first
    assert "5 Mar 2026, 2:27:16" in first
    assert "5 mars 2026, 14:27:16" in desk.client.get("/desk/changes?ui=fr").text
    for nonsense in ("x", "-1", "1.5", "9" * 40, ""):
        assert desk.client.get(f"/desk/changes?before={nonsense}").text.count("<tr ") > A_PAGE


def test_all_changes_are_exported_and_nothing_in_them_is_run(desk: Desk) -> None:
    desk.store.add_staff("=1+1", Role.EDITOR, By("@Badr", NOW))
    for number in range(A_PAGE * 2):
        desk.store.record(By("أمل", NOW), Change.RESET, str(number))
    table = desk.client.get("/desk/changes.csv")
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in table.headers["Content-Disposition"]
    assert table.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["When (UTC)", "Who", "What", "About what"]
    assert len(rows) == 1 + len(desk.store.records())
    assert rows[1] == ["2026-03-05 14:25:36", "أمل", "Password reset", str(A_PAGE * 2 - 1)]
    assert ["2026-03-05 14:25:36", "'@Badr", "Invited", "'=1+1, editor"] in rows


@pytest.mark.parametrize("language", INTERFACE_LANGUAGES)
def test_every_change_has_a_name_of_its_own(language: str) -> None:
    reader = interface(language)
    names = {name_of(Record(1, NOW, AMAL, change, ""), reader) for change in Change}
    assert len(names) == len(Change)
    assert not names & set(Change)
    assert name_of(Record(1, NOW, AMAL, "of-tomorrow", ""), reader) == "of-tomorrow"
