"""What commits and killed writers leave behind, and when it is deleted.

What a commit replaces is deleted after the next one, so that who reads the state before has all of
it. Nothing is deleted before a commit: until then a writer that was only away may still commit.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexFaultError
from indexer.storage.remote.bulk import delete_found, to_delete, write
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.storage.remote.client import Client
    from indexer.storage.remote.state import RemoteState

GONE_KIND = "gone"
_LINES_A_REQUEST = 2_000


class Leftovers(NamedTuple):
    """What may be deleted after the commit that follows a state.

    Attributes:
        state: the state.
        documents: the ids of documents of ``NAME.state`` that it does not name.
    """

    state: RemoteState
    documents: list[str]

    @classmethod
    def of(cls, client: Client, state: RemoteState) -> Leftovers:
        """What a state does not need, where nobody else writes."""
        named = {*state.gone, *(page.name for page in state.words)}
        query = {
            "bool": {
                "filter": [
                    {"terms": {"kind": ["words", GONE_KIND]}},
                    {"range": {"since": {"lte": state.latest}}},
                ]
            }
        }
        found = client.scan(client.state, {"query": query, "_source": False}, size=5_000)
        return cls(state, [hit["_id"] for hit in found if hit["_id"] not in named])

    def gone_still(self, client: Client) -> list[str]:
        """Those documents of keys whose articles are not deleted yet, as far as is known."""
        return [
            name
            for name in self.state.gone
            if _number_in(name) == self.state.latest
            or client.count(client.passages, _left_by(client, [name]))
        ]

    def clear(self, client: Client, after: RemoteState, documents: Sequence[str]) -> None:
        """Delete them, once the state after is committed; what fails is left to the next.

        Args:
            client: asks the cluster.
            after: names what is gone and void now.
            documents: more documents of ``NAME.state`` that no state needs.
        """
        earlier = [name for name in after.gone if _number_in(name) != after.latest]
        if earlier or after.void:
            delete_found(client, client.passages, _left_by(client, earlier, after.void))
        lines = [to_delete(client.state, name) for name in (*self.documents, *documents)]
        with suppress(IndexFaultError):
            for start in range(0, len(lines), _LINES_A_REQUEST):
                write(client, lines[start : start + _LINES_A_REQUEST])


def _number_in(name: str) -> int:
    """The number of the writer that made a document of keys."""
    return int(name.split("-")[1])


def count_left(client: Client, state: RemoteState) -> int:
    """How many documents of articles a state does not have any more, or never will."""
    if not state.gone and not state.void:
        return 0
    return client.count(client.passages, _left_by(client, state.gone, state.void))


def _left_by(client: Client, gone: Sequence[str], void: Sequence[int] = ()) -> dict[str, Any]:
    """The query for what has a key that documents name, or the number of a void writer."""
    clauses: list[dict[str, Any]] = [
        {"terms": {"key": {"index": client.state, "id": name, "path": "keys"}}} for name in gone
    ]
    if void:
        clauses.append({"terms": {"since": list(void)}})
    return {"bool": {"should": clauses}}
