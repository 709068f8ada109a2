"""At the desk staff see which generations are kept, go back to one, and have one checked."""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import StandInEncoder, make_case, publish
from desk import AMAL, Desk, desk_of

from corpus.gold import GoldQuestion
from corpus.library import Library
from index.build import build_generation
from index.evaluate import evaluate
from index.gate import judge, report_on
from index.gate_report import read_report
from index.generation import Generation
from index.publication import Publication
from index.search import search
from server.i18n import INTERFACE_LANGUAGES, interface
from server.rebuilds import Rebuilds
from server.service import Service
from server.settings import Settings
from server.store_records import Change
from server.store_staff import Role

GOLD = (
    GoldQuestion("night school for porters", "en", ("harbour-school",)),
    GoldQuestion("مدرسة ليلية للحمّالين", "ar", ("harbour-school",)),
    GoldQuestion("quarrel over water", "en", ("hill-orchards",)),
)


@pytest.fixture
def publication(tmp_path: Path) -> Publication:
    return Publication(tmp_path / "generations")


@pytest.fixture
def made(
    publication: Publication, small_library: Library, stand_in: StandInEncoder
) -> list[Generation]:
    """Two that were published, the older one first, and one that was kept aside."""
    found = [publish(publication, small_library, stand_in) for _ in range(2)]
    worse = Library((make_case(case_id="hill-orchards", country="NO"),))
    with publication.building():
        aside = publication.write(build_generation(worse, stand_in))
        before, now = (
            evaluate(
                GOLD,
                frozenset(case.id for case in each.library_cases),
                lambda question, each=each: search(each, stand_in, question),
            )
            for each in (found[1], aside)
        )
        report = report_on(judge(before, now, 0.02), found[1].manifest, aside.manifest)
        publication.refuse(aside.id, report)
    return [*found, aside]


@pytest.fixture
def desk(tmp_path: Path, made: list[Generation], stand_in: StandInEncoder) -> Iterator[Desk]:
    """With an editor who is signed in."""
    service = Service(made[1], stand_in)
    rebuilds = Rebuilds(Settings(home=tmp_path, bundled=False))
    with desk_of(tmp_path, service=service, rebuilds=rebuilds) as desk:
        desk.hire()
        desk.sign_in()
        yield desk


def press(desk: Desk, address: str) -> tuple[int, str]:
    answer = desk.client.post(f"/desk/generations/{address}?ui=en", follow_redirects=True)
    return answer.status_code, answer.text


def last(desk: Desk) -> tuple[str, str, str]:
    record = desk.store.records(1)[0]
    return record.who, record.what, record.about


def test_every_one_is_listed_with_what_serves_and_what_was_refused(
    desk: Desk, made: list[Generation]
) -> None:
    page = desk.client.get("/desk/generations?ui=en").text
    heads = re.findall(r"<h3 [^>]+><bdi>([^<]+)</bdi>([^<]*)</h3>", page)
    assert heads == [
        (made[2].id, " – kept aside"),
        (made[1].id, " – published"),
        (made[0].id, ""),
    ]
    assert page.count("stand-in") == 3
    assert "in good health" in page
    assert f"{made[0].id}/publish?" in page
    assert f"{made[1].id}/publish?" not in page
    assert "publish-refused" not in page, "that is for administrators"


def test_the_gate_s_report_says_which_questions_suffer_and_by_how_much(
    desk: Desk, publication: Publication, made: list[Generation]
) -> None:
    page = desk.client.get("/desk/generations?ui=en").text
    report = read_report(publication.report_of(made[2].id))
    assert report is not None
    assert {share.language: share.questions for share in report.languages} == {"ar": 1, "en": 2}
    assert report.worse
    for worse in report.worse:
        assert worse.question in page
    assert "In each language the share may fall by <bdi>2.0%</bdi> at most." in page
    assert "no longer in the library" in page
    assert f"{len(report.worse)} questions suffer" in page
    assert report.is_told_by_counts
    assert "Gold questions answered right: 0 of 1; it was 1." in page
    assert report.lost_cases
    for lost in report.lost_cases:
        told = f"find it no longer: {lost.lost} of {lost.found_before}."
        assert f"Questions that found <bdi>{lost.case}</bdi> and {told}" in page


@pytest.mark.parametrize("language", INTERFACE_LANGUAGES)
def test_the_gate_s_report_speaks_the_language_of_the_reader(
    desk: Desk, publication: Publication, made: list[Generation], language: str
) -> None:
    page = desk.client.get(f"/desk/generations?ui={language}").text
    report = read_report(publication.report_of(made[2].id))
    assert report is not None
    for reason in report.reasons:
        assert html.escape(reason) not in page
    reader = interface(language)
    for share in report.fallen:
        assert reader.language_name(share.language) in page


