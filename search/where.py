"""What ``where:FIELD=VALUE`` asks of articles: the values of a field that a leaf stands for; pure.

The field and the value are as they were typed: case and accents do not matter in a value, and in
one with ``*`` and ``?`` those are wildcards.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.text.analysis import fold
from indexer.text.values import VALUES_FIELD, field_name, value_head
from search.patterns import glob_expression
from search.plan import ArticleFilter
from search.query.spelling import read_pattern
from search.query.tree import Term, Wildcard

if TYPE_CHECKING:
    from search.query.tree import Query


def asked_field(leaf: Query) -> str:
    """The name of the field that a leaf of ``where:`` asks for."""
    assert isinstance(leaf, Term | Wildcard)
    text = read_pattern(leaf.pattern)[0] if isinstance(leaf, Wildcard) else leaf.text
    return field_name(text.partition("=")[0])


def value_filter(leaf: Term | Wildcard) -> ArticleFilter:
    """The articles that have a value, or one that fits the pattern, in a field."""
    name = asked_field(leaf)
    if not isinstance(leaf, Wildcard):
        head = value_head(name, leaf.text.partition("=")[2])
        return ArticleFilter(str(leaf), (VALUES_FIELD,), head=head)
    pattern = folded_pattern(leaf.pattern.partition("=")[2])
    expression = rf"\A{re.escape(name)}={glob_expression(pattern)}\Z"
    first = re.match(r"[^*?\\]*", pattern)
    head = f"{name}={first[0] if first else ''}"
    return ArticleFilter(str(leaf), (VALUES_FIELD,), pattern=expression, head=head)


def folded_pattern(pattern: str) -> str:
    """A pattern without case and accents; what they are taken from becomes no wildcard."""
    pieces = re.findall(r"(\\.|[*?])|([^*?\\]+|\\)", " ".join(pattern.split()), re.DOTALL)
    return "".join(mark or re.sub(r"([*?\\])", r"\\\1", fold(letters)) for mark, letters in pieces)
