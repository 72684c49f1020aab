"""Questions from many at once -> threads that answer them, a bounded number, each in time."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from search.serve.limits import BusyError, Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from search.page import ResultPage
    from search.request import Request
    from search.serve.source import Served, Source

_Answer = TypeVar("_Answer")


class Service:
    """One index with the threads that ask it; nothing here knows of HTTP."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self.limits = limits
        self._source = source
        self._threads = ThreadPoolExecutor(limits.workers, "search")
        self._asked = 0

    async def ask(self, question: Callable[[Served], _Answer]) -> _Answer:
        """Ask the index as it is now something, in a thread of its own.

        Raises:
            BusyError: too many wait already, or the turn did not come in time.
            PassageSearchError: as the question.
        """
        if self._asked >= self.limits.workers + self.limits.waiting:
            raise BusyError("too much is asked at once", hint="ask again in a moment")
        asked_at = time.monotonic()

        def answered() -> _Answer:
            if time.monotonic() - asked_at > self.limits.timeout_seconds:
                raise BusyError("there was no time for this", hint="ask again in a moment")
            return question(self._source.current())

        self._asked += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, answered)
        finally:
            self._asked -= 1

    async def answer(self, request: Request) -> tuple[ResultPage, Served]:
        """The page that answers a request, and the index that gave it; raises as ask()."""
        bounded = self.bounded(request)
        return await self.ask(lambda served: (served.index.answer(bounded), served))

    def bounded(self, request: Request) -> Request:
        """The request with no more time than there is."""
        seconds = min(request.timeout_seconds, self.limits.timeout_seconds)
        return replace(request, timeout_seconds=seconds)

    def close(self) -> None:
        """Wait for what is being answered, and let go of the index."""
        self._threads.shutdown()
        self._source.close()
