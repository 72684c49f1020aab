"""What became of files since they were indexed: nothing, they changed, or they are gone.

Size and time are compared first, as by rsync and make. A file of another time and the same size is
read, as one that was only touched, copied or checked out again is what it was; so is one that was
written just before it was indexed, whose time tells nothing. Files are read within bounds: of what
is beyond them the time alone is asked, and what that leaves open counts as unchanged.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from indexer.model import FINGERPRINT_DIGITS
from search.model import CHANGED, GONE

if TYPE_CHECKING:
    from indexer.model import Fingerprint

# The files of one page are read up to so much in all, which takes some tens of milliseconds.
_MOST_READ_BYTES = 32 << 20
_PIECE_BYTES = 1 << 20
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)


class Freshness:
    """Tells what became of the files of one page, each of which is looked at once."""

    def __init__(self) -> None:
        self._left_bytes = _MOST_READ_BYTES
        # By path, what it was and what became of that: an index knows a file by one fingerprint.
        self._known: dict[str, tuple[Fingerprint, str | None]] = {}

    def stale(self, origin: str, fingerprint: Fingerprint | None) -> str | None:
        """CHANGED or GONE; None where a file is as it was, or nothing can be told of it.

        A folder or a pipe in the place of a file is not it: it is gone. Of a file that may not be
        looked at nothing can be told.
        """
        if fingerprint is None:
            return None
        known = self._known.get(origin)
        if known is None or known[0] != fingerprint:
            known = self._known[origin] = fingerprint, self._look(origin, fingerprint)
        return known[1]

    def _look(self, path: str, known: Fingerprint) -> str | None:
        try:
            status = os.stat(path)  # noqa: PTH116 - pathlib takes long to load
        except (FileNotFoundError, NotADirectoryError):
            return GONE
        except (OSError, ValueError):  # a name that this system does not have
            return None
        if not stat.S_ISREG(status.st_mode):
            return GONE
        if status.st_size != known.size_bytes:
            return CHANGED
        if status.st_mtime_ns == known.modified_ns:
            return None
        digest = self._digest(path, status.st_size)
        if digest is None:
            return CHANGED if known.modified_ns else None
        return None if digest == known.digest else CHANGED

    def _digest(self, path: str, size_bytes: int) -> str | None:
        """The digest of a file as far as a fingerprint has it; None where it is not read."""
        if size_bytes > self._left_bytes:
            return None
        import hashlib  # noqa: PLC0415 - for few searches

        self._left_bytes -= size_bytes
        digest = hashlib.sha256()
        try:
            descriptor = os.open(path, os.O_RDONLY | _NO_WAIT)  # it may be a pipe by now
            try:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    return None
                left = size_bytes + 1  # it may grow while it is read
                while left > 0 and (piece := os.read(descriptor, _PIECE_BYTES)):
                    digest.update(piece)
                    left -= len(piece)
            finally:
                os.close(descriptor)
        except OSError:
            return None
        return digest.hexdigest()[:FINGERPRINT_DIGITS]
