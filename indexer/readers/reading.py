"""One source, whatever its format and compression -> its articles, within a budget."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING, BinaryIO, cast

from indexer.articles import Article, Skipped, SkipReason
from indexer.readers.base import ReaderError
from indexer.readers.budget import DEFAULT_BUDGET, too_large
from indexer.readers.encoding import binary_fault, decode, is_wide
from indexer.readers.formats import format_named, pick_format

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from indexer.readers.budget import Budget
    from indexer.readers.formats import Format

READING_VERSION = 4
"""How sources are understood; to be counted up whenever the same bytes give other articles, so that
files the index knows are read again when they are added the next time."""

PIECE_BYTES = 1 << 20
"""So much of a file of records is looked at together."""

_GZIP_MAGIC = b"\x1f\x8b"


def read_stream(
    stream: BinaryIO,
    *,
    source: str,
    format_name: str = "",
    keep_furniture: bool = False,
    budget: Budget = DEFAULT_BUDGET,
) -> Iterator[Article | Skipped]:
    """Yield the articles of one source, and a Skipped for each thing in it that is none.

    Whatever it holds, no error is raised for it. Gzip is undone wherever it is found. Records are
    read as they come, and only one of them need be within the budget; all else is held whole, and
    no more of it is read or unpacked than the budget has.

    Args:
        stream: the source as it is stored, which can be sought in.
        source: its path or URL, as the user named it; "-" for standard input.
        format_name: what to take it for; "" picks by name and content.
        keep_furniture: whether page furniture becomes blocks too.
        budget: what an article may take.

    Raises: OSError if the system refuses to read.
    """
    try:
        unpacked = _unpacked(stream)
        head = unpacked.read(PIECE_BYTES)
        format_ = _format_of(head, source, format_name)
        if format_.load_records is not None:
            if is_wide(head):
                texts: Iterable[str | ReaderError] = (decode(_whole(head, unpacked, budget)),)
            else:
                texts = _texts(_pieces(head, unpacked, budget))
            yield from format_.load_records()(texts, source=source, budget=budget)
        elif format_.load is not None:
            data = _whole(head, unpacked, budget)
            read = format_.load()
            yield from read(data, source=source, keep_furniture=keep_furniture, budget=budget)
    except ReaderError as error:
        yield Skipped(source, error.reason, error.detail)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        yield Skipped(source, SkipReason.BROKEN, _gzip_fault(error))


def is_packed(head: bytes) -> bool:
    """Whether a source that begins so is compressed."""
    return head.startswith(_GZIP_MAGIC)


def holds_records(stream: BinaryIO, *, source: str, format_name: str = "") -> bool:
    """Whether read_stream() would read a source record by record."""
    try:
        head = _unpacked(stream).read(PIECE_BYTES)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return False
    format_ = _format_of(head, source, format_name)
    return format_.load_records is not None and not is_wide(head)


def check_packing(stream: BinaryIO) -> None:
    """Go through a compressed source; ReaderError if it is damaged or cut short."""
    unpacked = _unpacked(stream)
    try:
        while unpacked.read(PIECE_BYTES):
            pass
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ReaderError(SkipReason.BROKEN, _gzip_fault(error)) from error


def _unpacked(stream: BinaryIO) -> BinaryIO:
    """The stream from its beginning, without its compression."""
    stream.seek(0)
    magic = stream.read(len(_GZIP_MAGIC))
    stream.seek(0)
    return (
        cast("BinaryIO", gzip.GzipFile(fileobj=stream, mode="rb")) if is_packed(magic) else stream
    )


def _gzip_fault(error: Exception) -> str:
    what = "cut short" if isinstance(error, EOFError) else "damaged"
    return f"the compressed file is {what}"


def _format_of(head: bytes, source: str, format_name: str) -> Format:
    return format_named(format_name) if format_name else pick_format(source, head)


def _whole(head: bytes, stream: BinaryIO, budget: Budget) -> bytes:
    """All of a source; ReaderError if that is more than the budget has."""
    most = budget.size_bytes
    data = head + stream.read(max(0, most + 1 - len(head)))
    if len(data) > most:
        fault = binary_fault(head)
        raise ReaderError(SkipReason.BINARY, fault) if fault else too_large("file", budget)
    return data


def _pieces(head: bytes, stream: BinaryIO, budget: Budget) -> Iterator[bytes | ReaderError]:
    """Cut a source behind line ends; an error stands for a line that is too large."""
    most = budget.size_bytes
    piece = head
    while piece:
        if piece.endswith(b"\n"):
            yield piece
        else:
            begun_bytes = len(piece) - (piece.rfind(b"\n") + 1)
            rest = stream.readline(most + 1)
            if begun_bytes + len(rest) <= most:
                yield piece + rest
            else:
                yield piece[: len(piece) - begun_bytes]
                while rest and not rest.endswith(b"\n"):
                    rest = stream.readline(PIECE_BYTES)
                yield too_large("record", budget)
        piece = stream.read(PIECE_BYTES)


def _texts(pieces: Iterable[bytes | ReaderError]) -> Iterator[str | ReaderError]:
    """Decode pieces, each by itself; in one that is not text, each line."""
    for piece in pieces:
        if isinstance(piece, ReaderError):
            yield piece
            continue
        try:
            yield decode(piece)
        except ReaderError:
            for line in piece.splitlines(keepends=True):
                try:
                    yield decode(line)
                except ReaderError as error:
                    yield ReaderError(SkipReason.BROKEN, error.detail)
