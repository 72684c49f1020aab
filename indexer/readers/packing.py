"""Compression around a source, whatever is in it: undone as it is read."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING, BinaryIO, cast

from indexer.articles import SkipReason
from indexer.readers.base import ReaderError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What reading a packed source may raise.
PACKING_ERRORS = (EOFError, gzip.BadGzipFile, zlib.error)

_GZIP_MAGIC = b"\x1f\x8b"
_SUFFIXES = (".gz",)
_PIECE_BYTES = 1 << 20


def is_packed(head: bytes) -> bool:
    """Whether a source that begins so is compressed."""
    return head.startswith(_GZIP_MAGIC)


def without_packing(name: str) -> str:
    """A name in small letters without the suffix of a compression.

    >>> without_packing("a.txt.gz"), without_packing("a.txt")
    ('a.txt', 'a.txt')
    """
    return next((name.removesuffix(one) for one in _SUFFIXES if name.endswith(one)), name)


def unpacked(stream: BinaryIO) -> BinaryIO:
    """The stream from its beginning, without its compression."""
    stream.seek(0)
    magic = stream.read(len(_GZIP_MAGIC))
    stream.seek(0)
    return (
        cast("BinaryIO", gzip.GzipFile(fileobj=stream, mode="rb")) if is_packed(magic) else stream
    )


def packing_fault(error: Exception) -> ReaderError:
    """What is wrong with a packed source, by one of PACKING_ERRORS."""
    what = "cut short" if isinstance(error, EOFError) else "damaged"
    return ReaderError(SkipReason.BROKEN, f"the compressed file is {what}")


def check_packing(stream: BinaryIO) -> None:
    """Go through a compressed source; ReaderError if it is damaged or cut short."""
    try:
        for _ in _pieces(unpacked(stream)):
            pass
    except PACKING_ERRORS as error:
        raise packing_fault(error) from error


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(_PIECE_BYTES):
        yield piece
