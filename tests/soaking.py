"""One index that many threads search while another process commits to it, and what that takes."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING, NamedTuple

from search.index import Index

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.doomed import Commands

THREADS = 8
_QUERIES = ('"ferry"', "ferries of the harbour", "fer*", "ferri~", "number OR ferry")


class Sample(NamedTuple):
    """What the process takes at one time.

    Attributes:
        commits, queries: how many there were.
        resident_bytes: its memory.
        descriptors: how many files are open.
        maps: how many files of the index are in memory.
    """

    commits: int
    queries: int
    resident_bytes: int
    descriptors: int
    maps: int


def sample(index_dir: Path, commits: int = 0, queries: int = 0) -> Sample:
    """What this process takes now."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    maps = Path("/proc/self/maps").read_text("utf-8", "replace").splitlines()
    return Sample(
        commits,
        queries,
        pages * os.sysconf("SC_PAGE_SIZE"),
        len(list(Path("/proc/self/fd").iterdir())),
        sum(f"{index_dir}/" in line for line in maps),
    )


def soak(folder: Path, commands: Commands, *, queries: int, commits: int) -> list[Sample]:
    """Search in threads, each refreshing before it asks, while articles are committed one by one.

    Every answer must be that of one committed state, and none of one before that of the last answer
    in its thread: AssertionError if it is not.

    Returns: samples, one a commit, the last one after all threads have ended.
    """
    index_dir, texts = folder / "ix", folder / "soaked"
    texts.mkdir()
    state = _State(queries)

    def commit(number: int) -> None:
        words = "ferries of the harbour " * 20
        name = texts / f"{number:04}.txt"
        name.write_text(f"On {number}\n\nThe ferry of number {number}.\n\n{words}.\n", "utf-8")
        command = ["-i", index_dir, "add", "--lang", "en", "--jobs", "1", texts]
        done = commands.run(list(map(str, command)), folder / "unwatched")
        assert (done.status, done.stderr) == (0, ""), done

    commit(0)
    samples = []
    with Index.open(index_dir) as index, ThreadPoolExecutor(THREADS) as pool:
        running = [pool.submit(_ask, index, state) for _ in range(THREADS)]
        try:
            for number in range(1, commits + 1):
                while state.asked * commits < queries * number and not state.failed.is_set():
                    time.sleep(0.002)
                samples.append(sample(index_dir, number - 1, state.asked))
                state.committed = number
                commit(number)
        finally:
            state.ended.set()
            for thread in running:
                thread.result()
        index.refresh()
        assert _version_of(index, _QUERIES[0]) == commits
    return [*samples, sample(index_dir, commits, state.asked)]


class _State:
    """What the threads share."""

    def __init__(self, queries: int) -> None:
        self.queries = queries
        self.asked = 0
        self.committed = 0  # or being committed
        self.lock = Lock()
        self.ended, self.failed = Event(), Event()


def _ask(index: Index, state: _State) -> None:
    seen = 0
    try:
        while not state.ended.is_set() or state.asked < state.queries:
            with state.lock:
                state.asked += 1
                number = state.asked
            index.refresh()
            version = _version_of(index, _QUERIES[number % len(_QUERIES)])
            assert seen <= version <= state.committed, (seen, version, state.committed)
            seen = version
    except BaseException:
        state.failed.set()
        raise


def _version_of(index: Index, query: str) -> int:
    """The last article that an answer has; it must have all before."""
    found: Sequence[str] = sorted(
        {one.article.article_id for one in index.search(query, limit=100_000).passages}
    )
    assert found == [f"{number:04}.txt" for number in range(len(found))]
    return len(found) - 1
