"""Sources that are held whole, read as a stream is."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from indexer.readers.reading import read_stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.articles import Article, Skipped


def read_articles(data: bytes, **how: Any) -> Iterator[Article | Skipped]:
    """Yield the articles of a source; keywords are those of read_stream()."""
    return read_stream(BytesIO(data), **how)
