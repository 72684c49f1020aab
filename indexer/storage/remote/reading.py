"""Searches and documents of an index in a cluster, several in one request.

A request answers each of its parts by itself. What it answers is told here part by part, so that
who joins the parts of several questions fails none of them for another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.errors import IndexFaultError, IndexUnreachableError
from indexer.storage.remote.client import lines_of
from indexer.storage.remote.failures import (
    BusyError,
    RefusedError,
    failure_of,
    refusal_in,
    torn,
)
from indexer.storage.remote.nodes import HttpRequest
from indexer.storage.remote.standing import refuse_another_name
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from indexer.storage.remote.client import Client
    from indexer.storage.remote.route import Route

#: A search whose scores go by the words of all shards, which asks each of them twice.
OVER_ALL = "dfs_query_then_fetch"


class Search(NamedTuple):
    """One search: its body, and how scores go by shards."""

    body: Mapping[str, Any]
    kind: str = ""

    def written(self) -> Written:
        """It as it is sent."""
        return Written({"search_type": self.kind} if self.kind else {}, lines_of((self.body,)))


class Written(NamedTuple):
    """A search as a part of a request: what is said of it, and the line of its body."""

    header: Mapping[str, str]
    line: str


class Name(NamedTuple):
    """What names a document in a cluster: one of the two indices, by its name, and its id there."""

    place: str
    id: str


def carried_out(
    client: Client, searches: Sequence[Written], *, timeout_seconds: float | None = None
) -> list[dict[str, Any]]:
    """What the cluster answers to each of some searches, which answer_of() judges.

    Args:
        client: asks the cluster.
        searches: they, as they are sent.
        timeout_seconds: how long to wait; None: as long as the client does.

    Raises:
        RefusedError: the request as a whole is not taken.
        IndexMissingError, IndexUnreachableError: as Client.read().
    """

    def request(route: Route) -> HttpRequest:
        way = route.of_search(client.passages)
        lines = [f"{lines_of(({**one.header, **way},))}{one.line}" for one in searches]
        return HttpRequest("POST", f"/{client.passages}/_msearch", "".join(lines), {})

    found = client.read(client.passages, request, timeout_seconds=timeout_seconds)
    answers: list[dict[str, Any]] = found["responses"]
    return answers


def answer_of(client: Client, part: dict[str, Any]) -> dict[str, Any]:
    """The answer to one search.

    Raises:
        RefusedError: it is not taken.
        IndexMissingError: there is no index.
        IndexUnreachableError: no part of the index answers, or not to who asks.
        UsageError: it was asked for by another name.
    """
    if refusal := refusal_in(part):
        raise RefusedError(refusal)
    if "error" not in part:
        for hit in part["hits"]["hits"][:1]:
            refuse_another_name(client, client.passages, hit["_index"])
        return part
    failure = failure_of(client.address, part.get("status", 0), part)
    if isinstance(failure, KeyError):
        raise client.missing()
    if isinstance(failure, BusyError):  # also a node that is just being lost
        raise IndexUnreachableError(
            f"no part of the index at {client.address} answers",
            hint="see that the cluster is whole, or try again later",
        )
    raise failure


def searches(client: Client, bodies: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The answers to some searches; raises as answer_of() does."""
    written = [Search(body).written() for body in bodies]
    return [answer_of(client, one) for one in carried_out(client, written)]


def looked_up(client: Client, names: Sequence[Name]) -> list[dict[str, Any]]:
    """What the cluster answers of each of some documents as they are now; see source_of()."""
    places = list(dict.fromkeys(one.place for one in names))
    docs = [{"_index": one.place, "_id": one.id} for one in names]

    def request(route: Route) -> HttpRequest:
        return HttpRequest("POST", "/_mget", {"docs": docs}, route.of_documents(places))

    found: list[dict[str, Any]] = client.read(places[0], request)["docs"]
    return found


def source_of(client: Client, part: Mapping[str, Any]) -> dict[str, Any] | None:
    """What is kept of a document; None if it is not there.

    Raises:
        IndexMissingError: there is no index.
        IndexUnreachableError: the part where it would be does not answer, or not to who asks.
    """
    if "error" in part:
        failure = failure_of(client.address, 0, part)
        if isinstance(failure, KeyError):
            raise client.missing()
        raise failure if isinstance(failure, IndexFaultError) else torn(client.address)
    source: dict[str, Any] | None = part["_source"] if part.get("found") else None
    return source
