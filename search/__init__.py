"""Answers queries with ranked passages.

The Python interface: ``Index`` opens an index, ``Index.search`` returns a ``ResultPage`` of
``Passage`` objects, and ``Index.answer`` does so for a ``Request``, which is what the command makes
of its command line too. What is named here stays; other modules may change.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing takes long to load, and signals are to be seen to before
if TYPE_CHECKING:
    from search.index import Index
    from search.model import (
        Cut,
        Diagnosis,
        Facet,
        FoundArticle,
        LeftOut,
        Passage,
        ScorePart,
        Suggestion,
        TermCount,
        UnknownId,
    )
    from search.page import ResultPage
    from search.query.faults import Strictness, Warned
    from search.request import Request, Sort

__all__ = [
    "Cut",
    "Diagnosis",
    "Facet",
    "FoundArticle",
    "Index",
    "LeftOut",
    "Passage",
    "Request",
    "ResultPage",
    "ScorePart",
    "Sort",
    "Strictness",
    "Suggestion",
    "TermCount",
    "UnknownId",
    "Warned",
]

_HOMES = {
    "search.index": ("Index",),
    "search.model": (
        "Cut",
        "Diagnosis",
        "Facet",
        "FoundArticle",
        "LeftOut",
        "Passage",
        "ScorePart",
        "Suggestion",
        "TermCount",
        "UnknownId",
    ),
    "search.page": ("ResultPage",),
    "search.query.faults": ("Strictness", "Warned"),
    "search.request": ("Request", "Sort"),
}


def __getattr__(name: str) -> object:
    """Load a public name's module when it is first asked for, so that commands start quickly."""
    for home, names in _HOMES.items():
        if name in names:
            from importlib import import_module  # noqa: PLC0415

            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
