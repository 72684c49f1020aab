"""The time a search may take."""

from __future__ import annotations

import time

from indexer.errors import UsageError


class SearchTimeoutError(UsageError):
    """The query took longer than it was given."""


class Deadline:
    """The moment a search must be done by."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def left_seconds(self) -> float:
        """Return the time that is left.

        Raises:
            SearchTimeoutError: none is.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise SearchTimeoutError(
                f"the query took longer than {self._seconds:g} seconds; "
                "make it more specific, or allow more with --timeout SECONDS"
            )
        return left
