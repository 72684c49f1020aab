"""Servers as processes of their own, and what Linux tells of a process."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.bench.cost import installed_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PROJECT = Path(__file__).parents[2]
_ADDRESS = re.compile(r"at (http://\S+)/;")
_STARTING_SECONDS = 120
_ENDING_SECONDS = 60
_LOOK_SECONDS = 0.05
_TICKS = os.sysconf("SC_CLK_TCK")


class Server(NamedTuple):
    """A server that runs.

    Attributes:
        address: where it listens, without a slash at the end.
        pid: its process.
        log: what it has said on standard error.
    """

    address: str
    pid: int
    log: Path


class Taken(NamedTuple):
    """What a process takes at one time.

    Attributes:
        resident_bytes: memory, that of files it has mapped included.
        private_bytes: the part of it that is of no file.
        descriptors: open files and connections.
        threads: how many.
    """

    resident_bytes: int
    private_bytes: int
    descriptors: int
    threads: int


@contextmanager
def server(command: Sequence[str], log: Path) -> Iterator[Server]:
    """Run a server that says ``at http://...:PORT/;`` as soon as it listens.

    Raises: SystemExit with what it said if it does not start, or does not end well.
    """
    with log.open("w", encoding="utf-8") as said:
        process = subprocess.Popen(
            command,
            cwd=_PROJECT,
            env=installed_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
    try:
        yield Server(_address(process, log), process.pid, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_ENDING_SECONDS)
        finally:
            process.kill()
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}:\n{log.read_text()}")


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    ends_at = time.monotonic() + _STARTING_SECONDS
    while time.monotonic() < ends_at and process.poll() is None:
        if found := _ADDRESS.search(log.read_text(encoding="utf-8")):
            return found[1]
        time.sleep(_LOOK_SECONDS)
    raise SystemExit(f"{process.args!r} does not listen:\n{log.read_text(encoding='utf-8')}")


def processor_seconds(pid: int) -> float:
    """The processor time that a process has taken so far, to a hundredth of a second."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def peak_bytes(pid: int) -> int:
    """The most memory that a process has had."""
    return _status(pid, "VmHWM")


def taken(pid: int) -> Taken:
    """What a process takes now."""
    return Taken(
        _status(pid, "VmRSS"),
        _status(pid, "RssAnon"),
        len(os.listdir(f"/proc/{pid}/fd")),  # noqa: PTH208 - names are all that is wanted
        len(os.listdir(f"/proc/{pid}/task")),  # noqa: PTH208 - as above
    )


def _status(pid: int, name: str) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    found = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
    assert found is not None, status
    return int(found[1]) * 1024
