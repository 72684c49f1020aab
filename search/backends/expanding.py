"""Patterns of a query -> the terms of lexicons that they stand for; plain words need none of it."""

from __future__ import annotations

import re
from heapq import nsmallest
from typing import TYPE_CHECKING, Protocol

from indexer.text.analysis import encoded
from search.deadline import SearchTimeoutError
from search.patterns import glob_expression
from search.plan import Element, Lookup, Pattern
from search.query.faults import Warned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from search.backends.words import Words
    from search.deadline import Deadline
    from search.plan import Unit
    from search.query.spelling import Field

MOST_EXPANSIONS = 1024
# So many letters of a term are looked at in a step of the deadline, a microsecond or so.
_LETTERS_A_STEP = 32


class Lexicons(Protocol):
    """The lexicons of one segment, as ``vocabulary`` has them."""

    def expanded(self, element: Element, text_field: Field, deadline: Deadline) -> Iterator[bytes]:
        """Yield the terms of a field that a pattern stands for, of live documents."""

    def live_count(self, element: Element, text_field: Field, term: bytes) -> int:
        """How many live documents hold a term that a pattern was found to stand for."""


class Expansion:
    """Looks up the elements of a unit that is asked for by patterns.

    Args:
        unit: it.
        fields: the text fields that patterns are expanded in.
        lexicons: those of each segment.
        deadline: when it is over, the terms found until then stand for a pattern.

    Attributes:
        warning: what is to be told of a pattern that stands for too many terms; the last one.
        is_cut: whether the time was over before all were found.
    """

    def __init__(
        self,
        unit: Unit,
        fields: Sequence[Field],
        lexicons: Sequence[Lexicons],
        deadline: Deadline,
    ) -> None:
        self._unit = unit
        self._fields = fields
        self._lexicons = lexicons
        self._deadline = deadline
        self.warning: Warned | None = None
        self.is_cut = False

    def lookup(self, element: Element) -> Lookup:
        """The terms that an element stands for."""
        if element.pattern is Pattern.EQUAL:
            return Lookup(element.offset, element.form, (encoded(element.text),))
        unit, found = self._unit, set[bytes]()
        try:
            for field in self._fields:
                for of_segment in self._lexicons:
                    found.update(of_segment.expanded(element, field, self._deadline))
        except SearchTimeoutError:
            self.is_cut = True
        terms: Iterable[bytes] = found
        if len(found) > MOST_EXPANSIONS:
            message = (
                f"{unit.label} stands for {len(found):,} words; the "
                f"{MOST_EXPANSIONS:,} found most often are searched"
            )
            self.warning = Warned(message, unit.span)
            terms = self._commonest(element, found)
        return Lookup(element.offset, element.form, tuple(sorted(terms)))

    def _commonest(self, element: Element, found: Iterable[bytes]) -> list[bytes]:
        """Those that most passages hold, as far as they are counted in time."""
        live: dict[bytes, int] = {}
        try:
            for term in found:
                self._deadline.spend()
                live[term] = sum(
                    one.live_count(element, self._unit.field, term) for one in self._lexicons
                )
        except SearchTimeoutError:
            self.is_cut = True
        return nsmallest(MOST_EXPANSIONS, found, key=lambda term: (-live.get(term, 0), term))


def head_of(element: Element) -> str:
    """What all terms begin with that a pattern stands for."""
    match element.pattern:
        case Pattern.EQUAL | Pattern.PREFIX:
            return element.text
        case Pattern.WILDCARD:
            head = re.match(r"[^*?\\]*", element.text)
            return head[0] if head else ""
        case _:
            return ""


def expand_places(element: Element, words: Words, deadline: Deadline) -> Iterable[int]:
    """The places of the terms that a pattern stands for, rising; a range where they are one.

    Raises, also where it is gone through:
        SearchTimeoutError: the time is over.
    """
    if element.pattern is Pattern.PREFIX:
        return words.prefix_range(encoded(element.text))
    return _fitting_places(element, words, deadline)


def _fitting_places(element: Element, words: Words, deadline: Deadline) -> Iterator[int]:
    text = element.text
    if element.pattern is Pattern.FUZZY:
        from search.backends.near import near_places  # noqa: PLC0415 - few queries have such words

        yield from near_places(words, text, element.distance, deadline)
        return
    if element.pattern is Pattern.WILDCARD:
        matches = re.compile(glob_expression(text)).fullmatch
        for place in words.prefix_range(encoded(head_of(element))):
            term = words.term(place)
            deadline.spend(1 + len(term) // _LETTERS_A_STEP)
            if matches(term.decode("utf-8", "surrogatepass")):
                yield place
        return
    from search.query.expressions import fitting  # noqa: PLC0415 - few queries have expressions

    fits = fitting(text, deadline)
    for place in range(len(words)):
        if fits(words.term(place).decode("utf-8", "surrogatepass")):
            yield place
