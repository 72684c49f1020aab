"""Questions that are asked together: what all of them wait for goes out as one request.

Each question has a thread, and one of these goes on at a time: the others wait for the cluster, or
for their turn. When all wait for the cluster, it is asked for what they want, and each goes on with
its part of the answer. So they come in the same order and share what they learn, and nothing that
they use has to be guarded.

What a question waits for others does not count into the time that it may take: its clock stands,
and of a request that they share it runs for its share.
"""

from __future__ import annotations

import time
from collections import deque
from functools import partial
from itertools import islice
from threading import Event, Semaphore, Thread
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from indexer.storage.remote.failures import RefusedError
from indexer.storage.remote.reading import Name, carried_out, looked_up
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from indexer.storage.remote.client import Client
    from indexer.storage.remote.reading import Search, Written
    from search.backends.opensearch.question import Requests

_Given = TypeVar("_Given")

#: So many questions are asked together.
TOGETHER = 16
# A request has so much at most, unless one question asks for more. Who gives a cluster room to
# listen for little, gives it ten megabytes.
_MOST_CHARS = 8_000_000


class _LeftError(Exception):
    """Nobody waits for the answer any more."""


class _Searches(NamedTuple):
    """Searches that a question waits for."""

    member: _Member[Any]
    searches: Sequence[Written]
    timeout_seconds: float


class _Documents(NamedTuple):
    """Documents that a question waits for."""

    member: _Member[Any]
    names: Sequence[Name]


def answers_together(
    client: Client, asks: Sequence[Callable[[Requests], _Given]], seconds: float
) -> Iterator[Callable[[], _Given]]:
    """Ask some questions together.

    Args:
        client: asks the cluster.
        asks: each asks a question, given how its requests go out.
        seconds: no answer of the cluster is waited for longer.

    Yields: for each, in order, what waits until it is answered, and returns or raises what it did.
        Where this is closed before its end, the others are left unanswered.
    """
    group = _Group(client, seconds)
    members = deque(_Member(group, ask) for ask in asks)
    group.begin(members)
    try:
        while members:
            yield members.popleft().given
    except GeneratorExit:
        group.is_left = True
        raise


class _Group:
    """Those who are asked together.

    Attributes:
        is_left: whether nobody waits for their answers any more.
    """

    def __init__(self, client: Client, seconds: float) -> None:
        self.is_left = False
        self._client = client
        self._seconds = seconds
        self._ready: deque[_Member[Any]] = deque()
        self._searches: list[_Searches] = []
        self._documents: list[_Documents] = []

    def begin(self, members: Sequence[_Member[Any]]) -> None:
        """Let the first go on; the others follow."""
        self._ready.extend(members)
        for one in members:
            one.start()
        self.go_on()

    def search(self, wanted: _Searches) -> None:
        """Have searches be carried out when all wait."""
        self._searches.append(wanted)

    def look_up(self, wanted: _Documents) -> None:
        """Have documents be looked up when all wait."""
        self._documents.append(wanted)

    def go_on(self) -> None:
        """Give the turn to the next one; where all wait for the cluster, it is asked before."""
        while not self._ready and (self._searches or self._documents):
            self._ask()
        if self._ready:
            self._ready.popleft().take_turn()

    def _ask(self) -> None:
        searches, self._searches = self._searches, []
        documents, self._documents = self._documents, []
        if self.is_left:
            for member in (*(one.member for one in searches), *(one.member for one in documents)):
                self._tell(member, _LeftError())
            return
        for some in _parted(searches):
            with self._client.within(self._seconds):
                self._carry_out(some)
        if documents:
            with self._client.within(self._seconds):
                self._look_up(documents)

    def _carry_out(self, wanted: Sequence[_Searches]) -> None:
        """Carry out the searches of some; what is refused as a whole is asked one by one."""
        begun = time.monotonic()
        searches = [search for one in wanted for search in one.searches]
        timeout_seconds = max(one.timeout_seconds for one in wanted)
        try:
            answers = iter(carried_out(self._client, searches, timeout_seconds=timeout_seconds))
            parts = [list(islice(answers, len(one.searches))) for one in wanted]
            took = [sum(part.get("took", 0) for part in own) for own in parts]
        except RefusedError as error:
            if len(wanted) == 1:
                self._tell(wanted[0].member, error)
                return
            for one in wanted:
                self._carry_out([one])
            return
        except Exception as error:  # noqa: BLE001 - each raises it where it has asked
            for one in wanted:
                self._tell(one.member, error, time.monotonic() - begun)
            return
        self._share(begun, [one.member for one in wanted], parts, took)

    def _look_up(self, wanted: Sequence[_Documents]) -> None:
        """Look up the documents of some, each once."""
        begun = time.monotonic()
        names = list(dict.fromkeys(name for one in wanted for name in one.names))
        try:
            found = dict(zip(names, looked_up(self._client, names), strict=True))
            parts = [[found[name] for name in one.names] for one in wanted]
        except Exception as error:  # noqa: BLE001 - as above
            for one in wanted:
                self._tell(one.member, error, time.monotonic() - begun)
            return
        self._share(begun, [one.member for one in wanted], parts, list(map(len, parts)))

    def _share(
        self,
        begun: float,
        members: Sequence[_Member[Any]],
        parts: Sequence[list[dict[str, Any]]],
        worth: Sequence[int],
    ) -> None:
        """Tell each its part of what was answered; the time is shared by what each was worth."""
        seconds = time.monotonic() - begun
        whole = sum(worth) + len(members)
        for member, own, share in zip(members, parts, worth, strict=True):
            self._tell(member, own, seconds * (share + 1) / whole)

    def _tell(
        self, member: _Member[Any], told: list[dict[str, Any]] | Exception, seconds: float = 0.0
    ) -> None:
        """Have one that waited go on in its turn, which took so long for itself."""
        member.hear(told, seconds)
        self._ready.append(member)


