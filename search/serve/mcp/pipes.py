"""Standard input and output as the lines of a conversation that ends in good order.

The transport of the SDK leaves what is still being answered when the input ends, waits for the
input for ever when nobody reads the output any more, and passes over what is no message. Between it
and the pipes stands this: the end of the input is told when all is answered, a broken pipe is an
end of the input, and what is no message is answered as such.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from mcp_types import jsonrpc_message_adapter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

_CHUNK_BYTES = 65_536
_PARSE_ERROR = -32700
_INVALID_REQUEST = -32600
#: Messages that were read and not taken yet.
_WAITING = 64


@contextmanager
def piped() -> Iterator[tuple[int, int]]:
    """Keep standard input and output for the conversation; what else prints goes to standard error.

    Returns: the descriptors to read from and to write to.
    """
    received, sent = os.dup(0), os.dup(1)
    with suppress(OSError):  # standard error may be closed
        os.dup2(2, 1)
    try:
        yield received, sent
    finally:
        with suppress(OSError):
            os.dup2(sent, 1)


class Pipes:
    """Both pipes, as the SDK takes files: to iterate over, to write to."""

    def __init__(self, received: int, sent: int, patience_seconds: float) -> None:
        """Take descriptors, and how long to wait for answers when the input has ended."""
        self._received = received
        self._sent = sent
        self._patience_seconds = patience_seconds
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue(_WAITING)
        self._asked: Counter[Any] = Counter()  # requests without an answer, by their ids
        self._settled = asyncio.Event()
        self._broken = False

    async def __aiter__(self) -> AsyncIterator[str]:
        """Yield the lines that came, until the input has ended and what they asked is answered."""
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, args=(loop,), daemon=True).start()
        while (line := await self._lines.get()) is not None:
            if (message := await self._understood(line)) is not None:
                yield message
        if self._asked and not self._broken:
            self._settled.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._settled.wait(), self._patience_seconds)

    async def write(self, text: str) -> None:
        """Send lines; into a broken pipe nothing, and it is the end."""
        if not self._broken:
            try:
                await asyncio.to_thread(self._send, text.encode("utf-8", "replace"))
            except OSError:
                self._broken = True
                with suppress(asyncio.QueueEmpty):
                    while True:
                        self._lines.get_nowait()
                self._lines.put_nowait(None)
        with suppress(ValueError):
            self._answered(json.loads(text).get("id"))

    async def flush(self) -> None:
        """Nothing is kept back."""

    def _answered(self, asked: Any) -> None:
        if isinstance(asked, str | int):
            self._asked -= Counter([asked])  # which keeps what is above 0
        if not self._asked or self._broken:
            self._settled.set()

    def _send(self, left: bytes) -> None:
        while left:
            left = left[os.write(self._sent, left) :]

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hand on each line of the input, and None at its end; in a thread, as it may take long."""
        with suppress(RuntimeError):  # the loop has ended
            for line in _lines_of(self._received):
                asyncio.run_coroutine_threadsafe(self._lines.put(line), loop).result()
            asyncio.run_coroutine_threadsafe(self._lines.put(None), loop).result()

    async def _understood(self, line: bytes) -> str | None:
        """A message as the SDK can read it; None of what is none, which is answered here."""
        if not line.strip():
            return None
        try:
            message = json.loads(line.decode("utf-8", "replace"))
        except (ValueError, RecursionError) as error:
            await self._refuse(None, _PARSE_ERROR, f"Parse error: {error}")
            return None
        # A half of a character cannot be told in UTF-8, and the SDK would pass over the message.
        text = re.sub("[\ud800-\udfff]", "\ufffd", json.dumps(message, ensure_ascii=False))
        asked = message.get("id") if isinstance(message, dict) else None
        try:
            jsonrpc_message_adapter.validate_json(text, by_name=False)
        except ValueError:
            fault = "Invalid Request: it is no message of JSON-RPC 2.0"
            known = asked if isinstance(asked, str | int) else None
            await self._refuse(known, _INVALID_REQUEST, fault)
            return None
        if "method" in message and isinstance(asked, str | int):
            self._asked[asked] += 1
        elif message.get("method") == "notifications/cancelled":
            params = message.get("params")
            self._answered(params.get("requestId") if isinstance(params, dict) else None)
        return text

    async def _refuse(self, asked: str | int | None, code: int, fault: str) -> None:
        """Answer what the SDK would pass over, as who asked would wait for an answer."""
        told = {"jsonrpc": "2.0", "id": asked, "error": {"code": code, "message": fault}}
        await self.write(json.dumps(told) + "\n")


def _lines_of(received: int) -> Iterator[bytes]:
    """Yield the lines of a descriptor as they come.

    Not by a buffered file: the interpreter cannot end while a thread waits in one.
    """
    parts: list[bytes] = []
    while chunk := os.read(received, _CHUNK_BYTES):
        first, *more = chunk.split(b"\n")
        parts.append(first)
        for following in more:
            yield b"".join(parts)
            parts = [following]
    if any(parts):
        yield b"".join(parts)
