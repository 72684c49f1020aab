"""What a command costs: time, processor time, memory, and what it leaves on the disk.

    python -m tests.bench.cost COMMAND ARGUMENT...

runs a command and prints what it cost as JSON, but for the disk. It stands between the measurement
and what is measured because Linux begins a process's peak memory with that of the process which
started it, and a measurement that holds a corpus is large.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, NamedTuple, Self

from tests.bench.tables import figure

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_PROJECT = Path(__file__).parents[2]
_NOT_COMPILED = "PYTHONDONTWRITEBYTECODE"
_SAMPLE_SECONDS = 0.05
# What wait4() counts memory in.
_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024


class Cost(NamedTuple):
    """What a command cost, with all processes it started.

    Attributes:
        seconds: from its start to its end.
        processor_seconds: in user and system mode.
        peak_bytes: of memory: the largest process, or all together where that is more. The latter
            is looked at twenty times a second, on Linux alone; pages that processes share count
            for each.
        disk_bytes: the size of the files it leaves.
    """

    seconds: float
    processor_seconds: float
    peak_bytes: int
    disk_bytes: int


#: The columns of a table that cost_cells() fills.
COST_COLUMNS = ("wall s", "processor s", "peak MB", "disk MB")


def cost_cells(cost: Cost) -> list[str]:
    """A cost as part of a table's row."""
    megabytes = (cost.peak_bytes / 1e6, cost.disk_bytes / 1e6)
    return [figure(value) for value in (cost.seconds, cost.processor_seconds, *megabytes)]


def cost_of(command: Sequence[str], folder: Path, *, allowed: Collection[int] = (0,)) -> Cost:
    """Run a command that leaves something in a folder.

    Raises: SystemExit with what it says if its exit status is not allowed.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.cost", *command],
        cwd=_PROJECT,
        env=installed_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode not in allowed:
        said = done.stderr.rstrip()
        raise SystemExit(f"{' '.join(command)} ended with status {done.returncode}:\n{said}")
    return Cost(**json.loads(done.stdout), disk_bytes=size_bytes(folder))


def installed_environment() -> dict[str, str]:
    """The environment, in which Python keeps compiled modules as it does of installed programs."""
    return {name: value for name, value in os.environ.items() if name != _NOT_COMPILED}


def size_bytes(folder: Path) -> int:
    """The size of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Run the command and print its cost; the exit status is the command's."""
    started = time.perf_counter()
    with subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL) as process:
        with _Watch(process.pid) as watch:
            _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    cost = {
        "seconds": seconds,
        "processor_seconds": usage.ru_utime + usage.ru_stime,
        "peak_bytes": max(usage.ru_maxrss * _MAXRSS_BYTES, watch.peak_bytes),
    }
    print(json.dumps(cost))
    sys.exit(process.returncode)


class _Watch:
    """Looks at the memory of a process and its descendants while it runs.

    Attributes:
        peak_bytes: the most they had together.
    """

    def __init__(self, pid: int) -> None:
        self.peak_bytes = 0
        self._pid = pid
        self._ended = Event()
        self._thread = Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(_SAMPLE_SECONDS):
            self.peak_bytes = max(self.peak_bytes, _resident_bytes(self._pid))


def _resident_bytes(pid: int) -> int:
    """The memory that a process and its descendants have; 0 where the system does not tell."""
    process = Path(f"/proc/{pid}")
    try:
        pages = int((process / "statm").read_text().split()[1])
        children = [
            int(child)
            for thread in process.glob("task/*/children")
            for child in thread.read_text().split()
        ]
    except OSError:  # it has ended
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(map(_resident_bytes, children))


if __name__ == "__main__":
    main()
