"""What is asked of an index in a cluster, and what it answers."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexMissingError, IndexUnreachableError
from indexer.storage.remote.connection import Connection
from indexer.storage.remote.failures import torn
from indexer.storage.remote.mapping import STATE_SUFFIX
from indexer.storage.remote.nodes import HttpRequest
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from indexer.storage.remote.address import Address
    from indexer.storage.remote.route import Route

#: How long an answer is waited for where nobody is in a hurry.
PATIENCE_SECONDS = 60.0
# What is left out because a shard does not answer would be taken for what is not there.
_ALL_SHARDS: dict[str, Any] = {"allow_partial_search_results": "false"}
# How long the cluster keeps what a scan has not fetched yet.
_SCROLL = "5m"


class Version(NamedTuple):
    """What tells one version of a document from every other one."""

    seq_no: int
    primary_term: int


class Client:
    """Asks one cluster for one index.

    Attributes:
        address: where it is.
        passages, state: the names of its two indices there.
    """

    def __init__(self, address: Address, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Name it; patience is how long an answer is waited for, unless it is said."""
        self.address = address
        self.passages = address.name
        self.state = f"{address.name}{STATE_SUFFIX}"
        both = f"{self.passages},{self.state}"
        self._connection = Connection(address, both, patience_seconds)

    def close(self) -> None:
        """Let go of the connections."""
        self._connection.close()

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """Have all that this thread asks meanwhile be answered in so many seconds, or fail."""
        return self._connection.within(seconds)

    def hurried(self, seconds: float) -> AbstractContextManager[None]:
        """Meanwhile give up in so many seconds what any thread waits for or begins to ask."""
        return self._connection.hurried(seconds)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        timeout_seconds: float | None = None,
        **parameters: Any,
    ) -> Any:
        """Send one request and return its answer; raises as Connection.carry_out()."""
        request = HttpRequest(method, path, body, parameters)
        return self._connection.carry_out(lambda _: request, timeout_seconds=timeout_seconds)

    def read(
        self,
        index: str,
        make: Callable[[Route], HttpRequest],
        *,
        timeout_seconds: float | None = None,
    ) -> Any:
        """The answer to what reads one of the two indices, around nodes that do not answer.

        Args:
            index: its name.
            make: the request on a route.
            timeout_seconds: how long to wait; None: as usual.

        Raises:
            RefusedError: the request is not taken.
            IndexMissingError: there is no such index.
            IndexUnreachableError: there is no answer, or none from any part of the index.
        """
        try:
            return self._connection.carry_out(make, index=index, timeout_seconds=timeout_seconds)
        except KeyError as error:
            raise self.missing() from error

    def _search(self, kind: str, index: str, body: Mapping[str, Any], **parameters: Any) -> Any:
        """The answer to ``_search`` or ``_count``, of all parts of an index.

        Raises:
            IndexMissingError: there is no such index.
            IndexUnreachableError: there is no answer, or not of all parts.
        """

        def request(route: Route) -> HttpRequest:
            how = {**parameters, **route.of_search(index)}
            return HttpRequest("POST", f"/{index}/{kind}", body, how)

        answer = self.read(index, request)
        self._refuse_partial(answer)
        return answer

    # What is asked for often

    def document(self, name: str) -> dict[str, Any] | None:
        """The newest version of a document of the state, with _seq_no and _primary_term."""
        path = f"/{self.state}/_doc/{name}"

        def request(route: Route) -> HttpRequest:
            return HttpRequest("GET", path, None, route.of_documents([self.state]))

        try:
            found: dict[str, Any] = self._connection.carry_out(request, index=self.state)
        except KeyError:
            return None
        return found if found.get("found") else None

    @staticmethod
    def version_of(found: Mapping[str, Any]) -> Version:
        """The version of a document as document() returned it."""
        return Version(found["_seq_no"], found["_primary_term"])

    def put(self, name: str, record: Mapping[str, Any], at: Version | None) -> Version:
        """Replace a document of the state in one step, or make it where at is None.

        Args:
            name: its id.
            record: what it says from now on.
            at: the version that it must have.

        Returns: its new version.

        Raises:
            ConflictError: it has another version, or is there already.
            IndexUnreachableError: there is no answer, and it may be replaced or not.
        """
        if at is None:
            answer = self.ask("PUT", f"/{self.state}/_create/{name}", record)
        else:
            answer = self.ask(
                "PUT",
                f"/{self.state}/_doc/{name}",
                record,
                if_seq_no=at.seq_no,
                if_primary_term=at.primary_term,
            )
        return self.version_of(answer)

    def scan(
        self, index: str, body: Mapping[str, Any], *, size: int = 1_000
    ) -> Iterator[dict[str, Any]]:
        """Yield all hits of a search in one index, as it is when the first is asked for.

        Raises IndexUnreachableError where a part of it does not answer, as count() does.

        Args:
            index: passages or state.
            body: the query, sort and _source of the search.
            size: how many are fetched at a time.
        """
        sized = {"sort": ["_doc"], **body, "size": size}
        first = {**sized, "track_total_hits": False}  # as most are few
        hits = self._search("_search", index, first, **_ALL_SHARDS)["hits"]["hits"]
        if len(hits) < size:
            yield from hits
            return
        answer = self._search("_search", index, sized, scroll=_SCROLL, **_ALL_SHARDS)
        try:
            while hits := answer["hits"]["hits"]:
                yield from hits
                after = {"scroll": _SCROLL, "scroll_id": answer["_scroll_id"]}
                answer = self.ask("POST", "/_search/scroll", after)
                self._refuse_partial(answer)
        finally:
            with suppress(IndexUnreachableError, KeyError):
                self.ask("DELETE", "/_search/scroll", {"scroll_id": answer["_scroll_id"]})

    def count(self, index: str, query: Mapping[str, Any]) -> int:
        """How many documents of an index a query finds."""
        return int(self._search("_count", index, {"query": query})["count"])

    def highest(self, index: str, field: str) -> int:
        """The greatest number that a field of an index has; 0 if there is none."""
        body = {"size": 0, "aggs": {"highest": {"max": {"field": field}}}}
        found = self._search("_search", index, body, **_ALL_SHARDS)
        return int(found["aggregations"]["highest"]["value"] or 0)

    def _refuse_partial(self, answer: Mapping[str, Any]) -> None:
        """Raise IndexUnreachableError unless all shards have answered."""
        # A part that is on no node has not failed: it is not among those that were asked.
        shards = answer["_shards"]
        if shards["successful"] < shards["total"] or answer.get("timed_out"):
            raise torn(self.address)

    def refresh(self) -> None:
        """Have all that was written be found; IndexUnreachableError where a part is missing."""
        both = f"{self.passages},{self.state}"
        try:
            answer = self.ask("POST", f"/{both}/_refresh")
        except KeyError as error:
            raise self.missing() from error
        # Copies that are on no node, or not ready yet, are not refreshed, and need not be.
        if answer["_shards"]["failed"]:
            raise torn(self.address)
        self.count(both, {"match_none": {}})  # which asks one copy of each part

    def missing(self) -> IndexMissingError:
        """What is told where there is no index."""
        return IndexMissingError(
            f"no index at {self.address}",
            hint=f"create one with: indexer -i {self.address} add FILE...",
        )


def lines_of(records: Iterable[Mapping[str, Any]]) -> str:
    """Records as lines of JSON, as requests of many parts are sent."""
    return "".join([f"{json.dumps(one, separators=(',', ':'))}\n" for one in records])
