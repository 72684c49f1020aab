"""A client of HTTP/1.1 that takes little of the processor it shares with the server it measures.

It sends bytes that were made before and cuts answers out of what comes, no more: it follows no
redirect, knows no cookies, and reads a body by its length or in chunks.
"""

from __future__ import annotations

import asyncio
import gzip
import re
import time
from typing import NamedTuple, Self
from urllib.parse import urlsplit

_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_GZIP = re.compile(rb"\r\ncontent-encoding: *gzip", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
# No server here takes so long; without it one fault would let a measurement wait for ever.
_PATIENCE_SECONDS = 120
_WITHOUT_BODY = frozenset({204, 304})


class Answer(NamedTuple):
    """What a server said.

    Attributes:
        status: the number.
        body: without what it was packed in.
        sent_bytes: the size of the body on the wire.
        seconds: from sending the request to the last byte of the answer.
    """

    status: int
    body: bytes
    sent_bytes: int
    seconds: float


class ClosedError(Exception):
    """The server closed a connection on which it owed an answer."""


def request_bytes(
    address: str, target: str, *, body: bytes | None = None, headers: tuple[str, ...] = ()
) -> bytes:
    """A request for a target, which is a path with its parameters; with a body it is a POST."""
    lines = [
        f"{'GET' if body is None else 'POST'} {target} HTTP/1.1",
        f"Host: {urlsplit(address).netloc}",
        *headers,
    ]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("ascii") + (body or b"")


class Connection(asyncio.Protocol):
    """One connection that is kept alive; a request at a time."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._answered: asyncio.Future[Answer] | None = None
        self._transport: asyncio.Transport | None = None
        self._sent_at = 0.0
        self.is_open = True

    @classmethod
    async def to(cls, address: str) -> Self:
        """Connect to a server."""
        split = urlsplit(address)
        assert split.hostname is not None
        assert split.port is not None
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(cls, split.hostname, split.port)
        return connection

    async def ask(self, request: bytes) -> Answer:
        """Send a request and wait for its answer.

        Raises:
            ClosedError: the server closed the connection, be it before, as it was idle.
            TimeoutError: nothing came in two minutes.
        """
        if not self.is_open:
            raise ClosedError("closed before it was asked")
        self.send(request)
        assert self._answered is not None
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await self._answered

    def send(self, request: bytes) -> None:
        """Send a request, or a part of one, whose answer nobody need wait for."""
        assert self._transport is not None
        self._answered = asyncio.get_running_loop().create_future()
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def abort(self) -> None:
        """Break off, whatever is under way."""
        assert self._transport is not None
        self._answered = None
        self._transport.abort()

    def close(self) -> None:
        """Close the connection."""
        assert self._transport is not None
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(ClosedError(str(exc or "closed without an answer")))

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._answered is None or self._answered.done():
            return
        found = _answer_in(self._received)
        if found is not None:
            if found.closes:
                self.is_open = False
            self._received.clear()
            seconds = time.perf_counter() - self._sent_at
            self._answered.set_result(Answer(found.status, found.body, found.sent_bytes, seconds))


class _Found(NamedTuple):
    status: int
    body: bytes
    sent_bytes: int
    closes: bool


def _answer_in(received: bytearray) -> _Found | None:
    """The answer that was received; None as long as it has not all come."""
    end = received.find(_HEAD_END)
    if end < 0:
        return None
    head, rest = bytes(received[:end]), end + len(_HEAD_END)
    status = int(head[9:12])
    if status in _WITHOUT_BODY:
        body: bytes | None = b""
    elif length := _LENGTH.search(head):
        whole = rest + int(length[1])
        body = bytes(received[rest:whole]) if len(received) >= whole else None
    elif _CHUNKED.search(head):
        body = _unchunked(received, rest)
    else:
        raise ValueError(f"an answer without a length: {head!r}")
    if body is None:
        return None
    unpacked = gzip.decompress(body) if _GZIP.search(head) else body
    return _Found(status, unpacked, len(body), _CLOSES.search(head) is not None)


def _unchunked(received: bytearray, start: int) -> bytes | None:
    parts: list[bytes] = []
    while (line_end := received.find(b"\r\n", start)) >= 0:
        size_bytes = int(received[start:line_end].partition(b";")[0], 16)
        start = line_end + 2
        if len(received) < start + size_bytes + 2:
            return None
        if not size_bytes:
            return b"".join(parts)
        parts.append(bytes(received[start : start + size_bytes]))
        start += size_bytes + 2
    return None
