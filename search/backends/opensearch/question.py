"""What one question asks of a cluster, and whether the state it is answered from is still there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

from indexer.storage.remote.reading import (
    Name,
    answer_of,
    carried_out,
    looked_up,
    source_of,
)
from indexer.storage.remote.standing import read_state
from indexer.storage.remote.state import STATE_ID, state_in
from indexer.tuples import NamedTuple
from search.backends.base import MovedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from indexer.storage.remote.client import Client
    from indexer.storage.remote.reading import Search
    from indexer.storage.remote.state import RemoteState


class Requests(Protocol):
    """How the requests of a question go out: by themselves, or with those of others."""

    def searches(self, searches: Sequence[Search], timeout_seconds: float) -> list[dict[str, Any]]:
        """What the cluster answers to each of some searches, as ``reading.carried_out``."""

    def documents(self, names: Sequence[Name]) -> list[dict[str, Any]]:
        """What the cluster answers of each of some documents, as ``reading.looked_up``."""

    def now(self) -> float:
        """The seconds of a clock that stands while other questions are waited for."""


class Alone(NamedTuple):
    """Requests that go out at once, each by itself; see Requests."""

    client: Client

    def searches(self, searches: Sequence[Search], timeout_seconds: float) -> list[dict[str, Any]]:
        """What the cluster answers to each of some searches."""
        written = [one.written() for one in searches]
        return carried_out(self.client, written, timeout_seconds=timeout_seconds)

    def documents(self, names: Sequence[Name]) -> list[dict[str, Any]]:
        """What the cluster answers of each of some documents."""
        return looked_up(self.client, names)

    def now(self) -> float:
        """The seconds of the system's clock."""
        return time.monotonic()


class Question:
    """Asks a cluster for one question, which one committed state is to answer.

    What a search found may lack something that was deleted meanwhile. So the state is looked at
    once more after the last search, together with the documents that are fetched then: in one index
    their names always stand for the same, and one that is there is right.
    """

    def __init__(self, client: Client, state: RemoteState, requests: Requests) -> None:
        self.client = client
        self.state = state
        self._requests = requests
        self._is_settled = True
        self._is_answered = False

    def now(self) -> float:
        """The seconds of the question's clock."""
        return self._requests.now()

    def searches(self, searches: Sequence[Search], timeout_seconds: float) -> list[dict[str, Any]]:
        """The answers to some searches; raises as ``reading.answer_of``."""
        self._is_settled = False
        found = self._requests.searches(searches, timeout_seconds)
        return [answer_of(self.client, one) for one in found]

    def documents(self, names: Sequence[Name]) -> list[Mapping[str, Any] | None]:
        """What is kept under some names, in order; None for what is not there.

        Raises:
            IndexUnreachableError: a part of the index does not answer.
            MovedError: what was found before may lack something.
        """
        return [source_of(self.client, one) for one in self._looked_up(names)]

    def heard(self, names: Sequence[Name]) -> dict[Name, Mapping[str, Any]]:
        """The same by name, of what is there in those parts of the index that answer."""
        found = zip(names, self._looked_up(names), strict=True)
        return {name: one["_source"] for name, one in found if one.get("found")}

    def _looked_up(self, names: Sequence[Name]) -> list[dict[str, Any]]:
        if not names:
            return []
        if self._is_answered:
            return self._requests.documents(names)
        *found, state = self._requests.documents([*names, self._name_of_state()])
        self._see(state)
        return found

    def settle(self) -> None:
        """Raise MovedError if what was found may lack something that was deleted meanwhile.

        The next commit leaves what was there; another index in its place has never had it.
        """
        if self._is_settled:
            return
        (found,) = self._requests.documents([self._name_of_state()])
        self._see(found)
        if not self._is_settled:  # a client waits for a part that is just being lost
            self._compare(read_state(self.client))

    def end(self) -> None:
        """Raise MovedError as settle(), once the answer is there.

        What is read from now on, document by document, is right as long as it is there.
        """
        self.settle()
        self._is_answered = True

    def _name_of_state(self) -> Name:
        return Name(self.client.state, STATE_ID)

    def _see(self, found: Mapping[str, Any]) -> None:
        """Compare the state with its document, where the part of the index that has it answers."""
        if "error" in found:
            return
        is_there = found.get("found")
        # Who looks again is told what is there instead.
        self._compare(state_in(self.client.address, found) if is_there else read_state(self.client))

    def _compare(self, now: RemoteState) -> None:
        if not self.state.is_kept_in(now):
            raise MovedError(f"commit {self.state.commits}")
        self._is_settled = True
