"""What one query asks of a cluster: in time, of one committed state; what failed is noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.errors import IndexUnreachableError, UsageError
from indexer.storage.remote.failures import RefusedError
from indexer.storage.remote.mapping import ARTICLE, PASSAGE
from indexer.storage.remote.reading import Search

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from indexer.storage.remote.state import RemoteState
    from search.backends.opensearch.asking import Asked
    from search.backends.opensearch.question import Question
    from search.deadline import Deadline

# An answer must have some time to arrive.
_LEAST_SECONDS = 0.05
_MOST_SECONDS = 3_600.0
# A request has so many searches at most, so that time is looked at between many.
_MOST_AT_ONCE = 256


class Talk:
    """Asks for one query.

    Searches that do not need each other's answers go out as one request: soon() has them wait for
    the next one that is needed at once.

    Attributes:
        question: what asks the cluster.
        failed: the most shards of a request that did not answer; asked: how many were asked.
        is_cut: whether a shard had not looked at everything when the time was over.
    """

    def __init__(self, question: Question, deadline: Deadline) -> None:
        self.question = question
        self.deadline = deadline
        self.failed = 0
        self.asked = 0
        self.is_cut = False
        self._waiting: list[_Searches] = []

    @property
    def state(self) -> RemoteState:
        """The committed state that is asked."""
        return self.question.state

    @property
    def is_whole(self) -> bool:
        """Whether all that was asked was answered by all, in time."""
        return not self.failed and not self.is_cut

    def told(self) -> str:
        """What is told of an answer of which shards are missing; "" if none is."""
        if not self.failed:
            return ""
        return (
            f"{self.failed} of the {self.asked} parts of the index at "
            f"{self.question.client.address} did not answer: passages may be missing"
        )

    def passages(self, *parts: Asked) -> list[Asked]:
        """The clauses of the passages that some queries find."""
        return [{"term": {"kind": PASSAGE}}, *self._live(), *parts]

    def articles(self, *parts: Asked) -> list[Asked]:
        """The clauses of the articles that some queries find."""
        return [{"term": {"kind": ARTICLE}}, *self._live(), *parts]

    def _live(self) -> list[Asked]:
        return self.state.live(self.question.client.state)

    def search(self, body: Mapping[str, Any], kind: str = "") -> dict[str, Any]:
        """Carry out one search, and those that wait."""
        (answer,) = self.soon([body], kind)()
        return answer

    def searches(self, bodies: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Carry out some searches, and those that wait, in one request; raises as soon()."""
        return self.soon(bodies)()

    def soon(
        self, bodies: Sequence[Mapping[str, Any]], kind: str = ""
    ) -> Callable[[], list[dict[str, Any]]]:
        """Have some searches wait for the next request; what is returned gives their answers.

        It has them carried out, with all others that wait, unless they were.

        Raises, when it is asked:
            SearchTimeoutError: no time is left.
            UsageError: the cluster does not take a query.
        """
        asked = _Searches([Search(body, kind) for body in bodies])
        if not bodies:
            return list
        self._waiting.append(asked)

        def answers() -> list[dict[str, Any]]:
            if asked.answers is None:
                self._carry_out()
            assert asked.answers is not None
            return asked.answers

        return answers

    def _carry_out(self) -> None:
        searches = [one for asked in self._waiting for one in asked.searches]
        answers: list[dict[str, Any]] = []
        for start in range(0, len(searches), _MOST_AT_ONCE):
            answers += self._answers(searches[start : start + _MOST_AT_ONCE])
        waiting, self._waiting = self._waiting, []
        for asked in waiting:
            asked.answers = answers[: len(asked.searches)]
            del answers[: len(asked.searches)]

    def _answers(self, searches: Sequence[Search]) -> list[dict[str, Any]]:
        left = min(max(self.deadline.left_seconds(), _LEAST_SECONDS), _MOST_SECONDS)
        timeout = f"{int(1000 * left)}ms"
        timed = [one._replace(body={**one.body, "timeout": timeout}) for one in searches]
        try:
            answers = self.question.searches(timed, left + 1)
        except IndexUnreachableError:
            self.deadline.left_seconds()  # where none is left it may have been about to answer
            raise
        except RefusedError as error:
            raise UsageError(
                f"{self.question.client.address} does not take the query: {error}",
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

    def _carry_out(self) -> None:
        """Carry out what waits.

        Raises:
            IndexUnreachableError: a part of the index does not answer.
        """
        super()._carry_out()
        if self.failed:
            raise IndexUnreachableError(
                f"{self.failed} of the {self.asked} parts of the index at "
                f"{self.question.client.address} did not answer",
                hint="see that the cluster is whole, or try again later",
            )


class _Searches:
    """Some searches, and their answers once they are there."""

    def __init__(self, searches: Sequence[Search]) -> None:
        self.searches = searches
        self.answers: list[dict[str, Any]] | None = None
