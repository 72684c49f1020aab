"""The SDK's own client in conversation with the real commands, over either transport."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from anyio.from_thread import start_blocking_portal
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters

from tests.commands import BIN, environment
from tests.schemas import validate
from tests.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anyio.from_thread import BlockingPortal
    from mcp_types import CallToolResult

TRANSPORTS = ("stdio", "http")
# For a busy machine; no test waits for it.
_READ_SECONDS = 120


class Told(NamedTuple):
    """What a tool answered: the record and the notes, or the message of an error."""

    record: dict[str, Any]
    notes: list[str]
    error: str
    chars: int


class Talk:
    """A client that is connected, for tests that do not wait by themselves."""

    def __init__(self, portal: BlockingPortal, client: Client) -> None:
        self._portal = portal
        self.client = client

    def call(self, tool: str, **arguments: Any) -> Told:
        return told(self._portal.call(lambda: self.client.call_tool(tool, arguments)))

    def run(self, question: Any, *arguments: Any) -> Any:
        """What an async method of the client, or another function, returns."""
        return self._portal.call(question, *arguments)


@contextmanager
def talking(transport: str, folder: Path, *options: str, mode: str = "auto") -> Iterator[Talk]:
    """Connect to a command of its own that runs in a folder."""
    if transport == "stdio":
        server = StdioServerParameters(
            command=str(BIN / "search-mcp"),
            args=list(options),
            env=environment(folder),
            cwd=folder,
        )
        with connected(server, mode) as talk:
            yield talk
    else:
        with serving(folder, *options) as address, connected(f"{address}/mcp", mode) as talk:
            yield talk


@contextmanager
def connected(server: Any, mode: str = "auto") -> Iterator[Talk]:
    """Connect to an address, or to a command that is started for it."""
    client = Client(server, mode=mode, read_timeout_seconds=_READ_SECONDS)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(client):
        yield Talk(portal, client)


def told(result: CallToolResult) -> Told:
    """What a result says; what it says twice is the same, and as the published schema has it."""
    texts = [getattr(block, "text", "") for block in result.content]
    chars = sum(map(len, texts))
    if result.is_error:
        assert result.structured_content is None
        return Told({}, [], "\n".join(texts), chars)
    assert json.loads(texts[0]) == result.structured_content
    assert len(json.dumps(result.structured_content, ensure_ascii=False)) <= len(texts[0])
    record: dict[str, Any] = result.structured_content
    if "passages" in record:
        validate(record, some_keys=True)
    if "page" in record:
        validate(record["page"], some_keys=True)
    notes = texts[1].split("\n") if texts[1:] else []
    return Told(record, notes, "", chars)
