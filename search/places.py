"""What ``page:12`` or ``chapter:loomings`` asks of passages: places that a leaf stands for; pure.

A number is a place or a range of them, ``12..20``; so is a time, of which the beginning is enough
(``time:00:12``). A text is found by some of its words in their order, in any case and without
accents; ``*`` and ``?`` are wildcards in it, and with them it is the whole text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.text.analysis import fold
from indexer.text.places import NUMBERED, PLACES_FIELD, padded
from search.patterns import glob_expression
from search.plan import ArticleFilter, PlaceFilter
from search.query.tree import Term, Wildcard
from search.where import folded_pattern

if TYPE_CHECKING:
    from search.query.tree import Query


def place_filter(leaf: Query) -> PlaceFilter:
    """The passages that stand at a place."""
    assert isinstance(leaf, Term | Wildcard)
    kind = leaf.field.value
    head = f"{kind}="
    if isinstance(leaf, Wildcard):
        pattern = " ".join(map(folded_pattern, leaf.pattern.split()))
        expression = rf"\A{re.escape(head)}{glob_expression(pattern)}\Z"
        return _values(leaf, pattern=expression, head=head)
    if kind in NUMBERED:
        first, last = (part and padded(int(part)) for part in _ends(leaf.text))
        return _values(leaf, first=f"{head}{first}", last=f"{head}{last or '~'}")
    if kind == "time":
        first, last = _ends(leaf.text)
        return _values(leaf, first=f"{head}{first}", last=f"{head}{last or '~'}")
    words = re.escape(fold(" ".join(leaf.text.split())))
    return _values(leaf, pattern=rf"(?:\A{re.escape(head)}|[^\w]){words}(?:[^\w]|\Z)", head=head)


def _ends(text: str) -> tuple[str, str]:
    first, dots, last = text.partition("..")
    return (first, last) if dots else (first, first)


def _values(
    leaf: Query, *, pattern: str | None = None, head: str = "", first: str = "", last: str = ""
) -> PlaceFilter:
    fields = (PLACES_FIELD,)
    return PlaceFilter(
        ArticleFilter(str(leaf), fields, pattern=pattern, head=head, first=first, last=last)
    )
