"""Answers queries with ranked passages.

The Python interface: ``Index`` opens an index, ``Index.search`` returns a ``ResultPage`` of
``Passage`` objects. What is named here stays; other modules may change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from search.engine import Broaden, Explain, Index, Sort
    from search.model import ArticleFacts, Passage, ResultPage, ScorePart, Warned
    from search.query import Mode, Strictness

__all__ = [
    "ArticleFacts",
    "Broaden",
    "Explain",
    "Index",
    "Mode",
    "Passage",
    "ResultPage",
    "ScorePart",
    "Sort",
    "Strictness",
    "Warned",
]

_HOMES = {
    "search.engine": ("Broaden", "Explain", "Index", "Sort"),
    "search.model": ("ArticleFacts", "Passage", "ResultPage", "ScorePart", "Warned"),
    "search.query": ("Mode", "Strictness"),
}


def __getattr__(name: str) -> object:
    """Load a public name's module when it is first asked for, so that commands start quickly."""
    for home, names in _HOMES.items():
        if name in names:
            from importlib import import_module  # noqa: PLC0415

            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
