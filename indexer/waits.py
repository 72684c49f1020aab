"""What a command waits for, told on standard error: what modules of a cluster log meanwhile."""

from __future__ import annotations

import logging

from indexer.console import note

# Whose information it is.
_LOGGER = "indexer.storage.remote"


class _Notes(logging.Handler):
    """Prints what is logged as notes of a program."""

    def __init__(self, prog: str) -> None:
        super().__init__()
        self._prog = prog

    def emit(self, record: logging.LogRecord) -> None:
        """Print one line."""
        note(f"{self._prog}: {record.getMessage()}")


def tell_waits(prog: str) -> None:
    """Have the program of a name tell what a cluster is waited for, from now on."""
    logger = logging.getLogger(_LOGGER)
    logger.setLevel(logging.INFO)
    logger.handlers = [_Notes(prog)]
