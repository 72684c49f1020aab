"""What the reading of one article may take of memory and time, and what is said where it is more.

Memory follows from the size of what is read and from how many parts it is in: each paragraph and
each element of a page takes some hundred bytes, however short it is.
"""

from __future__ import annotations

import signal
import threading
from contextlib import nullcontext
from io import BytesIO
from typing import TYPE_CHECKING

from indexer.articles import SkipReason
from indexer.readers.faults import ReaderError
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from types import FrameType, TracebackType
    from typing import BinaryIO

MB = 1 << 20
# A part of a file is a line or a tag. In books and pages they are twice as long and longer.
_BYTES_A_PART = 32
# What ends the work may be caught by a library that goes on; then it is ended again.
_AGAIN_SECONDS = 0.1
# Longer times than this, of three years, are none to a clock.
_LONGEST_SECONDS = 1e8


class Budget(NamedTuple):
    """What the reading of one article may take.

    Attributes:
        size_bytes: how large a file may be, unpacked, that is one article, or one record of many.
        seconds: how much processor time a file that is one article may take to be read, and
            records from one to the next. The main thread of a process keeps it; in others size
            alone sets the bounds.
        passages: how many passages an article may have.
    """

    size_bytes: int = 20 * MB
    seconds: float = 60.0
    passages: int = 100_000

    @property
    def parts(self) -> int:
        """In how many lines or tags an article may be."""
        return self.size_bytes // _BYTES_A_PART


DEFAULT_BUDGET = Budget()


class Allowance:
    """What the members of archives in one source may still take, however deep in each other.

    Each member is held within the budget, and all of them take not more than MOST_TIMES as much.

    Attributes:
        too_large: the error of a member that is over the budget.
    """

    MOST_TIMES = 100
    MOST_MEMBERS = 250_000

    def __init__(self, budget: Budget) -> None:
        self.too_large = too_large("member", budget)
        self._most_bytes = budget.size_bytes
        self._bytes_left = self.MOST_TIMES * budget.size_bytes
        self._members_left = self.MOST_MEMBERS

    def take_member(self) -> None:
        """Count a member; ReaderError if there were too many."""
        self._members_left -= 1
        if self._members_left < 0:
            raise ReaderError(
                SkipReason.TOO_LARGE,
                f"what follows is not read: it has more than {self.MOST_MEMBERS:,} members; "
                "unpack it, and name the folder",
            )

    def held(self, packed: BinaryIO) -> BinaryIO | None:
        """A member as it is unpacked, None if it is over the budget.

        Raises: ReaderError if all of them are too large together.
        """
        data = packed.read(min(self._most_bytes, self._bytes_left) + 1)
        self._bytes_left -= len(data)
        if self._bytes_left < 0:
            together = f"{self.MOST_TIMES * self._most_bytes / MB:,.6g}"
            raise ReaderError(
                SkipReason.TOO_LARGE,
                f"what follows is not read: its members have more than {together} MB together; "
                "unpack it, or raise --max-size",
            )
        return BytesIO(data) if len(data) <= self._most_bytes else None


def too_large(what: str, budget: Budget) -> ReaderError:
    """The error that says that a file or a record is too large."""
    return ReaderError(
        SkipReason.TOO_LARGE,
        f"the {what} is larger than {_megabytes(budget)} MB; split it, or raise --max-size",
    )


def too_slow(seconds: float) -> ReaderError:
    """The error that says that reading takes too long."""
    return ReaderError(
        SkipReason.TOO_SLOW,
        f"reading it takes more than {seconds:,.6g} s; split it, or raise --max-seconds",
    )


def too_many_parts(parts: str, budget: Budget) -> ReaderError:
    """The error that says that an article is in too many lines or tags."""
    return ReaderError(
        SkipReason.TOO_LARGE,
        f"it has more than {budget.parts:,} {parts}, which take as much memory as "
        f"{_megabytes(budget)} MB of text; split it, or raise --max-size",
    )


def too_many_passages(budget: Budget) -> ReaderError:
    """The error that says that an article has too many passages."""
    passages = "passage" if budget.passages == 1 else "passages"
    return ReaderError(
        SkipReason.TOO_LARGE,
        f"it has more than {budget.passages:,} {passages}; split it, or raise --max-passages",
    )


def _megabytes(budget: Budget) -> str:
    return f"{budget.size_bytes / MB:,.3f}".rstrip("0").rstrip(".")


class _TimeIsUp(BaseException):
    """So much time has gone."""


class _Limit:
    """The clock of time_limit(); no generator, in which a signal could come while it is left."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._is_counted = False
        self._outer_seconds = 0.0
        self._before: Callable[[int, FrameType | None], object] | int | None = None

    def __enter__(self) -> None:
        """Begin to count."""
        # What is read within something that has a limit of its own stops that clock.
        self._outer_seconds, _ = signal.setitimer(signal.ITIMER_PROF, 0)
        self._before = signal.signal(signal.SIGPROF, self._end)
        self._is_counted = True
        signal.setitimer(signal.ITIMER_PROF, min(self._seconds, _LONGEST_SECONDS), _AGAIN_SECONDS)

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Count no more; ReaderError if the time was up."""
        self._is_counted = False
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, self._before)
        if self._outer_seconds:
            signal.setitimer(signal.ITIMER_PROF, self._outer_seconds, _AGAIN_SECONDS)
        if isinstance(error, _TimeIsUp):
            interrupted = error.__context__
            while interrupted is not None:
                if isinstance(interrupted, KeyboardInterrupt):
                    raise interrupted from None  # the time was up while that went its way
                interrupted = interrupted.__context__
            raise too_slow(self._seconds) from None

    def _end(self, _number: int, frame: FrameType | None) -> None:
        # Nothing would catch what is raised while it begins or ends.
        if self._is_counted and (frame is None or frame.f_code not in _EDGES):
            raise _TimeIsUp


_EDGES = (_Limit.__enter__.__code__, _Limit.__exit__.__code__)


def time_limit(seconds: float) -> AbstractContextManager[None]:
    """Within it no more processor time is taken than that; else ReaderError, TOO_SLOW.

    What is in the midst of a call to C ends after it. Only in the main thread of a process, where
    the system has such a clock; elsewhere nothing ends.
    """
    return _Limit(seconds) if _has_clock() else nullcontext()


def _has_clock() -> bool:
    is_main = threading.current_thread() is threading.main_thread()
    return is_main and hasattr(signal, "setitimer")
