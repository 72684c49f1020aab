"""Reads articles, splits them into paragraphs and keeps them in a Whoosh index.

The Python interface: ``build_index`` brings an index up to date with files, ``remove_articles``
takes articles out of it. What is named here stays; other modules may change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexer.articles import Article, IndexReport, Skipped
    from indexer.build import build_index, remove_articles
    from indexer.errors import (
        IndexFormatError,
        IndexLockedError,
        IndexMissingError,
        IndexWriteError,
        PassageSearchError,
        QuerySyntaxError,
    )
    from indexer.intake import ReadOptions
    from indexer.model import ArticleFacts, Paragraph, Span
    from indexer.readers.budget import Budget

__all__ = [
    "Article",
    "ArticleFacts",
    "Budget",
    "IndexFormatError",
    "IndexLockedError",
    "IndexMissingError",
    "IndexReport",
    "IndexWriteError",
    "Paragraph",
    "PassageSearchError",
    "QuerySyntaxError",
    "ReadOptions",
    "Skipped",
    "Span",
    "build_index",
    "remove_articles",
]

_HOMES = {
    "indexer.build": ("build_index", "remove_articles"),
    "indexer.errors": (
        "IndexFormatError",
        "IndexLockedError",
        "IndexMissingError",
        "IndexWriteError",
        "PassageSearchError",
        "QuerySyntaxError",
    ),
    "indexer.intake": ("ReadOptions",),
    "indexer.articles": ("Article", "IndexReport", "Skipped"),
    "indexer.model": ("ArticleFacts", "Paragraph", "Span"),
    "indexer.readers.budget": ("Budget",),
}


def __getattr__(name: str) -> object:
    """Load a public name's module when it is first asked for, so that commands start quickly."""
    for home, names in _HOMES.items():
        if name in names:
            from importlib import import_module  # noqa: PLC0415

            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
