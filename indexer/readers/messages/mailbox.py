"""A mailbox in the form mbox -> the messages in it, one at a time.

Each begins with a line "From ", a sender and a date, as the next line shows: it is one of a header.
Lines of a text that begin so have a ">" before them, which is taken away.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

# As Thunderbird writes it there is nothing behind, or a hyphen in the place of the sender.
_BEGINS = re.compile(
    rb"From (?:\s*|.*\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\s.*\d:\d\d.*|"
    rb".*\d:\d\d:\d\d.*\b\d{4}\b.*)\s*$"
)
_HEADER = re.compile(rb"(?:[!-9;-~]+[ \t]*:|>From )")
_ESCAPED = re.compile(rb">+From ")
_LINE_BYTES = 1 << 20


class Sent(NamedTuple):
    """A message as it is in its file.

    Attributes:
        first: the line it begins on.
        data: its header and what follows.
        is_whole: whether that is all of it.
    """

    first: int
    data: bytes
    is_whole: bool = True


def begins_message(line: bytes, after: bytes) -> bool:
    """Whether a line parts two messages, as the line after it shows."""
    return line.startswith(b"From ") and bool(_BEGINS.match(line) and _HEADER.match(after))


def sent_in(stream: BinaryIO, most_bytes: int) -> Iterator[Sent]:
    """Yield the messages of a mailbox, of each so many bytes at most.

    What stands before the first is left out.
    """
    kept: list[bytes] | None = None
    first = number = size_bytes = 0
    is_line = True  # whether a line begins here, and not the rest of a very long one
    line = stream.readline(_LINE_BYTES)
    while line:
        after = stream.readline(_LINE_BYTES)
        number += is_line
        if is_line and begins_message(line, after):
            if kept is not None:
                yield Sent(first, b"".join(kept), size_bytes <= most_bytes)
            kept, first, size_bytes = [], number + 1, 0
        elif kept is not None:
            size_bytes += len(line)
            if size_bytes <= most_bytes:
                kept.append(line[1:] if is_line and _ESCAPED.match(line) else line)
        is_line = line.endswith(b"\n")
        line = after
    if kept is not None:
        yield Sent(first, b"".join(kept), size_bytes <= most_bytes)
