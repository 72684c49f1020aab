"""MCP over standard input and output, until the input ends."""

from __future__ import annotations

import asyncio

from mcp.server.stdio import stdio_server

from search.serve.limits import Limits
from search.serve.service import Service
from search.serve.source import Source
from search.serve.tools import Tools


def serve_stdio(index_dir: str | None) -> None:
    """Answer what comes; raises as ``open_index``."""
    service = Service(Source(index_dir), Limits())
    try:
        asyncio.run(_served(service))
    finally:
        service.close()


async def _served(service: Service) -> None:
    server = Tools(service).server()
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())
