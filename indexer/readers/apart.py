"""Reads in a process of its own what a library in C reads: it may take no end of time and memory.

A call to C cannot be ended from Python. In another process the system ends it: where it takes more
processor time than the budget has, where it asks for more memory, or where it is made to crash.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.articles import SkipReason
from indexer.readers.budget import too_slow
from indexer.readers.faults import ReaderError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

    from indexer.articles import Article, Skipped
    from indexer.readers.budget import Budget

# Beyond what the process has when it begins. A book of a thousand pages takes a third of it.
_MOST_BYTES = 1_500_000_000
_OVER_TIME = frozenset((signal.SIGPROF, signal.SIGKILL)) if hasattr(signal, "SIGPROF") else ()


def read_apart(
    read: Callable[[], Iterator[Article | Skipped]], budget: Budget
) -> Iterator[Article | Skipped]:
    """Yield what is read, by a process of its own where the system can make one of this.

    Raises: ReaderError, as read does; if it takes more time than the budget has, or much memory.
    """
    if not hasattr(os, "fork") or threading.current_thread() is not threading.main_thread():
        yield from read()
        return
    from multiprocessing import Pipe  # noqa: PLC0415 - slow to load, seldom needed

    source, sink = Pipe(duplex=False)
    life, own_life = os.pipe()
    child = _forked()
    if child == 0:
        os.close(own_life)
        threading.Thread(target=_end_with, args=(life,), daemon=True).start()
        _serve(read, budget, sink)
    sink.close()
    os.close(life)
    is_done = False
    told: list[Article | Skipped] | BaseException = MemoryError()
    try:
        with source, suppress(EOFError):
            told = source.recv()
        _, status = os.waitpid(child, 0)
        is_done = True
    finally:
        os.close(own_life)
        if not is_done:
            with suppress(OSError):
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in _OVER_TIME:
        raise too_slow(budget.seconds)
    if isinstance(told, MemoryError):
        raise ReaderError(
            SkipReason.TOO_LARGE,
            f"to read it takes more than {_MOST_BYTES / 1e6:,.0f} MB of memory, or it is made to "
            "end its reader",
        )
    if isinstance(told, BaseException):
        raise told
    yield from told


def _forked() -> int:
    with warnings.catch_warnings():
        # Other threads of this process wait; the new one calls nothing that they may hold.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _end_with(life: int) -> None:  # pragma: no cover - in another process
    """End when the process that waits has ended, which alone holds the other end of a pipe."""
    os.read(life, 1)
    os._exit(1)


def _serve(
    read: Callable[[], Iterator[Article | Skipped]], budget: Budget, sink: Connection
) -> None:  # pragma: no cover - in another process
    """Read in the new process, tell what was found, and end."""
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM):  # which are for the one that waits
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, min(budget.seconds, 1e8))
        _bound_memory()
        told: object
        try:
            told = list(read())
        except (ReaderError, MemoryError, OSError) as error:
            told = error
        sink.send(told)
    except BaseException as error:  # noqa: BLE001 - nothing goes on from here
        with suppress(BaseException):
            sink.send(RuntimeError(f"{type(error).__name__}: {error}"))
    finally:
        os._exit(0)


def _bound_memory() -> None:
    if not sys.platform.startswith("linux"):
        return
    import resource  # noqa: PLC0415 - not everywhere

    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    most = pages * resource.getpagesize() + _MOST_BYTES
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or hard > most:
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
