"""SIGINT and SIGTERM: what they do to a process, from its first line to its end.

They end it at once while it loads, unwind it while it works, and come too late when what it was
asked for is done. One that was ignored from the start, as under nohup, stays ignored.
"""

from __future__ import annotations

import os
import signal
import time

TYPE_CHECKING = False  # typing takes long to load, and this is loaded first
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
# `timeout` sends two in a row; one that comes later is of a person who does not want to wait.
_IN_A_ROW_SECONDS = 0.5


class Interruption(KeyboardInterrupt):
    """A signal arrived; not an Exception, so that nothing on the way stops it.

    Attributes:
        exit_code: what the process ends with.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.exit_code = 128 + number


def end_at_once(message: bytes = b"") -> None:
    """Have a signal end the process without unwinding it, for as long as there is nothing to undo.

    Args:
        message: what standard error gets then.
    """

    def end(number: int, _frame: FrameType | None) -> None:
        try:
            os.write(2, message)
        finally:
            os._exit(128 + number)

    _have(end)


def unwind() -> None:
    """Have a signal raise Interruption; one that comes during the unwinding ends the process."""
    first_at = 0.0

    def end(number: int, _frame: FrameType | None) -> None:
        if time.monotonic() - first_at > _IN_A_ROW_SECONDS:
            os._exit(128 + number)

    def interrupt(number: int, _frame: FrameType | None) -> None:
        nonlocal first_at
        first_at = time.monotonic()
        _have(end)
        raise Interruption(number)

    _have(interrupt)


def come_too_late() -> None:
    """Have signals change nothing any more: what was asked for is done."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _have(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


class Noted:
    """Tells whether a signal has come, which ends nothing by itself.

    Attributes:
        number: of the signal; None as long as none has come.
    """

    def __init__(self) -> None:
        self.number: int | None = None

    def is_set(self) -> bool:
        """Whether one has come; named as of a threading.Event."""
        return self.number is not None

    def check(self) -> None:
        """Raise Interruption if one has come."""
        if self.number is not None:
            raise Interruption(self.number)


def note_only() -> Noted:
    """Have a signal be noted, for what ends itself in good order; a later one ends the process."""
    noted = Noted()
    first_at = 0.0

    def end(number: int, _frame: FrameType | None) -> None:
        if time.monotonic() - first_at > _IN_A_ROW_SECONDS:
            os._exit(128 + number)

    def take_note(number: int, _frame: FrameType | None) -> None:
        nonlocal first_at
        first_at = time.monotonic()
        noted.number = number
        _have(end)

    _have(take_note)
    return noted
