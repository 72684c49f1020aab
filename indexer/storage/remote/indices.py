"""The two indices of a cluster that one of ours is kept in: made, merged, counted."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexUnreachableError, UsageError
from indexer.storage.remote.failures import RefusedError
from indexer.storage.remote.mapping import passage_body, state_body
from indexer.storage.remote.standing import made_with_of
from indexer.storage.remote.state import remote_settings
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from indexer.storage.remote.client import Client

_MERGE_SECONDS = 3_600.0
# Of templates; those of others for all indices have less.
_PRIORITY = 500


class RemoteFigures(NamedTuple):
    """What a cluster counts of an index, copies left out.

    Attributes:
        shards, replicas: its parts, and how many copies there are of each.
        segments: what searches go through, over all parts.
        documents: those that are there.
        deleted: those that are deleted and still take room.
        passage_bytes, state_bytes: the sizes of its two indices.
    """

    shards: int
    replicas: int
    segments: int
    documents: int
    deleted: int
    passage_bytes: int
    state_bytes: int


class Indices:
    """Both indices of an address, whether they are there yet or not.

    Args:
        client: asks the cluster for them.
        shards: over how many parts they are spread where they are made; None: 1.
        replicas: how many copies of each part there are then; None: as the cluster allows.
    """

    def __init__(self, client: Client, shards: int | None, replicas: int | None) -> None:
        self._client = client
        self._shards = shards
        self._replicas = replicas
        self._made: list[str] = []

    def unmake(self) -> bool:
        """Delete again what this has made; tell whether the state is among that."""
        made, self._made = self._made, []
        for path in made:
            with suppress(KeyError, RefusedError):
                self._client.ask("DELETE", path)
        return f"/{self._client.state}" in made

    def make_state(self) -> None:
        """Make the one of the state, where there is none."""
        if not self._is_there(self._client.state):
            self._make(self._client.state, state_body(self._copies(), remote_settings()))

    def make_passages(self) -> None:
        """Make the one of passages, where there is none; for who has the lock.

        Raises: UsageError if there is one and it is spread otherwise.
        """
        name = self._client.passages
        if self._is_there(name):
            self._refuse_another_spread()
        else:
            shards = self._shards or 1
            self._make(name, passage_body(shards, self._copies(), remote_settings()))

    def _is_there(self, index: str) -> bool:
        with suppress(KeyError):
            made_with_of(self._client, index)
            return True
        return False

    def _refuse_another_spread(self) -> None:
        if self._shards is None and self._replicas is None:
            return
        figures = self.figures()
        for noun, asked, has in (
            ("shard", self._shards, figures.shards),
            ("replica", self._replicas, figures.replicas),
        ):
            if asked is not None and asked != has:
                place = self._client.address
                raise UsageError(
                    f"the index at {place} was made with {has} {noun}{'s' * (has != 1)}",
                    hint=f"leave --{noun}s out, or copy it to a new one with: "
                    f"indexer copy {place} NEW --{noun}s {asked}",
                )

    def _make(self, name: str, body: dict[str, Any]) -> None:
        self._make_template(name, body)
        try:
            self._client.ask("PUT", f"/{name}", body)
        except RefusedError as error:
            if not self._is_there(name):  # or another writer has just made it
                raise UsageError(f"{self._client.address} cannot be made: {error}") from error
        else:
            self._made.append(f"/{name}")

    def _make_template(self, name: str, body: dict[str, Any]) -> None:
        """Have the index come back as ours or not at all, should it be deleted under a writer."""
        path = f"/_index_template/{name}"
        template = {"index_patterns": [name], "priority": _PRIORITY, "template": body}
        with suppress(RefusedError, IndexUnreachableError):  # not everybody may make one
            try:
                found = self._client.ask("GET", path)
            except KeyError:
                self._client.ask("PUT", path, template)
                self._made.append(path)
            else:
                if _is_ours(found):
                    self._client.ask("PUT", path, template)

    def _copies(self) -> int:
        if self._replicas is not None:
            return self._replicas
        health = self._client.ask("GET", "/_cluster/health")
        return 1 if health["number_of_data_nodes"] > 1 else 0

    def merge(self) -> None:
        """Have the cluster make one segment of each shard."""
        both = f"{self._client.passages},{self._client.state}"
        self._client.refresh()
        self._client.ask(
            "POST", f"/{both}/_forcemerge", timeout_seconds=_MERGE_SECONDS, max_num_segments=1
        )
        self._client.ask("POST", f"/{both}/_flush")
        self._client.refresh()  # or the merged segments would still be there

    def figures(self) -> RemoteFigures:
        """What the cluster counts of them."""
        client = self._client
        found = client.ask("GET", f"/{client.passages},{client.state}/_stats")["indices"]
        sizes = {name: one["primaries"]["store"]["size_in_bytes"] for name, one in found.items()}
        passages = found[client.passages]["primaries"]
        (settings,) = client.ask("GET", f"/{client.passages}/_settings").values()
        spread = settings["settings"]["index"]
        return RemoteFigures(
            shards=int(spread["number_of_shards"]),
            replicas=int(spread["number_of_replicas"]),
            segments=passages["segments"]["count"],
            documents=passages["docs"]["count"],
            deleted=passages["docs"]["deleted"],
            passage_bytes=sizes[client.passages],
            state_bytes=sizes[client.state],
        )


def _is_ours(found: dict[str, Any]) -> bool:
    """Whether a template makes an index of ours, of whatever version."""
    (one,) = found["index_templates"]
    mappings = one["index_template"].get("template", {}).get("mappings", {})
    return "analysis" in mappings.get("_meta", {})
