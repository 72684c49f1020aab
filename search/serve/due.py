"""A request whose time runs from when it was made, and not only from when its turn has come."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from search.request import Request

# What is left to a search whose time was over while it waited; it says that itself.
_LEAST_SECONDS = 0.001


class Due:
    """A request that begins to wait now, and the seconds that it may take at most."""

    def __init__(self, request: Request, most_seconds: float) -> None:
        seconds = min(request.timeout_seconds, most_seconds)
        self._request = replace(request, timeout_seconds=seconds)
        self._asked_at = time.monotonic()

    def now(self) -> Request:
        """The request with the time that is left to it, which is told in tenths of a second."""
        waited_seconds = round(time.monotonic() - self._asked_at, 1)
        left_seconds = self._request.timeout_seconds - waited_seconds
        least_seconds = min(_LEAST_SECONDS, self._request.timeout_seconds)
        return replace(self._request, timeout_seconds=max(least_seconds, left_seconds))
