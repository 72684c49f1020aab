"""MCP over standard input and output, until the input ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from mcp.server.stdio import stdio_server

from indexer.interrupts import end_at_once
from search.opening import NO_INDEX
from search.serve.limits import Limits
from search.serve.mcp.pipes import Pipes, piped
from search.serve.mcp.server import server_of
from search.serve.service import Service
from search.serve.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable


def serve_stdio(index_dir: str | None, *, on_note: Callable[[str], None]) -> None:
    """Answer what comes; raises as ``open_index``.

    A signal ends the process at once: nothing that is read has to be undone.
    """
    source = Source(index_dir)
    if source.current().is_sample:
        on_note(NO_INDEX)
    service = Service(source, Limits())
    end_at_once()
    try:
        with piped() as (received, sent):
            asyncio.run(_served(service, received, sent))
    finally:
        service.close()


async def _served(service: Service, received: int, sent: int) -> None:
    server = server_of(service)
    pipes: Any = Pipes(received, sent, service.limits.timeout_seconds)
    async with stdio_server(pipes, pipes) as (read, write):
        await server.run(read, write, server.create_initialization_options())
