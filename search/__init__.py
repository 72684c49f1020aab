"""Answers queries with ranked passages.

The Python interface: ``Index`` opens an index, ``Index.search`` returns a ``ResultPage`` of
``Passage`` objects. What is named here stays; other modules may change.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing takes long to load, and signals are to be seen to before
if TYPE_CHECKING:
    from search.index import Index
    from search.model import (
        Diagnosis,
        FoundArticle,
        Passage,
        ResultPage,
        ScorePart,
        Suggestion,
        TermCount,
        Warned,
    )
    from search.query.faults import Strictness
    from search.request import Request, Sort

__all__ = [
    "Diagnosis",
    "FoundArticle",
    "Index",
    "Passage",
    "Request",
    "ResultPage",
    "ScorePart",
    "Sort",
    "Strictness",
    "Suggestion",
    "TermCount",
    "Warned",
]

_HOMES = {
    "search.index": ("Index",),
    "search.model": (
        "Diagnosis",
        "FoundArticle",
        "Passage",
        "ResultPage",
        "ScorePart",
        "Suggestion",
        "TermCount",
        "Warned",
    ),
    "search.query.faults": ("Strictness",),
    "search.request": ("Request", "Sort"),
}


def __getattr__(name: str) -> object:
    """Load a public name's module when it is first asked for, so that commands start quickly."""
    for home, names in _HOMES.items():
        if name in names:
            from importlib import import_module  # noqa: PLC0415

            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
