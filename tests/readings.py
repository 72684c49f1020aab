"""Sources that are held whole, read as a stream is."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from indexer.articles import Skipped
from indexer.plain import each
from indexer.readers.reading import read_stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.articles import Article


def read_articles(data: bytes, **how: Any) -> Iterator[Article | Skipped]:
    """Yield the articles of a source, whose reader must not fail; keywords are read_stream()'s."""
    for one in each(read_stream(BytesIO(data), **how)):
        assert not (isinstance(one, Skipped) and one.detail.endswith("please report it")), one
        yield one
