"""One source, whatever its format and compression -> its articles."""

from __future__ import annotations

import gzip
import zlib
from io import BytesIO
from typing import TYPE_CHECKING

from indexer.articles import Article, Skipped, SkipReason
from indexer.readers.base import ReaderError
from indexer.readers.encoding import is_wide
from indexer.readers.formats import format_named, format_of_name, pick_format

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

READING_VERSION = 3
"""How sources are understood; to be counted up whenever the same bytes give other articles, so that
files the index knows are read again when they are added the next time."""

MAX_SIZE_BYTES = 1 << 30
"""What a compressed source may grow to."""

_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK_BYTES = 1 << 20


def read_articles(
    data: bytes,
    *,
    source: str,
    format_name: str = "",
    keep_furniture: bool = False,
    max_size_bytes: int = MAX_SIZE_BYTES,
) -> Iterator[Article | Skipped]:
    """Yield the articles of one source, and a Skipped for each thing in it that is none.

    Whatever data holds, no error is raised for it. Gzip is undone wherever it is found.

    Args:
        data: the source as it is stored.
        source: its path or URL, as the user named it; "-" for standard input.
        format_name: what to take it for; "" picks by name and content.
        keep_furniture: whether page furniture becomes blocks too.
        max_size_bytes: the size a compressed source may have when it is unpacked.
    """
    try:
        if data.startswith(_GZIP_MAGIC):
            data = _gunzip(data, max_size_bytes)
        format_ = format_named(format_name) if format_name else pick_format(source, data)
        read = format_.load()
        yield from read(data, source=source, keep_furniture=keep_furniture)
    except ReaderError as error:
        yield Skipped(source, error.reason, error.detail)


def can_be_cut(head: bytes) -> bool:
    """Whether a source that begins so can be read in pieces of whole lines: plain single bytes."""
    return not head.startswith(_GZIP_MAGIC) and not is_wide(head)


def read_pieces(
    pieces: Iterable[bytes], *, source: str, format_name: str = ""
) -> Iterator[Article | Skipped]:
    """Yield as read_articles() does from a source that comes in pieces of whole lines.

    Args:
        pieces: the source, cut behind line ends.
        source: as for read_articles().
        format_name: a format that can be read so; "": the name of the source tells it.
    """
    format_ = format_named(format_name) if format_name else format_of_name(source)
    if format_ is None or format_.load_pieces is None:
        raise ValueError(f"{source} is in no format that can be read in pieces")
    try:
        yield from format_.load_pieces()(pieces, source=source)
    except ReaderError as error:
        yield Skipped(source, error.reason, error.detail)


def _gunzip(data: bytes, max_size_bytes: int) -> bytes:
    unpacked = bytearray()
    try:
        with gzip.GzipFile(fileobj=BytesIO(data)) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                unpacked += chunk
                if len(unpacked) > max_size_bytes:
                    raise ReaderError(
                        SkipReason.BROKEN,
                        f"the compressed file unpacks to more than {max_size_bytes:,} bytes;"
                        " split it into smaller files",
                    )
    except EOFError as error:
        raise ReaderError(SkipReason.BROKEN, "the compressed file is cut short") from error
    except (OSError, zlib.error) as error:
        raise ReaderError(SkipReason.BROKEN, "the compressed file is damaged") from error
    return bytes(unpacked)
