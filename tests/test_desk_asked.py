"""At the desk staff see what was asked, and make something of what found no answer."""

import csv
import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from desk import AMAL, NOW, Desk, desk_of

from corpus.glossary import BUNDLED_GLOSSARY, load_glossary
from corpus.gold import GoldQuestion, load_gold
from server.i18n import INTERFACE_LANGUAGES
from server.question_groups import key_of
from server.service import Service
from server.store_inbox import NewProblem, ProblemKind
from server.store_reports import FeedbackKind, LoggedQuestion, NewFeedback

TODAY = NOW.date()
WELLS = "How do cities repair water wells together with villagers?"
WELLS_AR = "كيف تصلح المدن آبار المياه بالتعاون مع أهل القرى؟"
CASE = "uganda-nansana-youth-desk"
BAR = re.compile(r'<rect class="bar-(\w+)" x="([\d.]+)" y="(\d+)" width="[\d.]+" height="(\d+)"/>')


@pytest.fixture
def desk(bundled_service: Service, tmp_path: Path) -> Iterator[Desk]:
    """With an editor who is signed in."""
    with desk_of(tmp_path, service=bundled_service) as desk:
        desk.hire()
        desk.sign_in()
        yield desk


def ask(
    desk: Desk,
    text: str,
    language: str = "en",
    day: date = TODAY,
    *,
    answered: bool = False,
    pillar: str | None = None,
) -> None:
    desk.store.log_question(LoggedQuestion(day, language, text, answered, CASE, pillar))


def ask_several(desk: Desk) -> None:
    ask(desk, WELLS)
    ask(desk, WELLS_AR, "ar")
    ask(desk, "=1+1", pillar="trust", answered=True)
    ask(desk, "@long ago", day=TODAY - timedelta(days=6), answered=True)
    ask(desk, "before that", day=TODAY - timedelta(days=7), answered=True)


def rows(desk: Desk, address: str) -> list[list[str]]:
    table = desk.client.get(address)
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in table.headers["Content-Disposition"]
    return list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"), newline="")))


def group_page(text: str, language: str = "en") -> str:
    return f"/desk/questions/groups/{key_of(text, language)}"


@pytest.mark.parametrize("language", INTERFACE_LANGUAGES)
def test_the_picture_is_the_table_in_the_direction_of_reading(desk: Desk, language: str) -> None:
    ask_several(desk)
    page = desk.client.get(f"/desk/questions?days=7&ui={language}").text
    picture = page.partition('<svg role="img"')[2].partition("</svg>")[0]
    assert 'viewBox="0 0 7 3"' in page
    told = {
        (day, kind): int(many)
        for day, row in re.findall(r'<time datetime="([\d-]+)">[^<]*</time></th>(.*)</tr>', page)
        for kind, many in re.findall(r'data-(\w+)="(\d+)"', row)
        if many != "0"
    }
    first = TODAY - timedelta(days=6)
    drawn = {}
    for kind, x, y, height in BAR.findall(picture):
        step = int(float(x))
        day = first + timedelta(days=6 - step if language == "ar" else step)
        drawn[day.isoformat(), kind] = int(height)
        assert int(y) + int(height) == (3 if kind == "answered" else 2)
    assert drawn == told
    assert told == {
        (first.isoformat(), "answered"): 1,
        (TODAY.isoformat(), "answered"): 1,
        (TODAY.isoformat(), "unanswered"): 2,
    }
    assert "style=" not in page


def test_questions_are_narrowed_counted_and_paged(desk: Desk) -> None:
    ask_several(desk)
    for asked, shown in (
        ("days=7", {WELLS, WELLS_AR, "=1+1", "@long ago"}),
        ("days=30", {WELLS, WELLS_AR, "=1+1", "@long ago", "before that"}),
        ("days=7&language=ar", {WELLS_AR}),
        ("days=7&pillar=trust", {"=1+1"}),
        ("days=7&answered=no", {WELLS, WELLS_AR}),
        ("days=7&answered=yes", {"=1+1", "@long ago"}),
        ("days=x&pillar=x&answered=x", {WELLS, WELLS_AR, "=1+1", "@long ago", "before that"}),
    ):
        page = desk.client.get(f"/desk/questions?{asked}&ui=en").text
        found = re.findall(
            r'<th role="rowheader" scope="row"><bdi lang="\w+" dir="auto">(.*?)</bdi>', page
        )
        assert set(found) == shown, asked
    empty = desk.client.get("/desk/questions?language=fr&ui=en").text
    assert "Nothing like that was asked" in empty
    for number in range(60):
        ask(desk, f"number {number:02}")
    seen = []
    for number in (1, 2, 99):
        page = desk.client.get(f"/desk/questions?days=7&page={number}&ui=en").text
        seen.append(set(re.findall(r"number \d\d", page)))
    assert len(seen[0] | seen[1]) == 60
    assert not seen[0] & seen[1]
    assert seen[2] == seen[1]
    for nonsense in ("x", "-1", "٣", "9" * 40):
        assert desk.client.get(f"/desk/questions?page={nonsense}").status_code == 200


