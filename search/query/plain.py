"""Query text of words, phrases and beginnings of words -> its tree; of any other text, nothing.

Most queries are such, and have AND or OR at most: these few steps make of them what lexer and
parser would make, which need not be loaded for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.model import Span
from search.query.faults import MAX_LEAVES
from search.query.tree import And, Or, Phrase, Prefix, Ranked, Term

if TYPE_CHECKING:
    from search.query.tree import Query

_OPERATORS = frozenset({"AND", "OR", "NOT", "NEAR"})
# The constructors of named tuples take twice as long.
_new = tuple.__new__


def plain_query(text: str, *, all_words: bool) -> Query | None:
    """The tree of a text that has no faults; None where more has to be known of it."""
    if not text.replace(" ", "").replace('"', "").replace("*", "").isalnum():
        return None
    nodes: list[Query] = []
    joiners: list[str] = []
    take = _take_pieces if '"' in text else _take_words
    if not take(text, 0, nodes, joiners) or not 0 < len(nodes) <= MAX_LEAVES:
        return None
    if joiners:
        # A text in capitals may be prose.
        is_plain = len(nodes) == len(joiners) + 1 == joiners.count(joiners[0]) + 1
        if not is_plain or not any(map(str.islower, text)):
            return None
        return (And if joiners[0] == "AND" else Or)(tuple(nodes))
    if len(nodes) == 1:
        return nodes[0]
    return (And if all_words else Ranked)(tuple(nodes))


def _take_pieces(text: str, at: int, nodes: list[Query], joiners: list[str]) -> bool:
    """Add the phrases and words of a text that begins at a place, as _take_words() does."""
    pieces = text.split('"')
    last = len(pieces) - 1
    if last % 2:
        return False
    for place, piece in enumerate(pieces):
        if place % 2:  # between quotation marks
            if not piece.replace(" ", "").isalnum():
                return False
            span = Span(at - 1, at + len(piece) + 1)
            nodes.append(Phrase(" ".join(piece.split()), span=span))
        elif not piece and place in (0, last):
            pass  # nothing is before the first phrase, or behind the last
        elif (place and piece[:1] != " ") or (place < last and piece[-1:] != " "):
            return False  # a phrase is set apart from what is around it
        elif not _take_words(piece, at, nodes, joiners):
            return False
        at += len(piece) + 1
    return True


def _take_words(piece: str, at: int, nodes: list[Query], joiners: list[str]) -> bool:
    """Add the words of a text that begins at a place to what there is; whether all are plain."""
    for word in piece.split(" "):
        end = at + len(word)
        if word in _OPERATORS:
            # NOT and NEAR are for the parser; before AND and OR stands one word more than they are.
            if word[0] == "N" or len(nodes) != len(joiners) + 1:
                return False
            joiners.append(word)
        elif word.isalnum():
            nodes.append(Term(word, span=_new(Span, (at, end))))
        elif word:
            if not word[:-1].isalnum():
                return False
            nodes.append(Prefix(word[:-1], span=_new(Span, (at, end))))
        at = end + 1
    return True
