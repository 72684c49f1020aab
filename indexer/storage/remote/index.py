"""An index in a cluster: made, locked, read; ``writer`` commits to it."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from itertools import chain, groupby, islice
from typing import TYPE_CHECKING, Any, Self

from indexer.errors import IndexFormatError, IndexUnreachableError, UsageError
from indexer.storage.builder import DEFAULT_MEMORY_BYTES
from indexer.storage.remote.address import parse_address
from indexer.storage.remote.client import Client, RefusedError
from indexer.storage.remote.documents import article_in, paragraphs_in
from indexer.storage.remote.lease import LEASE_SECONDS, take_lease
from indexer.storage.remote.leftovers import count_left
from indexer.storage.remote.mapping import ARTICLE, ARTICLE_FIELDS, passage_body, state_body
from indexer.storage.remote.origins import read_origins
from indexer.storage.remote.state import (
    STATE_ID,
    RemoteState,
    read_state,
    remote_settings,
)
from indexer.storage.remote.wire import escaped, sent_value, unescaped
from indexer.storage.remote.writer import RemoteWriter
from indexer.storage.writing import WholeIndex
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from indexer.model import ArticleRecord, Paragraph
    from indexer.storage.manifest import FileState
    from indexer.storage.remote.address import Address

_ORIGINS_A_QUERY = 1_000
_MERGE_SECONDS = 3_600.0
# What means something in a pattern of Lucene.
_PATTERN_SIGNS = frozenset('.?+*|{}[]()"\\#@&<>~^-')
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


class RemoteIndex:
    """An index in a cluster.

    Attributes:
        client: asks the cluster for it.
        path: None, as it is in no directory.
    """

    path: None = None

    def __init__(
        self, address: Address, *, shards: int | None = None, replicas: int | None = None
    ) -> None:
        """Name it; shards and replicas are what it is made with where there is none yet."""
        self.client = Client(address)
        self._shards = shards
        self._replicas = replicas

    @classmethod
    def at(cls, place: str, *, shards: int | None = None, replicas: int | None = None) -> Self:
        """An index at an address, whether it is there yet or not; the first commit creates it.

        Args:
            place: its address.
            shards: over how many parts it is spread where it is made; None: 1.
            replicas: how many copies of each part there are then; None: 0 in a cluster of one
                node, else 1.
        """
        return cls(parse_address(place), shards=shards, replicas=replicas)

    @classmethod
    def open(cls, place: str) -> Self:
        """An existing index.

        Raises:
            IndexMissingError: there is none at the address.
            IndexFormatError: another version wrote it.
            IndexUnreachableError: the cluster does not answer.
        """
        index = cls.at(place)
        index.state()
        return index

    @property
    def address(self) -> Address:
        """Where it is."""
        return self.client.address

    def exists(self) -> bool:
        """Tell whether anything was ever committed; raises as open() where another version did."""
        if self.client.document(STATE_ID) is None:
            return False
        self.state()
        return True

    def state(self) -> RemoteState:
        """The committed state; raises as open()."""
        return read_state(self.client).state

    def origins(self) -> dict[str, FileState]:
        """The indexed files by absolute path."""
        return read_origins(self.client, self._state_or_none()).files

    def _state_or_none(self) -> RemoteState:
        return self.state() if self.exists() else RemoteState()

    def articles(self) -> Iterator[ArticleRecord]:
        """Yield the articles in no order."""
        state = self.state()
        yield from self._found(state, [])

    def whole(self) -> WholeIndex:
        """All that one committed state holds, to be read article by article."""
        while True:
            state = self.state()
            origins = read_origins(self.client, state).files
            articles = self._whole_articles(state)
            first = list(islice(articles, 1))  # from here on it is what it is
            if self.state().commits < state.commits + 2:
                return WholeIndex(origins, state.sums.articles, chain(first, articles))

    def _whole_articles(
        self, state: RemoteState
    ) -> Iterator[tuple[ArticleRecord, list[Paragraph]]]:
        """Yield the articles with their paragraphs in no order."""
        body = {
            "query": {"bool": {"filter": state.live(self.client.state)}},
            "sort": ["key", "n"],
            "_source": [*ARTICLE_FIELDS, "article", "n"],
        }
        hits = self.client.scan(self.client.passages, body)
        for _, group in groupby(hits, key=lambda hit: hit["_source"]["key"]):
            own, *others = (hit["_source"] for hit in group)
            yield article_in(own), paragraphs_in(iter(others))

    def remembered(self, origins: Collection[str]) -> tuple[dict[str, FileState], dict[str, str]]:
        """What is remembered of all files, and of some the name under which each was added."""
        state = self.state()
        wanted = sorted(origins)
        names: dict[str, str] = {}
        for start in range(0, len(wanted), _ORIGINS_A_QUERY):
            some = [sent_value(one) for one in wanted[start : start + _ORIGINS_A_QUERY]]
            for article in self._found(state, [{"terms": {"origin": some}}]):
                names.setdefault(article.origin, article.source)
        return read_origins(self.client, state).files, names

    def values(self, field: str, prefix: str, most: int) -> list[str]:
        """The values that articles have in a field and that begin so, sorted; so many at most."""
        state = self.state()
        filters = [{"term": {"kind": ARTICLE}}, *state.live(self.client.state)]
        begin = "".join(f"\\{char}" if char in _PATTERN_SIGNS else char for char in escaped(prefix))
        terms = {"field": field, "size": most, "order": {"_key": "asc"}, "include": f"{begin}.*"}
        query = {"bool": {"filter": filters}}
        body = {"query": query, "size": 0, "aggs": {"values": {"terms": terms}}}
        (found,) = self.client.searches([body])
        return [unescaped(one["key"]) for one in found["aggregations"]["values"]["buckets"]]

    def _found(self, state: RemoteState, clauses: list[dict[str, Any]]) -> Iterator[ArticleRecord]:
        filters = [{"term": {"kind": ARTICLE}}, *state.live(self.client.state), *clauses]
        body = {"query": {"bool": {"filter": filters}}, "_source": list(ARTICLE_FIELDS)}
        for hit in self.client.scan(self.client.passages, body):
            yield article_in(hit["_source"])

    def writer(
        self,
        *,
        wait_seconds: float = 0.0,
        jobs: int = 1,  # noqa: ARG002 - as that of a directory
        memory_bytes: int = DEFAULT_MEMORY_BYTES,  # noqa: ARG002 - it holds little
        lease_seconds: float = LEASE_SECONDS,
    ) -> RemoteWriter:
        """The one writer of the index.

        Args:
            wait_seconds: how long to wait for another writer to finish.
            jobs: as that of a directory; one process does all.
            memory_bytes: as that of a directory; it takes little whatever it is.
            lease_seconds: how long the lock stays taken that its holder does not renew.

        Raises:
            IndexLockedError: another writer is still at work after that time.
            IndexFormatError: another version wrote the index.
            IndexUnreachableError: the cluster does not answer.
            UsageError: what is at the address is no index of ours.
        """
        self._refuse_others()
        self._make(self.client.state, lambda: state_body(self._copies(), remote_settings()))
        lease = take_lease(self.client, wait_seconds=wait_seconds, seconds=lease_seconds)
        try:
            self._refuse_another_spread()
            self._make(
                self.client.passages,
                lambda: passage_body(self._shards or 1, self._copies(), remote_settings()),
            )
            return RemoteWriter(self.client, lease)
        except BaseException:
            lease.release()
            raise

    @contextmanager
    def writing(self, **how: Any) -> Iterator[RemoteWriter]:
        """A writer, made as by writer(), that is given up unless it was committed."""
        writer = self.writer(**how)
        try:
            yield writer
        finally:
            if not writer.is_closed:
                writer.cancel()

    def compact(
        self, *, wait_seconds: float = 0.0, on_commit: Callable[[], None] = lambda: None
    ) -> bool:
        """Make one segment of each shard without what is deleted; tell whether there was any.

        The cluster may keep what is deleted for some minutes, for copies that lag behind.
        """
        with self.writing(wait_seconds=wait_seconds) as writer:
            state, before = self.state(), self.figures()
            if count_left(self.client, state):
                writer.commit_with(writer.origins(), on_commit=on_commit)
            elif before.segments > before.shards:
                on_commit()
            else:
                return False
            both = f"{self.client.passages},{self.client.state}"
            self.client.refresh()
            self.client.ask(
                "POST",
                f"/{both}/_forcemerge",
                timeout_seconds=_MERGE_SECONDS,
                max_num_segments=1,
            )
            self.client.ask("POST", f"/{both}/_flush")
            self.client.refresh()  # or the merged segments would still be there
        return True

    def figures(self) -> RemoteFigures:
        """What the cluster counts of it."""
        both = f"{self.client.passages},{self.client.state}"
        found = self.client.ask("GET", f"/{both}/_stats")["indices"]
        sizes = {name: one["primaries"]["store"]["size_in_bytes"] for name, one in found.items()}
        passages = found[self.client.passages]["primaries"]
        settings = self.client.ask("GET", f"/{self.client.passages}/_settings")
        (of_index,) = settings.values()
        return RemoteFigures(
            shards=int(of_index["settings"]["index"]["number_of_shards"]),
            replicas=int(of_index["settings"]["index"]["number_of_replicas"]),
            segments=passages["segments"]["count"],
            documents=passages["docs"]["count"],
            deleted=passages["docs"]["deleted"],
            passage_bytes=sizes[self.client.passages],
            state_bytes=sizes[self.client.state],
        )

    def _made_with(self, index: str) -> Any:
        """What says the version of one of its indices; KeyError where there is none."""
        (found,) = self.client.ask("GET", f"/{index}/_mapping").values()
        return found["mappings"].get("_meta")

    def _refuse_others(self) -> None:
        """Keep an index out of one that somebody else made, or another version."""
        for name in (self.client.passages, self.client.state):
            with suppress(KeyError):
                made_with = self._made_with(name)
                if not isinstance(made_with, dict) or "analysis" not in made_with:
                    raise UsageError(
                        f"{self.address} holds other documents and no index",
                        hint="name another one",
                    )
                if made_with != remote_settings() and not self.exists():
                    raise IndexFormatError(
                        f"the index at {self.address} was begun by another version",
                        hint="name another one, or delete it",
                    )

    def _refuse_another_spread(self) -> None:
        """Tell who asks for another number of shards that it is too late."""
        if self._shards is None and self._replicas is None:
            return
        try:
            figures = self.figures()
        except KeyError:
            return
        for noun, asked, has in (
            ("shard", self._shards, figures.shards),
            ("replica", self._replicas, figures.replicas),
        ):
            if asked is not None and asked != has:
                raise UsageError(
                    f"the index at {self.address} was made with {has} {noun}{'s' * (has != 1)}",
                    hint=f"leave --{noun}s out, or copy it to a new one with: indexer copy "
                    f"{self.address} NEW --{noun}s {asked}",
                )

    def _make(self, name: str, body: Callable[[], dict[str, Any]]) -> None:
        """Make one of its indices where there is none."""
        with suppress(KeyError):
            self._made_with(name)
            return
        made = body()
        # Should the index be deleted while somebody writes, it comes back as ours or not at all.
        template = {"index_patterns": [name], "priority": _PRIORITY, "template": made}
        with suppress(RefusedError, IndexUnreachableError):  # not everybody may make one
            self.client.ask("PUT", f"/_index_template/{name}", template)
        try:
            self.client.ask("PUT", f"/{name}", made)
        except RefusedError as error:
            with suppress(KeyError):  # another writer has just made it
                self._made_with(name)
                return
            raise UsageError(f"{self.address} cannot be made: {error}") from error

    def _copies(self) -> int:
        if self._replicas is not None:
            return self._replicas
        health = self.client.ask("GET", "/_cluster/health")
        return 1 if health["number_of_data_nodes"] > 1 else 0