def test_groups_hold_every_language_and_what_was_sent(desk: Desk) -> None:
    ask_several(desk)
    ask(desk, "Which songs are sung at the harvest?")
    desk.store.send_to_hub(WELLS_AR, "ar", TODAY - timedelta(days=200), None)
    page = desk.client.get("/desk/questions/groups?ui=en").text
    (first, second) = page.split("<li aria-labelledby=")[1:]
    assert WELLS in first
    assert WELLS_AR in first
    assert "1 time sent to the hub" in first
    assert "Asked 2 times" in first
    assert "songs" in second
    one = desk.client.get(group_page(WELLS_AR, "ar")).text
    assert WELLS in one
    assert f'href="/desk/cases/new?question={WELLS.replace(" ", "+").replace("?", "%3F")}' in one
    assert '<a href="/desk/documents/new?ui=en">Put a file that answers it' in one
    assert 'action="/desk/inbox/' in one
    assert desk.client.get("/desk/questions/groups/nothing").status_code == 404
    inbox = desk.client.get("/desk/inbox").text
    assert group_page(WELLS_AR, "ar") in inbox


def test_the_desk_lists_them_while_nothing_serves(tmp_path: Path) -> None:
    with desk_of(tmp_path) as desk:
        desk.hire()
        desk.sign_in()
        ask(desk, WELLS)
        assert WELLS in desk.client.get("/desk/questions/groups").text
        assert "cannot be asked just now" in desk.client.get(group_page(WELLS) + "?ui=en").text
        sent = {"wording": key_of(WELLS, "en"), "case": CASE}
        assert desk.client.post(group_page(WELLS) + "/gold", data=sent).status_code == 422


def test_a_case_is_looked_for_by_its_title_and_becomes_the_answer(
    desk: Desk, tmp_path: Path
) -> None:
    ask_several(desk)
    address = group_page(WELLS)
    assert 'name="case"' in desk.client.get(address).text  # the nearest
    found = desk.client.get(f"{address}?find=NANSANA&ui=en").text
    assert re.findall(r'name="case" value="([^"]+)"', found) == [CASE]
    assert "No case study has these words" in desk.client.get(f"{address}?find=zzz&ui=en").text
    own = tmp_path / "gold.toml"
    own.write_text("# Ours\n", "utf-8")
    form = {"wording": key_of(WELLS_AR, "ar"), "case": CASE}
    done = desk.client.post(f"{address}/gold?ui=en&days=90", data=form)
    assert done.status_code == 303
    assert "among the gold questions now" in desk.client.get(done.headers["Location"]).text
    assert load_gold(own) == (GoldQuestion(WELLS_AR, "ar", (CASE,)),)
    assert own.read_text("utf-8").startswith("# Ours\n")
    record = desk.store.records(1)[0]
    assert (record.who, record.what, record.about) == (AMAL, "gold-added", f"{CASE} (ar)")

    before = own.read_bytes()
    again = desk.client.post(f"{address}/gold?ui=en", data=form)
    assert again.status_code == 422
    assert "already" in again.text
    for wrong in ({"case": "no-such-case"}, {"wording": "of another question"}, {"case": ""}):
        assert desk.client.post(f"{address}/gold", data={**form, **wrong}).status_code == 422
    own.write_text("[[question]]\ntext = 1\n", "utf-8")
    broken = desk.client.post(f"{address}/gold?ui=en", data=form)
    assert broken.status_code == 422
    assert "question 1, field text" in broken.text
    own.write_bytes(before)
    assert desk.store.records(1)[0] == record

    second = {**form, "case": "norway-oslo-salto-model"}
    assert desk.client.post(f"{address}/gold", data=second).status_code == 303
    (gold,) = load_gold(own)
    assert gold.cases == (CASE, "norway-oslo-salto-model")


def test_two_editors_at_once_lose_nothing(desk: Desk, tmp_path: Path) -> None:
    texts = [f"how many {word} are there" for word in ("geese", "roofs", "lamps", "doors", "kites")]
    for text in texts:
        ask(desk, text)

    def send(text: str) -> int:
        form = {"wording": key_of(text, "en"), "case": CASE}
        return desk.client.post(f"{group_page(text)}/gold", data=form).status_code

    with ThreadPoolExecutor(5) as pool:
        assert set(pool.map(send, texts)) == {303}
    assert sorted(gold.text for gold in load_gold(tmp_path / "gold.toml")) == sorted(texts)


