"""The errors a user can meet: one base, one leaf per remedy, each with its exit code.

A message names the object, the fault and the remedy. ValueError is a caller's bug and is not here.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from indexer.model import Span

EXIT_OK = 0
EXIT_PARTIAL = 1
EXIT_USAGE = 2
EXIT_INDEX = 3
EXIT_CRASH = 70
EXIT_INTERRUPTED = 130

#: The remedy where a process may open no more files.
MORE_FILES = "allow more (ulimit -n), or use fewer processes (--jobs 1)"


def is_out_of_files(error: OSError) -> bool:
    """Whether the fault is not that of a file: the process, or the system, may open no more."""
    return error.errno in {errno.EMFILE, errno.ENFILE}


class PassageSearchError(Exception):
    """Base of every error this project raises on purpose; str() is the message to show."""

    exit_code: ClassVar[int] = EXIT_USAGE


class UsageError(PassageSearchError):
    """The request cannot be carried out as it was given."""


class QuerySyntaxError(PassageSearchError):
    """A query that is malformed, raised only where strict reading was asked for.

    Attributes:
        query: the whole query text.
        span: the place of the fault in query, in code points.
        message: the fault and its remedy, without the place.
    """

    def __init__(self, query: str, span: Span, message: str) -> None:
        super().__init__(message)
        self.query = query
        self.span = span
        self.message = message

    def __str__(self) -> str:
        """Return the message, the query and a caret line under the fault, three lines."""
        width_chars = max(1, self.span.end - self.span.start)
        shown = "".join(" " if char in "\t\n\r\v\f" else char for char in self.query)
        return f"{self.message}\n  {shown}\n  {' ' * self.span.start}{'^' * width_chars}"


class ArticleError(PassageSearchError):
    """One article cannot be read; the others are not affected."""

    exit_code = EXIT_PARTIAL


class IndexFaultError(PassageSearchError):
    """Base of the faults of an index as a whole."""

    exit_code = EXIT_INDEX


class IndexMissingError(IndexFaultError):
    """There is no index at the place named."""


class IndexFormatError(IndexFaultError):
    """The index was written by another version, or is damaged."""


class IndexDamagedError(IndexFormatError):
    """The index is not what was written to it.

    Attributes:
        fault: what is wrong, without the place and the remedy.
    """

    def __init__(self, place: str, fault: str, index: str) -> None:
        """Name the place, the fault and the directory of the index."""
        import shlex  # noqa: PLC0415 - only for the message

        super().__init__(
            f"{place} is damaged: {fault}; save what is whole with: "
            f"indexer -i {shlex.quote(index)} check --repair"
        )
        self.fault = fault


class IndexLockedError(IndexFaultError):
    """Another process is writing to the index."""


class IndexWriteError(IndexFaultError):
    """The system refused a write: disk full, permission, read-only place."""


class OutputError(PassageSearchError):
    """The system refuses what a command prints."""

    exit_code = EXIT_INDEX
