"""How long queries take: all systems in turn, in a process that does nothing else.

Of each kind a few queries are asked first and not timed. Then every query is asked once a round,
one system after another, so that whatever else the machine does meets all of them. A query's time
is its best of all rounds: other work only ever adds to it.
"""

from __future__ import annotations

import math
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from statistics import geometric_mean, mean, median
from typing import TYPE_CHECKING, NamedTuple

from tests.bench.cost import installed_environment
from tests.bench.engines import LIMIT
from tests.bench.tables import note
from tests.commands import BIN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.bench.engines import Engine, Searcher
    from tests.bench.queries import Kind, Query

_WARM_UP_QUERIES = 5
_COLD_RUNS = 7
_IMPORTS = "import click, whoosh.index"


class Latency(NamedTuple):
    """How one system answers the queries of one kind.

    Attributes:
        median_ms, p95_ms: over the queries.
        returned: the mean number of passages in an answer.
    """

    median_ms: float
    p95_ms: float
    returned: float


class Latencies(NamedTuple):
    """How one system answers.

    Attributes:
        passages: how many its index holds.
        by_kind: for all kinds.
    """

    passages: int
    by_kind: Mapping[Kind, Latency]

    def mean_ms(self) -> float:
        """The geometric mean of the medians of all kinds."""
        return geometric_mean(one.median_ms for one in self.by_kind.values())


class ColdStart(NamedTuple):
    """The best times from the start of a process to its end."""

    search_ms: float
    imports_ms: float


def latencies(
    indexes: Sequence[tuple[Engine, Path]],
    queries: Mapping[Kind, Sequence[Query]],
    *,
    rounds: int,
) -> dict[str, Latencies]:
    """How each system answers from its index, by the name of the system."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_latencies, indexes, queries, rounds).result()


def _latencies(
    indexes: Sequence[tuple[Engine, Path]], queries: Mapping[Kind, Sequence[Query]], rounds: int
) -> dict[str, Latencies]:
    searchers = {engine.name: engine.open(folder) for engine, folder in indexes}
    by_system: dict[str, dict[Kind, Latency]] = {name: {} for name in searchers}
    for kind, of_kind in queries.items():
        note(f"queries: {kind.value}")
        for name, latency in _of_kind(searchers, of_kind, rounds).items():
            by_system[name][kind] = latency
    return {
        name: Latencies(searcher.passages, by_system[name]) for name, searcher in searchers.items()
    }


def _of_kind(
    searchers: Mapping[str, Searcher], queries: Sequence[Query], rounds: int
) -> dict[str, Latency]:
    returned = {}
    for searcher in searchers.values():
        for query in queries[:_WARM_UP_QUERIES]:
            searcher.ask(query)
    best = {name: [math.inf] * len(queries) for name in searchers}
    for _ in range(rounds):
        for name, searcher in searchers.items():
            sizes = []
            for place, query in enumerate(queries):
                started = time.perf_counter()
                answer = searcher.ask(query)
                seconds = time.perf_counter() - started
                best[name][place] = min(best[name][place], seconds)
                sizes.append(len(answer))
            if max(sizes) > LIMIT:
                raise SystemExit(f"{name} returned {max(sizes)} passages, {LIMIT} were asked for")
            returned[name] = mean(sizes)
    return {
        name: Latency(median(seconds) * 1e3, percentile(seconds, 95) * 1e3, returned[name])
        for name, seconds in best.items()
    }


def percentile(values: Sequence[float], share: int) -> float:
    """The smallest value that so many percent of all values do not exceed.

    >>> percentile([4, 1, 3, 2], 50), percentile([4, 1, 3, 2], 95)
    (2, 4)
    """
    return sorted(values)[math.ceil(len(values) * share / 100) - 1]


def cold_start(index_dir: Path, words: Sequence[str]) -> ColdStart:
    """How long the command takes in the shell, and Python to load what it could hardly do without.

    The two take turns.
    """
    search = [str(BIN / "search"), "-i", str(index_dir), *words]
    imports = [sys.executable, "-c", _IMPORTS]
    seconds = [(_seconds(search), _seconds(imports)) for _ in range(_COLD_RUNS)]
    return ColdStart(*(min(column) * 1e3 for column in zip(*seconds, strict=True)))


def _seconds(command: Sequence[str]) -> float:
    started = time.perf_counter()
    subprocess.run(
        command,
        env=installed_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - started
