"""What a document holds is shown harmlessly on every page and in each export."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
import rispy
from conftest import StandInEncoder, make_case
from fastapi.testclient import TestClient
from test_api import holder_of
from test_pages import read

from corpus.case_study import CaseStudy, Source
from corpus.library import Library
from index.build import build_generation
from server.app import assemble
from server.service import Service

SCRIPT = "</title></p><script>alert(1)</script><img src=x onerror=alert(1)>"
QUOTE = "\"><img onerror='alert(1)' src=x> ' onmouseover=alert(1) {{7*7}} ${7*7}"
BIDI = "\u202eevil\u202c \u2066isolate \u2069 \u200fmark"
LONG = "w" * 50_000
TEXTS = {"script": SCRIPT, "quote": QUOTE, "bidi": BIDI, "long": LONG}


def hostile(name: str, text: str, language: str = "en") -> CaseStudy:
    plain = make_case(
        f"## What {name} was done\n\nThe porters of {name} opened a night school. Nothing more.\n",
        case_id=f"{name}-case",
        language=language,
    )
    held = plain.text.replace("Nothing more", text)
    section = plain.sections[0]
    block = replace(section.blocks[0], end=len(held))
    return replace(
        plain,
        title=f"{name} {text}"[:300],
        place=text[:200],
        actors=(text[:200],),
        source=Source(text[:200], text[:200], "javascript:alert(1)", "2024", "en"),
        text=held,
        sections=(replace(section, heading=(text[:200],), blocks=(block,)),),
    )


@pytest.fixture(scope="module")
def client(
    stand_in: StandInEncoder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    cases = tuple(
        hostile(name, text, language)
        for name, text in sorted(TEXTS.items())
        for language in ("ar", "en")
    )
    generation = build_generation(Library(cases), stand_in)
    holder = holder_of(Service(generation, stand_in))  # type: ignore[arg-type]
    holder._refresh()
    with TestClient(assemble(holder, tmp_path_factory.mktemp("left"))) as client:
        yield client


def assert_harmless(client: TestClient, path: str) -> str:
    """Whether nothing that a document holds has become part of the page itself."""
    page = read(client, path)
    html = client.get(path).text
    assert re.findall(r"<script[^>]*>", html) == re.findall(r'<script src="/static/[^>]*>', html)
    for element in page.all():
        assert not [name for name in element.attributes if name.startswith("on")]
        for name in ("href", "src", "action"):
            assert not element.attributes.get(name, "").lower().startswith(("javascript:", "data:"))
        assert element.tag not in ("img", "iframe", "object")
    return html


@pytest.mark.parametrize("name", TEXTS)
def test_every_page_shows_it_as_text(client: TestClient, name: str) -> None:
    question = f"night school of porters {name}"
    for ui in ("en", "ar"):
        answer = assert_harmless(client, f"/?q={question}&ui={ui}")
        assert "night school" in answer
        assert name != "script" or "&lt;script&gt;alert(1)" in answer
        assert_harmless(client, f"/library?ui={ui}")
        assert_harmless(client, f"/library?country=KE&ui={ui}")
        assert_harmless(client, f"/cases/{name}-case?lang=en&ui={ui}")
        assert_harmless(client, f"/cases/{name}-case?lang=en&beside=ar&ui={ui}")
    form = {"question": f"{TEXTS[name][:1_500]} in Kenya?", "after": question, "ui": "en"}
    talk = client.post("/conversations", data=form, follow_redirects=False)
    assert_harmless(client, talk.headers["location"].split("#")[0])
    thanks = client.post("/hub", data={"question": question})
    assert "<script>alert" not in thanks.text


@pytest.mark.parametrize("name", TEXTS)
def test_every_export_holds_one_entry_for_each_passage(client: TestClient, name: str) -> None:
    question = f"night school of porters {name}"
    found = client.get("/api/v1/search", params={"q": question}).json()["results"]
    ids = [result["passage_id"] for result in found]
    exported = {
        form: client.get(f"/references/{form}", params={"passage": ids}).content.decode("utf-8")
        for form in ("ris", "bibtex", "csl", "text")
    }
    assert len(rispy.loads(exported["ris"])) == len(ids)
    assert len(re.findall(r"(?m)^@techreport\{", exported["bibtex"])) == len(ids)
    assert len(json.loads(exported["csl"])) == len(ids)
    assert not re.search("[\u202a-\u202e]", "".join(exported.values()))


def test_the_interface_gives_it_word_for_word(client: TestClient) -> None:
    body = client.post("/api/v1/ask", json={"question": "night school of porters script"}).json()
    assert any(SCRIPT in result["text"] for result in body["results"])