def test_a_variant_and_a_term_are_added_to_the_glossary(desk: Desk, tmp_path: Path) -> None:
    ask_several(desk)
    address, own = f"{group_page(WELLS)}/term?ui=en", tmp_path / "glossary.toml"
    own.write_text('# Ours\n[[term]]\nid = "well"\nen = ["well"]  # deep\n', "utf-8")
    for form, change in (
        ({"term": "well", "language": "en", "variant": "bore hole"}, "variant-added"),
        ({"term": "roof", "new": "true", "language": "ar", "variant": "سقف"}, "term-added"),
    ):
        done = desk.client.post(address, data=form)
        assert done.status_code == 303
        assert "in the glossary now" in desk.client.get(done.headers["Location"]).text
        record = desk.store.records(1)[0]
        assert (record.what, record.about) == (change, f"{form['term']} ({form['language']})")
    text = own.read_text("utf-8")
    assert "# Ours" in text
    assert "# deep" in text
    assert {term.id: dict(term.variants) for term in load_glossary([own])} == {
        "well": {"en": ("well", "bore hole")},
        "roof": {"ar": ("سقف",)},
    }
    taken = load_glossary([BUNDLED_GLOSSARY])[0]
    before, records = own.read_bytes(), desk.store.records()
    for form, said in (
        ({"term": "well", "language": "en", "variant": "Bore Hole"}, "already"),
        ({"term": "well", "language": "en", "variant": taken.variants["en"][0]}, taken.id),
        ({"term": "Bad Id", "new": "true", "language": "en", "variant": "x"}, "small letters"),
        ({"term": "well", "language": "en", "variant": " "}, "are needed"),
        ({"term": "nothing", "language": "en", "variant": "x"}, "no term nothing"),
    ):
        refused = desk.client.post(address, data=form)
        assert refused.status_code == 422
        assert said in refused.text
    assert own.read_bytes() == before
    assert desk.store.records() == records


def test_what_did_not_help_stands_by_question_and_case(desk: Desk) -> None:
    def say(reason: str | None, question: str = WELLS, *, helpful: bool = False) -> None:
        kind = FeedbackKind.ANSWER
        desk.store.add_feedback(
            NewFeedback(kind, helpful, reason, question, None, CASE, "g", TODAY)
        )

    say("<b>too long</b>")
    say("-1+1 beside the point")
    say("of another", "another question")
    say("good", helpful=True)
    page = desk.client.get("/desk/feedback?ui=en").text
    first, second = page.split("<li aria-labelledby=")[1:]
    assert "&lt;b&gt;too long" in first
    assert "beside the point" in first
    assert "2 times of no help" in first
    assert f"/cases/{CASE}" in first
    assert "of another" in second
    assert "good" not in page.partition("<main")[2].partition("Download")[2]
    table = rows(desk, "/desk/feedback.csv?ui=en")
    assert len(table) == 5
    assert "'-1+1 beside the point" in {row[3] for row in table}


def test_everything_is_a_table_of_which_nothing_is_run(desk: Desk) -> None:
    ask_several(desk)
    ask(desk, "+not answered")
    desk.store.send_to_hub("=cmd()", "en", TODAY, None)
    desk.store.add_problem(NewProblem("p", CASE, ProblemKind.RISK, "@note", "g", TODAY))
    questions = rows(desk, "/desk/questions.csv?days=7&ui=en")
    assert questions[0][:3] == ["Day", "Question", "Language"]
    assert {"'=1+1", "'@long ago", WELLS} <= {row[1] for row in questions}
    assert len(questions) == 6
    assert len(rows(desk, "/desk/questions.csv?days=7&answered=no&ui=en")) == 4
    groups = rows(desk, "/desk/questions/groups.csv?ui=en")
    wells = {row[0] for row in groups if row[1] in (WELLS, WELLS_AR)}
    assert wells == {"1"}
    assert "'=cmd()" in {row[1] for row in groups}
    (_, problem) = rows(desk, "/desk/problems.csv?ui=en")
    assert problem[1:3] == ["It may put somebody at risk", "'@note"]
    (_, sent) = rows(desk, "/desk/inbox.csv?ui=en")
    assert sent[1] == "'=cmd()"
    for address in ("/desk/questions.csv", "/desk/questions/groups.csv", "/desk/feedback.csv"):
        for row in rows(desk, address):
            assert not any(cell[:1] in "=+-@" for cell in row if cell)


@pytest.mark.parametrize("language", INTERFACE_LANGUAGES)
def test_pages_read_in_both_directions_and_say_where_they_are(desk: Desk, language: str) -> None:
    ask_several(desk)
    direction = "rtl" if language == "ar" else "ltr"
    for address in (
        "/desk/questions",
        "/desk/questions/groups",
        group_page(WELLS),
        "/desk/feedback",
    ):
        page = desk.client.get(f"{address}?days=90&ui={language}").text
        assert f'<html lang="{language}" dir="{direction}">' in page
        other = re.search(r'href="([^"]*lang=fr|[^"]*lang=en)"', page)
        assert other
        assert "days=90" in other[1]
