"""Spreadsheets: not read, and told from other zips so that it is said what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.articles import SkipReason
from indexer.readers.documents.compound import compound_fault
from indexer.readers.faults import ReaderError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from indexer.articles import Article
    from indexer.readers.base import Source


def read_spreadsheet(stream: BinaryIO, source: Source) -> Iterator[Article]:
    """Raise the ReaderError that says what to do with a spreadsheet."""
    del source
    told = "it is a spreadsheet, and no text; save its sheets as CSV"
    raise compound_fault(stream) or ReaderError(SkipReason.BINARY, told)
    yield  # a reader is a generator
