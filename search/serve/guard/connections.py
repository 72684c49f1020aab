"""Connections of clients: those that are slow, idle or too many are ended, as they take room.

uvicorn waits for a request that has begun, and for a client to take its answer, as long as it may
take; here neither takes for ever. Who ends the connection may have said all and wait for an answer,
or be gone. Only what is sent tells which, so something is sent that HTTP has clients pass over.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from uvicorn.protocols.http.h11_impl import H11Protocol

from indexer.errors import EXIT_INDEX, EXIT_USAGE, Failure
from search.serve.guard.headers import HEADERS
from search.serve.limits import RETRY_SECONDS, Limits
from search.serve.problems import problem

if TYPE_CHECKING:
    import asyncio

    from starlette.responses import Response

# So long after a client has said all it is asked whether it is there, then after twice as long.
_ASKING_SECONDS = 0.25
_INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"


def protocol_of(limits: Limits) -> type[H11Protocol]:
    """The protocol that uvicorn is to speak, within limits."""

    class Bounded(_Bounded):
        bounds = limits

    return Bounded


class _Bounded(H11Protocol):
    """HTTP/1.1 with one client, for no longer than it keeps up.

    Attributes:
        bounds: the limits.
    """

    bounds: Limits
    _looking: asyncio.TimerHandle | None = None
    _asking: asyncio.TimerHandle | None = None
    _left_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a client, unless there are too many."""
        super().connection_made(transport)
        if len(self.connections) > self.bounds.connections:
            self._end_with(_too_many())
        else:
            self._look_later()

    def data_received(self, data: bytes) -> None:
        """Take what the client sends; a request that is whole is not waited for any more."""
        super().data_received(data)
        if self._is_answering() and not self.flow.write_paused:
            self._look_no_more()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Keep a client that has nothing more to say until it has its answer, or is gone."""
        if not self._is_answering():
            return False
        self._ask_later(_ASKING_SECONDS)
        return True

    def pause_writing(self) -> None:
        """Begin to wait for the client to take what was written."""
        super().pause_writing()
        self._look_later()

    def resume_writing(self) -> None:
        """Go on, as it was taken."""
        super().resume_writing()
        if self._is_answering():
            self._look_no_more()

    def on_response_complete(self) -> None:
        """Begin to wait for the client to take the answer, and to ask again."""
        super().on_response_complete()
        if not self._is_answering():
            self._look_later()

    def connection_lost(self, exc: Exception | None) -> None:
        """Be done with the client."""
        self._look_no_more()
        if self._asking is not None:
            self._asking.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, or has headers without end."""
        if self._is_answering():  # it comes on the heels of a request
            self.transport.close()
        else:
            self._end_with(_no_request(msg))

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _ask_later(self, seconds: float) -> None:
        self._asking = self.loop.call_later(seconds, self._ask, seconds)

    def _ask(self, seconds: float) -> None:
        """Send what a client that is gone resets, so that the next one fails and it is known."""
        cycle = self.cycle
        if cycle is None or cycle.response_started or self.transport.is_closing():
            return
        if cycle.scope["http_version"] == "1.1":  # before, nothing could come before an answer
            self.transport.write(_INTERIM)
            self._ask_later(2 * seconds)

    def _look_later(self) -> None:
        self._look_no_more()
        self._left_bytes = self.transport.get_write_buffer_size()
        self._looking = self.loop.call_later(self.bounds.slow_seconds, self._look)

    def _look_no_more(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    def _look(self) -> None:
        """End it, unless it is still taking an answer."""
        left_bytes = self.transport.get_write_buffer_size()
        if 0 < left_bytes < self._left_bytes:
            self._look_later()
        elif left_bytes:
            self.transport.abort()
        else:
            self.transport.close()

    def _end_with(self, response: Response) -> None:
        """Send an answer that no application gave, and end the connection."""
        status = HTTPStatus(response.status_code)
        head = [f"HTTP/1.1 {status.value} {status.phrase}".encode()]
        head += [b": ".join(header) for header in response.raw_headers]
        head += [b"connection: close", b"", bytes(response.body)]
        self.transport.write(b"\r\n".join(head))
        self.transport.close()


def _too_many() -> Response:
    hint = "ask again in a moment"
    failure = Failure("busy", "too many connections are open", hint, EXIT_INDEX)
    headers = {**HEADERS, "Retry-After": str(RETRY_SECONDS)}
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, failure, headers=headers)


def _no_request(fault: str) -> Response:
    failure = Failure("usage", fault.rstrip("."), "", EXIT_USAGE)
    return problem(HTTPStatus.BAD_REQUEST, failure, headers=HEADERS)
