"""Bytes in, articles out: one module per format, picked by name and content.

The readers' libraries are loaded only when a source of their format is read.
"""

from __future__ import annotations

import gzip
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Protocol

from indexer.model import Article, Format, Furniture, Skipped, SkipReason
from indexer.readers.base import ReaderError
from indexer.readers.sniff import pick_format

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MAX_SIZE_BYTES", "ReaderError", "pick_format", "read_articles"]

MAX_SIZE_BYTES = 1 << 30
"""What a compressed source may grow to."""

_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK_BYTES = 1 << 20


class Reader(Protocol):
    """What every module of this package offers: the articles of a source, one by one."""

    def __call__(
        self, data: bytes, *, source: str, furniture: Furniture
    ) -> Iterator[Article] | Iterator[Article | Skipped]:
        """Yield articles, and what was skipped of a bulk file; ReaderError if there is none."""


def read_articles(
    data: bytes,
    *,
    source: str,
    format_: Format | None = None,
    furniture: Furniture = Furniture.LEAVE_OUT,
    max_size_bytes: int = MAX_SIZE_BYTES,
) -> Iterator[Article | Skipped]:
    """Yield the articles of one source, and a Skipped for each thing in it that is none.

    Whatever data holds, no error is raised for it. Gzip is undone wherever it is found.

    Args:
        data: the source as it is stored.
        source: its path or URL, as the user named it; "-" for standard input.
        format_: what to take it for; None picks by name and content.
        furniture: whether page furniture becomes blocks too.
        max_size_bytes: the size a compressed source may have when it is unpacked.
    """
    try:
        if data.startswith(_GZIP_MAGIC):
            data = _gunzip(data, max_size_bytes)
        if format_ is None:
            format_ = pick_format(source, data)
        yield from _reader(format_)(data, source=source, furniture=furniture)
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


def _reader(format_: Format) -> Reader:
    # ruff: noqa: PLC0415  (each reader's library costs time to load)
    match format_:
        case Format.TEXT:
            from indexer.readers.text import read_text

            return read_text
        case Format.MARKDOWN:
            from indexer.readers.markdown import read_markdown

            return read_markdown
        case Format.HTML:
            from indexer.readers.html import read_html

            return read_html
        case Format.JSONL:
            from indexer.readers.bulk import read_jsonl

            return read_jsonl
        case Format.CSV:
            from indexer.readers.bulk import read_csv

            return read_csv