def test_a_question_that_suffers_leads_to_its_document_where_there_is_one(
    desk: Desk, publication: Publication, made: list[Generation]
) -> None:
    path = publication.report_of(made[2].id)
    report = json.loads(path.read_text("utf-8"))
    for worse, there in zip(report["worse"], (True, False, False), strict=False):
        worse["in_the_library"] = there
        worse["cases"] = ["stays" if there else "gone"]
    path.write_text(json.dumps(report), "utf-8")
    page = desk.client.get("/desk/generations?ui=en").text
    assert '<a href="/desk/document/stays?ui=en"><bdi>stays</bdi></a>' in page
    assert "/desk/document/gone" not in page


def test_an_older_report_and_a_spoilt_one_do_no_harm(
    desk: Desk, publication: Publication, made: list[Generation]
) -> None:
    path = publication.report_of(made[2].id)
    path.write_text(
        '{"generation": "a", "compared_with": "b", "reasons": ["It is <worse>."], "questions": 2,'
        ' "right_before": 2, "right_now": 0, "worse": []}'
    )
    assert "It is &lt;worse&gt;." in desk.client.get("/desk/generations").text
    for spoilt in ("", "[]", '{"generation": 3}'):
        path.write_text(spoilt)
        assert desk.client.get("/desk/generations").status_code == 200


def test_an_earlier_one_serves_again_and_the_later_one_after_it(
    desk: Desk, publication: Publication, made: list[Generation]
) -> None:
    status, page = press(desk, "back")
    assert status == 200
    assert "Running servers take it up within a second" in page
    assert publication.pointer().generation == made[0].id
    assert last(desk) == (AMAL, Change.ROLLED_BACK, made[0].id)
    status, page = press(desk, "back")
    assert status == 409
    assert "There is no earlier generation to go back to." in page
    assert press(desk, f"{made[1].id}/publish")[0] == 200
    assert publication.pointer().generation == made[1].id
    assert last(desk) == (AMAL, Change.ROLLED_BACK, made[1].id)


def test_one_that_was_refused_is_published_by_an_administrator_alone(
    desk: Desk, publication: Publication, made: list[Generation]
) -> None:
    before = desk.store.records()
    for action in ("publish", "publish-refused"):
        status, page = press(desk, f"{made[2].id}/{action}")
        assert status == 403
        assert "This is for administrators" in page
    assert publication.pointer().generation == made[1].id
    assert desk.store.records() == before
    desk.hire("Badr", Role.ADMINISTRATOR)
    desk.sign_in(name="Badr")
    assert f"{made[2].id}/publish-refused" in desk.client.get("/desk/generations").text
    assert press(desk, f"{made[2].id}/publish-refused")[0] == 200
    assert publication.pointer().generation == made[2].id
    assert last(desk) == ("Badr", Change.REFUSED_PUBLISHED, made[2].id)


def test_a_check_finds_damage_and_soundness(
    desk: Desk, publication: Publication, made: list[Generation]
) -> None:
    status, page = press(desk, f"{made[0].id}/verify")
    assert status == 200
    assert "is sound" in page
    assert last(desk) == (AMAL, Change.VERIFIED, f"{made[0].id}: sound")
    path = publication.folder / made[0].id / "passages.jsonl"
    path.write_bytes(path.read_bytes()[:-3])
    status, page = press(desk, f"{made[0].id}/verify")
    assert "passages.jsonl is not as it was written" in page
    assert last(desk) == (AMAL, Change.VERIFIED, f"{made[0].id}: damaged")
    status, page = press(desk, f"{made[0].id}/publish")
    assert status == 409
    assert "passages.jsonl is not as it was written" in page
    assert publication.pointer().generation == made[1].id


@pytest.mark.parametrize("name", ["nothing", "..", "%2e%2e", "published.json", "-x", "a" * 3000])
def test_what_is_no_generation_is_told(desk: Desk, name: str) -> None:
    before = desk.store.records()
    for action in ("publish", "verify"):
        assert press(desk, f"{name}/{action}")[0] in {404, 405}
    assert desk.store.records() == before


def test_there_is_a_page_before_the_first_one(tmp_path: Path) -> None:
    with desk_of(tmp_path) as desk:
        desk.hire()
        desk.sign_in()
        page = desk.client.get("/desk/generations?ui=en").text
        assert "There is no generation yet." in page
        assert "There is no index yet." in page
        assert "a rebuild makes the first generation" in desk.client.get("/desk/rebuild?ui=en").text
