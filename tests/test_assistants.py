"""What an assistant relies on, told by the protocol's own client over both of its transports."""

import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx2 as httpx
import pytest
from browsing import served
from conftest import ROOT, StandInEncoder, diwan, make_case
from fastapi.testclient import TestClient
from mcp import Client, MCPError, StdioServerParameters
from test_api import FRAGE, holder_of

from corpus.library import Library
from corpus.removed import Removed
from index.build import build_generation
from index.generation import Generation
from index.manifest import GenerationError
from server.app import assemble
from server.assistants import documents
from server.assistants.tools import AT_ONCE
from server.holder import Holder
from server.service import Service
from server.settings import Settings

CASE = "uganda-national-strategy-review"
Ask = Callable[[Client], Awaitable[None]]


def talk(target: str | StdioServerParameters, ask: Ask, mode: str = "auto") -> None:
    """Connect a client, and have it ask."""

    async def run() -> None:
        async with Client(target, mode=mode) as client:
            await ask(client)

    anyio.run(run)


def text_of(result: Any) -> str:  # noqa: ANN401 - whatever the client gives
    (content,) = result.content
    return str(content.text)


@pytest.fixture(scope="module")
def hub(bundled_service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with the bundled library; its address."""
    holder = holder_of(bundled_service)
    holder._refresh()
    with served(assemble(holder, tmp_path_factory.mktemp("left"))) as address:
        yield address


@pytest.fixture
def small_hub(
    small_generation: Generation, stand_in: StandInEncoder, tmp_path: Path
) -> Iterator[str]:
    """A server with the small library, which `tmp_path` says what was removed from."""
    holder = holder_of(Service(small_generation, stand_in, Removed(tmp_path)))  # type: ignore[arg-type]
    holder._refresh()
    with served(assemble(holder, tmp_path)) as address:
        yield address


async def everything(client: Client) -> None:
    """What is promised of every transport."""
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == {"search", "read_case", "cite"}
    assert tools["search"].input_schema["required"] == ["question"]
    assert all(tool.output_schema for tool in tools.values())

    found = (await client.call_tool("search", {"question": FRAGE, "k": 3})).structured_content
    assert found["answered"] is True
    first = found["passages"][0]
    assert (first["case_id"], first["language"]) == (CASE, "ar")

    result = await client.call_tool("read_case", {"id": CASE, "lang": "ar"})
    read = result.structured_content
    assert read["languages"] == ["ar", "en"]
    assert read["licence"] == "CC-BY-4.0"
    passages = [each for section in read["sections"] for each in section["passages"]]
    assert first["text"] in [each["text"] for each in passages]
    assert read["source"]["url"] in text_of(result)

    cited = await client.call_tool("cite", {"passage_id": first["passage_id"], "style": "plain"})
    assert text_of(cited) == first["citation"]

    listed = (await client.list_resources()).resources
    assert f"diwan://cases/{CASE}/ar" in [each.uri for each in await listed_all(client)]
    (contents,) = (await client.read_resource(listed[0].uri)).contents
    assert contents.mime_type == "text/markdown"
    assert contents.text.startswith(f"# {listed[0].title}\n")

    unknown = await client.call_tool("read_case", {"id": "atlantis"})
    assert unknown.is_error
    assert "no document of this id" in text_of(unknown)


async def listed_all(client: Client) -> list[Any]:
    listed: list[Any] = []
    cursor = None
    while True:
        page = await client.list_resources(cursor=cursor)
        listed += page.resources
        cursor = page.next_cursor
        if cursor is None:
            return listed


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_an_assistant_searches_reads_and_cites_over_http(hub: str, mode: str) -> None:
    talk(f"{hub}/mcp", everything, mode)


@pytest.mark.slow
def test_an_assistant_searches_reads_and_cites_over_standard_input_and_output(
    bundled_home: Path,
) -> None:
    talk(over_stdio(bundled_home), everything)


def over_stdio(home: Path) -> StdioServerParameters:
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "server", "mcp"],
        cwd=ROOT,
        env={**os.environ, "DIWAN_HOME": str(home)},
    )


@pytest.mark.slow
def test_nothing_but_the_protocol_is_on_standard_output(bundled_home: Path) -> None:
    messages = [
        {"id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"}}},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call",
         "params": {"name": "search", "arguments": {"question": FRAGE}}},
    ]  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "server", "mcp"],
        cwd=ROOT,
        env={**os.environ, "DIWAN_HOME": str(bundled_home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for message in messages:
        process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    process.stdin.flush()
    answers = [json.loads(process.stdout.readline()) for _ in range(2)]
    process.stdin.close()
    assert process.stdout.read() == ""
    process.stdout.close()
    assert process.wait(60) == 0
    assert [each["id"] for each in answers] == [1, 2]
    assert answers[1]["result"]["structuredContent"]["answered"] is True


def test_without_an_index_the_command_says_how_to_build_one(tmp_path: Path) -> None:
    ran = diwan("mcp", home=tmp_path)
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert "build it with `diwan rebuild`" in ran.stderr


def test_what_the_library_does_not_answer_is_said_to_be_so(hub: str) -> None:
    async def ask(client: Client) -> None:
        result = await client.call_tool("search", {"question": "best recipe for sourdough bread"})
        assert result.structured_content["answered"] is False
        assert "do not make up an answer" in text_of(result)
        narrow = {"question": FRAGE, "country": "UG", "year_to": 1900}
        result = await client.call_tool("search", narrow)
        assert result.structured_content["passages"] == []
        assert result.structured_content["answered"] is False
        assert "Fewer filters" in text_of(result)

    talk(f"{hub}/mcp", ask)


def test_the_same_as_the_interface_finds(hub: str) -> None:
    asked = {"question": "how are young people heard", "pillar": "inclusivity", "k": 4}

    async def ask(client: Client) -> None:
        found = (await client.call_tool("search", asked)).structured_content
        body = httpx.get(
            f"{hub}/api/v1/search",
            params={"q": asked["question"], "pillar": "inclusivity", "k": 4},
        ).json()
        assert found["answered"] == body["answered"]
        for passage, result in zip(found["passages"], body["results"], strict=True):
            assert passage["text"] == result["text"]
            assert passage["passage_id"] == result["passage_id"]
            assert passage["citation"] == result["citation"]["text"]
            assert passage["link"] == hub + result["citation"]["case_url"]
            assert httpx.get(passage["link"].split("#")[0]).status_code == 200

    talk(f"{hub}/mcp", ask)


@pytest.mark.parametrize(
    ("style", "holds"),
    [
        ("apa", "Diwan. (n.d.). "),
        ("ris", "TY  - RPRT"),
        ("bibtex", "@techreport{"),
        ("csl-json", '"type": "report"'),
    ],
)
def test_a_passage_is_cited_in_every_style(hub: str, style: str, holds: str) -> None:
    async def ask(client: Client) -> None:
        found = (await client.call_tool("search", {"question": FRAGE, "k": 1})).structured_content
        (passage,) = found["passages"]
        arguments = {"passage_id": passage["passage_id"], "style": style, "lang": "en"}
        result = await client.call_tool("cite", arguments)
        assert result.structured_content["style"] == style
        assert holds in text_of(result)
        assert passage["title"] in text_of(result)

    talk(f"{hub}/mcp", ask)


@pytest.mark.parametrize(
    ("tool", "arguments", "sentence"),
    [
        ("search", {"question": "  "}, "The question is empty"),
        ("search", {"question": "water", "k": 0}, "k: Input should be greater than"),
        ("search", {"question": "water", "colour": "red"}, "colour: Extra inputs"),
        ("search", {}, "question: Field required"),
        ("read_case", {"id": "hill-orchards", "lang": "ar"}, "it is in: en"),
        ("read_case", {"id": "hill-orchards", "first": 9}, "`first` is at most that"),
        ("cite", {"passage_id": "hill-orchards.en.0000000000"}, "no passage of this id"),
    ],
)
def test_what_cannot_be_done_is_an_error_with_a_sentence(
    small_hub: str, tool: str, arguments: dict[str, Any], sentence: str
) -> None:
    async def ask(client: Client) -> None:
        result = await client.call_tool(tool, arguments)
        assert result.is_error
        assert sentence in text_of(result)

    talk(f"{small_hub}/mcp", ask)


def test_an_unknown_tool_or_document_is_an_error_of_the_protocol(small_hub: str) -> None:
    async def ask(client: Client) -> None:
        for asked in (
            client.call_tool("delete", {}),
            client.read_resource("diwan://cases/atlantis/en"),
            client.read_resource("diwan://secrets"),
            client.list_resources(cursor="nonsense"),
        ):
            with pytest.raises(MCPError) as refused:
                await asked
            assert refused.value.error.code == -32602
            assert refused.value.error.message.endswith((".", "}"))

    talk(f"{small_hub}/mcp", ask)


def test_a_removed_document_is_gone_at_once(small_hub: str, tmp_path: Path) -> None:
    address = "diwan://cases/hill-orchards/en"

    async def ask(client: Client) -> None:
        asked = {"question": "who planted orchards with the shepherds"}
        before = (await client.call_tool("search", asked)).structured_content
        (passage, *_) = before["passages"]
        assert passage["case_id"] == "hill-orchards"
        assert address in [each.uri for each in await listed_all(client)]

        Removed(tmp_path).add(["hill-orchards"])
        after = (await client.call_tool("search", asked)).structured_content
        assert "hill-orchards" not in [each["case_id"] for each in after["passages"]]
        assert (await client.call_tool("read_case", {"id": "hill-orchards"})).is_error
        cited = await client.call_tool("cite", {"passage_id": passage["passage_id"]})
        assert cited.is_error
        assert address not in [each.uri for each in await listed_all(client)]
        with pytest.raises(MCPError):
            await client.read_resource(address)

        (tmp_path / "removed.json").write_text("broken")
        untold = await client.call_tool("search", asked)
        assert untold.is_error
        assert "which documents were removed" in text_of(untold)

    talk(f"{small_hub}/mcp", ask)


def test_while_nothing_is_ready_every_call_says_so(tmp_path: Path) -> None:
    def load() -> Service:
        raise GenerationError("There is no index yet; build it with `diwan rebuild`.")

    async def ask(client: Client) -> None:
        assert (await client.list_tools()).tools
        result = await client.call_tool("search", {"question": "water"})
        assert result.is_error
        assert "diwan rebuild" in text_of(result)
        with pytest.raises(MCPError, match="diwan rebuild"):
            await client.list_resources()

    holder = Holder(load, lambda: None)
    holder._refresh()
    with served(assemble(holder, tmp_path)) as address:
        talk(f"{address}/mcp", ask)


def test_a_fault_is_told_as_one_and_not_as_an_empty_answer(
    small_hub: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise ZeroDivisionError

    async def ask(client: Client) -> None:
        result = await client.call_tool("search", {"question": "water"})
        assert result.is_error
        assert text_of(result) == "Diwan could not answer because of a fault of its own."

    monkeypatch.setattr("server.service.search", fail)
    talk(f"{small_hub}/mcp", ask)


def test_a_long_document_is_read_in_stretches(stand_in: StandInEncoder, tmp_path: Path) -> None:
    body = "## Minutes\n" + "".join(
        f"\nMeeting {number} went on until the evening, and nobody left before the last word of"
        " the minutes had been read out, agreed on by everybody in the room, and signed by all.\n"
        for number in range(AT_ONCE + 5)
    )
    generation = build_generation(Library((make_case(body),), ()), stand_in)
    holder = holder_of(Service(generation, stand_in))  # type: ignore[arg-type]
    holder._refresh()

    async def ask(client: Client) -> None:
        told: list[str] = []
        first: int | None = 1
        while first:
            arguments = {"id": "harbour-school", "first": first}
            read = (await client.call_tool("read_case", arguments)).structured_content
            told += [each["text"] for section in read["sections"] for each in section["passages"]]
            first = read["next"]
        assert told == [passage.text for passage in generation.passages]
        assert len(told) == read["passages_in_all"] > AT_ONCE

    with served(assemble(holder, tmp_path)) as address:
        talk(f"{address}/mcp", ask)


def test_the_list_of_documents_is_paged_and_stays_good_when_some_go(
    small_generation: Generation, stand_in: StandInEncoder, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(documents, "ON_A_PAGE", 2)
    service = Service(small_generation, stand_in, Removed(tmp_path))  # type: ignore[arg-type]
    first, cursor = documents.documents(service, None)
    assert cursor is not None
    Removed(tmp_path).add(["harbour-school"])
    second, last = documents.documents(service, cursor)
    assert [each.case.id for each in first] == ["harbour-school", "harbour-school"]
    assert [each.case.id for each in second] == ["hill-orchards", "market-fountain"]
    assert last is None


@pytest.fixture
def client(
    small_generation: Generation, stand_in: StandInEncoder, tmp_path: Path
) -> Iterator[TestClient]:
    holder = holder_of(Service(small_generation, stand_in))  # type: ignore[arg-type]
    holder._refresh()
    settings = Settings(home=tmp_path, address="https://diwan.example/hub")
    with TestClient(assemble(holder, tmp_path, settings=settings)) as client:
        yield client


PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
ACCEPT = {"Accept": "application/json, text/event-stream"}


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("localhost:8000", None, 200),
        ("127.0.0.1", "http://localhost:6274", 200),
        ("[::1]:8000", None, 200),
        ("192.0.2.7:8000", "http://192.0.2.7:8000", 200),
        ("diwan.example", "https://diwan.example", 200),
        ("diwan.example", None, 200),
        ("evil.example", "http://evil.example", 421),
        ("evil.example", None, 421),
        ("diwan.example", "https://evil.example", 403),
        ("diwan.example", "http://192.0.2.7", 403),
        ("diwan.example", "null", 403),
        ("localhost", "http://[", 403),
    ],
)
def test_a_page_whose_name_was_led_here_is_refused(
    client: TestClient, host: str, origin: str | None, status: int
) -> None:
    headers = {**ACCEPT, "Host": host, **({"Origin": origin} if origin else {})}
    response = client.post("/mcp", json=PING, headers=headers)
    assert response.status_code == status
    if status != 200:
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.json()["detail"]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "text/plain", 415),
        (b"{", "application/json", 400),
        (b"[]", "application/json; charset=utf-8", 400),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "tools/destroy"}', "application/json", 200),
        (b" " * 300_000, "application/json", 413),
    ],
)
def test_nonsense_is_refused_and_breaks_nothing(
    client: TestClient, body: bytes, kind: str, status: int
) -> None:
    headers = {**ACCEPT, "Host": "localhost", "Content-Type": kind}
    response = client.post("/mcp", content=body, headers=headers)
    assert response.status_code == status
    if status != 413:  # which the whole application says alike
        assert "json" in response.headers["Content-Type"]
    assert client.post("/mcp", json=PING, headers={**ACCEPT, "Host": "localhost"}).is_success


def test_the_log_does_not_keep_what_is_asked(
    small_hub: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def ask(client: Client) -> None:
        await client.call_tool("search", {"question": "a very private question"})
        await client.call_tool("search", {"question": "a private question", "k": 0})
        await client.call_tool("search", {"question": "a private question \x00"})
        await client.call_tool("read_case", {"id": "a-private-case"})

    with caplog.at_level("INFO"):
        talk(f"{small_hub}/mcp", ask)
    assert "private" not in caplog.text


def test_no_session_is_kept_and_there_is_nothing_to_listen_to(client: TestClient) -> None:
    headers = {**ACCEPT, "Host": "localhost"}
    response = client.post("/mcp", json=PING, headers=headers)
    assert response.json()["result"] is not None
    assert "mcp-session-id" not in response.headers
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    refused = client.get("/mcp", headers=headers)
    assert refused.status_code == 405
    assert refused.headers["Content-Type"] == "application/problem+json"


def test_links_begin_with_the_address_of_the_site(client: TestClient) -> None:
    call = {"name": "read_case", "arguments": {"id": "hill-orchards"}}
    response = client.post(
        "/mcp",
        json={**PING, "method": "tools/call", "params": call},
        headers={**ACCEPT, "Host": "localhost"},
    )
    link = response.json()["result"]["structuredContent"]["link"]
    assert link == "https://diwan.example/hub/cases/hill-orchards?lang=en"


def test_the_library_for_the_protocol_waits_until_somebody_asks() -> None:
    code = "import sys, server.app; print([name for name in sys.modules if name == 'mcp'])"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"
