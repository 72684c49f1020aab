"""A request to a cluster: sent again, to another node or another way, until it is answered in time.

While an answer is waited for the node is asked whether it and the others are there, so that a query
that takes long is told from a node that hangs. What is sent again does no harm: it is a search, has
ids, or supposes a version of what it replaces.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from math import inf
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexUnreachableError
from indexer.storage.remote.failures import BusyError, RefusedError, SilentError, torn
from indexer.storage.remote.nodes import HttpRequest, Nodes
from indexer.storage.remote.patience import Patience
from indexer.storage.remote.route import Route
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from indexer.storage.remote.address import Address
    from indexer.storage.remote.nodes import Members, Node

# A cluster that has too much to do is asked again for so long.
_BUSY_SECONDS = 45.0
# After so long it is looked at why there is no answer, and again; a look takes as long at most.
_LOOK_SECONDS = 1.0
# A node that is the only one is given up when it has been silent for so long.
_SILENT_SECONDS = 20.0
# After so long, or half the time there is, what others than the one that is asked hold is given up.
_LOST_SECONDS = 5.0
# So long a way around nodes is taken before it is looked again at which answer.
_DETOUR_SECONDS = 5.0
_STRAIGHT = Route()


class _Waiting(NamedTuple):
    """How an answer is waited for.

    Attributes:
        given: the time there is for it, in seconds.
        until: when that is over, by the monotonic clock.
        reads: the index that is read; "" for a request that goes to all nodes as they are.
        route: how it is asked.
        is_last: whether there is no other node to ask.
    """

    given: float
    until: float
    reads: str
    route: Route
    is_last: bool


class _DetourError(Exception):
    """There is another way to ask."""


class Connection:
    """Asks the nodes of an address; threads may share it.

    Args:
        address: theirs.
        indices: the names of what is read, with commas between.
        patience_seconds: how long an answer is waited for, unless it is said.
    """

    def __init__(self, address: Address, indices: str, patience_seconds: float) -> None:
        self._address = address
        self._indices = indices
        self._patience_seconds = patience_seconds
        self._nodes = Nodes(address)
        self._route, self._seen_at = _STRAIGHT, 0.0
        self._looking = threading.Lock()
        self._own = threading.local()
        self._last = inf

    def close(self) -> None:
        """Let go of the connections."""
        self._nodes.close()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Have all that this thread asks meanwhile be answered in so many seconds, or fail."""
        before = getattr(self._own, "until", inf)
        self._own.until = min(before, time.monotonic() + seconds)
        try:
            yield
        finally:
            self._own.until = before

    @contextmanager
    def hurried(self, seconds: float) -> Iterator[None]:
        """Meanwhile give up in so many seconds what any thread waits for or begins to ask."""
        self._last = time.monotonic() + seconds
        try:
            yield
        finally:
            self._last = inf

    def carry_out(
        self,
        make: Callable[[Route], HttpRequest],
        *,
        index: str = "",
        timeout_seconds: float | None = None,
    ) -> Any:
        """Send a request and return its answer, in which parts that were left out count as failed.

        Args:
            make: the request on a route.
            index: which of the indices it reads; "" where it goes to all nodes as they are.
            timeout_seconds: how long the answer is waited for; None: as usual.

        Raises:
            KeyError: what it is about is not there.
            ConflictError: a document is not as the request supposes.
            RefusedError: the request is not taken.
            IndexUnreachableError: there is no answer, or none from any part of the index.
        """
        given = self._patience_seconds if timeout_seconds is None else timeout_seconds
        until = min(time.monotonic() + given, getattr(self._own, "until", inf))
        patience = Patience(f"{self._address} cannot answer now", _BUSY_SECONDS)
        tried: set[Node] = set()
        while True:
            node = self._nodes.next(tried)
            route = self._current(node) if index else _STRAIGHT
            if route.has_none(index):
                raise torn(self._address)
            is_last = len(tried) + 1 >= len(self._nodes)
            waiting = _Waiting(given, until, index, route, is_last)
            try:
                answer = self._answer(node, make(route), waiting)
            except _DetourError:
                continue
            except BusyError as error:
                if not patience.wait(str(error), min(until, self._last)):
                    raise IndexUnreachableError(
                        f"{self._address} cannot answer now: {error}", hint="try again later"
                    ) from error
            except SilentError as error:
                self._nodes.avoid(node)
                tried.add(node)
                if is_last or time.monotonic() >= min(until, self._last):
                    raise IndexUnreachableError(
                        f"nothing answers at {self._address}: {error}",
                        hint="see that the cluster runs and that the address is right",
                    ) from error
            else:
                self._nodes.trust(node)
                route.complete(index, answer)
                return answer

    def _answer(self, node: Node, request: HttpRequest, waiting: _Waiting) -> Any:
        """What a node answers; raises _DetourError where it should be asked another way."""
        began = time.monotonic()
        answer = node.begin(request, max(0.0, waiting.until - began))
        pause = min(_LOOK_SECONDS, waiting.given / 4)
        while True:
            until = min(waiting.until, self._last)
            try:
                return answer.result(max(0.0, min(pause, until - time.monotonic())))
            except TimeoutError:
                quiet = time.monotonic() - began
            if time.monotonic() >= until:
                raise SilentError(f"no answer in {_seconds(quiet)}")
            try:
                self._look(node, began, waiting)
            except (SilentError, _DetourError):
                if not answer.done():
                    raise

    def _look(self, node: Node, began: float, waiting: _Waiting) -> None:
        """Look why there is no answer yet."""
        if waiting.reads and self._route != waiting.route:  # another thread has looked
            raise _DetourError
        seconds = min(_LOOK_SECONDS, waiting.given / 4)
        members = node.members(seconds)
        quiet = time.monotonic() - began
        if members is None:
            if not waiting.is_last or quiet > _SILENT_SECONDS:
                raise SilentError(f"no answer in {_seconds(quiet)}")
        elif waiting.reads and members.silent:
            route = self._around(node, members, seconds)
            if route.lost(waiting.reads) and quiet < min(waiting.given / 2, _LOST_SECONDS):
                return
            route = route.whole({*waiting.route.parts, waiting.reads})
            if route != waiting.route:
                self._route, self._seen_at = route, time.monotonic()
                raise _DetourError

    def _current(self, node: Node) -> Route:
        """The way around nodes that were silent; where it is an old one, which those are now."""
        is_old = time.monotonic() - self._seen_at > _DETOUR_SECONDS
        if self._route.nodes and is_old and self._looking.acquire(blocking=False):
            try:
                members = node.members(_LOOK_SECONDS)
                if members is not None:
                    route = self._around(node, members, _LOOK_SECONDS)
                    self._route = route.whole(self._route.parts)
                    self._seen_at = time.monotonic()
            finally:
                self._looking.release()
        return self._route

    def _around(self, node: Node, members: Members, seconds: float) -> Route:
        """The way around the silent ones of some nodes; the one there is where nobody tells."""
        if not members.silent:
            return _STRAIGHT
        path = f"/{self._indices}/_search_shards"
        try:
            told = node.begin(HttpRequest("GET", path, None, {"local": "true"}), seconds)
            groups = told.result(seconds)["shards"]
        except (TimeoutError, SilentError, BusyError, RefusedError, KeyError):
            return self._route
        return Route.by(members.answering, groups)


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds >= 2 else f"{seconds:.1f} seconds"
