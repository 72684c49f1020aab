"""Questions from many at once -> threads that answer them, a bounded number, each in time."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from indexer.tuples import NamedTuple
from search.serve.due import Due
from search.serve.limits import BusyError, Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from search.page import ResultPage
    from search.request import Request
    from search.serve.source import Served, Source

_Answer = TypeVar("_Answer")


class Load(NamedTuple):
    """What a service is doing.

    Attributes:
        running: questions that threads are at, also for those who no longer wait for the answer.
        waiting: questions that wait for their turn.
        refused: how many found no room, or no turn in time, since the start.
    """

    running: int
    waiting: int
    refused: int


class Service:
    """One index with the threads that ask it; nothing here knows of HTTP.

    All that is asynchronous in it belongs to one event loop.

    Attributes:
        limits: what it bounds.
        on_waited: called with the seconds that each question waited for its turn.
    """

    def __init__(self, source: Source, limits: Limits) -> None:
        self.limits = limits
        self.on_waited: Callable[[float], None] = lambda _seconds: None
        self._source = source
        self._threads = ThreadPoolExecutor(limits.workers, "search")
        self._turns = asyncio.Semaphore(limits.workers)
        self._running = self._waiting = self._refused = 0

    async def ask(self, question: Callable[[Served], _Answer]) -> _Answer:
        """Ask the index as it is now something, in a thread of its own.

        Who is cancelled while waiting leaves the queue; a thread that has begun goes on to its end,
        and keeps its place until then.

        Raises:
            BusyError: too many wait already, or the turn did not come in time.
            PassageSearchError: as the question.
        """
        await self._turn()
        self._running += 1
        answer = asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: question(self._source.current())
        )
        answer.add_done_callback(self._done)
        return await asyncio.shield(answer)

    async def _turn(self) -> None:
        if self._turns.locked() and self._waiting >= self.limits.waiting:
            self._refused += 1
            raise BusyError("too much is asked at once", hint="ask again in a moment")
        asked_at = time.monotonic()
        self._waiting += 1
        try:
            async with asyncio.timeout(self.limits.timeout_seconds):
                await self._turns.acquire()
        except TimeoutError as error:
            self._refused += 1
            raise BusyError("there was no time for this", hint="ask again in a moment") from error
        finally:
            self._waiting -= 1
        self.on_waited(time.monotonic() - asked_at)

    def _done(self, _answer: object) -> None:
        self._running -= 1
        self._turns.release()

    async def answer(self, request: Request) -> tuple[ResultPage, Served]:
        """The page that answers a request, and the index that gave it; raises as ask().

        What it waited counts into the time that it may take.
        """
        due = self.due(request)
        return await self.ask(lambda served: (served.index.answer(due.now()), served))

    def due(self, request: Request) -> Due:
        """The request with no more time than there is, which runs from now on."""
        return Due(request, self.limits.timeout_seconds)

    async def current(self) -> Served:
        """The index as it is now, without a turn, for what takes no time; raises as the source."""
        return await asyncio.to_thread(self._source.current)

    def load(self) -> Load:
        """What it is doing."""
        return Load(self._running, self._waiting, self._refused)

    def close(self) -> None:
        """Wait for what is being answered, and let go of the index."""
        self._threads.shutdown()
        self._source.close()
