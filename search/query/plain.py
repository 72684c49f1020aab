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

_MARKS = str.maketrans("", "", ' "*')
_JOINERS = ("AND", "OR")
_OTHER_OPERATORS = ("NOT", "NEAR")


def plain_query(text: str, *, all_words: bool) -> Query | None:
    """The tree of a text that has no faults; None where more has to be known of it."""
    pieces = text.split('"')
    last = len(pieces) - 1
    if last % 2 or not text.translate(_MARKS).isalnum():
        return None
    nodes: list[Query] = []
    joiners: list[str] = []
    at = 0
    for place, piece in enumerate(pieces):
        if place % 2:  # between quotation marks
            if not piece.replace(" ", "").isalnum():
                return None
            span = Span(at - 1, at + len(piece) + 1)
            nodes.append(Phrase(" ".join(piece.split()), span=span))
        elif (place and piece[:1] != " " and (piece or place < last)) or (
            place < last and piece[-1:] != " " and (piece or place)
        ):
            return None  # a phrase is set apart from what is around it
        elif not _take_words(piece, at, nodes, joiners):
            return None
        at += len(piece) + 1
    if not nodes or len(nodes) > MAX_LEAVES:
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


def _take_words(piece: str, at: int, nodes: list[Query], joiners: list[str]) -> bool:
    """Add the words of a text that begins at a place to what there is; whether all are plain."""
    for word in piece.split(" "):
        span = Span(at, at + len(word))
        at += len(word) + 1
        if not word:
            continue
        if word in _JOINERS:
            if len(nodes) != len(joiners) + 1:  # more than one word stands before it, or none
                return False
            joiners.append(word)
        elif word in _OTHER_OPERATORS:
            return False
        elif "*" not in word:
            nodes.append(Term(word, span=span))
        elif word[:-1].isalnum():
            nodes.append(Prefix(word[:-1], span=span))
        else:
            return False
    return True
