"""A state of an index in a cluster, opened for searching; see ``search.states``."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from indexer.storage.remote.address import parse_address
from indexer.storage.remote.client import Client
from indexer.storage.remote.state import read_state
from search.backends.opensearch.backend import OpenSearchBackend

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from indexer.storage.remote.state import RemoteState
    from search.backends.ranking import RankingSettings


# However short a search may be, the state that it is of is waited for so long, and never longer
# than so long.
_LEAST_PATIENCE_SECONDS, _MOST_PATIENCE_SECONDS = 2.0, 60.0
# When the time of a search is over, what it found is fetched in so many seconds more.
_FETCHING_SECONDS = 5.0


class ClusterState:
    """A state of an index in a cluster; see State."""

    def __init__(
        self, place: str, client: Client, state: RemoteState, ranking: RankingSettings
    ) -> None:
        self._client = client
        self._state = state
        self._ranking = ranking
        self.backend = OpenSearchBackend(client, state, ranking=ranking)
        self.place = place  # it may have a password, which is never told
        self.generation = state.commits
        self.committed = f"{client.address} {state.identity} {state.commits} {state.committed}"

    @classmethod
    def open(cls, place: str, ranking: RankingSettings, *, timeout_seconds: float) -> ClusterState:
        """The committed state of an index in a cluster, which may take as long as a search.

        Raises:
            IndexMissingError: there is none.
            IndexFormatError: another version wrote it.
            IndexUnreachableError: the cluster does not answer.
            UsageError: the place is no address, or the client is not installed.
        """
        patience = min(max(timeout_seconds, _LEAST_PATIENCE_SECONDS), _MOST_PATIENCE_SECONDS)
        client = Client(parse_address(place), patience_seconds=patience)
        state = read_state(client).state
        if not state.commits:
            raise client.missing()
        return cls(place, client, state, ranking)

    def check(self) -> None:
        """Do nothing: that an answer lacks nothing is seen when it is there."""

    def settle(self) -> None:
        """Raise MovedError if an answer may lack something that was deleted meanwhile."""
        self.backend.settle()

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """Have an answer that may take so long not be waited for much longer than that."""
        return self._client.within(seconds + _FETCHING_SECONDS)

    def later(self) -> ClusterState | None:
        """The state that is committed now, if it is a later one; raises as open()."""
        state = read_state(self._client).state
        if state == self._state:
            return None
        return ClusterState(self.place, self._client, state, self._ranking)

    def blamed(self) -> AbstractContextManager[None]:
        """Blame nothing: the cluster looks after its files."""
        return nullcontext()

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()
