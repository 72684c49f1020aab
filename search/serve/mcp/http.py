"""MCP over streamable HTTP at /mcp; each request stands for itself, so there are no sessions.

A GET would wait for messages that never come, and a DELETE would end a session: both are refused,
as the protocol has it for servers without them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp.server.streamable_http_manager import StreamableHTTPASGIApp, StreamableHTTPSessionManager
from starlette.routing import Route

from search.serve.mcp.server import server_of

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from search.serve.service import Service


class McpOverHttp:
    """The tools of a service at one address."""

    def __init__(self, service: Service) -> None:
        self._manager: Any = StreamableHTTPSessionManager(
            server_of(service),
            json_response=True,
            stateless=True,
            max_request_body_size=service.limits.body_bytes,
        )

    def running(self) -> AbstractAsyncContextManager[None]:
        """What must be entered while requests come."""
        running: AbstractAsyncContextManager[None] = self._manager.run()
        return running

    def routes(self) -> list[Route]:
        """The one address, which some write with a slash at its end."""
        app = StreamableHTTPASGIApp(self._manager)
        return [Route(path, app, methods=["POST"]) for path in ("/mcp", "/mcp/")]
