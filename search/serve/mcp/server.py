"""The tools and resources of a service as a server of the official SDK, for any transport."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolResult,
    ListToolsResult,
    TextContent,
    Tool,
    ToolAnnotations,
)

from search.serve.mcp.resources import Resources
from search.serve.mcp.teaching import INSTRUCTIONS
from search.serve.mcp.tools import Tools, tools

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext
    from mcp_types import CallToolRequestParams, PaginatedRequestParams

    from search.serve.service import Service


def server_of(service: Service) -> Server[Any]:
    """The server that answers from a service."""
    handlers = _Handlers(Tools(service))
    resources = Resources(service)
    schemas = {one.name: one.input_schema for one in tools()}
    return Server(
        "passage-search",
        version=version("passage-search"),
        title="Passage search",
        instructions=INSTRUCTIONS,
        get_tool_input_schema=schemas.get,
        on_list_tools=handlers.listed,
        on_call_tool=handlers.call,
        on_list_resources=resources.articles,
        on_list_resource_templates=resources.templates,
        on_read_resource=resources.read,
        on_completion=resources.complete,
    )


class _Handlers:
    """Tools in the words of the protocol."""

    def __init__(self, carried_out: Tools) -> None:
        self._tools = carried_out
        self._all = ListToolsResult(
            tools=[
                Tool(
                    name=one.name,
                    title=one.title,
                    description=one.told,
                    input_schema=one.input_schema,
                    output_schema=one.gives,
                    annotations=ToolAnnotations(
                        title=one.title,
                        read_only_hint=True,
                        destructive_hint=False,
                        idempotent_hint=True,
                        open_world_hint=False,
                    ),
                )
                for one in tools()
            ]
        )

    async def listed(
        self, _context: ServerRequestContext[Any], _params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        return self._all

    async def call(
        self, _context: ServerRequestContext[Any], params: CallToolRequestParams
    ) -> CallToolResult:
        tool = self._tools.find(params.name)
        if tool is None:
            known = ", ".join(one.name for one in tools())
            raise MCPError(INVALID_PARAMS, f"Unknown tool: {params.name[:60]}; there are {known}")
        answer = await self._tools.call(tool, params.arguments or {})
        return CallToolResult(
            content=[TextContent(text=text) for text in answer.texts],
            structured_content=answer.record,
            is_error=answer.is_error,
        )
