"""The time a search may take."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from indexer.errors import EXIT_INDEX, PassageSearchError

if TYPE_CHECKING:
    from collections.abc import Callable

# Between two looks at the clock so many small steps are done, each of a microsecond or so.
_STEPS = 4_096


class SearchTimeoutError(PassageSearchError):
    """The query took longer than it was given."""

    exit_code: ClassVar[int] = EXIT_INDEX
    code: ClassVar[str] = "timeout"


class Deadline:
    """The moment a search, or a part of one, must be done by.

    Attributes:
        told_seconds: the time of the whole search, as it is told.
        was_met: whether it, or a part of it, was found to be over; what was to be done then was
            left out.
    """

    __slots__ = ("_begun", "_clock", "_end", "_steps", "_whole", "told_seconds", "was_met")

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin to count.

        Args:
            seconds: what may be used from now on.
            clock: what tells the seconds; it may stand while others are waited for.
        """
        self.was_met = False
        self.told_seconds = seconds
        self._clock = clock
        self._begun = clock()
        self._end = self._begun + seconds
        # The deadline of all, where this one is of a part.
        self._whole: Deadline | None = None
        self._steps = 0

    def spent_seconds(self) -> float:
        """Return the time that was used since it began."""
        return self._clock() - self._begun

    def rest(self, share: float) -> Deadline:
        """The moment when a share of the time is over that is left now."""
        part = Deadline(0.0, clock=self._clock)
        part.told_seconds = self.told_seconds
        part._end += share * max(0.0, self._end - part._begun)
        part._whole = self
        return part

    def unused_seconds(self) -> float:
        """The time that is left, 0 where none is."""
        return max(0.0, self._end - self._clock())

    def is_over(self) -> bool:
        """Whether no time is left."""
        if self._clock() < self._end:
            return False
        self._note()
        return True

    def left_seconds(self) -> float:
        """Return the time that is left.

        Raises:
            SearchTimeoutError: none is.
        """
        left = self._end - self._clock()
        if left <= 0:
            self._note()
            raise SearchTimeoutError(
                f"the query took longer than {self.told_seconds:g} seconds",
                hint="make it more specific, or allow more with --timeout SECONDS",
            )
        return left

    def _note(self) -> None:
        self.was_met = True
        if self._whole is not None:
            self._whole._note()  # noqa: SLF001 - of its own kind

    def spend(self, steps: int = 1) -> None:
        """Count small steps, and look at the clock after some thousands of them.

        Raises:
            SearchTimeoutError: no time is left.
        """
        self._steps += steps
        if self._steps >= _STEPS:
            self._steps = 0
            self.left_seconds()
