"""An index in a cluster: made, locked, read; ``writer`` commits to it."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Self, TypeVar

from indexer.errors import IndexWriteError
from indexer.storage.builder import DEFAULT_MEMORY_BYTES
from indexer.storage.remote.address import parse_address
from indexer.storage.remote.beginning import begin
from indexer.storage.remote.client import PATIENCE_SECONDS, Client
from indexer.storage.remote.failures import RefusedError
from indexer.storage.remote.held import Held
from indexer.storage.remote.indices import Indices
from indexer.storage.remote.lease import LEASE_SECONDS, take_lease
from indexer.storage.remote.leftovers import count_left
from indexer.storage.remote.origins import read_origins
from indexer.storage.remote.standing import read_state, refuse_others
from indexer.storage.remote.state import STATE_ID, RemoteState, state_in
from indexer.storage.remote.writer import RemoteWriter
from indexer.storage.writing import WholeIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from indexer.model import ArticleRecord, Paragraph
    from indexer.storage.manifest import FileState
    from indexer.storage.remote.address import Address
    from indexer.storage.remote.beginning import Beginning
    from indexer.storage.remote.indices import RemoteFigures

_Part = TypeVar("_Part")


class RemoteIndex:
    """An index in a cluster.

    Attributes:
        client: asks the cluster for it.
        path: None, as it is in no directory.
    """

    path: None = None

    def __init__(
        self, client: Client, *, shards: int | None = None, replicas: int | None = None
    ) -> None:
        """Name it; shards and replicas are what it is made with where there is none yet."""
        self.client = client
        self._indices = Indices(self.client, shards, replicas)

    @classmethod
    def at(cls, place: str, *, shards: int | None = None, replicas: int | None = None) -> Self:
        """An index at an address, whether it is there yet or not; the first commit creates it.

        Args:
            place: its address.
            shards: over how many parts it is spread where it is made; None: 1.
            replicas: how many copies of each part there are then; None: 0 in a cluster of one
                node, else 1.
        """
        return cls(Client(parse_address(place)), shards=shards, replicas=replicas)

    @classmethod
    def open(cls, place: str, *, patience_seconds: float = PATIENCE_SECONDS) -> Self:
        """An existing index.

        Args:
            place: its address.
            patience_seconds: how long an answer is waited for.

        Raises:
            IndexMissingError: there is none at the address.
            IndexFormatError: another version wrote it, or it is damaged.
            IndexUnreachableError: the cluster does not answer.
            UsageError: what is at the address is no index of ours, or has another name.
        """
        index = cls(Client(parse_address(place), patience_seconds=patience_seconds))
        refuse_others(index.client)
        index.state()
        return index

    @property
    def address(self) -> Address:
        """Where it is."""
        return self.client.address

    def exists(self) -> bool:
        """Tell whether anything was ever committed; raises as open() where another version did."""
        found = self.client.document(STATE_ID)
        return found is not None and state_in(self.address, found).commits > 0

    def state(self) -> RemoteState:
        """The committed state; raises as open()."""
        return read_state(self.client)

    def origins(self) -> dict[str, FileState]:
        """The indexed files by absolute path."""
        return read_origins(self.client, self._state_or_none()).files

    def _state_or_none(self) -> RemoteState:
        return self.state() if self.exists() else RemoteState()

    def articles(self) -> Iterator[ArticleRecord]:
        """Yield the articles in no order."""
        _, articles = self._begun(lambda state: Held(self.client, state).articles())
        yield from articles

    def whole(self) -> WholeIndex:
        """All that one committed state holds, to be read article by article."""
        origins: dict[str, FileState] = {}

        def read(state: RemoteState) -> Iterator[tuple[ArticleRecord, list[Paragraph]]]:
            nonlocal origins
            origins = read_origins(self.client, state).files
            return Held(self.client, state).whole_articles()

        state, articles = self._begun(read)
        return WholeIndex(origins, state.sums.articles, articles)

    def _begun(
        self, read: Callable[[RemoteState], Iterator[_Part]]
    ) -> tuple[RemoteState, Iterator[_Part]]:
        """A state, and what is read of it, all of which is there whatever is committed from now."""
        while True:
            state = self.state()
            parts = read(state)
            first = list(islice(parts, 1))
            if state.is_kept_in(self.state()):
                return state, chain(first, parts)

    def remembered(self, origins: Collection[str]) -> tuple[dict[str, FileState], dict[str, str]]:
        """What is remembered of all files, and of some the name under which each was added."""
        state = self.state()
        return read_origins(self.client, state).files, Held(self.client, state).names_of(origins)

    def values(self, field: str, prefix: str, most: int) -> list[str]:
        """The values that articles have in a field and that begin so, sorted; so many at most."""
        return Held(self.client, self.state()).values(field, prefix, most)

    def writer(
        self,
        *,
        wait_seconds: float = 0.0,
        jobs: int = 1,
        memory_bytes: int = DEFAULT_MEMORY_BYTES,  # noqa: ARG002 - it holds little
        lease_seconds: float = LEASE_SECONDS,
        begin_with: Callable[[Client], Beginning] = begin,
    ) -> RemoteWriter:
        """The one writer of the index.

        Args:
            wait_seconds: how long to wait for another writer to finish.
            jobs: processes that analyse texts where there is much.
            memory_bytes: as that of a directory; it takes little whatever it is.
            lease_seconds: how long the lock stays taken that its holder does not renew.
            begin_with: what says what it begins with.

        Raises:
            IndexLockedError: another writer is still at work after that time.
            IndexFormatError: another version wrote the index, or it is damaged.
            IndexUnreachableError: the cluster does not answer.
            UsageError: what is at the address is no index of ours, or has another name.
        """
        refuse_others(self.client)
        indices = self._indices
        indices.make_state()
        lease = take_lease(self.client, wait_seconds=wait_seconds, seconds=lease_seconds)
        try:
            indices.make_passages()
            begun = begin_with(self.client)
            return RemoteWriter(self.client, lease, begun, unmake=indices.unmake, jobs=jobs)
        except BaseException:
            lease.end()
            if not indices.unmake():
                lease.release()
            raise

    @contextmanager
    def writing(self, **how: Any) -> Iterator[RemoteWriter]:
        """A writer, made as by writer(), that is given up unless it was committed.

        Raises: IndexWriteError also where the cluster refuses what it is asked for.
        """
        try:
            writer = self.writer(**how)
            try:
                yield writer
            finally:
                if not writer.is_closed:
                    writer.cancel()
        except RefusedError as error:
            raise IndexWriteError(
                f"the cluster refuses what the index at {self.address} needs: {error}",
                hint="nothing was changed: see that its indices are open, and its log",
            ) from error

    def compact(
        self, *, wait_seconds: float = 0.0, on_commit: Callable[[], None] = lambda: None
    ) -> bool:
        """Make one segment of each shard without what is deleted; tell whether there was any.

        The cluster may keep what is deleted for some minutes, for copies that lag behind.
        """
        with self.writing(wait_seconds=wait_seconds) as writer:
            state, before = self.state(), self.figures()
            if count_left(self.client, state):
                writer.commit_with(writer.origins())
            elif before.segments <= before.shards:
                return False
            self._indices.merge()
        on_commit()  # until here it may be interrupted, since answers stay the same
        return True

    def figures(self) -> RemoteFigures:
        """What the cluster counts of it."""
        return self._indices.figures()
