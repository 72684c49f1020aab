"""The connection to a cluster: requests, and what their failures mean to who asked."""

from __future__ import annotations

import json
import re
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from indexer.errors import (
    IndexFaultError,
    IndexMissingError,
    IndexUnreachableError,
    IndexWriteError,
    UsageError,
)
from indexer.storage.remote.address import PASSWORD_VARIABLE, USER_VARIABLE
from indexer.storage.remote.mapping import STATE_SUFFIX
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from indexer.storage.remote.address import Address

MISSING, _CONFLICT = 404, 409
_DENIED = (401, 403)
_BLOCKED = "cluster_block_exception"
# What a cluster answers that has too much to do, or is just losing a node.
BUSY = (429, 502, 503, 504)
# What the client begins its messages with, which tells no more than the address does.
_OF_CLIENT = re.compile(
    r"^HTTPS?Connection(Pool)?\([^)]*\): (Failed to establish a new connection: )?"
)
_TRIES = 8
_FIRST_WAIT_SECONDS = 0.1
_REQUEST_SECONDS = 60.0
# So many are deleted at a time.
_DELETIONS = 5_000
# What is left out because a shard does not answer would be taken for what is not there.
_ALL_SHARDS: dict[str, Any] = {"allow_partial_search_results": "false"}
# How long the cluster keeps what a scan has not fetched yet.
_SCROLL = "5m"


class ConflictError(Exception):
    """A document has changed since it was read."""


