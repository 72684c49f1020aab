"""So many clients who ask a server at once, each on a connection of its own that is kept alive.

    python -m tests.bench.serve_load < PLAN

reads a ``Plan`` as JSON and prints a ``Load`` as JSON. It is a process of its own, so that what it
costs to ask can be told from what it costs to answer. Every query is asked equally often: rounds
through all of them, each in another order, are gone through until the time is over, and the last
one to its end. A round before them is not timed; its answers are what later ones are held against.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.bench.latency import percentile
from tests.bench.serve_http import ClosedError, Connection, request_bytes
from tests.bench.serve_processes import processor_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.bench.serve_http import Answer

_PROJECT = Path(__file__).parents[2]
_PASSAGE_ID = re.compile(rb'^\{"rank": \d+, "score": [^,]+, "id": "([^"]+)"', re.MULTILINE)
_SEED = 5
_OK = 200
_BUSY = 503
# Of what was wrong so many are told.
_TOLD = 5


class Plan(NamedTuple):
    """What is to be asked.

    Attributes:
        address: of the server.
        pid: its process.
        clients: how many ask at once.
        seconds: how long at least.
        targets: the queries as paths with parameters.
        headers: of each request.
    """

    address: str
    pid: int
    clients: int
    seconds: float
    targets: tuple[str, ...]
    headers: tuple[str, ...] = ()


class Load(NamedTuple):
    """How a server stood it.

    Attributes:
        requests: how many were timed.
        seconds: from the first request to the last answer.
        p50_ms, p99_ms: of the time that an answer took, as its client saw it.
        server_seconds, client_seconds: of the processor.
        busy: answers with status 503.
        wrong: other answers that were not as those of the first round, a few of them told.
        wrong_total: how many.
        passages: in an answer, the mean.
        answer_bytes: of a body as sent, the mean.
    """

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    server_seconds: float
    client_seconds: float
    busy: int
    wrong: tuple[str, ...]
    wrong_total: int
    passages: float
    answer_bytes: float


def load(plan: Plan) -> Load:
    """Ask a server in a process of its own; SystemExit with what it said if that fails."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.serve_load"],
        input=json.dumps(plan),
        cwd=_PROJECT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"the clients ended with status {done.returncode}:\n{done.stderr}")
    return Load(*json.loads(done.stdout))


class _Clients:
    """Asks, and keeps what came of it."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._requests = [
            request_bytes(plan.address, target, headers=plan.headers) for target in plan.targets
        ]
        self._first: dict[int, list[bytes]] = {}
        self._seconds: list[float] = []
        self._wrong: Counter[str] = Counter()
        self._busy = self._passages = self._bytes = 0

    async def run(self) -> Load:
        """Ask a round, then what is timed."""
        connections = [await Connection.to(self._plan.address) for _ in range(self._plan.clients)]
        await self._ask(connections, iter(range(len(self._requests))))
        if len(self._first) < len(self._requests):
            raise SystemExit(f"wrong answers in the first round: {self._busy} busy, {self._told()}")
        self._seconds.clear()
        self._busy = self._passages = self._bytes = 0
        server_seconds = processor_seconds(self._plan.pid)
        client_seconds, started = time.process_time(), time.perf_counter()
        await self._ask(connections, self._turns(started + self._plan.seconds))
        seconds = time.perf_counter() - started
        client_seconds = time.process_time() - client_seconds
        server_seconds = processor_seconds(self._plan.pid) - server_seconds
        for connection in connections:
            connection.close()
        number = len(self._seconds)
        return Load(
            requests=number,
            seconds=seconds,
            p50_ms=percentile(self._seconds, 50) * 1e3,
            p99_ms=percentile(self._seconds, 99) * 1e3,
            server_seconds=server_seconds,
            client_seconds=client_seconds,
            busy=self._busy,
            wrong=self._told(),
            wrong_total=self._wrong.total(),
            passages=self._passages / number,
            answer_bytes=self._bytes / number,
        )

    def _turns(self, ends_at: float) -> Iterator[int]:
        """Yield the places of queries, in whole rounds, until a time has come."""
        rng = random.Random(_SEED)  # noqa: S311
        places = list(range(len(self._requests)))
        while time.perf_counter() < ends_at:
            rng.shuffle(places)
            yield from places

    async def _ask(self, connections: Sequence[Connection], turns: Iterator[int]) -> None:
        """Have all clients take their turns from one list, until it ends."""

        async def client(connection: Connection) -> None:
            for place in turns:
                if not connection.is_open:  # it had nothing to ask for longer than it is kept
                    connection = await Connection.to(self._plan.address)
                self._keep(place, await connection.ask(self._requests[place]))

        await asyncio.gather(*map(client, connections))

    def _keep(self, place: int, answer: Answer) -> None:
        self._seconds.append(answer.seconds)
        self._bytes += answer.sent_bytes
        if answer.status == _BUSY:
            self._busy += 1
            return
        if answer.status != _OK:
            self._wrong[f"status {answer.status} of {self._plan.targets[place]}"] += 1
            return
        found = _PASSAGE_ID.findall(answer.body)
        self._passages += len(found)
        if self._first.setdefault(place, found) != found:
            self._wrong[f"other passages than at first of {self._plan.targets[place]}"] += 1

    def _told(self) -> tuple[str, ...]:
        return tuple(f"{number}x {what}" for what, number in self._wrong.most_common(_TOLD))


def main() -> None:
    """Carry out the plan on standard input."""
    try:
        found = asyncio.run(_Clients(Plan(*json.load(sys.stdin))).run())
    except ClosedError as error:
        raise SystemExit(f"the server closed a connection: {error}") from error
    print(json.dumps(found))


if __name__ == "__main__":
    main()
