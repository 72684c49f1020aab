"""Documents written and deleted, many in a request."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexFaultError, IndexUnreachableError, IndexWriteError
from indexer.storage.remote.client import lines_of
from indexer.storage.remote.failures import (
    MISSING,
    BusyError,
    RefusedError,
    failure_of,
    reason_in,
)
from indexer.storage.remote.patience import Patience

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from indexer.storage.remote.client import Client

_MOST_SECONDS = 120.0
_FAILED = 300
# So many are deleted at a time.
_DELETIONS = 5_000


def to_put(index: str, name: str, record: Mapping[str, Any]) -> str:
    """What is sent to write a document, in the place of one that has its id."""
    return lines_of(({"index": {"_index": index, "_id": name}}, record))


def to_delete(index: str, name: str) -> str:
    """What is sent to delete a document."""
    return lines_of(({"delete": {"_index": index, "_id": name}},))


def write(client: Client, requests: Sequence[str]) -> None:
    """Write documents in one request; what is refused for lack of room is sent again.

    Args:
        client: asks the cluster.
        requests: each made by to_put() or to_delete().

    Raises:
        IndexWriteError: a document is refused for good.
        IndexUnreachableError: the cluster does not answer, or has no room for long.
    """
    left = list(requests)
    patience = Patience(f"{client.address} takes no documents", _MOST_SECONDS)
    until = time.monotonic() + _MOST_SECONDS
    while left:
        answer = client.ask(
            "POST", "/_bulk", "".join(left), timeout_seconds=max(0.0, until - time.monotonic())
        )
        if not answer["errors"]:
            return
        again: list[str] = []
        why = ""
        for request, item in zip(left, answer["items"], strict=True):
            ((action, told),) = item.items()
            status = told["status"]
            if status < _FAILED or (action == "delete" and status == MISSING):
                continue
            failure = failure_of(client.address, status, told)
            if isinstance(failure, BusyError):
                again.append(request)
                why = str(failure)
            elif isinstance(failure, IndexFaultError):
                raise failure
            else:
                reason = reason_in(told.get("error", status))
                raise IndexWriteError(
                    f"{client.address} does not take {told.get('_id')}: {reason}",
                    hint="nothing was changed",
                )
        left = again
        if left and not patience.wait(why, until):
            raise IndexUnreachableError(
                f"{client.address} takes no documents: {why}", hint="try again later"
            )


def delete_found(client: Client, index: str, query: Mapping[str, Any]) -> None:
    """Delete the documents that a query finds in one index, as far as the cluster will.

    A cluster may lack the module that would do it in one request.
    """
    lines: list[str] = []
    with suppress(IndexFaultError, RefusedError):
        body = {"query": query, "_source": False}
        for hit in client.scan(index, body, size=_DELETIONS):
            lines.append(to_delete(index, hit["_id"]))
            if len(lines) == _DELETIONS:
                write(client, lines)
                lines = []
        write(client, lines)
