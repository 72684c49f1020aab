"""What one query asks of a cluster: in time, of one committed state; what failed is noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.errors import IndexUnreachableError, UsageError
from indexer.storage.remote.failures import RefusedError
from indexer.storage.remote.mapping import ARTICLE, PASSAGE
from indexer.storage.remote.state import read_state
from search.backends.base import MovedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from indexer.storage.remote.client import Client
    from indexer.storage.remote.state import RemoteState
    from search.backends.opensearch.asking import Asked
    from search.deadline import Deadline

# An answer must have some time to arrive.
_LEAST_SECONDS = 0.05
_MOST_SECONDS = 3_600.0


class Talk:
    """Asks for one query.

    Attributes:
        failed: the most shards of a request that did not answer; asked: how many were asked.
        is_cut: whether a shard had not looked at everything when the time was over.
    """

    def __init__(self, client: Client, state: RemoteState, deadline: Deadline) -> None:
        self.client = client
        self.state = state
        self.deadline = deadline
        self.failed = 0
        self.asked = 0
        self.is_cut = False

    @property
    def is_whole(self) -> bool:
        """Whether all that was asked was answered by all, in time."""
        return not self.failed and not self.is_cut

    def told(self) -> str:
        """What is told of an answer of which shards are missing; "" if none is."""
        if not self.failed:
            return ""
        return (
            f"{self.failed} of the {self.asked} parts of the index at {self.client.address} "
            "did not answer: passages may be missing"
        )

    def settle(self) -> None:
        """Raise MovedError if what was asked for may have been deleted meanwhile."""
        if not self.state.is_kept_in(read_state(self.client).state):
            raise MovedError(f"commit {self.state.commits}")

    def passages(self, *parts: Asked) -> list[Asked]:
        """The clauses of the passages that some queries find."""
        return [{"term": {"kind": PASSAGE}}, *self.state.live(self.client.state), *parts]

    def articles(self, *parts: Asked) -> list[Asked]:
        """The clauses of the articles that some queries find."""
        return [{"term": {"kind": ARTICLE}}, *self.state.live(self.client.state), *parts]

    def search(self, body: Mapping[str, Any], **parameters: Any) -> dict[str, Any]:
        """Carry out one search."""
        (answer,) = self.searches([body], **parameters)
        return answer

    def searches(
        self, bodies: Sequence[Mapping[str, Any]], **parameters: Any
    ) -> list[dict[str, Any]]:
        """Carry out some searches in one request.

        Raises:
            SearchTimeoutError: no time is left.
            UsageError: the cluster does not take a query.
        """
        if not bodies:
            return []
        left = min(max(self.deadline.left_seconds(), _LEAST_SECONDS), _MOST_SECONDS)
        timed = [{**body, "timeout": f"{int(1000 * left)}ms"} for body in bodies]
        try:
            answers = self.client.searches(timed, timeout_seconds=left + 1, **parameters)
        except IndexUnreachableError:
            self.deadline.left_seconds()  # where none is left it may have been about to answer
            raise
        except RefusedError as error:
            raise UsageError(
                f"{self.client.address} does not take the query: {error}",
                hint="make it simpler",
            ) from error
        for one in answers:
            shards = one["_shards"]
            # Those that are on no node now are not counted among the failed ones.
            self.failed = max(self.failed, shards["total"] - shards["successful"])
            self.asked = max(self.asked, shards["total"])
            self.is_cut |= one["timed_out"]
        return answers


class WholeTalk(Talk):
    """Asks for what would be wrong if anything was missing."""

    def searches(
        self, bodies: Sequence[Mapping[str, Any]], **parameters: Any
    ) -> list[dict[str, Any]]:
        """Carry out some searches in one request.

        Raises:
            SearchTimeoutError, UsageError: as those of Talk.
            IndexUnreachableError: a part of the index does not answer.
        """
        answers = super().searches(bodies, **parameters)
        if self.failed:
            raise IndexUnreachableError(
                f"{self.failed} of the {self.asked} parts of the index at {self.client.address} "
                "did not answer",
                hint="see that the cluster is whole, or try again later",
            )
        return answers
