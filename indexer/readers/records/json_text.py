"""JSON read value by value from a stream: a document of any size is never held whole."""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING

from indexer.articles import SkipReason
from indexer.readers.faults import ReaderError
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from typing import BinaryIO

_PIECE_BYTES = 1 << 20
_DECODER = json.JSONDecoder()
_BLANKS = re.compile(r"[ \t\n\r]*")
# What matters of a value that is passed over; the end of a string is looked for by itself.
_SIGN = re.compile(r'["\[\]{}]')
_SCALAR_ENDS = re.compile(r"[,\]}\s]")
# What stands so far before the end may be wrong only because the end is not there yet.
_NEAR_END_CHARS = 16
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class TooLargeError(Exception):
    """A value is longer than what was asked for."""


class Value(NamedTuple):
    """A value, and the lines it stands on."""

    value: object
    first_line: int
    last_line: int


class JsonText:
    """The text of a stream, from its beginning on; what was taken of it is not held.

    Attributes:
        line: the one that what comes next is on, from 1; after ``peek``.
    """

    def __init__(self, stream: BinaryIO) -> None:
        stream.seek(0)
        head = stream.read(4)
        mark, encoding = next((pair for pair in _MARKS if head.startswith(pair[0])), (b"", "utf-8"))
        stream.seek(len(mark))
        self.line = 1
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._held = ""
        self._at = 0
        self._is_whole = False

    def peek(self) -> str:
        """The next character that is no blank; "" at the end."""
        while True:
            match = _BLANKS.match(self._held, self._at)
            assert match is not None
            self._go(match.end())
            if self._at < len(self._held):
                return self._held[self._at]
            if not self._more():
                return ""

    def take(self, char: str) -> bool:
        """Take a character if it is the next one that is no blank."""
        if self.peek() != char:
            return False
        self._at += 1
        return True

    def value(self, most_chars: int) -> Value:
        """Take the next value.

        Raises: TooLargeError if it is longer, and nothing is taken; ReaderError if it is none.
        """
        self.peek()
        while True:
            left_chars = len(self._held) - self._at
            try:
                value, end = _DECODER.raw_decode(self._held, self._at)
            except json.JSONDecodeError as error:
                near_end = len(self._held) - _NEAR_END_CHARS
                is_cut = error.pos >= near_end or error.msg.startswith("Unterminated string")
                if self._is_whole or not is_cut:
                    raise self.fault(error.msg, error.pos) from error
            except (ValueError, RecursionError) as error:
                detail = "not JSON that can be read: too deep or too large"
                raise ReaderError(SkipReason.BROKEN, detail) from error
            else:
                # A number may go on.
                if end < len(self._held) or self._is_whole:
                    if end - self._at > most_chars:
                        raise TooLargeError
                    first = self.line
                    self._go(end)
                    return Value(value, first, self.line)
            if left_chars > most_chars:
                raise TooLargeError
            # To double it bounds how often the same is looked at.
            while len(self._held) - self._at < 2 * left_chars + 1 and self._more():
                pass

    def pass_value(self) -> None:
        """Take the next value without holding it; ReaderError if it has no end."""
        depth = 0
        char = self.peek()
        if char not in {'"', "[", "{"}:
            while not (match := _SCALAR_ENDS.search(self._held, self._at)):
                self._go(len(self._held))
                if not self._more():
                    return
            self._go(match.start())
            return
        while True:
            match = _SIGN.search(self._held, self._at)
            if match is None:
                self._go(len(self._held))
                if not self._more():
                    raise self.fault("it is cut short", self._at)
                continue
            self._go(match.end())
            if match[0] == '"':
                self._pass_string()
            else:
                depth += 1 if match[0] in "[{" else -1
            if depth <= 0:
                return

    def _pass_string(self) -> None:
        """Take what is left of a string."""
        is_escaped = False
        while True:
            if is_escaped and self._at < len(self._held):
                self._go(self._at + 1)
                is_escaped = False
            quote = self._held.find('"', self._at)
            slash = self._held.find("\\", self._at, quote if quote >= 0 else None)
            if slash >= 0:
                self._go(slash + 1)
                is_escaped = True
            elif quote >= 0:
                self._go(quote + 1)
                return
            else:
                self._go(len(self._held))
            if self._at == len(self._held) and not self._more():
                raise self.fault("it is cut short", self._at)

    def fault(self, what: str, at: int | None = None) -> ReaderError:
        """The error of what is not JSON, with its line."""
        at = self._at if at is None else at
        line = self.line + self._held.count("\n", self._at, at)
        return ReaderError(SkipReason.BROKEN, f"not JSON: {what} in line {line:,}")

    def _go(self, at: int) -> None:
        self.line += self._held.count("\n", self._at, at)
        self._at = at

    def _more(self) -> bool:
        """Hold more of the text; whether there was some."""
        if self._is_whole:
            return False
        piece = self._stream.read(_PIECE_BYTES)
        self._is_whole = not piece
        self._held = self._held[self._at :] + self._decoder.decode(piece, final=not piece)
        self._at = 0
        return True
