"""Processes that help the one that writes an index."""

from __future__ import annotations

import os
import signal
from threading import Thread


def default_jobs() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def begin_helping() -> None:
    """Have this process end with the one that began it, and leave interrupts to that one.

    If it outlived that one it would keep the lock of the index.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    from multiprocessing import parent_process  # noqa: PLC0415 - slow to load, seldom needed

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
