"""What the service bounds, so that no request takes all of it; what one is told that would."""

from __future__ import annotations

import os

from indexer.errors import EXIT_INDEX, PassageSearchError
from indexer.tuples import NamedTuple
from search.request import DEFAULT_TIMEOUT_SECONDS

MOST_PASSAGES = 1_000
MOST_CONTEXT = 100
#: When to ask again, where there was no room.
RETRY_SECONDS = 1


class Limits(NamedTuple):
    """What one service bounds.

    Attributes:
        timeout_seconds: the time a request may take at most, waiting included.
        workers: questions that are answered at once.
        waiting: others that may wait for their turn.
        target_bytes: of a path with its parameters.
        body_bytes: of what is sent with a request.
        slow_seconds: a client may take at most to send a request, and to take any of an answer.
        connections: open at once.
    """

    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
    workers: int = max(2, min(8, os.cpu_count() or 1))
    waiting: int = 64
    target_bytes: int = 64_000
    body_bytes: int = 1_000_000
    slow_seconds: float = 30.0
    connections: int = 400


class BusyError(PassageSearchError):
    """More is asked at once than the service has room for."""

    exit_code = EXIT_INDEX
    code = "busy"
