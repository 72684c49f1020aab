"""Searches and documents of an index in a cluster, several in one request.

A request answers each of its parts by itself. What it answers is told here part by part, so that
who joins the parts of several questions fails none of them for another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.errors import IndexUnreachableError
from indexer.storage.remote.client import BUSY, MISSING, RefusedError, lines_of, reason_of
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from indexer.storage.remote.client import Client

#: A search whose scores go by the words of all shards, which asks each of them twice.
OVER_ALL = "dfs_query_then_fetch"

_FAULT = 500
_TOO_LONG = ("too_many_clauses", "too_many_nested_clauses")
_NO_INDEX = "index_not_found_exception"


class Search(NamedTuple):
    """One search: its body, and how scores go by shards."""

    body: Mapping[str, Any]
    kind: str = ""

    def lines(self) -> str:
        """It as a part of a request."""
        return lines_of(({"search_type": self.kind} if self.kind else {}, self.body))


class Name(NamedTuple):
    """What names a document in a cluster: one of the two indices, by its name, and its id there."""

    place: str
    id: str


def carried_out(
    client: Client, lines: Sequence[str], *, timeout_seconds: float | None = None, **parameters: Any
) -> list[dict[str, Any]]:
    """What the cluster answers to each of some searches, which answer_of() judges.

    Args:
        client: asks the cluster.
        lines: each search as lines() makes it.
        timeout_seconds: how long to wait; None: as long as the client does.
        parameters: of the request.

    Raises:
        RefusedError: the request as a whole is not taken.
        IndexMissingError, IndexUnreachableError: as Client.ask().
    """
    try:
        found = client.ask(
            "POST",
            f"/{client.passages}/_msearch",
            "".join(lines),
            timeout_seconds=timeout_seconds,
            **parameters,
        )
    except KeyError as error:
        raise client.missing() from error
    answers: list[dict[str, Any]] = found["responses"]
    return answers


def answer_of(client: Client, part: dict[str, Any]) -> dict[str, Any]:
    """The answer to one search.

    Raises:
        RefusedError: it is not taken.
        IndexMissingError: there is no index.
        IndexUnreachableError: no part of the index answers.
    """
    if _is_too_long(part.get("error")):
        raise RefusedError(reason_of(part["error"]))
    # Also a node that is just being lost.
    if part.get("status") in BUSY or part.get("status", 0) >= _FAULT:
        raise IndexUnreachableError(
            f"no part of the index at {client.address} answers",
            hint="see that the cluster is whole, or try again later",
        )
    if part.get("status") == MISSING:
        raise client.missing()
    if "error" in part:
        raise RefusedError(reason_of(part["error"]))
    return part


def _is_too_long(told: Any) -> bool:
    """Whether a query has too many parts, which a cluster may call a fault of its own."""
    causes = told.get("root_cause", ()) if isinstance(told, dict) else ()
    return any(one.get("type") in _TOO_LONG for one in causes)


def searches(
    client: Client, bodies: Sequence[Mapping[str, Any]], **parameters: Any
) -> list[dict[str, Any]]:
    """The answers to some searches; raises as answer_of() does."""
    lines = [Search(body).lines() for body in bodies]
    return [answer_of(client, one) for one in carried_out(client, lines, **parameters)]


def looked_up(client: Client, names: Sequence[Name]) -> list[dict[str, Any]]:
    """What the cluster answers of each of some documents as they are now; see source_of()."""
    docs = [{"_index": one.place, "_id": one.id} for one in names]
    found: list[dict[str, Any]] = client.ask("POST", "/_mget", {"docs": docs})["docs"]
    return found


def source_of(client: Client, part: Mapping[str, Any]) -> dict[str, Any] | None:
    """What is kept of a document; None if it is not there.

    Raises:
        IndexMissingError: there is no index.
        IndexUnreachableError: the part where it would be does not answer.
    """
    if "error" in part:
        if part["error"].get("type") == _NO_INDEX:
            raise client.missing()
        raise client.torn()
    source: dict[str, Any] | None = part["_source"] if part.get("found") else None
    return source
