"""Answers queries with ranked passages.

The Python interface: ``Index`` opens an index, ``Index.search`` returns a ``ResultPage`` of
``Passage`` objects. What is named here stays; other modules may change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from search.engine import Advice, Broaden, Explain, Index, Sort
    from search.model import (
        ArticleFacts,
        Diagnosis,
        Passage,
        ResultPage,
        ScorePart,
        Suggestion,
        TermCount,
        Warned,
    )
    from search.query import Mode, Strictness

__all__ = [
    "Advice",
    "ArticleFacts",
    "Broaden",
    "Diagnosis",
    "Explain",
    "Index",
    "Mode",
    "Passage",
    "ResultPage",
    "ScorePart",
    "Sort",
    "Strictness",
    "Suggestion",
    "TermCount",
    "Warned",
]

_HOMES = {
    "search.engine": ("Advice", "Broaden", "Explain", "Index", "Sort"),
    "search.model": (
        "ArticleFacts",
        "Diagnosis",
        "Passage",
        "ResultPage",
        "ScorePart",
        "Suggestion",
        "TermCount",
        "Warned",
    ),
    "search.query": ("Mode", "Strictness"),
}


def __getattr__(name: str) -> object:
    """Load a public name's module when it is first asked for, so that commands start quickly."""
    for home, names in _HOMES.items():
        if name in names:
            from importlib import import_module  # noqa: PLC0415

            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
