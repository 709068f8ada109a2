"""Three passages become a page for a meeting: chosen, ordered, noted, carried away, shared."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from conftest import StandInEncoder, make_case
from docx import Document
from docx.oxml.ns import qn
from fastapi.testclient import TestClient
from markdown_it import MarkdownIt
from test_api import holder_of
from test_pages import Element, Reader

from corpus.case_study import CaseStudy
from corpus.library import Library
from corpus.removed import Removed
from index.build import build_generation
from index.generation import Generation
from server.app import assemble
from server.holder import Holder
from server.service import Service
from server.store import STORE, Store
from server.store_briefings import MOST_PASSAGES, Briefing

HARBOUR, HILL, MARKET = "harbour-school", "hill-orchards", "market-fountain"
AJAX = {"HX-Request": "true"}


@dataclass
class Hub:
    """A server of a library that can change, and what it keeps."""

    client: TestClient
    holder: Holder
    store: Store
    encoder: StandInEncoder
    home: Path

    @property
    def generation(self) -> Generation:
        return self.holder.current().generation

    def serve(self, *cases: CaseStudy) -> None:
        """Publish another library."""
        built = build_generation(Library(cases), self.encoder)
        service = Service(built, self.encoder, Removed(self.home))  # type: ignore[arg-type]
        self.holder._service = service

    def passage(self, case_id: str, language: str = "en", number: int = 0) -> str:
        case = self.generation.case(case_id, language)
        assert case
        return self.generation.passages_of(case)[number].id

    def choose(self, *cases: str, language: str = "en", **headers: str) -> None:
        for case_id in cases:
            form = {"passage": self.passage(case_id, language), "back": "/?q=wells"}
            chosen = self.client.post("/briefings/passages?ui=en", data=form, headers=headers)
            assert chosen.status_code in (200, 303), chosen.text

    @property
    def id(self) -> str:
        return str(self.client.cookies["diwan_briefing"])

    @property
    def briefing(self) -> Briefing:
        return self.store.briefing(self.id)

    def page(self, path: str, status: int = 200) -> Element:
        response = self.client.get(path, headers={"Accept": "text/html"})
        assert response.status_code == status, response.text
        return Reader(response.text).root

    def save(self, do: str = "save", status: int = 303, **fields: object) -> Element:
        """Press a button of the form, with what stands in its fields but for those given."""
        briefing = self.briefing
        form = {
            "version": briefing.version,
            "title": briefing.title,
            "introduction": briefing.introduction,
            "language": briefing.language,
            "quotation": [quotation.id for quotation in briefing.quotations],
            "remark": [quotation.remark for quotation in briefing.quotations],
            "do": do,
            **fields,
        }
        answer = self.client.post(f"/briefings/{self.id}?ui=en", data=form)
        assert answer.status_code == status, answer.text
        return Reader(answer.text).root if answer.text else Element("")

    def cases(self) -> list[str]:
        return [quotation.case_id for quotation in self.briefing.quotations]


@pytest.fixture
def hub(small_generation: Generation, stand_in: StandInEncoder, tmp_path: Path) -> Iterator[Hub]:
    service = Service(small_generation, stand_in, Removed(tmp_path))  # type: ignore[arg-type]
    holder = holder_of(service)
    holder._refresh()
    app = assemble(holder, tmp_path)
    with (
        TestClient(app, follow_redirects=False) as client,
        Store(tmp_path / STORE) as store,
    ):
        yield Hub(client, holder, store, stand_in, tmp_path)


# Choosing


def test_a_button_stands_beside_every_passage_that_is_found_and_in_the_case(hub: Hub) -> None:
    answer = hub.page("/?q=who+taught+the+porters")
    hits = answer.all("article", class_="hit")
    assert hits
    for hit in hits:
        form = hit.one("form", class_="choose")
        assert form.attributes["action"] == "/briefings/passages?ui=en"
        assert form.one("button").text == "Add to the briefing"
    case = hub.page(f"/cases/{HARBOUR}?lang=en")
    assert len(case.all("form", class_="choose")) == len(case.all("div", class_="passage"))


def test_without_scripts_a_choice_leads_back_to_where_it_was_made(hub: Hub) -> None:
    form = hub.page("/?q=who+taught+the+porters").all("form", class_="choose")[0]
    fields = {item.attributes["name"]: item.attributes["value"] for item in form.all("input")}
    answer = hub.client.post(form.attributes["action"], data=fields)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/?q=who+taught+the+porters&ui=en#hit-1"
    page = hub.page(answer.headers["location"])
    assert "In your briefing" in page.all("article", class_="hit")[0].text
    assert page.one(id="briefing-count").one("span", class_="count").text == "1"


@pytest.mark.parametrize("back", ["//evil.example", "/\\evil", "https://evil.example", "/a\nb"])
def test_it_leads_nowhere_else(hub: Hub, back: str) -> None:
    form = {"passage": hub.passage(HARBOUR), "back": back}
    assert hub.client.post("/briefings/passages", data=form).headers["location"] == "/"


def test_with_scripts_it_is_said_in_place_and_announced_once(hub: Hub) -> None:
    form = {"passage": hub.passage(HARBOUR)}
    part = Reader(hub.client.post("/briefings/passages?ui=en", data=form, headers=AJAX).text).root
    assert part.one("a", autofocus="").attributes["href"] == "/briefing?ui=en"
    assert part.one(id="announcement").text == "Added to your briefing."
    assert part.one(id="briefing-count").one("span", class_="count").text == "1"


def test_a_passage_is_known_in_its_other_language_too(hub: Hub) -> None:
    hub.choose(HARBOUR, language="ar")
    hit = hub.page("/?q=who+taught+the+porters").all("article", class_="hit")[0]
    assert hit.one("blockquote", lang="en")
    assert "In your briefing" in hit.text


def test_the_cookie_says_nothing_and_is_kept_from_scripts_and_other_sites(hub: Hub) -> None:
    form = {"passage": hub.passage(HARBOUR)}
    cookie = hub.client.post("/briefings/passages", data=form).headers["set-cookie"]
    assert re.fullmatch(r"diwan_briefing=[\w-]{22}; HttpOnly; Path=/; SameSite=lax", cookie)
    tls = TestClient(hub.client.app, base_url="https://diwan.example", follow_redirects=False)
    assert "Secure" in tls.post("/briefings/passages", data=form).headers["set-cookie"]


def test_a_cookie_that_leads_nowhere_begins_a_briefing_and_breaks_no_page(hub: Hub) -> None:
    for value in ("A" * 22, "x", "../../etc"):
        hub.client.cookies.set("diwan_briefing", value)
        assert "Ask" in hub.page("/").text
        assert "Add to the briefing" in hub.page("/briefing").text
    hub.client.cookies.clear()
    hub.client.cookies.set("diwan_briefing", "A" * 22)
    hub.client.cookies.clear()
    hub.choose(HARBOUR)
    assert hub.cases() == [HARBOUR]


def test_a_passage_that_is_not_there_is_refused(hub: Hub) -> None:
    assert hub.client.post("/briefings/passages", data={"passage": "gone"}).status_code == 404
    passage = hub.passage(HARBOUR)
    Removed(hub.home).add([HARBOUR])
    assert hub.client.post("/briefings/passages", data={"passage": passage}).status_code == 404


def test_a_full_briefing_says_so(hub: Hub) -> None:
    hub.choose(HARBOUR)
    (first,) = hub.briefing.quotations
    for number in range(MOST_PASSAGES - 1):
        hub.store.add_quotation(hub.id, replace(first, passage_id=f"other.en.{number}"))
    form = {"passage": hub.passage(HILL)}
    part = hub.client.post("/briefings/passages?ui=en", data=form, headers=AJAX).text
    assert "The briefing is full." in part
    assert (
        hub.client.post("/briefings/passages", data=form)
        .headers["location"]
        .startswith("/briefing?")
    )


# Making


def test_every_button_keeps_what_was_typed(hub: Hub) -> None:
    hub.choose(HARBOUR, HILL, MARKET)
    last = hub.briefing.quotations[2].id
    notes = ["", "", "Ask them.\r\nSoon."]
    hub.save(f"up:{last}", title="  For  Monday ", introduction="One\r\n\r\nTwo", remark=notes)
    assert hub.cases() == [HARBOUR, MARKET, HILL]
    assert hub.briefing.title == "For Monday"
    assert hub.briefing.introduction == "One\n\nTwo"
    assert hub.briefing.quotations[1].remark == "Ask them.\nSoon."
    hub.save(f"down:{last}")
    hub.save(f"down:{last}")
    assert hub.cases() == [HARBOUR, HILL, MARKET]
    hub.save(f"take-out:{last}")
    assert hub.cases() == [HARBOUR, HILL]
    page = hub.page(f"/briefings/{hub.id}?ui=en")
    assert "Market: fountain" in page.one("p", class_="taken-out").text
    hub.save(page.one("p", class_="taken-out").one("button").attributes["value"])
    assert hub.cases() == [HARBOUR, HILL, MARKET]
    assert hub.briefing.quotations[2].remark == "Ask them.\nSoon."


def test_the_page_shows_each_passage_word_for_word_with_its_fields(hub: Hub) -> None:
    hub.choose(HARBOUR, HILL)
    page = hub.page(f"/briefings/{hub.id}?ui=en")
    texts = [quotation.text for quotation in hub.briefing.quotations]
    assert [quote.text for quote in page.all("blockquote")] == texts
    names = [button.attributes["value"].split(":")[0] for button in page.all("button", name="do")]
    assert names == ["save", *(["up", "down", "take-out"] * 2), "save"]
    ids = [element.attributes["id"] for element in page.all() if element.attributes.get("id")]
    assert len(ids) == len(set(ids))
    address = page.one(id="reading-address").attributes["value"]
    assert address == f"http://testserver/briefings/shared/{hub.briefing.reading_id}"


def test_what_somebody_else_changed_meanwhile_is_shown_and_nothing_is_lost(hub: Hub) -> None:
    hub.choose(HARBOUR)
    page = hub.save(version=hub.briefing.version)
    stale = hub.briefing.version - 1
    page = hub.save(status=409, version=stale, title="Mine", remark=["my note"])
    assert page.one(id="refusal").attributes["role"] == "alert"
    assert page.one("input", id="title").attributes["value"] == "Mine"
    assert page.all("textarea", name="remark")[0].text == "my note"
    assert hub.briefing.title == ""
    version = page.one("input", name="version").attributes["value"]
    hub.save(version=int(version), title="Mine")
    assert hub.briefing.title == "Mine"


def test_a_text_that_is_too_long_is_given_back(hub: Hub) -> None:
    hub.choose(HARBOUR)
    page = hub.save(status=422, title="x" * 201, introduction="kept in the field")
    assert page.one("textarea", id="introduction").text == "kept in the field"
    assert hub.briefing.introduction == ""


def test_the_largest_briefing_can_be_saved(hub: Hub) -> None:
    hub.choose(HARBOUR)
    (first,) = hub.briefing.quotations
    for number in range(MOST_PASSAGES - 1):
        hub.store.add_quotation(hub.id, replace(first, passage_id=f"other.en.{number}"))
    briefing = hub.briefing
    answer = hub.client.post(
        f"/briefings/{hub.id}",
        data={
            "version": str(briefing.version),
            "introduction": "ع" * 4_000,
            "quotation": [quotation.id for quotation in briefing.quotations],
            "remark": ["😀" * 1_000] * MOST_PASSAGES,
        },
        files={"nothing": b""},
    )
    assert answer.status_code == 303, answer.text
    assert hub.briefing.quotations[-1].remark == "😀" * 1_000


# Languages


def test_it_is_written_out_in_the_language_that_is_chosen(hub: Hub) -> None:
    hub.choose(HARBOUR, HILL)
    hub.save(language="ar")
    sheet = hub.page(f"/briefings/{hub.id}/sheet?ui=en").one("article", class_="sheet")
    assert (sheet.attributes["lang"], sheet.attributes["dir"]) == ("ar", "rtl")
    first, second = sheet.all("blockquote")
    assert (first.attributes["lang"], first.attributes["dir"]) == ("ar", "rtl")
    assert "مدرسة ليلية" in first.text
    assert (second.attributes["lang"], second.attributes["dir"]) == ("en", "ltr")
    english = hub.page(f"/briefings/{hub.id}/sheet?in=en").one("article", class_="sheet")
    assert english.all("blockquote")[0].attributes["lang"] == "en"


# Carrying away


def test_word_holds_text_direction_and_sources(hub: Hub) -> None:
    hub.choose(HARBOUR, HILL)
    hub.save(title="إحاطة للعمدة", language="ar", remark=["We could do this.", ""])
    answer = hub.client.get(f"/briefings/{hub.id}/briefing.docx")
    assert answer.headers["content-disposition"] == 'attachment; filename="briefing.docx"'
    document = Document(io.BytesIO(answer.content))
    written = {paragraph.text: paragraph for paragraph in document.paragraphs}

    def direction(text: str) -> str:
        (bidi,) = written[text]._p.pPr.findall(qn("w:bidi"))  # type: ignore[union-attr]
        return "rtl" if bidi.get(qn("w:val")) == "1" else "ltr"

    assert direction("إحاطة للعمدة") == "rtl"
    arabic = next(text for text in written if text.startswith("افتتحت مدينة الميناء"))
    assert direction(arabic) == "rtl"
    assert all(run.font.rtl for run in written[arabic].runs)
    english = next(text for text in written if text.startswith("The hill town"))
    assert direction(english) == "ltr"
    assert not any(run.font.rtl for run in written[english].runs)
    assert direction("ملاحظة: We could do this.") == "ltr"
    styles = [paragraph.style and paragraph.style.name for paragraph in document.paragraphs]
    assert styles[0] == "Title"
    assert styles.count("Quote") == 2
    (source,) = [text for text in written if text.startswith("[1] ")]
    assert "Example Institute. (2024، 2 مايو). A report: how cities talk." in source
    links = [
        relation.target_ref for relation in document.part.rels.values() if relation.is_external
    ]
    assert "https://example.org/report" in links
    assert document.core_properties.title == "إحاطة للعمدة"


def test_word_and_markdown_hold_whatever_is_typed(hub: Hub) -> None:
    hub.choose(HARBOUR)
    typed = "1. *not* a list # & <b>\x0b\x01 [x](javascript:alert(1)) `code` ~~no~~ | a \\ b"
    hub.save(title=typed, introduction=f"- {typed}\n\n# {typed}", remark=[f"> {typed}"])
    document = Document(io.BytesIO(hub.client.get(f"/briefings/{hub.id}/briefing.docx").content))
    shown = typed.replace("\x0b", " ").replace("\x01", "")
    assert document.paragraphs[0].text.replace("\x0b", " ").split() == shown.split()
    markdown = hub.client.get(f"/briefings/{hub.id}/briefing.md").text
    tokens = MarkdownIt().parse(markdown)
    inline = [token for token in tokens if token.type == "inline"]
    read = [
        "".join(child.content for child in token.children or () if child.type == "text")
        for token in inline
    ]
    words = typed.replace("\x0b", " ").split()
    assert read[0].split() == words
    assert read[2].split() == ["-", *words]
    assert read[3].split() == ["#", *words]
    assert ["Note:", ">", *words] in [text.split() for text in read]
    assert not any(token.type in ("bullet_list_open", "html_block") for token in tokens)
    links = [
        str(child.attrs["href"])
        for token in inline
        for child in token.children or ()
        if child.type == "link_open"
    ]
    assert links
    assert all(link.startswith("http") for link in links)


def test_markdown_holds_passages_notes_and_sources(hub: Hub) -> None:
    hub.choose(HARBOUR, HILL)
    hub.save(title="For Monday", introduction="Read this.", remark=["Ask them.", ""])
    text = hub.client.get(f"/briefings/{hub.id}/briefing.md").text
    assert text.startswith("# For Monday\n")
    for quotation in hub.briefing.quotations:
        assert f"> {quotation.text}" in text
    assert "**Note:** Ask them." in text
    assert "What was done \\[1\\]" in text
    assert "## Sources\n\n1. Example Institute. (2024, 2 May). *A report: how cities talk*." in text
    arabic = hub.client.get(f"/briefings/{hub.id}/briefing.md?in=ar").text
    assert arabic.startswith('<div lang="ar" dir="rtl">\n\n# For Monday')


# The library changes


def test_a_passage_that_was_changed_keeps_its_words_and_says_so(hub: Hub) -> None:
    hub.choose(HARBOUR)
    (quotation,) = hub.briefing.quotations
    hub.serve(make_case("## What was done\n\nThe school was closed.\n"))
    for path in ("", "/sheet"):
        page = hub.page(f"/briefings/{hub.id}{path}?ui=en")
        assert page.one("blockquote").text == quotation.text
        assert "The case study has changed since; these are its words of" in page.text
    assert "has changed since" in hub.client.get(f"/briefings/{hub.id}/briefing.md").text


@pytest.mark.parametrize("how", ["removed", "gone"])
def test_nothing_is_shown_of_what_was_taken_out_of_the_library(hub: Hub, how: str) -> None:
    hub.choose(HARBOUR, HILL)
    hub.save(remark=["our note", ""])
    words = hub.briefing.quotations[0].text
    if how == "removed":
        Removed(hub.home).add([HARBOUR])
    else:
        hub.serve(*(case for case in hub.generation.library_cases if case.id != HARBOUR))
    reading = f"/briefings/shared/{hub.briefing.reading_id}"
    for address in (f"/briefings/{hub.id}", f"/briefings/{hub.id}/sheet", reading):
        text = hub.page(address).text
        assert words not in text
        assert "Harbour" not in text
        assert "This passage is no longer in the library." in text
        assert "our note" in text
    for suffix in ("md", "docx"):
        content = hub.client.get(f"{reading}/briefing.{suffix}").content
        read = (
            content.decode()
            if suffix == "md"
            else "\n".join(paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs)
        )
        assert "Forty porters" not in read
        assert "our note" in read
        assert "hill town" in read


# Sharing


def test_others_read_and_copy_and_change_nothing(hub: Hub) -> None:
    hub.choose(HARBOUR)
    hub.save(title="Shared", remark=["a note"])
    mine, reading_id = hub.id, hub.briefing.reading_id
    other = TestClient(hub.client.app, follow_redirects=False)
    page = other.get(f"/briefings/shared/{reading_id}")
    assert "a note" in page.text
    assert mine not in page.text
    assert other.get(f"/briefings/{reading_id}").status_code == 404
    assert other.post(f"/briefings/{reading_id}/delete").status_code == 404
    assert other.post(f"/briefings/{reading_id}", data={"version": 1}).status_code == 404
    copied = other.post(f"/briefings/shared/{reading_id}/copy?ui=en")
    theirs = urlsplit(copied.headers["location"]).path.rsplit("/", 1)[1]
    assert parse_qs(urlsplit(copied.headers["location"]).query)["done"] == ["copied"]
    assert other.cookies["diwan_briefing"] == theirs != mine
    kept = hub.store.briefing(theirs)
    assert (kept.title, kept.quotations[0].remark) == ("Shared", "a note")
    assert kept.reading_id != reading_id
    assert hub.briefing.title == "Shared"


def test_no_cache_keeps_it_and_no_search_engine_lists_it(hub: Hub) -> None:
    hub.choose(HARBOUR)
    reading = f"/briefings/shared/{hub.briefing.reading_id}"
    for address in (f"/briefings/{hub.id}", f"/briefings/{hub.id}/sheet", reading,
                    f"{reading}/briefing.md", f"{reading}/briefing.docx"):  # fmt: skip
        headers = hub.client.get(address).headers
        assert (headers["cache-control"], headers["x-robots-tag"]) == ("no-store", "noindex")


def test_another_is_begun_and_an_earlier_one_taken_up(hub: Hub) -> None:
    hub.choose(HARBOUR)
    first = hub.id
    assert hub.client.post("/briefings/leave").status_code == 303
    assert "diwan_briefing" not in hub.client.cookies
    hub.choose(HILL)
    assert hub.id != first
    assert "from now on" in hub.page(f"/briefings/{first}?ui=en").text
    assert hub.client.post(f"/briefings/{first}/current").status_code == 303
    assert hub.id == first
    hub.choose(MARKET)
    assert hub.cases() == [HARBOUR, MARKET]
    assert hub.client.post(f"/briefings/{'A' * 22}/current").status_code == 404


def test_a_deleted_briefing_is_gone_for_everybody(hub: Hub) -> None:
    hub.choose(HARBOUR)
    mine, reading_id = hub.id, hub.briefing.reading_id
    assert hub.client.post(f"/briefings/{mine}/delete").status_code == 303
    assert "diwan_briefing" not in hub.client.cookies
    for address in (f"/briefings/{mine}", f"/briefings/shared/{reading_id}",
                    f"/briefings/{mine}/briefing.docx"):  # fmt: skip
        hub.page(address, status=404)


def test_another_site_can_change_nothing(hub: Hub) -> None:
    hub.choose(HARBOUR)
    foreign = {"Sec-Fetch-Site": "cross-site"}
    version = {"version": hub.briefing.version, "title": "theirs"}
    for path in ("passages", "leave", hub.id, f"{hub.id}/copy", f"{hub.id}/delete",
                 f"{hub.id}/current", f"shared/{hub.briefing.reading_id}/copy"):  # fmt: skip
        data = {**version, "passage": hub.passage(HILL)}
        assert hub.client.post(f"/briefings/{path}", data=data, headers=foreign).status_code == 403
    assert (hub.cases(), hub.briefing.title) == ([HARBOUR], "")
