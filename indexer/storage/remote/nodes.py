"""The nodes of a cluster by their addresses: what is sent to one, and which is asked next.

Each request is carried out by a thread of its own. Whatever that hangs at, be it a name that is
looked up, a connection or a node that was stopped, who asks need not wait for it.
"""

from __future__ import annotations

import json
import re
import time
from concurrent.futures import Future
from contextlib import suppress
from itertools import count
from threading import Thread
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexUnreachableError, UsageError
from indexer.storage.remote.answers import answer_in, foreign
from indexer.storage.remote.failures import BusyError, RefusedError, SilentError
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from indexer.storage.remote.address import Address
    from indexer.storage.remote.address import Node as NodeAddress

# What the client begins its messages with, which tells no more than the address does.
_OF_CLIENT = re.compile(
    r"^HTTPS?Connection(Pool)?\([^)]*\): (Failed to establish a new connection: )?"
)
# So many connections to a node are kept open.
_MOST_KEPT = 16
# A node that did not answer is not asked for so long, while another one is.
_AVOIDED_SECONDS = 30.0
# Who waits for an answer gives up first, and says so.
_MORE_SECONDS = 1.0
# What each of them means is said elsewhere.
_ALL_STATUSES = range(1_000)


class HttpRequest(NamedTuple):
    """What a node is sent; a body that is no text goes as JSON."""

    method: str
    path: str
    body: Any = None
    parameters: Mapping[str, Any] = {}


class Members(NamedTuple):
    """The nodes of a cluster, by the names that it gives them, that answer and that do not."""

    answering: frozenset[str]
    silent: frozenset[str]


class Node:
    """One node; threads may share it."""

    def __init__(self, address: Address, node: NodeAddress) -> None:
        try:
            from opensearchpy import Urllib3HttpConnection  # noqa: PLC0415 - an extra, and slow
        except ImportError as error:
            raise UsageError(
                "an index in OpenSearch needs its client",
                hint="install it with: pip install 'passage-search[opensearch]'",
            ) from error
        self._address = address
        self._connection = Urllib3HttpConnection(
            host=node.host,
            port=node.port,
            use_ssl=address.is_https,
            http_auth=(address.user, address.password) if address.user else None,
            pool_maxsize=_MOST_KEPT,
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._connection.close()

    def begin(self, request: HttpRequest, seconds: float) -> Future[Any]:
        """Send a request; what becomes the answer is given up after so many seconds.

        It raises:
            KeyError: what the request is about is not there.
            ConflictError: a document is not as the request supposes.
            RefusedError: the request is not taken.
            BusyError: it may be taken later.
            SilentError: there is no answer.
            IndexUnreachableError: there is none for who asks.
            IndexWriteError: the cluster takes no writes now.
        """
        answer: Future[Any] = Future()

        def ask() -> None:
            try:
                answer.set_result(self._ask(request, seconds + _MORE_SECONDS))
            except BaseException as error:  # noqa: BLE001 - it is raised where the answer is read
                answer.set_exception(error)

        Thread(target=ask, name="request", daemon=True).start()
        return answer

    def members(self, seconds: float) -> Members | None:
        """The nodes of the cluster as this one sees them in so many seconds; None: it is silent."""
        patience = f"{max(1, int(500 * seconds))}ms"
        request = HttpRequest("GET", "/_nodes/process", None, {"timeout": patience})
        try:
            found = self.begin(request, seconds).result(seconds)
        except (TimeoutError, SilentError):
            return None
        except (BusyError, RefusedError, KeyError, IndexUnreachableError):
            return Members(frozenset(), frozenset())  # it answers, but not that
        failures = found["_nodes"].get("failures", ())
        silent = frozenset(one["node_id"] for one in failures if "node_id" in one)
        return Members(frozenset(found["nodes"]), silent)

    def _ask(self, request: HttpRequest, seconds: float) -> Any:
        from opensearchpy import exceptions as of  # noqa: PLC0415 - it is loaded

        body = request.body
        if body is not None:
            text = body if isinstance(body, str) else json.dumps(body, separators=(",", ":"))
            body = text.encode("utf-8", "surrogatepass")
        try:
            status, _, text = self._connection.perform_request(
                request.method,
                request.path,
                request.parameters,
                body,
                timeout=seconds,
                ignore=_ALL_STATUSES,
            )
        except of.ConnectionTimeout as error:
            raise SilentError(f"no answer in {seconds - _MORE_SECONDS:.0f} seconds") from error
        except of.ConnectionError as error:
            if isinstance(error.info, UnicodeDecodeError):
                raise foreign(self._address, "what is no UTF-8") from error
            raise SilentError(_OF_CLIENT.sub("", " ".join(str(error.info).split()))) from error
        return answer_in(self._address, request.path, status, text)


class Nodes:
    """All nodes of an address; threads may share them."""

    def __init__(self, address: Address) -> None:
        self._nodes = [Node(address, one) for one in address.nodes]
        self._avoided: dict[Node, float] = {}
        self._turns = count()

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._nodes)

    def close(self) -> None:
        """Let go of the connections."""
        for node in self._nodes:
            node.close()

    def next(self, tried: Collection[Node] = ()) -> Node:
        """The node that is asked now, one after the other; of those that were not tried yet.

        One that did not answer just now is asked only where there is no other.
        """
        now = time.monotonic()
        left = [one for one in self._nodes if one not in tried] or self._nodes
        good = [one for one in left if now >= self._avoided.get(one, now)] or left
        return good[next(self._turns) % len(good)]

    def avoid(self, node: Node) -> None:
        """Ask another node for a while."""
        self._avoided[node] = time.monotonic() + _AVOIDED_SECONDS

    def trust(self, node: Node) -> None:
        """Ask a node as often as others, as it answers."""
        with suppress(KeyError):
            del self._avoided[node]
