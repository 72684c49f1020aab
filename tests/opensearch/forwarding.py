"""A server in front of a node: it passes on what it is asked, or loses it, and tells of it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_HOPS = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host"})


class Fate(Enum):
    """What becomes of a request."""

    ANSWERED = "answered"
    REFUSED = "refused"  # as too large
    UNHEARD = "unheard"  # the node is not told of it, and its sender gets no answer
    UNANSWERED = "unanswered"  # the node carries it out, and its sender gets no answer


@dataclass(frozen=True, slots=True)
class Passed:
    """A request that was passed on: its method, path and body."""

    method: str
    path: str
    body: bytes

    @property
    def name(self) -> str:
        """What kind of request it is, such as ``_msearch``."""
        return next((part for part in self.path.split("/") if part.startswith("_")), self.path)

    @property
    def searches(self) -> int:
        """How many searches it has."""
        return self.body.count(b"\n") // 2 if self.name == "_msearch" else 0


@dataclass(slots=True)
class Forwarding:
    """What a server does in front of a node.

    Attributes:
        address: where it listens, ``http://`` included.
        passed: what was asked so far.
        delay_seconds: how much longer each answer takes, as over a network.
        fate_of: what becomes of a request; it may wait.
    """

    address: str
    passed: list[Passed] = field(default_factory=list)
    delay_seconds: float = 0.0
    fate_of: Callable[[Passed], Fate] = lambda _passed: Fate.ANSWERED

    @property
    def host(self) -> str:
        """Where it listens, as an address of an index has it."""
        return self.address.removeprefix("http://")

    def taken(self) -> list[Passed]:
        """What was asked since this was called last, but for looks at nodes that are slow."""
        passed, self.passed = self.passed, []
        return [one for one in passed if one.name != "_nodes"]


@contextmanager
def forwarding(url: str) -> Iterator[Forwarding]:
    """Stand in front of a node."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Or each answer would wait for what acknowledges its head.
        disable_nagle_algorithm = True
        wbufsize = -1

        def setup(self) -> None:
            super().setup()
            self.node = HTTPConnection(url.removeprefix("http://"), timeout=120)

        def finish(self) -> None:
            self.node.close()
            super().finish()

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            path = self.path.partition("?")[0]
            passed = Passed(self.command, path, body)
            server.passed.append(passed)
            time.sleep(server.delay_seconds)
            fate = server.fate_of(passed)
            if fate is Fate.REFUSED:
                self._answer(413, [], b"")
                return
            self.close_connection = fate is not Fate.ANSWERED
            if fate is Fate.UNHEARD:
                return
            kept = {name: one for name, one in self.headers.items() if name.lower() not in _HOPS}
            self.node.request(self.command, self.path, body or None, kept)
            answer = self.node.getresponse()
            told = answer.read()
            if fate is Fate.ANSWERED:
                self._answer(answer.status, answer.getheaders(), told)

        def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in _HOPS:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self._pass_on()

        def do_POST(self) -> None:
            self._pass_on()

        def do_PUT(self) -> None:
            self._pass_on()

        def do_DELETE(self) -> None:
            self._pass_on()

        def do_HEAD(self) -> None:
            self._pass_on()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        server = Forwarding(f"http://127.0.0.1:{http.server_port}")
        thread = Thread(target=http.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()
