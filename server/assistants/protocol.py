"""The tools and documents over the Model Context Protocol, whatever carries its messages."""

import logging
from collections.abc import Callable
from functools import cache
from importlib import metadata
from typing import Any, TypeVar

import mcp_types as types
from anyio import to_thread
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from corpus.removed import RemovedError
from index.question import QuestionError
from server.assistants import documents
from server.assistants.tools import TOOLS, CallError, Tool
from server.holder import NotReadyError
from server.service import Service

_LOG = logging.getLogger("diwan")
_INSTRUCTIONS = (
    "Diwan is a library of what cities, towns and states did to prevent hate, extremism and"
    " polarisation. Ask it in the asker's own language. Quote passages word for word, each with its"
    " citation. Where `answered` is false, say that the library has no answer, and make none up."
)
_FAULT = "Diwan could not answer because of a fault of its own."
_UNTOLD = "Diwan cannot tell just now which documents were removed, so it shows none."

_Given = TypeVar("_Given")
_Context = ServerRequestContext[Any, Any]
Current = Callable[[], Service]
"""Gives what serves now; raises NotReadyError where nothing does."""
Site = Callable[[Request | None], str]
"""Gives the address of the site, without a slash at its end, by the request if there is one."""


class _RefusedError(Exception):
    """What was asked for cannot be given.

    Attributes:
        theirs: Whether it lies in what was asked.
    """

    def __init__(self, sentence: str, *, theirs: bool = True) -> None:
        super().__init__(sentence)
        self.theirs = theirs


def assistants_server(current: Current, site: Site) -> Server[Any]:
    """Make the server.

    Args:
        current: Gives what serves; called in a thread, once for each call.
        site: Gives the address that links begin with.
    """

    async def list_tools(
        _context: _Context, _params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_described(tool) for tool in TOOLS.values()])

    async def call_tool(
        context: _Context, params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        tool = TOOLS.get(params.name)
        if tool is None:
            sentence = f"There is no such tool; there are {', '.join(TOOLS)}."
            raise MCPError(code=types.INVALID_PARAMS, message=sentence)

        def call() -> BaseModel:
            arguments = _read(tool, params.arguments or {})
            return tool.call(current(), site(context.request), arguments)

        try:
            given = await _given(call)
        except _RefusedError as error:
            return types.CallToolResult(content=[_text(str(error))], is_error=True)
        return types.CallToolResult(
            content=[_text(tool.text(given))], structured_content=given.model_dump(mode="json")
        )

    async def list_documents(
        _context: _Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        cursor = params.cursor if params else None
        listed, following = await _or_error(lambda: documents.documents(current(), cursor))
        return types.ListResourcesResult(
            resources=[_listed(each) for each in listed], next_cursor=following
        )

    async def list_templates(
        _context: _Context, _params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        template = types.ResourceTemplate(
            name="case",
            title="A case study in one language",
            uri_template=documents.ADDRESS,
            mime_type=documents.MEDIA_TYPE,
        )
        return types.ListResourceTemplatesResult(resource_templates=[template])

    async def read_document(
        context: _Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        address = str(params.uri)
        text = await _or_error(
            lambda: documents.read_document(current(), site(context.request), address)
        )
        contents = types.TextResourceContents(
            uri=address, text=text, mime_type=documents.MEDIA_TYPE
        )
        return types.ReadResourceResult(contents=[contents])

    return Server(
        "diwan",
        title="Diwan",
        version=metadata.version("diwan"),
        instructions=_INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_documents,
        on_list_resource_templates=list_templates,
        on_read_resource=read_document,
        get_tool_input_schema=lambda name: _schema(TOOLS[name]) if name in TOOLS else None,
    )


def _read(tool: Tool, arguments: dict[str, Any]) -> BaseModel:
    try:
        return tool.arguments.model_validate(arguments)
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False, include_context=False)
        told = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in wrong)
        raise _RefusedError("; ".join(told)) from None


async def _given(give: Callable[[], _Given]) -> _Given:
    """Do it in a thread.

    Raises:
        _RefusedError: It cannot be done, for whatever reason.
    """
    try:
        return await to_thread.run_sync(give)
    except _RefusedError:
        raise
    except (CallError, QuestionError) as error:
        raise _RefusedError(str(error)) from error
    except NotReadyError as error:
        raise _RefusedError(str(error), theirs=False) from error
    except RemovedError as error:
        _LOG.error("No assistant can be answered: %s", error)
        raise _RefusedError(_UNTOLD, theirs=False) from error
    except Exception as error:
        # Whatever it is, the assistant is told that there is no answer rather than an empty one.
        _LOG.exception("A call of an assistant failed")
        raise _RefusedError(_FAULT, theirs=False) from error


async def _or_error(give: Callable[[], _Given]) -> _Given:
    """Do it in a thread; where it cannot be done the protocol's own error says so."""
    try:
        return await _given(give)
    except _RefusedError as error:
        code = types.INVALID_PARAMS if error.theirs else types.INTERNAL_ERROR
        raise MCPError(code=code, message=str(error)) from error


def _text(text: str) -> types.TextContent:
    return types.TextContent(type="text", text=text)


@cache
def _schema(tool: Tool) -> dict[str, Any]:
    return tool.arguments.model_json_schema()


@cache
def _described(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=_schema(tool),
        output_schema=tool.gives.model_json_schema(mode="serialization"),
        annotations=types.ToolAnnotations(
            read_only_hint=True, idempotent_hint=True, open_world_hint=False
        ),
    )


def _listed(each: documents.Listed) -> types.Resource:
    case = each.case
    return types.Resource(
        uri=each.address,
        name=f"{case.id}.{case.language}",
        title=case.title,
        description=case.place,
        mime_type=documents.MEDIA_TYPE,
        annotations=types.Annotations(last_modified=each.changed),
    )