class RefusedError(Exception):
    """The cluster does not take a request; the argument is its reason."""


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

    def __init__(self, address: Address, *, patience_seconds: float = _REQUEST_SECONDS) -> None:
        """Name it; patience is how long a request waits for a cluster that is busy or torn."""
        try:
            from opensearchpy import OpenSearch  # noqa: PLC0415 - an extra, and slow to load
        except ImportError as error:
            raise UsageError(
                "an index in OpenSearch needs its client",
                hint="install it with: pip install 'passage-search[opensearch]'",
            ) from error
        self.address = address
        self._patience_seconds = patience_seconds
        self.passages = address.name
        self.state = f"{address.name}{STATE_SUFFIX}"
        self._asked = OpenSearch(
            [node._asdict() for node in address.nodes],
            use_ssl=address.is_https,
            http_auth=(address.user, address.password) if address.user else None,
            timeout=_REQUEST_SECONDS,
            max_retries=0,
            http_compress=False,
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._asked.close()

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        timeout_seconds: float | None = None,
        **parameters: Any,
    ) -> Any:
        """Send one request, again where the cluster has too much to do, and return its answer.

        Raises:
            KeyError: what it is about is not there.
            ConflictError: a document is not as the request supposes.
            RefusedError: the request is not taken.
            IndexUnreachableError: there is no answer.
        """
        seconds = self._patience_seconds if timeout_seconds is None else timeout_seconds
        until = time.monotonic() + seconds
        wait = _FIRST_WAIT_SECONDS
        # A node that was lost is not asked again for a while. What replaces a document in one step
        # is not sent twice, as it may have arrived.
        nodes_left = 0 if method == "PUT" else len(self.address.nodes) - 1
        while True:
            try:
                with self._told():
                    return self._asked.transport.perform_request(
                        method,
                        path,
                        params={**parameters, "request_timeout": seconds},
                        body=body,
                    )
            except _BusyError as error:
                if time.monotonic() + wait > until:
                    raise IndexUnreachableError(
                        f"{self.address} cannot answer now: {error}", hint="try again later"
                    ) from error
                time.sleep(wait)
                wait *= 2
            except IndexUnreachableError:
                if not nodes_left:
                    raise
                nodes_left -= 1

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Have the client's errors mean what ask() says."""
        from opensearchpy import exceptions as of  # noqa: PLC0415 - it is loaded

        try:
            yield
        except of.ConnectionError as error:  # no answer, or not in time
            raise IndexUnreachableError(
                f"nothing answers at {self.address}: {_OF_CLIENT.sub('', _short(error))}",
                hint="see that the cluster runs and that the address is right",
            ) from error
        except of.TransportError as error:
            code = error.status_code
            if code == MISSING:
                raise KeyError(str(error.error)) from error
            if code == _CONFLICT:
                raise ConflictError(str(error.error)) from error
            if code in _DENIED and error.error == _BLOCKED:
                raise IndexWriteError(
                    f"the cluster takes no writes to {self.address}: {_short(error)}",
                    hint="nothing was changed: see that its nodes have room on their disks",
                ) from error
            if code in _DENIED:
                raise IndexUnreachableError(
                    f"{self.address} asks who you are: {error.error}",
                    hint=f"give a user and a password in {USER_VARIABLE} and {PASSWORD_VARIABLE},"
                    " or in ~/.netrc",
                ) from error
            if code in BUSY:
                raise _BusyError(_short(error)) from error
            raise RefusedError(_short(error)) from error

    # What is asked for often

    def document(self, name: str) -> dict[str, Any] | None:
        """The newest version of a document of the state, with _seq_no and _primary_term."""
        try:
            found: dict[str, Any] = self.ask("GET", f"/{self.state}/_doc/{name}")
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
        try:
            hits = self._hits(self.ask("POST", f"/{index}/_search", first, **_ALL_SHARDS))
        except KeyError as error:
            raise self.missing() from error
        if len(hits) < size:
            yield from hits
            return
        answer = self.ask("POST", f"/{index}/_search", sized, scroll=_SCROLL, **_ALL_SHARDS)
        try:
            while hits := self._hits(answer):
                yield from hits
                after = {"scroll": _SCROLL, "scroll_id": answer["_scroll_id"]}
                answer = self.ask("POST", "/_search/scroll", after)
        finally:
            with suppress(IndexUnreachableError, KeyError):
                self.ask("DELETE", "/_search/scroll", {"scroll_id": answer["_scroll_id"]})

    def count(self, index: str, query: Mapping[str, Any]) -> int:
        """How many documents of an index a query finds."""
        try:
            answer = self.ask("POST", f"/{index}/_count", {"query": query})
        except KeyError as error:
            raise self.missing() from error
        self._refuse_partial(answer)
        return int(answer["count"])

    def _hits(self, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
        self._refuse_partial(answer)
        hits: list[dict[str, Any]] = answer["hits"]["hits"]
        return hits

    def _refuse_partial(self, answer: Mapping[str, Any]) -> None:
        """Raise IndexUnreachableError unless all shards have answered."""
        # A part that is on no node has not failed: it is not among those that were asked.
        shards = answer["_shards"]
        if shards["successful"] < shards["total"] or answer.get("timed_out"):
            raise self.torn()

    def delete_found(self, index: str, query: Mapping[str, Any]) -> None:
        """Delete the documents that a query finds in one index, as far as the cluster will.

        A cluster may lack the module that would do it in one request.
        """
        lines: list[str] = []
        with suppress(IndexFaultError, RefusedError):
            body = {"query": query, "_source": False}
            for hit in self.scan(index, body, size=_DELETIONS):
                lines.append(to_delete(index, hit["_id"]))
                if len(lines) == _DELETIONS:
                    self.bulk(lines)
                    lines = []
            self.bulk(lines)

    def torn(self) -> IndexUnreachableError:
        """What is told where a part of the index does not answer."""
        return IndexUnreachableError(
            f"a part of the index at {self.address} does not answer",
            hint="see that the cluster is whole, or try again later",
        )

    def bulk(self, requests: Sequence[str]) -> None:
        """Write documents in one request; what is refused for lack of room is sent again.

        Args:
            requests: each made by to_put() or to_delete().

        Raises:
            IndexWriteError: a document is refused for good.
            IndexUnreachableError: the cluster does not answer, or has no room for long.
        """
        left = list(requests)
        if not left:
            return
        wait = _FIRST_WAIT_SECONDS
        for _ in range(_TRIES):
            answer = self.ask("POST", "/_bulk", "".join(left), timeout_seconds=2 * _REQUEST_SECONDS)
            if not answer["errors"]:
                return
            again: list[str] = []
            for request, item in zip(left, answer["items"], strict=True):
                ((action, told),) = item.items()
                status = told["status"]
                if status in BUSY:
                    again.append(request)
                elif status >= 300 and not (action == "delete" and status == MISSING):
                    reason = told.get("error", {}).get("reason", status)
                    raise IndexWriteError(
                        f"{self.address} does not take {told.get('_id')}: {reason}",
                        hint="nothing was changed",
                    )
            if not again:
                return
            left = again
            time.sleep(wait)
            wait *= 2
        raise IndexUnreachableError(
            f"{self.address} has too much to do to take documents", hint="try again later"
        )

    def refresh(self) -> None:
        """Have all that was written be found; IndexUnreachableError where a part is missing."""
        both = f"{self.passages},{self.state}"
        try:
            answer = self.ask("POST", f"/{both}/_refresh")
        except KeyError as error:
            raise self.missing() from error
        # Copies that are on no node, or not ready yet, are not refreshed, and need not be.
        if answer["_shards"]["failed"]:
            raise self.torn()
        self.count(both, {"match_none": {}})  # which asks one copy of each part

    def delete(self) -> None:
        """Delete both indices and what they are made with."""
        for path in (
            f"/{self.passages}",
            f"/{self.state}",
            f"/_index_template/{self.passages}",
            f"/_index_template/{self.state}",
        ):
            with suppress(KeyError, RefusedError):
                self.ask("DELETE", path)

    def missing(self) -> IndexMissingError:
        """What is told where there is no index."""
        return IndexMissingError(
            f"no index at {self.address}",
            hint=f"create one with: indexer -i {self.address} add FILE...",
        )


def to_put(index: str, name: str, record: Mapping[str, Any]) -> str:
    """What bulk() is sent to write a document, in the place of one that has its id."""
    return lines_of(({"index": {"_index": index, "_id": name}}, record))


def to_delete(index: str, name: str) -> str:
    """What bulk() is sent to delete a document."""
    return lines_of(({"delete": {"_index": index, "_id": name}},))


class _BusyError(Exception):
    """The cluster may answer later."""


def lines_of(records: Iterable[Mapping[str, Any]]) -> str:
    """Records as lines of JSON, as requests of many parts are sent."""
    return "".join([f"{json.dumps(one, separators=(',', ':'))}\n" for one in records])


def _short(error: Exception) -> str:
    """What a client's error says, one short line."""
    told: Any = getattr(error, "info", None)
    if isinstance(told, dict):
        told = told.get("error", told)
    return reason_of(told or error)


def reason_of(told: Any) -> str:
    """What an error says that a cluster tells, one short line."""
    if isinstance(told, dict):
        (first, *_) = told.get("root_cause") or [told]
        told = first.get("reason") or told.get("reason") or told.get("type") or told
    text = " ".join(str(told).split())
    return text if len(text) <= 200 else f"{text[:200]}..."
