"""A state of an index in a cluster, opened for searching; see ``search.states``."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from indexer.errors import IndexMissingError
from indexer.storage.remote.address import parse_address
from indexer.storage.remote.client import Client
from indexer.storage.remote.standing import read_state
from indexer.storage.remote.state import damaged
from search.backends.opensearch.backend import Known, OpenSearchBackend
from search.backends.opensearch.question import Alone, Question
from search.backends.opensearch.together import TOGETHER, answers_together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from indexer.storage.remote.state import RemoteState
    from search.backends.base import Backend
    from search.backends.opensearch.question import Requests
    from search.backends.ranking import RankingSettings

_Given = TypeVar("_Given")

# However short a search may be, the state that it is of is waited for so long, and never longer
# than so long.
_LEAST_PATIENCE_SECONDS, _MOST_PATIENCE_SECONDS = 2.0, 60.0
# When the time of a search is over, what it found is fetched in so many seconds more.
_FETCHING_SECONDS = 5.0


class ClusterState:
    """A state of an index in a cluster; see State."""

    together = TOGETHER

    def __init__(
        self, place: str, client: Client, state: RemoteState, ranking: RankingSettings
    ) -> None:
        self._client = client
        self._known = Known(state, ranking)
        self.place = place  # it may have a password, which is never told
        self.generation = state.commits
        self.committed = f"{client.address} {state.identity} {state.commits} {state.committed}"

    @classmethod
    def open(cls, place: str, ranking: RankingSettings, *, timeout_seconds: float) -> ClusterState:
        """The committed state of an index in a cluster, which may take as long as a search.

        Raises:
            IndexMissingError: there is none.
            IndexFormatError: another version wrote it, or it is damaged.
            IndexUnreachableError: the cluster does not answer.
            UsageError: the place is no address, or what is there is no index of ours.
        """
        patience = min(max(timeout_seconds, _LEAST_PATIENCE_SECONDS), _MOST_PATIENCE_SECONDS)
        client = Client(parse_address(place), patience_seconds=patience)
        return cls(place, client, read_state(client), ranking)

    @property
    def backend(self) -> Backend:
        """What holds its passages, for one question."""
        return self._backend(Alone(self._client))

    def _backend(self, requests: Requests) -> OpenSearchBackend:
        return OpenSearchBackend(Question(self._client, self._known.state, requests), self._known)

    def check(self) -> None:
        """Do nothing: that an answer lacks nothing is seen when it is there."""

    def asked(self, ask: Callable[[Backend], _Given], seconds: float) -> _Given:
        """What is given to a question, which may take so long and is not waited for much longer.

        Raises: MovedError if it may lack what was deleted meanwhile.
        """
        with self._client.within(seconds + _FETCHING_SECONDS):
            return self._answer(ask, Alone(self._client))

    def asked_together(
        self, asks: Sequence[Callable[[Backend], _Given]], seconds: float
    ) -> Iterator[Callable[[], _Given]]:
        """Yield what gives the answer to each of some questions, which are asked together."""
        if len(asks) == 1:
            yield partial(self.asked, asks[0], seconds)
        else:
            together = [partial(self._answer, ask) for ask in asks]
            yield from answers_together(self._client, together, seconds + _FETCHING_SECONDS)

    def _answer(self, ask: Callable[[Backend], _Given], requests: Requests) -> _Given:
        backend = self._backend(requests)
        try:
            given = ask(backend)
        except IndexMissingError as error:
            read_state(self._client)  # which raises it again where all is gone
            raise damaged(self._client.address, "its passages are missing") from error
        backend.end()
        return given

    def later(self) -> ClusterState | None:
        """The state that is committed now, if it is a later one; raises as open()."""
        state = read_state(self._client)
        if state == self._known.state:
            return None
        return ClusterState(self.place, self._client, state, self._known.ranking)

    def blamed(self) -> AbstractContextManager[None]:
        """Blame nothing: the cluster looks after its files."""
        return nullcontext()

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()
