"""``indexer add`` in a process that gets a signal at one of its requests to the cluster.

``python -m tests.remote_doomed NUMBER WHEN SIGNAL ARGUMENT...``: the requests are counted from 1;
at the one of that number the process gets the signal, "before" it is sent or "after" its answer. In
the end it prints how many there were.
"""

from __future__ import annotations

import os
import subprocess
import sys
from threading import Lock
from typing import TYPE_CHECKING, Any

from indexer.__main__ import main
from indexer.storage.remote.connection import Connection
from tests.commands import PROJECT, Ran, environment

if TYPE_CHECKING:
    from pathlib import Path


def run_doomed(
    number: int, when: str, signal_number: int, *arguments: str, home: Path, **more: str
) -> Ran:
    """Run the command with these arguments; number 0 lets it live."""
    doom = [str(number), when, str(int(signal_number))]
    done = subprocess.run(
        [sys.executable, "-m", "tests.remote_doomed", *doom, *arguments],
        cwd=PROJECT,
        env=environment(home, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Ran(done.stdout, done.stderr, done.returncode)


def _doom(number: int, when: str, signal_number: int) -> None:
    carry_out = Connection.carry_out
    lock = Lock()
    count = 0

    def counted(self: Connection, *arguments: Any, **more: Any) -> Any:
        nonlocal count
        with lock:
            count += 1
            is_due = count == number
        if is_due and when == "before":
            os.kill(os.getpid(), signal_number)
        answer = carry_out(self, *arguments, **more)
        if is_due and when == "after":
            os.kill(os.getpid(), signal_number)
        if not number:
            sys.stderr.write(f"{count}\n")
        return answer

    Connection.carry_out = counted  # type: ignore[method-assign]


if __name__ == "__main__":
    _, at, when_, signal_, *arguments_ = sys.argv
    _doom(int(at), when_, int(signal_))
    sys.argv = ["indexer", *arguments_]
    main()
