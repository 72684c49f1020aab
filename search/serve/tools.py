"""The tools that a language model is given by MCP: what each is called, takes, and answers."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from mcp.server.lowlevel import Server
from mcp_types import (
    CallToolResult,
    ListToolsResult,
    TextContent,
    Tool,
)

from indexer.errors import PassageSearchError
from search.output.records import page_record, passage_records
from search.request import Request

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext
    from mcp_types import CallToolRequestParams, PaginatedRequestParams

    from search.serve.service import Service


class Tools:
    """Answers the tools from a service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def server(self) -> Server[Any]:
        """The MCP server of these tools, for any transport."""
        return Server(
            "passage-search",
            version=version("passage-search"),
            on_list_tools=self._list,
            on_call_tool=self._call,
        )

    async def _list(
        self, _context: ServerRequestContext[Any], _params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        schema = {"type": "object", "properties": {"query": {"type": "string"}}}
        return ListToolsResult(
            tools=[Tool(name="search_passages", description="Find", input_schema=schema)]
        )

    async def _call(
        self, _context: ServerRequestContext[Any], params: CallToolRequestParams
    ) -> CallToolResult:
        try:
            page, _ = await self._service.answer(Request((params.arguments or {})["query"]))
        except PassageSearchError as error:
            return CallToolResult(content=[TextContent(text=str(error))], is_error=True)
        passages = list(passage_records(page, snippet_chars=None))
        record = {**page_record(page), "passages": passages}
        told = json.dumps(record, ensure_ascii=False)
        return CallToolResult(content=[TextContent(text=told)], structured_content=json.loads(told))
