"""The errors a user can meet: one base, one leaf per remedy, each with its exit code and its name.

A message names the object and the fault, a hint the remedy. ValueError is a caller's bug and is not
here.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any, ClassVar

from indexer.tuples import NamedTuple

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


class Failure(NamedTuple):
    """Why a command failed, for programs.

    Attributes:
        code: the kind of failure, a word with underscores that stays the same.
        message: the object and the fault, for people.
        hint: the remedy, for people; "" where none is known.
        exit_code: what the process ends with.
        span: the place of the fault in the query, in code points; None for what is no query's.
    """

    code: str
    message: str
    hint: str
    exit_code: int
    span: Span | None = None

    def record(self) -> dict[str, Any]:
        """The public JSON of an error, the same for both commands and all front ends."""
        return {**self._asdict(), "hint": self.hint or None}


class PassageSearchError(Exception):
    """Base of every error this project raises on purpose; str() is what to show, hint included.

    Attributes:
        message: the object and the fault.
        hint: the remedy; "" where none is known.
    """

    exit_code: ClassVar[int] = EXIT_USAGE
    #: Names the kind in JSON; once it is out it stays.
    code: ClassVar[str] = "usage"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Return the message and the hint, one line."""
        return f"{self.message}; {self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        """Have it sent whole from one process to another, whatever its leaf is made of."""
        return _made_again, (type(self), self.args, self.__dict__)

    def failure(self) -> Failure:
        """What is told of it to programs."""
        return Failure(self.code, self.message, self.hint, self.exit_code)


def _made_again(
    kind: type[PassageSearchError], args: tuple[Any, ...], state: dict[str, Any]
) -> PassageSearchError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class UsageError(PassageSearchError):
    """The request cannot be carried out as it was given."""


class QuerySyntaxError(PassageSearchError):
    """A query that is malformed, raised only where strict reading was asked for.

    Attributes:
        query: the whole query text.
        span: the place of the fault in query, in code points.
    """

    code = "query_syntax"

    def __init__(self, query: str, span: Span, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.query = query
        self.span = span

    def __str__(self) -> str:
        """Return the message with the hint, the query and a caret under the fault, three lines."""
        width_chars = max(1, self.span.end - self.span.start)
        shown = "".join(" " if char in "\t\n\r\v\f" else char for char in self.query)
        return f"{super().__str__()}\n  {shown}\n  {' ' * self.span.start}{'^' * width_chars}"

    def failure(self) -> Failure:
        """What is told of it to programs: the place is a span, not a caret."""
        return super().failure()._replace(span=self.span)


class ArticleError(PassageSearchError):
    """One article cannot be read; the others are not affected."""

    exit_code = EXIT_PARTIAL
    code = "article"


class IndexFaultError(PassageSearchError):
    """Base of the faults of an index as a whole."""

    exit_code = EXIT_INDEX
    code = "index"


class IndexMissingError(IndexFaultError):
    """There is no index at the place named."""

    code = "index_missing"


class IndexFormatError(IndexFaultError):
    """The index was written by another version, may not be read, or is damaged."""

    code = "index_unreadable"


class IndexDamagedError(IndexFormatError):
    """The index is not what was written to it.

    Attributes:
        fault: what is wrong, without the place and the remedy.
    """

    code = "index_damaged"

    def __init__(self, place: str, fault: str, index: str) -> None:
        """Name the place, the fault and the directory of the index."""
        import shlex  # noqa: PLC0415 - only for the message

        super().__init__(
            f"{place} is damaged: {fault}",
            hint=f"save what is whole with: indexer -i {shlex.quote(index)} check --repair",
        )
        self.fault = fault


class IndexLockedError(IndexFaultError):
    """Another process is writing to the index."""

    code = "index_locked"


class IndexWriteError(IndexFaultError):
    """The system refused a write: disk full, permission, read-only place."""

    code = "index_unwritable"


class IndexUnreachableError(IndexFaultError):
    """The cluster that has the index does not answer, or cannot now."""

    code = "index_unreachable"


class OutputError(PassageSearchError):
    """The system refuses what a command prints."""

    exit_code = EXIT_INDEX
    code = "output"
