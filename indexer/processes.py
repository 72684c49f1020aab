"""Processes that help the one that writes an index: each does what it is sent, in turn."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any

from indexer.errors import MORE_FILES, IndexWriteError, is_out_of_files
from indexer.interrupts import SIGNALS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection


def default_jobs() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Helper:
    """Another process at the end of a pipe of its own; it ends with this one whatever happens."""

    def __init__(self, does: str, serve: Callable[..., None], *arguments: Any) -> None:
        """Begin a process.

        Args:
            does: what it does, for the message that it ended.
            serve: called there with the connection and the arguments; it ends with the process.
            arguments: what else it needs.

        Raises: IndexWriteError if the system lets no more processes begin.
        """
        from multiprocessing import Pipe, Process  # noqa: PLC0415 - slow to load, seldom needed

        self._does = does
        # The process is to have its own way with signals before one can reach it.
        try:
            with _signals_blocked():
                self._connection, other = Pipe()
                self._process = Process(
                    target=_help, args=(other, self._connection, serve, arguments), daemon=True
                )
                self._process.start()
            other.close()
        except OSError as error:
            remedy = MORE_FILES if is_out_of_files(error) else "try --jobs 1"
            raise IndexWriteError(
                f"the process that {does} cannot be begun: {error.strerror or error}",
                hint=f"nothing was changed: {remedy}",
            ) from error

    # What a connection raises holds on to a buffer that cannot be freed while it does, so it is let
    # go before another error is raised.

    def send(self, message: Any) -> None:
        """Send what is to be done; IndexWriteError if the process has ended."""
        is_gone = False
        try:
            self._connection.send(message)
        except OSError:
            is_gone = True
        if is_gone:
            raise self._gone()

    def receive(self) -> Any:
        """Return the next answer, or raise it; IndexWriteError if the process has ended."""
        answer: Any = None
        is_gone = False
        try:
            answer = self._connection.recv()
        except (EOFError, OSError):
            is_gone = True
        if is_gone:
            raise self._gone()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _gone(self) -> IndexWriteError:
        self._process.join(1)
        return IndexWriteError(
            f"the process that {self._does} has ended before its time "
            f"(exit code {self._process.exitcode})",
            hint="nothing was changed: see that it has enough memory, or try --jobs 1",
        )

    def end(self, *, at_once: bool = True) -> None:
        """Have the process ended, in the middle of its work or when it sees that no more comes."""
        if at_once:
            self._process.kill()
        self._connection.close()
        self._process.join()


@contextmanager
def _signals_blocked() -> Iterator[None]:
    """Have signals wait; a process that is begun meanwhile has them wait as well."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _help(
    connection: Connection,
    other: Connection,
    serve: Callable[..., None],
    arguments: tuple[Any, ...],
) -> None:
    # Signals are left to the process that began this one: if both got one and this one ended first,
    # that would be told as the fault. If this one outlived that one it would keep the lock.
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    Thread(target=_end_with_parent, daemon=True).start()
    other.close()
    serve(connection, *arguments)
    os._exit(0)


def _end_with_parent() -> None:
    from multiprocessing import parent_process  # noqa: PLC0415 - as above

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
