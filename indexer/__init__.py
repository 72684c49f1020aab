"""Reads articles, splits them into paragraphs and keeps them in a Whoosh index.

The Python interface: ``build_index`` brings an index up to date with files, ``remove_articles``
takes articles out of it, ``check_index`` looks at all there is of it, ``repair_index`` makes a
damaged one whole, ``compact_index`` makes one segment of it, ``copy_index`` copies it to another
place. What is named here stays; other modules may change.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing takes long to load, and signals are to be seen to before
if TYPE_CHECKING:
    from indexer.articles import Article, IndexReport, Skipped
    from indexer.build import Removal, build_index, compact_index, remove_articles
    from indexer.care.places import check_index, repair_index
    from indexer.copying import CopyReport, copy_index
    from indexer.errors import (
        IndexDamagedError,
        IndexFormatError,
        IndexLockedError,
        IndexMissingError,
        IndexUnreachableError,
        IndexWriteError,
        PassageSearchError,
        QuerySyntaxError,
        UsageError,
    )
    from indexer.intake import ReadOptions
    from indexer.model import ArticleFacts, ArticleRecord, Paragraph, Span
    from indexer.readers.budget import Budget
    from indexer.readers.mapping import Mapping

__all__ = [
    "Article",
    "ArticleFacts",
    "ArticleRecord",
    "Budget",
    "CopyReport",
    "IndexDamagedError",
    "IndexFormatError",
    "IndexLockedError",
    "IndexMissingError",
    "IndexReport",
    "IndexUnreachableError",
    "IndexWriteError",
    "Mapping",
    "Paragraph",
    "PassageSearchError",
    "QuerySyntaxError",
    "ReadOptions",
    "Removal",
    "Skipped",
    "Span",
    "UsageError",
    "build_index",
    "check_index",
    "compact_index",
    "copy_index",
    "remove_articles",
    "repair_index",
]

_HOMES = {
    "indexer.build": ("Removal", "build_index", "compact_index", "remove_articles"),
    "indexer.care.places": ("check_index", "repair_index"),
    "indexer.copying": ("CopyReport", "copy_index"),
    "indexer.errors": (
        "IndexDamagedError",
        "IndexFormatError",
        "IndexLockedError",
        "IndexMissingError",
        "IndexUnreachableError",
        "IndexWriteError",
        "PassageSearchError",
        "QuerySyntaxError",
        "UsageError",
    ),
    "indexer.intake": ("ReadOptions",),
    "indexer.articles": ("Article", "IndexReport", "Skipped"),
    "indexer.model": ("ArticleFacts", "ArticleRecord", "Paragraph", "Span"),
    "indexer.readers.budget": ("Budget",),
    "indexer.readers.mapping": ("Mapping",),
}


def __getattr__(name: str) -> object:
    """Load a public name's module when it is first asked for, so that commands start quickly."""
    for home, names in _HOMES.items():
        if name in names:
            from importlib import import_module  # noqa: PLC0415

            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
