"""Waiting for a cluster that has too much to do: longer each time, within bounds, and told."""

from __future__ import annotations

import logging
import time
from math import inf

_FIRST_SECONDS = 0.1
_MOST_SECONDS = 5.0
# Who has waited for so long is told.
_SILENT_SECONDS = 5.0
_log = logging.getLogger(__name__)


class Patience:
    """Waits until something can be asked for again.

    Args:
        what: what cannot be done meanwhile, and where.
        most_seconds: how long it is waited in all, from when it is first refused.
    """

    def __init__(self, what: str, most_seconds: float) -> None:
        self._what = what
        self._most_seconds = most_seconds
        self._wait = _FIRST_SECONDS
        self._began = 0.0
        self._is_told = False

    def wait(self, why: str, until: float = inf) -> bool:
        """Wait for some time, but not beyond a moment; tell whether there was any time left.

        That it waits is logged once, as information.

        Args:
            why: the reason of the cluster.
            until: the moment, by the monotonic clock.
        """
        now = time.monotonic()
        self._began = self._began or now
        if now + self._wait > min(until, self._began + self._most_seconds):
            return False
        if not self._is_told and now + self._wait > self._began + _SILENT_SECONDS:
            self._is_told = True
            _log.info("waiting, as %s: %s", self._what, why)
        time.sleep(self._wait)
        self._wait = min(2 * self._wait, _MOST_SECONDS)
        return True
