"""The service for as long as one likes: everything is asked while commits are made beside it.

Clients on connections that are kept alive ask questions of all kinds in turn, by chance
(``serve_questions.py``); now and then one breaks off, before the answer or within its own request.
Articles come and go all the time (``serve_rolling.py``). What the process takes is looked at every
ten seconds, and its last quarter is held against the second: what it holds of files it has mapped
is the index's, so it counts for memory as well. Below five minutes there is too little of it.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from tests.bench.serve_http import ClosedError, Connection
from tests.bench.serve_processes import server, taken
from tests.bench.serve_questions import Questions, articles_in
from tests.bench.serve_rolling import Rolling
from tests.bench.serve_trend import LEAST_SAMPLES, trend
from tests.bench.tables import figure, note, show, show_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.bench.queries import Query
    from tests.bench.serve_processes import Server, Taken
    from tests.bench.serve_questions import Question

_CLIENTS = 8
_SEED = 11
_SAMPLE_SECONDS = 10.0
_COMMIT_SECONDS = 5.0
_LEAST_MINUTES = 5
_ABORTED_SHARE = 0.03
_NOT_FOUND = 404
# Of what was wrong so many are told.
_TOLD = 10


class _Measure(NamedTuple):
    """One of the things that must not grow.

    Attributes:
        name: with its unit.
        unit: what a sample is divided by.
        share, number: how much growth nobody could tell from chance, of the level and at least.
    """

    name: str
    unit: float
    share: float
    number: float


_MEASURES = (
    _Measure("resident MB", 1e6, 0.02, 1),
    _Measure("private MB", 1e6, 0.02, 1),
    _Measure("descriptors", 1, 0, 2),
    _Measure("threads", 1, 0, 1),
)


def soak(
    index_dir: Path, queries: Sequence[Query], minutes: float, *, command: Sequence[str]
) -> bool:
    """Print how a service stands it; tell whether all was right and nothing grew.

    Args:
        index_dir: what it serves; articles are added to it.
        queries: to ask.
        minutes: how long.
        command: starts the service.
    """
    folder = index_dir.parent / "rolling"
    folder.mkdir()
    log = index_dir.parent / "soak.log"
    with server(command, log) as served:
        run = _Soak(served, Rolling(index_dir, folder), queries, minutes * 60)
        asyncio.run(run.run())
    grown = run.show_trends() if minutes >= _LEAST_MINUTES else []
    if minutes < _LEAST_MINUTES:
        show(f"Whether anything grows is told after {_LEAST_MINUTES} minutes.")
    said = [line for line in log.read_text("utf-8").splitlines() if "search-serve: " not in line]
    for line in said[:_TOLD]:
        show(f"The service said: {line}")
    return run.show_wrong() and not grown and not said


class _Soak:
    """Asks one service, and keeps what comes of it."""

    def __init__(
        self, served: Server, rolling: Rolling, queries: Sequence[Query], seconds: float
    ) -> None:
        self._served = served
        self._rolling = rolling
        self._seconds = seconds
        self._rng = random.Random(_SEED)  # noqa: S311
        self._questions = Questions(served.address, queries, rolling, self._rng)
        self._asked: Counter[str] = Counter()
        self._wrong: Counter[str] = Counter()
        self._samples: list[Taken] = []
        self._started = time.monotonic()
        self._is_over = False

    async def run(self) -> None:
        """Ask until the time is over; then the last commit must be found."""
        await self._begin()
        self._started = time.monotonic()
        beside = [
            asyncio.create_task(one) for one in (self._commit(), self._sample(), self._tell())
        ]
        await asyncio.gather(*(self._client() for _ in range(_CLIENTS)))
        self._is_over = True
        await asyncio.gather(*beside)
        connection = await Connection.to(self._served.address)
        answer = await connection.ask(self._questions.newest().request)
        if not self._rolling.is_newest(articles_in(answer)):
            self._wrong["the last commit is not found"] += 1
        connection.close()

    def show_trends(self) -> list[str]:
        """Print what grew and what did not; return the names of what did."""
        if len(self._samples) < LEAST_SAMPLES:
            return []
        grown, rows = [], []
        hours = self._seconds / 2 / 3600  # between the middles of the quarters
        for measure, samples in zip(_MEASURES, zip(*self._samples, strict=True), strict=True):
            found = trend([one / measure.unit for one in samples])
            is_grown = found.grew(max(measure.share * found.level, measure.number))
            cells = (found.level, found.growth, found.noise, found.growth / hours)
            told = [f"{cell:.2f}" for cell in cells]
            rows.append([measure.name, *told, "grew" if is_grown else "flat"])
            grown += [measure.name] * is_grown
        show_table(["", "second quarter", "growth", "noise", "growth an hour", ""], rows)
        return grown

    def show_wrong(self) -> bool:
        """Print what was asked and what was wrong; tell whether nothing was."""
        self._wrong.update(self._rolling.wrong)
        kinds = ", ".join(f"{number:,} {kind}" for kind, number in sorted(self._asked.items()))
        show(f"Asked: {kinds}; {self._rolling.commits:,} commits beside.")
        for told, number in self._wrong.most_common(_TOLD):
            show(f"Wrong, {number}x: {told}")
        show(f"Wrong answers: {self._wrong.total():,}.")
        return not self._wrong

    async def _begin(self) -> None:
        """Ask what later questions are made of, and leave out what has no address here."""
        connection = await Connection.to(self._served.address)
        while not self._questions.has_ids():
            await self._ask(connection, "search")
        for kind, make in list(self._questions.kinds.items()):
            question = make()
            answer = await connection.ask(question.request)
            fault = question.fault(answer)
            if answer.status == _NOT_FOUND and fault:
                del self._questions.kinds[kind]
                show(f"Left out: {kind}, as nothing answers at {question.told}.")
                continue
            self._asked[kind] += 1
            self._keep(question, fault)
        await self._break_off(connection, self._questions.newest())

    async def _client(self) -> None:
        connection = await Connection.to(self._served.address)
        kinds = list(self._questions.kinds)
        while time.monotonic() - self._started < self._seconds:
            if not connection.is_open:
                connection = await Connection.to(self._served.address)
            kind = self._rng.choice(kinds)
            if self._rng.random() < _ABORTED_SHARE:
                await self._break_off(connection, self._questions.kinds[kind]())
                connection = await Connection.to(self._served.address)
            else:
                await self._ask(connection, kind)
        connection.close()

    async def _ask(self, connection: Connection, kind: str) -> None:
        question = self._questions.kinds[kind]()
        self._asked[kind] += 1
        try:
            fault = question.fault(await connection.ask(question.request))
        except (ClosedError, TimeoutError, ValueError, KeyError) as error:
            fault = f"{type(error).__name__}: {error}"
        self._keep(question, fault)

    def _keep(self, question: Question, fault: str) -> None:
        if fault:
            told = f"{question.told}: {fault}"
            if told not in self._wrong and len(self._wrong) < _TOLD:
                note(f"wrong: {told}")
            self._wrong[told] += 1

    async def _break_off(self, connection: Connection, question: Question) -> None:
        """Send a request, or a part of one, and go away."""
        self._asked["broken off"] += 1
        size_bytes = self._rng.choice((len(question.request), len(question.request) // 2))
        connection.send(question.request[:size_bytes])
        await asyncio.sleep(self._rng.choice((0, 0.001, 0.02)))
        connection.abort()

    async def _commit(self) -> None:
        while not self._is_over:
            await self._rolling.commit()
            await asyncio.sleep(min(_COMMIT_SECONDS, self._seconds / 20))

    async def _sample(self) -> None:
        while not self._is_over:
            self._samples.append(taken(self._served.pid))
            await asyncio.sleep(min(_SAMPLE_SECONDS, self._seconds / 40))

    async def _tell(self) -> None:
        """Print a line a minute."""
        while (left := self._started + self._seconds - time.monotonic()) > 0:
            await asyncio.sleep(min(60, self._seconds / 2, left))
            now = taken(self._served.pid)
            print(
                f"{(time.monotonic() - self._started) / 60:6.1f} min  "
                f"{self._asked.total():>9,} asked  {self._rolling.commits:>6,} commits  "
                f"{figure(now.resident_bytes / 1e6)} MB  "
                f"{figure(now.private_bytes / 1e6)} MB private  "
                f"{now.descriptors} descriptors  {now.threads} threads  "
                f"{self._wrong.total()} wrong",
                flush=True,
            )
