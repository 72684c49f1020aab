"""A server in front of a node, at which requests and answers get lost."""

from __future__ import annotations

import http.client
import threading
from contextlib import contextmanager
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Fate(Enum):
    """What becomes of a request."""

    ANSWERED = "answered"
    UNHEARD = "unheard"  # the node is not told of it, and its sender gets no answer
    UNANSWERED = "unanswered"  # the node carries it out, and its sender gets no answer


@contextmanager
def forwarding(url: str, fate_of: Callable[[str, str], Fate]) -> Iterator[str]:
    """The host and port of a server that hands requests on to a node, and back what it answers.

    Args:
        url: of the node.
        fate_of: what becomes of a request, by its method and its path with parameters.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # connections stay open

        def _forward(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            fate = fate_of(self.command, self.path)
            if fate is not Fate.UNHEARD:
                status, answer = _answer(url, self.command, self.path, body)
            if fate is not Fate.ANSWERED:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=UTF-8")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_PUT = do_POST = do_DELETE = _forward  # noqa: N815 - as they are looked for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _answer(url: str, method: str, path: str, body: bytes) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=120)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