class _Member(Thread, Generic[_Given]):
    """One question among others; its requests go out with theirs, see ``question.Requests``."""

    def __init__(self, group: _Group, ask: Callable[[Requests], _Given]) -> None:
        super().__init__(name="question", daemon=True)  # or an interrupt would wait for its answer
        self._group = group
        self._ask = ask
        self._turn = Semaphore(0)
        self._is_answered = Event()
        self._given: Callable[[], _Given] | None = None
        self._told: list[dict[str, Any]] | Exception = []
        self._own_seconds = 0.0
        self._waited_seconds = 0.0

    def run(self) -> None:
        """Ask, and give the turn to the next one."""
        self._turn.acquire()
        try:
            if not self._group.is_left:
                answer = self._ask(self)
                self._given = lambda: answer
        except BaseException as error:  # noqa: BLE001 - who waits for the answer raises it
            self._given = partial(_raise, error)
        finally:
            self._is_answered.set()
            self._group.go_on()

    def given(self) -> _Given:
        """What the question was given, once it is; raises what that raised."""
        self._is_answered.wait()
        assert self._given is not None, "who leaves does not ask for answers"
        return self._given()

    def take_turn(self) -> None:
        """Let it go on."""
        self._turn.release()

    def hear(self, told: list[dict[str, Any]] | Exception, seconds: float) -> None:
        """Keep what it waits for, and how long that would have taken by itself."""
        self._told = told
        self._own_seconds = seconds

    def searches(self, searches: Sequence[Search], timeout_seconds: float) -> list[dict[str, Any]]:
        """What the cluster answers to each of some searches."""
        written = [one.written() for one in searches]
        self._group.search(_Searches(self, written, timeout_seconds))
        return self._heard()

    def documents(self, names: Sequence[Name]) -> list[dict[str, Any]]:
        """What the cluster answers of each of some documents."""
        self._group.look_up(_Documents(self, names))
        return self._heard()

    def now(self) -> float:
        """The seconds of a clock that stands while others are waited for."""
        return time.monotonic() - self._waited_seconds

    def _heard(self) -> list[dict[str, Any]]:
        begun = time.monotonic()
        self._group.go_on()
        self._turn.acquire()
        self._waited_seconds += max(0.0, time.monotonic() - begun - self._own_seconds)
        told, self._told = self._told, []
        if isinstance(told, Exception):
            raise told
        return told


def _raise(error: BaseException) -> NoReturn:
    raise error


def _parted(wanted: Sequence[_Searches]) -> Iterator[Sequence[_Searches]]:
    """Yield what goes into one request each, in order."""
    some: list[_Searches] = []
    chars = 0
    for one in wanted:
        own = sum(len(search.line) for search in one.searches)
        if some and chars + own > _MOST_CHARS:
            yield some
            some, chars = [], 0
        some.append(one)
        chars += own
    if some:
        yield some
