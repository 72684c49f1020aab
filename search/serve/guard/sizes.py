"""How much a request may be: its address, and its body, which is counted while it comes.

What cannot be counted is refused here too: another version of HTTP, a compressed body.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from indexer.errors import EXIT_USAGE, Failure
from search.serve.guard.departures import answer_while_there
from search.serve.problems import problem

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from search.serve.limits import Limits

# A client may read nothing before it has sent all; so many times what it may send are taken from it
# and dropped, so that it learns why.
_MOST_HEARD = 16
_SPOKEN = frozenset({"1.0", "1.1"})


class Sized:
    """Lets pass to an application what is not too large, with the body as a whole.

    No application can so be made to wait for a body, and none counts.
    """

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["http_version"] not in _SPOKEN:
            await _not_spoken(scope["http_version"])(scope, receive, send)
            return
        path = scope.get("raw_path") or scope["path"].encode()
        target_bytes = len(b"?".join((path, scope["query_string"])))
        if target_bytes > self._limits.target_bytes:
            await _too_long(self._limits.target_bytes)(scope, receive, send)
            return
        asked = Headers(scope=scope)
        has_body = "content-length" in asked or "transfer-encoding" in asked
        if "content-length" in asked and "transfer-encoding" in asked:
            await _ambiguous()(scope, receive, send)
            return
        body = await self._body(asked, receive) if has_body else b""
        if isinstance(body, bytes):
            whole = _begun_with(body, receive)
            await answer_while_there(self._app, scope, whole, send, after_body=receive)
        elif body is not None:
            await body(scope, receive, send)

    async def _body(self, asked: Headers, receive: Receive) -> bytes | Response | None:
        """The body, or what is answered in its place, or None if the client has gone."""
        most = self._limits.body_bytes
        if asked.get("content-encoding", "identity") != "identity":
            return _packed()
        told_bytes = int(asked.get("content-length", 0))
        # Who asks before sending need not send it, and nobody is heard out who sends very much.
        if told_bytes > most and ("expect" in asked or told_bytes > _MOST_HEARD * most):
            return _too_large(most)
        body = bytearray()
        taken_bytes = 0
        try:
            async with asyncio.timeout(self._limits.slow_seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    piece = message.get("body", b"")
                    taken_bytes += len(piece)
                    if taken_bytes <= most:
                        body += piece
                    is_last = not message.get("more_body", False)
                    if taken_bytes > most and (is_last or taken_bytes > _MOST_HEARD * most):
                        return _too_large(most)
                    if is_last:
                        return bytes(body)
        except TimeoutError:
            return _too_slow(self._limits.slow_seconds)


def _begun_with(body: bytes, receive: Receive) -> Receive:
    """What gives a body that was received already, then what comes."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def received() -> Message:
        return first.pop() if first else await receive()

    return received


def _not_spoken(version: str) -> Response:
    failure = Failure("usage", f"HTTP/{version} is not spoken here", "ask by HTTP/1.1", EXIT_USAGE)
    return problem(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, failure)


def _too_long(most_bytes: int) -> Response:
    message = f"the address is longer than {most_bytes:,} bytes"
    failure = Failure("address_too_long", message, "ask with a shorter query", EXIT_USAGE)
    return problem(HTTPStatus.REQUEST_URI_TOO_LONG, failure)


def _ambiguous() -> Response:
    """What a proxy in front may read as the end of one request, and this as that of another."""
    message = "the body has a Content-Length and a Transfer-Encoding"
    failure = Failure("usage", message, "send one of them", EXIT_USAGE)
    return problem(HTTPStatus.BAD_REQUEST, failure, headers={"Connection": "close"})


def _too_large(most_bytes: int) -> Response:
    message = f"the body is larger than {most_bytes:,} bytes"
    failure = Failure("body_too_large", message, "send less at once", EXIT_USAGE)
    return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, failure)


def _packed() -> Response:
    message = "the body is compressed, and is not unpacked here"
    failure = Failure("body_compressed", message, "send it as it is", EXIT_USAGE)
    return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, failure)


def _too_slow(seconds: float) -> Response:
    message = f"the body was not whole after {seconds:g} seconds"
    failure = Failure("body_too_slow", message, "send it anew", EXIT_USAGE)
    return problem(HTTPStatus.REQUEST_TIMEOUT, failure, headers={"Connection": "close"})
