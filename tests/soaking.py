"""One index that many search while another process commits to it, and what that takes.

``soak`` has threads share an open index; ``read_beside`` has processes open it anew each time,
which ``python -m tests.soaking INDEX`` is one of.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING, NamedTuple

from search.index import Index
from tests.commands import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.doomed import Commands

THREADS = 8
# So many articles there are at most.
_KEPT = 20
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


class Rolling:
    """An index that holds the last articles, one of which is new with each commit.

    Attributes:
        index_dir: the index.
    """

    def __init__(self, folder: Path, commands: Commands) -> None:
        """Make the first commit."""
        self.index_dir = folder / "ix"
        self._texts = folder / "rolling"
        self._texts.mkdir()
        self._commands = commands
        self.commit(0)

    def commit(self, number: int) -> None:
        """Add an article, the next one, and take away the oldest if there are many."""
        words = "ferries of the harbour " * 20
        name = self._texts / _name(number)
        name.write_text(f"On {number}\n\nThe ferry of number {number}.\n\n{words}.\n", "utf-8")
        (self._texts / _name(number - _KEPT)).unlink(missing_ok=True)
        options = ["--lang", "en", "--jobs", "1", "--prune"]
        command = ["-i", self.index_dir, "add", *options, self._texts]
        done = self._commands.run(list(map(str, command)), self._texts)
        assert (done.status, done.stderr) == (0, ""), done


def soak(
    folder: Path,
    commands: Commands,
    *,
    queries: int,
    commits: int,
    on_sample: Callable[[Sample], None] = lambda _sample: None,
) -> list[Sample]:
    """Search in threads, each refreshing before it asks, while articles come and go, one a commit.

    Every answer must be that of one committed state, and none of one before that of the last answer
    in its thread: AssertionError if it is not.

    Returns: samples, one a commit, the last one after all threads have ended.
    """
    rolling = Rolling(folder, commands)
    state = _State(queries)
    samples: list[Sample] = []

    def take(committed: int) -> None:
        samples.append(sample(rolling.index_dir, committed, state.asked))
        on_sample(samples[-1])

    with Index.open(rolling.index_dir) as index, ThreadPoolExecutor(THREADS) as pool:
        running = [pool.submit(_ask, index, state) for _ in range(THREADS)]
        try:
            for number in range(1, commits + 1):
                while state.asked * commits < queries * number and not state.failed.is_set():
                    time.sleep(0.002)
                take(number - 1)
                state.committed = number
                rolling.commit(number)
        finally:
            state.ended.set()
            for thread in running:
                thread.result()
        index.refresh()
        assert _version_of(index, _QUERIES[0]) == commits
    del index
    take(commits)
    return samples


def read_beside(folder: Path, commands: Commands, *, readers: int, commits: int) -> int:
    """Have processes open and search an index while articles come and go, one a commit.

    Returns: how many answers there were, all of one committed state; AssertionError if one was not.
    """
    rolling = Rolling(folder, commands)
    arguments = [sys.executable, "-m", "tests.soaking", str(rolling.index_dir)]
    processes = [
        subprocess.Popen(
            arguments,
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(readers)
    ]
    for one in processes:
        assert one.stdout is not None
        assert one.stdout.readline() == "reading\n"
    for number in range(1, commits + 1):
        rolling.commit(number)
    answers = 0
    for one in processes:
        told, complaints = one.communicate()
        assert (one.returncode, complaints) == (0, "")
        of_one, last = map(int, told.split())
        assert last == commits
        answers += of_one
    return answers


def main() -> None:
    """Read the index that is named until standard input ends."""
    print("reading", flush=True)
    seen = answers = 0
    is_last = False
    while not is_last:
        is_last = bool(select.select([sys.stdin], [], [], 0)[0])
        with Index.open(sys.argv[1]) as index:
            version = _version_of(index, _QUERIES[answers % len(_QUERIES)])
        assert version >= seen, (version, seen)
        seen = version
        answers += 1
    print(answers, seen)


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
    """The last article that an answer has; it must have those before, as many as are kept."""
    found: Sequence[str] = sorted(
        {one.article.article_id for one in index.search(query, limit=100_000).passages}
    )
    last = int(found[-1].removeprefix("rolling/").removesuffix(".txt"))
    expected = range(max(0, last + 1 - _KEPT), last + 1)
    assert found == [f"rolling/{_name(number)}" for number in expected]
    return last


def _name(number: int) -> str:
    return f"{number:04}.txt"


if __name__ == "__main__":
    main()
