"""Query text -> tree and warnings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.errors import QuerySyntaxError
from indexer.model import Span
from indexer.tuples import NamedTuple
from search.query.faults import (
    MAX_CHARS,
    MAX_LEAVES,
    Fault,
    Strictness,
    Warned,
    too_long,
    too_many,
)
from search.query.plain import plain_query
from search.query.tree import Query, Term, side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_WARNINGS = 50
# To look up the member of an enumeration, or to call a constructor, takes twice as long.
_LITERAL = Strictness.LITERAL
_new = tuple.__new__


class Parsed(NamedTuple):
    """What a query text means, and what in it was not taken as it stands, in order of place."""

    query: Query
    warnings: tuple[Warned, ...] = ()


def parse_query(
    text: str,
    *,
    all_words: bool = False,
    strictness: Strictness = Strictness.LENIENT,
    spend: Callable[[int], object] = bool,
) -> Parsed:
    """Return the tree of any text at all, with a warning for each thing that breaks the rules.

    Args:
        text: the query; its spans count code points of it.
        all_words: whether words side by side are all required, instead of ranked alternatives.
        strictness: LITERAL takes every character as part of a word.
        spend: counts steps of a microsecond or so; what it raises leaves.

    Raises:
        QuerySyntaxError: for the leftmost fault, only when strictness is STRICT.
    """
    if strictness is not _LITERAL and len(text) <= MAX_CHARS:
        plain = plain_query(text, all_words=all_words)
        if plain is not None:
            return _new(Parsed, (plain, ()))
    faults: list[Fault] = []
    read = text[:MAX_CHARS]
    if strictness is _LITERAL:
        query = _read_literally(read, faults, all_words=all_words)
    else:
        from search.query.grouping import grouped  # noqa: PLC0415 - not for plain words

        is_cut = len(read) < len(text)
        query = grouped(read, faults, is_cut=is_cut, all_words=all_words, spend=spend)
    if len(read) < len(text):
        faults.append(too_long(text))
    faults.sort(key=lambda fault: fault.span)
    if faults and strictness is Strictness.STRICT:
        fault, remedy = faults[0].parted
        raise QuerySyntaxError(text, faults[0].span, fault, hint=remedy)
    warned = [Warned(f"{fault.message} ({fault.taken})", fault.span) for fault in faults]
    if len(warned) > MAX_WARNINGS:
        rest = len(warned) - MAX_WARNINGS + 1
        warned[MAX_WARNINGS - 1 :] = [Warned(f"{rest:,} more faults like these are not listed")]
    return Parsed(query, tuple(warned))


def _read_literally(text: str, faults: list[Fault], *, all_words: bool) -> Query:
    words: list[Query] = []
    for match in re.finditer(r"\S+", text):
        if len(words) == MAX_LEAVES:
            faults.append(too_many(match.start(), text))
            break
        words.append(Term(match[0], span=Span(*match.span())))
    return side_by_side(words, all_words=all_words)
