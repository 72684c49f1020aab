"""What is remembered of indexed files, one document of ``NAME.state`` for each; who writes it last.

A commit writes only what changed, under its own number, and for a file that is forgotten a document
that says so. Of the documents of a file the one of the latest number counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.storage.manifest import FileState
from indexer.storage.remote.bulk import to_put
from indexer.storage.remote.wire import escaped, unescaped
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from indexer.storage.remote.client import Client
    from indexer.storage.remote.state import RemoteState

ORIGIN_KIND = "origin"


class Remembered(NamedTuple):
    """What is remembered in one state.

    Attributes:
        files: by absolute path.
        outdated: the ids of documents that say nothing of it any more.
    """

    files: dict[str, FileState]
    outdated: list[str]


def read_origins(client: Client, state: RemoteState) -> Remembered:
    """What is remembered of files in a state."""
    query: dict[str, Any] = {"bool": {"filter": [{"term": {"kind": ORIGIN_KIND}}]}}
    latest: dict[str, tuple[int, str, FileState | None]] = {}
    outdated: list[str] = []
    void = set(state.void)
    for hit in client.scan(client.state, {"query": query}, size=5_000):
        source = hit["_source"]
        since, body = source["since"], source["body"]
        if since > state.latest:
            continue  # of a writer that is at work, or was ended
        if since in void:
            outdated.append(hit["_id"])
            continue
        path = unescaped(body["path"])
        known = latest.get(path)
        if known is not None and known[0] > since:
            outdated.append(hit["_id"])
            continue
        if known is not None:
            outdated.append(known[1])
        latest[path] = since, hit["_id"], _state_in(body)
    files = {path: state for path, (_, _, state) in latest.items() if state is not None}
    # A file that was forgotten is so as long as there is an older document of it.
    forgotten = [name for _, name, state in latest.values() if state is None]
    return Remembered(files, outdated or forgotten)


def origin_documents(
    client: Client, before: Mapping[str, FileState], now: Mapping[str, FileState], number: int
) -> Iterator[str]:
    """Yield what is sent so that a state remembers other files than the one before."""
    changed = [path for path, state in now.items() if before.get(path) != state]
    gone = [path for path in before if path not in now]
    for place, path in enumerate((*changed, *gone)):
        state = now.get(path)
        body = {"path": escaped(path), "state": None if state is None else _sent(state)}
        record = {"kind": ORIGIN_KIND, "since": number, "body": body}
        yield to_put(client.state, f"{ORIGIN_KIND}-{number}-{place}", record)


def _sent(state: FileState) -> list[Any]:
    *facts, skipped = state
    return [
        *(escaped(one) if isinstance(one, str) else one for one in facts),
        [[escaped(part) for part in one] for one in skipped],
    ]


def _state_in(body: Mapping[str, Any]) -> FileState | None:
    if body["state"] is None:
        return None
    size_bytes, modified_ns, digest, settings, articles, skipped = body["state"]
    return FileState(
        size_bytes,
        modified_ns,
        unescaped(digest),
        unescaped(settings),
        articles,
        tuple(
            (unescaped(path), unescaped(reason), unescaped(detail))
            for path, reason, detail in skipped
        ),
    )
