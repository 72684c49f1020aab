"""Tokens -> tree and faults: the lexer makes leaves, this groups them.

NEAR, NOT, ``-`` and ``+`` bind tightest, then AND, then OR, then standing side by side. Lexer and
parser go through the text once and keep their own stacks, so no text is too deep for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.model import Span
from indexer.tuples import NamedTuple
from search.query import tree
from search.query.faults import MAX_LEVELS, Fault, near_before_group, too_deep
from search.query.lexer import Kind, Lexer, Token
from search.query.tree import Near, Not, Nothing, Query, side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def grouped(
    text: str,
    faults: list[Fault],
    *,
    is_cut: bool,
    all_words: bool,
    spend: Callable[[int], object] = bool,
) -> Query:
    """The tree of a text; is_cut tells that its end was left out."""
    lexer = Lexer(text, faults, is_cut=is_cut, spend=spend)
    return _parse(lexer, faults, all_words=all_words)


class _Group:
    """What stands between two parentheses, or the whole query, while its parts arrive."""

    def __init__(self, faults: list[Fault], opened: Token, span: Span, *, all_words: bool) -> None:
        self.sign = opened.sign
        self.span = span  # of what opened it
        self._opened = opened
        self._all_words = all_words
        self._faults = faults
        self._elements: list[_Element] = []
        # The element that is being read: alternatives of OR, each with its factors of AND.
        self._alternatives: list[list[Query]] = [[]]
        self._operator: tuple[Kind, Span] | None = None
        self._near: tuple[Token, Span] | None = None
        # The last NEAR that was joined and its parts, which the next one may add to.
        self._joined_last: Query | None = None
        self._chain: dict[Query, None] = {}
        self._nots: list[Span] = []
        self._pluses: list[Span] = []
        self._is_joined = False

    def add(self, node: Query, sign: str, span: Span) -> None:
        """Take an operand and what stands before it."""
        if self._near is not None:
            if self._is_near(node, sign):
                return
            self._operator = (Kind.AND, span)
        if self._operator is None:
            self._end_element()
        elif self._operator[0] is Kind.OR:
            self._alternatives.append([])
        if sign == "+":
            self._pluses.append(Span(span.start, span.start + 1))
        self._is_joined = self._is_joined or bool(self._operator or self._nots)
        is_negative = (sign == "-") != (len(self._nots) % 2 == 1)
        self._alternatives[-1].append(tree.negated(node) if is_negative else node)
        self._operator = None
        self._nots.clear()

    def _is_near(self, node: Query, sign: str) -> bool:
        """Join the operand before NEAR with the one behind it, if they are words or phrases."""
        assert self._near is not None
        (token, place), self._near = self._near, None
        before, words = self._alternatives[-1][-1], token.words
        is_negative = isinstance(before, Not)
        left = before.child if isinstance(before, Not) else before
        pair: tuple[Query, ...] = (left, node)
        if isinstance(left, Near):
            pair = (left.children[0], node)  # one of those that are near is as good as all
            if words != left.words:
                words = max(words, left.words)
                message = "NEAR counts the words between all of its words; write one number"
                self._faults.append(Fault(place, message, f"{words} is used"))
        if sign or self._nots or not tree.can_be_near(pair):
            self._faults.append(_not_near(place))
            return False
        if not isinstance(left, Near):
            self._chain = {left: None}
        elif left is not self._joined_last:
            self._chain = dict.fromkeys(left.children)
        self._chain[node] = None
        parts = tuple(self._chain)
        joined: Query = Near(parts, words) if len(parts) > 1 else left
        self._joined_last = joined
        self._alternatives[-1][-1] = tree.negated(joined) if is_negative else joined
        self._is_joined = True
        return True

    def near(self, token: Token, span: Span) -> None:
        """Take NEAR between two operands; one without a number is a word where it is not."""
        self._drop_near()
        if self._alternatives[-1] and self._operator is None and not self._nots:
            self._near = (token, span)
        elif token.leaf is not None:
            if token.opens:
                self._faults.append(near_before_group(span))
            self.add(token.leaf, "", span)
        else:
            self._fault(Kind.NEAR, span, "has nothing before it; put a word there")

    def _drop_near(self) -> None:
        if self._near is not None:
            (token, span), self._near = self._near, None
            if token.leaf is not None:
                self.add(token.leaf, "", span)
            else:
                self._fault(Kind.NEAR, span, "has nothing after it; put a word there")

    def operator(self, kind: Kind, span: Span) -> None:
        """Take AND, OR or NOT."""
        if kind is Kind.NOT:
            self._nots.append(span)
            return
        self._drop_near()
        self._drop_nots()
        if not self._alternatives[-1]:
            self._fault(kind, span, "has nothing before it; put a word there")
        elif self._operator is not None:
            self._fault(kind, span, f"follows {self._operator[0].name}; keep one of the two")
        else:
            self._operator = (kind, span)

    def forget_operators(self) -> None:
        """Drop what waits for an operand, which the text had but which was left out."""
        self._operator = self._near = None
        self._nots.clear()

    def finish(self) -> Query:
        """Return the query of all that arrived."""
        self._drop_near()
        if self._operator is not None and not self._nots:
            self._fault(*self._operator, "has nothing after it; put a word there")
        self._drop_nots()
        self._end_element()
        if self._opened.kind is Kind.OPEN_ARTICLE:
            return tree.in_article(*(element.query for element in self._elements))
        if self._opened.kind is Kind.OPEN_NEAR:
            return self._nearby([element.query for element in self._elements])
        if self._all_words:
            return side_by_side([element.query for element in self._elements], all_words=True)
        required = [element.query for element in self._elements if element.is_required]
        beside = [element.query for element in self._elements if not element.is_required]
        return tree.preferred(tree.all_of(*required), *beside)

    def _nearby(self, parts: Sequence[Query]) -> Query:
        """The query of what stands in the parentheses of NEAR."""
        kept = [part for part in parts if not isinstance(part, Nothing)]
        if len(kept) > 1 and not tree.can_be_near(kept):
            self._faults.append(_not_near(self.span))
        return tree.near(self._opened.words, *kept)

    def _end_element(self) -> None:
        element = tree.any_of(*(tree.all_of(*factors) for factors in self._alternatives))
        if self._is_joined:
            for span in self._pluses:
                message = "+ has no effect beside AND, OR or NOT; remove it, or write +(a OR b)"
                self._faults.append(Fault(span, message, "ignored"))
        is_required = bool(self._pluses) and not self._is_joined
        self._elements.append(_Element(element, is_required and not isinstance(element, Not)))
        self._alternatives = [[]]
        self._pluses = []
        self._is_joined = False

    def _drop_nots(self) -> None:
        if self._nots:
            self._fault(Kind.NOT, self._nots[-1], "has nothing after it; put a word there")
            self._nots.clear()

    def _fault(self, kind: Kind, span: Span, fault: str) -> None:
        message = f"{kind.name} {fault}, or write \\{kind.name} for the word itself"
        self._faults.append(Fault(span, message, "ignored"))


def _not_near(span: Span) -> Fault:
    message = "NEAR stands between words or phrases of one field; use AND for anything else"
    return Fault(span, message, "taken as AND")


class _Element(NamedTuple):
    """One of the things that stand side by side."""

    query: Query
    is_required: bool


def _parse(lexer: Lexer, faults: list[Fault], *, all_words: bool) -> Query:
    groups = [_Group(faults, Token(Kind.OPEN), Span(0, 0), all_words=all_words)]
    for token, span in lexer.tokens():
        match token.kind:
            case Kind.OPEN | Kind.OPEN_NEAR | Kind.OPEN_ARTICLE:
                groups.append(_Group(faults, token, span, all_words=all_words))
            case Kind.NEAR:
                groups[-1].near(token, span)
            case Kind.CLOSE:
                group = groups.pop()
                node = group.finish()
                if not isinstance(node, Nothing):
                    groups[-1].add(tree.boosted(node, token.boost), group.sign, group.span)
                elif not lexer.text[max(0, group.span.end - 2)].isalnum():  # not a call as in f()
                    message = "these parentheses are empty; put words between them or remove them"
                    place = Span(group.span.end - 1, span.start + 1)
                    faults.append(Fault(place, message, "ignored"))
            case _:
                if token.leaf is None:
                    groups[-1].operator(token.kind, span)
                else:
                    groups[-1].add(tree.boosted(token.leaf, token.boost), token.sign, span)
    if lexer.is_cut:
        for group in groups:
            group.forget_operators()
    while len(groups) > 1:
        group = groups.pop()
        if not lexer.is_cut:
            message = "this parenthesis is never closed; add a ), or write \\( for the character"
            place = Span(group.span.end - 1, group.span.end)
            faults.append(Fault(place, message, "closed at the end of the query"))
        node = group.finish()
        if not isinstance(node, Nothing):
            groups[-1].add(node, group.sign, group.span)
    query = groups[0].finish()
    clipped: list[Span] = []
    query = _clipped(query, MAX_LEVELS, clipped, all_words=all_words)
    if clipped and not lexer.is_too_deep:
        faults.append(too_deep(min(clipped)))
    return query


def _clipped(node: Query, levels: int, clipped: list[Span], *, all_words: bool) -> Query:
    """Return node with at most so many levels of groups; what lay deeper stands side by side."""
    children = tree.children_of(node)
    if not any(map(tree.children_of, children)):
        return node
    if levels == 1:
        clipped.extend(leaf.span for leaf in tree.leaves(node) if leaf.span)
        return side_by_side(list(tree.positive_leaves(node)), all_words=all_words)
    kept = [_clipped(child, levels - 1, clipped, all_words=all_words) for child in children]
    return tree.rebuild(node, kept)
